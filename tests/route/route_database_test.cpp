#include "route/route_database.hpp"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace okhttp::internal {
namespace {

class RouteDatabaseTest : public testing::Test {
 protected:
  Route route(std::uint8_t last, const char* url = "http://a.example/") {
    return Route(book_.find(Url::parse(url), identity_), Endpoint(IpAddress::v4({10, 0, 0, last}), 80));
  }

  AddressBook book_;
  std::shared_ptr<const ConnectionIdentity> identity_ =
      book_.intern(ConnectionIdentity(Dns::system(), {Protocol::http_1_1}, TlsConfig()));
  RouteDatabase routes_;
};

TEST_F(RouteDatabaseTest, PostponesWhatFailedUntilItConnects) {
  EXPECT_FALSE(routes_.should_postpone(route(1)));
  routes_.failed(route(1));
  routes_.failed(route(1));
  EXPECT_TRUE(routes_.should_postpone(route(1)));
  EXPECT_FALSE(routes_.should_postpone(route(2)));
  routes_.connected(route(1));
  EXPECT_FALSE(routes_.should_postpone(route(1)));
}

TEST_F(RouteDatabaseTest, ARouteIsOfOneAddress) {
  routes_.failed(route(1));
  EXPECT_FALSE(routes_.should_postpone(route(1, "http://b.example/")));
  EXPECT_FALSE(routes_.should_postpone(route(1, "https://a.example:80/")));
}

TEST_F(RouteDatabaseTest, ForgetsTheOldestWhenThereAreTooMany) {
  const auto numbered = [&](unsigned i) {
    return route(static_cast<std::uint8_t>(i % 200), i < 200 ? "http://a.example/" : "http://b.example/");
  };
  for (unsigned i = 0; i < 257; ++i) routes_.failed(numbered(i));
  EXPECT_FALSE(routes_.should_postpone(numbered(0)));
  EXPECT_TRUE(routes_.should_postpone(numbered(1)));
  EXPECT_TRUE(routes_.should_postpone(numbered(256)));
}

TEST_F(RouteDatabaseTest, ServesManyThreads) {
  std::vector<Route> routes;
  for (std::uint8_t i = 0; i < 8; ++i) routes.push_back(route(i));
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (std::size_t i = 0; i < 2'000; ++i) {
        routes_.failed(routes[i % 8]);
        (void)routes_.should_postpone(routes[(i + 1) % 8]);
        routes_.connected(routes[i % 8]);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const Route& each : routes) EXPECT_FALSE(routes_.should_postpone(each));
}

}  // namespace
}  // namespace okhttp::internal

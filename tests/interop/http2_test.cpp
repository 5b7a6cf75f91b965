// What HTTP/2 adds: many calls on one connection, and trailers.

#include <algorithm>
#include <atomic>
#include <latch>

#include "interop/support/server_test.hpp"

namespace okhttp::interop {
namespace {

constexpr int kCalls = 1000;

Task<std::string> text_of(Call call) {
  const Response response = co_await call;
  co_return co_await response.body().async().string();
}

std::vector<std::string> await_all(const Client& client, const Request& request, int calls) {
  std::vector<Task<std::string>> tasks;
  for (int i = 0; i < calls; ++i) tasks.push_back(text_of(client.new_call(request)));
  return sync_wait(when_all(std::move(tasks)));
}

/// A client that runs any number of calls at once, on one connection.
class OneConnectionTest : public EachServerTest {
 protected:
  void SetUp() override {
    EachServerTest::SetUp();
    client_ = client_builder().max_http2_connections(1).build();
    client_.dispatcher().set_max_requests(kCalls);
    client_.dispatcher().set_max_requests_per_host(kCalls);
  }
};

INSTANTIATE_TEST_SUITE_P(Servers, OneConnectionTest, ::testing::Combine(kAllServers, kHttp2Ways), name_of);
INSTANTIATE_TEST_SUITE_P(Fronts, OneConnectionTest, kFronts, name_of);

// More than any of them but Node allows at once, so that calls wait for room.
TEST_P(OneConnectionTest, CarriesAThousandAwaitedCalls) {
  const std::vector<std::string> bodies = await_all(client_, Request::get(url("/1k")), kCalls);
  EXPECT_EQ(std::count(bodies.begin(), bodies.end(), Site::get().small()), kCalls);
  EXPECT_EQ(tally_->connections(), 1);
}

TEST_P(OneConnectionTest, CarriesAThousandEnqueuedCalls) {
  std::latch done(kCalls);
  std::atomic<int> right{0};
  for (int i = 0; i < kCalls; ++i) {
    client_.new_call(Request::get(url("/1k"))).enqueue([&](const Call&, Result<Response> result) {
      if (result.has_value() && result.value().body().string() == Site::get().small()) ++right;
      done.count_down();
    });
  }
  done.wait();
  EXPECT_EQ(right, kCalls);
  EXPECT_EQ(tally_->connections(), 1);
}

TEST_P(OneConnectionTest, CarriesManyBodiesSideBySide) {
  const std::vector<std::string> bodies = await_all(client_, Request::get(url("/text")), 200);
  EXPECT_EQ(std::count(bodies.begin(), bodies.end(), Site::get().text()), 200);
  EXPECT_EQ(tally_->connections(), 1);
}

class ManyConnectionsTest : public EachServerTest {};

INSTANTIATE_TEST_SUITE_P(Servers, ManyConnectionsTest, ::testing::Combine(kAllServers, kHttp2Ways), name_of);
INSTANTIATE_TEST_SUITE_P(Fronts, ManyConnectionsTest, kFronts, name_of);

TEST_P(ManyConnectionsTest, AreNoMoreThanTheClientAllows) {
  client_.dispatcher().set_max_requests(kCalls);
  client_.dispatcher().set_max_requests_per_host(kCalls);
  const std::vector<std::string> bodies = await_all(client_, Request::get(url("/1k")), kCalls);
  EXPECT_EQ(std::count(bodies.begin(), bodies.end(), Site::get().small()), kCalls);
  EXPECT_GE(tally_->connections(), 1);
  EXPECT_LE(tally_->connections(), static_cast<int>(client_.max_http2_connections()));
}

/// Node allows any number of streams, and holds the answers back until all have asked.
class GatheringTest : public OneConnectionTest {};

INSTANTIATE_TEST_SUITE_P(Servers, GatheringTest, ::testing::Combine(::testing::Values(ServerKind::node), kHttp2Ways),
                         name_of);

TEST_P(GatheringTest, AThousandCallsAreUnderWayAtOnceOnOneConnection) {
  const Request request = Request::get(url("/gather")).new_builder().header("X-Count", std::to_string(kCalls)).build();
  const std::vector<std::string> connections = await_all(client_, request, kCalls);
  EXPECT_EQ(std::count(connections.begin(), connections.end(), "1"), kCalls);
}

class EchoTest : public EachServerTest {};

INSTANTIATE_TEST_SUITE_P(Servers, EchoTest,
                         ::testing::Combine(::testing::Values(ServerKind::caddy, ServerKind::node), kHttp2Ways),
                         name_of);
INSTANTIATE_TEST_SUITE_P(Fronts, EchoTest, kFronts, name_of);

TEST_P(EchoTest, AnUploadComesBackUnchanged) {
  const std::string sent = read_file(Site::get().documents() / "64m").substr(0, std::size_t{8} << 20);
  const Response response = client_.post(url("/echo"), RequestBody::create(sent));
  EXPECT_EQ(response.code(), 200);
  EXPECT_EQ(sha256(response.body().bytes()), sha256(sent));
}

TEST_P(EchoTest, UploadsRunSideBySideOnOneConnection) {
  std::vector<Task<std::string>> tasks;
  std::vector<std::string> sent;
  for (int i = 0; i < 20; ++i) {
    sent.push_back(std::to_string(i) + Site::get().text());
    tasks.push_back(text_of(client_.new_call(Request::post(url("/echo"), RequestBody::create(sent.back())))));
  }
  EXPECT_EQ(sync_wait(when_all(std::move(tasks))), sent);
  EXPECT_EQ(tally_->connections(), 1);
}

class TrailersTest : public EachServerTest {};

INSTANTIATE_TEST_SUITE_P(Servers, TrailersTest, ::testing::Combine(::testing::Values(ServerKind::node), kAllWays),
                         name_of);
INSTANTIATE_TEST_SUITE_P(Fronts, TrailersTest,
                         ::testing::Values(ServerAndWay(ServerKind::nghttpd, Way::h2),
                                           ServerAndWay(ServerKind::haproxy, Way::h2c),
                                           ServerAndWay(ServerKind::haproxy, Way::h2)),
                         name_of);

TEST_P(TrailersTest, FollowTheBody) {
  const Response response = client_.get(url("/trailers"));
  EXPECT_TRUE(response.trailers().empty());
  const std::string body = response.body().string();
  EXPECT_EQ(body, Site::kTrailed);
  EXPECT_EQ(response.trailers().get("X-Sum"), sha256(body));
}

}  // namespace
}  // namespace okhttp::interop

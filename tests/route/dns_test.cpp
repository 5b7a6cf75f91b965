#include <okhttp/dns.hpp>

#include <okhttp/client.hpp>
#include <okhttp/error.hpp>
#include <okhttp/mockwebserver/mock_web_server.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "support/fronts.hpp"

namespace okhttp {
namespace {

using Addresses = std::vector<IpAddress>;
const IpAddress kFirst = IpAddress::v4({192, 0, 2, 1});
const IpAddress kSecond = IpAddress::v4({192, 0, 2, 2});
const IpAddress kThird = IpAddress::v4({192, 0, 2, 3});

class CountingDns final : public Dns {
 public:
  Addresses lookup(const std::string&) override {
    ++lookups;
    return {IpAddress::loopback_v4()};
  }
  std::atomic<int> lookups{0};
};

TEST(SystemDnsTest, FindsLocalhostAndRefusesWhatDoesNotExist) {
  for (const IpAddress& address : Dns::system()->lookup("localhost")) EXPECT_TRUE(address.is_loopback());
  try {
    (void)Dns::system()->lookup("does-not-exist.invalid");
    ADD_FAILURE() << "found";
  } catch (const Error& error) {
    EXPECT_EQ(error.errc(), Errc::unknown_host);
  }
}

TEST(FixedDnsTest, TheMostSpecificEntryCounts) {
  const auto dns = Dns::fixed({FixedHost("*", {kThird}), FixedHost("a.test", {kSecond}),
                               FixedHost("a.test", {kFirst, kSecond}, 443), FixedHost("*", {kFirst}, 8080)});
  EXPECT_EQ(dns->at_hand("a.test", 443), (Addresses{kFirst, kSecond}));
  EXPECT_EQ(dns->at_hand("A.TEST", 443), (Addresses{kFirst, kSecond}));
  EXPECT_EQ(dns->at_hand("a.test", 8080), Addresses{kSecond});
  EXPECT_EQ(dns->at_hand("b.test", 8080), Addresses{kFirst});
  EXPECT_EQ(dns->at_hand("b.test", 80), Addresses{kThird});
  EXPECT_EQ(dns->lookup("a.test"), Addresses{kSecond});
  EXPECT_EQ(dns->lookup("b.test"), Addresses{kThird});
}

TEST(FixedDnsTest, TheFirstOfTwoEqualEntriesCounts) {
  const auto dns = Dns::fixed({FixedHost("a.test", {kFirst}), FixedHost("a.test", {kSecond})});
  EXPECT_EQ(dns->lookup("a.test"), Addresses{kFirst});
}

TEST(FixedDnsTest, OthersAreAskedForWhatHasNoEntry) {
  const auto others = std::make_shared<CountingDns>();
  const auto dns = Dns::fixed({FixedHost("a.test", {kFirst}, 443)}, others);
  EXPECT_EQ(dns->at_hand("a.test", 80), std::nullopt);
  EXPECT_EQ(dns->lookup("a.test"), Addresses{IpAddress::loopback_v4()});
  EXPECT_EQ(dns->lookup("192.0.2.3"), Addresses{kThird});
  EXPECT_EQ(others->lookups, 1);
}

TEST(FixedDnsTest, KnowsNoOthersWhenThereIsNobodyToAsk) {
  const auto dns = Dns::fixed({FixedHost("a.test", {kFirst})});
  EXPECT_THROW((void)dns->lookup("b.test"), Error);
}

TEST(FixedDnsTest, AnEntryWithoutAddressesSaysThatThereIsNoSuchHost) {
  const auto others = std::make_shared<CountingDns>();
  const auto dns = Dns::fixed({FixedHost("a.test", {})}, others);
  EXPECT_THROW((void)dns->at_hand("a.test", 80), Error);
  EXPECT_THROW((void)dns->lookup("a.test"), Error);
  EXPECT_EQ(others->lookups, 0);
}

TEST(FixedDnsTest, RefusesEntriesThatNothingWouldEverAskFor) {
  EXPECT_THROW((void)Dns::fixed({FixedHost("", {kFirst})}), std::invalid_argument);
  EXPECT_THROW((void)Dns::fixed({FixedHost("127.0.0.1", {kFirst})}), std::invalid_argument);
  EXPECT_THROW((void)Dns::fixed({FixedHost("::1", {kFirst})}), std::invalid_argument);
}

class DnsOfClientTest : public testing::TestWithParam<Front> {
 protected:
  [[nodiscard]] std::string url(const std::string& host) { return "http://" + host + ":" + std::to_string(port()); }
  [[nodiscard]] std::uint16_t port() {
    server_.enqueue(MockResponse("here"));
    return server_.port();
  }
  MockWebServer server_;
};

INSTANTIATE_TEST_SUITE_P(Fronts, DnsOfClientTest, all_fronts(), front_name);

TEST_P(DnsOfClientTest, FixedAddressesAreDialledAndTheNameStaysInTheRequest) {
  const std::uint16_t port = this->port();
  const auto dns = Dns::fixed({FixedHost("nowhere.test", {IpAddress::loopback_v4()}, port)});
  const Client client = Client::Builder().dns(dns).build();
  const Call call = client.new_call(Request::get("http://nowhere.test:" + std::to_string(port) + "/"));
  EXPECT_EQ(start(GetParam(), call).get().value().body().string(), "here");
  EXPECT_EQ(server_.take_request().value().headers().get("Host"), "nowhere.test:" + std::to_string(port));
}

TEST_P(DnsOfClientTest, LiteralsAreNotLookedUp) {
  const auto dns = std::make_shared<CountingDns>();
  const Client client = Client::Builder().dns(dns).build();
  EXPECT_EQ(start(GetParam(), client.new_call(Request::get(url("127.0.0.1")))).get().value().code(), 200);
  EXPECT_EQ(dns->lookups, 0);
}

TEST_P(DnsOfClientTest, CancelAndDeadlineDoNotWaitForAHangingResolver) {
  const auto dns = std::make_shared<HangingDns>();
  const Client client = Client::Builder().dns(dns).build();
  const Call canceled = client.new_call(Request::get("http://hangs.test/"));
  std::future<Result<Response>> outcome = start(GetParam(), canceled);
  dns->wait_until_asked();
  canceled.cancel();
  EXPECT_EQ(failure_of(std::move(outcome)), Errc::canceled);
  const Call late = client.new_call(Request::get("http://hangs.test/"));
  late.timeout(std::chrono::milliseconds(20));
  EXPECT_EQ(failure_of(start(GetParam(), late)), Errc::timeout);
  dns->release();
}

}  // namespace
}  // namespace okhttp

#include <okhttp/address_policy.hpp>
#include <okhttp/client.hpp>
#include <okhttp/error.hpp>
#include <okhttp/mockwebserver/mock_web_server.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "support/protocols.hpp"

// Server-side request forgery: a program that fetches URLs given by strangers must not be led into its own network, by
// a mapped IPv6 address, an address shared by carriers, a redirect, or a name that resolves anew (DNS rebinding)
// (Unla#305).

namespace okhttp {
namespace {

/// Answers each look-up with the next of the answers, the last for ever.
class ScriptedDns final : public Dns {
 public:
  explicit ScriptedDns(std::vector<std::vector<IpAddress>> answers) : answers_(std::move(answers)) {}
  std::vector<IpAddress> lookup(const std::string&) override {
    const std::size_t lookup = lookups_++;
    return answers_[std::min(lookup, answers_.size() - 1)];
  }

 private:
  const std::vector<std::vector<IpAddress>> answers_;
  std::atomic<std::size_t> lookups_{0};
};

/// Takes one endpoint, as if it were of the public internet, and else what is public.
class OneAndThePublic final : public AddressPolicy {
 public:
  explicit OneAndThePublic(Endpoint permitted) : permitted_(permitted) {}
  bool permits(const std::string& host, const Endpoint& endpoint) override {
    return endpoint == permitted_ || AddressPolicy::public_only()->permits(host, endpoint);
  }

 private:
  const Endpoint permitted_;
};

class RequestForgery : public ProtocolTest<> {
 protected:
  RequestForgery() {
    inner_.start(IpAddress::loopback_v4());
    inner_.enqueue(MockResponse("secret"));
  }
  Client strict() { return builder().address_policy(AddressPolicy::public_only()).build(); }
  /// What fetching the URL fails with, if it does.
  static std::optional<Errc> failure(const Client& client, const std::string& url) {
    try {
      (void)client.get(url).body().string();
    } catch (const Error& error) {
      return error.errc();
    }
    return std::nullopt;
  }
  std::string inner_at(const std::string& host) { return "http://" + host + ":" + std::to_string(inner_.port()) + "/"; }
  void expect_untouched() { EXPECT_EQ(inner_.connection_count(), 0U); }

  MockWebServer& inner_ = server_;
};

INSTANTIATE_TEST_SUITE_P(Protocols, RequestForgery, both_protocols(), ParameterName());

TEST_P(RequestForgery, EveryNotationOfALoopbackAddressIsRefused) {
  for (const char* host :
       {"127.0.0.1", "2130706433", "0x7f.1", "0177.0.0.1", "127.1", "0.0.0.0", "0", "[::1]", "[::]"}) {
    EXPECT_EQ(failure(strict(), inner_at(host)), Errc::address_refused) << host;
  }
  expect_untouched();
}

TEST_P(RequestForgery, AMappedAddressIsRefused) {
  for (const char* host :
       {"[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]", "[64:ff9b::127.0.0.1]", "[2002:7f00:1::]"}) {
    EXPECT_EQ(failure(strict(), inner_at(host)), Errc::address_refused) << host;
  }
  expect_untouched();
}

TEST_P(RequestForgery, AnAddressSharedByCarriersIsRefused) {
  EXPECT_EQ(failure(strict(), inner_at("100.64.0.1")), Errc::address_refused);
  EXPECT_EQ(failure(strict(), inner_at("100.100.100.200")), Errc::address_refused);
}

TEST_P(RequestForgery, TheAddressOfMetadataIsRefused) {
  EXPECT_EQ(failure(strict(), "http://169.254.169.254/latest/meta-data/"), Errc::address_refused);
}

TEST_P(RequestForgery, ANameIsJudgedByWhatItResolvesTo) {
  for (const char* address : {"127.0.0.1", "::1", "::ffff:127.0.0.1"}) {
    const auto dns = std::make_shared<ScriptedDns>(
        std::vector<std::vector<IpAddress>>{{*IpAddress::parse(address), *IpAddress::parse(address)}});
    const Client client = strict().new_builder().dns(dns).build();
    EXPECT_EQ(failure(client, inner_at("innocent.example")), Errc::address_refused) << address;
  }
  expect_untouched();
}

TEST_P(RequestForgery, ARedirectIsJudgedAsTheFirstRequest) {
  MockWebServer outer;
  speak(outer);
  outer.start(*IpAddress::parse("127.0.0.2"));
  const Endpoint outside(*IpAddress::parse("127.0.0.2"), outer.port());
  for (const std::string& to : {inner_at("127.0.0.1"), inner_at("[::ffff:127.0.0.1]")}) {
    outer.enqueue(MockResponse::Builder().code(302).set_header("Location", to).build());
  }
  const Client client = builder().address_policy(std::make_shared<OneAndThePublic>(outside)).build();
  const std::string start = "http://127.0.0.2:" + std::to_string(outer.port()) + "/";
  EXPECT_EQ(failure(client, start), Errc::address_refused);
  EXPECT_EQ(failure(client, start), Errc::address_refused);
  EXPECT_EQ(outer.request_count(), 2U);
  expect_untouched();
}

TEST_P(RequestForgery, ANameThatResolvesAnewIsJudgedAnew) {
  MockWebServer outer;
  speak(outer);
  outer.start(*IpAddress::parse("127.0.0.2"), inner_.port());
  outer.enqueue(MockResponse("fine"));
  const IpAddress outside = *IpAddress::parse("127.0.0.2");
  // First the stranger's own address, which a check of its own would find harmless; then the inner one.
  const auto dns =
      std::make_shared<ScriptedDns>(std::vector<std::vector<IpAddress>>{{outside}, {IpAddress::loopback_v4()}});
  const Client client =
      builder().dns(dns).address_policy(std::make_shared<OneAndThePublic>(Endpoint(outside, inner_.port()))).build();
  EXPECT_EQ(failure(client, inner_at("rebinding.example")), std::nullopt);
  client.connection_pool().evict_all();
  EXPECT_EQ(failure(client, inner_at("rebinding.example")), Errc::address_refused);
  EXPECT_EQ(outer.request_count(), 1U);
  expect_untouched();
}

TEST_P(RequestForgery, OneRefusedAddressDoesNotHideTheOthers) {
  const auto dns = std::make_shared<ScriptedDns>(std::vector<std::vector<IpAddress>>{
      {*IpAddress::parse("10.0.0.1"), IpAddress::loopback_v4(), *IpAddress::parse("fd00::1")}});
  const Endpoint permitted(IpAddress::loopback_v4(), inner_.port());
  const Client client = builder().dns(dns).address_policy(std::make_shared<OneAndThePublic>(permitted)).build();
  EXPECT_EQ(failure(client, inner_at("a.example")), std::nullopt);
}

TEST_P(RequestForgery, AConnectionOfALaxClientIsNotRidden) {
  inner_.enqueue(MockResponse("secret"));
  const Client& lax = client_;
  EXPECT_EQ(failure(lax, inner_at("127.0.0.1")), std::nullopt);
  const Client client = lax.new_builder().address_policy(AddressPolicy::public_only()).build();
  EXPECT_EQ(client.connection_pool().idle_connection_count(), 1U) << "one pool for both";
  EXPECT_EQ(failure(client, inner_at("127.0.0.1")), Errc::address_refused);
  EXPECT_EQ(inner_.request_count(), 1U);
}

TEST_P(RequestForgery, AProxyIsNotUsedToReachWhatIsRefused) {
  const Proxy proxy(Proxy::Type::http, "127.0.0.1", inner_.port());
  const Client client = strict().new_builder().proxy(proxy).build();
  EXPECT_EQ(failure(client, "http://10.0.0.1/"), Errc::address_refused);
  EXPECT_EQ(failure(client, "http://[::ffff:10.0.0.1]/"), Errc::address_refused);
  EXPECT_EQ(failure(client, "http://inner.example/"), Errc::address_refused) << "who knows where that leads";
  expect_untouched();
}

}  // namespace
}  // namespace okhttp

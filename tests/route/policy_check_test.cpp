#include "route/policy_check.hpp"

#include <okhttp/error.hpp>

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace okhttp::internal {
namespace {

using Log = std::vector<std::string>;

class AskedPolicy final : public AddressPolicy {
 public:
  Log asked;
  bool answer = true;
  bool throws = false;

  bool permits(const std::string& host, const Endpoint& endpoint) override {
    if (throws) throw std::runtime_error("the policy broke");
    return note("address " + host + " " + endpoint.to_string());
  }
  bool permits_proxy(const Proxy& proxy, const Endpoint& endpoint) override {
    asked.push_back("proxy " + proxy.host() + " " + endpoint.to_string());
    return proxy_answer;
  }
  bool permits_unresolved(const Proxy& proxy, const std::string& host) override {
    return note("name " + host + " by " + proxy.host());
  }
  bool proxy_answer = true;

 private:
  bool note(std::string what) {
    asked.push_back(std::move(what));
    return answer;
  }
};

class PolicyCheckTest : public testing::Test {
 protected:
  Address address(const std::string& url = "http://a.example/") {
    ConnectionIdentity who(Dns::system(), {Protocol::http_1_1}, TlsConfig());
    who.address_policy = policy_;
    who.sockets.unix_path = unix_path_;
    return book_.find(Url::parse(url), book_.intern(std::move(who)));
  }
  /// What the check throws, if it does.
  std::optional<Errc> check(const Route& route) {
    policy_->asked.clear();
    try {
      check_policy(route);
    } catch (const Error& error) {
      EXPECT_EQ(error.blame(), Blame::caller);
      return error.errc();
    }
    return std::nullopt;
  }
  Route via(const char* proxy, const std::string& url = "http://a.example/",
            std::optional<Endpoint> target = std::nullopt) {
    return Route(address(url), Proxy::parse(proxy), kProxyEnd, target);
  }

  inline static const Endpoint kEnd = Endpoint(IpAddress::v4({192, 0, 2, 1}), 80);
  inline static const Endpoint kProxyEnd = Endpoint(IpAddress::v4({192, 0, 2, 9}), 3128);
  AddressBook book_;
  std::shared_ptr<AskedPolicy> policy_ = std::make_shared<AskedPolicy>();
  std::string unix_path_;
};

TEST_F(PolicyCheckTest, ADirectRouteIsAskedAboutByItsAddress) {
  EXPECT_EQ(check(Route(address(), kEnd)), std::nullopt);
  EXPECT_EQ(policy_->asked, Log{"address a.example 192.0.2.1:80"});
  policy_->answer = false;
  EXPECT_EQ(check(Route(address(), kEnd)), Errc::address_refused);
}

TEST_F(PolicyCheckTest, AProxyThatIsToldAnAddressIsAskedAboutByBoth) {
  EXPECT_EQ(check(via("socks5://p.example", "http://a.example/", kEnd)), std::nullopt);
  EXPECT_EQ(policy_->asked, (Log{"proxy p.example 192.0.2.9:3128", "address a.example 192.0.2.1:80"}));
  policy_->answer = false;
  EXPECT_EQ(check(via("socks5://p.example", "http://a.example/", kEnd)), Errc::address_refused);
}

TEST_F(PolicyCheckTest, AProxyThatResolvesNamesIsAskedAboutByTheName) {
  for (const char* proxy : {"http://p.example", "https://p.example", "socks4a://p.example", "socks5h://p.example"}) {
    policy_->answer = true;
    EXPECT_EQ(check(via(proxy)), std::nullopt);
    EXPECT_EQ(policy_->asked, (Log{"proxy p.example 192.0.2.9:3128", "name a.example by p.example"}));
    policy_->answer = false;
    EXPECT_EQ(check(via(proxy)), Errc::address_refused);
  }
}

TEST_F(PolicyCheckTest, AnAddressLiteralIsKnownWhoeverDials) {
  EXPECT_EQ(check(via("http://p.example", "https://10.0.0.1/")), std::nullopt);
  EXPECT_EQ(policy_->asked, (Log{"proxy p.example 192.0.2.9:3128", "address 10.0.0.1 10.0.0.1:443"}));
  policy_->answer = false;
  EXPECT_EQ(check(via("http://p.example", "https://10.0.0.1/")), Errc::address_refused);
}

TEST_F(PolicyCheckTest, TheProxysOwnAddressCanBeRefused) {
  policy_->proxy_answer = false;
  EXPECT_EQ(check(via("http://p.example")), Errc::address_refused);
  EXPECT_EQ(policy_->asked, Log{"proxy p.example 192.0.2.9:3128"});
}

TEST_F(PolicyCheckTest, AUnixSocketHasNoAddress) {
  unix_path_ = "/run/a.sock";
  policy_->answer = false;
  EXPECT_EQ(check(Route(address(), Endpoint())), std::nullopt);
  EXPECT_TRUE(policy_->asked.empty());
}

TEST_F(PolicyCheckTest, AnExceptionOutOfThePolicyRefuses) {
  policy_->throws = true;
  EXPECT_EQ(check(Route(address(), kEnd)), Errc::rejected);
}

}  // namespace
}  // namespace okhttp::internal

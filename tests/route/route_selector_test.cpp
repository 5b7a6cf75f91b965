#include "route/route_selector.hpp"

#include <okhttp/client.hpp>
#include <okhttp/error.hpp>
#include <okhttp/event_listener.hpp>
#include <okhttp/request.hpp>

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "runtime/call_context.hpp"
#include "support/manual_engine.hpp"

namespace okhttp::internal {
namespace {

using Log = std::vector<std::string>;

const char* const kHost = "a.example";
const IpAddress kA1 = IpAddress::v4({192, 0, 2, 1});
const IpAddress kA2 = IpAddress::v4({192, 0, 2, 2});
const IpAddress kB1 = IpAddress::v4({192, 0, 2, 101});
const IpAddress kB2 = IpAddress::v4({192, 0, 2, 102});
const IpAddress kSix1 = *IpAddress::parse("2001:db8::1");
const IpAddress kSix2 = *IpAddress::parse("2001:db8::2");

/// Answers as the test says and writes down what it is asked.
class FakeNames final : public NameLookup {
 public:
  explicit FakeNames(Log& log) : log_(log) {}

  std::map<std::string, std::vector<IpAddress>> answers;
  Errc failure = Errc::unknown_host;

  Task<std::vector<IpAddress>> look_up(std::string host, std::uint16_t /*port*/) override {
    log_.push_back("dns " + host);
    if (answers[host].empty()) throw Error(failure, Blame::network, "cannot resolve " + host);
    co_return answers[host];
  }

 private:
  Log& log_;
};

class FakeProxySelector final : public ProxySelector {
 public:
  explicit FakeProxySelector(Log& log) : log_(log) {}

  std::vector<Proxy> proxies;
  std::exception_ptr failure;

  std::vector<Proxy> select(const Url& url) override {
    log_.push_back("select " + url.to_string());
    if (failure != nullptr) std::rethrow_exception(failure);
    return proxies;
  }
  void connect_failed(const Url& url, const Proxy& proxy, const Error& error) override {
    log_.push_back("failed " + url.to_string() + " " + proxy.to_string() + " " + std::string(to_string(error.errc())));
  }

 private:
  Log& log_;
};

class SelectionLog final : public EventListener {
 public:
  explicit SelectionLog(Log& log) : log_(log) {}
  void proxy_select_start(const Call&, const Url& server) override {
    log_.push_back("proxy_select_start " + server.to_string());
  }
  void proxy_select_end(const Call&, const Url&, const std::vector<Proxy>& proxies, const Error* error) override {
    log_.push_back("proxy_select_end " + std::to_string(proxies.size()) + (error != nullptr ? " failed" : ""));
  }

 private:
  Log& log_;
};

class RouteSelectorTest : public testing::Test {
 protected:
  RouteSelectorTest() {
    context_.attach(engine_);
    context_.call = &call_;
    names_.answers[kHost] = {kA1};
  }
  ~RouteSelectorTest() override { context_.detach(); }

  Address address(const std::string& url = "https://a.example:1234/path?query") {
    ConnectionIdentity who(Dns::system(), {Protocol::http_1_1}, TlsConfig());
    who.proxy = proxy_;
    who.proxy_selector = selector_;
    return book_.find(Url::parse(url), book_.intern(std::move(who)));
  }
  RouteSelector& routes() {
    if (!routes_) routes_.emplace(context_, address(), database_, names_, interleave_);
    return *routes_;
  }
  /// The next routes, as texts.
  Log next() {
    Log texts;
    last_ = engine_.run(routes().next());
    for (const Route& route : last_) {
      std::string text = route.proxy().is_direct() ? "" : route.proxy().to_string() + " ";
      text += route.endpoint().to_string();
      if (route.target().has_value()) text += " to " + route.target()->to_string();
      texts.push_back(std::move(text));
    }
    return texts;
  }
  Error failure() {
    try {
      (void)next();
    } catch (const Error& error) {
      return error;
    }
    throw std::logic_error("routes were found");
  }

  Log log_;
  ManualEngine engine_;
  Client client_;
  Call call_ = client_.new_call(Request::get("http://a.example/"));
  CallContext context_{nullptr};
  FakeNames names_{log_};
  std::shared_ptr<FakeProxySelector> selector_ = std::make_shared<FakeProxySelector>(log_);
  std::optional<Proxy> proxy_;
  bool interleave_ = true;
  AddressBook book_;
  RouteDatabase database_;
  std::optional<RouteSelector> routes_;
  std::vector<Route> last_;
};

const Proxy kProxyA(Proxy::Type::http, "proxya.example", 1001);
const Proxy kProxyB(Proxy::Type::http, "proxyb.example", 1002);

TEST_F(RouteSelectorTest, SingleRoute) {
  EXPECT_TRUE(routes().has_next());
  EXPECT_EQ(next(), Log{"192.0.2.1:1234"});
  EXPECT_FALSE(routes().has_next());
  EXPECT_EQ(log_, (Log{"select https://a.example:1234/", "dns a.example"}));
}

TEST_F(RouteSelectorTest, SingleRouteReturnsFailedRoute) {
  (void)next();
  database_.failed(last_[0]);
  routes_.reset();
  EXPECT_EQ(next(), Log{"192.0.2.1:1234"});
  EXPECT_FALSE(routes().has_next());
}

TEST_F(RouteSelectorTest, ExplicitProxyTriesThatProxysAddressesOnly) {
  proxy_ = kProxyA;
  names_.answers["proxya.example"] = {kB1, kB2};
  EXPECT_EQ(next(),
            (Log{"http://proxya.example:1001 192.0.2.101:1001", "http://proxya.example:1001 192.0.2.102:1001"}));
  EXPECT_FALSE(routes().has_next());
  EXPECT_EQ(log_, Log{"dns proxya.example"}) << "neither the selector nor the host's own addresses";
}

TEST_F(RouteSelectorTest, ExplicitDirectProxy) {
  proxy_ = Proxy::direct();
  selector_->proxies = {kProxyA};
  names_.answers[kHost] = {kA1, kA2};
  EXPECT_EQ(next(), (Log{"192.0.2.1:1234", "192.0.2.2:1234"}));
  EXPECT_EQ(log_, Log{"dns a.example"});
}

TEST_F(RouteSelectorTest, ProxySelectorReturnsNoProxies) {
  names_.answers[kHost] = {kA1, kA2};
  EXPECT_EQ(next(), (Log{"192.0.2.1:1234", "192.0.2.2:1234"}));
  EXPECT_FALSE(routes().has_next());
}

TEST_F(RouteSelectorTest, ProxySelectorReturnsMultipleProxies) {
  selector_->proxies = {kProxyA, kProxyB};
  names_.answers["proxya.example"] = {kA1, kA2};
  names_.answers["proxyb.example"] = {kB1};
  EXPECT_EQ(next(), (Log{"http://proxya.example:1001 192.0.2.1:1001", "http://proxya.example:1001 192.0.2.2:1001"}));
  EXPECT_TRUE(routes().has_next());
  EXPECT_EQ(log_.back(), "dns proxya.example") << "the second is looked up when it is needed";
  EXPECT_EQ(next(), Log{"http://proxyb.example:1002 192.0.2.101:1002"});
  EXPECT_FALSE(routes().has_next());
}

TEST_F(RouteSelectorTest, ProxySelectorDirectConnectionsAreTriedInTheirPlace) {
  selector_->proxies = {Proxy::direct(), kProxyA};
  names_.answers["proxya.example"] = {kB1};
  EXPECT_EQ(next(), Log{"192.0.2.1:1234"});
  EXPECT_EQ(next(), Log{"http://proxya.example:1001 192.0.2.101:1001"});
  EXPECT_FALSE(routes().has_next());
}

TEST_F(RouteSelectorTest, ProxyDnsFailureContinuesToNextProxy) {
  selector_->proxies = {kProxyA, kProxyB, kProxyA};
  names_.answers["proxya.example"] = {kA1};
  EXPECT_EQ(next().size(), 1U);
  EXPECT_TRUE(routes().has_next());
  log_.clear();
  EXPECT_EQ(failure().errc(), Errc::unknown_host);
  EXPECT_EQ(routes().last_text(), "a.example:1234 via http://proxyb.example:1002");
  EXPECT_EQ(log_,
            (Log{"dns proxyb.example", "failed https://a.example:1234/ http://proxyb.example:1002 unknown_host"}));
  EXPECT_TRUE(routes().has_next());
  names_.answers["proxya.example"] = {kA2};
  EXPECT_EQ(next(), Log{"http://proxya.example:1001 192.0.2.2:1001"});
  EXPECT_FALSE(routes().has_next());
}

TEST_F(RouteSelectorTest, MultipleProxiesMultipleInetAddressesMultipleConfigurations) {
  selector_->proxies = {kProxyA, Proxy(Proxy::Type::socks5, "proxyb.example", 1002), Proxy::direct()};
  names_.answers["proxya.example"] = {kB1, kB2};
  names_.answers["proxyb.example"] = {kB1, kB2};
  names_.answers[kHost] = {kA1, kA2};
  EXPECT_EQ(next(),
            (Log{"http://proxya.example:1001 192.0.2.101:1001", "http://proxya.example:1001 192.0.2.102:1001"}));
  EXPECT_EQ(next(), (Log{"socks5://proxyb.example:1002 192.0.2.101:1002 to 192.0.2.1:1234",
                         "socks5://proxyb.example:1002 192.0.2.102:1002 to 192.0.2.1:1234",
                         "socks5://proxyb.example:1002 192.0.2.101:1002 to 192.0.2.2:1234",
                         "socks5://proxyb.example:1002 192.0.2.102:1002 to 192.0.2.2:1234"}));
  EXPECT_EQ(next(), (Log{"192.0.2.1:1234", "192.0.2.2:1234"}));
  EXPECT_FALSE(routes().has_next());
}

TEST_F(RouteSelectorTest, FailedRoutesAreLast) {
  names_.answers[kHost] = {kA1, kA2};
  (void)next();
  database_.failed(last_[0]);
  routes_.reset();
  EXPECT_EQ(next(), Log{"192.0.2.2:1234"});
  EXPECT_TRUE(routes().has_next());
  EXPECT_EQ(next(), Log{"192.0.2.1:1234"});
  EXPECT_FALSE(routes().has_next());
}

TEST_F(RouteSelectorTest, FailedRoutesComeAfterThoseOfEveryProxy) {
  selector_->proxies = {kProxyA, kProxyB};
  names_.answers["proxya.example"] = {kA1};
  names_.answers["proxyb.example"] = {kB1};
  (void)next();
  database_.failed(last_[0]);
  routes_.reset();
  EXPECT_EQ(next(), Log{"http://proxyb.example:1002 192.0.2.101:1002"});
  EXPECT_EQ(next(), Log{"http://proxya.example:1001 192.0.2.1:1001"});
  EXPECT_FALSE(routes().has_next());
}

TEST_F(RouteSelectorTest, ProxiesThatResolveNamesAreNotGivenAddresses) {
  names_.answers["proxya.example"] = {kB1};
  for (const Proxy::Type type : {Proxy::Type::http, Proxy::Type::https, Proxy::Type::socks4a, Proxy::Type::socks5h}) {
    log_.clear();
    routes_.reset();
    proxy_ = Proxy(type, "proxya.example", 1);
    EXPECT_EQ(next(), Log{proxy_->to_string() + " 192.0.2.101:1"});
    EXPECT_EQ(log_, Log{"dns proxya.example"}) << "the host's name does not leave this machine but through the proxy";
  }
}

TEST_F(RouteSelectorTest, OtherSocksProxiesAreGivenAddresses) {
  names_.answers["proxya.example"] = {kB1};
  names_.answers[kHost] = {kA1, kSix1};
  proxy_ = Proxy(Proxy::Type::socks5, "proxya.example", 1);
  EXPECT_EQ(next(), (Log{"socks5://proxya.example:1 192.0.2.101:1 to [2001:db8::1]:1234",
                         "socks5://proxya.example:1 192.0.2.101:1 to 192.0.2.1:1234"}));
  routes_.reset();
  proxy_ = Proxy(Proxy::Type::socks4, "proxya.example", 1);
  EXPECT_EQ(next(), Log{"socks4://proxya.example:1 192.0.2.101:1 to 192.0.2.1:1234"}) << "SOCKS4 knows IPv4 alone";
  routes_.reset();
  names_.answers[kHost] = {kSix1};
  EXPECT_EQ(failure().errc(), Errc::proxy_failed);
}

TEST_F(RouteSelectorTest, AddressLiteralsAreNotLookedUp) {
  selector_->proxies = {Proxy(Proxy::Type::socks5, "::1", 1), Proxy::direct()};
  routes_.emplace(context_, address("http://192.0.2.7/"), database_, names_, true);
  EXPECT_EQ(next(), Log{"socks5://[::1]:1 [::1]:1 to 192.0.2.7:80"});
  EXPECT_EQ(next(), Log{"192.0.2.7:80"});
  EXPECT_EQ(log_, Log{"select http://192.0.2.7/"});
}

TEST_F(RouteSelectorTest, FamiliesAreInterleavedForARaceIPv6First) {
  names_.answers[kHost] = {kA1, kA2, kSix1, kSix2};
  EXPECT_EQ(next(), (Log{"[2001:db8::1]:1234", "192.0.2.1:1234", "[2001:db8::2]:1234", "192.0.2.2:1234"}));
  EXPECT_EQ(interleave_families({kSix1, kSix2, kA1}), (std::vector<IpAddress>{kSix1, kA1, kSix2}));
  EXPECT_EQ(interleave_families({kA2, kA1}), (std::vector<IpAddress>{kA2, kA1}));
  routes_.reset();
  interleave_ = false;
  EXPECT_EQ(next(), (Log{"192.0.2.1:1234", "192.0.2.2:1234", "[2001:db8::1]:1234", "[2001:db8::2]:1234"}))
      << "without a race in the resolver's order";
}

TEST_F(RouteSelectorTest, AUnixSocketIsTheOnlyRoute) {
  selector_->proxies = {kProxyA, Proxy::direct()};
  ConnectionIdentity who(Dns::system(), {Protocol::http_1_1}, TlsConfig());
  who.proxy_selector = selector_;
  who.sockets.unix_path = "/run/a.sock";
  const Address to = book_.find(Url::parse("http://a.example/"), book_.intern(std::move(who)));
  routes_.emplace(context_, to, database_, names_, true);
  EXPECT_EQ(next().size(), 1U);
  EXPECT_EQ(last_[0].to_string(), "a.example:80 at unix:/run/a.sock");
  EXPECT_FALSE(routes().has_next());
  EXPECT_TRUE(log_.empty()) << "neither proxies nor names are asked for";
}

TEST_F(RouteSelectorTest, AFailureOfTheSelectorIsOneOfTheCall) {
  selector_->failure = std::make_exception_ptr(std::runtime_error("the selector broke"));
  const Error broken = failure();
  EXPECT_EQ(broken.errc(), Errc::rejected);
  EXPECT_NE(std::string(broken.what()).find("the selector broke"), std::string::npos);
  EXPECT_FALSE(routes().has_next());
  routes_.reset();
  selector_->failure = std::make_exception_ptr(Error(Errc::proxy_failed, Blame::caller, "no such proxy"));
  EXPECT_EQ(failure().errc(), Errc::proxy_failed);
}

TEST_F(RouteSelectorTest, EventsTellOfTheSelection) {
  context_.listener = std::make_shared<SelectionLog>(log_);
  selector_->proxies = {Proxy::direct(), kProxyA};
  (void)next();
  EXPECT_EQ(log_, (Log{"proxy_select_start https://a.example:1234/", "select https://a.example:1234/",
                       "proxy_select_end 2", "dns a.example"}));
  log_.clear();
  routes_.reset();
  proxy_ = Proxy::direct();
  (void)next();
  EXPECT_EQ(log_, (Log{"proxy_select_start https://a.example:1234/", "proxy_select_end 1", "dns a.example"}));
  log_.clear();
  routes_.reset();
  proxy_.reset();
  selector_->failure = std::make_exception_ptr(std::runtime_error("the selector broke"));
  (void)failure();
  EXPECT_EQ(log_.back(), "proxy_select_end 0 failed");
}

TEST_F(RouteSelectorTest, ACanceledLookUpIsNotTheProxysFault) {
  selector_->proxies = {kProxyA};
  names_.failure = Errc::canceled;
  EXPECT_EQ(failure().errc(), Errc::canceled);
  EXPECT_EQ(log_, (Log{"select https://a.example:1234/", "dns proxya.example"}));
}

TEST_F(RouteSelectorTest, TheSelectorIsNotToldOfAProxyThatItDidNotChoose) {
  proxy_ = kProxyA;
  EXPECT_EQ(failure().errc(), Errc::unknown_host);
  EXPECT_EQ(log_, Log{"dns proxya.example"});
}

TEST_F(RouteSelectorTest, RouteToString) {
  const Address to = address();
  const Endpoint endpoint(kB1, 1001);
  EXPECT_EQ(Route(to, Endpoint(kSix1, 1234)).to_string(), "a.example:1234 at [2001:db8::1]:1234");
  EXPECT_EQ(Route(to, Proxy::parse("http://user:secret@proxya.example:1001"), endpoint).to_string(),
            "a.example:1234 via http://██@proxya.example:1001 at 192.0.2.101:1001");
  EXPECT_EQ(Route(to, Proxy::parse("socks5://proxya.example:1001"), endpoint, Endpoint(kA1, 1234)).to_string(),
            "a.example:1234 (192.0.2.1) via socks5://proxya.example:1001 at 192.0.2.101:1001");
}

TEST_F(RouteSelectorTest, TlsThroughAnHttpProxyRequiresATunnel) {
  const Endpoint endpoint(kB1, 1001);
  EXPECT_TRUE(Route(address(), kProxyA, endpoint).requires_tunnel());
  EXPECT_FALSE(Route(address("http://a.example/"), kProxyA, endpoint).requires_tunnel());
  EXPECT_FALSE(Route(address(), Proxy::parse("socks5h://proxya.example"), endpoint).requires_tunnel());
  EXPECT_FALSE(Route(address(), endpoint).requires_tunnel());
}

}  // namespace
}  // namespace okhttp::internal

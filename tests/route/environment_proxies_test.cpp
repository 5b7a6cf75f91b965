#include "route/environment_proxies.hpp"

#include <okhttp/error.hpp>
#include <okhttp/url.hpp>

#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <string>

namespace okhttp::internal {
namespace {

/// Sets a variable of this process for a while.
class ScopedVariable {
 public:
  ScopedVariable(const char* name, const char* value) : name_(name) {
    if (const char* const before = std::getenv(name)) before_ = before;
    ::setenv(name, value, 1);
  }
  ScopedVariable(const ScopedVariable&) = delete;
  ScopedVariable& operator=(const ScopedVariable&) = delete;
  ~ScopedVariable() {
    if (before_.has_value()) {
      ::setenv(name_, before_->c_str(), 1);
    } else {
      ::unsetenv(name_);
    }
  }

 private:
  const char* name_;
  std::optional<std::string> before_;
};

class EnvironmentProxiesTest : public testing::Test {
 protected:
  EnvironmentProxiesTest() { variables().clear(); }

  static std::map<std::string, std::string>& variables() {
    static std::map<std::string, std::string> set;
    return set;
  }
  static const char* get(const char* name) {
    const auto found = variables().find(name);
    return found != variables().end() ? found->second.c_str() : nullptr;
  }
  /// The proxies for a URL, as texts; "direct" when there is none.
  static std::string select(const char* url) {
    std::string text;
    for (const Proxy& proxy : EnvironmentProxies(ProxyVariables::read(get)).select(Url::parse(url))) {
      text += (text.empty() ? "" : " ") + proxy.to_string();
    }
    return text.empty() ? "direct" : text;
  }
  static Error failure(const char* url) {
    try {
      (void)select(url);
    } catch (const Error& error) {
      return error;
    }
    throw std::logic_error("no failure");
  }
};

TEST_F(EnvironmentProxiesTest, NothingSetIsDirect) {
  EXPECT_EQ(select("http://a.example/"), "direct");
  EXPECT_EQ(select("https://a.example/"), "direct");
}

TEST_F(EnvironmentProxiesTest, EachSchemeHasItsOwn) {
  variables() = {{"http_proxy", "http://plain.example:1"}, {"https_proxy", "http://secure.example:2"}};
  EXPECT_EQ(select("http://a.example/"), "http://plain.example:1");
  EXPECT_EQ(select("ws://a.example/"), "http://plain.example:1");
  EXPECT_EQ(select("https://a.example/"), "http://secure.example:2");
  EXPECT_EQ(select("wss://a.example/"), "http://secure.example:2");
}

TEST_F(EnvironmentProxiesTest, AllProxyIsForWhatHasNoOtherOne) {
  variables() = {{"https_proxy", "http://secure.example:2"}, {"all_proxy", "socks5h://all.example:3"}};
  EXPECT_EQ(select("http://a.example/"), "socks5h://all.example:3");
  EXPECT_EQ(select("https://a.example/"), "http://secure.example:2");
}

TEST_F(EnvironmentProxiesTest, LowerCaseGoesBeforeUpperCase) {
  variables() = {{"HTTPS_PROXY", "http://upper.example:1"}, {"ALL_PROXY", "http://all.example:1"}};
  EXPECT_EQ(select("https://a.example/"), "http://upper.example:1");
  EXPECT_EQ(select("http://a.example/"), "http://all.example:1");
  variables()["https_proxy"] = "http://lower.example:1";
  EXPECT_EQ(select("https://a.example/"), "http://lower.example:1");
}

// httpoxy, CVE-2016-5385: a CGI program gets a request's Proxy field as HTTP_PROXY.
TEST_F(EnvironmentProxiesTest, HttpProxyInUpperCaseIsIgnoredInCgi) {
  variables() = {{"HTTP_PROXY", "http://evil.example:1"}, {"HTTPS_PROXY", "http://secure.example:1"}};
  EXPECT_EQ(select("http://a.example/"), "http://evil.example:1");
  for (const char* method : {"GET", ""}) {
    variables()["REQUEST_METHOD"] = method;
    EXPECT_EQ(select("http://a.example/"), "direct");
    EXPECT_EQ(select("https://a.example/"), "http://secure.example:1") << "no request field has that name";
  }
  variables()["http_proxy"] = "http://own.example:1";
  EXPECT_EQ(select("http://a.example/"), "http://own.example:1");
}

TEST_F(EnvironmentProxiesTest, AnEmptyValueIsDirect) {
  variables() = {{"http_proxy", ""}, {"HTTP_PROXY", "http://upper.example:1"}, {"all_proxy", "http://all.example:1"}};
  EXPECT_EQ(select("http://a.example/"), "direct");
}

TEST_F(EnvironmentProxiesTest, NoProxyMakesExceptions) {
  variables() = {{"all_proxy", "http://all.example:1"}, {"NO_PROXY", "a.example:80"}};
  EXPECT_EQ(select("http://a.example/"), "direct");
  EXPECT_EQ(select("https://a.example/"), "http://all.example:1");
  variables()["no_proxy"] = "b.example";
  EXPECT_EQ(select("http://a.example/"), "http://all.example:1");
  EXPECT_EQ(select("http://b.example/"), "direct");
}

TEST_F(EnvironmentProxiesTest, AMalformedValueFailsItsCallsInsteadOfGoingDirect) {
  variables() = {{"http_proxy", "ftp://user:secret@proxy.example"}, {"https_proxy", "http://secure.example:1"}};
  const Error error = failure("http://a.example/");
  EXPECT_EQ(error.errc(), Errc::proxy_failed);
  EXPECT_EQ(error.blame(), Blame::caller);
  EXPECT_NE(std::string(error.what()).find("http_proxy"), std::string::npos) << error.what();
  EXPECT_EQ(std::string(error.what()).find("secret"), std::string::npos) << error.what();
  EXPECT_EQ(select("https://a.example/"), "http://secure.example:1");
  variables()["no_proxy"] = "a.example";
  EXPECT_EQ(select("http://a.example/"), "direct");
}

TEST_F(EnvironmentProxiesTest, ALineBreakInAValueFailsItsCalls) {
  for (const char* value :
       {"http://p.example:1\r\nX-Injected: 1", "http://p.example:1\n", "http://u%0d%0a:p@p.example"}) {
    variables() = {{"all_proxy", value}};
    EXPECT_EQ(failure("https://a.example/").errc(), Errc::proxy_failed);
  }
}

TEST_F(EnvironmentProxiesTest, ASelectorMayHaveExceptions) {
  const Proxy proxy(Proxy::Type::http, "proxy.example", 1);
  const auto selector = ProxySelector::except("a.example,10.0.0.0/8", ProxySelector::fixed(proxy));
  const auto select_one = [&](const char* url) { return selector->select(Url::parse(url)).at(0); };
  EXPECT_EQ(select_one("http://b.a.example/"), Proxy::direct());
  EXPECT_EQ(select_one("http://10.1.2.3/"), Proxy::direct());
  EXPECT_EQ(select_one("http://b.example/"), proxy);
  EXPECT_THROW((void)ProxySelector::except("", nullptr), std::invalid_argument);
}

TEST_F(EnvironmentProxiesTest, TheSelectorStaysTheSameWhileTheEnvironmentDoes) {
  const ScopedVariable none("no_proxy", "");
  const auto first = ProxySelector::environment();
  EXPECT_EQ(first, ProxySelector::environment());
  const ScopedVariable all("all_proxy", "http://another.example:1");
  const auto second = ProxySelector::environment();
  EXPECT_NE(first, second);
  const std::vector<Proxy> expected(1, Proxy(Proxy::Type::http, "another.example", 1));
  EXPECT_EQ(second->select(Url::parse("http://a.example/")), expected);
}

}  // namespace
}  // namespace okhttp::internal

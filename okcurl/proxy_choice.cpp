#include "okcurl/proxy_choice.hpp"

#include <okhttp/authenticator.hpp>
#include <okhttp/headers.hpp>
#include <okhttp/proxy_selector.hpp>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "okcurl/credentials.hpp"
#include "okcurl/exit_code.hpp"

namespace okcurl {
namespace {

using okhttp::Authenticator;
using okhttp::Proxy;
using okhttp::ProxySelector;
using okhttp::Request;
using okhttp::Response;
using okhttp::RouteInfo;
using okhttp::Task;

/// --proxy-user, for whatever proxy others choose.
class WithCredentials final : public ProxySelector {
 public:
  WithCredentials(std::pair<std::string, std::string> credentials, std::shared_ptr<ProxySelector> others)
      : credentials_(std::move(credentials)), others_(std::move(others)) {}

  std::vector<Proxy> select(const okhttp::Url& url) override {
    std::vector<Proxy> proxies = others_->select(url);
    for (Proxy& proxy : proxies) {
      if (proxy.is_direct()) continue;
      proxy = Proxy(proxy.type(), proxy.host(), proxy.port(), credentials_.first, credentials_.second);
    }
    return proxies;
  }

 private:
  const std::pair<std::string, std::string> credentials_;
  const std::shared_ptr<ProxySelector> others_;
};

/// Answers the challenges of HTTP proxies by what stood in their Proxy values.
class ProxyPasswords final : public Authenticator {
 public:
  explicit ProxyPasswords(AuthScheme scheme) : scheme_(scheme) {}

  /// Keeps the credentials of `proxy`, which has some.
  void remember(const Proxy& proxy) {
    const std::lock_guard lock(mutex_);
    std::shared_ptr<Authenticator>& its = of_[key(proxy)];
    if (its == nullptr) its = authenticator_of(scheme_, proxy.user(), proxy.password(), proxy.host());
  }
  Task<std::optional<Request>> authenticate(const RouteInfo& route, const Response& response) override {
    const std::shared_ptr<Authenticator> its = find(route.proxy());
    std::optional<Request> answer;
    if (its == nullptr) co_return answer;
    Task<std::optional<Request>> asking = its->authenticate(route, response);
    std::optional<Request> given = co_await std::move(asking);
    co_return given;
  }

 private:
  static std::string key(const Proxy& proxy) { return proxy.host() + ' ' + std::to_string(proxy.port()); }
  [[nodiscard]] std::shared_ptr<Authenticator> find(const Proxy& proxy) {
    const std::lock_guard lock(mutex_);
    const auto found = of_.find(key(proxy));
    return found != of_.end() ? found->second : nullptr;
  }

  const AuthScheme scheme_;
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<Authenticator>> of_;
};

/// Takes the credentials of HTTP proxies out of what others choose, so that nothing is shown before the proxy asks.
class WithoutCredentials final : public ProxySelector {
 public:
  WithoutCredentials(std::shared_ptr<ProxySelector> others, std::shared_ptr<ProxyPasswords> passwords)
      : others_(std::move(others)), passwords_(std::move(passwords)) {}

  std::vector<Proxy> select(const okhttp::Url& url) override {
    std::vector<Proxy> proxies = others_->select(url);
    for (Proxy& proxy : proxies) {
      if (!proxy.is_http() || !proxy.has_credentials()) continue;
      passwords_->remember(proxy);
      proxy = Proxy(proxy.type(), proxy.host(), proxy.port());
    }
    return proxies;
  }

 private:
  const std::shared_ptr<ProxySelector> others_;
  const std::shared_ptr<ProxyPasswords> passwords_;
};

Proxy parse(const std::string& text) {
  constexpr std::array<std::string_view, 7> kSchemes = {"http",    "https",  "socks",  "socks4",
                                                        "socks4a", "socks5", "socks5h"};
  const std::size_t scheme_end = text.find("://");
  if (scheme_end != std::string::npos) {
    const std::string_view scheme = std::string_view(text).substr(0, scheme_end);
    const bool is_known = std::any_of(kSchemes.begin(), kSchemes.end(), [&](std::string_view known) {
      return okhttp::equals_ignore_case(known, scheme);
    });
    if (!is_known) throw Failure(ExitCode::connect, "Unsupported proxy scheme: " + std::string(scheme));
  }
  try {
    return Proxy::parse(text);
  } catch (const std::invalid_argument& problem) {
    throw Failure(ExitCode::resolve_proxy, problem.what());
  }
}

std::string environment_exceptions() {
  for (const char* name : {"no_proxy", "NO_PROXY"}) {
    if (const char* const value = std::getenv(name)) return value;  // NOLINT(concurrency-mt-unsafe): one thread yet
  }
  return {};
}

std::shared_ptr<ProxySelector> proxy_selector_of(const Options& options) {
  if (options.no_proxy.has_value()) {
    // It takes the place of the variables, and is not added to them.
    ::unsetenv("no_proxy");  // NOLINT(concurrency-mt-unsafe): there is one thread yet
    ::unsetenv("NO_PROXY");  // NOLINT(concurrency-mt-unsafe)
  }
  std::shared_ptr<ProxySelector> selector = ProxySelector::environment();
  if (options.proxy.has_value()) {
    if (options.proxy->empty()) return ProxySelector::none();
    selector = ProxySelector::fixed(parse(*options.proxy));
  }
  if (options.proxy_user.has_value()) {
    selector = std::make_shared<WithCredentials>(credentials_of(*options.proxy_user, "proxy", "-U"), selector);
  }
  const std::string exceptions = options.no_proxy.has_value() ? *options.no_proxy : environment_exceptions();
  if (!exceptions.empty()) selector = ProxySelector::except(exceptions, std::move(selector));
  return selector;
}

}  // namespace

void choose_proxies(const Options& options, okhttp::Client::Builder& client) {
  std::shared_ptr<ProxySelector> selector = proxy_selector_of(options);
  const AuthScheme scheme = proxy_scheme(options);
  if (scheme != AuthScheme::basic) {
    const auto passwords = std::make_shared<ProxyPasswords>(scheme);
    selector = std::make_shared<WithoutCredentials>(std::move(selector), passwords);
    client.proxy_authenticator(passwords);
  }
  client.proxy_selector(std::move(selector));
}

}  // namespace okcurl

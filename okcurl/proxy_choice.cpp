#include "okcurl/proxy_choice.hpp"

#include <okhttp/headers.hpp>

#include <algorithm>
#include <array>
#include <cstdlib>
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

using okhttp::Proxy;
using okhttp::ProxySelector;

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

}  // namespace

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

}  // namespace okcurl

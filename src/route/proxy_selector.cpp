#include <okhttp/proxy_selector.hpp>
#include <okhttp/url.hpp>

#include <cstdlib>
#include <mutex>
#include <stdexcept>
#include <utility>

#include "route/environment_proxies.hpp"
#include "route/no_proxy.hpp"

namespace okhttp {
namespace {

class FixedProxy final : public ProxySelector {
 public:
  explicit FixedProxy(Proxy proxy) : proxy_(std::move(proxy)) {}
  std::vector<Proxy> select(const Url&) override { return {proxy_}; }

 private:
  const Proxy proxy_;
};

class WithExceptions final : public ProxySelector {
 public:
  WithExceptions(std::string_view no_proxy, std::shared_ptr<ProxySelector> others)
      : exceptions_(no_proxy), others_(std::move(others)) {}
  std::vector<Proxy> select(const Url& url) override {
    if (exceptions_.matches(url.host(), url.port())) return {Proxy::direct()};
    return others_->select(url);
  }
  void connect_failed(const Url& url, const Proxy& proxy, const Error& error) override {
    others_->connect_failed(url, proxy, error);
  }

 private:
  const internal::NoProxyRules exceptions_;
  const std::shared_ptr<ProxySelector> others_;
};

const char* environment_variable(const char* name) {
  // It is only read; a program that changes its environment beside other threads has that problem with everything.
  return std::getenv(name);  // NOLINT(concurrency-mt-unsafe)
}

}  // namespace

std::shared_ptr<ProxySelector> ProxySelector::environment() {
  static std::mutex mutex;
  static std::weak_ptr<internal::EnvironmentProxies> last;
  auto variables = internal::ProxyVariables::read(environment_variable);
  const std::lock_guard lock(mutex);
  std::shared_ptr<internal::EnvironmentProxies> selector = last.lock();
  if (selector == nullptr || !(selector->variables() == variables)) {
    selector = std::make_shared<internal::EnvironmentProxies>(std::move(variables));
    last = selector;
  }
  return selector;
}

std::shared_ptr<ProxySelector> ProxySelector::none() {
  static const std::shared_ptr<ProxySelector> direct = fixed(Proxy::direct());
  return direct;
}

std::shared_ptr<ProxySelector> ProxySelector::fixed(Proxy proxy) {
  return std::make_shared<FixedProxy>(std::move(proxy));
}

std::shared_ptr<ProxySelector> ProxySelector::except(std::string_view no_proxy, std::shared_ptr<ProxySelector> others) {
  if (others == nullptr) throw std::invalid_argument("ProxySelector: the selector is null");
  return std::make_shared<WithExceptions>(no_proxy, std::move(others));
}

}  // namespace okhttp

#pragma once

#include <okhttp/proxy_selector.hpp>

#include <optional>
#include <string>
#include <vector>

#include "route/no_proxy.hpp"

namespace okhttp::internal {

/// The variables that concern proxies, as they were at one time.
struct ProxyVariables {
  std::optional<std::string> http;
  std::optional<std::string> https;
  std::optional<std::string> all;
  std::optional<std::string> except;

  /// `get` is std::getenv or what a test has instead.
  [[nodiscard]] static ProxyVariables read(const char* (*get)(const char* name));
  friend bool operator==(const ProxyVariables&, const ProxyVariables&) = default;
};

/// ProxySelector::environment().
class EnvironmentProxies final : public ProxySelector {
 public:
  explicit EnvironmentProxies(ProxyVariables variables);

  [[nodiscard]] std::vector<Proxy> select(const Url& url) override;
  [[nodiscard]] const ProxyVariables& variables() const noexcept { return variables_; }

 private:
  const ProxyVariables variables_;
  const NoProxyRules exceptions_;
};

}  // namespace okhttp::internal

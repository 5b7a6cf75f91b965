#pragma once

#include <okhttp/ip_address.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace okhttp::internal {

/// Hosts that are reached without a proxy, as the no_proxy variable lists them. What is no rule matches nothing.
class NoProxyRules {
 public:
  NoProxyRules() = default;
  explicit NoProxyRules(std::string_view list);

  /// `host` is canonical, as Url::host().
  [[nodiscard]] bool matches(std::string_view host, std::uint16_t port) const;

 private:
  struct Rule {
    std::optional<std::uint16_t> port;
    std::string domain;       // lower case, without dots at its ends; empty in a rule about addresses
    bool below_only = false;  // not the domain itself
    IpAddress network;
    unsigned bits = 0;  // how many of the network's count

    [[nodiscard]] bool matches_name(std::string_view host) const;
    [[nodiscard]] bool matches_address(const IpAddress& address) const;
  };

  [[nodiscard]] static std::optional<Rule> parse(std::string_view text);

  bool matches_all_ = false;
  std::vector<Rule> rules_;
};

}  // namespace okhttp::internal

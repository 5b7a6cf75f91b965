#include "route/no_proxy.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include "http/url_host.hpp"
#include "route/ip_network.hpp"

namespace okhttp::internal {
namespace {

template <class Number>
std::optional<Number> parse_number(std::string_view text, Number max) {
  Number number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failure != std::errc() || end != text.data() + text.size() || number > max) return std::nullopt;
  return number;
}

unsigned width_of(const IpAddress& address) noexcept { return address.is_v6() ? 128 : 32; }

std::string_view without_brackets(std::string_view text) {
  return text.size() > 2 && text.front() == '[' && text.back() == ']' ? text.substr(1, text.size() - 2) : text;
}

}  // namespace

NoProxyRules::NoProxyRules(std::string_view list) {
  constexpr std::string_view kSeparators = ", \t";
  while (!list.empty()) {
    const std::size_t end = std::min(list.find_first_of(kSeparators), list.size());
    const std::string_view item = list.substr(0, end);
    list.remove_prefix(std::min(end + 1, list.size()));
    if (item == "*") {
      matches_all_ = true;
    } else if (!item.empty()) {
      if (std::optional<Rule> rule = parse(item)) rules_.push_back(std::move(*rule));
    }
  }
}

std::optional<NoProxyRules::Rule> NoProxyRules::parse(std::string_view text) {
  Rule rule;
  if (const auto slash = text.find('/'); slash != std::string_view::npos) {
    const auto network = IpAddress::parse(without_brackets(text.substr(0, slash)));
    if (!network.has_value()) return std::nullopt;
    const auto bits = parse_number<unsigned>(text.substr(slash + 1), width_of(*network));
    if (!bits.has_value()) return std::nullopt;
    rule.network = *network;
    rule.bits = *bits;
    return rule;
  }
  const auto colon = text.rfind(':');
  const bool is_bare_ipv6 = text.front() != '[' && text.find(':') != colon;
  if (colon != std::string_view::npos && !is_bare_ipv6 && text.back() != ']') {
    rule.port = parse_number<std::uint16_t>(text.substr(colon + 1), 65535);
    if (!rule.port.has_value()) return std::nullopt;
    text = text.substr(0, colon);
  }
  if (const auto address = IpAddress::parse(without_brackets(text))) {
    rule.network = unmapped(*address);
    rule.bits = width_of(rule.network);
    return rule;
  }
  if (text.starts_with("*.")) {
    rule.below_only = true;
    text.remove_prefix(2);
  } else if (text.starts_with('.')) {
    text.remove_prefix(1);
  }
  if (text.ends_with('.')) text.remove_suffix(1);
  const HostResult host = append_host(rule.domain, text);
  if (text.empty() || host.problem != UrlProblem::none || host.kind != HostKind::domain) return std::nullopt;
  return rule;
}

bool NoProxyRules::Rule::matches_name(std::string_view host) const {
  if (domain.empty() || !host.ends_with(domain)) return false;
  if (host.size() == domain.size()) return !below_only;
  return host[host.size() - domain.size() - 1] == '.';
}

bool NoProxyRules::Rule::matches_address(const IpAddress& address) const {
  return domain.empty() && share_prefix(address, network, bits);
}

bool NoProxyRules::matches(std::string_view host, std::uint16_t port) const {
  if (matches_all_) return true;
  std::optional<IpAddress> address = IpAddress::parse(host);
  if (address.has_value()) address = unmapped(*address);
  if (host.ends_with('.')) host.remove_suffix(1);
  return std::any_of(rules_.begin(), rules_.end(), [&](const Rule& rule) {
    if (rule.port.has_value() && *rule.port != port) return false;
    return address.has_value() ? rule.matches_address(*address) : rule.matches_name(host);
  });
}

}  // namespace okhttp::internal

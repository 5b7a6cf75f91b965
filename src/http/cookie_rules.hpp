#pragma once

#include <okhttp/url.hpp>

#include <cstddef>
#include <string_view>

// For whom cookies are (RFC 6265bis §5.1), and what they may consist of.

namespace okhttp::internal {

inline constexpr std::size_t kMaxCookieSize = 4096;           ///< RFC 6265bis §5.6: name and value together
inline constexpr std::size_t kMaxCookieAttributeSize = 1024;  ///< RFC 6265bis §5.6: one attribute's value

/// True when `host`, which is no IP address, is `domain` or a subdomain of it. Both are canonical.
[[nodiscard]] constexpr bool is_within_domain(std::string_view host, std::string_view domain) noexcept {
  if (!host.ends_with(domain)) return false;
  return host.size() == domain.size() || host[host.size() - domain.size() - 1] == '.';
}

/// RFC 6265bis §5.1.4: "/a" and "/a/" match "/a/b", and not "/ab".
[[nodiscard]] constexpr bool path_matches(std::string_view request_path, std::string_view cookie_path) noexcept {
  if (!request_path.starts_with(cookie_path)) return false;
  return request_path.size() == cookie_path.size() || cookie_path.ends_with('/') ||
         request_path[cookie_path.size()] == '/';
}

/// RFC 6265bis §5.1.4: the path up to its last '/', which is not part of it.
[[nodiscard]] constexpr std::string_view default_cookie_path(std::string_view request_path) noexcept {
  const std::size_t slash = request_path.rfind('/');
  if (!request_path.starts_with('/') || slash == 0) return "/";
  return request_path.substr(0, slash);
}

[[nodiscard]] constexpr bool has_control_character(std::string_view text) noexcept {
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return true;
  }
  return false;
}

}  // namespace okhttp::internal

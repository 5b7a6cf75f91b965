#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace okhttp::internal {

/// What the copies of a Url share: the normalised text and where its components lie in it.
///
///     https://user:pass@[2001:db8::1]:8443/path?query#fragment
///          |      |    | |           |    |    |     |
///          |      |    | host_begin  |    |    |     query_end
///          |      |    |             |    |    path_end
///          |      |    password_end  |    path_begin
///          |      username_end       host_end
///          scheme_end
///
/// Invariants:
/// 1. The offsets never decrease in the order above (host_begin is password_end + 1 behind user information).
/// 2. text[username_end] is ':' if and only if there is a password, text[password_end] is '@' if and only if there is
///    user information; without any all three of username_end, password_end and the authority's begin coincide.
/// 3. There is a query if and only if path_end < query_end, a fragment if and only if query_end < text.size().
struct UrlRecord {
  std::string text;
  std::uint32_t scheme_end = 0;
  std::uint32_t username_end = 0;
  std::uint32_t password_end = 0;
  std::uint32_t host_begin = 0;
  std::uint32_t host_end = 0;
  std::uint32_t path_begin = 0;
  std::uint32_t path_end = 0;
  std::uint32_t query_end = 0;
  std::uint16_t port = 0;
  bool has_default_port = true;
  bool host_is_ip = false;
  bool is_tls = false;

  [[nodiscard]] std::string_view slice(std::size_t begin, std::size_t end) const noexcept {
    return std::string_view(text).substr(begin, end - begin);
  }
  [[nodiscard]] std::string_view scheme() const noexcept { return slice(0, scheme_end); }
  [[nodiscard]] std::size_t authority_begin() const noexcept { return scheme_end + std::size_t{3}; }
  [[nodiscard]] std::string_view username() const noexcept { return slice(authority_begin(), username_end); }
  [[nodiscard]] std::string_view password() const noexcept {
    return username_end == password_end ? std::string_view() : slice(username_end + std::size_t{1}, password_end);
  }
  [[nodiscard]] std::string_view host() const noexcept { return slice(host_begin, host_end); }
  /// Host and port as they are written: with brackets, without a default port.
  [[nodiscard]] std::string_view host_and_port() const noexcept {
    const bool has_user_info = password_end > authority_begin();
    return slice(has_user_info ? password_end + std::size_t{1} : authority_begin(), path_begin);
  }
  [[nodiscard]] std::string_view path() const noexcept { return slice(path_begin, path_end); }
  [[nodiscard]] std::optional<std::string_view> query() const noexcept {
    if (path_end == query_end) return std::nullopt;
    return slice(path_end + std::size_t{1}, query_end);
  }
  [[nodiscard]] std::optional<std::string_view> fragment() const noexcept {
    if (query_end == text.size()) return std::nullopt;
    return slice(query_end + std::size_t{1}, text.size());
  }
};

}  // namespace okhttp::internal

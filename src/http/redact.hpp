#pragma once

#include <string_view>

namespace okhttp::internal {

/// Stands in messages and logs where a credential was.
inline constexpr std::string_view kRedacted = "██";

/// True for fields whose value proves who somebody is: Authorization, Cookie, X-Api-Key and their kind.
bool is_sensitive_header(std::string_view name) noexcept;

/// The value as it may be printed.
inline std::string_view printable_value(std::string_view name, std::string_view value) noexcept {
  return is_sensitive_header(name) ? kRedacted : value;
}

}  // namespace okhttp::internal

#pragma once

#include <string_view>

namespace okhttp::internal {

/// True for methods that have the same effect when they arrive twice: those of RFC 9110 §9.2.2, and what RFC 4918 and
/// the QUERY method add.
constexpr bool is_idempotent(std::string_view method) noexcept {
  for (const std::string_view known : {"GET", "HEAD", "OPTIONS", "PUT", "DELETE", "TRACE", "PROPFIND", "QUERY"}) {
    if (method == known) return true;
  }
  return false;
}

}  // namespace okhttp::internal

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace okhttp::internal {

/// Why a text is not a URL for us.
enum class UrlProblem : std::uint8_t {
  none,
  too_long,
  missing_scheme,
  unsupported_scheme,
  missing_host,
  forbidden_host_character,
  invalid_domain,
  invalid_ipv4,
  invalid_ipv6,
  invalid_port,
};

/// A problem and the part of the text that has it, where that may be shown.
struct UrlFailure {
  UrlProblem problem = UrlProblem::none;
  std::string detail;
};

/// A sentence for people, as `URL has an invalid IPv6 host: "[::g]"`.
[[nodiscard]] std::string describe(const UrlFailure& failure);

/// `part` made fit for a message: cut to 64 bytes, all but printable ASCII as "\xHH".
[[nodiscard]] std::string printable(std::string_view part);

}  // namespace okhttp::internal

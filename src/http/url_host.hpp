#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "http/url_problem.hpp"

namespace okhttp::internal {

enum class HostKind : std::uint8_t { domain, ipv4, ipv6 };

/// What became of a host.
struct HostResult {
  UrlProblem problem = UrlProblem::none;
  HostKind kind = HostKind::domain;
};

/// Appends the canonical form of a URL's host; IPv6 with its brackets, as it must be in `text` too. On a problem `out`
/// is of no use. https://url.spec.whatwg.org/#concept-host-parser
[[nodiscard]] HostResult append_host(std::string& out, std::string_view text);

}  // namespace okhttp::internal

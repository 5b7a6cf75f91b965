#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "http/percent_encoding.hpp"
#include "http/url_problem.hpp"
#include "http/url_record.hpp"

namespace okhttp::internal {

/// The longest URL that is accepted, as given and as normalised.
inline constexpr std::size_t kMaxUrlSize = std::size_t{1} << 20;

/// A scheme that we speak; all of them are "special" in the URL Standard's sense.
struct UrlScheme {
  std::string_view name;
  std::uint16_t default_port;
  bool is_tls;
};

/// Finds a scheme regardless of case; null if we do not speak it.
[[nodiscard]] const UrlScheme* find_scheme(std::string_view name) noexcept;

/// Parses `text`, relative to `base` unless that is null, into `out`, which must be fresh. On failure `out` is of no
/// use.
///
/// The basic URL parser of https://url.spec.whatwg.org/#url-parsing for special schemes, written component by component
/// instead of state by state.
[[nodiscard]] UrlFailure parse_url(std::string_view text, const UrlRecord* base, UrlRecord& out);

enum class DotSegment : std::uint8_t { none, single, parent };

/// Tells "." and ".." and their percent-encoded spellings from other segments.
[[nodiscard]] DotSegment classify_segment(std::string_view segment) noexcept;

}  // namespace okhttp::internal

#pragma once

#include <okhttp/chrono.hpp>

#include <optional>
#include <string_view>

namespace okhttp::internal {

/// Reads the date of an Expires attribute as browsers do (RFC 6265bis §5.1.1): the first time, day, month and year
/// among the words of the text, in whatever order; anything else, zones included, is passed over, and the time is UTC.
///
/// A two-digit year below 70 means 20xx, any other 19xx. A moment that the clock cannot express becomes the nearest one
/// that it can. Nothing if a part is missing or out of range, if the year is below 1601, or if there is no such day.
[[nodiscard]] std::optional<std::chrono::system_clock::time_point> parse_cookie_date(std::string_view text);

/// The moment that many seconds after 1970, or the nearest one that the clock can express.
[[nodiscard]] std::chrono::system_clock::time_point time_of(long long seconds) noexcept;

}  // namespace okhttp::internal

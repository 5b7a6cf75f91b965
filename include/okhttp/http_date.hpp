#pragma once

#include <okhttp/chrono.hpp>
#include <okhttp/config.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace okhttp {

/// Reads an HTTP date (RFC 9110 §5.6.7): the fixed form, the RFC 850 form, the asctime form, and the variations of them
/// that browsers accept (dashes for spaces, a missing weekday, an offset such as "GMT-08:00" or "+0100").
///
/// A two-digit year below 70 means 20xx, any other 19xx. Words after a zone are ignored, as OkHttp does. A moment that
/// the clock cannot express, such as the popular year 9999, becomes the nearest one that it can. Neither the locale nor
/// the time zone of the process matters. Nothing if the text is no date or names a day that does not exist.
[[nodiscard]] OKHTTP_API std::optional<std::chrono::system_clock::time_point> parse_http_date(std::string_view text);

/// Writes the fixed form, as "Sun, 06 Nov 1994 08:49:37 GMT"; fractions of a second are cut off.
[[nodiscard]] OKHTTP_API std::string format_http_date(std::chrono::system_clock::time_point date);

}  // namespace okhttp

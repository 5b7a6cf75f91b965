#include "modules/retry_after.hpp"

#include <okhttp/http_date.hpp>

#include <algorithm>
#include <string_view>

#include "http/ascii.hpp"

namespace okhttp::internal {
namespace {

using std::chrono::seconds;

/// Longer than anybody waits, and far from where sums of times overflow.
constexpr seconds kLongest = std::chrono::hours(24 * 365);

std::optional<seconds> delay_seconds(std::string_view text) {
  if (text.empty() || !std::all_of(text.begin(), text.end(), is_digit)) return std::nullopt;
  seconds::rep value = 0;
  for (const char digit : text) value = std::min<seconds::rep>(value * 10 + (digit - '0'), kLongest.count());
  return seconds(value);
}

}  // namespace

std::optional<seconds> retry_after(const Response& response) {
  // RFC 9110 §10.2.3: Retry-After = HTTP-date / delay-seconds
  const std::optional<std::string_view> field = response.header("Retry-After");
  if (!field.has_value()) return std::nullopt;
  if (const std::optional<seconds> plain = delay_seconds(*field)) return plain;
  const auto until = parse_http_date(*field);
  if (!until.has_value()) return std::nullopt;
  auto from = response.received_response_at();
  if (const std::optional<std::string_view> date = response.header("Date")) {
    if (const auto sent = parse_http_date(*date)) from = *sent;
  }
  if (*until <= from) return seconds(0);
  return std::min(std::chrono::ceil<seconds>(*until - from), kLongest);
}

}  // namespace okhttp::internal

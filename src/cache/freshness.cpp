#include "cache/freshness.hpp"

#include <okhttp/cache_control.hpp>
#include <okhttp/http_date.hpp>

#include <algorithm>
#include <cstdint>
#include <limits>

#include "http/ascii.hpp"

namespace okhttp::internal {
namespace {

constexpr Seconds kLongest{std::numeric_limits<std::int32_t>::max()};

/// Clocks that are kept in step go back by less than this.
constexpr Seconds kTolerance{5};

/// RFC 9111 §4.2.1: of a field that came twice the first counts.
std::optional<std::string_view> first_value(const Headers& headers, std::string_view name) noexcept {
  const std::size_t at = headers.find(name);
  if (at == headers.size()) return std::nullopt;
  return headers.value(at);
}

std::optional<WallTime> first_date(const Headers& headers, std::string_view name) {
  const auto value = first_value(headers, name);
  return value.has_value() ? parse_http_date(*value) : std::nullopt;
}

/// RFC 9111 §5.1: the first element if it is a number, else the field says nothing.
Seconds age_value(const Headers& headers) noexcept {
  std::string_view text = first_value(headers, "Age").value_or("");
  text = trim_ows(text.substr(0, text.find(',')));
  Seconds::rep value = 0;
  for (const char c : text) {
    if (!is_digit(c)) return Seconds::zero();
    value = std::min<Seconds::rep>(value * 10 + (c - '0'), kLongest.count());
  }
  return Seconds(value);
}

/// The difference, cut to what no sum of three overflows.
Seconds between(WallTime from, WallTime to) noexcept {
  if (to <= from) return Seconds::zero();
  // Dates may be centuries apart: each is made seconds first.
  const auto whole = [](WallTime time) { return std::chrono::floor<Seconds>(time).time_since_epoch(); };
  return std::min(whole(to) - whole(from), kLongest);
}

}  // namespace

std::optional<Seconds> current_age(const CachedResponse& stored, WallTime now) {
  if (now + kTolerance < stored.received_response_at) return std::nullopt;
  const WallTime received = stored.received_response_at;
  const WallTime date = first_date(stored.headers, "Date").value_or(received);
  const Seconds apparent_age = between(date, received);
  const Seconds response_delay = between(stored.sent_request_at, received);
  const Seconds corrected_age = age_value(stored.headers) + response_delay;
  return std::min(std::max(apparent_age, corrected_age) + between(received, now), kLongest);
}

Seconds freshness_lifetime(const CachedResponse& stored, const CacheControl& control, bool may_guess) {
  if (control.max_age().has_value()) return *control.max_age();
  const Headers& headers = stored.headers;
  const WallTime served = first_date(headers, "Date").value_or(stored.received_response_at);
  if (headers.contains("Expires")) {
    // RFC 9111 §5.3: what is no date, "0" above all, is in the past.
    const std::optional<WallTime> expires = first_date(headers, "Expires");
    return expires.has_value() ? between(served, *expires) : Seconds::zero();
  }
  // RFC 9111 §4.2.2: only where the response says nothing itself. URLs with a query name what changes.
  if (!may_guess || !(is_heuristically_cacheable(stored.code) || control.is_public())) return Seconds::zero();
  const std::optional<WallTime> modified = first_date(headers, "Last-Modified");
  return modified.has_value() ? between(*modified, served) / 10 : Seconds::zero();
}

bool is_heuristically_cacheable(int code) noexcept {
  switch (code) {
    case 200:
    case 203:
    case 204:
    case 206:
    case 300:
    case 301:
    case 308:
    case 404:
    case 405:
    case 410:
    case 414:
    case 501:
      return true;
    default:
      return false;
  }
}

bool has_explicit_freshness(const Headers& headers, const CacheControl& control) noexcept {
  return control.max_age().has_value() || control.is_public() || control.is_private() || headers.contains("Expires");
}

}  // namespace okhttp::internal

#include "http/cookie_date.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <limits>

#include "http/ascii.hpp"

namespace okhttp::internal {
namespace {

constexpr std::array<std::string_view, 12> kMonths = {"jan", "feb", "mar", "apr", "may", "jun",
                                                      "jul", "aug", "sep", "oct", "nov", "dec"};

bool is_delimiter(char c) noexcept {
  const auto byte = static_cast<unsigned char>(c);
  return byte == 0x09 || (byte >= 0x20 && byte <= 0x2f) || (byte >= 0x3b && byte <= 0x40) ||
         (byte >= 0x5b && byte <= 0x60) || (byte >= 0x7b && byte <= 0x7e);
}

/// The number that begins `word`, of so many digits and no more; `word` is left behind it.
std::optional<unsigned> take_number(std::string_view& word, std::size_t least, std::size_t most) noexcept {
  std::size_t digits = 0;
  unsigned value = 0;
  while (digits < word.size() && is_digit(word[digits])) {
    if (digits == most) return std::nullopt;
    value = value * 10 + static_cast<unsigned>(word[digits++] - '0');
  }
  if (digits < least) return std::nullopt;
  word.remove_prefix(digits);
  return value;
}

struct Time {
  unsigned hour;
  unsigned minute;
  unsigned second;
};

/// "8:49:37", and whatever stands behind it.
std::optional<Time> read_time(std::string_view word) noexcept {
  std::array<unsigned, 3> parts{};
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i > 0) {
      if (!word.starts_with(':')) return std::nullopt;
      word.remove_prefix(1);
    }
    const auto part = take_number(word, 1, 2);
    if (!part.has_value()) return std::nullopt;
    parts[i] = *part;
  }
  return Time{parts[0], parts[1], parts[2]};
}

std::optional<unsigned> read_number(std::string_view word, std::size_t least, std::size_t most) noexcept {
  return take_number(word, least, most);
}

/// "Nov", "November", "NOVEMBER-ish": the first three letters count.
std::optional<unsigned> read_month(std::string_view word) noexcept {
  for (unsigned i = 0; i < kMonths.size(); ++i) {
    if (equals_ignore_case_inline(word.substr(0, 3), kMonths[i])) return i + 1;
  }
  return std::nullopt;
}

/// The first of each kind counts (RFC 6265bis §5.1.1, step 2).
struct Found {
  std::optional<Time> time;
  std::optional<unsigned> day;
  std::optional<unsigned> month;
  std::optional<unsigned> year;

  void look_at(std::string_view word) noexcept {
    if (!time.has_value() && (time = read_time(word)).has_value()) return;
    if (!day.has_value() && (day = read_number(word, 1, 2)).has_value()) return;
    if (!month.has_value() && (month = read_month(word)).has_value()) return;
    if (!year.has_value()) year = read_number(word, 2, 4);
  }
};

}  // namespace

std::chrono::system_clock::time_point time_of(long long seconds) noexcept {
  using Clock = std::chrono::system_clock;
  const auto least = std::chrono::duration_cast<std::chrono::seconds>(Clock::time_point::min().time_since_epoch());
  const auto most = std::chrono::duration_cast<std::chrono::seconds>(Clock::time_point::max().time_since_epoch());
  return Clock::time_point(std::chrono::seconds(
      std::clamp<long long>(seconds, static_cast<long long>(least.count()), static_cast<long long>(most.count()))));
}

std::optional<std::chrono::system_clock::time_point> parse_cookie_date(std::string_view text) {
  Found found;
  while (!text.empty()) {
    const auto* const end = std::find_if(text.begin(), text.end(), is_delimiter);
    const auto length = static_cast<std::size_t>(end - text.begin());
    if (length > 0) found.look_at(text.substr(0, length));
    text.remove_prefix(std::min(length + 1, text.size()));
  }
  if (!found.time || !found.day || !found.month || !found.year) return std::nullopt;
  unsigned year = *found.year;
  if (year <= 69) {
    year += 2000;
  } else if (year <= 99) {
    year += 1900;
  }
  const Time time = *found.time;
  if (year < 1601 || time.hour > 23 || time.minute > 59 || time.second > 59) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(year)), std::chrono::month(*found.month),
                                         std::chrono::day(*found.day)};
  if (!date.ok()) return std::nullopt;
  const long long days = std::chrono::sys_days(date).time_since_epoch().count();
  return time_of(days * 86400 + time.hour * 3600LL + time.minute * 60LL + time.second);
}

}  // namespace okhttp::internal

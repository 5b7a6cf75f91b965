#include <okhttp/http_date.hpp>

#include <array>
#include <chrono>
#include <cstdint>

#include "http/ascii.hpp"

namespace okhttp {
namespace {

using internal::equals_ignore_case_inline;
using internal::is_alpha;
using internal::is_digit;

constexpr std::array<std::string_view, 7> kWeekdays = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                                       "Thursday", "Friday", "Saturday"};
constexpr std::array<std::string_view, 12> kMonths = {"January",   "February", "March",    "April",
                                                      "May",       "June",     "July",     "August",
                                                      "September", "October",  "November", "December"};

struct Zone {
  std::string_view name;
  int hours;
};
// RFC 5322 §4.3 gives these, and no others, a certain meaning.
constexpr std::array<Zone, 12> kZones = {{{"GMT", 0},
                                          {"UTC", 0},
                                          {"UT", 0},
                                          {"Z", 0},
                                          {"EST", -5},
                                          {"EDT", -4},
                                          {"CST", -6},
                                          {"CDT", -5},
                                          {"MST", -7},
                                          {"MDT", -6},
                                          {"PST", -8},
                                          {"PDT", -7}}};

// The 1-based position of a name given in full or by its first three letters.
template <std::size_t N>
std::optional<unsigned> position_of(const std::array<std::string_view, N>& names, std::string_view word) {
  for (std::size_t i = 0; i < N; ++i) {
    if (equals_ignore_case_inline(word, names[i]) || equals_ignore_case_inline(word, names[i].substr(0, 3))) {
      return static_cast<unsigned>(i + 1);
    }
  }
  return std::nullopt;
}

struct Fields {
  int year = 0;
  unsigned month = 0;
  unsigned day = 0;
  int hour = 0;
  int minute = 0;
  int second = 0;
  std::chrono::minutes offset{0};
};

// Reads one piece after the other; a piece that is not there leaves the position alone and reports false.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  bool date(Fields& fields) {
    if (!weekday()) return false;
    const bool month_first = !rest_.empty() && is_alpha(rest_.front());
    return month_first ? month_day(fields) : day_month_year(fields);
  }

 private:
  // "Sun", "Sunday" and a comma, each of which may be missing.
  bool weekday() {
    skip_spaces();
    const std::string_view before = rest_;
    const std::string_view name = word();
    if (!name.empty() && !position_of(kWeekdays, name)) {
      rest_ = before;
      return position_of(kMonths, name).has_value();
    }
    if (!rest_.empty() && rest_.front() == ',') rest_.remove_prefix(1);
    skip_spaces();
    return true;
  }

  // "06 Nov 1994 08:49:37 GMT", "06-Nov-94 ...", "06-11-1994 ..."
  bool day_month_year(Fields& fields) {
    return number(fields.day, 1, 2) && separator() && month(fields.month) && separator() && year(fields.year) &&
           spaces() && time(fields) && spaces() && zone(fields.offset);
  }

  // "Nov  6 08:49:37 1994" without a zone, or "Nov 6 1994 08:49:37 GMT"
  bool month_day(Fields& fields) {
    if (!month(fields.month) || !spaces() || !number(fields.day, 1, 2) || !spaces()) return false;
    const std::string_view before = rest_;
    if (time(fields)) return spaces() && year(fields.year) && ends_here();
    rest_ = before;
    return year(fields.year) && spaces() && time(fields) && spaces() && zone(fields.offset);
  }

  bool month(unsigned& out) {
    if (!rest_.empty() && is_digit(rest_.front())) return number(out, 2, 2);
    const auto position = position_of(kMonths, word());
    if (position) out = *position;
    return position.has_value();
  }

  bool year(int& out) {
    const std::size_t before = rest_.size();
    unsigned value = 0;
    if (!number(value, 2, 4)) return false;
    const std::size_t digits = before - rest_.size();
    if (digits == 3) return false;
    out = static_cast<int>(value);
    if (digits == 2) out += out < 70 ? 2000 : 1900;
    return true;
  }

  // "08:49:37", or "08-49-37" as some servers wrote in cookies
  bool time(Fields& fields) {
    unsigned hour = 0;
    unsigned minute = 0;
    unsigned second = 0;
    if (!number(hour, 1, 2) || rest_.empty()) return false;
    const char mark = rest_.front();
    if (mark != ':' && mark != '-') return false;
    if (!take(mark) || !number(minute, 2, 2) || !take(mark) || !number(second, 2, 2)) return false;
    if (hour > 23 || minute > 59 || second > 60) return false;
    fields.hour = static_cast<int>(hour);
    fields.minute = static_cast<int>(minute);
    fields.second = static_cast<int>(second);
    return true;
  }

  // "GMT", "PST", "+0100", "GMT-08:00"
  bool zone(std::chrono::minutes& offset) {
    const std::string_view name = word();
    bool known = name.empty();
    bool universal = true;
    for (const Zone& candidate : kZones) {
      if (!equals_ignore_case_inline(name, candidate.name)) continue;
      known = true;
      universal = candidate.hours == 0;
      offset = std::chrono::hours(candidate.hours);
    }
    if (!known) return false;
    const bool is_signed = !rest_.empty() && (rest_.front() == '+' || rest_.front() == '-');
    if (is_signed && !(universal && numeric_offset(offset))) return false;
    if (!is_signed && name.empty()) return false;
    return ends_here() || rest_.front() == ' ';
  }

  bool numeric_offset(std::chrono::minutes& offset) {
    const bool west = rest_.front() == '-';
    rest_.remove_prefix(1);
    unsigned hours = 0;
    unsigned minutes = 0;
    if (!number(hours, 1, 2)) return false;
    take(':');
    if (!number(minutes, 2, 2) || hours > 23 || minutes > 59) return false;
    offset = std::chrono::minutes(static_cast<int>(hours * 60 + minutes));
    if (west) offset = -offset;
    return true;
  }

  std::string_view word() {
    std::size_t length = 0;
    while (length < rest_.size() && is_alpha(rest_[length])) ++length;
    const std::string_view taken = rest_.substr(0, length);
    rest_.remove_prefix(length);
    return taken;
  }

  bool number(unsigned& out, std::size_t min_digits, std::size_t max_digits) {
    std::size_t length = 0;
    out = 0;
    while (length < rest_.size() && length < max_digits && is_digit(rest_[length])) {
      out = out * 10 + static_cast<unsigned>(rest_[length] - '0');
      ++length;
    }
    rest_.remove_prefix(length);
    return length >= min_digits && (rest_.empty() || !is_digit(rest_.front()) || max_digits == length);
  }

  bool take(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }

  bool separator() { return take('-') || spaces(); }

  bool spaces() {
    if (!take(' ')) return false;
    skip_spaces();
    return true;
  }

  void skip_spaces() {
    while (take(' ')) {
    }
  }

  bool ends_here() { return rest_.find_first_not_of(' ') == std::string_view::npos; }

  std::string_view rest_;
};

std::chrono::system_clock::time_point to_clock(std::chrono::sys_seconds moment) {
  using Clock = std::chrono::system_clock;
  // The clock counts nanoseconds on Linux and ends in the year 2262; many servers send "Expires: ... 9999".
  const auto earliest = std::chrono::ceil<std::chrono::seconds>(Clock::time_point::min());
  const auto latest = std::chrono::floor<std::chrono::seconds>(Clock::time_point::max());
  if (moment <= earliest) return earliest;
  if (moment >= latest) return latest;
  return moment;
}

void append_padded(std::string& out, int value, int width) {
  std::array<char, 8> digits{};
  for (int i = width; i-- > 0; value /= 10) digits[static_cast<std::size_t>(i)] = static_cast<char>('0' + value % 10);
  out.append(digits.data(), static_cast<std::size_t>(width));
}

}  // namespace

std::optional<std::chrono::system_clock::time_point> parse_http_date(std::string_view text) {
  Fields fields;
  if (!Scanner(text).date(fields)) return std::nullopt;
  const std::chrono::year_month_day day{std::chrono::year(fields.year), std::chrono::month(fields.month),
                                        std::chrono::day(fields.day)};
  if (!day.ok()) return std::nullopt;
  const std::chrono::sys_seconds moment = std::chrono::sys_days(day) + std::chrono::hours(fields.hour) +
                                          std::chrono::minutes(fields.minute) + std::chrono::seconds(fields.second);
  return to_clock(moment - fields.offset);
}

std::string format_http_date(std::chrono::system_clock::time_point date) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(date);
  const auto midnight = std::chrono::floor<std::chrono::days>(seconds);
  const std::chrono::year_month_day day(midnight);
  const std::chrono::hh_mm_ss time(seconds - midnight);
  std::string text;
  text.reserve(29);
  text += kWeekdays[std::chrono::weekday(midnight).c_encoding()].substr(0, 3);
  text += ", ";
  append_padded(text, static_cast<int>(static_cast<unsigned>(day.day())), 2);
  text += ' ';
  text += kMonths[static_cast<unsigned>(day.month()) - 1].substr(0, 3);
  text += ' ';
  append_padded(text, static_cast<int>(day.year()), 4);
  text += ' ';
  append_padded(text, static_cast<int>(time.hours().count()), 2);
  text += ':';
  append_padded(text, static_cast<int>(time.minutes().count()), 2);
  text += ':';
  append_padded(text, static_cast<int>(time.seconds().count()), 2);
  text += " GMT";
  return text;
}

}  // namespace okhttp

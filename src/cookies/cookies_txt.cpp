#include "cookies/cookies_txt.hpp"

#include <okhttp/cookie_jar.hpp>
#include <okhttp/error.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <filesystem>
#include <limits>
#include <optional>
#include <span>
#include <stdexcept>
#include <system_error>

#include "http/ascii.hpp"
#include "http/cookie_date.hpp"
#include "runtime/file.hpp"

namespace okhttp::internal {
namespace {

constexpr std::string_view kHeading = "# Netscape HTTP Cookie File";
constexpr std::string_view kHttpOnly = "#HttpOnly_";
constexpr std::size_t kColumns = 7;
constexpr std::size_t kMaxFileSize = std::size_t{16} << 20;

std::optional<bool> read_flag(std::string_view text) noexcept {
  if (equals_ignore_case_inline(text, "TRUE")) return true;
  if (equals_ignore_case_inline(text, "FALSE")) return false;
  return std::nullopt;
}

/// 0 is a session; a number of seconds that is too great for a number is the greatest one.
std::optional<long long> read_seconds(std::string_view text) noexcept {
  long long seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (end != text.data() + text.size() || error == std::errc::invalid_argument) return std::nullopt;
  if (error == std::errc::result_out_of_range) {
    return text.starts_with('-') ? 1 : std::numeric_limits<long long>::max();
  }
  return seconds;
}

/// Nothing for a line that is no cookie.
std::optional<Cookie> read_line(std::string_view line) {
  const bool http_only = line.starts_with(kHttpOnly);
  if (http_only) line.remove_prefix(kHttpOnly.size());
  if (line.empty() || line.front() == '#') return std::nullopt;
  std::array<std::string_view, kColumns> columns;
  std::size_t count = 0;
  while (count < kColumns) {
    const std::size_t tab = std::min(line.find('\t'), line.size());
    columns[count++] = line.substr(0, tab);
    if (tab == line.size()) break;
    line.remove_prefix(tab + 1);
    if (count == kColumns) return std::nullopt;
  }
  // curl writes no last tab before an empty value.
  if (count < kColumns - 1) return std::nullopt;
  const auto subdomains = read_flag(columns[1]);
  const auto secure = read_flag(columns[3]);
  const auto seconds = read_seconds(columns[4]);
  if (!subdomains.has_value() || !secure.has_value() || !seconds.has_value()) return std::nullopt;
  std::string_view domain = columns[0];
  if (domain.starts_with('.')) domain.remove_prefix(1);
  try {
    Cookie::Builder cookie;
    if (*subdomains) {
      cookie.domain(domain);
    } else {
      cookie.host_only_domain(domain);
    }
    cookie.path(columns[2]).secure(*secure).http_only(http_only).name(columns[5]).value(columns[6]);
    if (*seconds != 0) cookie.expires_at(time_of(*seconds));
    return cookie.build();
  } catch (const std::invalid_argument&) {
    return std::nullopt;
  }
}

/// Never 0 for a cookie that expires: that would make it last.
long long seconds_of(const Cookie& cookie) noexcept {
  if (!cookie.expires_at().has_value()) return 0;
  const auto since_1970 = std::chrono::floor<std::chrono::seconds>(cookie.expires_at()->time_since_epoch());
  return std::max<long long>(since_1970.count(), 1);
}

}  // namespace

CookiesTxt read_cookies_txt(std::string_view text, Cookie::TimePoint now) {
  CookiesTxt result;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view whole = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    std::string_view line = whole;
    if (line.ends_with('\r')) line.remove_suffix(1);
    std::optional<Cookie> cookie = read_line(line);
    if (cookie.has_value()) {
      if (!cookie->is_expired(now)) result.cookies.push_back(std::move(*cookie));
    } else if (!line.empty() && line != kHeading) {
      result.other_lines.emplace_back(whole);
    }
  }
  return result;
}

std::string cookies_txt_of(const std::vector<Cookie>& cookies, const std::vector<std::string>& other_lines) {
  std::string text(kHeading);
  text += '\n';
  for (const std::string& line : other_lines) text.append(line).append("\n");
  for (const Cookie& cookie : cookies) {
    if (cookie.is_http_only()) text += kHttpOnly;
    if (!cookie.host_only()) text += '.';
    text.append(cookie.domain()).append(cookie.host_only() ? "\tFALSE\t" : "\tTRUE\t");
    text.append(cookie.path()).append(cookie.is_secure() ? "\tTRUE\t" : "\tFALSE\t");
    text.append(std::to_string(seconds_of(cookie))).append("\t");
    text.append(cookie.name()).append("\t").append(cookie.value()).append("\n");
  }
  return text;
}

std::string load_cookies_txt(const std::string& path) {
  std::error_code failure;
  const bool exists = std::filesystem::exists(path, failure);
  if (!exists && !failure) return {};
  InputFile file(path);
  if (file.size() > kMaxFileSize) {
    throw Error(Errc::limit_exceeded, Blame::caller, "more than 16 MiB of cookies in " + path);
  }
  std::string text(static_cast<std::size_t>(file.size()), '\0');
  std::size_t size = 0;
  while (size < text.size()) {
    const std::size_t count = file.read(std::as_writable_bytes(std::span(text).subspan(size)));
    if (count == 0) break;
    size += count;
  }
  text.resize(size);
  return text;
}

void save_cookies_txt(const std::string& path, std::string_view text) {
  constexpr unsigned kForOwner = 0600;  // CVE-2022-32207: cookies are secrets
  ReplacementFile file(path, kForOwner);
  file.write(std::as_bytes(std::span(text)));
  file.commit();
}

}  // namespace okhttp::internal

namespace okhttp {

std::vector<Cookie> parse_cookies_txt(std::string_view text, Cookie::TimePoint now) {
  return internal::read_cookies_txt(text, now).cookies;
}

std::string format_cookies_txt(const std::vector<Cookie>& cookies) { return internal::cookies_txt_of(cookies, {}); }

void write_cookies_txt(const std::string& path, const std::vector<Cookie>& cookies) {
  internal::save_cookies_txt(path, format_cookies_txt(cookies));
}

}  // namespace okhttp

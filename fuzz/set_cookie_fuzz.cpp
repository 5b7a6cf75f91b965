#include <okhttp/cookie.hpp>
#include <okhttp/cookie_jar.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

// The input's first line is a URL, each further one a Set-Cookie field of a response from there. All of it is also read
// as a cookies.txt.

namespace {

using okhttp::Cookie;

const Cookie::TimePoint kNow{std::chrono::seconds(1767225600)};

void require(bool condition) {
  if (!condition) std::abort();
}

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

std::string_view take_line(std::string_view& text) {
  const std::size_t end = std::min(text.find('\n'), text.size());
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return line;
}

void check(const Cookie& cookie) {
  const std::string text = cookie.to_set_cookie();
  require(std::none_of(text.begin(), text.end(), is_control));
  require(cookie.name().size() + cookie.value().size() <= 4096);
  require(!cookie.name().empty() || !cookie.value().empty());
  require(cookie.path().starts_with('/') && !cookie.domain().empty());
  require(cookie.name_and_value().find(';') == std::string::npos);
}

void check_from(const okhttp::Url& url, const Cookie& cookie) {
  check(cookie);
  require(!cookie.is_secure() || url.is_tls());
  const bool within = url.host() == cookie.domain() || url.host().ends_with("." + cookie.domain());
  require(cookie.host_only() ? url.host() == cookie.domain() : within && !url.host_is_ip());
  // A default path may hold what an attribute cannot.
  if (cookie.path().size() > 1024 || cookie.path().find(';') != std::string::npos) return;
  const auto again = Cookie::parse(kNow, url, cookie.to_set_cookie());
  require(again.has_value());
  require(again->name_and_value() == cookie.name_and_value() && again->path() == cookie.path());
  require(again->domain() == cookie.domain() && again->host_only() == cookie.host_only());
}

void check_file(std::string_view text) {
  for (const Cookie& cookie : okhttp::parse_cookies_txt(text, kNow)) {
    check(cookie);
    const auto again = okhttp::parse_cookies_txt(okhttp::format_cookies_txt({cookie}), kNow);
    require(again.size() == 1 && again[0] == cookie);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string input(reinterpret_cast<const char*>(data), size);
  check_file(input);
  std::string_view rest = input;
  const auto url = okhttp::Url::try_parse(take_line(rest));
  if (!url.has_value()) return 0;
  okhttp::MemoryCookieJar jar;
  while (!rest.empty()) {
    const auto cookie = Cookie::parse(kNow, *url, take_line(rest));
    if (!cookie.has_value()) continue;
    check_from(*url, *cookie);
    jar.save_from_response(*url, {*cookie});
  }
  for (const Cookie& cookie : jar.load_for_request(*url)) require(cookie.matches(*url));
  return 0;
}

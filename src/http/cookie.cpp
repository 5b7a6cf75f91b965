#include <okhttp/cookie.hpp>
#include <okhttp/http_date.hpp>

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <utility>

#include "http/ascii.hpp"
#include "http/cookie_date.hpp"
#include "http/cookie_rules.hpp"
#include "http/public_suffix.hpp"
#include "http/redact.hpp"

namespace okhttp {
namespace {

using internal::equals_ignore_case_inline;
using internal::trim_ows;

using TimePoint = Cookie::TimePoint;

/// RFC 6265bis §5.5: a cookie does not outlive this.
constexpr long long kMaxAge = 400LL * 24 * 60 * 60;

bool begins_with_ignoring_case(std::string_view text, std::string_view prefix) noexcept {
  return text.size() >= prefix.size() && equals_ignore_case_inline(text.substr(0, prefix.size()), prefix);
}

/// What the attributes say; of each kind the last one counts (RFC 6265bis §5.6).
struct Attributes {
  std::optional<TimePoint> expires;
  std::optional<TimePoint> max_age;
  std::string_view domain;
  std::string_view path;
  bool secure = false;
  bool http_only = false;
  Cookie::SameSite same_site = Cookie::SameSite::unspecified;

  void read(TimePoint now, std::string_view text) {
    while (!text.empty()) {
      const std::size_t end = std::min(text.find(';'), text.size());
      const std::string_view attribute = text.substr(0, end);
      const std::size_t equals = std::min(attribute.find('='), attribute.size());
      const std::string_view value = trim_ows(attribute.substr(std::min(equals + 1, attribute.size())));
      if (value.size() <= internal::kMaxCookieAttributeSize) set(now, trim_ows(attribute.substr(0, equals)), value);
      text.remove_prefix(std::min(end + 1, text.size()));
    }
  }

 private:
  void set(TimePoint now, std::string_view name, std::string_view value) {
    if (equals_ignore_case_inline(name, "Expires")) {
      if (const auto date = internal::parse_cookie_date(value); date.has_value()) {
        expires = std::min(*date, now + std::chrono::seconds(kMaxAge));
      }
    } else if (equals_ignore_case_inline(name, "Max-Age")) {
      set_max_age(now, value);
    } else if (equals_ignore_case_inline(name, "Domain")) {
      domain = value;
      if (domain.starts_with('.')) domain.remove_prefix(1);
    } else if (equals_ignore_case_inline(name, "Path")) {
      path = value.starts_with('/') ? value : std::string_view();
    } else if (equals_ignore_case_inline(name, "Secure")) {
      secure = true;
    } else if (equals_ignore_case_inline(name, "HttpOnly")) {
      http_only = true;
    } else if (equals_ignore_case_inline(name, "SameSite")) {
      set_same_site(value);
    }
  }

  void set_max_age(TimePoint now, std::string_view value) {
    const bool negative = value.starts_with('-');
    const std::string_view digits = value.substr(negative ? 1 : 0);
    if (value.empty() || !std::all_of(digits.begin(), digits.end(), internal::is_digit)) return;
    long long age = 0;
    for (const char c : digits) age = std::min(age * 10 + (c - '0'), kMaxAge);
    // What is not above 0 is the earliest time there is.
    max_age = negative || age == 0 ? internal::time_of(0) : now + std::chrono::seconds(age);
  }

  void set_same_site(std::string_view value) {
    same_site = Cookie::SameSite::unspecified;
    if (equals_ignore_case_inline(value, "None")) same_site = Cookie::SameSite::none;
    if (equals_ignore_case_inline(value, "Lax")) same_site = Cookie::SameSite::lax;
    if (equals_ignore_case_inline(value, "Strict")) same_site = Cookie::SameSite::strict;
  }
};

/// RFC 6265bis §5.7, steps on the prefixes. A cookie without a name must not look, on its way back, like one that has
/// such a name.
bool keeps_promise_of_prefix(const Cookie& cookie, bool path_was_given) noexcept {
  if (cookie.name().empty()) {
    return !begins_with_ignoring_case(cookie.value(), "__Secure-") &&
           !begins_with_ignoring_case(cookie.value(), "__Host-");
  }
  if (begins_with_ignoring_case(cookie.name(), "__Secure-")) return cookie.is_secure();
  if (!begins_with_ignoring_case(cookie.name(), "__Host-")) return true;
  return cookie.is_secure() && cookie.host_only() && path_was_given && cookie.path() == "/";
}

std::string lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(), internal::to_lower);
  return result;
}

/// Where a cookie with that Domain attribute belongs (RFC 6265bis §5.7, steps on the domain).
struct Place {
  std::string domain;
  bool host_only;
};
std::optional<Place> place_of(const Url& url, std::string_view attribute) {
  const std::string_view host = url.host();
  const std::string domain = lower(attribute);
  // A public suffix, or an address, may still mean itself.
  if (domain.empty() || (domain == host && (url.host_is_ip() || internal::is_public_suffix(host)))) {
    return Place{std::string(host), true};
  }
  if (url.host_is_ip() || domain.starts_with('.') || !internal::is_within_domain(host, domain)) return std::nullopt;
  if (internal::is_public_suffix(domain)) return std::nullopt;
  return Place{domain, false};
}

std::string_view name_of(Cookie::SameSite same_site) noexcept {
  switch (same_site) {
    case Cookie::SameSite::none:
      return "None";
    case Cookie::SameSite::lax:
      return "Lax";
    case Cookie::SameSite::strict:
      return "Strict";
    case Cookie::SameSite::unspecified:
      break;
  }
  return "";
}

void check_part(std::string_view what, std::string_view text, std::string_view excluded) {
  if (internal::has_control_character(text)) {
    throw std::invalid_argument("Cookie: a control character in the " + std::string(what));
  }
  if (text.find_first_of(excluded) != std::string_view::npos) {
    throw std::invalid_argument("Cookie: none of '" + std::string(excluded) + "' may be in the " + std::string(what));
  }
  if (trim_ows(text).size() != text.size()) {
    throw std::invalid_argument("Cookie: white space around the " + std::string(what));
  }
}

}  // namespace

std::optional<Cookie> Cookie::parse(TimePoint now, const Url& url, std::string_view set_cookie) {
  const std::size_t pair_end = std::min(set_cookie.find(';'), set_cookie.size());
  const std::string_view pair = set_cookie.substr(0, pair_end);
  const std::size_t equals = pair.find('=');
  // RFC 6265bis §5.6: without a '=' all of it is the value.
  const std::string_view name =
      equals != std::string_view::npos ? trim_ows(pair.substr(0, equals)) : std::string_view();
  const std::string_view value = trim_ows(equals != std::string_view::npos ? pair.substr(equals + 1) : pair);
  if (name.size() + value.size() > internal::kMaxCookieSize || (name.empty() && value.empty())) return std::nullopt;

  Attributes attributes;
  attributes.read(now, set_cookie.substr(std::min(pair_end + 1, set_cookie.size())));
  // The tab around parts was taken off. One inside would make two columns of one in a cookies.txt.
  if (internal::has_control_character(name) || internal::has_control_character(value) ||
      internal::has_control_character(attributes.path)) {
    return std::nullopt;
  }
  // RFC 6265bis §5.6, step 1: anywhere.
  const auto is_forbidden = [](char c) { return c != '\t' && internal::has_control_character({&c, 1}); };
  if (std::any_of(set_cookie.begin(), set_cookie.end(), is_forbidden)) return std::nullopt;
  if (attributes.secure && !url.is_tls()) return std::nullopt;
  std::optional<Place> place = place_of(url, attributes.domain);
  if (!place.has_value()) return std::nullopt;

  Cookie cookie;
  cookie.name_ = name;
  cookie.value_ = value;
  cookie.domain_ = std::move(place->domain);
  cookie.host_only_ = place->host_only;
  cookie.path_ = attributes.path.empty() ? internal::default_cookie_path(url.encoded_path()) : attributes.path;
  cookie.expires_at_ = attributes.max_age.has_value() ? attributes.max_age : attributes.expires;
  cookie.secure_ = attributes.secure;
  cookie.http_only_ = attributes.http_only;
  cookie.same_site_ = attributes.same_site;
  if (!keeps_promise_of_prefix(cookie, !attributes.path.empty())) return std::nullopt;
  return cookie;
}

std::optional<Cookie> Cookie::parse(const Url& url, std::string_view set_cookie) {
  return parse(std::chrono::system_clock::now(), url, set_cookie);
}

std::vector<Cookie> Cookie::parse_all(TimePoint now, const Url& url, const Headers& headers) {
  std::vector<Cookie> cookies;
  for (std::size_t i = headers.find("Set-Cookie"); i < headers.size(); i = headers.find("Set-Cookie", i + 1)) {
    std::optional<Cookie> cookie = parse(now, url, headers.value(i));
    if (cookie.has_value()) cookies.push_back(std::move(*cookie));
  }
  return cookies;
}

std::vector<Cookie> Cookie::parse_all(const Url& url, const Headers& headers) {
  return parse_all(std::chrono::system_clock::now(), url, headers);
}

bool Cookie::matches(const Url& url) const noexcept {
  if (secure_ && !url.is_tls()) return false;
  const bool host_fits =
      host_only_ ? url.host() == domain_ : !url.host_is_ip() && internal::is_within_domain(url.host(), domain_);
  return host_fits && internal::path_matches(url.encoded_path(), path_);
}

std::string Cookie::name_and_value() const { return name_.empty() ? value_ : name_ + '=' + value_; }
std::string Cookie::to_set_cookie() const { return text(value_); }
std::string Cookie::to_string() const { return text(internal::kRedacted); }

std::string Cookie::text(std::string_view value) const {
  std::string text;
  // Without the '=' a value that holds one would be read as a name.
  if (!name_.empty() || value.find('=') != std::string_view::npos) text += name_ + '=';
  text += value;
  if (expires_at_.has_value()) text += "; Expires=" + format_http_date(*expires_at_);
  if (!host_only_) text += "; Domain=" + domain_;
  text += "; Path=" + path_;
  if (secure_) text += "; Secure";
  if (http_only_) text += "; HttpOnly";
  if (same_site_ != SameSite::unspecified) text.append("; SameSite=").append(name_of(same_site_));
  return text;
}

bool operator==(const Cookie& a, const Cookie& b) noexcept {
  return a.name_ == b.name_ && a.value_ == b.value_ && a.domain_ == b.domain_ && a.path_ == b.path_ &&
         a.expires_at_ == b.expires_at_ && a.host_only_ == b.host_only_ && a.secure_ == b.secure_ &&
         a.http_only_ == b.http_only_ && a.same_site_ == b.same_site_;
}

Cookie::Builder& Cookie::Builder::name(std::string_view name) {
  check_part("name", name, "=;");
  cookie_.name_ = name;
  return *this;
}

Cookie::Builder& Cookie::Builder::value(std::string_view value) {
  check_part("value", value, ";");
  cookie_.value_ = value;
  return *this;
}

void Cookie::Builder::set_domain(std::string_view domain, bool host_only) {
  const Url url = Url::Builder().scheme("http").host(domain).build();
  cookie_.domain_ = url.host();
  cookie_.host_only_ = host_only || url.host_is_ip();
  if (!cookie_.host_only_ && internal::is_public_suffix(cookie_.domain_)) {
    throw std::invalid_argument("Cookie: " + cookie_.domain_ +
                                " is a public suffix; host_only_domain() is for a host of that name");
  }
}

Cookie::Builder& Cookie::Builder::domain(std::string_view domain) {
  set_domain(domain, false);
  return *this;
}

Cookie::Builder& Cookie::Builder::host_only_domain(std::string_view domain) {
  set_domain(domain, true);
  return *this;
}

Cookie::Builder& Cookie::Builder::path(std::string_view path) {
  check_part("path", path, "");
  if (!path.starts_with('/')) throw std::invalid_argument("Cookie: the path must begin with '/'");
  cookie_.path_ = path;
  return *this;
}

Cookie::Builder& Cookie::Builder::expires_at(std::optional<TimePoint> time) {
  cookie_.expires_at_ = time;
  return *this;
}

Cookie::Builder& Cookie::Builder::secure(bool secure) {
  cookie_.secure_ = secure;
  return *this;
}

Cookie::Builder& Cookie::Builder::http_only(bool http_only) {
  cookie_.http_only_ = http_only;
  return *this;
}

Cookie::Builder& Cookie::Builder::same_site(SameSite same_site) {
  cookie_.same_site_ = same_site;
  return *this;
}

Cookie Cookie::Builder::build() const {
  if (cookie_.domain_.empty()) throw std::invalid_argument("Cookie: there is no domain");
  if (cookie_.name_.empty() && cookie_.value_.empty()) throw std::invalid_argument("Cookie: neither name nor value");
  if (cookie_.name_.size() + cookie_.value_.size() > internal::kMaxCookieSize) {
    throw std::invalid_argument("Cookie: name and value have more than 4096 bytes");
  }
  if (!keeps_promise_of_prefix(cookie_, true)) {
    throw std::invalid_argument("Cookie: the prefix of the name promises more than the attributes keep");
  }
  return cookie_;
}

}  // namespace okhttp

#pragma once

#include <okhttp/chrono.hpp>
#include <okhttp/config.hpp>
#include <okhttp/headers.hpp>
#include <okhttp/url.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace okhttp {

/// A cookie as a server set it, or as a Builder made it (RFC 6265bis). An immutable value, safe to share.
///
/// What counts as a cookie, and for whom, is decided where it is made, so that one that exists obeys these rules:
/// 1. Name, value and path hold no control characters; name and value have 4096 bytes at most together.
/// 2. It is for one host (host_only), or for a domain with all its subdomains that is neither a public suffix ("com",
///    "co.uk") nor an IP address.
/// 3. A name that begins with `__Secure-` or `__Host-`, in any case, keeps what the prefix promises.
class OKHTTP_API Cookie {
 public:
  class Builder;
  using TimePoint = std::chrono::system_clock::time_point;

  /// Which requests begun by other sites carry it in a browser. This library has no pages, hence no other sites: it
  /// only reports this.
  enum class SameSite : std::uint8_t { unspecified, none, lax, strict };

  /// Reads a Set-Cookie field that came with a response from `url`, at the time `now`. Nothing if it has to be ignored:
  /// control characters (tabs inside name, value or path too), size, a domain that is not of this host or is a public
  /// suffix, Secure from a URL without TLS, a prefix whose promise is not kept.
  ///
  /// Max-Age counts before Expires. Either is cut to 400 days ahead (RFC 6265bis §5.5), and one that is past makes a
  /// cookie that is expired, with which servers delete others. An attribute that is malformed, or longer than 1024
  /// bytes, is passed over.
  [[nodiscard]] static std::optional<Cookie> parse(TimePoint now, const Url& url, std::string_view set_cookie);
  /// The same, now.
  [[nodiscard]] static std::optional<Cookie> parse(const Url& url, std::string_view set_cookie);
  /// Those of all Set-Cookie fields that need not be ignored, in order.
  [[nodiscard]] static std::vector<Cookie> parse_all(TimePoint now, const Url& url, const Headers& headers);
  [[nodiscard]] static std::vector<Cookie> parse_all(const Url& url, const Headers& headers);

  /// Empty for a cookie without a name, as `Set-Cookie: text` makes.
  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  /// Likely to be a secret.
  [[nodiscard]] const std::string& value() const noexcept { return value_; }
  /// The host, or the domain without a leading dot, in lower case.
  [[nodiscard]] const std::string& domain() const noexcept { return domain_; }
  /// True when it is for that one host, false when for its subdomains too.
  [[nodiscard]] bool host_only() const noexcept { return host_only_; }
  /// Begins with '/'.
  [[nodiscard]] const std::string& path() const noexcept { return path_; }
  /// Nothing for one that lasts as long as the session. Whole seconds unless a Builder was given others.
  [[nodiscard]] const std::optional<TimePoint>& expires_at() const noexcept { return expires_at_; }
  [[nodiscard]] bool is_persistent() const noexcept { return expires_at_.has_value(); }
  [[nodiscard]] bool is_expired(TimePoint now) const noexcept { return expires_at_.has_value() && *expires_at_ <= now; }
  /// For URLs with TLS only.
  [[nodiscard]] bool is_secure() const noexcept { return secure_; }
  /// Not for scripts, of which this library has none.
  [[nodiscard]] bool is_http_only() const noexcept { return http_only_; }
  [[nodiscard]] SameSite same_site() const noexcept { return same_site_; }

  /// True when a request for `url` carries this cookie: host, path and TLS fit. Whether it is expired is not looked at.
  [[nodiscard]] bool matches(const Url& url) const noexcept;

  /// As it stands in a Cookie field: "name=value", or the value alone when there is no name. Not for logs.
  [[nodiscard]] std::string name_and_value() const;
  /// As a Set-Cookie field, which parse() reads as the same cookie if the path has no ';'. Not for logs.
  [[nodiscard]] std::string to_set_cookie() const;
  /// As to_set_cookie(), but with "██" for the value: for logs.
  [[nodiscard]] std::string to_string() const;

  /// True when everything is equal.
  friend OKHTTP_API bool operator==(const Cookie& a, const Cookie& b) noexcept;

 private:
  Cookie() = default;
  [[nodiscard]] std::string text(std::string_view value) const;

  std::string name_;
  std::string value_;
  std::string domain_;
  std::string path_ = "/";
  std::optional<TimePoint> expires_at_;
  bool host_only_ = true;
  bool secure_ = false;
  bool http_only_ = false;
  SameSite same_site_ = SameSite::unspecified;
};

/// Collects a Cookie. What would break its rules throws std::invalid_argument, which never shows the value.
class OKHTTP_API Cookie::Builder {
 public:
  /// Starts with the path "/" and nothing else; a domain, and a name or a value, are required.
  Builder() = default;
  /// Starts as a copy.
  explicit Builder(Cookie cookie) : cookie_(std::move(cookie)) {}

  /// No '=' or ';', no white space around it.
  Builder& name(std::string_view name);
  /// No ';', no white space around it.
  Builder& value(std::string_view value);
  /// For that host and all its subdomains. An IP address means itself alone.
  Builder& domain(std::string_view domain);
  /// For that host alone.
  Builder& host_only_domain(std::string_view domain);
  /// Begins with '/'.
  Builder& path(std::string_view path);
  /// Nothing makes a session cookie.
  Builder& expires_at(std::optional<TimePoint> time);
  Builder& secure(bool secure = true);
  Builder& http_only(bool http_only = true);
  Builder& same_site(SameSite same_site);

  [[nodiscard]] Cookie build() const;

 private:
  void set_domain(std::string_view domain, bool host_only);
  Cookie cookie_;
};

}  // namespace okhttp

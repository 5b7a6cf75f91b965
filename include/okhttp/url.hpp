#pragma once

#include <okhttp/config.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace okhttp {

namespace internal {
struct UrlRecord;
}

/// An absolute URL whose scheme is http, https, ws or wss, parsed and normalised by the rules of the WHATWG URL
/// Standard.
///
/// An immutable value, safe to share between threads. Copying shares one normalised string and costs a reference count;
/// the views that accessors return stay valid as long as any copy of this object exists. A moved-from Url may only be
/// assigned to or destroyed.
///
///     https://user:secret@example.com:8443/a/b%20c?q=1&r#top
///     scheme  username    host        port path    query fragment
///
/// Names that begin with `encoded_` give a component as it stands in the URL; the same name without the prefix gives it
/// percent-decoded. Decoding yields whatever bytes were encoded, which need not be UTF-8. Components are decoded one at
/// a time: `path_segments()` tells "/a%2Fb" (one segment) from "/a/b" (two), which a decoded whole path could not.
///
/// Invariants:
/// 1. The host is what is dialled, compared and verified: lower case, international names in Punycode, IPv4 in dotted
///    decimals whatever the input's notation, IPv6 compressed. It is never empty.
/// 2. The path begins with '/' and holds no dot segments. A port that is the scheme's default is not written.
/// 3. The text is printable ASCII without spaces, so it can stand in a request line as it is.
/// 4. `Url::parse(url.to_string()) == url`.
class OKHTTP_API Url {
 public:
  class Builder;

  /// Parses an absolute URL.
  /// Throws std::invalid_argument, which says what is wrong and never shows user information.
  /// Input of more than 1 MiB is refused. Bytes of 0x80 and above are percent-encoded as they are, except in the host,
  /// which must be UTF-8.
  [[nodiscard]] static Url parse(std::string_view text);
  /// As parse, but returns nothing where parse would throw.
  [[nodiscard]] static std::optional<Url> try_parse(std::string_view text);

  /// The URL that `reference`, absolute or relative, means on a page at this URL. Nothing if it is malformed or its
  /// scheme is not supported.
  [[nodiscard]] std::optional<Url> resolve(std::string_view reference) const;

  /// "http", "https", "ws" or "wss".
  [[nodiscard]] std::string_view scheme() const noexcept;
  /// True for https and wss.
  [[nodiscard]] bool is_tls() const noexcept;

  /// The user name; empty when there is none.
  [[nodiscard]] std::string_view encoded_username() const noexcept;
  [[nodiscard]] std::string username() const;
  /// The password; empty when there is none.
  [[nodiscard]] std::string_view encoded_password() const noexcept;
  [[nodiscard]] std::string password() const;

  /// The canonical host: a domain in ASCII, a dotted IPv4 address, or an IPv6 address without brackets.
  [[nodiscard]] std::string_view host() const noexcept;
  /// True when the host is an IPv4 or IPv6 address.
  [[nodiscard]] bool host_is_ip() const noexcept;
  /// The port given, else the scheme's default.
  [[nodiscard]] std::uint16_t port() const noexcept;
  /// 80 for http and ws, 443 for https and wss, 0 for anything else.
  [[nodiscard]] static std::uint16_t default_port(std::string_view scheme) noexcept;
  /// What the Host header or `:authority` carries: the host, in brackets if it is IPv6, and ":port" unless it is the
  /// scheme's default. Never user information.
  [[nodiscard]] std::string_view host_header() const noexcept;

  /// The path, "/" at least.
  [[nodiscard]] std::string_view encoded_path() const noexcept;
  /// The path's segments, one at least: "/" has one empty segment, "/a/" has "a" and an empty one.
  [[nodiscard]] std::vector<std::string_view> encoded_path_segments() const;
  [[nodiscard]] std::vector<std::string> path_segments() const;
  [[nodiscard]] std::size_t path_size() const noexcept;

  /// The query without its '?'. "http://h/?" has an empty query, "http://h/" none.
  [[nodiscard]] std::optional<std::string_view> encoded_query() const noexcept;
  /// The query decoded as HTML forms encode it: '+' is a space. Ambiguous where a value holds '&' or '=': to read
  /// parameters use the functions below.
  [[nodiscard]] std::optional<std::string> query() const;
  /// The number of parameters: "?a=1&b" has two, "?" has one with an empty name, no query has none.
  [[nodiscard]] std::size_t query_size() const noexcept;
  /// The value of the first parameter called `name` (decoded). Nothing if there is none, or if it has no '='.
  [[nodiscard]] std::optional<std::string> query_parameter(std::string_view name) const;
  /// The values of all parameters called `name`, in order; nothing for one that has no '='.
  [[nodiscard]] std::vector<std::optional<std::string>> query_parameter_values(std::string_view name) const;
  /// The distinct names, in order of first appearance.
  [[nodiscard]] std::vector<std::string> query_parameter_names() const;
  /// The name or value of parameter `index`. Throws std::out_of_range when it is not below query_size().
  [[nodiscard]] std::string query_parameter_name(std::size_t index) const;
  [[nodiscard]] std::optional<std::string> query_parameter_value(std::size_t index) const;

  /// The fragment without its '#'. It is never sent.
  [[nodiscard]] std::optional<std::string_view> encoded_fragment() const noexcept;
  [[nodiscard]] std::optional<std::string> fragment() const;

  /// The path and, if there is one, '?' and the query: the origin-form of RFC 9112 §3.2.1.
  [[nodiscard]] std::string_view request_target() const noexcept;

  /// "https://example.com:8443/...": fit for logs, without user information, path, query or fragment.
  [[nodiscard]] std::string redact() const;

  /// The registrable domain, one label below the public suffix: "example.co.uk" for "www.example.co.uk". Nothing for IP
  /// addresses and for names that are public suffixes themselves.
  [[nodiscard]] std::optional<std::string> top_private_domain() const;

  /// The whole URL, user information included.
  [[nodiscard]] const std::string& to_string() const noexcept;

  /// A builder that starts with this URL's components. A default port stays default when the scheme is changed.
  [[nodiscard]] Builder new_builder() const;
  /// A builder that starts with what resolve(reference) returns, or nothing where that is nothing.
  [[nodiscard]] std::optional<Builder> new_builder(std::string_view reference) const;

  /// True when the normalised texts are equal, user information and fragment included.
  friend OKHTTP_API bool operator==(const Url& a, const Url& b) noexcept;

 private:
  explicit Url(std::shared_ptr<const internal::UrlRecord> record) noexcept : record_(std::move(record)) {}

  std::shared_ptr<const internal::UrlRecord> record_;
};

/// Composes a Url from components. Copyable; not thread-safe.
///
/// Plain names take text that is not encoded yet: a '%' in it becomes "%25". Names with `encoded_` take text that may
/// hold percent-encodings, which are kept; only what could not stand there is encoded, and tab, CR and LF are dropped.
/// Every function throws std::invalid_argument for a value it cannot accept and leaves the builder unchanged then.
class OKHTTP_API Url::Builder {
 public:
  /// Starts with the path "/" and nothing else; scheme and host are required.
  Builder();

  /// http, https, ws or wss, in any case.
  Builder& scheme(std::string_view scheme);

  Builder& username(std::string_view username);
  Builder& encoded_username(std::string_view username);
  Builder& password(std::string_view password);
  Builder& encoded_password(std::string_view password);

  /// A domain (Unicode or ASCII), an IPv4 address, or an IPv6 address with or without brackets.
  Builder& host(std::string_view host);
  /// 1 to 65535.
  Builder& port(int port);

  /// Appends a segment; a '/' in it is encoded. "." does nothing, ".." removes the last segment, and a path that ends
  /// with '/' has its empty last segment replaced.
  Builder& add_path_segment(std::string_view segment);
  Builder& add_encoded_path_segment(std::string_view segment);
  /// Appends segments that are separated by '/' or '\'. To end the path with '/', let the last one be empty.
  Builder& add_path_segments(std::string_view segments);
  Builder& add_encoded_path_segments(std::string_view segments);
  /// Replaces a segment. "." and ".." are refused. Throws std::out_of_range when there is no segment `index`.
  Builder& set_path_segment(std::size_t index, std::string_view segment);
  Builder& set_encoded_path_segment(std::size_t index, std::string_view segment);
  /// Removes a segment; the path "/" is left when it was the last. Throws std::out_of_range as set_path_segment does.
  Builder& remove_path_segment(std::size_t index);
  /// Replaces the path, which must begin with '/'.
  Builder& encoded_path(std::string_view path);

  /// Replaces the query; nothing removes it.
  Builder& query(std::optional<std::string_view> query);
  Builder& encoded_query(std::optional<std::string_view> query);
  /// Appends a parameter; without a value it is written without '='.
  Builder& add_query_parameter(std::string_view name, std::optional<std::string_view> value = std::nullopt);
  Builder& add_encoded_query_parameter(std::string_view name, std::optional<std::string_view> value = std::nullopt);
  /// Removes all parameters called `name`, then appends this one.
  Builder& set_query_parameter(std::string_view name, std::optional<std::string_view> value = std::nullopt);
  Builder& set_encoded_query_parameter(std::string_view name, std::optional<std::string_view> value = std::nullopt);
  /// Removes all parameters called `name`, however it is encoded in the query.
  Builder& remove_all_query_parameters(std::string_view name);
  Builder& remove_all_encoded_query_parameters(std::string_view name);

  /// Replaces the fragment; nothing removes it.
  Builder& fragment(std::optional<std::string_view> fragment);
  Builder& encoded_fragment(std::optional<std::string_view> fragment);

  /// The composed URL. Throws std::invalid_argument if scheme or host is missing or the whole exceeds 1 MiB.
  [[nodiscard]] Url build() const;
  /// The text composed so far, whether or not it is complete.
  [[nodiscard]] std::string to_string() const;

 private:
  friend class Url;

  struct Parameter {
    std::string name;
    std::optional<std::string> value;
  };
  using Parameters = std::optional<std::vector<Parameter>>;

  static Parameters split_query(std::string_view encoded);
  void push_segment(std::string encoded, bool followed_by_slash);
  void push_segments(std::string_view segments, bool already_encoded);
  void replace_segment(std::size_t index, std::string encoded);
  void remove_parameters(std::string_view name);

  std::string scheme_;
  std::string encoded_username_;
  std::string encoded_password_;
  std::string host_;
  std::optional<std::uint16_t> port_;
  std::vector<std::string> encoded_segments_;
  Parameters encoded_parameters_;
  std::optional<std::string> encoded_fragment_;
};

}  // namespace okhttp

template <>
struct std::hash<okhttp::Url> {
  std::size_t operator()(const okhttp::Url& url) const noexcept { return std::hash<std::string>()(url.to_string()); }
};

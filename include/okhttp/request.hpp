#pragma once

#include <okhttp/config.hpp>
#include <okhttp/headers.hpp>
#include <okhttp/request_body.hpp>
#include <okhttp/url.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <typeindex>
#include <utility>
#include <vector>

namespace okhttp {

class CacheControl;

/// Whether a text for people shows what proves who somebody is.
enum class Secrets : std::uint8_t { redacted, shown };

/// What is asked of a server. An immutable value; copying costs one reference count.
class OKHTTP_API Request {
 public:
  class Builder;

  /// GET of that URL. Throws std::invalid_argument when it is no http or https URL (ws and wss are read as these).
  [[nodiscard]] static Request get(std::string_view url);
  [[nodiscard]] static Request get(Url url);
  [[nodiscard]] static Request head(std::string_view url);
  [[nodiscard]] static Request post(std::string_view url, RequestBodyPtr body);
  [[nodiscard]] static Request post(Url url, RequestBodyPtr body);
  [[nodiscard]] static Request put(std::string_view url, RequestBodyPtr body);
  [[nodiscard]] static Request patch(std::string_view url, RequestBodyPtr body);
  [[nodiscard]] static Request delete_(std::string_view url, RequestBodyPtr body = nullptr);

  [[nodiscard]] const Url& url() const noexcept;
  [[nodiscard]] const std::string& method() const noexcept;
  [[nodiscard]] const Headers& headers() const noexcept;
  /// The last value of that header.
  [[nodiscard]] std::optional<std::string_view> header(std::string_view name) const noexcept {
    return headers().get(name);
  }
  /// Null when there is none.
  [[nodiscard]] const RequestBodyPtr& body() const noexcept;
  [[nodiscard]] bool is_https() const noexcept { return url().is_tls(); }
  [[nodiscard]] CacheControl cache_control() const;

  /// See Builder::cache_url_override(); null when there is none.
  [[nodiscard]] const Url* cache_url_override() const noexcept;

  /// The object attached under type T, or null. Tags travel with the request through redirects.
  template <class T>
  [[nodiscard]] std::shared_ptr<const T> tag() const noexcept {
    return std::static_pointer_cast<const T>(find_tag(std::type_index(typeid(T))));
  }

  [[nodiscard]] Builder new_builder() const;

  /// Method, URL without user info and query, and headers with credentials left out: for logs.
  [[nodiscard]] std::string to_string() const;

  /// The command line with which curl makes this request: method, URL without its fragment, headers and body, and no
  /// field that curl would add of its own but Host and what describes the body. It follows no redirects (`-L` does).
  /// What a client adds on the way is not in it, but for the User-Agent: a request that `network_response()` shows has
  /// all of that. User information of the URL is left out, because a client does not send it either.
  ///
  /// Unless secrets are shown, "██" stands for the values of Authorization, Proxy-Authorization, Cookie, Set-Cookie and
  /// the other fields that a client takes for credentials (as Client::Builder::sensitive_headers() is by default, and
  /// some more), and of parameters with names such as `access_token`, `sig`, `key` or `password`, however these are
  /// percent-encoded: in the URL, in a header that is a URL, as Referer, and in a body that is
  /// application/x-www-form-urlencoded. Any other body is shown as it is, whatever it holds.
  ///
  /// A body is shown when it is text (UTF-8 without NUL) of up to 64 KiB in memory. For any other (a file, multipart,
  /// written while it is sent, one-shot, duplex, binary, larger) the command has `--data-binary '@request-body'`: it
  /// sends a file of that name, which you have to provide. A duplex body also brings `--http2`, or
  /// `--http2-prior-knowledge` in clear text, since it takes HTTP/2.
  ///
  /// One line, to be pasted into a shell: every argument is quoted, control characters (C0, DEL and C1) in the form
  /// $'\t' of POSIX.1-2024, which bash, zsh, ksh and busybox know, and dash does not yet.
  [[nodiscard]] std::string to_curl(Secrets secrets = Secrets::redacted) const;

 private:
  friend class Builder;
  struct Rep;
  explicit Request(std::shared_ptr<const Rep> rep) noexcept : rep_(std::move(rep)) {}
  [[nodiscard]] std::shared_ptr<const void> find_tag(std::type_index type) const noexcept;

  std::shared_ptr<const Rep> rep_;
};

/// Collects a Request. Not thread-safe.
class OKHTTP_API Request::Builder {
 public:
  Builder();
  Builder(const Builder&);
  Builder(Builder&&) noexcept;
  Builder& operator=(const Builder&);
  Builder& operator=(Builder&&) noexcept;
  ~Builder();

  /// ws and wss are read as http and https. Throws std::invalid_argument for what is no URL.
  Builder& url(std::string_view url);
  Builder& url(Url url);
  /// Replaces every header of that name. Throws std::invalid_argument as Headers::Builder does.
  Builder& header(std::string_view name, std::string_view value);
  Builder& add_header(std::string_view name, std::string_view value);
  Builder& remove_header(std::string_view name);
  Builder& headers(Headers headers);
  /// Sets Cache-Control, or removes it when it would be empty.
  Builder& cache_control(const CacheControl& cache_control);
  /// The URL that the response is kept under and looked for in a cache, instead of the request's own. With it responses
  /// to POST and QUERY are kept too: the URL then has to name all that the answer depends on, the body above all. It
  /// does not follow a redirect. Nothing removes it.
  Builder& cache_url_override(const std::optional<Url>& url);
  Builder& get() { return method("GET", nullptr); }
  Builder& head() { return method("HEAD", nullptr); }
  Builder& post(RequestBodyPtr body) { return method("POST", std::move(body)); }
  Builder& put(RequestBodyPtr body) { return method("PUT", std::move(body)); }
  Builder& patch(RequestBodyPtr body) { return method("PATCH", std::move(body)); }
  Builder& delete_(RequestBodyPtr body = nullptr) { return method("DELETE", std::move(body)); }
  /// The method must be a token. GET and HEAD take no body; POST, PUT, PATCH, QUERY, PROPPATCH and REPORT
  /// require one.
  /// Throws std::invalid_argument otherwise.
  Builder& method(std::string_view method, RequestBodyPtr body);
  /// Attaches an object under its type; null removes it.
  template <class T>
  Builder& tag(std::shared_ptr<const T> value) {
    return set_tag(std::type_index(typeid(T)), std::move(value));
  }

  /// Throws std::invalid_argument when no URL was given. The builder stays usable.
  [[nodiscard]] Request build() const;

 private:
  friend class Request;
  explicit Builder(std::shared_ptr<const Rep> start) noexcept;
  Builder& set_tag(std::type_index type, std::shared_ptr<const void> value);
  [[nodiscard]] Rep& own();
  [[nodiscard]] Headers::Builder& own_headers();
  const std::shared_ptr<const Rep>& freeze() const;

  // Building shares what was composed instead of copying it; the next change makes a copy.
  mutable std::shared_ptr<const Rep> frozen_;
  mutable std::shared_ptr<Rep> own_;                         // null while nothing differs from frozen_
  mutable std::optional<Headers::Builder> changed_headers_;  // set while the headers differ from own_
};

}  // namespace okhttp

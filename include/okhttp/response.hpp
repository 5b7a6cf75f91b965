#pragma once

#include <okhttp/chrono.hpp>
#include <okhttp/config.hpp>
#include <okhttp/headers.hpp>
#include <okhttp/protocol.hpp>
#include <okhttp/request.hpp>
#include <okhttp/response_body.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace okhttp {

class CacheControl;
class Challenge;
class Handshake;

/// What a server answered. Immutable but for the body, which is a stream; copies share both.
class OKHTTP_API Response {
 public:
  class Builder;

  /// The request that the caller, or an interceptor on the way, sent for this response.
  [[nodiscard]] const Request& request() const noexcept;
  [[nodiscard]] Protocol protocol() const noexcept;
  /// 200, 404 ...
  [[nodiscard]] int code() const noexcept;
  /// The reason phrase, empty over HTTP/2.
  [[nodiscard]] const std::string& message() const noexcept;
  /// True for 200 to 299.
  [[nodiscard]] bool is_successful() const noexcept { return code() >= 200 && code() < 300; }
  /// True for the codes that name another place: 300, 301, 302, 303, 307, 308.
  [[nodiscard]] bool is_redirect() const noexcept;
  [[nodiscard]] const Headers& headers() const noexcept;
  [[nodiscard]] std::optional<std::string_view> header(std::string_view name) const noexcept {
    return headers().get(name);
  }
  [[nodiscard]] const ResponseBody& body() const noexcept;
  /// Fields after the body; empty until it has been read to its end.
  [[nodiscard]] Headers trailers() const { return body().trailers(); }
  /// The TLS handshake of the connection, or null in clear text.
  [[nodiscard]] const std::shared_ptr<const Handshake>& handshake() const noexcept;

  /// What came from the network, with the request as it was on the wire; null when nothing did. Without a body.
  [[nodiscard]] const Response* network_response() const noexcept;
  /// What came from the cache; null when nothing did. Without a body.
  [[nodiscard]] const Response* cache_response() const noexcept;
  /// The redirect or challenge that this response followed, or null. Without a body.
  [[nodiscard]] const Response* prior_response() const noexcept;

  [[nodiscard]] std::chrono::system_clock::time_point sent_request_at() const noexcept;
  [[nodiscard]] std::chrono::system_clock::time_point received_response_at() const noexcept;

  [[nodiscard]] CacheControl cache_control() const;
  /// What a 401 or 407 asks for, else empty.
  [[nodiscard]] std::vector<Challenge> challenges() const;

  /// Returns itself for a code below 400. Else throws Error(Errc::rejected, Blame::peer), which shows the code and the
  /// URL without user info and query.
  const Response& throw_if_error() const;

  [[nodiscard]] Builder new_builder() const;
  [[nodiscard]] std::string to_string() const;

 private:
  friend class Builder;
  struct Rep;
  Response(std::shared_ptr<const Rep> rep, ResponseBody body) noexcept : rep_(std::move(rep)), body_(std::move(body)) {}

  std::shared_ptr<const Rep> rep_;  // all but the body, so that a response without its body shares the rest
  ResponseBody body_;
};

/// Collects a Response. Not thread-safe.
class OKHTTP_API Response::Builder {
 public:
  Builder();
  Builder(const Builder&);
  Builder(Builder&&) noexcept;
  Builder& operator=(const Builder&);
  Builder& operator=(Builder&&) noexcept;
  ~Builder();

  Builder& request(Request request);
  Builder& protocol(Protocol protocol);
  Builder& code(int code);
  Builder& message(std::string message);
  Builder& header(std::string_view name, std::string_view value);
  Builder& add_header(std::string_view name, std::string_view value);
  Builder& remove_header(std::string_view name);
  Builder& headers(Headers headers);
  Builder& body(ResponseBody body);
  Builder& handshake(std::shared_ptr<const Handshake> handshake);
  Builder& network_response(const Response& response);
  Builder& cache_response(const Response& response);
  Builder& prior_response(const Response& response);
  Builder& sent_request_at(std::chrono::system_clock::time_point time);
  Builder& received_response_at(std::chrono::system_clock::time_point time);

  /// Throws std::logic_error when the request or the code (100 to 999) is missing. The builder stays usable.
  [[nodiscard]] Response build() const;

 private:
  friend class Response;
  explicit Builder(const Response& start) noexcept;
  [[nodiscard]] static Response stripped(const Response& response);
  [[nodiscard]] Rep& own();
  [[nodiscard]] Headers::Builder& own_headers();
  const std::shared_ptr<const Rep>& freeze() const;

  // Building shares what was composed instead of copying it; the next change makes a copy.
  mutable std::shared_ptr<const Rep> frozen_;
  mutable std::shared_ptr<Rep> own_;                         // null while nothing differs from frozen_
  mutable std::optional<Headers::Builder> changed_headers_;  // set while the headers differ from own_
  ResponseBody body_;
};

}  // namespace okhttp

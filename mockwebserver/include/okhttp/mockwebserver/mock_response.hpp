#pragma once

#include <okhttp/headers.hpp>
#include <okhttp/mockwebserver/duplex.hpp>
#include <okhttp/mockwebserver/socket_effect.hpp>
#include <okhttp/mockwebserver/upgraded_socket.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace okhttp {

namespace internal {
struct ResponseScript;
}

/// What a MockWebServer answers to one request, and what it does to the connection meanwhile. An immutable value.
///
/// Nothing is added that was not asked for: no Date, no Server. Content-Length follows the body.
class MockResponse {
 public:
  class Builder;

  /// 200 with an empty body.
  MockResponse();
  explicit MockResponse(std::string_view body);
  explicit MockResponse(int code, std::string_view body = {});
  MockResponse(int code, const Headers& headers, std::string_view body = {});

  [[nodiscard]] int code() const noexcept;
  /// The status line as HTTP/1.1 sends it, "HTTP/1.1 200 OK".
  [[nodiscard]] std::string status() const;
  [[nodiscard]] Headers headers() const;
  [[nodiscard]] Builder new_builder() const;

  /// For the server.
  [[nodiscard]] const internal::ResponseScript& script() const noexcept { return *script_; }

 private:
  explicit MockResponse(std::shared_ptr<const internal::ResponseScript> script) noexcept;
  std::shared_ptr<const internal::ResponseScript> script_;
};

/// When a server says "100 Continue" to a request that expects it.
enum class ContinueRule : std::uint8_t {
  when_expected,  ///< before it reads the body, as servers do
  always,         ///< also to requests that did not ask
  never,          ///< reads the body without having said so
};

/// Composes a MockResponse. Copyable; not thread-safe.
class MockResponse::Builder {
 public:
  Builder();
  Builder(const Builder&);
  Builder(Builder&&) noexcept;
  Builder& operator=(const Builder&);
  Builder& operator=(Builder&&) noexcept;
  ~Builder();

  // The head.

  /// The status code; the reason phrase becomes the usual one.
  Builder& code(int code);
  Builder& reason(std::string_view phrase);
  /// The whole status line, sent as it stands on HTTP/1.1.
  Builder& status(std::string_view line);
  /// Replaces all headers, those that describe the body included.
  Builder& headers(const Headers& headers);
  Builder& add_header(std::string_view name, std::string_view value);
  Builder& set_header(std::string_view name, std::string_view value);
  Builder& remove_header(std::string_view name);
  /// Sends an informational response (1xx) before this one. May be called several times.
  Builder& add_informational(int code, const Headers& headers = {});
  Builder& continue_rule(ContinueRule rule);

  // The body. Each of these replaces what an earlier one said and sets the headers that go with it.

  /// A body with a Content-Length.
  Builder& body(std::string_view bytes);
  Builder& body(const std::vector<std::byte>& bytes);
  /// A body of `size` bytes that is made while it is sent: generated_byte() says which byte stands where.
  Builder& generated_body(std::uint64_t size);
  [[nodiscard]] static char generated_byte(std::uint64_t offset) noexcept;
  /// A body in chunks of `chunk_size` bytes (the last may be shorter). On HTTP/2 a body without a length.
  Builder& chunked_body(std::string_view bytes, std::size_t chunk_size = 8192);
  /// The same with a generated body.
  Builder& generated_chunked_body(std::uint64_t size, std::size_t chunk_size = 8192);
  /// A body without a length, which ends where the connection does.
  Builder& body_until_close(std::string_view bytes);
  /// Fields that follow a chunked body, or a duplex() one.
  Builder& trailers(const Headers& trailers);
  /// Exactly these bytes instead of head and body. The connection stays open unless an effect closes it. On HTTP/2 they
  /// stand between two frames, and the request gets no other answer.
  Builder& raw(std::string_view bytes);

  // Time. Nothing sleeps: these are deadlines of the server's event loop.

  /// Waits before the first byte of the response.
  Builder& header_delay(std::chrono::milliseconds delay);
  /// Waits between head and body.
  Builder& body_delay(std::chrono::milliseconds delay);
  /// Waits between the body's last chunk and the trailers.
  Builder& trailers_delay(std::chrono::milliseconds delay);
  /// Sends the body by pieces of `bytes_per_period`, waiting `period` between them.
  Builder& throttle_body(std::uint64_t bytes_per_period, std::chrono::milliseconds period);
  /// Reads the request's body at that pace.
  Builder& throttle_request_body(std::uint64_t bytes_per_period, std::chrono::milliseconds period);

  // Effects. The first two need the response to be known before the request: it has to be enqueued, or given by the
  // dispatcher's `peek`.

  /// At the request's first byte; on a fresh connection as soon as it is accepted, before TLS. The exchange is recorded
  /// with an empty method when nothing of it was read.
  Builder& on_request_start(SocketEffect effect);
  /// After half of the request's body (the first piece when its length is unknown).
  Builder& on_request_body(SocketEffect effect);
  /// After the request, before the response's first byte.
  Builder& on_response_start(SocketEffect effect);
  /// After half of the response's body.
  Builder& on_response_body(SocketEffect effect);
  /// After the response's last byte.
  Builder& on_response_end(SocketEffect effect);
  /// Closes the connection after exactly that many bytes of the response, head included; on HTTP/2 of all that is sent
  /// from the response's begin on.
  Builder& disconnect_after(std::uint64_t bytes);
  /// Answers the ClientHello of the next connection with a handshake_failure alert. Has to be enqueued.
  Builder& fail_handshake(bool fail = true);
  /// Answers after the request's head; the body is not waited for and the connection is closed, once the client closed
  /// its side or has nothing more to send. On HTTP/2 the request is reset with NO_ERROR instead. Has to be known before
  /// the request, as above.
  Builder& answer_before_body(bool early = true);

  // Other uses of the connection.

  /// Answers a CONNECT: when the code is 2xx, what follows on the connection is served as if it had been made to this
  /// server directly, with TLS if the server has it. Sends no Content-Length.
  Builder& in_tunnel(bool tunnel = true);
  /// Sends 101 (unless code() says otherwise later) with "Connection: Upgrade" and "Upgrade: <protocol>", then hands
  /// the connection to `handler`.
  Builder& upgrade(std::string_view protocol, UpgradeHandler handler);
  /// Hands the next connection to `handler` from its first byte on, behind the TLS handshake if the client begins one:
  /// for a test that speaks for the server itself. Has to be enqueued. No request is recorded, and nothing else of this
  /// response is used.
  Builder& take_over(UpgradeHandler handler);
  /// Answers an HTTP/2 request before its body is there, by a handler that reads and writes the two bodies as it likes;
  /// this response's own body is not sent. Has to be known before the request. Sends no Content-Length.
  Builder& duplex(DuplexHandler handler);

  /// Throws std::logic_error when trailers were given for a body that is not chunked.
  [[nodiscard]] MockResponse build() const;

 private:
  friend class MockResponse;
  explicit Builder(const internal::ResponseScript& script);
  std::unique_ptr<internal::ResponseScript> script_;
};

}  // namespace okhttp

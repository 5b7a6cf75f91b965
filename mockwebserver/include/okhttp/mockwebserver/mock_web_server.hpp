#pragma once

#include <okhttp/ip_address.hpp>
#include <okhttp/mockwebserver/held_certificate.hpp>
#include <okhttp/mockwebserver/http2_settings.hpp>
#include <okhttp/mockwebserver/mock_response.hpp>
#include <okhttp/mockwebserver/recorded_frame.hpp>
#include <okhttp/mockwebserver/recorded_request.hpp>
#include <okhttp/protocol.hpp>
#include <okhttp/tls_version.hpp>
#include <okhttp/url.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace okhttp {

namespace internal {
class MockServerCore;
}

/// A scriptable HTTP server for tests, on loopback, with a thread of its own.
///
/// Answers come from a queue: each request takes the next enqueued response, and waits until there is one. A dispatcher
/// function takes the queue's place where the answer depends on the request.
///
///     MockWebServer server;
///     server.enqueue(MockResponse("hello"));
///     server.start();
///     ... server.url("/greeting") ...
///     RecordedRequest request = server.take_request().value();
///
/// Threads: every function from any thread but the server's own (dispatchers and upgrade handlers may only enqueue()).
class MockWebServer {
 public:
  MockWebServer();
  MockWebServer(const MockWebServer&) = delete;
  MockWebServer& operator=(const MockWebServer&) = delete;
  /// Closes the server.
  ~MockWebServer();

  // The script.

  void enqueue(MockResponse response);
  /// Answers requests by `dispatch` instead of the queue. It is called on a thread kept for it, one request at a time,
  /// so it may block. An exception out of it is answered with 500.
  ///
  /// `peek` says what is known before a request was read: the on_request_start, on_request_body, answer_before_body,
  /// continue_rule, throttle_request_body and fail_handshake of what it returns are obeyed. It must not block.
  void set_dispatcher(std::function<MockResponse(const RecordedRequest&)> dispatch,
                      std::function<MockResponse()> peek = nullptr);
  /// Keeps at most that many bytes of each request's body, 64 MiB by default; the rest is read and counted.
  void set_body_limit(std::uint64_t bytes);

  // TLS. These hold for connections accepted from then on. All throw okhttp::Error when OpenSSL refuses a certificate.

  /// Speaks TLS and shows this certificate and its chain. On the same port CONNECT is still understood in clear text,
  /// as a proxy's client sends it; any other request in clear text is refused with 400.
  void use_https(const HeldCertificate& certificate);
  /// Asks for a client certificate that this root has signed; clients that have none are served too.
  void request_client_certificate(const HeldCertificate& root);
  /// The same, but fails the handshake of clients that have none.
  void require_client_certificate(const HeldCertificate& root);
  /// What ALPN offers, by preference; {http_2, http_1_1} by default, nothing to answer no ALPN at all. In clear text
  /// HTTP/1.1 is spoken, unless {h2_prior_knowledge} says that it is HTTP/2, always.
  /// Throws std::invalid_argument when h2_prior_knowledge is not alone.
  void set_protocols(std::vector<Protocol> protocols);
  void set_tls_versions(TlsVersion min, TlsVersion max);

  // HTTP/2. These hold for open connections as well.

  /// What the server announces. On open connections it sends SETTINGS again. By default it announces nothing.
  /// Throws std::invalid_argument for values that the protocol forbids.
  void set_http2_settings(const Http2Settings& settings);
  /// Has the server return no windows as it reads requests, so that uploads come to a halt where the windows end. What
  /// was held back is returned when that is over.
  void hold_http2_windows(bool hold = true);
  /// Has the server answer no PING.
  void ignore_http2_pings(bool ignore = true);

  // Running.

  /// Listens on 127.0.0.1 and, where the system has it, ::1, on one free port.
  /// Throws okhttp::Error (io) when the system refuses, std::logic_error when the server was started before.
  void start();
  /// Listens on that address and port alone; port 0 picks a free one.
  void start(const IpAddress& address, std::uint16_t port = 0);
  /// Closes all connections and stops listening; waits until a dispatcher that is running has returned. Does nothing
  /// when it is closed. Responses and recorded requests stay.
  void close();
  /// Closes and listens again at the same place, as a server that was restarted between two calls.
  void restart();
  /// Closes every connection on which no request is in progress, and returns when that is done.
  void close_idle_connections();

  // Where it is. These start the server when it was not started yet.

  [[nodiscard]] std::uint16_t port();
  /// "localhost", or the address given to start() when that was not a loopback address.
  [[nodiscard]] std::string host_name();
  /// "http://localhost:49152" and the path, which begins with '/'; https with TLS.
  [[nodiscard]] Url url(std::string_view path);

  // What happened.

  /// The next request in order of arrival, waiting for it; nothing when none came in time.
  [[nodiscard]] std::optional<RecordedRequest> take_request(
      std::chrono::milliseconds timeout = std::chrono::seconds(10));
  /// All requests received, those that failed and those taken included.
  [[nodiscard]] std::size_t request_count() const;
  /// The next HTTP/2 frame of that type, of any connection, waiting for it; nothing when none came in time.
  [[nodiscard]] std::optional<RecordedFrame> take_frame(RecordedFrame::Type type,
                                                        std::chrono::milliseconds timeout = std::chrono::seconds(10));
  /// The HTTP/2 frames that a connection has received, those that were taken included. The last 65,536 of all
  /// connections are kept.
  [[nodiscard]] std::vector<RecordedFrame> frames(std::size_t connection_index) const;
  /// All connections ever accepted.
  [[nodiscard]] std::size_t connection_count() const;
  /// Connections that are open now.
  [[nodiscard]] std::size_t open_connection_count() const;
  /// Responses that wait in the queue.
  [[nodiscard]] std::size_t queued_response_count() const;

 private:
  std::shared_ptr<internal::MockServerCore> core_;
};

}  // namespace okhttp

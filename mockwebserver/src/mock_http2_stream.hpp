#pragma once

#include <okhttp/headers.hpp>
#include <okhttp/http2_error_code.hpp>
#include <okhttp/task.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "doorbell.hpp"
#include "mock_http2_session.hpp"
#include "runtime/cancellation.hpp"

namespace okhttp::internal {

class MockHttp2Connection;

/// The head of an HTTP/2 request, its pseudo fields apart.
struct Http2RequestHead {
  std::string method;
  std::string scheme;
  std::string authority;
  std::string path;
  Headers::Builder fields;
};

/// One stream of an HTTP/2 connection, between the session, which fills and empties it, and the coroutine that serves
/// it. On the server's loop; the connection outlives it.
///
/// What the coroutine calls throws PeerGone once the stream can do no more: the client reset it, the script did, or the
/// connection ended.
class MockHttp2Stream final : public Http2BodySource {
 public:
  MockHttp2Stream(MockHttp2Connection& connection, std::int32_t id);

  // For the coroutine.

  [[nodiscard]] std::int32_t id() const noexcept { return id_; }
  [[nodiscard]] MockHttp2Connection& connection() noexcept { return connection_; }
  [[nodiscard]] Engine& engine() noexcept;
  [[nodiscard]] Http2RequestHead& head() noexcept { return head_; }
  /// What ends a wait: the stream's end, or that deadline.
  [[nodiscard]] WaitTerms terms(TimePoint deadline = kNever) const noexcept {
    return WaitTerms(cancellation_.get(), deadline);
  }
  void check() const;
  Task<void> sleep(std::chrono::milliseconds duration);
  /// Until the system has taken what was sent on the connection.
  Task<void> flush();

  /// Waits for more of the request's body; false when that has ended.
  Task<bool> fill();
  [[nodiscard]] std::string_view unread() const noexcept { return std::string_view(incoming_).substr(taken_); }
  /// Takes so much of it and lets the client send as much again.
  void take(std::size_t count);
  /// True when the whole request has arrived; some of it may be unread.
  [[nodiscard]] bool has_request_ended() const noexcept { return has_request_ended_; }
  [[nodiscard]] Headers request_trailers() const { return request_trailers_.build(); }

  void send_informational(int code, const Headers& headers);
  /// The head, which is all when `ends`.
  void send_head(int code, const Headers& headers, bool ends);
  [[nodiscard]] bool has_sent_head() const noexcept { return has_sent_head_; }
  /// Sends a part of the body, at the end of the response if `ends`; waits until it has gone into frames.
  Task<void> send(std::string_view bytes, bool ends);
  /// Ends the response with these trailers.
  Task<void> end(Headers trailers);
  [[nodiscard]] bool has_response_ended() const noexcept { return has_response_ended_; }
  void reset(Http2ErrorCode code);
  /// The coroutine is done with it.
  void finish();

  // For the connection.

  void receive_field(std::string_view name, std::string_view value);
  void receive_head_end() noexcept { has_head_ended_ = true; }
  void receive(std::string_view bytes);
  void receive_end();
  /// The session has forgotten the stream.
  void close(Http2ErrorCode code);
  /// Ends what waits on the stream.
  void cancel(std::string why);
  /// Returns the windows that were held back.
  void return_held();
  /// True for the first call.
  [[nodiscard]] bool begins() noexcept { return !std::exchange(has_begun_, true); }

  Taken take_body(std::span<std::uint8_t> into) noexcept override;
  [[nodiscard]] const Headers& trailers() const noexcept override { return trailers_; }

 private:
  void return_window(std::size_t bytes);

  MockHttp2Connection& connection_;
  const std::int32_t id_;
  std::shared_ptr<Cancellation> cancellation_ = std::make_shared<Cancellation>();
  std::string why_gone_;
  bool is_closed_ = false;
  bool has_begun_ = false;

  // The request.
  Http2RequestHead head_;
  bool has_head_ended_ = false;
  Headers::Builder request_trailers_;
  bool has_request_ended_ = false;
  std::string incoming_;
  std::size_t taken_ = 0;  // of it
  std::size_t held_ = 0;   // window that was not returned, because the script holds it back
  Doorbell arrived_;

  // The response.
  bool has_sent_head_ = false;
  std::string_view outgoing_;  // the sender's, while it waits
  bool ends_after_ = false;
  bool has_response_ended_ = false;
  Headers trailers_;
  Doorbell sent_;
};

}  // namespace okhttp::internal

#pragma once

#include <okhttp/headers.hpp>
#include <okhttp/http2_error_code.hpp>
#include <okhttp/mockwebserver/http2_settings.hpp>
#include <okhttp/mockwebserver/recorded_frame.hpp>

#include <nghttp2/nghttp2.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace okhttp::internal {

/// Where the body of a response comes from while it is sent.
class Http2BodySource {
 public:
  /// How far a call of take_body() came.
  struct Taken {
    Taken(std::size_t count, bool is_last) noexcept : bytes(count), ends(is_last) {}
    std::size_t bytes;
    bool ends;
  };

  Http2BodySource() = default;
  Http2BodySource(const Http2BodySource&) = delete;
  Http2BodySource& operator=(const Http2BodySource&) = delete;

  /// Copies what there is, at most into.size() bytes. Nothing and no end: there is none now; MockHttp2Session::resume()
  /// says when there is.
  virtual Taken take_body(std::span<std::uint8_t> into) noexcept = 0;
  /// What follows the end of the body.
  [[nodiscard]] virtual const Headers& trailers() const noexcept = 0;

 protected:
  ~Http2BodySource() = default;
};

/// What a session tells of what it was fed. Called while it is fed: whoever is called may submit, and not feed.
class Http2Events {
 public:
  Http2Events() = default;
  Http2Events(const Http2Events&) = delete;
  Http2Events& operator=(const Http2Events&) = delete;

  virtual void on_request(std::int32_t stream) = 0;
  /// A field of the request's head or, after the head's end, of its trailers.
  virtual void on_field(std::int32_t stream, std::string_view name, std::string_view value) = 0;
  virtual void on_head_end(std::int32_t stream) = 0;
  virtual void on_data(std::int32_t stream, std::string_view bytes) = 0;
  virtual void on_request_end(std::int32_t stream) = 0;
  virtual void on_closed(std::int32_t stream, Http2ErrorCode code) = 0;
  virtual void on_ping(const std::uint8_t* opaque_data) = 0;
  /// Every frame, before what it means.
  virtual void on_frame(RecordedFrame frame) = 0;

 protected:
  ~Http2Events() = default;
};

/// The server's end of an HTTP/2 connection without any I/O: framing, HPACK and flow control, which are nghttp2's.
class MockHttp2Session {
 public:
  explicit MockHttp2Session(Http2Events& events);
  MockHttp2Session(const MockHttp2Session&) = delete;
  MockHttp2Session& operator=(const MockHttp2Session&) = delete;

  // What the client sent.

  /// False when the client broke the protocol in a way that is answered by closing: what is to be sent says so.
  [[nodiscard]] bool feed(std::string_view bytes);
  /// Returns so much of the windows of the stream and of the connection.
  void return_window(std::int32_t stream, std::size_t bytes);
  /// Returns so much of the connection's window, for a stream that is closed.
  void return_connection_window(std::size_t bytes);

  // What is to be sent.

  void send_settings(const Http2Settings& settings);
  void send_ping_ack(const std::uint8_t* opaque_data);
  /// 1xx: the response is still to come.
  void send_informational(std::int32_t stream, int code, const Headers& headers);
  /// The head, and the body from `body`, which must live as long as the stream is open; null when there is none.
  void send_response(std::int32_t stream, int code, const Headers& headers, Http2BodySource* body);
  /// Says that the body source has something again.
  void resume(std::int32_t stream);
  void reset(std::int32_t stream, Http2ErrorCode code);
  void go_away(std::int32_t last_stream, Http2ErrorCode code);
  /// GOAWAY that refuses nothing yet.
  void announce_shutdown();

  /// Appends what is to be sent, until `out` has more than `enough` bytes or nothing is left that may be sent.
  void take_output(std::string& out, std::size_t enough);
  /// True when neither side has anything to say any more.
  [[nodiscard]] bool is_over() const noexcept;

 private:
  struct Callbacks;
  struct Delete {
    void operator()(nghttp2_session* session) const noexcept { nghttp2_session_del(session); }
  };

  Http2Events& events_;
  std::unique_ptr<nghttp2_session, Delete> session_;
};

}  // namespace okhttp::internal

#pragma once

#include <okhttp/http2_error_code.hpp>

#include <cstdint>

namespace okhttp {

/// Which directions of a connection are closed, seen from the server.
enum class CloseSide : std::uint8_t {
  both,
  in,   ///< the server reads no more; the client is not told
  out,  ///< the server sends no more (a half close); it reads on
};

/// Which requests a GOAWAY says may have been processed.
enum class LastProcessed : std::uint8_t {
  this_request,    ///< up to the one that the effect belongs to, which goes on
  the_one_before,  ///< the one that the effect belongs to is not answered any more
  any_to_come,     ///< a notice: requests are served as before, until another GOAWAY follows
};

/// What a scripted server does to its connection at one point of an exchange. A plain value.
class SocketEffect {
 public:
  enum class Kind : std::uint8_t { close, close_without_notify, reset, stall, reset_stream, go_away };

  /// Closes the connection in an orderly way. Closing one side only lets the exchange go on.
  [[nodiscard]] static SocketEffect close_socket(CloseSide side = CloseSide::both) noexcept {
    return SocketEffect(Kind::close, side);
  }
  /// The same as close_socket(CloseSide::out).
  [[nodiscard]] static SocketEffect half_close() noexcept { return SocketEffect(Kind::close, CloseSide::out); }
  /// Closes TCP without TLS's close_notify, as an attacker who cuts a message short does. In clear text a plain close.
  [[nodiscard]] static SocketEffect close_without_notify() noexcept {
    return SocketEffect(Kind::close_without_notify, CloseSide::both);
  }
  /// Aborts the connection with a TCP RST.
  [[nodiscard]] static SocketEffect reset_socket() noexcept { return SocketEffect(Kind::reset, CloseSide::both); }
  /// Neither reads nor writes any more, until the server is closed. On HTTP/2 this request alone stalls, unless the
  /// effect comes before there is one.
  [[nodiscard]] static SocketEffect stall() noexcept { return SocketEffect(Kind::stall, CloseSide::both); }
  /// Ends the request by RST_STREAM. On HTTP/1.1 the same as close_socket().
  [[nodiscard]] static SocketEffect reset_stream(Http2ErrorCode code = Http2ErrorCode::cancel) noexcept {
    SocketEffect effect(Kind::reset_stream, CloseSide::both);
    effect.code_ = code;
    return effect;
  }
  /// Sends GOAWAY; the connection is closed once the requests that it does not refuse are done. On HTTP/1.1 the same as
  /// close_socket().
  [[nodiscard]] static SocketEffect go_away(LastProcessed last = LastProcessed::this_request,
                                            Http2ErrorCode code = Http2ErrorCode::no_error) noexcept {
    SocketEffect effect(Kind::go_away, CloseSide::both);
    effect.last_ = last;
    effect.code_ = code;
    return effect;
  }

  [[nodiscard]] Kind kind() const noexcept { return kind_; }
  /// True when it is about one HTTP/2 request rather than about a socket.
  [[nodiscard]] bool is_for_stream() const noexcept { return kind_ == Kind::reset_stream || kind_ == Kind::go_away; }
  [[nodiscard]] CloseSide side() const noexcept { return side_; }
  [[nodiscard]] Http2ErrorCode error_code() const noexcept { return code_; }
  [[nodiscard]] LastProcessed last_processed() const noexcept { return last_; }
  friend bool operator==(const SocketEffect&, const SocketEffect&) noexcept = default;

 private:
  SocketEffect(Kind kind, CloseSide side) noexcept : kind_(kind), side_(side) {}
  Kind kind_;
  CloseSide side_;
  LastProcessed last_ = LastProcessed::this_request;
  Http2ErrorCode code_ = Http2ErrorCode::no_error;
};

}  // namespace okhttp

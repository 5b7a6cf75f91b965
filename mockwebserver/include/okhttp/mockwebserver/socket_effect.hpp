#pragma once

#include <cstdint>

namespace okhttp {

/// Which directions of a connection are closed, seen from the server.
enum class CloseSide : std::uint8_t {
  both,
  in,   ///< the server reads no more; the client is not told
  out,  ///< the server sends no more (a half close); it reads on
};

/// What a scripted server does to its connection at one point of an exchange. A plain value.
class SocketEffect {
 public:
  enum class Kind : std::uint8_t { close, close_without_notify, reset, stall };

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
  /// Neither reads nor writes any more, until the server is closed.
  [[nodiscard]] static SocketEffect stall() noexcept { return SocketEffect(Kind::stall, CloseSide::both); }

  [[nodiscard]] Kind kind() const noexcept { return kind_; }
  [[nodiscard]] CloseSide side() const noexcept { return side_; }
  friend bool operator==(const SocketEffect&, const SocketEffect&) noexcept = default;

 private:
  SocketEffect(Kind kind, CloseSide side) noexcept : kind_(kind), side_(side) {}
  Kind kind_;
  CloseSide side_;
};

}  // namespace okhttp

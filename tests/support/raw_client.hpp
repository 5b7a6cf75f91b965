#pragma once

#include <okhttp/ip_address.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace okhttp::testing {

/// A client that speaks bytes over a blocking TCP socket, so that a server is tested without trusting our own client.
/// A wait of more than 20 s throws: a test must not hang.
class RawClient {
 public:
  /// Connects. Throws std::system_error when that is refused.
  explicit RawClient(std::uint16_t port, const IpAddress& address = IpAddress::loopback_v4());
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;
  ~RawClient();

  /// Sends all of it. Throws std::system_error when the connection breaks.
  void send(std::string_view bytes);
  void shut_down_write();

  /// Reads up to and including `delimiter`; what there was when the server closed before.
  std::string read_until(std::string_view delimiter);
  std::string read_exactly(std::size_t count);
  /// A head, its empty line included.
  std::string read_head() { return read_until("\r\n\r\n"); }
  /// Everything until the server closes.
  std::string read_to_end();

  /// How the server's side ended.
  enum class End : std::uint8_t { open, closed, reset };
  /// After a read that came to the end; `open` while none did.
  [[nodiscard]] End end() const noexcept { return end_; }

  [[nodiscard]] int descriptor() const noexcept { return descriptor_; }

 private:
  bool receive();

  int descriptor_;
  std::string buffer_;
  End end_ = End::open;
};

}  // namespace okhttp::testing

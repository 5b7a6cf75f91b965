#pragma once

#include <okhttp/ip_address.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace okhttp::testing {

/// How a RawClient shakes hands.
struct RawTls {
  RawTls() = default;
  explicit RawTls(std::string trusted_pem) : trusted(std::move(trusted_pem)) {}
  std::string trusted;  // roots in PEM; empty: anybody
  std::string server_name = "localhost";
  std::string alpn = "http/1.1";  // one protocol, or nothing
  std::string certificate;        // of the client, in PEM
  std::string private_key;
};

/// A client that speaks bytes over a blocking TCP socket, so that a server is tested without trusting our own client.
/// A wait of more than 20 s throws: a test must not hang.
class RawClient {
 public:
  /// Connects. Throws std::system_error when that is refused.
  explicit RawClient(std::uint16_t port, const IpAddress& address = IpAddress::loopback_v4());
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;
  ~RawClient();

  /// Shakes hands. Throws std::runtime_error when that fails.
  void start_tls(const RawTls& tls);
  /// "TLSv1.3"
  [[nodiscard]] std::string tls_version() const;
  /// What ALPN agreed upon, or nothing.
  [[nodiscard]] std::string alpn() const;

  /// Sends all of it. Throws std::system_error when the connection breaks.
  void send(std::string_view bytes);
  void shut_down_write();

  /// Reads up to and including `delimiter`; what there was when the server closed before.
  std::string read_until(std::string_view delimiter);
  std::string read_exactly(std::size_t count);
  /// What is there, after waiting for some, at most that much; nothing when the server closed.
  std::string read_some(std::size_t most);
  /// A head, its empty line included.
  std::string read_head() { return read_until("\r\n\r\n"); }
  /// Everything until the server closes.
  std::string read_to_end();

  /// How the server's side ended; cut: closed without TLS's close_notify.
  enum class End : std::uint8_t { open, closed, reset, cut };
  /// After a read that came to the end; `open` while none did.
  [[nodiscard]] End end() const noexcept { return end_; }

  [[nodiscard]] int descriptor() const noexcept { return descriptor_; }

 private:
  struct Tls;

  bool receive();

  int descriptor_;
  std::unique_ptr<Tls> tls_;
  std::string buffer_;
  End end_ = End::open;
};

}  // namespace okhttp::testing

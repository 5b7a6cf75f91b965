#pragma once

#include <okhttp/ip_address.hpp>
#include <okhttp/proxy.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace okhttp::internal {

/// Why a SOCKS proxy did not connect.
enum class SocksErrc : std::uint8_t {
  none,
  target_too_long,       ///< a host name that the protocol cannot carry; nothing was sent
  credentials_too_long,  ///< the same of user name or password
  target_not_supported,  ///< an IPv6 address for SOCKS4; nothing was sent
  no_socks,              ///< the answer is not in the protocol
  no_method,             ///< the proxy wants to be convinced in a way that we cannot offer
  bad_credentials,       ///< it refused user name and password
  refused,               ///< it says that it could not or would not connect
};

/// The client's side of SOCKS4, 4a (the protocol as NEC and Ylonen described it), 5 and 5h (RFC 1928, RFC 1929), as
/// bytes in and bytes out.
///
///     while (!is_over()) send outgoing(), then sent(); receive at most wanted() bytes, then received(them)
///
/// Invariants:
/// 1. Either outgoing() is not empty or wanted() is not 0, until it is over.
/// 2. wanted() never reaches beyond the proxy's last answer: what follows belongs to the server.
/// 3. What does not fit into the protocol fails before anything is to be sent (CVE-2023-38545).
class SocksClient final {
 public:
  /// `host` is canonical, as Url::host(). `target` is what to tell the proxy instead of the name.
  /// Requires: `proxy` is one of SOCKS, and there is a target unless it resolves names or the host is an address.
  SocksClient(const Proxy& proxy, std::string_view host, std::uint16_t port, const std::optional<Endpoint>& target);

  [[nodiscard]] bool is_over() const noexcept { return step_ == Step::connected || step_ == Step::failed; }
  /// True when what follows on the stream is between the caller and the server.
  [[nodiscard]] bool is_connected() const noexcept { return step_ == Step::connected; }

  [[nodiscard]] std::string_view outgoing() const noexcept { return outgoing_; }
  void sent() noexcept { outgoing_.clear(); }
  [[nodiscard]] std::size_t wanted() const noexcept { return wanted_ - incoming_.size(); }
  /// Requires: not empty, no longer than wanted(), and outgoing() was sent.
  void received(std::string_view bytes);

  [[nodiscard]] SocksErrc error() const noexcept { return error_; }
  /// What went wrong, as "the proxy answered: connection refused (5)". Shows no credentials.
  [[nodiscard]] const std::string& error_text() const noexcept { return error_text_; }

 private:
  enum class Step : std::uint8_t { socks4_reply, method, credentials, reply_begin, reply_rest, connected, failed };

  void begin(const Proxy& proxy, std::string_view host, std::uint16_t port, const std::optional<IpAddress>& address);
  void begin_socks4(std::string_view user, std::string_view host, std::uint16_t port,
                    const std::optional<IpAddress>& address);
  void begin_socks5(std::string_view host, std::uint16_t port, const std::optional<IpAddress>& address);
  void expect(Step step, std::size_t bytes);
  void fail(SocksErrc code, std::string text);

  // Each looks at what came so far: fails at the first byte that shows it, and goes on once all is there.
  void read_socks4_reply();
  void read_method();
  void read_credentials_answer();
  void read_reply_begin();

  [[nodiscard]] std::uint8_t byte(std::size_t at) const noexcept { return static_cast<std::uint8_t>(incoming_[at]); }
  [[nodiscard]] bool has(std::size_t bytes) const noexcept { return incoming_.size() >= bytes; }

  Step step_ = Step::failed;
  std::string credentials_;  // SOCKS5's message with them; empty when there are none
  std::string request_;      // SOCKS5's, once the method is settled
  std::string outgoing_;
  std::string incoming_;    // of the answer that is being read
  std::size_t wanted_ = 0;  // its size, as far as it is known
  SocksErrc error_ = SocksErrc::none;
  std::string error_text_;
};

}  // namespace okhttp::internal

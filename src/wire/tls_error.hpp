#pragma once

#include <cstdint>
#include <string>
#include <system_error>

namespace okhttp::internal {

/// How TLS failed. A std::error_code category ("okhttp.tls").
enum class TlsErrc : std::uint8_t {
  truncated = 1,        ///< the connection ended without close_notify; equals std::errc::connection_reset
  alert_received,       ///< the peer gave up and said why
  certificate_refused,  ///< the peer gave up over our certificate or the lack of one; equals permission_denied
  not_tls,              ///< the peer speaks something else
  peer_unverified,      ///< the peer's certificate is not trusted or is for another host
  failed,               ///< anything else that ends a connection
};

[[nodiscard]] std::error_code make_error_code(TlsErrc code) noexcept;

/// What OpenSSL left in this thread's error queue, classified and in words. Empties the queue.
class TlsFailure {
 public:
  /// From the queue as it is now; an empty queue gives `failed`.
  [[nodiscard]] static TlsFailure take();

  TlsFailure(TlsErrc code, std::string text) noexcept;
  [[nodiscard]] TlsErrc code() const noexcept { return code_; }
  [[nodiscard]] const std::string& text() const noexcept { return text_; }

 private:
  TlsErrc code_;
  std::string text_;
};

/// OpenSSL's functions ask for an empty error queue.
void clear_tls_errors() noexcept;

}  // namespace okhttp::internal

template <>
struct std::is_error_code_enum<okhttp::internal::TlsErrc> : std::true_type {};

#include "wire/tls_error.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <string_view>
#include <utility>

namespace okhttp::internal {
namespace {

class TlsCategory final : public std::error_category {
 public:
  [[nodiscard]] const char* name() const noexcept override { return "okhttp.tls"; }
  [[nodiscard]] std::string message(int value) const override {
    switch (static_cast<TlsErrc>(value)) {
      case TlsErrc::truncated:
        return "the connection ended without TLS close_notify";
      case TlsErrc::alert_received:
        return "the peer sent a fatal TLS alert";
      case TlsErrc::certificate_refused:
        return "the peer refused our certificate, or asks for one";
      case TlsErrc::not_tls:
        return "the peer does not speak TLS";
      case TlsErrc::peer_unverified:
        return "the peer's certificate could not be verified";
      case TlsErrc::failed:
        return "TLS failed";
    }
    return "unknown";
  }
  [[nodiscard]] std::error_condition default_error_condition(int value) const noexcept override {
    if (static_cast<TlsErrc>(value) == TlsErrc::truncated) return std::errc::connection_reset;
    if (static_cast<TlsErrc>(value) == TlsErrc::certificate_refused) return std::errc::permission_denied;
    return std::error_condition(value, *this);
  }
};

// OpenSSL reports a received alert as a reason: this and the number of the alert.
constexpr int kAlertReasons = SSL_AD_REASON_OFFSET;

bool is_alert(unsigned long error) noexcept {
  const int reason = ERR_GET_REASON(error);
  return ERR_GET_LIB(error) == ERR_LIB_SSL && reason > kAlertReasons && reason <= kAlertReasons + 255;
}

/// RFC 8446 §6.2: those that are about the receiver's certificate.
bool is_about_certificate(unsigned long error) noexcept {
  switch (ERR_GET_REASON(error) - kAlertReasons) {
    case SSL_AD_BAD_CERTIFICATE:
    case SSL_AD_UNSUPPORTED_CERTIFICATE:
    case SSL_AD_CERTIFICATE_REVOKED:
    case SSL_AD_CERTIFICATE_EXPIRED:
    case SSL_AD_CERTIFICATE_UNKNOWN:
    case SSL_AD_UNKNOWN_CA:
    case SSL_AD_CERTIFICATE_REQUIRED:
      return true;
    default:
      return false;
  }
}

// "handshake failure" out of "sslv3 alert handshake failure (SSL alert number 40)".
std::string alert_name(std::string reason) {
  constexpr std::string_view kMark = " alert ";
  if (const auto mark = reason.find(kMark); mark != std::string::npos) reason.erase(0, mark + kMark.size());
  if (const auto data = reason.find(" ("); data != std::string::npos) reason.erase(data);
  return reason;
}

// The first bytes were no record of TLS: a server that speaks clear text, or something that answers for it.
bool is_foreign(int reason) noexcept {
  return reason == SSL_R_WRONG_VERSION_NUMBER || reason == SSL_R_HTTP_REQUEST || reason == SSL_R_HTTPS_PROXY_REQUEST ||
         reason == SSL_R_BAD_PROTOCOL_VERSION_NUMBER;
}

std::string text_of(unsigned long error, const char* data, int flags) {
  const char* reason = ERR_reason_error_string(error);
  std::string text = reason != nullptr ? reason : "error " + std::to_string(error);
  if (data != nullptr && *data != '\0' && (flags & ERR_TXT_STRING) != 0) text += std::string(" (") + data + ')';
  return text;
}

}  // namespace

std::error_code make_error_code(TlsErrc code) noexcept {
  static const TlsCategory category;
  return std::error_code(static_cast<int>(code), category);
}

TlsFailure::TlsFailure(TlsErrc code, std::string text) noexcept : code_(code), text_(std::move(text)) {}

TlsFailure TlsFailure::take() {
  const char* data = nullptr;
  int flags = 0;
  const unsigned long error = ERR_peek_error_data(&data, &flags);
  if (error == 0) return TlsFailure(TlsErrc::failed, "no reason is known");
  std::string text = text_of(error, data, flags);
  ERR_clear_error();
  if (ERR_GET_LIB(error) != ERR_LIB_SSL) return TlsFailure(TlsErrc::failed, std::move(text));
  if (is_alert(error) && is_about_certificate(error)) {
    return TlsFailure(TlsErrc::certificate_refused, "the peer refuses our certificate, or asks for one: alert \"" +
                                                        alert_name(std::move(text)) + '"');
  }
  if (is_alert(error)) {
    return TlsFailure(TlsErrc::alert_received, "the peer sent the alert \"" + alert_name(std::move(text)) + '"');
  }
  switch (ERR_GET_REASON(error)) {
    case SSL_R_UNEXPECTED_EOF_WHILE_READING:
      return TlsFailure(TlsErrc::truncated, "the connection ended without TLS close_notify");
    case SSL_R_CERTIFICATE_VERIFY_FAILED:
      return TlsFailure(TlsErrc::peer_unverified, std::move(text));
    default:
      return TlsFailure(is_foreign(ERR_GET_REASON(error)) ? TlsErrc::not_tls : TlsErrc::failed, std::move(text));
  }
}

void clear_tls_errors() noexcept {
  // Looking is cheaper than clearing, which walks all sixteen places.
  if (ERR_peek_error() != 0) ERR_clear_error();
}

}  // namespace okhttp::internal

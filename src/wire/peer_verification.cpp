#include "wire/peer_verification.hpp"

#include <okhttp/http_date.hpp>
#include <okhttp/ip_address.hpp>

#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "wire/certificate_state.hpp"
#include "wire/handshake_state.hpp"

namespace okhttp::internal {
namespace {

constexpr unsigned kHostFlags = X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS;

std::size_t address_size(const IpAddress& address) noexcept { return address.is_v6() ? 16 : 4; }

// "a.example, b.example and 3 more"
std::string listed(const std::vector<std::string>& names) {
  constexpr std::size_t kShown = 10;
  std::string text;
  for (std::size_t i = 0; i < std::min(names.size(), kShown); ++i) text += (i == 0 ? "" : ", ") + names[i];
  if (names.size() > kShown) text += " and " + std::to_string(names.size() - kShown) + " more";
  return text;
}

std::string named(const Certificate& certificate) {
  const std::string subject = certificate.subject();
  return subject.empty() ? "a certificate without subject" : "certificate '" + subject + "'";
}

TlsVersion version_of(const SSL* ssl) noexcept {
  switch (SSL_version(ssl)) {
    case TLS1_VERSION:
      return TlsVersion::tls_1_0;
    case TLS1_1_VERSION:
      return TlsVersion::tls_1_1;
    case TLS1_2_VERSION:
      return TlsVersion::tls_1_2;
    default:
      return TlsVersion::tls_1_3;
  }
}

}  // namespace

bool is_verifiable_host(std::string_view host) noexcept {
  return !host.empty() && std::all_of(host.begin(), host.end(), [](char c) { return c > ' ' && c < 0x7f; });
}

void expect_host(X509_VERIFY_PARAM* parameters, const std::string& host) {
  X509_VERIFY_PARAM_set_hostflags(parameters, kHostFlags);
  if (const auto address = IpAddress::parse(host)) {
    X509_VERIFY_PARAM_set1_ip(parameters, address->bytes().data(), address_size(*address));
  } else {
    X509_VERIFY_PARAM_set1_host(parameters, host.data(), host.size());
  }
}

bool covers_host(X509* certificate, const std::string& host) noexcept {
  if (const auto address = IpAddress::parse(host)) {
    return X509_check_ip(certificate, address->bytes().data(), address_size(*address), kHostFlags) == 1;
  }
  return X509_check_host(certificate, host.data(), host.size(), kHostFlags, nullptr) == 1;
}

bool covers_host(const Certificate& certificate, const std::string& host) noexcept {
  return is_verifiable_host(host) && covers_host(certificate.state().x509.get(), host);
}

std::string describe_wrong_host(X509* certificate, const std::string& host) {
  if (certificate == nullptr) return "the peer showed no certificate";
  const Certificate shown = certificate_from(certificate);
  const std::vector<std::string> names = shown.subject_alternative_names();
  // RFC 9110 §4.3.4: the common name is no longer looked at.
  if (names.empty()) return named(shown) + " has no subject alternative names, so it covers no host";
  return "the certificate covers " + listed(names) + " but not " + host;
}

std::string describe_verification_failure(X509_STORE_CTX* verification, const std::string& host) {
  const int error = X509_STORE_CTX_get_error(verification);
  X509* certificate = X509_STORE_CTX_get_current_cert(verification);
  std::string reason = X509_verify_cert_error_string(error);
  if (certificate == nullptr) return reason;
  const Certificate at_fault = certificate_from(certificate);
  switch (error) {
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return describe_wrong_host(certificate, host);
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return named(at_fault) + " expired on " + format_http_date(at_fault.not_after());
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return named(at_fault) + " is not valid before " + format_http_date(at_fault.not_before());
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
      return named(at_fault) + " is self-signed and not among the trusted ones";
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
      return "the chain ends in " + named(at_fault) + ", which is not among the trusted ones";
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
      return named(at_fault) + " was issued by '" + at_fault.issuer() + "', which is unknown here";
    default:
      return named(at_fault) + ": " + reason;
  }
}

Handshake describe_handshake(SSL* ssl, std::shared_ptr<const CertificateChain> peer,
                             std::shared_ptr<const CertificateChain> local) {
  const char* suite = SSL_CIPHER_standard_name(SSL_get_current_cipher(ssl));
  return Handshake(std::make_shared<const HandshakeState>(
      version_of(ssl), suite != nullptr ? suite : "", std::move(peer), std::move(local), SSL_session_reused(ssl) == 1));
}

}  // namespace okhttp::internal

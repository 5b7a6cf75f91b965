#pragma once

#include <okhttp/certificate.hpp>

#include <openssl/x509.h>

#include <ctime>
#include <limits>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "wire/openssl.hpp"

namespace okhttp::internal {

struct FreeX509Stack {
  void operator()(STACK_OF(X509) * stack) const noexcept { sk_X509_pop_free(stack, X509_free); }
};
using X509StackPtr = std::unique_ptr<STACK_OF(X509), FreeX509Stack>;

/// Certificates, the leaf first, that become values only for who looks: most calls never do. Immutable; any thread.
class CertificateChain {
 public:
  explicit CertificateChain(X509StackPtr native) noexcept : native_(std::move(native)) {}
  explicit CertificateChain(std::vector<Certificate> certificates) noexcept : certificates_(std::move(certificates)) {}

  [[nodiscard]] const std::vector<Certificate>& certificates() const;
  /// Until when all of them are valid; for ever, if there are only values. OpenSSL is slow to tell, so it is asked
  /// once.
  [[nodiscard]] std::time_t valid_until() const;

 private:
  const X509StackPtr native_;  // null when there are only values
  mutable std::once_flag made_;
  mutable std::once_flag asked_until_;
  mutable std::time_t valid_until_ = std::numeric_limits<std::time_t>::max();
  mutable std::vector<Certificate> certificates_;
};

/// The chain that was verified, from the peer's own certificate to the trusted root, without whatever else the peer
/// sent; where nothing was verified, all that it sent. Requires: a full handshake, not one that resumed a session.
[[nodiscard]] std::shared_ptr<const CertificateChain> peer_chain_of(SSL* ssl);

/// The chain that this end has shown.
[[nodiscard]] std::shared_ptr<const CertificateChain> local_chain_of(SSL* ssl);

/// Whether the peer's certificate was asked for and found good.
[[nodiscard]] bool has_verified_peer(const SSL* ssl) noexcept;

}  // namespace okhttp::internal

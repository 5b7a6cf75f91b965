#pragma once

#include <okhttp/certificate.hpp>

#include <openssl/x509.h>

#include <cstddef>
#include <vector>

#include "wire/openssl.hpp"

namespace okhttp::internal {

/// What a Certificate holds.
struct CertificateState {
  X509Ptr x509;
  std::vector<std::byte> der;
};

/// A certificate of OpenSSL's as a value; shares it.
[[nodiscard]] Certificate certificate_from(X509* x509);

/// A chain of OpenSSL's as values; empty for null.
[[nodiscard]] std::vector<Certificate> certificates_from(const STACK_OF(X509) * chain);

}  // namespace okhttp::internal

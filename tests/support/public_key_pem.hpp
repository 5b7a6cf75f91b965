#pragma once

#include <okhttp/mockwebserver/held_certificate.hpp>

#include <openssl/x509.h>

#include <cstddef>
#include <string>

#include "http/base64.hpp"
#include "wire/certificate_state.hpp"

namespace okhttp {

/// The certificate's SubjectPublicKeyInfo.
inline std::string public_key_der(const HeldCertificate& held) {
  unsigned char* der = nullptr;
  const int size = i2d_PUBKEY(X509_get0_pubkey(held.certificate().state().x509.get()), &der);
  std::string text(reinterpret_cast<const char*>(der), static_cast<std::size_t>(size));
  OPENSSL_free(der);
  return text;
}

/// The same in PEM, as `openssl x509 -pubkey` prints it.
inline std::string public_key_pem(const HeldCertificate& held) {
  std::string text = "-----BEGIN PUBLIC KEY-----\n";
  const std::string code = internal::base64_encode(public_key_der(held));
  for (std::size_t at = 0; at < code.size(); at += 64) text += code.substr(at, 64) + '\n';
  return text + "-----END PUBLIC KEY-----\n";
}

}  // namespace okhttp

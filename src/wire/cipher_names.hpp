#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace okhttp::internal {

/// What OpenSSL knows of one cipher suite.
struct CipherFacts {
  std::string iana_name;
  bool is_tls13 = false;
  bool protects = false;  // encrypts and authenticates
  int bits = 0;           // of security
};

/// The suite of that name, IANA's or OpenSSL's; its iana_name is empty when there is none.
[[nodiscard]] CipherFacts find_cipher(std::string_view name);

/// What a list in OpenSSL's own language means.
struct CipherList {
  std::vector<CipherFacts> suites;  // up to TLS 1.2
  int security_level = 0;           // as it was, unless the list sets one
};
/// Empty when the list means nothing.
[[nodiscard]] CipherList expand_cipher_list(const std::string& list, int security_level);

/// Names of suites as a list for OpenSSL.
[[nodiscard]] std::string openssl_list(const std::vector<std::string>& iana_names);

/// The suites that HTTP/2 does not prohibit over TLS 1.2 (RFC 9113 appendix A): ephemeral keys and AEAD.
[[nodiscard]] bool is_fit_for_http2(std::string_view iana_name) noexcept;

}  // namespace okhttp::internal

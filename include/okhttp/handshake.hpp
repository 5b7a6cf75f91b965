#pragma once

#include <okhttp/certificate.hpp>
#include <okhttp/config.hpp>
#include <okhttp/tls_version.hpp>

#include <memory>
#include <string>
#include <vector>

namespace okhttp {

/// What a TLS handshake agreed upon. An immutable value; copies share their content.
class OKHTTP_API Handshake {
 public:
  Handshake(TlsVersion version, std::string cipher_suite, std::vector<Certificate> peer_certificates,
            std::vector<Certificate> local_certificates);

  [[nodiscard]] TlsVersion tls_version() const noexcept { return state_->version; }
  /// The IANA name, as "TLS_AES_128_GCM_SHA256".
  [[nodiscard]] const std::string& cipher_suite() const noexcept { return state_->cipher_suite; }
  /// The peer's chain, its own certificate first: the verified chain up to the trust anchor or, where nothing was
  /// verified, what the peer sent. Empty when the peer showed none.
  [[nodiscard]] const std::vector<Certificate>& peer_certificates() const noexcept { return state_->peer; }
  /// The chain that we showed, our own certificate first.
  [[nodiscard]] const std::vector<Certificate>& local_certificates() const noexcept { return state_->local; }

  friend OKHTTP_API bool operator==(const Handshake& a, const Handshake& b) noexcept;

 private:
  struct State {
    TlsVersion version;
    std::string cipher_suite;
    std::vector<Certificate> peer;
    std::vector<Certificate> local;

    friend bool operator==(const State&, const State&) = default;
  };
  std::shared_ptr<const State> state_;
};

}  // namespace okhttp

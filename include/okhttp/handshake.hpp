#pragma once

#include <okhttp/certificate.hpp>
#include <okhttp/config.hpp>
#include <okhttp/tls_version.hpp>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace okhttp {

namespace internal {
struct HandshakeState;
}

/// What a TLS handshake agreed upon. An immutable value, for any thread; copies share their content. The chains become
/// values when somebody first asks for them.
class OKHTTP_API Handshake {
 public:
  /// One that resumed nothing.
  Handshake(TlsVersion version, std::string cipher_suite, std::vector<Certificate> peer_certificates,
            std::vector<Certificate> local_certificates);

  [[nodiscard]] TlsVersion tls_version() const noexcept;
  /// The IANA name, as "TLS_AES_128_GCM_SHA256".
  [[nodiscard]] const std::string& cipher_suite() const noexcept;
  /// The peer's chain, its own certificate first: the verified chain up to the trusted root, without what else the peer
  /// may have sent, or, where nothing was verified, what the peer sent. Empty when the peer showed none. Of a resumed
  /// session it is the chain with which the session began.
  [[nodiscard]] const std::vector<Certificate>& peer_certificates() const;
  /// The chain that we showed, our own certificate first; empty when none was asked for. In a resumed session nothing
  /// is shown: then it is the chain with which the session began.
  [[nodiscard]] const std::vector<Certificate>& local_certificates() const;
  /// True when an earlier session was resumed (RFC 8446 §2.2), which spares both ends most of the work.
  [[nodiscard]] bool is_resumed() const noexcept;

  /// True when an earlier handshake along the same route had failed and this one was made with a later ConnectionSpec.
  [[nodiscard]] bool is_fallback() const noexcept;
  /// The same, as one that fell back.
  [[nodiscard]] Handshake as_fallback() const;

  friend OKHTTP_API bool operator==(const Handshake& a, const Handshake& b);

  /// For the library itself.
  explicit Handshake(std::shared_ptr<const internal::HandshakeState> state) noexcept;

 private:
  std::shared_ptr<const internal::HandshakeState> state_;
};

}  // namespace okhttp

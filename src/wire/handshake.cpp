#include <okhttp/handshake.hpp>

#include <utility>

#include "wire/handshake_state.hpp"

namespace okhttp {

using internal::CertificateChain;
using internal::HandshakeState;

Handshake::Handshake(TlsVersion version, std::string cipher_suite, std::vector<Certificate> peer_certificates,
                     std::vector<Certificate> local_certificates)
    : Handshake(std::make_shared<const HandshakeState>(
          version, std::move(cipher_suite), std::make_shared<const CertificateChain>(std::move(peer_certificates)),
          std::make_shared<const CertificateChain>(std::move(local_certificates)), false)) {}

Handshake::Handshake(std::shared_ptr<const HandshakeState> state) noexcept : state_(std::move(state)) {}

TlsVersion Handshake::tls_version() const noexcept { return state_->version; }
const std::string& Handshake::cipher_suite() const noexcept { return state_->cipher_suite; }
const std::vector<Certificate>& Handshake::peer_certificates() const { return state_->peer->certificates(); }
const std::vector<Certificate>& Handshake::local_certificates() const { return state_->local->certificates(); }
bool Handshake::is_resumed() const noexcept { return state_->is_resumed; }
bool Handshake::is_fallback() const noexcept { return state_->is_fallback; }

Handshake Handshake::as_fallback() const {
  HandshakeState state = *state_;
  state.is_fallback = true;
  return Handshake(std::make_shared<const HandshakeState>(std::move(state)));
}

bool operator==(const Handshake& a, const Handshake& b) {
  return a.state_ == b.state_ || (a.tls_version() == b.tls_version() && a.cipher_suite() == b.cipher_suite() &&
                                  a.is_resumed() == b.is_resumed() && a.peer_certificates() == b.peer_certificates() &&
                                  a.local_certificates() == b.local_certificates());
}

}  // namespace okhttp

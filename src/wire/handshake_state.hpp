#pragma once

#include <okhttp/tls_version.hpp>

#include <memory>
#include <string>
#include <utility>

#include "wire/certificate_chain.hpp"

namespace okhttp::internal {

/// What a Handshake holds.
struct HandshakeState {
  HandshakeState(TlsVersion agreed, std::string suite, std::shared_ptr<const CertificateChain> peer_chain,
                 std::shared_ptr<const CertificateChain> local_chain, bool resumed) noexcept
      : version(agreed),
        cipher_suite(std::move(suite)),
        peer(std::move(peer_chain)),
        local(std::move(local_chain)),
        is_resumed(resumed) {}
  TlsVersion version;
  std::string cipher_suite;
  std::shared_ptr<const CertificateChain> peer;
  std::shared_ptr<const CertificateChain> local;
  bool is_resumed;
  bool is_fallback = false;
};

}  // namespace okhttp::internal

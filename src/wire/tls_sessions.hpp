#pragma once

#include <cstddef>
#include <ctime>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "wire/certificate_chain.hpp"
#include "wire/openssl.hpp"

namespace okhttp::internal {

using SslSessionPtr = std::unique_ptr<SSL_SESSION, OpenSslFree<SSL_SESSION_free>>;

/// What the two ends proved in the full handshake with which a session began. Sessions that come of resuming it hand it
/// on, because no certificate is shown in their handshakes.
struct HandshakeProof {
  HandshakeProof(std::shared_ptr<const CertificateChain> peer_chain,
                 std::shared_ptr<const CertificateChain> local_chain, bool peer_is_verified, std::time_t time) noexcept
      : peer(std::move(peer_chain)), local(std::move(local_chain)), is_verified(peer_is_verified), made_at(time) {}
  std::shared_ptr<const CertificateChain> peer;
  std::shared_ptr<const CertificateChain> local;
  bool is_verified;
  std::time_t made_at;
};

/// A session that can be resumed.
struct TlsSession {
  TlsSession(SslSessionPtr session, std::shared_ptr<const HandshakeProof> shown) noexcept
      : native(std::move(session)), proof(std::move(shown)) {}
  SslSessionPtr native;
  std::shared_ptr<const HandshakeProof> proof;
};

/// The sessions to be resumed with one peer under one set of settings. From any thread.
///
/// Invariants:
/// 1. No OpenSSL object in here is in a connection too: they are copied on the way in and, unless they leave for good,
///    on the way out. OpenSSL changes a connection's session when the connection fails.
/// 2. A session of TLS 1.3 is given out once (RFC 8446 §C.4: else an onlooker could tell that two connections are of
///    one client). One of TLS 1.2 stays, since its server may give no other.
class TlsSessions {
 public:
  /// A server sends two or so a connection; more are for connections that are made at the same time.
  static constexpr std::size_t kMost = 8;
  /// How long after its last full handshake a peer is taken at its word (RFC 8446 §4.6.1 has the same for a ticket).
  static constexpr std::time_t kLongest = 7L * 24 * 60 * 60;

  /// Keeps a copy of `session`, in place of the oldest if there are too many.
  void keep(const SSL_SESSION* session, std::shared_ptr<const HandshakeProof> proof);
  /// The newest that is good at `now`: neither the session nor a certificate of its chain has expired. What is not good
  /// on the way there is dropped.
  [[nodiscard]] std::optional<TlsSession> take(std::time_t now);
  void clear();

 private:
  std::mutex mutex_;
  std::vector<TlsSession> sessions_;  // the newest is the last
};

}  // namespace okhttp::internal

#pragma once

#include <okhttp/proxy.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "route/address.hpp"
#include "wire/tls_sessions.hpp"

namespace okhttp::internal {

/// Whose TLS it is: the server's, or that of the proxy on the way to it.
enum class TlsEnd : std::uint8_t { server, proxy };

/// The TLS sessions of a pool, by all that a connection is for: the address with everything that its two ends prove,
/// the proxy on the way, and at which of the two TLS ends (CVE-2021-22890: the tickets of a proxy are not the
/// server's). Bounded: the peers that were asked for least recently are forgotten. From any thread.
class TlsSessionStore final {
 public:
  static constexpr std::size_t kMostPeers = 128;

  /// The sessions with that peer; none yet for a new one.
  [[nodiscard]] std::shared_ptr<TlsSessions> of(const Address& address, const Proxy& proxy, TlsEnd end);
  [[nodiscard]] std::size_t peer_count() const;

 private:
  struct Peer {
    Peer(const Address& whom, const Proxy& on_the_way, TlsEnd at) : address(whom), proxy(on_the_way), end(at) {}
    Address address;
    Proxy proxy;
    TlsEnd end;
    std::shared_ptr<TlsSessions> sessions = std::make_shared<TlsSessions>();
  };

  mutable std::mutex mutex_;
  std::vector<Peer> peers_;  // the most recently used is the last
};

}  // namespace okhttp::internal

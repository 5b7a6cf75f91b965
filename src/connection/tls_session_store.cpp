#include "connection/tls_session_store.hpp"

#include <algorithm>

namespace okhttp::internal {

std::shared_ptr<TlsSessions> TlsSessionStore::of(const Address& address, const Proxy& proxy, TlsEnd end) {
  const std::lock_guard lock(mutex_);
  const auto known = std::find_if(peers_.begin(), peers_.end(), [&](const Peer& peer) {
    return peer.address == address && peer.end == end && peer.proxy == proxy;
  });
  if (known != peers_.end()) {
    std::rotate(known, known + 1, peers_.end());
  } else {
    if (peers_.size() >= kMostPeers) peers_.erase(peers_.begin());
    peers_.emplace_back(address, proxy, end);
  }
  return peers_.back().sessions;
}

std::size_t TlsSessionStore::peer_count() const {
  const std::lock_guard lock(mutex_);
  return peers_.size();
}

}  // namespace okhttp::internal

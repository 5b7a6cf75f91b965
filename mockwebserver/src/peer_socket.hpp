#pragma once

#include <okhttp/mockwebserver/upgraded_socket.hpp>

#include "peer.hpp"

namespace okhttp::internal {

/// A connection as the handler of an upgrade sees it.
class PeerSocket final : public UpgradedSocket {
 public:
  explicit PeerSocket(Peer& peer) noexcept : peer_(peer) {}

  Task<std::size_t> read_some(std::span<std::byte> into) override;
  Task<std::string> read_exactly(std::size_t count) override;
  Task<void> write(std::string bytes) override;
  void shut_down_write() noexcept override { peer_.stream().shut_down_write(); }

 private:
  Task<bool> has_bytes();

  Peer& peer_;
};

}  // namespace okhttp::internal

#pragma once

#include <okhttp/config.hpp>
#include <okhttp/ip_address.hpp>
#include <okhttp/protocol.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

namespace okhttp {

class Handshake;

/// What network interceptors and events are told of a connection. A value; it does not keep the connection.
class OKHTTP_API ConnectionInfo {
 public:
  ConnectionInfo(std::uint64_t id, std::string host, std::uint16_t port, Endpoint peer, Protocol protocol,
                 std::shared_ptr<const Handshake> handshake)
      : id_(id),
        host_(std::move(host)),
        port_(port),
        peer_(peer),
        protocol_(protocol),
        handshake_(std::move(handshake)) {}

  /// Different for every connection of the process.
  [[nodiscard]] std::uint64_t id() const noexcept { return id_; }
  [[nodiscard]] const std::string& host() const noexcept { return host_; }
  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
  /// The address that was dialled.
  [[nodiscard]] const Endpoint& peer() const noexcept { return peer_; }
  [[nodiscard]] Protocol protocol() const noexcept { return protocol_; }
  /// Null in clear text.
  [[nodiscard]] const std::shared_ptr<const Handshake>& handshake() const noexcept { return handshake_; }

 private:
  std::uint64_t id_;
  std::string host_;
  std::uint16_t port_;
  Endpoint peer_;
  Protocol protocol_;
  std::shared_ptr<const Handshake> handshake_;
};

}  // namespace okhttp

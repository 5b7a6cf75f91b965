#pragma once

#include <okhttp/ip_address.hpp>
#include <okhttp/proxy.hpp>

#include <optional>
#include <string>
#include <utility>

#include "route/address.hpp"

namespace okhttp::internal {

/// One way to reach an address: the endpoint that is dialled, which is the address's own or a proxy's.
class Route {
 public:
  /// Without a proxy.
  Route(Address address, Endpoint endpoint) : address_(std::move(address)), endpoint_(endpoint) {}
  /// `endpoint` is the proxy's. `target` is where the proxy is to connect, for one that is given addresses instead of
  /// names (SOCKS4 and 5); else it is given the address's host and port.
  Route(Address address, Proxy proxy, Endpoint endpoint, std::optional<Endpoint> target = std::nullopt)
      : address_(std::move(address)), proxy_(std::move(proxy)), endpoint_(endpoint), target_(target) {}

  [[nodiscard]] const Address& address() const noexcept { return address_; }
  [[nodiscard]] const Proxy& proxy() const noexcept { return proxy_; }
  /// What is dialled; an empty one for a Unix socket.
  [[nodiscard]] const Endpoint& endpoint() const noexcept { return endpoint_; }
  /// Where the proxy connects to, when it is told an address.
  [[nodiscard]] const std::optional<Endpoint>& target() const noexcept { return target_; }
  /// True when an HTTP proxy has to be asked for a tunnel (CONNECT): for TLS, and for HTTP/2 in clear text.
  [[nodiscard]] bool requires_tunnel() const noexcept;
  /// True when requests are sent to an HTTP proxy, which forwards them.
  [[nodiscard]] bool is_forwarded() const noexcept { return proxy_.is_http() && !requires_tunnel(); }
  /// "example.com:443 at 192.0.2.1:443", or with a proxy
  /// "example.com:443 via http://proxy.example:3128 at 192.0.2.9:3128"; for messages.
  [[nodiscard]] std::string to_string() const;

  friend bool operator==(const Route&, const Route&) noexcept = default;

 private:
  Address address_;
  Proxy proxy_;
  Endpoint endpoint_;
  std::optional<Endpoint> target_;
};

}  // namespace okhttp::internal

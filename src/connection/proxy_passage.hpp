#pragma once

#include <okhttp/task.hpp>

#include <memory>
#include <optional>
#include <string>

#include "connection/connection_settings.hpp"
#include "connection/tunnel.hpp"
#include "route/route.hpp"
#include "runtime/stream.hpp"

namespace okhttp::internal {

/// What lies between TCP and the server where a route leads through a proxy: TLS to the proxy itself, then SOCKS, a
/// tunnel, or nothing more where the proxy forwards requests.
class ProxyPassage final {
 public:
  /// All outlive the passage. Requires: the route has a proxy.
  ProxyPassage(CallContext& context, const ConnectionSettings& settings, const Route& route, TimePoint until);

  /// From a socket that is connected to the proxy to a stream at whose other end is the server, or the proxy that
  /// forwards. Null when the proxy closed after it had asked for credentials: again with a new socket.
  ///
  /// Throws Error; the socket is closed then. Resumes on the engine of the call.
  Task<std::unique_ptr<Stream>> pass(std::unique_ptr<Stream> stream);

  /// After pass(): what requests that the proxy forwards are to show it.
  [[nodiscard]] const std::optional<std::string>& authorization() const noexcept { return authorization_; }

 private:
  Task<std::unique_ptr<Stream>> secure(std::unique_ptr<Stream> stream);

  CallContext& context_;
  const ConnectionSettings& settings_;
  const Route& route_;
  const TimePoint until_;
  std::optional<std::string> authorization_;
  std::optional<Tunnel> tunnel_;
};

}  // namespace okhttp::internal

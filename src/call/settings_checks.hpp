#pragma once

#include <okhttp/proxy.hpp>
#include <okhttp/tls.hpp>

#include <optional>
#include <string>

#include "connection/connection_settings.hpp"
#include "runtime/socket_settings.hpp"

// What holds for the settings of a client and for those of one call.

namespace okhttp::internal {

/// Throws std::invalid_argument for a path that the system could not take.
void check_unix_path(const std::string& path);

/// Throws std::invalid_argument when a proxy is to be reached through a Unix socket.
void check_unix_socket(const SocketSettings& sockets, const std::optional<Proxy>& proxy);

/// The context for TLS to a proxy: `tls`, but without the client certificate, which is for servers.
[[nodiscard]] std::shared_ptr<LazyTlsContext> proxy_context(const std::shared_ptr<LazyTlsContext>& tls);

}  // namespace okhttp::internal

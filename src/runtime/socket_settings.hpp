#pragma once

#include <okhttp/function.hpp>
#include <okhttp/ip_address.hpp>

#include <memory>
#include <optional>
#include <string>

namespace okhttp::internal {

/// What a client wants of the sockets that it dials with.
struct SocketSettings {
  std::optional<IpAddress> local_address;
  std::string local_interface;  ///< "eth0"; empty is any
  std::string unix_path;        ///< instead of TCP, whatever the host; empty is none
  /// Called with each new descriptor before it is connected; may throw. Compared by identity; null is none.
  std::shared_ptr<const std::function<void(int descriptor)>> configure;

  friend bool operator==(const SocketSettings&, const SocketSettings&) = default;
};

}  // namespace okhttp::internal

#pragma once

#include <okhttp/task.hpp>

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <string_view>

namespace okhttp {

/// The connection as it is after the response that upgraded it: bytes both ways, through TLS where there is TLS.
///
/// Used by a coroutine on the server's thread, inside the handler that MockResponse::Builder::upgrade() was given. All
/// functions throw okhttp::Error (connection_closed) when the connection breaks and when the server is closed.
class UpgradedSocket {
 public:
  UpgradedSocket() = default;
  UpgradedSocket(const UpgradedSocket&) = delete;
  UpgradedSocket& operator=(const UpgradedSocket&) = delete;
  virtual ~UpgradedSocket() = default;

  /// Reads at least one byte; 0 when the client has closed its side. What the client sent right behind its request
  /// comes first.
  virtual Task<std::size_t> read_some(std::span<std::byte> into) = 0;
  /// Reads exactly that many bytes, fewer only when the client closes before.
  virtual Task<std::string> read_exactly(std::size_t count) = 0;
  virtual Task<void> write(std::string bytes) = 0;
  /// Ends the server's side of the conversation; reading goes on.
  virtual void shut_down_write() noexcept = 0;
};

/// What runs a connection after it was upgraded. The connection is closed when it returns or throws.
using UpgradeHandler = std::function<Task<void>(UpgradedSocket&)>;

}  // namespace okhttp

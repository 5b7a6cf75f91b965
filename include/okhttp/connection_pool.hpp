#pragma once

#include <okhttp/chrono.hpp>
#include <okhttp/config.hpp>

#include <cstddef>
#include <memory>

namespace okhttp {

namespace internal {
class ConnectionStore;
struct PoolAccess;
}  // namespace internal

/// The connections that calls share. A handle; copies are the same pool. Safe from any thread.
///
/// Clients derived from one another share one pool; it may also be given to several clients.
class OKHTTP_API ConnectionPool {
 public:
  /// Keeps at most `max_idle` idle connections in total, each for at most `keep_alive` (above 0) after its last use.
  /// Throws std::invalid_argument for a keep_alive that is not above 0.
  explicit ConnectionPool(std::size_t max_idle = 5, std::chrono::milliseconds keep_alive = std::chrono::minutes(5));

  /// Connections that exist, in use or idle.
  [[nodiscard]] std::size_t connection_count() const;
  [[nodiscard]] std::size_t idle_connection_count() const;
  /// Closes idle connections now, and the others when their exchanges end.
  void evict_all() const;

 private:
  friend struct internal::PoolAccess;
  std::shared_ptr<internal::ConnectionStore> store_;
};

}  // namespace okhttp

#include <okhttp/connection_pool.hpp>

#include <stdexcept>

#include "connection/connection_store.hpp"

namespace okhttp {

ConnectionPool::ConnectionPool(std::size_t max_idle, std::chrono::milliseconds keep_alive) {
  if (keep_alive <= std::chrono::milliseconds::zero()) {
    throw std::invalid_argument("ConnectionPool: keep_alive must be above 0");
  }
  store_ = std::make_shared<internal::ConnectionStore>(max_idle, keep_alive);
}

std::size_t ConnectionPool::connection_count() const { return store_->connection_count(); }
std::size_t ConnectionPool::idle_connection_count() const { return store_->idle_connection_count(); }
void ConnectionPool::evict_all() const { store_->evict_all(); }

}  // namespace okhttp

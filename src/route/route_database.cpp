#include "route/route_database.hpp"

#include <algorithm>

namespace okhttp::internal {

void RouteDatabase::failed(const Route& route) {
  const std::lock_guard lock(mutex_);
  if (std::find(failed_.begin(), failed_.end(), route) != failed_.end()) return;
  if (failed_.size() == kMaxRoutes) failed_.erase(failed_.begin());
  failed_.push_back(route);
}

void RouteDatabase::connected(const Route& route) {
  const std::lock_guard lock(mutex_);
  std::erase(failed_, route);
}

bool RouteDatabase::should_postpone(const Route& route) const {
  const std::lock_guard lock(mutex_);
  return std::find(failed_.begin(), failed_.end(), route) != failed_.end();
}

}  // namespace okhttp::internal

#pragma once

#include <mutex>
#include <vector>

#include "route/route.hpp"

namespace okhttp::internal {

/// Routes that failed lately, so that they are tried last. Safe from any thread.
class RouteDatabase final {
 public:
  void failed(const Route& route);
  /// Takes the route off the list.
  void connected(const Route& route);
  [[nodiscard]] bool should_postpone(const Route& route) const;

 private:
  static constexpr std::size_t kMaxRoutes = 256;  // the oldest are forgotten

  mutable std::mutex mutex_;
  std::vector<Route> failed_;
};

}  // namespace okhttp::internal

#pragma once

#include <memory>

#include "runtime/engine.hpp"
#include "runtime/wait.hpp"

namespace okhttp::internal {

/// Where one coroutine waits to be told of news on an HTTP/2 connection, on whatever engine runs it. Everything here is
/// guarded by the connection's lock.
class ParkingPlace {
 public:
  ParkingPlace() = default;
  ParkingPlace(const ParkingPlace&) = delete;
  ParkingPlace& operator=(const ParkingPlace&) = delete;
  virtual ~ParkingPlace() = default;

  /// True when whoever waits here has something to do.
  [[nodiscard]] virtual bool has_news() const noexcept = 0;
  /// What the place lies in, for a job that is on its way to it.
  [[nodiscard]] virtual std::shared_ptr<void> keep_alive() = 0;

 private:
  friend class Http2Connection;
  friend class Http2Wait;

  Wait* wait_ = nullptr;      // registered from before it is parked until it was resumed
  Engine* engine_ = nullptr;  // that it is parked on, which lives as long as it is registered
  bool is_told_ = false;      // to look anew; until it does, with a job on its way if it waits
};

}  // namespace okhttp::internal

#pragma once

#include <algorithm>
#include <chrono>

#include "runtime/clock.hpp"

namespace okhttp::internal {

/// How many frames a peer may send that further no exchange: PING, SETTINGS, RST_STREAM, empty DATA and their kind.
/// Some are normal, a flood of them costs us and not the peer (CVE-2019-9512, -9514, -9515, -9518 and later ones).
///
/// A bucket that refills with time and at once when an exchange makes progress.
class FrameAllowance {
 public:
  static constexpr double kFull = 2000;
  static constexpr double kPerSecond = 200;

  /// One useless frame. False when the peer has sent too many.
  [[nodiscard]] bool spend(TimePoint now) noexcept {
    const double seconds = std::chrono::duration<double>(now - last_).count();
    if (seconds > 0) left_ = std::min(kFull, left_ + seconds * kPerSecond);
    last_ = now;
    left_ -= 1;
    return left_ >= 0;
  }
  /// An exchange went on. What a peer earns by it is little, so that no flood can be hidden between useful frames.
  void progress() noexcept { left_ = std::min(kFull, left_ + 4); }

 private:
  double left_ = kFull;
  TimePoint last_{};
};

}  // namespace okhttp::internal

#pragma once

#include <chrono>

namespace okhttp::internal {

using Clock = std::chrono::steady_clock;
using TimePoint = Clock::time_point;
using Duration = Clock::duration;

/// The deadline of what may take for ever.
inline constexpr TimePoint kNever = TimePoint::max();

/// `start + timeout`, where a timeout of 0 means none.
[[nodiscard]] constexpr TimePoint deadline_after(TimePoint start, Duration timeout) noexcept {
  if (timeout <= Duration::zero() || timeout >= kNever - start) return kNever;
  return start + timeout;
}

}  // namespace okhttp::internal

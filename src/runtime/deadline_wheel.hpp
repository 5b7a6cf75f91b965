#pragma once

#include <array>
#include <cstdint>

#include "runtime/wait.hpp"

namespace okhttp::internal {

/// The deadlines of many waits, kept by coarse ticks: adding and removing take constant time, and nothing is armed for
/// a single one. A deadline is never reported early, and at most two ticks late.
///
/// A ring of buckets, one a tick; a deadline further away than the ring is long stays in its bucket for more rounds.
/// The few waits that are exact stand in a list of their own, which is searched at every look.
class DeadlineWheel {
 public:
  static constexpr Duration kTick = std::chrono::milliseconds(10);

  [[nodiscard]] bool empty() const noexcept { return count_ == 0; }

  void add(Wait& wait) noexcept;
  void remove(Wait& wait) noexcept;

  /// Takes one wait whose deadline is at or before `now` and leaves it in place; null when there is none. The caller
  /// ends that wait, which removes it, before it asks again.
  [[nodiscard]] Wait* next_expired(TimePoint now) noexcept;

  /// When to look again at the latest. Requires: it is not empty, and next_expired(now) has just said that there is
  /// none.
  [[nodiscard]] TimePoint next_look(TimePoint now) const noexcept;
  /// When a look finds that this one is due.
  [[nodiscard]] static TimePoint look_for(const Wait& wait) noexcept {
    return wait.is_exact() ? wait.deadline() : time_of(tick_of(wait.deadline()) + 1);
  }

 private:
  static constexpr std::size_t kBuckets = 512;

  static std::int64_t tick_of(TimePoint time) noexcept { return time.time_since_epoch() / kTick; }
  static TimePoint time_of(std::int64_t tick) noexcept { return TimePoint(tick * kTick); }

  [[nodiscard]] Wait::DeadlineList& bucket_of(Wait& wait) noexcept {
    return wait.is_exact() ? exact_ : buckets_[wait.deadline_slot_];
  }
  [[nodiscard]] static Wait* first_expired(const Wait::DeadlineList& waits, TimePoint now) noexcept;

  std::array<Wait::DeadlineList, kBuckets> buckets_;
  Wait::DeadlineList exact_;
  std::size_t count_ = 0;
  std::int64_t current_ = 0;  // the tick whose bucket is to be looked at next
};

}  // namespace okhttp::internal

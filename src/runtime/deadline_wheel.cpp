#include "runtime/deadline_wheel.hpp"

#include <algorithm>

namespace okhttp::internal {

void DeadlineWheel::add(Wait& wait) noexcept {
  // One that is due already goes where the next look finds it.
  const std::int64_t tick = std::max(tick_of(wait.deadline()) + 1, current_);
  wait.deadline_slot_ = static_cast<std::uint16_t>(static_cast<std::uint64_t>(tick) % kBuckets);
  buckets_[wait.deadline_slot_].push_back(wait);
  ++count_;
}

void DeadlineWheel::remove(Wait& wait) noexcept {
  buckets_[wait.deadline_slot_].erase(wait);
  --count_;
}

Wait* DeadlineWheel::next_expired(TimePoint now) noexcept {
  const std::int64_t last = tick_of(now);
  // After a long sleep one round over the ring sees every bucket.
  current_ = std::max(current_, last - static_cast<std::int64_t>(kBuckets) + 1);
  for (;;) {
    Wait::DeadlineList& bucket = buckets_[static_cast<std::uint64_t>(current_) % kBuckets];
    for (Wait* wait = bucket.front(); wait != nullptr; wait = Wait::DeadlineList::next(*wait)) {
      if (wait->deadline() <= now) return wait;
    }
    // The bucket of the present tick is looked at again next time: it may hold what is due within the tick.
    if (current_ >= last) return nullptr;
    ++current_;
  }
}

TimePoint DeadlineWheel::next_look(TimePoint now) const noexcept {
  const std::int64_t present = tick_of(now);
  // A bucket may hold only waits of later rounds: then the look was for nothing, once a round.
  for (std::int64_t tick = present + 1; tick < present + static_cast<std::int64_t>(kBuckets); ++tick) {
    if (!buckets_[static_cast<std::uint64_t>(tick) % kBuckets].empty()) return time_of(tick);
  }
  return time_of(present + static_cast<std::int64_t>(kBuckets));
}

}  // namespace okhttp::internal

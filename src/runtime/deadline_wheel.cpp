#include "runtime/deadline_wheel.hpp"

#include <algorithm>

namespace okhttp::internal {

void DeadlineWheel::add(Wait& wait) noexcept {
  // One that is due already goes where the next look finds it.
  const std::int64_t tick = std::max(tick_of(wait.deadline()) + 1, current_);
  wait.deadline_slot_ = static_cast<std::uint16_t>(static_cast<std::uint64_t>(tick) % kBuckets);
  bucket_of(wait).push_back(wait);
  ++count_;
}

void DeadlineWheel::remove(Wait& wait) noexcept {
  bucket_of(wait).erase(wait);
  --count_;
}

Wait* DeadlineWheel::first_expired(const Wait::DeadlineList& waits, TimePoint now) noexcept {
  for (Wait* wait = waits.front(); wait != nullptr; wait = Wait::DeadlineList::next(*wait)) {
    if (wait->deadline() <= now) return wait;
  }
  return nullptr;
}

Wait* DeadlineWheel::next_expired(TimePoint now) noexcept {
  if (Wait* wait = first_expired(exact_, now); wait != nullptr) return wait;
  const std::int64_t last = tick_of(now);
  // After a long sleep one round over the ring sees every bucket.
  current_ = std::max(current_, last - static_cast<std::int64_t>(kBuckets) + 1);
  for (;;) {
    const Wait::DeadlineList& bucket = buckets_[static_cast<std::uint64_t>(current_) % kBuckets];
    if (Wait* wait = first_expired(bucket, now); wait != nullptr) return wait;
    // The bucket of the present tick is looked at again next time: it may hold what is due within the tick.
    if (current_ >= last) return nullptr;
    ++current_;
  }
}

TimePoint DeadlineWheel::next_look(TimePoint now) const noexcept {
  TimePoint exact = kNever;
  for (const Wait* wait = exact_.front(); wait != nullptr; wait = Wait::DeadlineList::next(*wait)) {
    exact = std::min(exact, wait->deadline());
  }
  const std::int64_t present = tick_of(now);
  const std::int64_t end = present + static_cast<std::int64_t>(kBuckets);
  // A bucket may hold only waits of later rounds: then the look was for nothing, once a round.
  for (std::int64_t tick = present + 1; tick < end; ++tick) {
    if (time_of(tick) >= exact) return exact;
    if (!buckets_[static_cast<std::uint64_t>(tick) % kBuckets].empty()) return time_of(tick);
  }
  return std::min(exact, time_of(end));
}

}  // namespace okhttp::internal

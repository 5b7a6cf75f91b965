#include "modules/circuit.hpp"

namespace okhttp::internal {

std::int64_t Circuit::slice_number(const CircuitPolicy& policy, TimePoint now) noexcept {
  const Duration slice = Duration(policy.window) / static_cast<Duration::rep>(kSlices);
  return now.time_since_epoch() / slice;
}

void Circuit::count(const CircuitPolicy& policy, TimePoint now, bool failed) {
  const std::int64_t number = slice_number(policy, now);
  Slice& slice = slices_[static_cast<std::size_t>(number) % kSlices];
  if (slice.number != number) {
    slice = Slice();
    slice.number = number;
  }
  ++slice.calls;
  if (failed) ++slice.failures;
}

bool Circuit::fails_too_often(const CircuitPolicy& policy, TimePoint now) const {
  const std::int64_t oldest = slice_number(policy, now) - static_cast<std::int64_t>(kSlices) + 1;
  unsigned calls = 0;
  unsigned failures = 0;
  for (const Slice& slice : slices_) {
    if (slice.number < oldest) continue;
    calls += slice.calls;
    failures += slice.failures;
  }
  return calls >= policy.min_calls && failures >= policy.failure_rate * calls;
}

CircuitState Circuit::change(CircuitState to) {
  state_ = to;
  ++period_;
  probe_runs_ = false;
  slices_.fill(Slice());
  return to;
}

CircuitState Circuit::open(const CircuitPolicy& policy, TimePoint now) {
  open_until_ = now + policy.open_time;
  return change(CircuitState::open);
}

Circuit::Entry Circuit::enter(TimePoint now) {
  Entry entry;
  if (state_ == CircuitState::open && now >= open_until_) entry.changed = change(CircuitState::half_open);
  entry.period = period_;
  entry.admitted = state_ == CircuitState::closed || (state_ == CircuitState::half_open && !probe_runs_);
  if (state_ == CircuitState::half_open) probe_runs_ = true;
  // While somebody tries, its answer may come at any time.
  entry.closed_until = state_ == CircuitState::open ? open_until_ : now;
  return entry;
}

std::optional<CircuitState> Circuit::leave(const CircuitPolicy& policy, TimePoint now, std::uint64_t period,
                                           Outcome outcome) {
  if (period != period_) return std::nullopt;
  if (state_ == CircuitState::half_open) {
    probe_runs_ = false;
    if (outcome == Outcome::unknown) return std::nullopt;
    return outcome == Outcome::success ? change(CircuitState::closed) : open(policy, now);
  }
  if (outcome == Outcome::unknown) return std::nullopt;
  count(policy, now, outcome == Outcome::failure);
  if (outcome == Outcome::failure && fails_too_often(policy, now)) return open(policy, now);
  return std::nullopt;
}

bool Circuit::is_idle(const CircuitPolicy& policy, TimePoint now) const noexcept {
  if (state_ != CircuitState::closed) return false;
  const std::int64_t oldest = slice_number(policy, now) - static_cast<std::int64_t>(kSlices) + 1;
  for (const Slice& slice : slices_) {
    if (slice.number >= oldest) return false;
  }
  return true;
}

}  // namespace okhttp::internal

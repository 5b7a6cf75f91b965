#pragma once

#include <okhttp/circuit_breaker_interceptor.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "runtime/clock.hpp"

namespace okhttp::internal {

/// The rules of one circuit. No lock, no clock.
class Circuit {
 public:
  /// What a call was told when it came.
  struct Entry {
    bool admitted = false;
    std::uint64_t period = 0;  ///< of the circuit, for leave()
    TimePoint closed_until{};  ///< not admitted: when it may be worth another try
    std::optional<CircuitState> changed = std::nullopt;
  };
  enum class Outcome : std::uint8_t { success, failure, unknown };

  [[nodiscard]] CircuitState state() const noexcept { return state_; }
  [[nodiscard]] Entry enter(TimePoint now);
  /// How an admitted call ended; the new state when that changed it. What began before the last change says nothing
  /// about the server of now.
  std::optional<CircuitState> leave(const CircuitPolicy& policy, TimePoint now, std::uint64_t period, Outcome outcome);
  /// True when it remembers nothing that matters, so that a new one is as good.
  [[nodiscard]] bool is_idle(const CircuitPolicy& policy, TimePoint now) const noexcept;

 private:
  static constexpr std::size_t kSlices = 10;
  struct Slice {
    std::int64_t number = -1;
    unsigned calls = 0;
    unsigned failures = 0;
  };

  [[nodiscard]] static std::int64_t slice_number(const CircuitPolicy& policy, TimePoint now) noexcept;
  void count(const CircuitPolicy& policy, TimePoint now, bool failed);
  [[nodiscard]] bool fails_too_often(const CircuitPolicy& policy, TimePoint now) const;
  CircuitState change(CircuitState to);
  CircuitState open(const CircuitPolicy& policy, TimePoint now);

  CircuitState state_ = CircuitState::closed;
  std::uint64_t period_ = 0;  // counts the changes
  TimePoint open_until_{};
  bool probe_runs_ = false;
  std::array<Slice, kSlices> slices_;
};

}  // namespace okhttp::internal

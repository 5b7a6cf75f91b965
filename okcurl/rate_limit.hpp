#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace okcurl {

/// --limit-rate: how long to wait so that bytes pass no faster. What a pause of the other side left unused is made up
/// for within one second's worth.
class RateLimit {
 public:
  using Clock = std::chrono::steady_clock;

  /// 0: without a limit.
  explicit RateLimit(std::uint64_t bytes_per_second) : rate_(bytes_per_second) {}

  /// How much to move at once: a tenth of a second's worth, and at most `most`.
  [[nodiscard]] std::size_t piece(std::size_t most) const noexcept;
  /// So many bytes have passed: how long to wait before the next.
  [[nodiscard]] Clock::duration pause(std::uint64_t bytes, Clock::time_point now);

 private:
  std::uint64_t rate_;
  std::optional<Clock::time_point> due_;  // when what has passed would have passed at the rate
};

}  // namespace okcurl

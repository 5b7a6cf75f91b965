#include "okcurl/rate_limit.hpp"

#include <algorithm>

namespace okcurl {
namespace {

constexpr std::chrono::seconds kMostUnused(1);

}  // namespace

std::size_t RateLimit::piece(std::size_t most) const noexcept {
  if (rate_ == 0) return most;
  return static_cast<std::size_t>(std::clamp<std::uint64_t>(rate_ / 10, 1, most));
}

RateLimit::Clock::duration RateLimit::pause(std::uint64_t bytes, Clock::time_point now) {
  if (rate_ == 0) return Clock::duration::zero();
  const std::chrono::duration<double> time(static_cast<double>(bytes) / static_cast<double>(rate_));
  const Clock::time_point begin = due_.has_value() ? std::max(*due_, now - kMostUnused) : now;
  due_ = begin + std::chrono::duration_cast<Clock::duration>(time);
  return std::max(*due_ - now, Clock::duration::zero());
}

}  // namespace okcurl

#pragma once

#include <cstddef>
#include <cstdint>

namespace okhttp::internal {

/// Numbers that are the same for one seed on every platform and every run (splitmix64).
class SeededRandom final {
 public:
  explicit SeededRandom(std::uint64_t seed) noexcept : state_(seed) {}

  std::uint64_t next() noexcept {
    state_ += 0x9e3779b97f4a7c15U;
    std::uint64_t value = state_;
    value = (value ^ (value >> 30U)) * 0xbf58476d1ce4e5b9U;
    value = (value ^ (value >> 27U)) * 0x94d049bb133111ebU;
    return value ^ (value >> 31U);
  }

  /// 0 to `bound` - 1; 0 when the bound is 0.
  std::size_t below(std::size_t bound) noexcept { return bound == 0 ? 0 : static_cast<std::size_t>(next() % bound); }
  /// `low` to `high`, both included.
  std::size_t between(std::size_t low, std::size_t high) noexcept { return low + below(high - low + 1); }
  bool one_in(std::size_t count) noexcept { return below(count) == 0; }

 private:
  std::uint64_t state_;
};

}  // namespace okhttp::internal

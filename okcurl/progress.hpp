#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace okcurl {

/// One line on the terminal that tells how far a long transfer has come.
class Progress {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr std::chrono::milliseconds kBetweenLines{200};

  Progress(bool is_shown, std::optional<std::uint64_t> total) : is_shown_(is_shown), total_(total) {}
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  /// Wipes the line away.
  ~Progress();

  void advance(std::uint64_t bytes);

  /// The line, as "12.0 MiB of 64.0 MiB (18 %), 4.0 MiB/s, 13 s left".
  [[nodiscard]] static std::string line(std::uint64_t done, std::optional<std::uint64_t> total, Clock::duration time);

 private:
  bool is_shown_;
  std::optional<std::uint64_t> total_;
  std::uint64_t done_ = 0;
  Clock::time_point start_ = Clock::now();
  Clock::time_point next_ = start_ + std::chrono::seconds(1);
  bool is_drawn_ = false;
};

}  // namespace okcurl

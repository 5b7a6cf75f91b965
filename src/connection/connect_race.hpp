#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

#include "runtime/clock.hpp"

namespace okhttp::internal {

/// The rules by which connection attempts race (RFC 8305 §5), without any I/O: says when the next one begins and who is
/// out.
///
/// A new attempt begins kDelay after the last one, or at once when one has failed. The first to connect TCP wins, the
/// others leave the race. When the winner fails after all, it goes on with new attempts.
///
///     start --> running --(TCP)--> winner --(TLS)--> found
///                 |   \--(another won)--> out       \--failed--> start of the next, at once
///                 \--failed--> start of the next, at once
class ConnectRace final {
 public:
  /// RFC 8305 §8: the Connection Attempt Delay.
  static constexpr Duration kDelay = std::chrono::milliseconds(250);

  /// Numbers attempts in the order in which they begin.
  using Attempt = std::uint32_t;

  enum class Move : std::uint8_t {
    start,    ///< begin the next attempt
    wait,     ///< for an attempt to come to its end, no longer than next_start()
    give_up,  ///< nobody is running, and there is nobody to start
  };

  /// What to do now; `has_more` says whether there is another route to begin with.
  [[nodiscard]] Move next(TimePoint now, bool has_more) const noexcept;
  /// When the next attempt may begin.
  [[nodiscard]] TimePoint next_start() const noexcept { return next_start_; }
  [[nodiscard]] bool is_running() const noexcept { return !running_.empty(); }

  /// An attempt begins.
  Attempt start(TimePoint now);
  /// A running attempt has failed.
  void fail(Attempt attempt) noexcept;
  /// A running attempt was the first to connect. Those that are out by that, in the order in which they began.
  [[nodiscard]] std::vector<Attempt> win(Attempt winner);
  /// The winner failed in what comes after TCP.
  void fail_winner() noexcept { next_start_ = TimePoint::min(); }

 private:
  Attempt begun_ = 0;
  std::vector<Attempt> running_;
  TimePoint next_start_ = TimePoint::min();
};

}  // namespace okhttp::internal

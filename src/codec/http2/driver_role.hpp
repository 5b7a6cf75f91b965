#pragma once

#include <cstdint>

#include "runtime/intrusive_list.hpp"

namespace okhttp::internal {

/// Who reads from an HTTP/2 connection: at most one at a time of all who wait for something on it. A pure state machine
/// under the connection's lock; what it says to do is done by its caller.
///
/// A member waits either on a thread of its own, where it can read while it waits, or on a loop, which reads for all of
/// its members by one pump.
///
///              enter (thread)                leave: to the next member, a thread's first
///     vacant ------------------> driven by M -------------------------------> offered to N
///       |  ^                                                                   |       |
///       |  | nobody waits                        enter(N), on a loop           |       | enter(N), on a thread
///       |  +------------------- pumped <---------------------------------------+       +---> driven by N
///       +-- enter (loop) --------^   |
///                                    +-- pump_ended: offered to the next member
///
/// Invariants:
/// 1. While a member waits, the role is not vacant.
/// 2. An offer is answered by enter() or leave() of the member it was made to, who has been told.
class DriverRole {
 public:
  enum class Place : std::uint8_t { thread, loop };
  enum class Duty : std::uint8_t {
    follow,      ///< somebody else reads; what comes will be told
    drive,       ///< read while waiting
    start_pump,  ///< start the loop's pump, then follow
  };

  /// One who may wait. Lives as long as it waits.
  class Member {
   public:
    [[nodiscard]] bool is_waiting() const noexcept { return waiting_; }
    /// Requires: it waits.
    [[nodiscard]] Place place() const noexcept { return place_; }

   private:
    friend class DriverRole;
    Place place_ = Place::thread;
    bool waiting_ = false;
    ListHook<Member> hook_;
  };

  /// `member` waits, or goes on waiting, in that place, which may be another than before.
  [[nodiscard]] Duty enter(Member& member, Place place) noexcept;
  /// `member` waits no more. The member that the role is offered to, who has to be told to enter() again; or null.
  [[nodiscard]] Member* leave(Member& member) noexcept;

  /// True while somebody on a loop waits.
  [[nodiscard]] bool needs_pump() const noexcept { return !on_loops_.empty(); }
  /// The pump reads no more, as it is not needed or its loop has ended. As leave().
  [[nodiscard]] Member* pump_ended() noexcept;

  /// True when nobody reads and nobody is asked to.
  [[nodiscard]] bool is_vacant() const noexcept { return state_ == State::vacant; }
  [[nodiscard]] bool is_pumped() const noexcept { return state_ == State::pumped; }
  /// The member that reads, or null.
  [[nodiscard]] Member* driver() const noexcept { return state_ == State::driven ? member_ : nullptr; }

 private:
  enum class State : std::uint8_t { vacant, driven, offered, pumped };
  using Members = IntrusiveList<Member, &Member::hook_>;

  [[nodiscard]] Members& list(Place place) noexcept { return place == Place::thread ? on_threads_ : on_loops_; }
  [[nodiscard]] Member* pass_on() noexcept;

  State state_ = State::vacant;
  Member* member_ = nullptr;  // who drives or has the offer
  Members on_threads_;        // waiting members, the longest first
  Members on_loops_;
};

}  // namespace okhttp::internal

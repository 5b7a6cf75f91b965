#include "codec/http2/driver_role.hpp"

#include <cassert>

namespace okhttp::internal {

DriverRole::Duty DriverRole::enter(Member& member, Place place) noexcept {
  const bool moved = member.waiting_ && member.place_ != place;
  if (moved) list(member.place_).erase(member);
  if (moved || !member.waiting_) list(place).push_back(member);
  member.waiting_ = true;
  member.place_ = place;

  const bool is_mine = member_ == &member && (state_ == State::driven || state_ == State::offered);
  if (state_ != State::vacant && !is_mine) return Duty::follow;
  if (place == Place::thread) {
    state_ = State::driven;
    member_ = &member;
    return Duty::drive;
  }
  state_ = State::pumped;
  member_ = nullptr;
  return Duty::start_pump;
}

DriverRole::Member* DriverRole::leave(Member& member) noexcept {
  if (!member.waiting_) return nullptr;
  list(member.place_).erase(member);
  member.waiting_ = false;
  return member_ == &member ? pass_on() : nullptr;
}

DriverRole::Member* DriverRole::pump_ended() noexcept {
  assert(state_ == State::pumped);
  return pass_on();
}

DriverRole::Member* DriverRole::pass_on() noexcept {
  // A thread reads without anybody being woken for it, so threads come first.
  member_ = !on_threads_.empty() ? on_threads_.front() : on_loops_.front();
  state_ = member_ != nullptr ? State::offered : State::vacant;
  return member_;
}

}  // namespace okhttp::internal

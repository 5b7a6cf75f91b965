#include "connection/connect_race.hpp"

#include <utility>

namespace okhttp::internal {

ConnectRace::Move ConnectRace::next(TimePoint now, bool has_more) const noexcept {
  if (has_more && (running_.empty() || now >= next_start_)) return Move::start;
  return running_.empty() ? Move::give_up : Move::wait;
}

ConnectRace::Attempt ConnectRace::start(TimePoint now) {
  running_.push_back(begun_);
  next_start_ = now + kDelay;
  return begun_++;
}

void ConnectRace::fail(Attempt attempt) noexcept {
  std::erase(running_, attempt);
  next_start_ = TimePoint::min();
}

std::vector<ConnectRace::Attempt> ConnectRace::win(Attempt winner) {
  std::erase(running_, winner);
  return std::exchange(running_, {});
}

}  // namespace okhttp::internal

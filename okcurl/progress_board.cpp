#include "okcurl/progress_board.hpp"

#include <utility>

namespace okcurl {

ProgressBoard::~ProgressBoard() {
  if (is_shown_) show_({});
}

void ProgressBoard::show_now_and_then() {
  if (!show_) return;
  const Clock::time_point now = Clock::now();
  if (now < next_) return;
  next_ = now + Progress::kBetweenLines;
  is_shown_ = true;
  show_(line(state_, now - start_));
}

ProgressBoard::Part::Part(ProgressBoard& board) : board_(board) {
  const std::lock_guard lock(board_.mutex_);
  --board_.state_.waiting;
  ++board_.state_.running;
}

ProgressBoard::Part::~Part() {
  const std::lock_guard lock(board_.mutex_);
  --board_.state_.running;
  ++board_.state_.over;
  board_.show_now_and_then();
}

void ProgressBoard::Part::begin(std::optional<std::uint64_t> total) {
  const std::lock_guard lock(board_.mutex_);
  State& all = board_.state_;
  if (std::exchange(has_begun_, true)) {
    all.bytes -= done_;
    all.total -= total_.value_or(0);
    if (!total_.has_value()) --all.unknown;
  }
  done_ = 0;
  total_ = total;
  all.total += total.value_or(0);
  if (!total.has_value()) ++all.unknown;
}

void ProgressBoard::Part::advance(std::uint64_t bytes) {
  const std::lock_guard lock(board_.mutex_);
  done_ += bytes;
  board_.state_.bytes += bytes;
  board_.show_now_and_then();
}

std::string ProgressBoard::line(const State& state, Clock::duration time) {
  const std::size_t all = state.waiting + state.running + state.over;
  std::string text = std::to_string(state.over) + " of " + std::to_string(all) + " done, ";
  text += std::to_string(state.running) + " running: ";
  const bool is_total_known = state.waiting == 0 && state.unknown == 0;
  return text + Progress::line(state.bytes, is_total_known ? std::optional(state.total) : std::nullopt, time);
}

}  // namespace okcurl

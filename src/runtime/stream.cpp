#include "runtime/stream.hpp"

#include <algorithm>

namespace okhttp::internal {
namespace {

IoResult ended_by(WaitResult result, std::size_t bytes) noexcept {
  return IoResult(result == WaitResult::deadline ? IoStatus::deadline : IoStatus::canceled, bytes);
}

bool is_canceled(const Wait& wait) noexcept {
  return wait.cancellation() != nullptr && wait.cancellation()->requested();
}

}  // namespace

bool ReadSome::await_ready() noexcept {
  // A coroutine that user code resumed on a foreign thread has to go home first.
  if (!reading_on_.runs_here() || is_canceled(*this)) return false;
  return attempt();
}

bool ReadSome::attempt() noexcept {
  outcome_ = stream_.try_read(into_);
  if (!outcome_.would_block()) return true;
  set_interest(outcome_.status == IoStatus::would_block_write ? Interest::write : Interest::read);
  return false;
}

IoResult ReadSome::await_resume() const noexcept {
  if (result() != WaitResult::ready) return ended_by(result(), 0);
  // A cancellation shuts the socket down, which the system reports as an end or an error.
  if (!outcome_.ok() && is_canceled(*this)) return IoResult(IoStatus::canceled, 0);
  return outcome_;
}

bool WriteAll::await_ready() noexcept {
  if (!writing_on_.runs_here() || is_canceled(*this)) return false;
  return attempt();
}

bool WriteAll::attempt() noexcept {
  while (!pieces_[0].empty() || !pieces_[1].empty()) {
    outcome_ = stream_.try_write(pieces_);
    if (outcome_.would_block()) {
      set_interest(outcome_.status == IoStatus::would_block_read ? Interest::read : Interest::write);
      return false;
    }
    if (!outcome_.ok()) return true;
    written_ += outcome_.bytes;
    const std::size_t of_first = std::min(outcome_.bytes, pieces_[0].size());
    pieces_[0] = pieces_[0].subspan(of_first);
    pieces_[1] = pieces_[1].subspan(outcome_.bytes - of_first);
  }
  return true;
}

IoResult WriteAll::await_resume() const noexcept {
  if (result() != WaitResult::ready) return ended_by(result(), written_);
  if (!outcome_.ok() && is_canceled(*this)) return IoResult(IoStatus::canceled, written_);
  return IoResult(outcome_.status, written_, outcome_.error);
}

}  // namespace okhttp::internal

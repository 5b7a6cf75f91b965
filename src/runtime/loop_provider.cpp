#include "runtime/loop_provider.hpp"

#include <okhttp/error.hpp>

#include <stdexcept>
#include <system_error>

namespace okhttp::internal {

void LoopProvider::refuse_if_inherited() const {
  if (!is_inherited()) return;
  throw std::logic_error("the client was made before this process was forked; the child needs a new one");
}

std::shared_ptr<Loop> LoopProvider::get() {
  refuse_if_inherited();
  if (was_started_.load(std::memory_order_acquire)) return loop_;
  const std::lock_guard lock(mutex_);
  if (loop_ == nullptr) {
    try {
      loop_ = Loop::start(thread_name_);
    } catch (const std::system_error& problem) {
      throw Error(Errc::io, Blame::library, "starting the client's loop", problem.code());
    }
  }
  was_started_.store(true, std::memory_order_release);
  return loop_;
}

std::shared_ptr<Loop> LoopProvider::peek() {
  if (is_inherited()) return nullptr;
  return was_started_.load(std::memory_order_acquire) ? loop_ : nullptr;
}

}  // namespace okhttp::internal

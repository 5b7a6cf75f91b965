#include "runtime/loop_provider.hpp"

namespace okhttp::internal {

std::shared_ptr<Loop> LoopProvider::get() {
  if (was_started_.load(std::memory_order_acquire)) return loop_;
  const std::lock_guard lock(mutex_);
  if (loop_ == nullptr) loop_ = Loop::start(thread_name_);
  was_started_.store(true, std::memory_order_release);
  return loop_;
}

std::shared_ptr<Loop> LoopProvider::peek() { return was_started_.load(std::memory_order_acquire) ? loop_ : nullptr; }

}  // namespace okhttp::internal

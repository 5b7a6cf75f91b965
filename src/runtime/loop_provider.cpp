#include "runtime/loop_provider.hpp"

namespace okhttp::internal {

std::shared_ptr<Loop> LoopProvider::get() {
  const std::lock_guard lock(mutex_);
  if (loop_ == nullptr) loop_ = Loop::start(thread_name_);
  return loop_;
}

std::shared_ptr<Loop> LoopProvider::peek() {
  const std::lock_guard lock(mutex_);
  return loop_;
}

}  // namespace okhttp::internal

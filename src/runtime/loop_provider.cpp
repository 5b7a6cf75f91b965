#include "runtime/loop_provider.hpp"

#include <okhttp/error.hpp>

#include <system_error>

namespace okhttp::internal {

std::shared_ptr<Loop> LoopProvider::get() {
  const std::lock_guard lock(mutex_);
  if (loop_ != nullptr) return loop_;
  try {
    loop_ = Loop::start(thread_name_);
  } catch (const std::system_error& problem) {
    throw Error(Errc::io, Blame::library, "starting the client's loop", problem.code());
  }
  return loop_;
}

std::shared_ptr<Loop> LoopProvider::peek() {
  const std::lock_guard lock(mutex_);
  return loop_;
}

}  // namespace okhttp::internal

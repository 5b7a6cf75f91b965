#pragma once

#include <coroutine>
#include <thread>

namespace okhttp::internal {

/// co_await Elsewhere(thread): goes on on a thread of its own, which `thread` becomes, as user code may have it.
class Elsewhere {
 public:
  explicit Elsewhere(std::thread& thread) noexcept : thread_(thread) {}
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> waiter) {
    // Once it runs, the coroutine may end, and this with it.
    std::thread& thread = thread_;
    thread = std::thread([waiter] { waiter.resume(); });
  }
  void await_resume() const noexcept {}

 private:
  std::thread& thread_;
};

}  // namespace okhttp::internal

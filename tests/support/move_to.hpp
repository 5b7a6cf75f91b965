#pragma once

#include <okhttp/task.hpp>

#include <coroutine>
#include <utility>

#include "runtime/engine.hpp"

namespace okhttp::internal {

/// co_await MoveTo(engine): goes on as a job of `engine`, after what runs there now.
class MoveTo final : private Job {
 public:
  explicit MoveTo(Engine& engine) noexcept : engine_(engine) {}
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> waiter) noexcept {
    waiter_ = waiter;
    engine_.post(*this);
  }
  void await_resume() const noexcept {}

 private:
  void run() noexcept override { waiter_.resume(); }

  Engine& engine_;
  std::coroutine_handle<> waiter_;
};

/// Runs `task` on `engine`, wherever it is started.
template <class T>
Task<T> on_engine(Engine& engine, Task<T> task) {
  MoveTo there(engine);
  co_await there;
  Task<T> running = std::move(task);
  if constexpr (std::is_void_v<T>) {
    co_await std::move(running);
  } else {
    co_return co_await std::move(running);
  }
}

}  // namespace okhttp::internal

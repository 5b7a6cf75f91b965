#pragma once

#include <coroutine>

#include "runtime/engine.hpp"

namespace okhttp::internal {

/// co_await Hop(engine): goes on on that engine's thread.
class Hop final : private Job {
 public:
  explicit Hop(Engine& engine) noexcept : engine_(engine) {}
  [[nodiscard]] bool await_ready() const noexcept { return engine_.runs_here(); }
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

}  // namespace okhttp::internal

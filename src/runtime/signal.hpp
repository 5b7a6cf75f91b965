#pragma once

#include <memory>
#include <mutex>

#include "runtime/engine.hpp"

namespace okhttp::internal {

/// An event that happens once, set on any thread and awaited by at most one coroutine at a time on its engine.
/// Always held by a shared_ptr, because whoever sets it may come after the waiter has given up.
class Signal final : public std::enable_shared_from_this<Signal> {
 public:
  /// Resumes the waiter on its engine, now or when it comes. Further calls do nothing.
  void set() noexcept;
  [[nodiscard]] bool is_set() noexcept;

  /// co_await Signal::Awaiter(signal, engine, terms): until set, the deadline, or canceled; which, the result says.
  class Awaiter final : public Wait {
   public:
    Awaiter(std::shared_ptr<Signal> signal, Engine& engine, WaitTerms terms) noexcept
        : Wait(terms), signal_(std::move(signal)), waiting_on_(engine) {}
    ~Awaiter() { leave(); }
    bool await_ready() const noexcept { return waiting_on_.runs_here() && signal_->is_set(); }
    bool await_suspend(std::coroutine_handle<> waiter) noexcept;
    [[nodiscard]] WaitResult await_resume() noexcept;
    bool attempt() noexcept override { return signal_->is_set(); }

   private:
    void leave() noexcept;

    std::shared_ptr<Signal> signal_;
    Engine& waiting_on_;
  };

 private:
  class WakeJob;

  std::mutex mutex_;
  bool set_ = false;
  Awaiter* waiter_ = nullptr;
  Engine* engine_ = nullptr;  // of the waiter
};

}  // namespace okhttp::internal

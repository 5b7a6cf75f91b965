#pragma once

#include <okhttp/task.hpp>

#include <exception>
#include <memory>
#include <optional>
#include <stdexcept>
#include <utility>

#include "runtime/signal.hpp"

namespace okhttp::internal {

/// What a task that was started on its own came to. Read it on the thread that runs the task, or after finished().
template <class T>
class Outcome {
 public:
  [[nodiscard]] bool done() const noexcept { return value_.has_value() || failure_ != nullptr; }
  /// The value, or throws what the task threw.
  T take() {
    if (failure_) std::rethrow_exception(failure_);
    if (!value_) throw std::logic_error("the task is not done");
    return std::move(*value_);
  }
  /// Set when the task is done, on any engine.
  [[nodiscard]] const std::shared_ptr<Signal>& finished() const noexcept { return finished_; }

  template <class U>
  void set_value(U&& value) {
    value_.emplace(std::forward<U>(value));
  }
  void set_failure(std::exception_ptr failure) noexcept { failure_ = std::move(failure); }

 private:
  std::optional<T> value_;
  std::exception_ptr failure_;
  std::shared_ptr<Signal> finished_ = std::make_shared<Signal>();
};

template <>
class Outcome<void> {
 public:
  [[nodiscard]] bool done() const noexcept { return done_; }
  void take() {
    if (failure_) std::rethrow_exception(failure_);
    if (!done_) throw std::logic_error("the task is not done");
  }
  [[nodiscard]] const std::shared_ptr<Signal>& finished() const noexcept { return finished_; }

  void set_value() noexcept { done_ = true; }
  void set_failure(std::exception_ptr failure) noexcept {
    failure_ = std::move(failure);
    done_ = true;
  }

 private:
  bool done_ = false;
  std::exception_ptr failure_;
  std::shared_ptr<Signal> finished_ = std::make_shared<Signal>();
};

/// A coroutine at the root, which runs at once and frees itself.
struct Detached {
  struct promise_type {
    Detached get_return_object() noexcept { return {}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() noexcept {}
    void unhandled_exception() noexcept { std::terminate(); }
  };
};

template <class T>
Detached keep_outcome(Task<T> task, std::shared_ptr<Outcome<T>> outcome) {
  {
    Task<T> running = std::move(task);
    try {
      if constexpr (std::is_void_v<T>) {
        co_await std::move(running);
        outcome->set_value();
      } else {
        outcome->set_value(co_await std::move(running));
      }
    } catch (...) {
      outcome->set_failure(std::current_exception());
    }
  }
  outcome->finished()->set();
}

/// Starts `task` now, on this thread. The outcome may be dropped.
template <class T>
std::shared_ptr<Outcome<T>> start(Task<T> task) {
  auto outcome = std::make_shared<Outcome<T>>();
  keep_outcome(std::move(task), outcome);
  return outcome;
}

/// Waits on `engine` until a started task is done, and yields its value or throws its exception.
template <class T>
Task<T> join(Engine& engine, std::shared_ptr<Outcome<T>> outcome) {
  Signal::Awaiter finished(outcome->finished(), engine, WaitTerms());
  const WaitResult how = co_await finished;
  if (how != WaitResult::ready) throw std::runtime_error("the engine went away before the task was done");
  if constexpr (std::is_void_v<T>) {
    outcome->take();
  } else {
    co_return outcome->take();
  }
}

}  // namespace okhttp::internal

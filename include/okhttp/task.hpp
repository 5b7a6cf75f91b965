#pragma once

#include <okhttp/config.hpp>

#include <atomic>
#include <coroutine>
#include <cstddef>
#include <exception>
#include <optional>
#include <type_traits>
#include <utility>

namespace okhttp {

template <class T>
class Task;

namespace internal {

/// Coroutine frames come from bounded free lists, one set a thread; a frame may be freed on another thread.
[[nodiscard]] OKHTTP_API void* allocate_frame(std::size_t bytes);
OKHTTP_API void deallocate_frame(void* frame, std::size_t bytes) noexcept;

/// What the promises of all tasks share: who waits for this task, and the one exchange that decides who goes on.
///
/// A child is resumed inline by its awaiter. Whichever of the two comes second to `state_` continues the parent: the
/// awaiter itself when the child was done at once (so awaits that complete at once never grow the stack), the child's
/// final suspension when it finished later, perhaps on another thread.
class TaskPromiseBase {
 public:
  static void* operator new(std::size_t bytes) { return allocate_frame(bytes); }
  static void operator delete(void* frame, std::size_t bytes) noexcept { deallocate_frame(frame, bytes); }

  std::suspend_always initial_suspend() noexcept { return {}; }

  class FinalAwaiter {
   public:
    bool await_ready() noexcept { return false; }
    template <class Promise>
    std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> done) noexcept {
      return done.promise().finish();
    }
    void await_resume() noexcept {}
  };
  FinalAwaiter final_suspend() noexcept { return {}; }

  void unhandled_exception() noexcept { error_ = std::current_exception(); }

  /// Starts the task on behalf of `parent`; true when the parent stays suspended.
  bool start(std::coroutine_handle<> self, std::coroutine_handle<> parent) noexcept {
    parent_ = parent;
    self.resume();
    return state_.exchange(State::awaited, std::memory_order_acq_rel) == State::running;
  }

 protected:
  void rethrow_if_failed() {
    if (error_) std::rethrow_exception(std::move(error_));
  }

 private:
  enum class State : unsigned char { running, awaited, done };

  std::coroutine_handle<> finish() noexcept {
    // After the exchange this frame may already be destroyed by a parent that saw `done`: touch it no more.
    const std::coroutine_handle<> parent = parent_;
    if (state_.exchange(State::done, std::memory_order_acq_rel) == State::awaited) return parent;
    return std::noop_coroutine();
  }

  std::coroutine_handle<> parent_;
  std::exception_ptr error_;
  std::atomic<State> state_{State::running};
};

template <class T>
class TaskPromise final : public TaskPromiseBase {
 public:
  Task<T> get_return_object() noexcept;
  template <class U>
  requires std::is_convertible_v<U&&, T>
  void return_value(U&& value) { value_.emplace(std::forward<U>(value)); }
  T take() {
    rethrow_if_failed();
    return std::move(*value_);
  }

 private:
  std::optional<T> value_;
};

template <>
class TaskPromise<void> final : public TaskPromiseBase {
 public:
  Task<void> get_return_object() noexcept;
  void return_void() noexcept {}
  void take() { rethrow_if_failed(); }
};

}  // namespace internal

/// A coroutine that yields a T when awaited. Lazy: it starts when it is awaited, on the awaiter's thread, and the
/// awaiter continues where the task finished (or, when the task went to another thread and finished there before the
/// awaiter was suspended, stays where it is). Move-only; awaited at most once.
///
/// Destroying a task that has not been awaited destroys its arguments and runs nothing.
template <class T = void>
class [[nodiscard]] Task {
 public:
  using promise_type = internal::TaskPromise<T>;

  Task() noexcept = default;
  explicit Task(std::coroutine_handle<promise_type> handle) noexcept : handle_(handle) {}
  Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Task& operator=(Task&& other) noexcept {
    if (this != &other) {
      reset();
      handle_ = std::exchange(other.handle_, nullptr);
    }
    return *this;
  }
  Task(const Task&) = delete;
  Task& operator=(const Task&) = delete;
  ~Task() { reset(); }

  /// False for a default-constructed or moved-from task.
  [[nodiscard]] bool valid() const noexcept { return static_cast<bool>(handle_); }

  class Awaiter {
   public:
    explicit Awaiter(std::coroutine_handle<promise_type> handle) noexcept : handle_(handle) {}
    bool await_ready() const noexcept { return false; }
    bool await_suspend(std::coroutine_handle<> parent) noexcept { return handle_.promise().start(handle_, parent); }
    T await_resume() { return handle_.promise().take(); }

   private:
    std::coroutine_handle<promise_type> handle_;
  };
  Awaiter operator co_await() && noexcept { return Awaiter(handle_); }

 private:
  void reset() noexcept {
    if (handle_) std::exchange(handle_, nullptr).destroy();
  }

  std::coroutine_handle<promise_type> handle_;
};

template <class T>
Task<T> internal::TaskPromise<T>::get_return_object() noexcept {
  return Task<T>(std::coroutine_handle<TaskPromise>::from_promise(*this));
}

inline Task<void> internal::TaskPromise<void>::get_return_object() noexcept {
  return Task<void>(std::coroutine_handle<TaskPromise>::from_promise(*this));
}

}  // namespace okhttp

#pragma once

#include <okhttp/config.hpp>
#include <okhttp/task.hpp>

#include <atomic>
#include <coroutine>
#include <cstddef>
#include <exception>
#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace okhttp {

class Client;

namespace internal {

/// Runs `task`, which must not throw, on this thread until it is done.
OKHTTP_API void run_on_this_thread(Task<void> task);

template <class T>
Task<void> keep_result(Task<T> task, std::optional<T>& value, std::exception_ptr& failure) {
  try {
    value.emplace(co_await std::move(task));
  } catch (...) {
    failure = std::current_exception();
  }
}

inline Task<void> keep_result(Task<void> task, std::exception_ptr& failure) {
  try {
    co_await std::move(task);
  } catch (...) {
    failure = std::current_exception();
  }
}

/// Counts children that run, and resumes the parent when the last is done.
class JoinCounter {
 public:
  explicit JoinCounter(std::size_t children) noexcept : left_(children + 1) {}
  /// A child is done, or the parent has started all of them. True for the last.
  bool arrive() noexcept { return left_.fetch_sub(1, std::memory_order_acq_rel) == 1; }
  void set_parent(std::coroutine_handle<> parent) noexcept { parent_ = parent; }
  [[nodiscard]] std::coroutine_handle<> parent() const noexcept { return parent_; }

 private:
  std::atomic<std::size_t> left_;
  std::coroutine_handle<> parent_;
};

/// One child of a when_all: frees itself, and tells the counter as the last thing that it does.
class JoinedTask {
 public:
  class promise_type {
   public:
    static void* operator new(std::size_t bytes) { return allocate_frame(bytes); }
    static void operator delete(void* frame, std::size_t bytes) noexcept { deallocate_frame(frame, bytes); }

    JoinedTask get_return_object() noexcept { return JoinedTask(handle_type::from_promise(*this)); }
    std::suspend_always initial_suspend() noexcept { return {}; }
    class FinalAwaiter {
     public:
      bool await_ready() noexcept { return false; }
      std::coroutine_handle<> await_suspend(std::coroutine_handle<promise_type> done) noexcept {
        JoinCounter& counter = *done.promise().counter_;
        done.destroy();
        if (counter.arrive()) return counter.parent();
        return std::noop_coroutine();
      }
      void await_resume() noexcept {}
    };
    FinalAwaiter final_suspend() noexcept { return {}; }
    void return_void() noexcept {}
    void unhandled_exception() noexcept { std::terminate(); }

   private:
    friend class JoinedTask;
    JoinCounter* counter_ = nullptr;
  };
  using handle_type = std::coroutine_handle<promise_type>;

  explicit JoinedTask(handle_type handle) noexcept : handle_(handle) {}
  /// Runs until it first suspends, or is done. The counter outlives the child.
  void start(JoinCounter& counter) noexcept {
    handle_.promise().counter_ = &counter;
    std::exchange(handle_, nullptr).resume();
  }

 private:
  handle_type handle_;
};

inline JoinedTask join(Task<void> task) { co_await std::move(task); }

class JoinAwaiter {
 public:
  JoinAwaiter(JoinCounter& counter, std::vector<Task<void>>& children) noexcept
      : counter_(counter), children_(children) {}
  bool await_ready() const noexcept { return children_.empty(); }
  bool await_suspend(std::coroutine_handle<> parent) {
    counter_.set_parent(parent);
    std::vector<Task<void>> children = std::move(children_);
    JoinCounter& counter = counter_;
    for (Task<void>& child : children) join(std::move(child)).start(counter);
    return !counter.arrive();
  }
  void await_resume() const noexcept {}

 private:
  JoinCounter& counter_;
  std::vector<Task<void>>& children_;
};

inline Task<void> run_all(std::vector<Task<void>> children) {
  JoinCounter counter(children.size());
  JoinAwaiter all_done(counter, children);
  co_await all_done;
}

}  // namespace internal

/// Runs `task` on this thread and returns or throws its result. Calls that it awaits run on their client's loop, and
/// the task goes on here. Throws std::logic_error on a client's own loop, which would wait for itself.
template <class T>
T sync_wait(Task<T> task) {
  std::exception_ptr failure;
  if constexpr (std::is_void_v<T>) {
    internal::run_on_this_thread(internal::keep_result(std::move(task), failure));
    if (failure) std::rethrow_exception(failure);
  } else {
    std::optional<T> value;
    internal::run_on_this_thread(internal::keep_result(std::move(task), value, failure));
    if (failure) std::rethrow_exception(failure);
    return std::move(*value);
  }
}

/// Runs all tasks at once and yields their results in order. When one throws, the others are still waited for; then the
/// first exception, in that order, is thrown.
template <class T>
Task<std::vector<T>> when_all(std::vector<Task<T>> tasks) {
  const std::size_t count = tasks.size();
  std::vector<std::optional<T>> values(count);
  std::vector<std::exception_ptr> failures(count);
  std::vector<Task<void>> children;
  children.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    children.push_back(internal::keep_result(std::move(tasks[i]), values[i], failures[i]));
  }
  co_await internal::run_all(std::move(children));
  for (const std::exception_ptr& failure : failures) {
    if (failure) std::rethrow_exception(failure);
  }
  std::vector<T> results;
  results.reserve(count);
  for (std::optional<T>& value : values) results.push_back(std::move(*value));
  co_return results;
}

/// As the other, for tasks without a result.
inline Task<void> when_all(std::vector<Task<void>> tasks) {
  std::vector<std::exception_ptr> failures(tasks.size());
  std::vector<Task<void>> children;
  children.reserve(tasks.size());
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    children.push_back(internal::keep_result(std::move(tasks[i]), failures[i]));
  }
  co_await internal::run_all(std::move(children));
  for (const std::exception_ptr& failure : failures) {
    if (failure) std::rethrow_exception(failure);
  }
}

/// As the other, for tasks of different types, none of them void.
template <class... Ts>
requires(sizeof...(Ts) > 0 && (!std::is_void_v<Ts> && ...)) Task<std::tuple<Ts...>> when_all(Task<Ts>... tasks) {
  std::tuple<std::optional<Ts>...> values;
  std::vector<std::exception_ptr> failures(sizeof...(Ts));
  std::vector<Task<void>> children;
  children.reserve(sizeof...(Ts));
  std::size_t next = 0;
  std::apply(
      [&](std::optional<Ts>&... value) {
        (children.push_back(internal::keep_result(std::move(tasks), value, failures[next++])), ...);
      },
      values);
  co_await internal::run_all(std::move(children));
  for (const std::exception_ptr& failure : failures) {
    if (failure) std::rethrow_exception(failure);
  }
  co_return std::apply([](std::optional<Ts>&... value) { return std::tuple<Ts...>(std::move(*value)...); }, values);
}

/// Runs `task` on the client's loop without waiting for it. It must own all that it uses and must not block. An
/// exception that leaves it is told to the dispatcher's exception handler.
OKHTTP_API void spawn(const Client& client, Task<void> task);

}  // namespace okhttp

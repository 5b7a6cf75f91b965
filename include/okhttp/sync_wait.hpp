#pragma once

#include <okhttp/config.hpp>
#include <okhttp/task.hpp>

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

/// As the other, for a task without a result.
[[nodiscard]] OKHTTP_API Task<void> keep_result(Task<void> task, std::exception_ptr& failure);

/// Runs all tasks, which must not throw, at once, and is done when the last of them is.
[[nodiscard]] OKHTTP_API Task<void> run_all(std::vector<Task<void>> tasks);

/// Throws the first of `failures` that is one.
OKHTTP_API void rethrow_first(const std::vector<std::exception_ptr>& failures);

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
  internal::rethrow_first(failures);
  std::vector<T> results;
  results.reserve(count);
  for (std::optional<T>& value : values) results.push_back(std::move(*value));
  co_return results;
}

/// As the other, for tasks without a result.
[[nodiscard]] OKHTTP_API Task<void> when_all(std::vector<Task<void>> tasks);

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
  internal::rethrow_first(failures);
  co_return std::apply([](std::optional<Ts>&... value) { return std::tuple<Ts...>(std::move(*value)...); }, values);
}

/// Runs `task` on the client's loop without waiting for it. It must own all that it uses and must not block. An
/// exception that leaves it is told to the dispatcher's exception handler.
OKHTTP_API void spawn(const Client& client, Task<void> task);

}  // namespace okhttp

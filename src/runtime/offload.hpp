#pragma once

#include <okhttp/task.hpp>

#include <exception>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include "runtime/signal.hpp"
#include "runtime/thread_pool.hpp"

namespace okhttp::internal {

/// Runs `work` on a thread of `pool` and resumes on `engine` with what it returned, or rethrows what it threw.
///
/// Nothing when the deadline passed or the call was canceled first: the work goes on alone, and what it returns is
/// dropped, so it must own all that it uses. `why` tells which.
template <class Work, class Value = std::invoke_result_t<Work&>>
Task<std::optional<Value>> offload(ThreadPool& pool, Engine& engine, WaitTerms terms, Work work, WaitResult& why) {
  struct Shared {
    std::shared_ptr<Signal> finished = std::make_shared<Signal>();
    std::optional<Value> value;
    std::exception_ptr failure;
  };
  auto shared = std::make_shared<Shared>();
  std::function<void()> run = [shared, work = std::move(work)]() mutable {
    try {
      shared->value.emplace(work());
    } catch (...) {
      shared->failure = std::current_exception();
    }
    shared->finished->set();
  };
  pool.execute(std::move(run));
  Signal::Awaiter finished(shared->finished, engine, terms);
  why = co_await finished;
  if (why != WaitResult::ready) co_return std::nullopt;
  if (shared->failure) std::rethrow_exception(shared->failure);
  co_return std::move(shared->value);
}

}  // namespace okhttp::internal

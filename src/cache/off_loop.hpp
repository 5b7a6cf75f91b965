#pragma once

#include <okhttp/task.hpp>

#include <optional>
#include <type_traits>
#include <utility>

#include "cache/cache_core.hpp"
#include "runtime/engine.hpp"
#include "runtime/offload.hpp"

namespace okhttp::internal {

/// True when this thread serves many calls and must not wait for the store.
[[nodiscard]] inline bool must_leave_loop(CacheCore& core) noexcept {
  const Engine* const engine = Engine::current();
  return engine != nullptr && engine->is_shared() && core.store().may_block();
}

/// Runs `work`, which may wait for the store: on a thread of the cache's if this one is a loop's, else here and now.
/// Nothing when the wait for it ended first (see offload()): then it goes on alone, so it must own all that it uses.
template <class Work, class Value = std::invoke_result_t<Work&>>
Task<std::optional<Value>> off_loop(std::shared_ptr<CacheCore> core, WaitTerms terms, Work work, WaitResult& why) {
  std::optional<Value> value;
  if (!must_leave_loop(*core)) {
    value.emplace(work());
    co_return value;
  }
  Engine& engine = *Engine::current();
  Task<std::optional<Value>> working = offload(core->threads(), engine, terms, std::move(work), why);
  value = co_await std::move(working);
  co_return value;
}

}  // namespace okhttp::internal

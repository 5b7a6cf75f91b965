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

/// True when a call on this thread could not be given up while it asks the store for `key`: it is a loop's, or there is
/// somebody that the store would wait for.
[[nodiscard]] inline bool must_ask_elsewhere(CacheCore& core, const std::optional<CacheKey>& key) noexcept {
  const Engine* const engine = Engine::current();
  if (engine == nullptr || !core.store().may_block()) return false;
  return engine->is_shared() || (key.has_value() && !core.store().is_at_hand(*key));
}

/// The same for what changes the store, which always waits for the one that writes.
[[nodiscard]] inline bool must_tell_elsewhere(CacheCore& core) noexcept {
  return Engine::current() != nullptr && core.store().may_block();
}

/// Runs `work`, which may wait for the store: on a thread of the cache's if it is to go `elsewhere`, else here and now.
/// Nothing when the wait for it ended first (see offload()): then it goes on alone, so it must own all that it uses.
template <class Work, class Value = std::invoke_result_t<Work&>>
Task<std::optional<Value>> ask_off_thread(bool elsewhere, std::shared_ptr<CacheCore> core, WaitTerms terms, Work work,
                                          WaitResult& why) {
  std::optional<Value> value;
  if (!elsewhere) {
    value.emplace(work());
    co_return value;
  }
  Engine& engine = *Engine::current();
  Task<std::optional<Value>> working = offload(core->threads(), engine, terms, std::move(work), why);
  value = co_await std::move(working);
  co_return value;
}

}  // namespace okhttp::internal

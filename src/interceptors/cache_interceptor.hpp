#pragma once

#include <memory>
#include <utility>

#include "interceptors/cache_turn.hpp"
#include "interceptors/chain.hpp"

namespace okhttp::internal {

/// Answers requests with what is stored, has the origin confirm it, and stores what comes from the network while the
/// caller reads it. What to do is decided by CacheStrategy, and how by CacheTurn.
class CacheInterceptor final : public Stage {
 public:
  explicit CacheInterceptor(CacheStageSettings settings) : settings_(std::move(settings)) {}

  Task<Response> run(ChainStep step) override;

 private:
  Task<Response> answer(ChainStep step);
  Task<void> ask_store(CacheTurn& turn);
  Task<void> wait_for_equal_request(CacheTurn& turn);
  Task<CacheTurn::Reader> open_stored(CacheTurn& turn, CacheChanges changes);
  Task<Response> keep(CacheTurn& turn, Response response);

  const CacheStageSettings settings_;
};

/// Where in the chain the cache has its place: that of the client, or the one that an interceptor set for its call.
class CachePlace final : public Stage {
 public:
  /// `cache` is the stage of the client's; null when it has none.
  explicit CachePlace(std::shared_ptr<Stage> cache) noexcept : cache_(std::move(cache)) {}

  Task<Response> run(ChainStep step) override;

 private:
  const std::shared_ptr<Stage> cache_;
};

}  // namespace okhttp::internal

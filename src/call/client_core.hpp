#pragma once

#include <okhttp/client.hpp>

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "connection/connection_settings.hpp"
#include "interceptors/chain.hpp"
#include "interceptors/content_decoding.hpp"
#include "interceptors/follow_up.hpp"
#include "runtime/loop_provider.hpp"

namespace okhttp::internal {

/// A client as its calls see it: settings, made once. Immutable; held by the client and by its calls.
struct ClientCore {
  ClientCore(ConnectionPool connection_pool, Dispatcher call_dispatcher)
      : pool(std::move(connection_pool)), dispatcher(std::move(call_dispatcher)) {}

  Timeouts timeouts;
  FollowUpPolicy follow_ups;
  std::vector<Protocol> protocols;
  Timeouts::Duration ping_interval = Timeouts::Duration::zero();
  std::shared_ptr<CookieJar> cookie_jar;
  ContentCodings content_codings;           ///< those that were added
  EventListener::Factory listener_factory;  ///< empty when nobody listens
  ConnectionPool pool;
  Dispatcher dispatcher;
  std::optional<Cache> cache;
  bool collapses_requests = false;  ///< equal ones share a fetch
  /// Renews what is stored, for nobody: the same but for the application's interceptors and its listeners. Null without
  /// a cache, and in that client itself.
  std::shared_ptr<const ClientCore> background;
  std::shared_ptr<LoopProvider> loops;
  std::shared_ptr<const ConnectionSettings> connections;
  std::vector<std::shared_ptr<Interceptor>> interceptors;  ///< the application's
  std::vector<std::shared_ptr<Interceptor>> network_interceptors;
  Stages stages;  ///< these among the library's own
};

/// The cache's stage, and the client that renews for it in the background for as long as somebody holds that.
struct CacheStage {
  CacheStage(std::shared_ptr<Stage> its_stage, std::shared_ptr<const ClientCore> its_background) noexcept
      : stage(std::move(its_stage)), background(std::move(its_background)) {}

  std::shared_ptr<Stage> stage;
  std::shared_ptr<const ClientCore> background;
};
/// For calls of `core`, with `cache`.
[[nodiscard]] CacheStage make_cache_stage(const ClientCore& core, const Cache& cache);

struct PoolAccess {
  [[nodiscard]] static const std::shared_ptr<ConnectionStore>& store(const ConnectionPool& pool) noexcept {
    return pool.store_;
  }
};

}  // namespace okhttp::internal

#pragma once

#include <okhttp/interceptor.hpp>

#include <memory>
#include <optional>
#include <vector>

#include "connection/exchange.hpp"
#include "connection/transmission.hpp"
#include "interceptors/follow_up.hpp"

namespace okhttp {
class CookieJar;
}  // namespace okhttp

namespace okhttp::internal {

class Stage;
using Stages = std::vector<std::shared_ptr<Stage>>;

/// What application interceptors set for their call instead of the client's, but for what its connections are made with
/// and what its context says.
struct ChainOverrides {
  ChainOverrides() = default;

  std::optional<FollowUpPolicy> follow_ups;
  std::optional<std::shared_ptr<CookieJar>> cookie_jar;  ///< null: none
  std::optional<std::shared_ptr<Stage>> cache;           ///< the cache's stage; null: none
};

/// One call's way through the stages: what all its steps share. Owned by the call, which it does not outlive.
struct ChainRun {
  ChainRun(const Call& the_call, const Stages& all, Transmission& to_network) noexcept
      : call(the_call), stages(all), transmission(to_network) {}
  /// The same call by another way to the network, with what was set for it so far.
  ChainRun(const ChainRun& of, Transmission& to_network)
      : call(of.call),
        stages(of.stages),
        transmission(to_network),
        cache_tells_origin(of.cache_tells_origin),
        overrides(of.overrides) {}

  const Call& call;
  /// In order: application interceptors, retry_and_follow_up, bridge, cache, connect, network interceptors,
  /// call_server.
  const Stages& stages;
  Transmission& transmission;
  /// Set by the cache: responses that come through it say themselves what of them is from the network.
  bool cache_tells_origin = false;
  ChainOverrides overrides;

  [[nodiscard]] Task<Response> start(Request request);
};

/// Where a run has come to: what one stage is given.
struct ChainStep {
  ChainStep(ChainRun& of_run, std::size_t place, Request asked, std::shared_ptr<Exchange> on) noexcept
      : run(of_run), index(place), request(std::move(asked)), exchange(std::move(on)) {}

  ChainRun& run;
  std::size_t index;
  Request request;
  std::shared_ptr<Exchange> exchange;  ///< null before the connect stage

  /// Yields the response to `next`, from the stages behind this one.
  [[nodiscard]] Task<Response> proceed(Request next, std::shared_ptr<Exchange> on) const;
};

/// One stage of the chain: a step of HTTP, or an interceptor of the application's. One object serves all calls.
class Stage {
 public:
  Stage() = default;
  Stage(const Stage&) = delete;
  Stage& operator=(const Stage&) = delete;
  virtual ~Stage() = default;

  /// Yields the response to `step.request`. Lazy, but for the connect stage, which may begin at once: it is bridge that
  /// asks for it, and awaits it in the same breath.
  [[nodiscard]] virtual Task<Response> run(ChainStep step) = 0;
};

enum class InterceptorKind : std::uint8_t { application, network };

/// A stage that gives `interceptor` its Chain and sees to the rules of its kind.
[[nodiscard]] std::shared_ptr<Stage> make_stage(std::shared_ptr<Interceptor> interceptor, InterceptorKind kind);

/// The core's own view of a Chain.
struct ChainAccess {
  [[nodiscard]] static CallContext& context(const Chain& chain) noexcept;
  /// Where an application interceptor may make a ChainBranch from; std::logic_error when it is one of
  /// the network's.
  [[nodiscard]] static const ChainStep& to_branch(const Chain& chain);
  /// What all steps share, for a `setter` of an application interceptor: std::logic_error, which names it, in one of
  /// the network's, where the connection exists and a follow-up has been decided on by what was set before.
  [[nodiscard]] static ChainRun& to_override(const Chain& chain, const char* setter);
};

}  // namespace okhttp::internal

#pragma once

#include <okhttp/interceptor.hpp>

#include <memory>
#include <vector>

#include "connection/exchange.hpp"
#include "connection/transmission.hpp"

namespace okhttp::internal {

/// One call's way through the interceptors: what all its steps share. Owned by the call, which it does not outlive.
struct ChainRun {
  ChainRun(const Call& the_call, const std::vector<std::shared_ptr<Interceptor>>& all, std::size_t first_network,
           std::shared_ptr<Transmission> to_network)
      : call(the_call),
        interceptors(all),
        first_network_interceptor(first_network),
        transmission(std::move(to_network)) {}

  const Call& call;
  /// All of them in order: application, retry_and_follow_up, bridge, connect, network, call_server.
  const std::vector<std::shared_ptr<Interceptor>>& interceptors;
  /// Where network interceptors begin: right behind connect. call_server comes last.
  const std::size_t first_network_interceptor;
  const std::shared_ptr<Transmission> transmission;
};

/// What a Chain is to one interceptor: its place in the list and what has come together so far.
struct ChainStep {
  ChainStep(ChainRun& of_run, std::size_t place, Request asked, std::shared_ptr<Exchange> on) noexcept
      : run(of_run), index(place), request(std::move(asked)), exchange(std::move(on)) {}

  ChainRun& run;
  const std::size_t index;
  const Request request;
  std::shared_ptr<Exchange> exchange;  ///< null before the connect interceptor
  unsigned proceeds = 0;

  [[nodiscard]] bool is_network_interceptor() const noexcept {
    return index >= run.first_network_interceptor && index + 1 < run.interceptors.size();
  }
};

/// The core's own view of a Chain.
struct ChainAccess {
  [[nodiscard]] static ChainStep& step(Chain& chain) noexcept { return *chain.step_; }

  /// Runs the interceptor at `index` on `request`, and what is behind it.
  [[nodiscard]] static Task<Response> run(ChainRun& run, std::size_t index, Request request,
                                          std::shared_ptr<Exchange> exchange);
};

}  // namespace okhttp::internal

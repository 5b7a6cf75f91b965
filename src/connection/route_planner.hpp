#pragma once

#include <okhttp/error.hpp>
#include <okhttp/task.hpp>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "connection/connection.hpp"

namespace okhttp::internal {

/// What became of one step of a plan.
struct ConnectResult;

/// One way to come by a connection: one that exists already, or a route to be connected.
class ConnectPlan {
 public:
  ConnectPlan() = default;
  ConnectPlan(const ConnectPlan&) = delete;
  ConnectPlan& operator=(const ConnectPlan&) = delete;
  virtual ~ConnectPlan() = default;

  /// True when nothing remains to be connected.
  [[nodiscard]] virtual bool is_ready() const noexcept = 0;
  /// The route, for messages.
  [[nodiscard]] virtual std::string route_text() const = 0;
  /// TCP alone: the part that races.
  virtual Task<ConnectResult> connect_tcp() = 0;
  /// What follows on the winner: tunnel, TLS, preface.
  virtual Task<ConnectResult> connect_tls_etc() = 0;
  /// Gives up an attempt that lost a race: connect_tcp(), when it is waiting, comes to its end before this returns, and
  /// what it had connected is closed. On the engine of the call.
  virtual void cancel() = 0;
  /// A new attempt at the same, for one that lost a race.
  [[nodiscard]] virtual std::unique_ptr<ConnectPlan> retry() = 0;
  /// The connection, counted by the pool and in use. Once, after both steps succeeded.
  [[nodiscard]] virtual std::shared_ptr<Connection> handle_success() = 0;
};

struct ConnectResult {
  /// Success.
  ConnectResult() noexcept = default;
  /// Failure; `next` is a plan that might cure it, or null.
  explicit ConnectResult(Error why, std::unique_ptr<ConnectPlan> next = nullptr)
      : error(std::move(why)), next_plan(std::move(next)) {}

  std::optional<Error> error;
  std::unique_ptr<ConnectPlan> next_plan;

  [[nodiscard]] bool ok() const noexcept { return !error.has_value(); }
};

/// Decides where the connection for one call's next exchange comes from. One per exchange that is looked for.
class RoutePlanner {
 public:
  RoutePlanner() = default;
  RoutePlanner(const RoutePlanner&) = delete;
  RoutePlanner& operator=(const RoutePlanner&) = delete;
  virtual ~RoutePlanner() = default;

  /// The next plan, in the order of the five places. Throws Error when there is none, or the call was canceled.
  virtual Task<std::unique_ptr<ConnectPlan>> plan() = 0;
  /// Plans to be taken up again: losers of a race, the same route with other TLS settings.
  /// The last of them comes first.
  [[nodiscard]] virtual std::vector<std::unique_ptr<ConnectPlan>>& deferred_plans() noexcept = 0;
  /// True when plan() has another way to offer; `failed` is the connection whose exchange failed, or null.
  [[nodiscard]] virtual bool has_next(const Connection* failed) = 0;
  /// True when plan() has one at once, without waiting and without going over to another proxy.
  [[nodiscard]] virtual bool has_next_at_hand() noexcept = 0;
};

}  // namespace okhttp::internal

#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "connection/connection_settings.hpp"
#include "connection/route_planner.hpp"
#include "route/route_selector.hpp"

namespace okhttp::internal {

struct CallContext;

/// Looks for a call's connection in five places, in this order: the one that the call holds; the pool; what is left of
/// earlier planning (deferred plans, the rest of the routes); new routes, upon which the pool is asked again; and,
/// after a route was connected, the pool once more for a connection that several calls can share.
///
/// Where calls can share a connection, or where the number of connections is limited, they stand in the pool's line
/// before they go on from the second place to the third.
class CallRoutePlanner final : public RoutePlanner, private NameLookup {
 public:
  /// `held` is the connection that the call holds from an earlier exchange, or null; the planner takes it out when it
  /// hands it to a plan or gives it back to the pool. `held` and `context` outlive the planner.
  CallRoutePlanner(CallContext& context, const ConnectionSettings& settings, Address address,
                   std::shared_ptr<Connection>& held);
  ~CallRoutePlanner() override { end_search(); }

  /// A request that must not be lost to a dead connection has every pooled one looked at first.
  void look_always(bool always) noexcept { look_always_ = always; }
  [[nodiscard]] const Address& address() const noexcept { return address_; }
  /// The held connection was coalesced: made for another host, but found for this very address.
  void held_was_coalesced() noexcept { held_was_coalesced_ = true; }

  /// Places 1 and 2 alone, which need no waiting: the connection that the call holds or one of the pool; else null.
  /// Throws when the call was canceled or is out of time.
  [[nodiscard]] std::shared_ptr<Connection> find_existing();

  Task<std::unique_ptr<ConnectPlan>> plan() override;
  [[nodiscard]] std::vector<std::unique_ptr<ConnectPlan>>& deferred_plans() noexcept override { return deferred_; }
  [[nodiscard]] bool has_next(const Connection* failed) override;
  [[nodiscard]] bool has_next_at_hand() noexcept override {
    return !deferred_.empty() || !routes_.empty() || retried_.has_value() ||
           (selector_.has_value() && selector_->has_postponed_alone());
  }

  /// Said when a connection was found, or none: the next call in line may connect. plan() may have taken the turn.
  void end_search() noexcept;

 private:
  [[nodiscard]] std::shared_ptr<Connection> take_held();
  [[nodiscard]] std::shared_ptr<Connection> take_pooled();
  [[nodiscard]] std::shared_ptr<Connection> take_coalesced();
  [[nodiscard]] std::unique_ptr<ConnectPlan> plan_next_route();
  [[nodiscard]] std::unique_ptr<ConnectPlan> dial(Route route);
  Task<std::shared_ptr<Connection>> wait_in_line();
  /// Yields a connection that was given in line, or null when it must not be used.
  [[nodiscard]] std::shared_ptr<Connection> require_good(std::shared_ptr<Connection> given);
  Task<std::optional<Error>> wait_until_served(WaitingCall& call);
  [[nodiscard]] bool may_select_more() const noexcept { return !selector_.has_value() || selector_->has_next(); }
  /// More routes of the selector. Requires: may_select_more().
  Task<void> select_routes();
  Task<std::vector<IpAddress>> look_up(std::string host, std::uint16_t port) override;

  CallContext& context_;
  const ConnectionSettings& settings_;
  const Address address_;
  std::shared_ptr<Connection>& held_;
  bool look_always_ = false;
  std::vector<std::unique_ptr<ConnectPlan>> deferred_;
  std::optional<RouteSelector> selector_;  // when it is first needed: most calls find a connection without
  std::vector<Route> routes_;              // not tried yet, the next one last
  std::optional<Route> retried_;           // of a connection that failed although the route had worked
  bool held_was_coalesced_ = false;

  // Of one search, from the first plan() to end_search().
  bool has_stood_in_line_ = false;
  bool has_turn_ = false;
  bool has_slot_ = false;        // counts as a connection, whatever becomes of the plans
  bool adds_to_others_ = false;  // connections that exist have no room
  bool found_coalesced_ = false;
};

}  // namespace okhttp::internal

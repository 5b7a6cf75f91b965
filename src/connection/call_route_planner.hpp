#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "connection/connection_settings.hpp"
#include "connection/route_planner.hpp"

namespace okhttp::internal {

struct CallContext;

/// Looks for a call's connection in five places, in this order: the one that the call holds; the pool; what is left of
/// earlier planning (deferred plans, the rest of the routes); new routes, upon which the pool is asked again; and,
/// after a route was connected, the pool once more for a connection that several calls can share.
class CallRoutePlanner final : public RoutePlanner {
 public:
  /// `held` is the connection that the call holds from an earlier exchange, or null; the planner takes it out when it
  /// hands it to a plan or gives it back to the pool. `held` and `context` outlive the planner.
  CallRoutePlanner(CallContext& context, const ConnectionSettings& settings, Address address,
                   std::shared_ptr<Connection>& held);

  /// A request that must not be lost to a dead connection has every pooled one looked at first.
  void look_always(bool always) noexcept { look_always_ = always; }
  [[nodiscard]] const Address& address() const noexcept { return address_; }

  /// Places 1 and 2 alone, which need no waiting: the connection that the call holds or one of the pool; else null.
  /// Throws when the call was canceled or is out of time.
  [[nodiscard]] std::shared_ptr<Connection> find_existing();

  Task<std::unique_ptr<ConnectPlan>> plan() override;
  [[nodiscard]] std::vector<std::unique_ptr<ConnectPlan>>& deferred_plans() noexcept override { return deferred_; }
  [[nodiscard]] bool has_next(const Connection* failed) override;

 private:
  [[nodiscard]] std::shared_ptr<Connection> take_held();
  [[nodiscard]] std::shared_ptr<Connection> take_pooled();
  [[nodiscard]] std::unique_ptr<ConnectPlan> plan_next_route();
  Task<void> select_routes();
  Task<std::vector<IpAddress>> look_up(std::string host);

  CallContext& context_;
  const ConnectionSettings& settings_;
  const Address address_;
  std::shared_ptr<Connection>& held_;
  bool look_always_ = false;
  std::vector<std::unique_ptr<ConnectPlan>> deferred_;
  bool routes_selected_ = false;
  std::vector<Route> routes_;     // not tried yet, the next one last
  std::optional<Route> retried_;  // of a connection that failed although the route had worked
  std::uint32_t attempts_ = 0;
};

}  // namespace okhttp::internal

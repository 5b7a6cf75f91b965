#pragma once

#include <okhttp/protocol.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "connection/connection_settings.hpp"
#include "connection/route_planner.hpp"

namespace okhttp {
class Handshake;
}

namespace okhttp::internal {

struct CallContext;

/// A connection that exists already.
class ReusePlan final : public ConnectPlan {
 public:
  explicit ReusePlan(std::shared_ptr<Connection> connection) noexcept : connection_(std::move(connection)) {}

  [[nodiscard]] bool is_ready() const noexcept override { return true; }
  [[nodiscard]] std::string route_text() const override { return connection_->route().to_string(); }
  Task<ConnectResult> connect_tcp() override { co_return ConnectResult(); }
  Task<ConnectResult> connect_tls_etc() override { co_return ConnectResult(); }
  [[nodiscard]] std::shared_ptr<Connection> handle_success() override { return std::move(connection_); }

 private:
  std::shared_ptr<Connection> connection_;
};

/// A route to be dialled.
class DialPlan final : public ConnectPlan {
 public:
  /// `context`, `settings` and `unused_route` outlive the plan. Unless `unused_route` is null, the pool is asked once
  /// more after a multiplexed connection was made: when another call has just made one, that is used, this one is
  /// closed, and its route is left in `unused_route`.
  DialPlan(CallContext& context, const ConnectionSettings& settings, Route route, std::uint32_t attempt,
           std::optional<Route>* unused_route);
  ~DialPlan() override;

  [[nodiscard]] bool is_ready() const noexcept override { return connected_; }
  [[nodiscard]] std::string route_text() const override { return route_.to_string(); }
  Task<ConnectResult> connect_tcp() override;
  Task<ConnectResult> connect_tls_etc() override;
  [[nodiscard]] std::shared_ptr<Connection> handle_success() override;

 private:
  Task<std::unique_ptr<Socket>> dial();
  Task<void> secure();
  [[nodiscard]] ConnectResult failed(const Error& error);

  CallContext& context_;
  const ConnectionSettings& settings_;
  const Route route_;
  const std::uint32_t attempt_;
  bool connected_ = false;
  TimePoint secure_by_ = kNever;  // TLS and what else follows on TCP
  std::unique_ptr<Stream> stream_;
  std::shared_ptr<const Handshake> handshake_;
  Protocol protocol_;
  std::optional<Route>* const unused_route_;
};

}  // namespace okhttp::internal

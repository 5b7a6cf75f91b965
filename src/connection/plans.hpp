#pragma once

#include <okhttp/protocol.hpp>

#include <cstddef>
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
class TlsStream;

/// A connection that exists already.
class ReusePlan final : public ConnectPlan {
 public:
  explicit ReusePlan(std::shared_ptr<Connection> connection) noexcept : connection_(std::move(connection)) {}

  [[nodiscard]] bool is_ready() const noexcept override { return true; }
  [[nodiscard]] std::string route_text() const override { return connection_->route().to_string(); }
  Task<ConnectResult> connect_tcp() override { co_return ConnectResult(); }
  Task<ConnectResult> connect_tls_etc() override { co_return ConnectResult(); }
  void cancel() override {}
  [[nodiscard]] std::unique_ptr<ConnectPlan> retry() override { return std::make_unique<ReusePlan>(connection_); }
  [[nodiscard]] std::shared_ptr<Connection> handle_success() override { return std::move(connection_); }

 private:
  std::shared_ptr<Connection> connection_;
};

/// A route to be dialled.
class DialPlan final : public ConnectPlan {
 public:
  /// `context`, `settings`, `attempts` and `unused_route` outlive the plan. `attempts` counts those of the call. Unless
  /// `unused_route` is null, the pool is asked once more after a multiplexed connection was made: when another call has
  /// just made one, that is used, this one is closed, and its route is left in `unused_route`. TLS uses the first fit
  /// one of the client's specs from `first_spec` on. `is_second_try`: the peer has just refused to resume a session.
  DialPlan(CallContext& context, const ConnectionSettings& settings, Route route, std::uint32_t& attempts,
           std::optional<Route>* unused_route, std::size_t first_spec = 0, bool is_second_try = false);
  ~DialPlan() override;

  [[nodiscard]] bool is_ready() const noexcept override { return connected_; }
  [[nodiscard]] std::string route_text() const override { return route_.to_string(); }
  Task<ConnectResult> connect_tcp() override;
  Task<ConnectResult> connect_tls_etc() override;
  void cancel() override;
  [[nodiscard]] std::unique_ptr<ConnectPlan> retry() override;
  [[nodiscard]] std::shared_ptr<Connection> handle_success() override;

 private:
  Task<std::unique_ptr<Socket>> dial();
  /// From the proxy at the other end of the socket to the server, or as far as a proxy that forwards needs it.
  Task<void> pass_proxy();
  Task<void> secure();
  [[nodiscard]] std::unique_ptr<TlsStream> begin_tls();
  /// The same route, after a handshake that failed: in full when that was to resume a session, else with the next spec
  /// if it might cure the failure; else null.
  [[nodiscard]] std::unique_ptr<ConnectPlan> plan_fallback();
  /// Throws Error with Errc::pin_mismatch.
  void check_pins(const Handshake& handshake) const;
  [[nodiscard]] ConnectResult failed(const Error& error, std::unique_ptr<ConnectPlan> next = nullptr);
  [[nodiscard]] Error lost() const;

  CallContext& context_;
  const ConnectionSettings& settings_;
  const Route route_;
  std::uint32_t& attempts_;
  const std::uint32_t attempt_;
  bool has_lost_ = false;     // another attempt was faster
  Wait* dialling_ = nullptr;  // while TCP is being connected
  bool connected_ = false;
  TimePoint secure_by_ = kNever;  // TLS and what else follows on TCP
  std::optional<std::string> proxy_authorization_;
  std::unique_ptr<Stream> stream_;
  std::shared_ptr<const Handshake> handshake_;
  Protocol protocol_;
  std::optional<Route>* const unused_route_;
  const std::size_t first_spec_;         // what TLS may use of the client's
  std::optional<std::size_t> fallback_;  // what may be tried after a handshake that failed
  const bool is_second_try_;             // after a session that was refused, which took those of the peer with it
  bool is_session_refused_ = false;
};

}  // namespace okhttp::internal

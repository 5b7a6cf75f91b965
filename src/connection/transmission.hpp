#pragma once

#include <okhttp/error.hpp>
#include <okhttp/request.hpp>
#include <okhttp/task.hpp>

#include <memory>
#include <optional>

#include "connection/call_route_planner.hpp"
#include "connection/connection_settings.hpp"

namespace okhttp::internal {

struct CallContext;
class Exchange;

/// Between a call and the network: the connection that the call holds, the exchange that is open on it, and the end of
/// the call when nothing of either is left.
///
/// Owned by the call and by its open exchange, hence by the response's body. Runs on the call's engine.
///
///     new_exchange --(response read or abandoned)--> held connection --new_exchange (follow-up, retry)--> ...
///     no_more_exchanges, and no exchange open  -->  connection released, call_end
class Transmission final : public std::enable_shared_from_this<Transmission> {
 public:
  Transmission(std::shared_ptr<CallContext> context, std::shared_ptr<const ConnectionSettings> settings);
  ~Transmission();

  [[nodiscard]] CallContext& context() noexcept { return *context_; }
  [[nodiscard]] const std::shared_ptr<CallContext>& shared_context() noexcept { return context_; }

  /// Before the first exchange for a request; not before a retry, which goes on with the routes that are left.
  void prepare(const Request& request);
  /// Finds a connection and begins an exchange on it. Requires: prepare(), and no exchange is open.
  Task<std::shared_ptr<Exchange>> new_exchange(const Request& request);

  /// After a failed exchange: true when there is another connection or route to try.
  [[nodiscard]] bool has_another_way();
  /// After a failed exchange: true unless it is certain that nothing of the request reached the peer.
  [[nodiscard]] bool request_may_have_reached_peer() const noexcept { return may_have_reached_peer_; }

  /// The chain gave its response: when its body has been read, or dropped, the call ends.
  void no_more_exchanges();
  /// The chain failed: the call ends now.
  void fail(const Error& error);

 private:
  friend class Exchange;

  // From the exchange that is open.
  void exchange_completed(std::shared_ptr<Connection> connection);
  void exchange_failed(std::shared_ptr<Connection> connection, const Error& error, bool may_have_reached_peer);

  void release_held();
  void end_if_done();

  const std::shared_ptr<CallContext> context_;
  const std::shared_ptr<const ConnectionSettings> settings_;
  std::unique_ptr<CallRoutePlanner> planner_;
  std::shared_ptr<Connection> held_;       // between two exchanges
  std::shared_ptr<Connection> failed_on_;  // of the last exchange, when it failed
  bool may_have_reached_peer_ = false;
  bool exchange_open_ = false;
  bool expects_more_ = true;
  bool ended_ = false;
  std::optional<Error> failure_;
};

}  // namespace okhttp::internal

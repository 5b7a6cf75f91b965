#pragma once

#include <okhttp/error.hpp>
#include <okhttp/request.hpp>
#include <okhttp/response.hpp>
#include <okhttp/task.hpp>

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "connection/call_route_planner.hpp"
#include "connection/connection_settings.hpp"

namespace okhttp::internal {

struct CallContext;
class Exchange;

/// Told once, when nothing of a call, or of a branch of it, is left to be done.
class TransmissionOwner {
 public:
  /// `failure` is null when the last response was read or dropped.
  virtual void transmission_ended(const Error* failure) noexcept = 0;

 protected:
  TransmissionOwner() = default;
  TransmissionOwner(const TransmissionOwner&) = default;
  TransmissionOwner& operator=(const TransmissionOwner&) = default;
  ~TransmissionOwner() = default;
};

/// For the owner whose transmission is the call's own: tells the call's listener of the end.
void tell_end_of_call(const CallContext& context, const Error* failure);

/// What is known of an exchange that failed.
struct FailedExchange {
  explicit FailedExchange(Error why) : error(std::move(why)) {}
  Error error;
  bool may_have_reached_peer = false;  ///< false: it is certain that the peer processed nothing of the request
  bool was_refused = false;            ///< by the peer's own word
  bool request_body_begun = false;     ///< the body was asked to write itself
  bool request_body_failed = false;    ///< what failed was the caller's body, not the connection
  bool connection_survives = false;    ///< it was this exchange's alone
  std::string route;                   ///< for messages
};

/// Between a call and the network: the connection that the call holds, the exchange that is open on it, and the end of
/// the call when nothing of either is left.
///
/// Owned by the call and by its open exchange, hence by the response's body. Runs on the call's engine.
///
///     new_exchange --(response read or abandoned)--> held connection --new_exchange (follow-up, retry)--> ...
///     no_more_exchanges, and no exchange open  -->  connection released, call_end
class Transmission final : public std::enable_shared_from_this<Transmission> {
 public:
  /// `owner` lives until it was told of the end, which it is at the latest when the transmission is destroyed.
  Transmission(TransmissionOwner& owner, std::shared_ptr<CallContext> context,
               std::shared_ptr<const ConnectionSettings> settings);
  /// One of several that a call has at once, for a branch of it that goes on from `whole`.
  Transmission(TransmissionOwner& owner, std::shared_ptr<CallContext> context, std::shared_ptr<Transmission> whole);
  ~Transmission();

  [[nodiscard]] CallContext& context() noexcept { return *context_; }
  [[nodiscard]] const std::shared_ptr<CallContext>& shared_context() noexcept { return context_; }

  /// What the connections of this call are made with, from the next prepare() on: the client's, or what use() gave.
  [[nodiscard]] const ConnectionSettings& settings() const noexcept { return *shared_settings(); }
  [[nodiscard]] const std::shared_ptr<const ConnectionSettings>& shared_settings() const noexcept {
    return next_settings_ != nullptr ? next_settings_ : settings_;
  }
  void use(std::shared_ptr<const ConnectionSettings> settings) { next_settings_ = std::move(settings); }

  /// Before the first exchange for a request; not before a retry, which goes on with the routes that are left.
  /// Throws Error when the client's settings exclude the request.
  void prepare(const Request& request);
  /// Begins an exchange on the connection that the call holds or on one of the pool; null when there is neither, or
  /// when this is not the call's engine. Requires: prepare(), and no exchange is open.
  [[nodiscard]] std::shared_ptr<Exchange> exchange_on_existing();
  /// The same on a new connection if there is no other.
  Task<std::shared_ptr<Exchange>> new_exchange();

  /// After a failed exchange: true when there is another connection or route to try.
  [[nodiscard]] bool has_another_way();
  /// The last exchange, when it began and failed; null when no connection was found for it.
  [[nodiscard]] const FailedExchange* failed_exchange() const noexcept { return failed_ ? &*failed_ : nullptr; }

  /// True while an exchange is open: its response has to be read or dropped before the next one.
  [[nodiscard]] bool has_open_exchange() const noexcept { return exchange_open_ || branch_open_; }
  /// True once the owner was told of the end: an exchange that is still open then, because the chain failed while
  /// somebody kept its response, is nobody's business any more, and its call may be gone.
  [[nodiscard]] bool has_ended() const noexcept { return ended_ || (whole_ != nullptr && whole_->has_ended()); }
  /// `request` as it is to be sent on a connection: with Proxy-Authorization exactly when an HTTP proxy forwards it,
  /// and only with what is meant for that very proxy.
  [[nodiscard]] Request on_wire(const Request& request, const Connection& connection);
  /// True when an HTTP proxy forwarded the last exchange, so that a 407 can be its own.
  [[nodiscard]] bool was_forwarded() const noexcept { return forwarded_.has_value(); }
  /// The proxy that the last exchange went through.
  [[nodiscard]] const Proxy& proxy() const noexcept { return proxy_; }
  /// Asks the client's authenticator for an answer to the 407 of the proxy that forwarded the last exchange; on_wire()
  /// shows it to that proxy from now on. `refused` holds the request as it was on the wire. False when it gives up.
  Task<bool> answer_proxy_challenge(Response refused);

  /// True when the last exchange was on a connection made for another host.
  [[nodiscard]] bool is_coalesced() const noexcept { return coalesced_ != nullptr; }
  /// The peer answered that the other host is none of its own: that connection is for its own host alone from now on.
  void stop_coalescing() noexcept { coalesced_->stop_coalescing(); }

  /// True once no other exchange can follow.
  [[nodiscard]] bool is_last_exchange() const noexcept { return !expects_more_; }

  /// This branch has the call's response: the whole call goes on until that was read or dropped.
  void become_chosen();

  /// The chain gave its response: when its body has been read, or dropped, the call ends.
  void no_more_exchanges();
  /// The chain failed: the call ends now.
  void fail(const Error& error);

 private:
  friend class Exchange;

  // From a branch: its response is open as if it were of an exchange of this one.
  void branch_ended(const std::optional<Error>& failure);

  // From the exchange that is open.
  void exchange_completed(std::shared_ptr<Connection> connection);
  void exchange_failed(std::shared_ptr<Connection> connection, FailedExchange failed);

  [[nodiscard]] std::shared_ptr<Exchange> begin_exchange(std::shared_ptr<Connection> connection,
                                                         std::uint64_t held_before);
  void note_route(const Route& route);
  /// False when what the authenticator answered was for another request than this.
  [[nodiscard]] bool is_shown_for(const Request& request) const;
  void note_coalescing(const std::shared_ptr<Connection>& connection);
  [[nodiscard]] bool ends_connection(Connection& connection, const FailedExchange& failed, bool is_ours) const;
  void change_settings();
  void release_held();
  void end_if_done();

  TransmissionOwner& owner_;
  const std::shared_ptr<CallContext> context_;
  const std::shared_ptr<Transmission> whole_;  // null but for a branch
  std::shared_ptr<const ConnectionSettings> settings_;
  // Null when there are no others.
  std::shared_ptr<const ConnectionSettings> next_settings_;
  std::optional<CallRoutePlanner> planner_;  // of the request that was prepared for
  std::shared_ptr<Connection> held_;         // between two exchanges
  std::shared_ptr<Connection> coalesced_;    // of the last exchange, when it was made for another host
  std::optional<Address> coalesced_for_;     // for which it was found
  std::optional<Route> forwarded_;           // of the last exchange, when an HTTP proxy forwarded it
  Proxy proxy_;                              // of the last exchange
  std::optional<Proxy> shown_to_;            // whom Proxy-Authorization of this call is for
  std::optional<std::string> shown_;         // what the authenticator answered it
  std::optional<Request> shown_for_;         // when that is for this request alone
  std::shared_ptr<Connection> failed_on_;    // of the last exchange, when it failed
  std::optional<FailedExchange> failed_;
  bool exchange_open_ = false;
  bool branch_open_ = false;  // the response of a branch
  bool is_chosen_ = false;    // this branch has the call's response
  bool expects_more_ = true;
  bool ended_ = false;
  std::optional<Error> failure_;
};

}  // namespace okhttp::internal

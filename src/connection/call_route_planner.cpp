#include "connection/call_route_planner.hpp"

#include <okhttp/event_listener.hpp>

#include <algorithm>
#include <utility>

#include "connection/plans.hpp"
#include "runtime/call_context.hpp"

namespace okhttp::internal {

CallRoutePlanner::CallRoutePlanner(CallContext& context, const ConnectionSettings& settings, Address address,
                                   std::shared_ptr<Connection>& held)
    : context_(context), settings_(settings), address_(std::move(address)), held_(held) {}

std::shared_ptr<Connection> CallRoutePlanner::find_existing() {
  context_.check();
  if (std::shared_ptr<Connection> held = take_held()) return held;
  return take_pooled();
}

Task<std::unique_ptr<ConnectPlan>> CallRoutePlanner::plan() {
  if (std::shared_ptr<Connection> existing = find_existing()) {
    co_return std::make_unique<ReusePlan>(std::move(existing));
  }
  if (!has_stood_in_line_ && (settings_.max_connections_per_host > 0 || settings_.codecs->may_multiplex(address_))) {
    has_stood_in_line_ = true;
    std::shared_ptr<Connection> given = co_await wait_in_line();
    if (given != nullptr) co_return std::make_unique<ReusePlan>(std::move(given));
  }
  if (!deferred_.empty()) {
    std::unique_ptr<ConnectPlan> deferred = std::move(deferred_.back());
    deferred_.pop_back();
    co_return deferred;
  }
  if (std::unique_ptr<ConnectPlan> left = plan_next_route()) co_return left;

  if (!may_select_more())
    throw Error(Errc::connect_failed, Blame::network, "no route is left to " + address_.to_string());
  co_await select_routes();
  context_.check();
  // Another call may have connected while the name was looked up.
  if (std::shared_ptr<Connection> pooled = take_pooled()) co_return std::make_unique<ReusePlan>(std::move(pooled));
  if (std::shared_ptr<Connection> shared = take_coalesced()) co_return std::make_unique<ReusePlan>(std::move(shared));
  co_return plan_next_route();
}

Task<std::shared_ptr<Connection>> CallRoutePlanner::wait_in_line() {
  /// Gives back what is not taken.
  class InLine {
   public:
    InLine(ConnectionStore& store, WaitingCall& call, const CallContext& context) noexcept
        : store_(store), call_(call), context_(context) {}
    InLine(const InLine&) = delete;
    InLine& operator=(const InLine&) = delete;
    ~InLine() { store_.leave_line(call_, context_.now()); }

   private:
    ConnectionStore& store_;
    WaitingCall& call_;
    const CallContext& context_;
  };
  WaitingCall call(address_, settings_.max_http2_connections, settings_.max_connections_per_host,
                   settings_.codecs->may_multiplex(address_));
  const InLine in_line(*settings_.store, call, context_);
  if (!settings_.store->stand_in_line(call)) {
    EventListener* const listener = context_.listener.get();
    if (listener != nullptr) listener->connection_wait_start(*context_.call);
    const std::optional<Error> failure = co_await wait_until_served(call);
    if (listener != nullptr) listener->connection_wait_end(*context_.call, failure ? &*failure : nullptr);
    if (failure.has_value()) throw *failure;
  }
  const WaitingCall::Outcome outcome = call.take_outcome();
  has_slot_ = call.take_slot();
  switch (outcome) {
    case WaitingCall::Outcome::connection:
      co_return require_good(call.take_connection());
    case WaitingCall::Outcome::turn:
      has_turn_ = true;
      adds_to_others_ = call.adds_to_others();
      break;
    default:
      break;
  }
  co_return nullptr;
}

std::shared_ptr<Connection> CallRoutePlanner::require_good(std::shared_ptr<Connection> given) {
  // It came straight from another call, so that only a request that must not be lost has it looked at.
  if (!look_always_ || given->is_multiplexed() || given->codec().look(context_.engine())) return given;
  if (settings_.max_connections_per_host > 0) {
    settings_.store->exchange_for_slot(std::move(given), context_.now());
    has_slot_ = true;
  } else {
    given->retire();
    settings_.store->release(std::move(given), context_.now());
  }
  return nullptr;
}

Task<std::optional<Error>> CallRoutePlanner::wait_until_served(WaitingCall& call) {
  for (;;) {
    const TimePoint patience = deadline_after(context_.now(), context_.timeouts.connect);
    Signal::Awaiter served(call.served(), context_.engine(), context_.terms_until(patience));
    const WaitResult why = co_await served;
    if (why == WaitResult::ready) co_return std::nullopt;
    const bool is_over = why == WaitResult::canceled || context_.now() >= context_.last_moment();
    if (is_over)
      co_return error_of(context_, why, Errc::timeout, "waiting for a connection to " + address_.to_string());
    if (settings_.store->lose_patience(call)) co_return std::nullopt;
  }
}

void CallRoutePlanner::end_search() noexcept {
  if (has_slot_) settings_.store->end_slot(address_);
  if (has_turn_) settings_.store->end_turn(address_, found_coalesced_);
  has_stood_in_line_ = has_slot_ = has_turn_ = adds_to_others_ = found_coalesced_ = false;
}

std::shared_ptr<Connection> CallRoutePlanner::take_held() {
  if (held_ == nullptr) return nullptr;
  std::shared_ptr<Connection> held = std::exchange(held_, nullptr);
  // The whole address counts: a redirect from https to http on one host and port must not ride the other's connection.
  const bool serves = held->route().address() == address_ || (held_was_coalesced_ && held->coalesces());
  const bool fits = serves && !held->no_new_exchanges() && !held->codec().is_over();
  if (fits && (!look_always_ || held->codec().look(context_.engine()))) return held;
  if (fits) held->retire();
  if (context_.listener != nullptr) context_.listener->connection_released(*context_.call, held->info());
  settings_.store->release(std::move(held), context_.now());
  return nullptr;
}

std::shared_ptr<Connection> CallRoutePlanner::take_pooled() {
  return settings_.store->acquire(address_, context_.engine(), look_always_);
}

std::shared_ptr<Connection> CallRoutePlanner::take_coalesced() {
  if (!address_.is_tls() || !settings_.codecs->may_multiplex(address_)) return nullptr;
  std::shared_ptr<Connection> found =
      settings_.store->acquire_coalesced(address_, routes_, context_.engine(), look_always_);
  found_coalesced_ = found != nullptr;
  return found;
}

std::unique_ptr<ConnectPlan> CallRoutePlanner::plan_next_route() {
  if (retried_.has_value()) {
    Route route = std::move(*retried_);
    retried_.reset();
    return dial(std::move(route));
  }
  if (routes_.empty()) return nullptr;
  Route route = std::move(routes_.back());
  routes_.pop_back();
  return dial(std::move(route));
}

std::unique_ptr<ConnectPlan> CallRoutePlanner::dial(Route route) {
  // A call that opens a further connection because the others are full keeps it, also when one of them has room by now.
  std::optional<Route>* const unused = adds_to_others_ ? nullptr : &retried_;
  return std::make_unique<DialPlan>(context_, settings_, std::move(route), context_.connect_attempts(), unused);
}

bool CallRoutePlanner::has_next(const Connection* failed) {
  if (!deferred_.empty() || !routes_.empty() || retried_.has_value()) return true;
  if (failed == nullptr) return may_select_more();
  // A connection that completed a call proves its route: the peer closed it, or restarted. One that refused a stream
  // answers, and may be used again itself.
  const Route& route = failed->route();
  if ((failed->is_proven() || failed->has_refused()) && route.address() == address_ &&
      !settings_.store->routes().should_postpone(route)) {
    retried_ = route;
    return true;
  }
  return may_select_more();
}

Task<void> CallRoutePlanner::select_routes() {
  if (!selector_.has_value()) {
    NameLookup& names = *this;
    selector_.emplace(context_, address_, settings_.store->routes(), names, settings_.fast_fallback);
  }
  std::vector<Attempt> earlier;
  for (;;) {
    try {
      std::vector<Route> found = co_await selector_->next();
      routes_ = std::move(found);
      break;
    } catch (const Error& error) {
      // Another proxy may resolve what this one could not.
      const bool is_over = error.errc() == Errc::canceled || error.errc() == Errc::timeout;
      if (is_over || !selector_->has_next()) throw error.with_attempts(std::move(earlier));
      earlier.emplace_back(selector_->last_text(), error.what());
    }
  }
  std::reverse(routes_.begin(), routes_.end());
}

Task<std::vector<IpAddress>> CallRoutePlanner::look_up(std::string host, std::uint16_t port) {
  EventListener* const listener = context_.listener.get();
  if (listener != nullptr) listener->dns_start(*context_.call, host);
  std::optional<Error> failure;
  std::optional<std::vector<IpAddress>> found;
  try {
    WaitResult why = WaitResult::ready;
    Task<std::optional<std::vector<IpAddress>>> lookup = settings_.lookups->look_up(
        settings_.identity->dns, host, port, context_.engine(), context_.terms_until(kNever), why);
    std::optional<std::vector<IpAddress>> answer = co_await std::move(lookup);
    found = std::move(answer);
    if (!found.has_value()) failure = error_of(context_, why, Errc::timeout, "resolving " + host);
  } catch (const Error& error) {
    failure = error;
  } catch (const std::exception& error) {
    failure =
        Error(Errc::unknown_host, Blame::caller, "resolving " + host + ": " + error.what(), std::current_exception());
  }
  if (!failure.has_value() && found->empty()) {
    failure = Error(Errc::unknown_host, Blame::caller, "resolving " + host + ": the resolver gave no address");
  }
  if (listener != nullptr) {
    const std::vector<IpAddress> none;
    listener->dns_end(*context_.call, host, found.has_value() ? *found : none,
                      failure.has_value() ? &*failure : nullptr);
  }
  if (failure.has_value()) throw *failure;
  co_return std::move(*found);
}

}  // namespace okhttp::internal

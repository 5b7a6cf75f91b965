#include "connection/call_route_planner.hpp"

#include <okhttp/event_listener.hpp>

#include <algorithm>
#include <utility>

#include "connection/plans.hpp"
#include "runtime/call_context.hpp"
#include "runtime/offload.hpp"

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
  if (!deferred_.empty()) {
    std::unique_ptr<ConnectPlan> deferred = std::move(deferred_.back());
    deferred_.pop_back();
    co_return deferred;
  }
  if (std::unique_ptr<ConnectPlan> left = plan_next_route()) co_return left;

  co_await select_routes();
  // Another call may have connected while the name was looked up.
  if (std::shared_ptr<Connection> pooled = take_pooled()) co_return std::make_unique<ReusePlan>(std::move(pooled));
  co_return plan_next_route();
}

std::shared_ptr<Connection> CallRoutePlanner::take_held() {
  if (held_ == nullptr) return nullptr;
  std::shared_ptr<Connection> held = std::exchange(held_, nullptr);
  // The whole address counts: a redirect from https to http on one host and port must not ride the other's connection.
  const bool fits = !held->no_new_exchanges() && held->route().address() == address_;
  if (fits && (!look_always_ || held->codec().look(context_.engine()))) return held;
  if (fits) held->retire();
  if (context_.listener != nullptr) context_.listener->connection_released(*context_.call, held->info());
  settings_.store->release(std::move(held), context_.now());
  return nullptr;
}

std::shared_ptr<Connection> CallRoutePlanner::take_pooled() {
  return settings_.store->acquire(address_, context_.engine(), look_always_);
}

std::unique_ptr<ConnectPlan> CallRoutePlanner::plan_next_route() {
  if (retried_.has_value()) {
    Route route = std::move(*retried_);
    retried_.reset();
    return std::make_unique<DialPlan>(context_, settings_, std::move(route), attempts_++);
  }
  if (routes_.empty()) return nullptr;
  Route route = std::move(routes_.back());
  routes_.pop_back();
  return std::make_unique<DialPlan>(context_, settings_, std::move(route), attempts_++);
}

bool CallRoutePlanner::has_next(const Connection* failed) {
  if (!deferred_.empty() || !routes_.empty() || retried_.has_value()) return true;
  if (failed == nullptr) return !routes_selected_;
  // A connection that completed a call proves its route: the peer closed it, or restarted.
  const Route& route = failed->route();
  if (failed->is_proven() && route.address() == address_ && !settings_.store->routes().should_postpone(route)) {
    retried_ = route;
    return true;
  }
  return !routes_selected_;
}

Task<void> CallRoutePlanner::select_routes() {
  std::vector<IpAddress> addresses;
  if (const std::optional<IpAddress> literal = IpAddress::parse(address_.host())) {
    addresses.push_back(*literal);
  } else {
    std::vector<IpAddress> found = co_await look_up(address_.host());
    addresses = std::move(found);
  }
  routes_selected_ = true;
  std::vector<Route> postponed;
  for (const IpAddress& address : addresses) {
    Route route(address_, Endpoint(address, address_.port()));
    if (settings_.store->routes().should_postpone(route)) {
      postponed.push_back(std::move(route));
    } else {
      routes_.push_back(std::move(route));
    }
  }
  for (Route& route : postponed) routes_.push_back(std::move(route));
  std::reverse(routes_.begin(), routes_.end());
}

Task<std::vector<IpAddress>> CallRoutePlanner::look_up(std::string host) {
  EventListener* const listener = context_.listener.get();
  if (listener != nullptr) listener->dns_start(*context_.call, host);
  std::optional<Error> failure;
  std::optional<std::vector<IpAddress>> found;
  try {
    auto lookup = [dns = settings_.identity->dns, host] { return dns->lookup(host); };
    WaitResult why = WaitResult::ready;
    Task<std::optional<std::vector<IpAddress>>> on_thread =
        offload(*settings_.lookups, context_.engine(), context_.terms_until(kNever), std::move(lookup), why);
    std::optional<std::vector<IpAddress>> answer = co_await std::move(on_thread);
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

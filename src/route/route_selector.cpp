#include "route/route_selector.hpp"

#include <okhttp/error.hpp>
#include <okhttp/event_listener.hpp>

#include <exception>
#include <optional>
#include <utility>

#include "runtime/call_context.hpp"

namespace okhttp::internal {

Url url_of(const Address& address) {
  Url::Builder builder;
  builder.scheme(address.is_tls() ? "https" : "http");
  builder.host(address.host());
  builder.port(address.port());
  return builder.build();
}

void report_failed_proxy(const Address& address, const Proxy& proxy, const Error& error) {
  const ConnectionIdentity& identity = address.identity();
  const Errc code = error.errc();
  const bool is_ours = code == Errc::canceled || code == Errc::timeout || code == Errc::address_refused;
  if (is_ours || proxy.is_direct() || identity.proxy.has_value()) return;
  identity.proxy_selector->connect_failed(url_of(address), proxy, error);
}

std::vector<IpAddress> interleave_families(const std::vector<IpAddress>& addresses) {
  std::vector<IpAddress> v6;
  std::vector<IpAddress> v4;
  for (const IpAddress& address : addresses) (address.is_v6() ? v6 : v4).push_back(address);
  std::vector<IpAddress> mixed;
  mixed.reserve(addresses.size());
  for (std::size_t i = 0; i < v6.size() || i < v4.size(); ++i) {
    if (i < v6.size()) mixed.push_back(v6[i]);
    if (i < v4.size()) mixed.push_back(v4[i]);
  }
  return mixed;
}

RouteSelector::RouteSelector(CallContext& context, Address address, const RouteDatabase& failed, NameLookup& names,
                             bool interleave)
    : context_(context), address_(std::move(address)), failed_(failed), names_(names), interleave_(interleave) {}

bool RouteSelector::has_next() const noexcept {
  return !has_selected_ || next_proxy_ < proxies_.size() || !postponed_.empty();
}

Task<std::vector<Route>> RouteSelector::next() {
  if (!address_.identity().sockets.unix_path.empty()) {
    has_selected_ = true;
    std::vector<Route> only(1, Route(address_, Endpoint()));
    co_return only;
  }
  if (!has_selected_) select_proxies();
  std::vector<Route> routes;
  while (routes.empty() && next_proxy_ < proxies_.size()) {
    std::vector<Route> found = co_await routes_of(proxies_[next_proxy_++]);
    for (Route& route : found) {
      (failed_.should_postpone(route) ? postponed_ : routes).push_back(std::move(route));
    }
  }
  if (routes.empty()) routes.swap(postponed_);
  co_return routes;
}

void RouteSelector::select_proxies() {
  const ConnectionIdentity& identity = address_.identity();
  EventListener* const listener = context_.listener.get();
  const bool is_asked = !identity.proxy.has_value() && identity.proxy_selector != ProxySelector::none();
  if (!is_asked && listener == nullptr) {
    proxies_.push_back(identity.proxy.value_or(Proxy::direct()));
    has_selected_ = true;
    return;
  }
  const Url url = url_of(address_);
  if (listener != nullptr) listener->proxy_select_start(*context_.call, url);
  std::optional<Error> failure;
  try {
    proxies_ = is_asked ? identity.proxy_selector->select(url) : std::vector<Proxy>{identity.proxy.value_or(Proxy())};
    if (proxies_.empty()) proxies_.push_back(Proxy::direct());
  } catch (const Error& error) {
    failure = error;
  } catch (const std::exception& error) {
    failure = Error(Errc::rejected, Blame::caller,
                    "selecting a proxy for " + address_.to_string() + ": " + error.what(), std::current_exception());
  }
  // One answer a selector: a failure is final, and a retry asks a new one.
  has_selected_ = true;
  if (listener != nullptr) listener->proxy_select_end(*context_.call, url, proxies_, failure ? &*failure : nullptr);
  if (failure.has_value()) throw *failure;
}

std::string RouteSelector::last_text() const {
  std::string text = address_.to_string();
  if (next_proxy_ == 0 || proxies_[next_proxy_ - 1].is_direct()) return text;
  return text + " via " + proxies_[next_proxy_ - 1].to_string();
}

Task<std::vector<Route>> RouteSelector::routes_of(const Proxy& proxy) {
  std::vector<Route> routes;
  if (proxy.is_direct()) {
    const std::vector<IpAddress> own = co_await addresses_of(address_.host(), address_.port());
    for (const IpAddress& ip : own) routes.emplace_back(address_, Endpoint(ip, address_.port()));
    co_return routes;
  }
  std::vector<std::optional<Endpoint>> targets;
  if (proxy.resolves_names()) {
    targets.emplace_back();
  } else {
    const std::vector<IpAddress> own = co_await addresses_of(address_.host(), address_.port());
    for (const IpAddress& ip : own) {
      if (!ip.is_v6() || proxy.type() != Proxy::Type::socks4) targets.emplace_back(Endpoint(ip, address_.port()));
    }
    if (targets.empty()) {
      throw Error(Errc::proxy_failed, Blame::caller,
                  address_.to_string() + " has IPv6 addresses alone, which a SOCKS4 proxy cannot reach");
    }
  }
  std::vector<IpAddress> dialled;
  std::optional<Error> failure;
  try {
    std::vector<IpAddress> found = co_await addresses_of(proxy.host(), proxy.port());
    dialled = std::move(found);
  } catch (const Error& error) {
    failure = error;
  }
  if (failure.has_value()) {
    report_failed_proxy(address_, proxy, *failure);
    throw *failure;
  }
  for (const std::optional<Endpoint>& target : targets) {
    for (const IpAddress& ip : dialled) routes.emplace_back(address_, proxy, Endpoint(ip, proxy.port()), target);
  }
  co_return routes;
}

Task<std::vector<IpAddress>> RouteSelector::addresses_of(std::string host, std::uint16_t port) {
  if (const std::optional<IpAddress> literal = IpAddress::parse(host)) {
    std::vector<IpAddress> one(1, *literal);
    co_return one;
  }
  std::vector<IpAddress> found = co_await names_.look_up(std::move(host), port);
  if (interleave_) {
    std::vector<IpAddress> mixed = interleave_families(found);
    co_return mixed;
  }
  co_return found;
}

}  // namespace okhttp::internal

#include "route/policy_check.hpp"

#include <okhttp/address_policy.hpp>
#include <okhttp/error.hpp>

#include <exception>
#include <optional>
#include <string>

namespace okhttp::internal {
namespace {

/// What the policy has against a route; empty when nothing.
std::string refusal(AddressPolicy& policy, const Route& route) {
  const std::string& host = route.address().host();
  const Proxy& proxy = route.proxy();
  std::optional<Endpoint> target = route.endpoint();
  if (!proxy.is_direct()) {
    if (!policy.permits_proxy(proxy, route.endpoint())) return "the proxy's address";
    target = route.target();
    if (!target.has_value()) {
      const std::optional<IpAddress> literal = IpAddress::parse(host);
      if (literal.has_value()) target = Endpoint(*literal, route.address().port());
    }
    if (!target.has_value()) {
      return policy.permits_unresolved(proxy, host) ? "" : "a name that the proxy would resolve";
    }
  }
  return policy.permits(host, *target) ? "" : "the address " + target->address.to_string();
}

}  // namespace

void check_policy(const Route& route) {
  const ConnectionIdentity& identity = route.address().identity();
  if (identity.address_policy == nullptr || !identity.sockets.unix_path.empty()) return;
  std::string what;
  try {
    what = refusal(*identity.address_policy, route);
  } catch (const std::exception& error) {
    throw Error(Errc::rejected, Blame::caller, "the address policy for " + route.to_string() + ": " + error.what(),
                std::current_exception());
  }
  if (what.empty()) return;
  throw Error(Errc::address_refused, Blame::caller,
              "connecting to " + route.to_string() + ": the client's address policy refuses " + what);
}

}  // namespace okhttp::internal

#pragma once

#include <okhttp/ip_address.hpp>
#include <okhttp/proxy.hpp>
#include <okhttp/task.hpp>
#include <okhttp/url.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "route/route.hpp"
#include "route/route_database.hpp"

namespace okhttp {
class Error;
}

namespace okhttp::internal {

struct CallContext;

/// Where a RouteSelector has names resolved, with the events and the deadline of the call.
class NameLookup {
 public:
  /// One address at least, for a connection to that port. Throws Error.
  virtual Task<std::vector<IpAddress>> look_up(std::string host, std::uint16_t port) = 0;

 protected:
  NameLookup() = default;
  NameLookup(const NameLookup&) = default;
  NameLookup& operator=(const NameLookup&) = default;
  ~NameLookup() = default;
};

/// The URL of an address alone, without path and user information: what a ProxySelector is asked about.
[[nodiscard]] Url url_of(const Address& address);

/// Tells the selector that chose `proxy`, if one did, that it could not be reached, unless it was the call that ended
/// or its client that refused.
void report_failed_proxy(const Address& address, const Proxy& proxy, const Error& error);

/// Both families in turn, IPv6 first, each in its own order (RFC 8305 §4).
[[nodiscard]] std::vector<IpAddress> interleave_families(const std::vector<IpAddress>& addresses);

/// Finds the ways to reach an address: the proxies in the order of the client's ProxySelector, and for each of them the
/// addresses of what is dialled. Routes that failed lately come after all others.
///
/// A Unix socket is the only route there is.
///
/// A name is resolved where the route needs it: of an HTTP, SOCKS4a or SOCKS5h proxy its own; of a SOCKS4 or SOCKS5 one
/// the address's too.
class RouteSelector final {
 public:
  /// `context`, `failed` and `names` outlive the selector. With `interleave`, for a race, the families take turns.
  RouteSelector(CallContext& context, Address address, const RouteDatabase& failed, NameLookup& names, bool interleave);

  [[nodiscard]] bool has_next() const noexcept;
  /// True when all that is left are routes that failed lately, which next() gives without asking anybody.
  [[nodiscard]] bool has_postponed_alone() const noexcept {
    return has_selected_ && next_proxy_ == proxies_.size() && !postponed_.empty();
  }
  /// The routes of the next proxy that has some which did not fail lately; in the end those that did. Requires:
  /// has_next(). Throws when a name cannot be resolved, after which there may be a next proxy all the same; its
  /// selector has been told.
  Task<std::vector<Route>> next();
  /// How the last proxy that next() looked at is reached, for messages.
  [[nodiscard]] std::string last_text() const;

 private:
  void select_proxies();
  Task<std::vector<Route>> routes_of(const Proxy& proxy);
  Task<std::vector<IpAddress>> addresses_of(std::string host, std::uint16_t port);

  CallContext& context_;
  const Address address_;
  const RouteDatabase& failed_;
  NameLookup& names_;
  const bool interleave_;
  bool has_selected_ = false;
  std::vector<Proxy> proxies_;
  std::size_t next_proxy_ = 0;
  std::vector<Route> postponed_;
};

}  // namespace okhttp::internal

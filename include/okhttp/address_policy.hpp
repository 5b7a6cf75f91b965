#pragma once

#include <okhttp/config.hpp>
#include <okhttp/ip_address.hpp>

#include <memory>
#include <string>

namespace okhttp {

class Proxy;

/// Says which addresses may be dialled: for servers that fetch URLs given by strangers, who might name a host of the
/// inner network, or one whose name resolves there (server-side request forgery).
///
/// It is asked about the very address that is about to be dialled, after names were resolved, for every connection of
/// every redirect. What it refuses fails with Errc::address_refused, unless another address of the host is permitted.
/// Connections are shared only among clients that have the very same policy.
///
/// Threads: called on the engine that runs the call, several at once, and must not block.
class OKHTTP_API AddressPolicy {
 public:
  AddressPolicy() = default;
  AddressPolicy(const AddressPolicy&) = delete;
  AddressPolicy& operator=(const AddressPolicy&) = delete;
  virtual ~AddressPolicy() = default;

  /// May `endpoint` be connected to, be it directly or by a proxy that is told the address? `host` is the URL's.
  [[nodiscard]] virtual bool permits(const std::string& host, const Endpoint& endpoint) = 0;
  /// May the proxy itself be dialled there? By default it may: proxies come from the program and its environment, not
  /// from strangers.
  [[nodiscard]] virtual bool permits_proxy(const Proxy& proxy, const Endpoint& endpoint);
  /// May a proxy be given the name of a host, so that it alone knows the address? By default it may not: nothing could
  /// be said about the address.
  [[nodiscard]] virtual bool permits_unresolved(const Proxy& proxy, const std::string& host);

  /// Permits addresses of the public internet alone. Refused are: private, loopback, link-local and unspecified ones;
  /// those shared by carriers (CGNAT, 100.64.0.0/10); unique-local and site-local ones; multicast and broadcast; those
  /// for documentation, benchmarks and protocols; and all that stand for an IPv4 address, whatever that is
  /// (IPv4-mapped and -compatible, NAT64, 6to4, Teredo). Of IPv6 only 2000::/3 is public.
  [[nodiscard]] static std::shared_ptr<AddressPolicy> public_only();
};

}  // namespace okhttp

#include <okhttp/address_policy.hpp>

#include <algorithm>
#include <string_view>
#include <vector>

#include "route/ip_network.hpp"

namespace okhttp {
namespace {

struct Network {
  IpAddress address;
  unsigned bits;
};

Network network(std::string_view address, unsigned bits) { return {*IpAddress::parse(address), bits}; }

bool contains(const std::vector<Network>& networks, const IpAddress& address) {
  return std::any_of(networks.begin(), networks.end(),
                     [&](const Network& each) { return internal::share_prefix(address, each.address, each.bits); });
}

// The registries of special addresses (RFC 6890): https://www.iana.org/assignments/iana-ipv4-special-registry and
// .../iana-ipv6-special-registry.
const std::vector<Network>& special_v4() {
  static const std::vector<Network> networks = {
      network("0.0.0.0", 8),        // this network; 0.0.0.0 is dialled as loopback
      network("10.0.0.0", 8),       // private
      network("100.64.0.0", 10),    // shared by carriers (RFC 6598)
      network("127.0.0.0", 8),      // loopback
      network("169.254.0.0", 16),   // link-local, where clouds keep their metadata
      network("172.16.0.0", 12),    // private
      network("192.0.0.0", 24),     // protocols
      network("192.0.2.0", 24),     // documentation
      network("192.88.99.0", 24),   // relays of 6to4
      network("192.168.0.0", 16),   // private
      network("198.18.0.0", 15),    // benchmarks
      network("198.51.100.0", 24),  // documentation
      network("203.0.113.0", 24),   // documentation
      network("224.0.0.0", 4),      // multicast
      network("240.0.0.0", 4),      // reserved, and broadcast
  };
  return networks;
}

// Within 2000::/3. What lies outside is refused as a whole: ::1, ::ffff:0:0/96, 64:ff9b::/96, fc00::/7, fe80::/10, ...
const std::vector<Network>& special_v6() {
  static const std::vector<Network> networks = {
      network("2001::", 23),      // protocols, Teredo among them
      network("2001:db8::", 32),  // documentation
      network("2002::", 16),      // 6to4
      network("3fff::", 20),      // documentation
  };
  return networks;
}

class PublicOnly final : public AddressPolicy {
 public:
  bool permits(const std::string&, const Endpoint& endpoint) override {
    const IpAddress& address = endpoint.address;
    if (!address.is_v6()) return !contains(special_v4(), address);
    static const Network unicast = network("2000::", 3);
    return internal::share_prefix(address, unicast.address, unicast.bits) && !contains(special_v6(), address);
  }
};

}  // namespace

bool AddressPolicy::permits_proxy(const Proxy&, const Endpoint&) { return true; }
bool AddressPolicy::permits_unresolved(const Proxy&, const std::string&) { return false; }

std::shared_ptr<AddressPolicy> AddressPolicy::public_only() {
  static const std::shared_ptr<AddressPolicy> policy = std::make_shared<PublicOnly>();
  return policy;
}

}  // namespace okhttp

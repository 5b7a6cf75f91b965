#include "connection/coalescing.hpp"

#include <okhttp/error.hpp>
#include <okhttp/handshake.hpp>

#include <algorithm>

#include "route/policy_check.hpp"
#include "wire/peer_verification.hpp"

namespace okhttp::internal {
namespace {

bool is_verified(const TlsConfig& tls, const std::string& host) {
  return tls.verifies_certificate_of(host) && tls.verifies_name_of(host);
}

bool is_permitted(const Route& route) {
  try {
    check_policy(route);
  } catch (const Error&) {
    return false;
  }
  return true;
}

bool differ_by_host_alone(const Address& a, const Address& b) {
  return a.host() != b.host() && a.port() == b.port() && a.is_tls() && b.is_tls() && a.identity() == b.identity();
}

}  // namespace

bool may_coalesce(const Connection& connection, const Address& address, const std::vector<Route>& routes) {
  const Address& own = connection.route().address();
  if (!connection.is_multiplexed() || !connection.coalesces() || !differ_by_host_alone(own, address)) return false;
  // The address of a proxy tells nothing of the hosts behind it.
  if (!connection.route().proxy().is_direct() || !address.identity().sockets.unix_path.empty()) return false;
  const auto shared = std::find_if(routes.begin(), routes.end(), [&](const Route& route) {
    return route.proxy().is_direct() && route.endpoint() == connection.route().endpoint();
  });
  if (shared == routes.end()) return false;
  const TlsConfig& tls = address.identity().tls;
  // Whom another rule of the caller's would accept is not known.
  if (address.identity().hostname_verifier != HostnameVerifier::default_rules()) return false;
  if (tls.has_client_certificate() || !is_verified(tls, own.host()) || !is_verified(tls, address.host())) return false;
  const Handshake* const handshake = connection.info().handshake().get();
  if (handshake == nullptr || handshake->peer_certificates().empty()) return false;
  const std::vector<Certificate>& chain = handshake->peer_certificates();
  if (!covers_host(chain.front(), address.host()) || !address.identity().pinner.holds(address.host(), chain)) {
    return false;
  }
  // Nobody dials for this host, so that this is where its policy is asked; it was asked about the other host alone.
  return is_permitted(*shared);
}

}  // namespace okhttp::internal

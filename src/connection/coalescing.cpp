#include "connection/coalescing.hpp"

#include <okhttp/handshake.hpp>

#include <algorithm>

#include "wire/peer_verification.hpp"

namespace okhttp::internal {
namespace {

bool is_verified(const TlsConfig& tls, const std::string& host) {
  return tls.verifies_certificate_of(host) && tls.verifies_name_of(host);
}

bool differ_by_host_alone(const Address& a, const Address& b) {
  return a.host() != b.host() && a.port() == b.port() && a.is_tls() && b.is_tls() && a.identity() == b.identity();
}

}  // namespace

bool may_coalesce(const Connection& connection, const Address& address, const std::vector<Route>& routes) {
  const Address& own = connection.route().address();
  if (!connection.is_multiplexed() || !connection.coalesces() || !differ_by_host_alone(own, address)) return false;
  const bool shares_address = std::any_of(routes.begin(), routes.end(), [&](const Route& route) {
    return route.endpoint() == connection.route().endpoint();
  });
  if (!shares_address) return false;
  const TlsConfig& tls = address.identity().tls;
  if (tls.has_client_certificate() || !is_verified(tls, own.host()) || !is_verified(tls, address.host())) return false;
  const Handshake* const handshake = connection.info().handshake().get();
  if (handshake == nullptr || handshake->peer_certificates().empty()) return false;
  return covers_host(handshake->peer_certificates().front(), address.host());
}

}  // namespace okhttp::internal

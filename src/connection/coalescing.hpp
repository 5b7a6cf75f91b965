#pragma once

#include <vector>

#include "connection/connection.hpp"
#include "route/route.hpp"

namespace okhttp::internal {

/// Whether a connection may carry requests for `address` too, although it was made for another host (RFC 9113 §9.1.1):
/// HTTP/2 over TLS; the addresses are equal but for the host; the two hosts share an IP address; neither host's
/// certificate goes unverified by the client's settings, the default rules for names hold, and the one that the peer
/// showed covers the new host too, whose pins hold for it; the client proves nothing to the peer; the peer did not
/// object before; and the address policy permits the new host there.
///
/// `routes` are those of `address`. From any thread, without a lock: the policy is user code.
[[nodiscard]] bool may_coalesce(const Connection& connection, const Address& address, const std::vector<Route>& routes);

}  // namespace okhttp::internal

#pragma once

#include "route/route.hpp"

namespace okhttp::internal {

/// Throws Errc::address_refused unless the client's AddressPolicy, if it has one, permits all that is dialled on a
/// route: its own end and what its proxy is told to connect to. What the policy throws becomes Errc::rejected.
void check_policy(const Route& route);

}  // namespace okhttp::internal

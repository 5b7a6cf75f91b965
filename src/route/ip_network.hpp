#pragma once

#include <okhttp/ip_address.hpp>

namespace okhttp::internal {

/// True when the first `bits` of both are equal; an IPv4 and an IPv6 address never share any.
[[nodiscard]] bool share_prefix(const IpAddress& a, const IpAddress& b, unsigned bits) noexcept;

/// The IPv4 address that an IPv4-mapped IPv6 address (::ffff:0:0/96) stands for, and which the system dials instead;
/// any other as it is.
[[nodiscard]] IpAddress unmapped(const IpAddress& address) noexcept;

}  // namespace okhttp::internal

#include "route/ip_network.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace okhttp::internal {

bool share_prefix(const IpAddress& a, const IpAddress& b, unsigned bits) noexcept {
  if (a.is_v6() != b.is_v6()) return false;
  const std::size_t whole = bits / 8;
  if (!std::equal(a.bytes().begin(), a.bytes().begin() + whole, b.bytes().begin())) return false;
  const unsigned rest = bits % 8;
  if (rest == 0) return true;
  const unsigned differing = static_cast<unsigned>(a.bytes()[whole] ^ b.bytes()[whole]);
  return differing >> (8 - rest) == 0;
}

IpAddress unmapped(const IpAddress& address) noexcept {
  constexpr std::array<std::uint8_t, 16> kMapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  constexpr unsigned kMappedBits = 96;
  if (!share_prefix(address, IpAddress::v6(kMapped), kMappedBits)) return address;
  const auto& bytes = address.bytes();
  return IpAddress::v4({bytes[12], bytes[13], bytes[14], bytes[15]});
}

}  // namespace okhttp::internal

#pragma once

#include <okhttp/config.hpp>

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace okhttp {

/// An IPv4 or IPv6 address. A plain value.
class OKHTTP_API IpAddress {
 public:
  /// 0.0.0.0
  IpAddress() noexcept = default;
  [[nodiscard]] static IpAddress v4(std::array<std::uint8_t, 4> bytes) noexcept;
  [[nodiscard]] static IpAddress v6(std::array<std::uint8_t, 16> bytes, std::uint32_t scope_id = 0) noexcept;
  /// Reads "192.0.2.1" or "2001:db8::1" (without brackets; "%scope" only as a number).
  [[nodiscard]] static std::optional<IpAddress> parse(std::string_view text);
  [[nodiscard]] static IpAddress loopback_v4() noexcept { return v4({127, 0, 0, 1}); }
  [[nodiscard]] static IpAddress loopback_v6() noexcept;

  [[nodiscard]] bool is_v6() const noexcept { return is_v6_; }
  /// Network order; IPv4 uses the first four bytes.
  [[nodiscard]] const std::array<std::uint8_t, 16>& bytes() const noexcept { return bytes_; }
  [[nodiscard]] std::uint32_t scope_id() const noexcept { return scope_id_; }
  [[nodiscard]] bool is_loopback() const noexcept;
  /// Canonical text (RFC 5952), without brackets.
  [[nodiscard]] std::string to_string() const;

  friend bool operator==(const IpAddress&, const IpAddress&) noexcept = default;
  friend auto operator<=>(const IpAddress&, const IpAddress&) noexcept = default;

 private:
  std::array<std::uint8_t, 16> bytes_{};
  std::uint32_t scope_id_ = 0;
  bool is_v6_ = false;
};

/// An address and a port.
struct OKHTTP_API Endpoint {
  Endpoint() noexcept = default;
  Endpoint(IpAddress ip, std::uint16_t port_number) noexcept : address(ip), port(port_number) {}
  IpAddress address;
  std::uint16_t port = 0;

  /// "192.0.2.1:80" or "[2001:db8::1]:80".
  [[nodiscard]] std::string to_string() const;
  friend bool operator==(const Endpoint&, const Endpoint&) noexcept = default;
  friend auto operator<=>(const Endpoint&, const Endpoint&) noexcept = default;
};

}  // namespace okhttp

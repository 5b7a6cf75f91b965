#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace okhttp::internal {

/// The host parser's two kinds of IP address. They accept more notations than sockets do (IPv4) and print in one form
/// only (IPv6), so inet_pton and inet_ntop cannot stand in for them.

/// True when the last label of a domain looks like a number, so that the whole must be an IPv4 address or nothing.
/// https://url.spec.whatwg.org/#ends-in-a-number-checker
[[nodiscard]] bool ends_in_number(std::string_view domain) noexcept;

/// Reads one to four numbers, each decimal, octal ("017") or hexadecimal ("0xf"), the last filling what remains of the
/// address. https://url.spec.whatwg.org/#concept-ipv4-parser
[[nodiscard]] std::optional<std::uint32_t> parse_ipv4_forms(std::string_view text) noexcept;

/// Appends "192.0.2.1".
void append_ipv4(std::string& out, std::uint32_t address);

using Ipv6Pieces = std::array<std::uint16_t, 8>;

/// Reads an IPv6 address without brackets; no zone. https://url.spec.whatwg.org/#concept-ipv6-parser
[[nodiscard]] std::optional<Ipv6Pieces> parse_ipv6(std::string_view text) noexcept;

/// Appends the address in lower case with its first longest run of zero pieces compressed; never an embedded IPv4 form.
void append_ipv6(std::string& out, const Ipv6Pieces& pieces);

}  // namespace okhttp::internal

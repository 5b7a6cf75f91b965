#pragma once

#include <okhttp/ip_address.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace okhttp::internal {

/// Questions and answers of DNS as bytes (RFC 1035 §4). No I/O.

enum class DnsType : std::uint16_t { a = 1, aaaa = 28 };

/// What a message says about the name that was asked for.
enum class DnsStatus : std::uint8_t {
  found,         ///< there are addresses
  no_such_name,  ///< NXDOMAIN: nothing has this name, of whatever type
  no_address,    ///< the name exists, but has no address of this type
  failed,        ///< the server could not or would not answer
  malformed,     ///< this is no answer to the question
};

struct DnsReply {
  DnsReply() = default;
  explicit DnsReply(DnsStatus what, std::string_view why = {}) : status(what), problem(why) {}
  DnsStatus status = DnsStatus::malformed;
  /// For failed and malformed: why. A literal, nothing of the message is in it.
  std::string_view problem;
  std::vector<IpAddress> addresses;
  /// In seconds; of the whole chain of aliases that led to the addresses.
  std::uint32_t time_to_live = 0;
};

/// A query with one question and the id 0, as DNS over HTTPS wants it (RFC 8484 §4.1). Nothing for a name that DNS
/// cannot carry.
[[nodiscard]] std::optional<std::string> write_dns_query(std::string_view host, DnsType type);

/// Reads what came back for write_dns_query(host, type). Aliases (CNAME) are followed within the message; records that
/// concern other names are passed over. Takes time linear in the message, whatever it holds.
[[nodiscard]] DnsReply read_dns_reply(std::span<const std::byte> message, std::string_view host, DnsType type);

}  // namespace okhttp::internal

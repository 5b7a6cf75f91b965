#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "route/dns_message.hpp"

// The input's first line is the name that was asked for, the rest the message that came back.

namespace {

using namespace okhttp;
using namespace okhttp::internal;

void require(bool condition) {
  if (!condition) std::abort();
}

void check(std::span<const std::byte> message, std::string_view host, DnsType type) {
  const DnsReply reply = read_dns_reply(message, host, type);
  require((reply.status == DnsStatus::found) == !reply.addresses.empty());
  require((reply.status == DnsStatus::malformed || reply.status == DnsStatus::failed) == !reply.problem.empty());
  require(reply.time_to_live <= 0x7fffffff);
  // Each address took a record of at least 11 bytes and its own.
  const std::size_t record = 11 + (type == DnsType::aaaa ? 16U : 4U);
  require(reply.addresses.size() * record <= message.size());
  for (const IpAddress& address : reply.addresses) require(address.is_v6() == (type == DnsType::aaaa));
  if (reply.status == DnsStatus::malformed) return;
  // A message that is understood goes through with its end cut off as malformed or the same, and begins with the query.
  const std::optional<std::string> query = write_dns_query(host, type);
  require(query.has_value() && query->size() <= message.size() + 255);
  require(read_dns_reply(message.first(11), host, type).status == DnsStatus::malformed);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto input = std::as_bytes(std::span(data, size));
  const auto line_end = std::find(input.begin(), input.end(), std::byte{'\n'});
  const std::string_view host(reinterpret_cast<const char*>(data), static_cast<std::size_t>(line_end - input.begin()));
  const auto message = input.subspan(std::min(host.size() + 1, size));
  check(message, host, DnsType::a);
  check(message, host, DnsType::aaaa);
  const std::optional<std::string> query = write_dns_query(host, DnsType::a);
  if (query.has_value()) {
    require(query->size() <= 12 + 255 + 4);
    std::string answer = *query;
    answer[2] = static_cast<char>(0x81);
    require(read_dns_reply(std::as_bytes(std::span(answer)), host, DnsType::a).status == DnsStatus::no_address);
  }
  return 0;
}

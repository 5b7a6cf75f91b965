#include "route/dns_message.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "http/ascii.hpp"

namespace okhttp::internal {
namespace {

constexpr std::size_t kHeaderBytes = 12;
constexpr std::size_t kMaxNameBytes = 255;  // RFC 1035 §2.3.4
constexpr std::size_t kMaxLabelBytes = 63;
// A name of 255 bytes has at most 127 labels, and a sane writer points once for each.
constexpr int kMaxPointers = 127;
constexpr int kMaxAliases = 16;

constexpr std::uint16_t kClassInternet = 1;
constexpr std::uint16_t kTypeAlias = 5;  // CNAME

constexpr std::uint16_t kIsResponse = 0x8000;
constexpr std::uint16_t kOpcode = 0x7800;
constexpr std::uint16_t kTruncated = 0x0200;
constexpr std::uint16_t kRecursionDesired = 0x0100;
constexpr std::uint16_t kResponseCode = 0x000f;

/// A name as it stands in a message without compression, in lower case: what can be compared byte by byte.
using WireName = std::string;

std::optional<WireName> wire_name_of(std::string_view host) {
  if (host.ends_with('.')) host.remove_suffix(1);
  if (host.empty()) return std::nullopt;
  WireName name;
  while (!host.empty()) {
    const std::size_t dot = std::min(host.find('.'), host.size());
    if (dot == 0 || dot > kMaxLabelBytes) return std::nullopt;
    name += static_cast<char>(dot);
    for (const char c : host.substr(0, dot)) name += to_lower(c);
    if (dot + 1 == host.size()) return std::nullopt;  // a second dot at the end
    host.remove_prefix(std::min(dot + 1, host.size()));
  }
  name += '\0';
  if (name.size() > kMaxNameBytes) return std::nullopt;
  return name;
}

void append_u16(std::string& out, std::uint16_t value) {
  out += static_cast<char>(value >> 8);
  out += static_cast<char>(value & 0xff);
}

/// Reads a message from its front to its end. What does not fit gives nothing, and nothing is read after that.
class Reader {
 public:
  explicit Reader(std::span<const std::byte> message) noexcept : message_(message) {}

  std::optional<std::uint16_t> u16() noexcept {
    const auto bytes = take(2);
    if (!bytes.has_value()) return std::nullopt;
    return static_cast<std::uint16_t>(value_of((*bytes)[0]) << 8 | value_of((*bytes)[1]));
  }

  std::optional<std::uint32_t> u32() noexcept {
    const auto high = u16();
    const auto low = u16();
    if (!high.has_value() || !low.has_value()) return std::nullopt;
    return std::uint32_t{*high} << 16 | *low;
  }

  std::optional<std::span<const std::byte>> take(std::size_t count) noexcept {
    if (message_.size() - at_ < count) return std::nullopt;
    const auto bytes = message_.subspan(at_, count);
    at_ += count;
    return bytes;
  }

  /// A name, perhaps compressed.
  std::optional<WireName> name() {
    WireName name;
    std::size_t at = at_;
    std::size_t lowest = at_;  // every pointer must lead further to the front, so that a loop is impossible
    bool has_jumped = false;
    for (int pointers = 0;;) {
      if (at >= message_.size()) return std::nullopt;
      const unsigned length = value_of(message_[at]);
      if ((length & 0xc0) == 0xc0) {
        if (at + 1 >= message_.size() || ++pointers > kMaxPointers) return std::nullopt;
        const std::size_t target = (length & 0x3f) << 8 | value_of(message_[at + 1]);
        if (!std::exchange(has_jumped, true)) at_ = at + 2;
        if (target >= lowest) return std::nullopt;
        at = lowest = target;
        continue;
      }
      if (length > kMaxLabelBytes) return std::nullopt;  // 01 and 10 are of no type of label that is in use
      if (name.size() + 1 + length > kMaxNameBytes || message_.size() - at < 1 + length) return std::nullopt;
      // The length goes along: at most 63, it is no letter.
      for (std::size_t i = 0; i <= length; ++i) name += to_lower(static_cast<char>(message_[at + i]));
      at += 1 + length;
      if (length == 0) break;
    }
    if (!has_jumped) at_ = at;
    return name;
  }

  [[nodiscard]] std::size_t position() const noexcept { return at_; }
  /// The names of record data may point to the front of the message.
  void move_to(std::size_t position) noexcept { at_ = position; }

 private:
  static unsigned value_of(std::byte byte) noexcept { return std::to_integer<unsigned>(byte); }

  std::span<const std::byte> message_;
  std::size_t at_ = 0;
};

struct Record {
  WireName owner;
  std::uint32_t time_to_live = 0;
  std::optional<IpAddress> address;
  WireName alias;  // when there is no address
};

std::optional<IpAddress> address_of(std::span<const std::byte> data, DnsType type) {
  std::array<std::uint8_t, 16> bytes{};
  if (data.size() != (type == DnsType::a ? 4U : 16U)) return std::nullopt;
  std::transform(data.begin(), data.end(), bytes.begin(), [](std::byte b) { return std::to_integer<std::uint8_t>(b); });
  if (type == DnsType::aaaa) return IpAddress::v6(bytes);
  return IpAddress::v4({bytes[0], bytes[1], bytes[2], bytes[3]});
}

/// One record of the answer section, into `records` if it may matter. False when it is malformed.
bool read_record(Reader& reader, DnsType wanted, std::vector<Record>& records) {
  Record record;
  std::optional<WireName> owner = reader.name();
  if (!owner.has_value()) return false;
  record.owner = std::move(*owner);
  const auto type = reader.u16();
  const auto record_class = reader.u16();
  const auto time_to_live = reader.u32();
  const auto size = reader.u16();
  if (!size.has_value() || !time_to_live.has_value()) return false;
  // RFC 2181 §8: a value with the highest bit set counts as 0.
  record.time_to_live = *time_to_live > 0x7fffffff ? 0 : *time_to_live;
  const std::size_t begin = reader.position();
  const auto data = reader.take(*size);
  if (!data.has_value()) return false;
  if (record_class != kClassInternet) return true;
  if (type == static_cast<std::uint16_t>(wanted)) {
    record.address = address_of(*data, wanted);
    if (!record.address.has_value()) return false;
  } else if (type == kTypeAlias) {
    reader.move_to(begin);
    std::optional<WireName> alias = reader.name();
    if (!alias.has_value() || reader.position() != begin + *size) return false;
    record.alias = std::move(*alias);
  } else {
    return true;
  }
  records.push_back(std::move(record));
  return true;
}

/// The addresses of `name` or of what it is an alias of.
DnsReply resolve(WireName name, const std::vector<Record>& records) {
  DnsReply reply(DnsStatus::no_address);
  std::uint32_t time_to_live = 0x7fffffff;
  for (int aliases = 0; aliases <= kMaxAliases; ++aliases) {
    const Record* alias = nullptr;
    for (const Record& record : records) {
      if (record.owner != name) continue;
      if (!record.address.has_value()) {
        alias = &record;
        continue;
      }
      time_to_live = std::min(time_to_live, record.time_to_live);
      if (std::find(reply.addresses.begin(), reply.addresses.end(), *record.address) == reply.addresses.end()) {
        reply.addresses.push_back(*record.address);
      }
    }
    if (!reply.addresses.empty()) {
      reply.status = DnsStatus::found;
      reply.time_to_live = time_to_live;
      return reply;
    }
    if (alias == nullptr) return reply;
    time_to_live = std::min(time_to_live, alias->time_to_live);
    name = alias->alias;
  }
  return DnsReply(DnsStatus::malformed, "aliases without end");
}

DnsReply malformed(std::string_view why) { return DnsReply(DnsStatus::malformed, why); }

}  // namespace

std::optional<std::string> write_dns_query(std::string_view host, DnsType type) {
  const std::optional<WireName> name = wire_name_of(host);
  if (!name.has_value()) return std::nullopt;
  std::string query;
  query.reserve(kHeaderBytes + name->size() + 4);
  append_u16(query, 0);  // the id
  append_u16(query, kRecursionDesired);
  append_u16(query, 1);  // one question, nothing else
  append_u16(query, 0);
  append_u16(query, 0);
  append_u16(query, 0);
  query += *name;
  append_u16(query, static_cast<std::uint16_t>(type));
  append_u16(query, kClassInternet);
  return query;
}

DnsReply read_dns_reply(std::span<const std::byte> message, std::string_view host, DnsType type) {
  const std::optional<WireName> name = wire_name_of(host);
  if (!name.has_value()) return malformed("the name cannot have been asked for");
  if (message.size() < kHeaderBytes) return malformed("shorter than a header");
  Reader reader(message);
  const std::uint16_t id = *reader.u16();
  const std::uint16_t flags = *reader.u16();
  const std::uint16_t questions = *reader.u16();
  const std::uint16_t answers = *reader.u16();
  reader.move_to(kHeaderBytes);  // what comes after the answers is not read
  if (id != 0 || (flags & kIsResponse) == 0 || (flags & kOpcode) != 0) return malformed("no response to a query");
  if (questions != 1) return malformed("not one question");
  const std::optional<WireName> asked = reader.name();
  const auto asked_type = reader.u16();
  const auto asked_class = reader.u16();
  if (!asked.has_value() || !asked_class.has_value()) return malformed("truncated in the question");
  if (*asked != *name || asked_type != static_cast<std::uint16_t>(type) || asked_class != kClassInternet) {
    return malformed("a response to another question");
  }
  switch (flags & kResponseCode) {
    case 0:
      break;
    case 2:
      return DnsReply(DnsStatus::failed, "the server failed");
    case 3:
      return DnsReply(DnsStatus::no_such_name);
    case 5:
      return DnsReply(DnsStatus::failed, "the server refused");
    default:
      return DnsReply(DnsStatus::failed, "the server reports an error");
  }
  std::vector<Record> records;
  for (unsigned i = 0; i < answers; ++i) {
    if (!read_record(reader, type, records)) return malformed("a malformed record");
  }
  DnsReply reply = resolve(*name, records);
  if (reply.status == DnsStatus::no_address && (flags & kTruncated) != 0) {
    return DnsReply(DnsStatus::failed, "the server cut its answer off");
  }
  return reply;
}

}  // namespace okhttp::internal

#include "http/url_ip.hpp"

#include <algorithm>
#include <charconv>
#include <cstddef>

#include "http/ascii.hpp"

namespace okhttp::internal {

namespace {

/// The value of one part of an IPv4 address. Anything beyond 32 bits is given as 2^32, too large for every position.
std::optional<std::uint64_t> parse_ipv4_number(std::string_view part) noexcept {
  constexpr std::uint64_t kTooLarge = std::uint64_t{1} << 32;
  if (part.empty()) return std::nullopt;
  int radix = 10;
  if (part.size() >= 2 && part[0] == '0' && (part[1] == 'x' || part[1] == 'X')) {
    radix = 16;
    part.remove_prefix(2);
  } else if (part.size() >= 2 && part[0] == '0') {
    radix = 8;
    part.remove_prefix(1);
  }
  std::uint64_t value = 0;  // "0x" alone is zero
  for (const char c : part) {
    const int digit = hex_value(c);
    if (digit < 0 || digit >= radix) return std::nullopt;
    value = std::min(value * static_cast<unsigned>(radix) + static_cast<unsigned>(digit), kTooLarge);
  }
  return value;
}

/// The position of the pieces to print as "::", or past the end. A single zero is not compressed.
struct ZeroRun {
  std::size_t begin = 8;
  std::size_t length = 1;
};

ZeroRun longest_zero_run(const Ipv6Pieces& pieces) {
  ZeroRun best;
  for (std::size_t i = 0; i < pieces.size();) {
    std::size_t end = i;
    while (end < pieces.size() && pieces[end] == 0) ++end;
    if (end - i > best.length) best = ZeroRun{i, end - i};
    i = end + 1;
  }
  return best;
}

/// The tail "192.0.2.1" of an IPv6 address, where only plain decimals will do.
std::optional<std::uint32_t> parse_embedded_ipv4(std::string_view text) noexcept {
  std::uint32_t address = 0;
  std::size_t at = 0;
  for (int part = 0; part < 4; ++part) {
    if (part > 0) {
      if (at == text.size() || text[at] != '.') return std::nullopt;
      ++at;
    }
    const std::size_t begin = at;
    std::uint32_t value = 0;
    for (; at < text.size() && is_digit(text[at]); ++at) {
      if (at > begin && value == 0) return std::nullopt;  // a leading zero
      value = value * 10 + static_cast<std::uint32_t>(text[at] - '0');
      if (value > 255) return std::nullopt;
    }
    if (at == begin) return std::nullopt;
    address = address << 8 | value;
  }
  if (at != text.size()) return std::nullopt;
  return address;
}

/// Moves the pieces behind "::" to the end of the address.
void expand(Ipv6Pieces& pieces, std::size_t compressed_at, std::size_t count) {
  const auto begin = pieces.begin() + static_cast<std::ptrdiff_t>(compressed_at);
  std::rotate(begin, pieces.begin() + static_cast<std::ptrdiff_t>(count), pieces.end());
}

}  // namespace

bool ends_in_number(std::string_view domain) noexcept {
  if (domain.ends_with('.')) domain.remove_suffix(1);
  const std::string_view last = domain.substr(domain.rfind('.') + 1);
  if (last.empty() || !is_digit(last.front())) return false;
  return std::all_of(last.begin(), last.end(), is_digit) || parse_ipv4_number(last).has_value();
}

std::optional<std::uint32_t> parse_ipv4_forms(std::string_view text) noexcept {
  if (text.ends_with('.')) text.remove_suffix(1);
  std::uint64_t address = 0;
  for (int part = 0; part < 4; ++part) {
    const std::size_t dot = text.find('.');
    const auto value = parse_ipv4_number(text.substr(0, dot));
    if (!value) return std::nullopt;
    if (dot == std::string_view::npos) {
      const int free_bits = 32 - 8 * part;
      if (*value >> free_bits != 0) return std::nullopt;
      return static_cast<std::uint32_t>(address | *value);
    }
    if (*value > 255) return std::nullopt;
    address |= *value << (24 - 8 * part);
    text.remove_prefix(dot + 1);
  }
  return std::nullopt;  // a fifth part
}

void append_ipv4(std::string& out, std::uint32_t address) {
  for (int shift = 24; shift >= 0; shift -= 8) {
    char digits[3];
    const auto end = std::to_chars(digits, digits + sizeof digits, address >> shift & 255).ptr;
    out.append(digits, end);
    if (shift > 0) out += '.';
  }
}

std::optional<Ipv6Pieces> parse_ipv6(std::string_view text) noexcept {
  Ipv6Pieces pieces{};
  std::size_t count = 0;
  std::optional<std::size_t> compressed_at;
  std::size_t at = 0;
  if (text.starts_with(':')) {
    if (!text.starts_with("::")) return std::nullopt;
    compressed_at = ++count;  // "::" stands for one zero piece at least
    at = 2;
  }
  while (at < text.size()) {
    if (count == pieces.size()) return std::nullopt;
    if (text[at] == ':') {
      if (compressed_at) return std::nullopt;
      compressed_at = ++count;
      ++at;
      continue;
    }
    const std::size_t begin = at;
    std::uint32_t value = 0;
    while (at < text.size() && at - begin < 4 && hex_value(text[at]) >= 0) {
      value = value * 16 + static_cast<std::uint32_t>(hex_value(text[at++]));
    }
    if (at < text.size() && text[at] == '.') {
      const auto address = parse_embedded_ipv4(text.substr(begin));
      if (!address || count > 6) return std::nullopt;
      pieces[count++] = static_cast<std::uint16_t>(*address >> 16);
      pieces[count++] = static_cast<std::uint16_t>(*address & 0xffff);
      break;
    }
    if (at == begin) return std::nullopt;
    if (at < text.size() && (text[at] != ':' || ++at == text.size())) return std::nullopt;
    pieces[count++] = static_cast<std::uint16_t>(value);
  }
  if (!compressed_at && count != pieces.size()) return std::nullopt;
  if (compressed_at) expand(pieces, *compressed_at, count);
  return pieces;
}

void append_ipv6(std::string& out, const Ipv6Pieces& pieces) {
  const ZeroRun zeros = longest_zero_run(pieces);
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    if (i == zeros.begin) {
      out += i == 0 ? "::" : ":";
      i += zeros.length - 1;
      continue;
    }
    char digits[4];
    const auto end = std::to_chars(digits, digits + sizeof digits, pieces[i], 16).ptr;
    out.append(digits, end);
    if (i + 1 < pieces.size()) out += ':';
  }
}

}  // namespace okhttp::internal

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

// Character classes of RFC 9110 §5.6 and text helpers that know nothing of locales.

namespace okhttp::internal {

constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
constexpr bool is_alpha(char c) noexcept { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
constexpr bool is_ows(char c) noexcept { return c == ' ' || c == '\t'; }
constexpr char to_lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

/// The value of a hexadecimal digit, or -1.
constexpr int hex_value(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

inline constexpr std::array<bool, 256> kTokenTable = [] {
  std::array<bool, 256> table{};
  for (int c = '0'; c <= '9'; ++c) table[static_cast<std::size_t>(c)] = true;
  for (int c = 'a'; c <= 'z'; ++c) table[static_cast<std::size_t>(c)] = true;
  for (int c = 'A'; c <= 'Z'; ++c) table[static_cast<std::size_t>(c)] = true;
  for (const char c : std::string_view("!#$%&'*+-.^_`|~")) table[static_cast<unsigned char>(c)] = true;
  return table;
}();

inline constexpr std::array<bool, 256> kFieldValueTable = [] {
  std::array<bool, 256> table{};
  for (std::size_t c = 0x20; c < 0x100; ++c) table[c] = c != 0x7f;
  table['\t'] = true;
  return table;
}();

/// A character of a token (RFC 9110 §5.6.2).
constexpr bool is_token_char(char c) noexcept { return kTokenTable[static_cast<unsigned char>(c)]; }
/// A character of a field value (RFC 9110 §5.5): visible, space, tab or obs-text.
constexpr bool is_field_value_char(char c) noexcept { return kFieldValueTable[static_cast<unsigned char>(c)]; }

constexpr bool is_token(std::string_view text) noexcept {
  for (const char c : text) {
    if (!is_token_char(c)) return false;
  }
  return !text.empty();
}

/// Drops space and tab on both sides.
constexpr std::string_view trim_ows(std::string_view text) noexcept {
  while (!text.empty() && is_ows(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_ows(text.back())) text.remove_suffix(1);
  return text;
}

/// Lowers the ASCII capitals among eight bytes at once.
inline std::uint64_t lower_eight(std::uint64_t bytes) noexcept {
  constexpr std::uint64_t kOnes = 0x0101010101010101U;
  constexpr std::uint64_t kHigh = 0x8080808080808080U;
  const std::uint64_t low_bits = bytes & ~kHigh;
  const std::uint64_t at_least_a = low_bits + kOnes * (0x80 - 'A');
  const std::uint64_t above_z = low_bits + kOnes * (0x7f - 'Z');
  const std::uint64_t capitals = ~bytes & (at_least_a ^ above_z) & kHigh;
  return bytes | (capitals >> 2);
}

/// Compares but for the case of ASCII letters.
inline bool equals_ignore_case_inline(std::string_view a, std::string_view b) noexcept {
  const std::size_t size = a.size();
  if (size != b.size()) return false;
  if (size < 8) {
    for (std::size_t i = 0; i < size; ++i) {
      if (to_lower(a[i]) != to_lower(b[i])) return false;
    }
    return true;
  }
  const auto same_at = [&](std::size_t offset) {
    std::uint64_t left = 0;
    std::uint64_t right = 0;
    std::memcpy(&left, a.data() + offset, sizeof left);
    std::memcpy(&right, b.data() + offset, sizeof right);
    return left == right || lower_eight(left) == lower_eight(right);
  };
  for (std::size_t offset = 0; offset + 8 <= size; offset += 8) {
    if (!same_at(offset)) return false;
  }
  return same_at(size - 8);  // the last word overlaps the one before it
}

/// Calls `visit` with each non-empty, trimmed element of a comma-separated list without quoted strings (RFC 9110
/// §5.6.1).
template <typename Visit>
void for_each_list_element(std::string_view list, Visit&& visit) {
  while (true) {
    const std::size_t comma = list.find(',');
    const std::string_view element = trim_ows(list.substr(0, comma));
    if (!element.empty()) visit(element);
    if (comma == std::string_view::npos) return;
    list.remove_prefix(comma + 1);
  }
}

}  // namespace okhttp::internal

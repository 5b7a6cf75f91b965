#include "http/percent_encoding.hpp"

#include <array>
#include <cstddef>

#include "http/ascii.hpp"

namespace okhttp::internal {

namespace {

using Table = std::array<std::uint8_t, 256>;

constexpr std::uint8_t bit(EncodeSet set) { return static_cast<std::uint8_t>(set); }

constexpr void add(Table& table, EncodeSet set, std::string_view bytes) {
  for (const char c : bytes) table[static_cast<unsigned char>(c)] |= bit(set);
}

constexpr Table make_table() {
  Table table{};
  for (std::size_t c = 0; c < table.size(); ++c) table[c] = c < 0x20 || c > 0x7e ? 0xff : 0;
  add(table, EncodeSet::fragment, " \"<>`");
  add(table, EncodeSet::query, " \"#<>'");
  add(table, EncodeSet::path, " \"#<>?^`{}");
  add(table, EncodeSet::userinfo, " \"#<>?^`{}/:;=@[\\]|");
  add(table, EncodeSet::path_segment, " \"#<>?^`{}/\\|");
  add(table, EncodeSet::query_component, " \"#<>'&=");
  add(table, EncodeSet::query_component_text, " !\"#$&'(),/:;<=>?@[]\\^`{|}~");
  return table;
}

constexpr Table kTable = make_table();

void append_escape(std::string& out, char c) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  const auto byte = static_cast<unsigned char>(c);
  const char escape[] = {'%', kDigits[byte >> 4], kDigits[byte & 15]};
  out.append(escape, sizeof escape);
}

bool contains(EncodeSet set, char c) { return (kTable[static_cast<unsigned char>(c)] & bit(set)) != 0; }

}  // namespace

void append_percent_encoded(std::string& out, std::string_view text, EncodeSet set) {
  std::size_t run = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!contains(set, text[i])) continue;
    out.append(text, run, i - run);
    append_escape(out, text[i]);
    run = i + 1;
  }
  out.append(text, run);
}

std::string reencode(std::string_view encoded, EncodeSet set) {
  std::string out;
  out.reserve(encoded.size());
  for (const char c : encoded) {
    if (c == '\t' || c == '\r' || c == '\n') continue;
    if (contains(set, c)) {
      append_escape(out, c);
    } else {
      out += c;
    }
  }
  return out;
}

std::string percent_encode(std::string_view text, EncodeSet set) {
  const bool in_query = set == EncodeSet::query || set == EncodeSet::query_component_text;
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    if (c == '%' || (c == '+' && in_query) || contains(set, c)) {
      append_escape(out, c);
    } else {
      out += c;
    }
  }
  return out;
}

std::string percent_decode(std::string_view encoded, bool plus_is_space) {
  std::string out;
  out.reserve(encoded.size());
  for (std::size_t i = 0; i < encoded.size(); ++i) {
    const char c = encoded[i];
    if (c == '%' && encoded.size() - i > 2 && hex_value(encoded[i + 1]) >= 0 && hex_value(encoded[i + 2]) >= 0) {
      out += static_cast<char>(hex_value(encoded[i + 1]) * 16 + hex_value(encoded[i + 2]));
      i += 2;
    } else {
      out += c == '+' && plus_is_space ? ' ' : c;
    }
  }
  return out;
}

}  // namespace okhttp::internal

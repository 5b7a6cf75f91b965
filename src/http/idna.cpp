#include "http/idna.hpp"

#include <idn2.h>

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <memory>
#include <optional>

#include "http/punycode.hpp"

namespace okhttp::internal {

namespace {

char to_lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

void append_lower(std::string& out, std::string_view text) {
  std::transform(text.begin(), text.end(), std::back_inserter(out), to_lower);
}

bool has_punycode_prefix(std::string_view label) {
  return label.size() >= 4 && to_lower(label[0]) == 'x' && to_lower(label[1]) == 'n' && label.substr(2, 2) == "--";
}

/// Unicode 15.1 maps U+1E9E to U+00DF where the tables of older libidn2 say "ss": another domain.
std::string map_capital_sharp_s(std::string_view domain) {
  constexpr std::string_view kCapital = "\xe1\xba\x9e";
  constexpr std::string_view kSmall = "\xc3\x9f";
  std::string mapped(domain);
  for (std::size_t at = 0; (at = mapped.find(kCapital, at)) != std::string::npos;) {
    mapped.replace(at, kCapital.size(), kSmall);
  }
  return mapped;
}

/// The first '.' or character that UTS #46 maps to it, at or after `from`.
struct Separator {
  std::size_t begin;
  std::size_t end;
};

Separator find_separator(std::string_view domain, std::size_t from) {
  constexpr std::string_view kFullStops[] = {"\xe3\x80\x82", "\xef\xbc\x8e", "\xef\xbd\xa1"};  // U+3002 U+FF0E U+FF61
  for (std::size_t i = from; i < domain.size(); ++i) {
    if (domain[i] == '.') return {i, i + 1};
    for (const std::string_view stop : kFullStops) {
      if (domain.substr(i, stop.size()) == stop) return {i, i + stop.size()};
    }
  }
  return {domain.size(), domain.size()};
}

/// The code points of `label` in lower case if all of them are ASCII or pictographs; otherwise nothing. The blocks are
/// those whose every code point is assigned, valid under UTS #46 and mapped to nothing else.
std::optional<std::u32string> pictographic_label(std::string_view label) {
  constexpr char32_t kEmojiPresentation = 0xfe0f;  // UTS #46 ignores it
  std::u32string points;
  for (std::size_t i = 0; i < label.size();) {
    const auto lead = static_cast<unsigned char>(label[i]);
    const std::size_t length = lead < 0x80 ? 1 : lead >> 4 == 0xe ? 3 : lead >> 3 == 0x1e ? 4 : 0;
    if (length == 0 || label.size() - i < length) return std::nullopt;
    char32_t point = static_cast<unsigned char>(to_lower(label[i]));
    if (length > 1) point &= 0x7fU >> length;
    for (std::size_t k = 1; k < length; ++k) {
      const auto trail = static_cast<unsigned char>(label[i + k]);
      if (trail >> 6 != 2) return std::nullopt;
      point = point << 6 | (trail & 0x3f);
    }
    const bool pictograph = (point >= 0x2600 && point <= 0x27bf) || (point >= 0x1f300 && point <= 0x1f64f) ||
                            (point >= 0x1f900 && point <= 0x1f9ff);
    if (length > 1 && !pictograph && point != kEmojiPresentation) return std::nullopt;
    if (point != kEmojiPresentation) points += point;
    i += length;
  }
  return points;
}

bool append_pictographic_label(std::string& out, std::string_view label) {
  const auto points = pictographic_label(label);
  // A label of nothing but ASCII and ignored characters has to pass libidn2, which knows what it becomes.
  if (!points || std::all_of(points->begin(), points->end(), [](char32_t c) { return c < 0x80; })) return false;
  const std::size_t begin = out.size();
  out += "xn--";
  return append_punycode(out, *points) && out.size() - begin <= kMaxLabelSize;
}

bool append_label(std::string& out, std::string_view label) {
  // Such labels need no mapping, and libidn2 would apply length and hyphen rules that the URL Standard leaves out.
  if (is_ascii(label) && !has_punycode_prefix(label)) {
    append_lower(out, label);
    return true;
  }
  char* result = nullptr;
  const std::string terminated(label);
  const int status = idn2_to_ascii_8z(terminated.c_str(), &result, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
  const std::unique_ptr<char, void (*)(void*)> owner(result, idn2_free);
  if (status == IDN2_DISALLOWED && !has_punycode_prefix(label) && append_pictographic_label(out, label)) return true;
  if (status != IDN2_OK) return false;
  out += result;
  return true;
}

}  // namespace

bool append_domain_to_ascii(std::string& out, std::string_view domain) {
  // libidn2 reads C strings: what follows a NUL would vanish, and with it the difference between two hosts.
  if (domain.find('\0') != std::string_view::npos) return false;
  const std::string mapped = map_capital_sharp_s(domain);
  for (std::size_t begin = 0;;) {
    const Separator separator = find_separator(mapped, begin);
    if (!append_label(out, std::string_view(mapped).substr(begin, separator.begin - begin))) return false;
    if (separator.begin == mapped.size()) return true;
    out += '.';
    begin = separator.end;
  }
}

}  // namespace okhttp::internal

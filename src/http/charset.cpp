#include "http/charset.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "http/ascii.hpp"

namespace okhttp::internal {
namespace {

enum class Encoding : std::uint8_t { as_it_is, ascii, latin_1, utf16_be, utf16_le, utf32_be, utf32_le };

constexpr char32_t kReplacement = 0xfffd;

struct ByteOrderMark {
  std::string_view bytes;
  Encoding encoding;
};

// UTF-32 before UTF-16, whose little-endian mark begins the other.
constexpr std::array<ByteOrderMark, 5> kMarks = {{
    {std::string_view("\xef\xbb\xbf", 3), Encoding::as_it_is},
    {std::string_view("\xff\xfe\x00\x00", 4), Encoding::utf32_le},
    {std::string_view("\x00\x00\xfe\xff", 4), Encoding::utf32_be},
    {std::string_view("\xff\xfe", 2), Encoding::utf16_le},
    {std::string_view("\xfe\xff", 2), Encoding::utf16_be},
}};

// RFC 2781 §4.3: UTF-16 without a mark is big-endian.
constexpr std::array<std::pair<std::string_view, Encoding>, 12> kCharsets = {{
    {"utf-16", Encoding::utf16_be},
    {"utf-16be", Encoding::utf16_be},
    {"utf-16le", Encoding::utf16_le},
    {"utf-32", Encoding::utf32_be},
    {"utf-32be", Encoding::utf32_be},
    {"utf-32le", Encoding::utf32_le},
    {"iso-8859-1", Encoding::latin_1},
    {"iso8859-1", Encoding::latin_1},
    {"iso_8859-1", Encoding::latin_1},
    {"latin1", Encoding::latin_1},
    {"us-ascii", Encoding::ascii},
    {"ascii", Encoding::ascii},
}};

Encoding encoding_called(std::string_view charset) noexcept {
  for (const auto& [name, encoding] : kCharsets) {
    if (equals_ignore_case_inline(name, charset)) return encoding;
  }
  return Encoding::as_it_is;
}

void append_utf8(std::string& out, char32_t point) {
  const auto put = [&out](char32_t byte) { out += static_cast<char>(static_cast<unsigned char>(byte)); };
  const auto put_tail = [&put, point](unsigned shift) { put(0x80 | ((point >> shift) & 0x3f)); };
  if (point < 0x80) {
    put(point);
  } else if (point < 0x800) {
    put(0xc0 | (point >> 6));
    put_tail(0);
  } else if (point < 0x10000) {
    put(0xe0 | (point >> 12));
    put_tail(6);
    put_tail(0);
  } else {
    put(0xf0 | (point >> 18));
    put_tail(12);
    put_tail(6);
    put_tail(0);
  }
}

std::string from_single_bytes(std::string_view bytes, char32_t highest) {
  std::string text;
  text.reserve(bytes.size());
  for (const char c : bytes) {
    const char32_t point = static_cast<unsigned char>(c);
    append_utf8(text, point <= highest ? point : kReplacement);
  }
  return text;
}

/// Reads units of `size` bytes; what is left at the end and is no whole unit counts as one malformed unit.
class Units {
 public:
  Units(std::string_view bytes, std::size_t size, bool big_endian) noexcept
      : bytes_(bytes), size_(size), big_endian_(big_endian) {}

  [[nodiscard]] bool at_end() const noexcept { return bytes_.empty(); }

  [[nodiscard]] char32_t peek() const noexcept {
    if (bytes_.size() < size_) return 0xffffffff;
    char32_t unit = 0;
    for (std::size_t i = 0; i < size_; ++i) {
      const char32_t byte = static_cast<unsigned char>(bytes_[big_endian_ ? i : size_ - 1 - i]);
      unit = (unit << 8) | byte;
    }
    return unit;
  }

  void next() noexcept { bytes_.remove_prefix(std::min(size_, bytes_.size())); }

 private:
  std::string_view bytes_;
  std::size_t size_;
  bool big_endian_;
};

bool is_high_surrogate(char32_t unit) noexcept { return unit >= 0xd800 && unit < 0xdc00; }
bool is_low_surrogate(char32_t unit) noexcept { return unit >= 0xdc00 && unit < 0xe000; }

std::string from_units(Units units, std::size_t expected) {
  std::string text;
  text.reserve(expected);
  while (!units.at_end()) {
    const char32_t unit = units.peek();
    units.next();
    if (is_high_surrogate(unit) && !units.at_end() && is_low_surrogate(units.peek())) {
      append_utf8(text, 0x10000 + ((unit - 0xd800) << 10) + (units.peek() - 0xdc00));
      units.next();
    } else {
      const bool is_scalar = unit <= 0x10ffff && !is_high_surrogate(unit) && !is_low_surrogate(unit);
      append_utf8(text, is_scalar ? unit : kReplacement);
    }
  }
  return text;
}

}  // namespace

std::string to_utf8(std::string bytes, std::optional<std::string_view> charset) {
  Encoding encoding = charset ? encoding_called(*charset) : Encoding::as_it_is;
  std::size_t mark_size = 0;
  for (const ByteOrderMark& mark : kMarks) {
    if (!bytes.starts_with(mark.bytes)) continue;
    encoding = mark.encoding;
    mark_size = mark.bytes.size();
    break;
  }
  const std::string_view content = std::string_view(bytes).substr(mark_size);
  switch (encoding) {
    case Encoding::as_it_is:
      bytes.erase(0, mark_size);
      return bytes;
    case Encoding::ascii:
      return from_single_bytes(content, 0x7f);
    case Encoding::latin_1:
      return from_single_bytes(content, 0xff);
    case Encoding::utf16_be:
    case Encoding::utf16_le:
      return from_units(Units(content, 2, encoding == Encoding::utf16_be), content.size());
    case Encoding::utf32_be:
    case Encoding::utf32_le:
      break;
  }
  return from_units(Units(content, 4, encoding == Encoding::utf32_be), content.size() / 2);
}

}  // namespace okhttp::internal

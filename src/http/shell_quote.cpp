#include "http/shell_quote.hpp"

namespace okhttp::internal {
namespace {

unsigned byte_at(std::string_view text, std::size_t index) noexcept {
  return index < text.size() ? static_cast<unsigned char>(text[index]) : 0U;
}

bool is_between(unsigned byte, unsigned low, unsigned high) noexcept { return byte >= low && byte <= high; }

/// The bytes of the printable character that begins `text`; 0 when it is a control character or not UTF-8.
std::size_t printable_length(std::string_view text) noexcept {
  const unsigned first = byte_at(text, 0);
  if (first < 0x20 || first == 0x7f) return 0;
  // U+0080 to U+009F are controls too; terminals act on U+009B as on ESC [.
  if (first == 0xc2 && byte_at(text, 1) < 0xa0) return 0;
  return utf8_length(text);
}

bool is_printable(std::string_view text) noexcept {
  while (!text.empty()) {
    const std::size_t length = printable_length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

// Three octal digits end by themselves, whereas shells differ on how many digits follow \x.
void append_octal(std::string& out, unsigned byte) {
  out += '\\';
  for (const unsigned shift : {6U, 3U, 0U}) out += static_cast<char>('0' + ((byte >> shift) & 7U));
}

void append_escaped(std::string& out, char c) {
  switch (c) {
    case '\n':
      out += "\\n";
      break;
    case '\r':
      out += "\\r";
      break;
    case '\t':
      out += "\\t";
      break;
    case '\'':
      out += "\\'";
      break;
    case '\\':
      out += "\\\\";
      break;
    default:
      append_octal(out, static_cast<unsigned char>(c));
  }
}

std::string dollar_quoted(std::string_view text) {
  std::string quoted = "$'";
  while (!text.empty()) {
    const char c = text.front();
    const std::size_t length = printable_length(text);
    // An interactive bash takes '!' for a word of its history even here.
    if (length == 0 || c == '\'' || c == '\\' || c == '!') {
      append_escaped(quoted, c);
      text.remove_prefix(1);
    } else {
      quoted += text.substr(0, length);
      text.remove_prefix(length);
    }
  }
  return quoted + '\'';
}

}  // namespace

std::size_t utf8_length(std::string_view text) noexcept {
  const unsigned first = byte_at(text, 0);
  const unsigned second = byte_at(text, 1);
  const auto continues_at = [text](std::size_t index) { return is_between(byte_at(text, index), 0x80, 0xbf); };
  if (first < 0x80) return 1;
  if (is_between(first, 0xc2, 0xdf)) return continues_at(1) ? 2 : 0;
  if (is_between(first, 0xe0, 0xef)) {
    const bool is_second = is_between(second, first == 0xe0 ? 0xa0 : 0x80, first == 0xed ? 0x9f : 0xbf);
    return is_second && continues_at(2) ? 3 : 0;
  }
  if (is_between(first, 0xf0, 0xf4)) {
    const bool is_second = is_between(second, first == 0xf0 ? 0x90 : 0x80, first == 0xf4 ? 0x8f : 0xbf);
    return is_second && continues_at(2) && continues_at(3) ? 4 : 0;
  }
  return 0;
}

std::string shell_quoted(std::string_view text) {
  if (!is_printable(text)) return dollar_quoted(text);
  std::string quoted = "'";
  for (const char c : text) {
    if (c == '\'') {
      quoted += "'\\''";
    } else {
      quoted += c;
    }
  }
  return quoted + '\'';
}

}  // namespace okhttp::internal

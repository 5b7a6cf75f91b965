#include "codec/http1/field_section_parser.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cassert>
#include <cstdint>
#include <cstring>
#include <span>

#include "http/ascii.hpp"

namespace okhttp::internal {
namespace {

// Lines of the usual form that are handed over at once.
constexpr std::size_t kPlainLines = 64;

// The index of the first of eight bytes that is below 0x20 or is 0x7f, or 8.
std::size_t first_control(std::uint64_t bytes) noexcept {
  constexpr std::uint64_t kOnes = 0x0101010101010101U;
  constexpr std::uint64_t kHigh = 0x8080808080808080U;
  if constexpr (std::endian::native == std::endian::big) bytes = __builtin_bswap64(bytes);
  const std::uint64_t below_space = (bytes - kOnes * 0x20) & ~bytes;
  const std::uint64_t against_delete = bytes ^ (kOnes * 0x7f);
  const std::uint64_t is_delete = (against_delete - kOnes) & ~against_delete;
  // A borrow may flag bytes behind the first one, which does not matter.
  return static_cast<std::size_t>(std::countr_zero((below_space | is_delete) & kHigh)) / 8;
}

}  // namespace

std::size_t find_bad_value_char(std::string_view value) noexcept {
  std::size_t i = 0;
  while (value.size() - i >= 8) {
    std::uint64_t bytes = 0;
    std::memcpy(&bytes, value.data() + i, sizeof bytes);
    const std::size_t control = first_control(bytes);
    i += control;
    if (control == 8) continue;
    if (!is_field_value_char(value[i])) return i;
    ++i;  // a tab
  }
  while (i < value.size() && is_field_value_char(value[i])) ++i;
  return i;
}

ParseResult LineSplitter::next(std::string_view unread, std::string_view& line) {
  const std::size_t allowed = max_bytes_ - position_;
  const std::size_t line_feed = unread.find('\n', searched_);
  const bool complete = line_feed != std::string_view::npos;
  searched_ = complete ? 0 : unread.size();
  line_begin_ = position_;
  if ((complete ? line_feed + 1 : unread.size()) > allowed) {
    ++line_number_;
    return ParseResult::failed(
        0, error_at(ParseErrc::head_too_large,
                    "longer than the " + std::to_string(max_bytes_) + " bytes that are allowed", allowed));
  }
  if (!complete) return ParseResult::need_more(0);
  ++line_number_;
  if (line_feed == 0 || unread[line_feed - 1] != '\r') {
    return ParseResult::failed(0, error_at(ParseErrc::bad_line_end, "LF without CR", line_feed));
  }
  line = unread.substr(0, line_feed - 1);
  position_ += line_feed + 1;
  return ParseResult::complete(line_feed + 1);
}

ParseError LineSplitter::error_at(ParseErrc code, std::string_view what, std::size_t column) const {
  std::string message(what);
  message += " (line " + std::to_string(line_number_) + ", byte " + std::to_string(line_begin_ + column) + ")";
  return {code, std::move(message)};
}

void LineSplitter::skip(std::size_t bytes, std::size_t count) noexcept {
  assert(bytes <= bytes_left());
  assert(is_at_line_begin());
  position_ += bytes;
  line_number_ += count;
}

ParseResult FieldSectionParser::parse(std::string_view buffered) {
  std::size_t consumed = 0;
  while (true) {
    // Not for the rest of a line that arrives in pieces, which would be looked at again for each of them.
    if (lines_.is_at_line_begin()) consumed += take_plain_lines(buffered.substr(consumed));
    std::string_view line;
    ParseResult step = lines_.next(buffered.substr(consumed), line);
    consumed += step.consumed;
    step.consumed = consumed;
    if (!step.is_complete() || line.empty()) return step;
    ParseError error = parse_line(line);
    if (error.code != ParseErrc::none) return ParseResult::failed(consumed, std::move(error));
  }
}

std::size_t FieldSectionParser::take_plain_lines(std::string_view buffered) {
  const std::string_view text = buffered.substr(0, lines_.bytes_left());
  std::array<Headers::Builder::WireLine, kPlainLines> lines;
  const std::size_t room = std::min(lines.size(), max_fields_ - fields_.size());
  std::size_t count = 0;
  std::size_t begin = 0;
  while (count < room) {
    std::size_t name_end = begin;
    while (name_end < text.size() && is_token_char(text[name_end])) ++name_end;
    const std::size_t value = name_end + 2;
    if (name_end == begin || value >= text.size() || text[name_end] != ':' || text[name_end + 1] != ' ') break;
    const std::size_t end = value + find_bad_value_char(text.substr(value));
    // An empty value ends here too: what stands before its end is the space.
    if (text.size() - end < 2 || text[end] != '\r' || text[end + 1] != '\n') break;
    if (is_ows(text[value]) || is_ows(text[end - 1])) break;
    lines[count++] = {static_cast<std::uint32_t>(name_end), static_cast<std::uint32_t>(end + 2)};
    begin = end + 2;
  }
  if (count == 0) return 0;
  fields_.add_wire_lines(text.substr(0, begin), std::span(lines).first(count));
  lines_.skip(begin, count);
  return begin;
}

ParseError FieldSectionParser::parse_line(std::string_view line) {
  // RFC 9112 §5.2: a recipient may reject a field that is folded over several lines.
  if (is_ows(line.front())) return lines_.error_at(ParseErrc::obs_fold, "a field is continued on a new line", 0);
  std::size_t name_end = 0;
  while (name_end < line.size() && is_token_char(line[name_end])) ++name_end;
  if (name_end == line.size()) return lines_.error_at(ParseErrc::bad_field, "a field has no colon", name_end);
  if (line[name_end] != ':') {
    // RFC 9112 §5.1: no white space between name and colon; it has been used to slip fields past one recipient.
    if (is_ows(line[name_end])) return lines_.error_at(ParseErrc::bad_field, "white space in a field name", name_end);
    const bool control = !is_field_value_char(line[name_end]);
    return control ? lines_.error_at(ParseErrc::bad_character, "a control character in a field name", name_end)
                   : lines_.error_at(ParseErrc::bad_field, "a field name is no token", name_end);
  }
  if (name_end == 0) return lines_.error_at(ParseErrc::bad_field, "a field name is empty", 0);

  const std::string_view value = line.substr(name_end + 1);
  const std::size_t bad = find_bad_value_char(value);
  if (bad != value.size()) {
    const std::size_t column = name_end + 1 + bad;
    return value[bad] == '\r' ? lines_.error_at(ParseErrc::bad_line_end, "CR without LF", column)
                              : lines_.error_at(ParseErrc::bad_character, "a control character in a field", column);
  }
  if (fields_.size() == max_fields_) {
    return lines_.error_at(ParseErrc::too_many_fields, "more than " + std::to_string(max_fields_) + " fields", 0);
  }
  fields_.add_unchecked(line.substr(0, name_end), trim_ows(value));
  return {};
}

}  // namespace okhttp::internal

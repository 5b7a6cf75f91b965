#include "codec/http1/field_section_parser.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "http/ascii.hpp"

namespace okhttp::internal {
namespace {

// Most sections fit in so many bytes, so that their storage is made once.
constexpr std::size_t kUsualFields = 640;

// True when one of eight bytes is below 0x20 or is 0x7f. May also be true for a tab, or for a byte above such a one.
bool may_hold_control(std::uint64_t bytes) noexcept {
  constexpr std::uint64_t kOnes = 0x0101010101010101U;
  constexpr std::uint64_t kHigh = 0x8080808080808080U;
  const std::uint64_t below_space = (bytes - kOnes * 0x20) & ~bytes & kHigh;
  const std::uint64_t against_delete = bytes ^ (kOnes * 0x7f);
  const std::uint64_t is_delete = (against_delete - kOnes) & ~against_delete & kHigh;
  return (below_space | is_delete) != 0;
}

}  // namespace

std::size_t find_bad_value_char(std::string_view value) noexcept {
  std::size_t i = 0;
  while (i < value.size()) {
    if (value.size() >= 8) {
      // The last step looks at some bytes again rather than at the rest one by one.
      const std::size_t begin = std::min(i, value.size() - 8);
      std::uint64_t bytes = 0;
      std::memcpy(&bytes, value.data() + begin, sizeof bytes);
      if (!may_hold_control(bytes)) {
        i = begin + 8;
        continue;
      }
    }
    if (!is_field_value_char(value[i])) return i;
    ++i;
  }
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

ParseResult FieldSectionParser::parse(std::string_view buffered) {
  std::size_t consumed = 0;
  if (fields_.size() == 0) fields_.reserve(16, std::min(buffered.size(), kUsualFields));
  while (true) {
    std::string_view line;
    ParseResult step = lines_.next(buffered.substr(consumed), line);
    consumed += step.consumed;
    step.consumed = consumed;
    if (!step.is_complete() || line.empty()) return step;
    ParseError error = parse_line(line);
    if (error.code != ParseErrc::none) return ParseResult::failed(consumed, std::move(error));
  }
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
  const bool as_we_write_it = value.size() >= 2 && value[0] == ' ' && !is_ows(value[1]) && !is_ows(value.back());
  if (as_we_write_it) {
    // Behind the line stands the CRLF that ended it.
    fields_.add_wire_line(std::string_view(line.data(), line.size() + 2), name_end);
  } else {
    fields_.add_unchecked(line.substr(0, name_end), trim_ows(value));
  }
  return {};
}

}  // namespace okhttp::internal

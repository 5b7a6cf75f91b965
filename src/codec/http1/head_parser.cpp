#include "codec/http1/head_parser.hpp"

#include <optional>

#include "http/ascii.hpp"

namespace okhttp::internal {
namespace {

constexpr std::string_view kVersionPrefix = "HTTP/1.";
constexpr std::size_t kVersionSize = 8;

std::optional<Protocol> parse_version(std::string_view text) {
  if (text == "HTTP/1.1") return Protocol::http_1_1;
  if (text == "HTTP/1.0") return Protocol::http_1_0;
  return std::nullopt;
}

bool is_visible_ascii(char c) { return c > 0x20 && c < 0x7f; }

}  // namespace

ParseResult ResponseHeadParser::parse(std::string_view buffered) {
  if (has_status_line_) return fields_.parse(buffered);
  // A peer that speaks something else may never send a line end: say so at the first byte that shows it.
  const std::string_view begin = buffered.substr(0, kVersionPrefix.size());
  if (!kVersionPrefix.starts_with(begin)) {
    return ParseResult::failed(0, {ParseErrc::bad_start_line, "the response does not begin with HTTP/1.0 or HTTP/1.1"});
  }
  std::string_view line;
  ParseResult start = fields_.lines().next(buffered, line);
  if (!start.is_complete()) return start;
  ParseError error = parse_status_line(line);
  if (error.code != ParseErrc::none) return ParseResult::failed(start.consumed, std::move(error));
  has_status_line_ = true;
  ParseResult rest = fields_.parse(buffered.substr(start.consumed));
  rest.consumed += start.consumed;
  return rest;
}

// RFC 9112 §4: status-line = HTTP-version SP status-code SP [ reason-phrase ]; some servers leave the last space out.
ParseError ResponseHeadParser::parse_status_line(std::string_view line) {
  const LineSplitter& lines = fields_.lines();
  const auto protocol = parse_version(line.substr(0, kVersionSize));
  if (!protocol) return lines.error_at(ParseErrc::bad_version, "not a version of HTTP/1", kVersionPrefix.size());
  const std::string_view rest = line.substr(kVersionSize);
  const bool formed = rest.size() >= 4 && rest[0] == ' ' && is_digit(rest[1]) && is_digit(rest[2]) &&
                      is_digit(rest[3]) && (rest.size() == 4 || rest[4] == ' ');
  if (!formed || rest[1] == '0') {
    return lines.error_at(ParseErrc::bad_start_line, "the status code is not three digits from 100", kVersionSize);
  }
  const std::string_view reason = rest.substr(rest.size() == 4 ? 4 : 5);
  const std::size_t bad = find_bad_value_char(reason);
  if (bad != reason.size()) {
    const std::size_t column = line.size() - reason.size() + bad;
    return reason[bad] == '\r' ? lines.error_at(ParseErrc::bad_line_end, "CR without LF", column)
                               : lines.error_at(ParseErrc::bad_character, "a control character in the reason", column);
  }
  protocol_ = *protocol;
  code_ = (rest[1] - '0') * 100 + (rest[2] - '0') * 10 + (rest[3] - '0');
  reason_ = reason;
  return {};
}

ParseResult RequestHeadParser::parse(std::string_view buffered) {
  std::size_t consumed = 0;
  while (!has_request_line_) {
    std::string_view line;
    ParseResult start = fields_.lines().next(buffered.substr(consumed), line);
    consumed += start.consumed;
    start.consumed = consumed;
    if (!start.is_complete()) return start;
    // RFC 9112 §2.2: a server should ignore one empty line before the request line.
    if (line.empty() && !skipped_empty_line_) {
      skipped_empty_line_ = true;
      continue;
    }
    ParseError error = parse_request_line(line);
    if (error.code != ParseErrc::none) return ParseResult::failed(consumed, std::move(error));
    has_request_line_ = true;
  }
  ParseResult rest = fields_.parse(buffered.substr(consumed));
  rest.consumed += consumed;
  return rest;
}

// RFC 9112 §3: request-line = method SP request-target SP HTTP-version
ParseError RequestHeadParser::parse_request_line(std::string_view line) {
  const LineSplitter& lines = fields_.lines();
  const std::size_t method_end = line.find(' ');
  if (!is_token(line.substr(0, method_end))) {
    return lines.error_at(ParseErrc::bad_start_line, "the method is no token", 0);
  }
  if (method_end == std::string_view::npos) {
    return lines.error_at(ParseErrc::bad_start_line, "the request line has no target", line.size());
  }
  std::size_t target_end = method_end + 1;
  while (target_end < line.size() && is_visible_ascii(line[target_end])) ++target_end;
  if (target_end == method_end + 1) return lines.error_at(ParseErrc::bad_start_line, "the target is empty", target_end);
  if (target_end == line.size() || line[target_end] != ' ') {
    return lines.error_at(ParseErrc::bad_start_line, "the target is not followed by a space", target_end);
  }
  const auto protocol = parse_version(line.substr(target_end + 1));
  if (!protocol) return lines.error_at(ParseErrc::bad_version, "not a version of HTTP/1", target_end + 1);
  method_ = line.substr(0, method_end);
  target_ = line.substr(method_end + 1, target_end - method_end - 1);
  protocol_ = *protocol;
  return {};
}

}  // namespace okhttp::internal

#pragma once

#include <okhttp/headers.hpp>
#include <okhttp/protocol.hpp>

#include <cstddef>
#include <string>
#include <string_view>

#include "codec/http1/field_section_parser.hpp"
#include "codec/http1/parse_result.hpp"

namespace okhttp::internal {

/// The first line of a response (RFC 9112 §4).
struct StatusLine {
  Protocol protocol = Protocol::http_1_1;
  int code = 0;             ///< 100 to 999
  std::string_view reason;  ///< may be empty; lives as long as the parser
};

/// Parses the head of one response out of bytes as they arrive.
///
/// A whole head is parsed in one pass; of a head that arrives in pieces no byte is looked at more than twice. Use one
/// object a head, and give each the bytes that the earlier heads of its exchange left of the limit.
class ResponseHeadParser {
 public:
  explicit ResponseHeadParser(HeadLimits limits = {}) noexcept : fields_(limits) {}

  /// Call again with more bytes until it does not say need_more.
  ParseResult parse(std::string_view buffered);

  /// Requires: parse() said complete.
  [[nodiscard]] StatusLine status_line() const noexcept { return {protocol_, code_, reason_}; }
  /// Requires: parse() said complete; once.
  [[nodiscard]] Headers take_headers() { return fields_.take_headers(); }
  /// Bytes that the head took so far.
  [[nodiscard]] std::size_t bytes_parsed() const noexcept { return fields_.lines().position(); }

 private:
  ParseError parse_status_line(std::string_view line);

  FieldSectionParser fields_;
  bool has_status_line_ = false;
  Protocol protocol_ = Protocol::http_1_1;
  int code_ = 0;
  std::string reason_;
};

/// The first line of a request (RFC 9112 §3).
struct RequestLine {
  std::string_view method;
  std::string_view target;  ///< as it was sent, in any of the four forms
  Protocol protocol = Protocol::http_1_1;
};

/// Parses the head of one request; otherwise as ResponseHeadParser. One empty line before it is skipped.
class RequestHeadParser {
 public:
  explicit RequestHeadParser(HeadLimits limits = {}) noexcept : fields_(limits) {}

  /// Call again with more bytes until it does not say need_more.
  ParseResult parse(std::string_view buffered);

  /// Requires: parse() said complete. The views live as long as the parser.
  [[nodiscard]] RequestLine request_line() const noexcept { return {method_, target_, protocol_}; }
  /// Requires: parse() said complete; once.
  [[nodiscard]] Headers take_headers() { return fields_.take_headers(); }
  /// Bytes that the head took so far.
  [[nodiscard]] std::size_t bytes_parsed() const noexcept { return fields_.lines().position(); }

 private:
  ParseError parse_request_line(std::string_view line);

  FieldSectionParser fields_;
  bool has_request_line_ = false;
  bool skipped_empty_line_ = false;
  std::string method_;
  std::string target_;
  Protocol protocol_ = Protocol::http_1_1;
};

}  // namespace okhttp::internal

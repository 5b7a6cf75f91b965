#pragma once

#include <okhttp/headers.hpp>

#include <cstddef>
#include <string>
#include <string_view>

#include "codec/http1/parse_result.hpp"

namespace okhttp::internal {

/// Cuts bytes into lines that end in CRLF, each byte searched once however the bytes arrive.
///
/// Invariants:
/// 1. `searched_` bytes of the line that begins at the caller's first byte hold no LF.
/// 2. `position_` counts the bytes of all lines handed out.
class LineSplitter {
 public:
  explicit LineSplitter(std::size_t max_bytes) noexcept : max_bytes_(max_bytes) {}

  /// Puts the next line of `unread`, without its CRLF, into `line`. Says need_more if it is not complete, complete with
  /// the size of the line and its CRLF, or what is wrong with its end or size.
  ParseResult next(std::string_view unread, std::string_view& line);

  /// `count` whole lines of `bytes` bytes in all were taken past the splitter. Requires: bytes <= bytes_left().
  void skip(std::size_t bytes, std::size_t count) noexcept;
  /// False when part of the next line was searched already.
  [[nodiscard]] bool is_at_line_begin() const noexcept { return searched_ == 0; }
  /// What the limit leaves for further lines.
  [[nodiscard]] std::size_t bytes_left() const noexcept { return max_bytes_ - position_; }

  /// Bytes of the lines handed out so far.
  [[nodiscard]] std::size_t position() const noexcept { return position_; }
  /// An error in the line handed out last, at byte `column` of it.
  [[nodiscard]] ParseError error_at(ParseErrc code, std::string_view what, std::size_t column) const;

 private:
  std::size_t max_bytes_;
  std::size_t position_ = 0;
  std::size_t line_begin_ = 0;
  std::size_t line_number_ = 0;
  std::size_t searched_ = 0;
};

/// Parses field lines up to and including the empty line that ends them: the second part of a head, or the trailers of
/// a chunked body (RFC 9112 §5, §7.1.2).
///
/// Strict: no obs-fold, no white space before the colon, no control characters, lines end in CRLF only. What is
/// accepted reads the same to every other recipient, which is what keeps requests from being smuggled.
class FieldSectionParser {
 public:
  explicit FieldSectionParser(HeadLimits limits) noexcept : lines_(limits.max_bytes), max_fields_(limits.max_fields) {}

  /// Call again with more bytes until it does not say need_more. Complete: the empty line was consumed.
  ParseResult parse(std::string_view buffered);

  /// For the start line, which shares limit and line count with the fields.
  [[nodiscard]] LineSplitter& lines() noexcept { return lines_; }
  [[nodiscard]] const LineSplitter& lines() const noexcept { return lines_; }

  /// The fields. Requires: parse() said complete.
  [[nodiscard]] Headers take_headers() { return std::move(fields_).build(); }

 private:
  /// Takes the complete lines at the front that look as we write them, "Name: value" and CRLF, in one copy; returns
  /// their bytes. The first other one is parse_line()'s, whatever is unusual or wrong about it.
  std::size_t take_plain_lines(std::string_view buffered);
  ParseError parse_line(std::string_view line);

  LineSplitter lines_;
  std::size_t max_fields_;
  Headers::Builder fields_;
};

/// The position of the first byte that may not stand in a field value, or size().
[[nodiscard]] std::size_t find_bad_value_char(std::string_view value) noexcept;

}  // namespace okhttp::internal

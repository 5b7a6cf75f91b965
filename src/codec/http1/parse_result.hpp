#pragma once

#include <okhttp/error.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

namespace okhttp::internal {

/// What a peer did wrong on an HTTP/1.1 connection.
enum class ParseErrc : std::uint8_t {
  none,
  bad_line_end,           ///< a CR without LF or an LF without CR
  bad_character,          ///< NUL or another control character
  bad_start_line,         ///< neither a status line nor, on a server, a request line
  bad_version,            ///< an HTTP version other than 1.0 and 1.1
  bad_field,              ///< no colon, an empty name, a name that is no token, space before the colon
  obs_fold,               ///< a field continued on the next line
  head_too_large,         ///< more bytes of head or trailers than allowed
  too_many_fields,        ///< more fields than allowed
  bad_content_length,     ///< not a number, too great, or two that differ
  bad_transfer_encoding,  ///< a coding we do not know, or chunked where it must not be
  bad_chunk,              ///< chunk size or chunk end out of form
  chunk_extension_too_long,
};

/// The public code of such an error.
constexpr Errc errc_of(ParseErrc code) noexcept {
  switch (code) {
    case ParseErrc::head_too_large:
    case ParseErrc::too_many_fields:
    case ParseErrc::chunk_extension_too_long:
      return Errc::limit_exceeded;
    default:
      return Errc::protocol_error;
  }
}

/// Says what was wrong and where: line and byte counts, never the text of a field.
struct ParseError {
  ParseError() = default;
  ParseError(ParseErrc error_code, std::string text) : code(error_code), message(std::move(text)) {}

  ParseErrc code = ParseErrc::none;
  std::string message;
};

/// What a parser made of the bytes it was shown.
///
/// In every state the first `consumed` bytes are done with: the caller drops them and shows the rest again, with more
/// behind them, at the next call.
struct ParseResult {
  enum class State : std::uint8_t { need_more, complete, error };

  static ParseResult need_more(std::size_t consumed) { return {State::need_more, consumed, {}}; }
  static ParseResult complete(std::size_t consumed) { return {State::complete, consumed, {}}; }
  static ParseResult failed(std::size_t consumed, ParseError error) {
    return {State::error, consumed, std::move(error)};
  }

  [[nodiscard]] bool is_complete() const noexcept { return state == State::complete; }
  [[nodiscard]] bool is_error() const noexcept { return state == State::error; }

  State state = State::need_more;
  std::size_t consumed = 0;
  ParseError error;
};

/// Bounds on a head or a trailer section.
struct HeadLimits {
  std::size_t max_bytes = std::size_t{256} * 1024;  ///< start line, fields, line ends and the empty line together
  std::size_t max_fields = 5000;
};

}  // namespace okhttp::internal

#pragma once

#include <okhttp/headers.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "codec/http1/field_section_parser.hpp"
#include "codec/http1/parse_result.hpp"

namespace okhttp::internal {

/// Decodes a chunked body (RFC 9112 §7.1) without copying it.
///
///     size --> [extension] --> data --> data_end --> size ...      after size 0: trailers --> done
///
/// Invariant: `left_` is above 0 exactly in state data.
class ChunkedDecoder {
 public:
  struct Limits {
    std::size_t max_extension_bytes = std::size_t{16} * 1024;  ///< of all chunks together
    HeadLimits trailers;
  };

  /// What one call made of its input. The first `consumed` bytes are done with, `data` lies within them.
  struct Step {
    enum class State : std::uint8_t {
      need_more,  ///< show what was not consumed again, with more bytes behind it
      data,       ///< deliver `data`, drop what was consumed, and call again
      done,       ///< the body is complete; what was not consumed belongs to the next message
      error,
    };

    State state = State::need_more;
    std::size_t consumed = 0;
    std::span<const std::byte> data;
    ParseError error;
  };

  ChunkedDecoder() : ChunkedDecoder(Limits()) {}
  explicit ChunkedDecoder(Limits limits) : limits_(limits), trailers_(limits.trailers) {}

  /// Decodes until data can be delivered, the input is used up, or the body ends.
  /// Input is left over only within a trailer line, so a buffer must be able to hold one.
  Step decode(std::span<const std::byte> in);

  /// Bytes of the current chunk that were not delivered yet. The caller may read up to so many from the connection
  /// straight into the application's buffer, and report them by skip_data(), once decode() has used up its input.
  [[nodiscard]] std::uint64_t bytes_left_in_chunk() const noexcept { return left_; }
  /// `count` bytes of chunk data went past the decoder. Requires: count <= bytes_left_in_chunk().
  void skip_data(std::uint64_t count) noexcept;

  [[nodiscard]] bool is_done() const noexcept { return state_ == State::done; }
  /// Requires: is_done(); once.
  [[nodiscard]] Headers take_trailers() { return trailers_.take_headers(); }

 private:
  enum class State : std::uint8_t {
    size_first,   // the first digit of a chunk size
    size,         // further digits
    extension,    // anything up to the line's CR
    size_end,     // its LF
    data,         // chunk data
    data_end_cr,  // CR after the data
    data_end_lf,  // LF after the data
    trailers,
    done,
    failed,
  };

  bool take_framing(char c);
  bool take_size_digit(char c);
  bool take_extension(char c);
  bool fail(ParseErrc code, std::string_view what);
  Step decode_trailers(std::span<const std::byte> in, std::size_t consumed);

  Limits limits_;
  FieldSectionParser trailers_;
  State state_ = State::size_first;
  int digits_ = 0;
  std::uint64_t size_ = 0;
  std::uint64_t left_ = 0;
  std::uint64_t position_ = 0;  // bytes of the encoded body before the current one
  std::size_t extension_bytes_ = 0;
  ParseError error_;
};

}  // namespace okhttp::internal

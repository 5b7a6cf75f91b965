#include "codec/http1/chunked_decoder.hpp"

#include <algorithm>
#include <cassert>
#include <limits>

#include "http/ascii.hpp"

namespace okhttp::internal {
namespace {

constexpr std::uint64_t kMaxChunk = std::numeric_limits<std::int64_t>::max();
// Digits of the greatest size; leading zeros count too, or a chunk size could go on for ever.
constexpr int kMaxDigits = 16;

}  // namespace

ChunkedDecoder::Step ChunkedDecoder::decode(std::span<const std::byte> in) {
  Step step;
  while (step.consumed < in.size() && state_ != State::done && state_ != State::failed) {
    if (state_ == State::trailers) return decode_trailers(in, step.consumed);
    if (state_ == State::data) {
      const std::size_t count = static_cast<std::size_t>(std::min<std::uint64_t>(left_, in.size() - step.consumed));
      step.state = Step::State::data;
      step.data = in.subspan(step.consumed, count);
      step.consumed += count;
      skip_data(count);
      return step;
    }
    if (!take_framing(static_cast<char>(in[step.consumed]))) break;
    ++step.consumed;
    ++position_;
  }
  if (state_ == State::done) step.state = Step::State::done;
  if (state_ == State::failed) {
    step.state = Step::State::error;
    step.error = error_;
  }
  return step;
}

void ChunkedDecoder::skip_data(std::uint64_t count) noexcept {
  assert(state_ == State::data && count <= left_);
  left_ -= count;
  position_ += count;
  if (left_ == 0) state_ = State::data_end_cr;
}

// RFC 9112 §7.1: chunk = chunk-size [ chunk-ext ] CRLF chunk-data CRLF
bool ChunkedDecoder::take_framing(char c) {
  switch (state_) {
    case State::size_first:
      digits_ = 0;
      size_ = 0;
      if (hex_value(c) < 0) return fail(ParseErrc::bad_chunk, "a chunk size does not begin with a hexadecimal digit");
      state_ = State::size;
      return take_size_digit(c);
    case State::size:
      if (hex_value(c) >= 0) return take_size_digit(c);
      state_ = State::extension;
      // White space may stand before an extension, and some servers pad the size with it.
      if (c != '\r' && c != ';' && !is_ows(c)) return fail(ParseErrc::bad_chunk, "a chunk size is no number");
      return take_extension(c);
    case State::extension:
      return take_extension(c);
    case State::size_end:
      if (c != '\n') return fail(ParseErrc::bad_line_end, "CR without LF after a chunk size");
      left_ = size_;
      state_ = size_ == 0 ? State::trailers : State::data;
      return true;
    case State::data_end_cr:
      if (c != '\r') return fail(ParseErrc::bad_chunk, "chunk data is not followed by CRLF");
      state_ = State::data_end_lf;
      return true;
    case State::data_end_lf:
      if (c != '\n') return fail(ParseErrc::bad_chunk, "chunk data is not followed by CRLF");
      state_ = State::size_first;
      return true;
    default:
      assert(false);
      return false;
  }
}

bool ChunkedDecoder::take_size_digit(char c) {
  const auto digit = static_cast<std::uint64_t>(hex_value(c));
  if (++digits_ > kMaxDigits || size_ > (kMaxChunk - digit) / 16) {
    return fail(ParseErrc::bad_chunk, "a chunk size is too great");
  }
  size_ = size_ * 16 + digit;
  return true;
}

// Extensions are not looked into; they may hold quoted strings, but never a line end.
bool ChunkedDecoder::take_extension(char c) {
  if (c == '\r') {
    state_ = State::size_end;
    return true;
  }
  if (c == '\n') return fail(ParseErrc::bad_line_end, "LF without CR after a chunk size");
  if (!is_field_value_char(c)) return fail(ParseErrc::bad_character, "a control character in a chunk extension");
  // RFC 9112 §7.1.1: the total size of extensions has to be limited, for each chunk may carry one byte and many of
  // them.
  if (++extension_bytes_ > limits_.max_extension_bytes) {
    return fail(ParseErrc::chunk_extension_too_long,
                "chunk extensions exceed their limit of " + std::to_string(limits_.max_extension_bytes) + " bytes");
  }
  return true;
}

bool ChunkedDecoder::fail(ParseErrc code, std::string_view what) {
  state_ = State::failed;
  error_ = ParseError(code, std::string(what) + " (byte " + std::to_string(position_) + " of the chunked body)");
  return false;
}

ChunkedDecoder::Step ChunkedDecoder::decode_trailers(std::span<const std::byte> in, std::size_t consumed) {
  const std::span<const std::byte> rest = in.subspan(consumed);
  ParseResult result = trailers_.parse({reinterpret_cast<const char*>(rest.data()), rest.size()});
  Step step;
  step.consumed = consumed + result.consumed;
  position_ += result.consumed;
  if (result.is_complete()) {
    state_ = State::done;
    step.state = Step::State::done;
  } else if (result.is_error()) {
    state_ = State::failed;
    result.error.message = "in the trailers: " + result.error.message;
    error_ = std::move(result.error);
    step.state = Step::State::error;
    step.error = error_;
  }
  return step;
}

}  // namespace okhttp::internal

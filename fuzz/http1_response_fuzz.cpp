// Feeds one text to the response and the request head parser, whole and in pieces: both ways must agree, and an
// accepted head must mean the same when it is written and parsed again.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "codec/http1/body_framing.hpp"
#include "codec/http1/head_parser.hpp"
#include "codec/http1/head_writer.hpp"

namespace {

using namespace okhttp;
using namespace okhttp::internal;

void require(bool condition) {
  if (!condition) std::abort();
}

template <typename Parser>
ParseResult feed(Parser& parser, std::string_view text, std::size_t piece) {
  std::string buffered;
  std::size_t shown = 0;
  std::size_t consumed = 0;
  ParseResult result;
  while (shown < text.size() && result.state == ParseResult::State::need_more) {
    const std::string_view next = text.substr(shown, piece);
    shown += next.size();
    buffered += next;
    result = parser.parse(buffered);
    require(result.consumed <= buffered.size());
    consumed += result.consumed;
    buffered.erase(0, result.consumed);
  }
  result.consumed = consumed;
  return result;
}

template <typename Parser>
ParseResult parse_both_ways(Parser& parser, std::string_view text, std::size_t piece, HeadLimits limits) {
  const ParseResult at_once = parser.parse(text);
  Parser slow(limits);
  const ParseResult in_pieces = feed(slow, text, piece);
  require(at_once.state == in_pieces.state && at_once.error.code == in_pieces.error.code);
  if (at_once.is_complete()) require(at_once.consumed == in_pieces.consumed);
  require(at_once.is_error() == (at_once.error.code != ParseErrc::none));
  return at_once;
}

void check_response(std::string_view text, std::size_t piece, HeadLimits limits) {
  ResponseHeadParser parser(limits);
  if (!parse_both_ways(parser, text, piece, limits).is_complete()) return;
  const StatusLine line = parser.status_line();
  const Headers headers = parser.take_headers();
  require(line.code >= 100 && line.code <= 999);
  (void)connection_persists(line.protocol, headers);
  (void)keep_alive_timeout(headers);
  const BodyFraming framing = response_framing("GET", line.code, headers, line.protocol);
  require(framing.ok() || !framing.reusable);
  (void)request_framing(headers, line.protocol);

  std::string written;
  append_response_head(written, line.protocol, line.code, line.reason, headers);
  ResponseHeadParser again(HeadLimits{written.size(), limits.max_fields});
  require(again.parse(written).is_complete());
  require(again.status_line().code == line.code && again.status_line().reason == line.reason);
  require(again.take_headers() == headers);
}

void check_request(std::string_view text, std::size_t piece, HeadLimits limits) {
  RequestHeadParser parser(limits);
  if (!parse_both_ways(parser, text, piece, limits).is_complete()) return;
  const RequestLine line = parser.request_line();
  const Headers headers = parser.take_headers();
  std::string written;
  append_request_head(written, line.method, line.target, headers);
  RequestHeadParser again(HeadLimits{written.size(), limits.max_fields});
  require(again.parse(written).is_complete());
  require(again.request_line().method == line.method && again.request_line().target == line.target);
  require(again.take_headers() == headers);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::size_t piece = 1 + size % 7;
  HeadLimits limits;
  limits.max_bytes = 4096;
  limits.max_fields = 40;
  check_response(text, piece, limits);
  check_request(text, piece, limits);
  return 0;
}

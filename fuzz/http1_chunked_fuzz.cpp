// Decodes one text as a chunked body, whole and in pieces: both ways must agree, and what was decoded must come out the
// same when it is encoded and decoded again.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string>
#include <string_view>

#include "codec/http1/chunked_decoder.hpp"
#include "codec/http1/chunked_encoder.hpp"

namespace {

using namespace okhttp;
using namespace okhttp::internal;
using State = ChunkedDecoder::Step::State;

void require(bool condition) {
  if (!condition) std::abort();
}

struct Outcome {
  State state = State::need_more;
  ParseErrc error = ParseErrc::none;
  std::string data;
  std::size_t consumed = 0;
};

// With `bypass`, part of the chunk data is reported by skip_data() as if it had been read elsewhere.
Outcome decode(ChunkedDecoder& decoder, std::string_view text, std::size_t piece, bool bypass) {
  Outcome outcome;
  std::string buffered;
  std::size_t shown = 0;
  while (shown < text.size() && outcome.state == State::need_more) {
    if (bypass && buffered.empty() && decoder.bytes_left_in_chunk() > 1) {
      const std::string_view direct =
          text.substr(shown, static_cast<std::size_t>(std::min<std::uint64_t>(decoder.bytes_left_in_chunk(), piece)));
      decoder.skip_data(direct.size());
      outcome.data += direct;
      outcome.consumed += direct.size();
      shown += direct.size();
      continue;
    }
    const std::string_view next = text.substr(shown, piece);
    shown += next.size();
    buffered += next;
    while (outcome.state == State::need_more) {
      const ChunkedDecoder::Step step = decoder.decode(std::as_bytes(std::span(buffered)));
      require(step.consumed <= buffered.size());
      outcome.data.append(reinterpret_cast<const char*>(step.data.data()), step.data.size());
      outcome.consumed += step.consumed;
      outcome.error = step.error.code;
      if (step.state == State::data) require(!step.data.empty());
      buffered.erase(0, step.consumed);
      if (step.state == State::need_more) break;
      if (step.state != State::data) outcome.state = step.state;
    }
  }
  require((outcome.state == State::error) == (outcome.error != ParseErrc::none));
  require((outcome.state == State::done) == decoder.is_done());
  return outcome;
}

void require_equal(const Outcome& a, const Outcome& b) {
  require(a.state == b.state && a.error == b.error && a.data == b.data);
  if (a.state == State::done) require(a.consumed == b.consumed);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::size_t piece = 1 + size % 5;
  ChunkedDecoder::Limits limits;
  limits.max_extension_bytes = 64;
  limits.trailers.max_bytes = 512;
  limits.trailers.max_fields = 10;

  ChunkedDecoder decoder(limits);
  const Outcome outcome = decode(decoder, text, size + 1, false);
  ChunkedDecoder slow(limits);
  require_equal(decode(slow, text, piece, false), outcome);
  ChunkedDecoder bypassed(limits);
  require_equal(decode(bypassed, text, piece, true), outcome);
  if (outcome.state != State::done) return 0;

  const Headers trailers = decoder.take_trailers();
  std::string encoded;
  if (!outcome.data.empty()) {
    char header[20];
    encoded.append(chunk_header(outcome.data.size(), header)).append(outcome.data).append(kChunkEnd);
  }
  append_last_chunk(encoded, trailers);
  ChunkedDecoder again;
  const Outcome repeated = decode(again, encoded, encoded.size(), false);
  require(repeated.state == State::done && repeated.data == outcome.data && repeated.consumed == encoded.size());
  require(again.take_trailers() == trailers);
  return 0;
}

// Splits one text as a multipart body, whole and in pieces: both ways must agree, memory must stay bounded, and the
// parts must come out the same when they are put together and split again. The first line is the boundary.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "codec/multipart_splitter.hpp"
#include "http/multipart_boundary.hpp"

namespace {

using namespace okhttp;
using namespace okhttp::internal;
using State = MultipartSplitter::Step::State;

void require(bool condition) {
  if (!condition) std::abort();
}

struct Part {
  std::string headers;
  std::string content;
  bool is_complete = false;
  bool operator==(const Part&) const = default;
};

struct Outcome {
  std::vector<Part> parts;
  State state = State::need_more;
  Errc error = Errc();
  bool operator==(const Outcome&) const = default;
};

MultipartLimits limits_of(std::size_t header_bytes) {
  MultipartLimits limits;
  limits.max_header_bytes = header_bytes;
  limits.max_headers = 10;
  limits.max_parts = 20;
  limits.max_preamble_bytes = 100;
  return limits;
}

Outcome split(std::string_view boundary, std::string_view text, std::size_t piece, std::size_t max_data,
              std::size_t header_bytes = 512) {
  MultipartSplitter splitter(boundary, limits_of(header_bytes));
  Outcome outcome;
  std::string held;
  std::size_t shown = 0;
  while (true) {
    const bool is_whole = shown == text.size();
    const MultipartSplitter::Step step = splitter.next(held, is_whole, max_data);
    require(step.consumed <= held.size());
    require((step.state == State::error) == (step.error != Errc()));
    if (step.state == State::part) {
      require(outcome.parts.empty() || outcome.parts.back().is_complete);
      outcome.parts.emplace_back().headers = splitter.take_headers().wire_text();
    } else if (step.state == State::data) {
      require(!step.data.empty() && step.data.size() <= max_data && step.consumed == step.data.size());
      outcome.parts.back().content += step.data;
    } else if (step.state == State::part_end) {
      outcome.parts.back().is_complete = true;
    } else if (step.state == State::end || step.state == State::error) {
      outcome.state = step.state;
      outcome.error = step.error;
      require(step.state != State::end || (!outcome.parts.empty() && outcome.parts.back().is_complete));
      return outcome;
    } else if (step.consumed == 0) {
      require(!is_whole);
      require(held.size() < header_bytes + 512);
      const std::string_view next = text.substr(shown, piece);
      shown += next.size();
      held += next;
      continue;
    }
    held.erase(0, step.consumed);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::size_t line_end = std::min(input.find('\n'), input.size());
  const std::string_view boundary = input.substr(0, line_end);
  if (!is_boundary(boundary)) return 0;
  const std::string_view text = input.substr(std::min(line_end + 1, input.size()));
  const std::size_t piece = 1 + size % 7;

  const Outcome outcome = split(boundary, text, 700, SIZE_MAX);
  require(split(boundary, text, piece, SIZE_MAX) == outcome);
  require(split(boundary, text, 700, piece) == outcome);
  if (outcome.state != State::end) return 0;

  std::string again;
  for (const Part& part : outcome.parts) {
    again.append("\r\n--").append(boundary).append("\r\n").append(part.headers).append("\r\n").append(part.content);
  }
  again.append("\r\n--").append(boundary).append("--\r\n");
  // Headers are longer as we write them.
  require(split(boundary, std::string_view(again).substr(2), piece, piece, 4096) == outcome);
  return 0;
}

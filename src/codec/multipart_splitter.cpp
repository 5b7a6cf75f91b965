#include "codec/multipart_splitter.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

#include "http/ascii.hpp"
#include "http/multipart_boundary.hpp"

namespace okhttp::internal {
namespace {

using Step = MultipartSplitter::Step;
using State = Step::State;

Step need_more(std::size_t consumed = 0) {
  Step step;
  step.consumed = consumed;
  return step;
}

Step found(State state, std::size_t consumed) {
  Step step;
  step.state = state;
  step.consumed = consumed;
  return step;
}

/// Where the CRLF is that ends a line of nothing but white space.
struct LineEnd {
  enum class Kind : std::uint8_t { here, need_more, too_long, none };
  Kind kind = Kind::none;
  std::size_t size = 0;  // white space and CRLF
};

LineEnd find_line_end(std::string_view text) noexcept {
  LineEnd end;
  while (end.size < text.size() && is_ows(text[end.size])) ++end.size;
  const std::string_view rest = text.substr(end.size);
  if (end.size > MultipartSplitter::kMaxPadding) {
    end.kind = LineEnd::Kind::too_long;
  } else if (rest.starts_with("\r\n")) {
    end.kind = LineEnd::Kind::here;
    end.size += 2;
  } else if (rest.empty() || rest == "\r") {
    end.kind = LineEnd::Kind::need_more;
  }
  return end;
}

}  // namespace

MultipartSplitter::MultipartSplitter(std::string_view boundary, MultipartLimits limits)
    : delimiter_("\r\n--" + std::string(boundary)), limits_(limits) {
  assert(is_boundary(boundary));
}

Step MultipartSplitter::next(std::string_view unread, bool is_whole, std::size_t max_data) {
  assert(max_data > 0);
  Step step = place_ == Place::closed ? after_close(unread, is_whole) : split(unread, max_data);
  if (!is_whole || step.state != State::need_more || step.consumed != 0) return step;
  return fail(Errc::protocol_error,
              parts_ == 0 ? "the multipart body has no part" : "the multipart body ended before its closing boundary");
}

Step MultipartSplitter::split(std::string_view unread, std::size_t max_data) {
  switch (place_) {
    case Place::preamble:
    case Place::data:
      return in_text(unread, max_data);
    case Place::boundary_end:
      return after_boundary(unread);
    case Place::headers:
      return in_headers(unread);
    case Place::ended:
      return found(State::end, 0);
    default:
      return fail(Errc::protocol_error, "the multipart body is broken");
  }
}

// Text goes on to the next delimiter: what a part holds, or the preamble, which nobody wants.
Step MultipartSplitter::in_text(std::string_view unread, std::size_t max_data) {
  if (is_at_line_begin_) {
    const std::string_view rest = std::string_view(delimiter_).substr(2);
    if (unread.starts_with(rest)) return at_delimiter(rest.size());
    if (rest.starts_with(unread)) return need_more();
    is_at_line_begin_ = false;
  }
  // No further than is asked for, so that small reads do not search the same bytes again and again.
  if (unread.size() > delimiter_.size() && unread.size() - delimiter_.size() > max_data) {
    unread = unread.substr(0, max_data + delimiter_.size());
  }
  const std::size_t begin = unread.find(delimiter_);
  if (begin == 0) return at_delimiter(delimiter_.size());
  if (begin != std::string_view::npos) return pass(unread.substr(0, std::min(begin, max_data)));
  // The end may be the beginning of a delimiter, in which CR occurs only once.
  std::size_t safe = unread.size();
  const std::size_t tail = unread.size() - std::min(unread.size(), delimiter_.size() - 1);
  const std::size_t carriage_return = unread.substr(tail).rfind('\r');
  if (carriage_return != std::string_view::npos && delimiter_.starts_with(unread.substr(tail + carriage_return))) {
    safe = tail + carriage_return;
  }
  if (safe == 0) return need_more();
  return pass(unread.substr(0, std::min(safe, max_data)));
}

Step MultipartSplitter::pass(std::string_view text) {
  if (place_ == Place::data) {
    Step step = found(State::data, text.size());
    step.data = text;
    return step;
  }
  preamble_bytes_ += text.size();
  if (preamble_bytes_ > limits_.max_preamble_bytes) {
    return fail(Errc::limit_exceeded, "more than " + std::to_string(limits_.max_preamble_bytes) +
                                          " bytes before the first part of a multipart body");
  }
  return need_more(text.size());
}

Step MultipartSplitter::at_delimiter(std::size_t size) {
  const bool ends_part = place_ == Place::data;
  place_ = Place::boundary_end;
  is_at_line_begin_ = false;
  return found(ends_part ? State::part_end : State::need_more, size);
}

Step MultipartSplitter::after_boundary(std::string_view unread) {
  if (unread.empty() || unread == "-") return need_more();
  if (unread.starts_with("--")) {
    // RFC 2046 §5.1.1: a multipart body has at least one part.
    if (parts_ == 0) return fail(Errc::protocol_error, "the multipart body has no part");
    place_ = Place::closed;
    return need_more(2);
  }
  const LineEnd line_end = find_line_end(unread);
  switch (line_end.kind) {
    case LineEnd::Kind::need_more:
      return need_more();
    case LineEnd::Kind::too_long:
      return fail(Errc::limit_exceeded, "too much white space behind a boundary of a multipart body");
    case LineEnd::Kind::none:
      return fail(Errc::protocol_error, "unexpected characters behind a boundary of a multipart body");
    case LineEnd::Kind::here:
      break;
  }
  if (parts_ == limits_.max_parts) {
    return fail(Errc::limit_exceeded, "a multipart body of more than " + std::to_string(limits_.max_parts) + " parts");
  }
  ++parts_;
  HeadLimits limits;
  limits.max_bytes = limits_.max_header_bytes;
  limits.max_fields = limits_.max_headers;
  fields_.emplace(limits);
  place_ = Place::headers;
  return need_more(line_end.size);
}

Step MultipartSplitter::in_headers(std::string_view unread) {
  ParseResult result = fields_->parse(unread);
  if (result.is_error()) {
    return fail(errc_of(result.error.code),
                "headers of part " + std::to_string(parts_) + " of a multipart body: " + result.error.message);
  }
  if (!result.is_complete()) return need_more(result.consumed);
  place_ = Place::data;
  is_at_line_begin_ = true;
  return found(State::part, result.consumed);
}

Step MultipartSplitter::after_close(std::string_view unread, bool is_whole) {
  const LineEnd line_end = find_line_end(unread);
  if (line_end.kind == LineEnd::Kind::need_more && !is_whole) return need_more();
  // At the end of all no CRLF is needed, but half of one is wrong.
  const bool ends = line_end.kind == LineEnd::Kind::need_more && !unread.ends_with('\r');
  if (!ends && line_end.kind != LineEnd::Kind::here) {
    return fail(Errc::protocol_error, "unexpected characters behind the closing boundary of a multipart body");
  }
  place_ = Place::ended;
  return found(State::end, line_end.size);
}

Step MultipartSplitter::fail(Errc error, std::string message) {
  place_ = Place::failed;
  Step step = found(State::error, 0);
  step.error = error;
  step.message = std::move(message);
  return step;
}

}  // namespace okhttp::internal

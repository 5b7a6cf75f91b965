#include "codec/http1/http1_codec.hpp"

#include <okhttp/error.hpp>

#include <algorithm>
#include <cassert>
#include <cstring>
#include <utility>

#include "codec/http1/chunked_encoder.hpp"
#include "codec/http1/head_writer.hpp"
#include "runtime/call_context.hpp"
#include "runtime/calling_thread.hpp"

namespace okhttp::internal {
namespace {

/// Bound on all heads of one exchange together, informational ones included.
constexpr std::size_t kMaxHeadBytes = std::size_t{256} * 1024;

/// A body is written in slices of this size, each with a write timeout of its own: the timeout bounds the wait for
/// progress, not the upload.
constexpr std::size_t kWriteSlice = std::size_t{256} * 1024;

/// Reads of at least this size go past the buffer, straight to the reader.
constexpr std::size_t kMinDirectRead = std::size_t{4} * 1024;

/// RFC 9110 §4.2.4: user information does not travel.
std::string absolute_form(const Url& url) {
  std::string text(url.scheme());
  text += "://";
  text += url.host_header();
  text += url.request_target();
  return text;
}

}  // namespace

Http1Codec::Http1Codec(Stream& stream, std::string peer, RequestTarget target)
    : stream_(stream), peer_(std::move(peer)), target_(target) {}

void Http1Codec::begin(std::shared_ptr<CallContext> context) {
  assert(reusable_);
  context_ = std::move(context);
  adopted_by_ = 0;  // between two exchanges anybody may have looked at the stream
  sent_bytes_ = 0;
  head_bytes_left_ = kMaxHeadBytes;
  body_ = Body::not_open;
  trailers_ = Headers();
  reusable_ = false;  // until the exchange is complete
  next_may_follow_ = true;
}

void Http1Codec::end() noexcept {
  reusable_ = body_ == Body::complete && next_may_follow_ && buffer_.empty() && outgoing_.empty();
  // Bytes after the response would be taken for the next one's. In TLS they may also be a session ticket.
  if (reusable_ && stream_.holds_unread()) reusable_ = stream_.is_quiet();
  context_ = nullptr;
}

Engine& Http1Codec::engine() {
  Engine& engine = context_->engine();
  if (adopted_by_ != engine.id()) {
    if (!engine.adopt(stream_.socket())) {
      throw Error(Errc::io, Blame::library, "the system refuses to watch the connection to " + peer_);
    }
    adopted_by_ = engine.id();
  }
  return engine;
}

WaitTerms Http1Codec::read_terms() const noexcept { return context_->terms(context_->timeouts.read); }

Error Http1Codec::failure(const IoResult& result, Errc on_deadline, const char* doing) const {
  return error_of(*context_, result, on_deadline, std::string(doing) + peer_, stream_);
}

Error Http1Codec::broken_rule(const ParseError& error) const {
  return Error(errc_of(error.code), Blame::peer, "the response from " + peer_ + " is malformed: " + error.message);
}

Error Http1Codec::early_end() const {
  std::string text = peer_ + " closed the connection before the body was complete: ";
  text += std::to_string(received_);
  text +=
      body_ == Body::length ? " of " + std::to_string(length_) + " bytes came" : " bytes came, the last chunk did not";
  return Error(Errc::connection_closed, Blame::peer, text);
}

Task<void> Http1Codec::send(ConstBytes more) {
  while (!outgoing_.empty() || !more.empty()) {
    const ConstBytes slice = more.first(std::min(more.size(), kWriteSlice));
    Engine& engine = this->engine();
    WriteAll write(engine, context_->terms(context_->timeouts.write), stream_, as_bytes(outgoing_), slice);
    const IoResult result = co_await write;
    sent_bytes_ += result.bytes;
    // A peer that took some of it in that time is slow, not gone.
    const bool is_slow = result.status == IoStatus::deadline && result.bytes > 0;
    if (is_slow) context_->check();
    if (!result.ok() && !is_slow) throw failure(result, Errc::write_timeout, "sending the request to ");
    const std::size_t of_outgoing = std::min(result.bytes, outgoing_.size());
    outgoing_.erase(0, of_outgoing);
    more = more.subspan(result.bytes - of_outgoing);
  }
}

void Http1Codec::write_request_headers(const Request& request) {
  method_ = request.method();
  chunked_request_ = request.headers().contains("Transfer-Encoding");
  persistent_request_ = !has_connection_option(request.headers(), "close");
  if (target_ == RequestTarget::origin) {
    append_request_head(outgoing_, method_, request.url().request_target(), request.headers());
  } else {
    append_request_head(outgoing_, method_, absolute_form(request.url()), request.headers());
  }
}

Task<void> Http1Codec::write_request_body(ConstBytes bytes) {
  if (bytes.empty()) co_return;
  if (chunked_request_) {
    char buffer[20];
    outgoing_ += chunk_header(bytes.size(), buffer);
  }
  co_await send(bytes);
  if (chunked_request_) outgoing_ += kChunkEnd;
}

Task<void> Http1Codec::flush_request() { return send(ConstBytes()); }

Task<void> Http1Codec::finish_request() {
  if (chunked_request_) outgoing_ += kLastChunk;
  return send(ConstBytes());
}

Task<ResponseHead> Http1Codec::read_response_head() {
  HeadLimits limits;
  limits.max_bytes = head_bytes_left_;
  ResponseHeadParser parser(limits);
  for (;;) {
    if (!buffer_.empty()) {
      const ParseResult parsed = parser.parse(as_text(buffer_.unread()));
      buffer_.consume(parsed.consumed);
      if (parsed.is_complete()) break;
      if (parsed.is_error()) throw broken_rule(parsed.error);
    }
    ReadSome read(engine(), read_terms(), stream_, buffer_.room());
    const IoResult result = co_await read;
    if (!result.ok()) throw failure(result, Errc::read_timeout, "reading the response from ");
    buffer_.fill(result.bytes);
  }
  head_bytes_left_ -= std::min(head_bytes_left_, parser.bytes_parsed());
  const StatusLine line = parser.status_line();
  ResponseHead head(line.protocol, line.code, std::string(line.reason), parser.take_headers());
  if (!head.is_informational()) open_body(head);
  co_return head;
}

void Http1Codec::open_body(const ResponseHead& head) {
  if (head.code == 101) {
    // RFC 9110 §15.2.2: what follows belongs to the other protocol.
    body_ = Body::until_close;
    next_may_follow_ = false;
    return;
  }
  const BodyFraming framing = response_framing(method_, head.code, head.headers, head.protocol);
  if (!framing.ok()) throw broken_rule(framing.error);
  next_may_follow_ = framing.reusable && persistent_request_ && connection_persists(head.protocol, head.headers);
  keep_alive_ = keep_alive_timeout(head.headers);
  received_ = 0;
  pending_ = ConstBytes();
  switch (framing.kind) {
    case BodyFraming::Kind::none:
      complete_body();
      break;
    case BodyFraming::Kind::length:
      body_ = Body::length;
      length_ = left_ = framing.length;
      if (left_ == 0) complete_body();
      break;
    case BodyFraming::Kind::chunked:
      body_ = Body::chunked;
      decoder_.emplace();
      break;
    case BodyFraming::Kind::until_close:
      body_ = Body::until_close;
      next_may_follow_ = false;
      break;
  }
}

void Http1Codec::complete_body() noexcept { body_ = Body::complete; }

std::optional<std::uint64_t> Http1Codec::response_length() const noexcept {
  if (body_ == Body::length) return length_;
  if (body_ == Body::complete && received_ == 0) return 0;
  return std::nullopt;
}

Task<std::size_t> Http1Codec::read_response_body(Bytes into) {
  for (;;) {
    const std::size_t delivered = take_buffered(into);
    if (delivered > 0 || body_ == Body::complete) co_return delivered;

    const std::size_t direct = direct_read_size(into);
    const Bytes target = direct > 0 ? into.first(direct) : buffer_.room();
    ReadSome read(engine(), read_terms(), stream_, target);
    const IoResult result = co_await read;
    if (result.status == IoStatus::end) {
      if (body_ != Body::until_close) throw early_end();
      complete_body();
      co_return 0;
    }
    if (!result.ok()) throw failure(result, Errc::read_timeout, "reading the body from ");
    if (direct > 0) {
      note_direct_read(result.bytes);
      co_return result.bytes;
    }
    buffer_.fill(result.bytes);
  }
}

std::size_t Http1Codec::take_buffered(Bytes into) {
  switch (body_) {
    case Body::length: {
      const std::size_t count = copy_from_buffer(into, left_);
      left_ -= count;
      if (left_ == 0) complete_body();
      return count;
    }
    case Body::until_close:
      return copy_from_buffer(into, into.size());
    case Body::chunked: {
      if (pending_.empty()) decode_chunks();
      const std::size_t count = std::min(into.size(), pending_.size());
      if (count == 0) return 0;
      std::memcpy(into.data(), pending_.data(), count);
      pending_ = pending_.subspan(count);
      received_ += count;
      // The last chunk is looked for at once, so that the connection is free when its last byte was delivered.
      if (pending_.empty()) decode_chunks();
      return count;
    }
    default:
      return 0;
  }
}

std::size_t Http1Codec::copy_from_buffer(Bytes into, std::uint64_t at_most) noexcept {
  const ConstBytes unread = buffer_.unread();
  const std::size_t count = static_cast<std::size_t>(std::min<std::uint64_t>({into.size(), unread.size(), at_most}));
  if (count == 0) return 0;
  std::memcpy(into.data(), unread.data(), count);
  buffer_.consume(count);
  received_ += count;
  return count;
}

void Http1Codec::decode_chunks() {
  using State = ChunkedDecoder::Step::State;
  const ChunkedDecoder::Step step = decoder_->decode(buffer_.unread());
  buffer_.consume(step.consumed);
  switch (step.state) {
    case State::data:
      pending_ = step.data;
      break;
    case State::done:
      trailers_ = decoder_->take_trailers();
      complete_body();
      break;
    case State::error:
      throw broken_rule(step.error);
    case State::need_more:
      break;
  }
}

std::size_t Http1Codec::direct_read_size(Bytes into) const noexcept {
  std::uint64_t size = into.size();
  if (body_ == Body::length) size = std::min(size, left_);
  if (body_ == Body::chunked) size = buffer_.empty() ? std::min(size, decoder_->bytes_left_in_chunk()) : 0;
  return size >= kMinDirectRead ? static_cast<std::size_t>(size) : 0;
}

void Http1Codec::note_direct_read(std::size_t count) noexcept {
  received_ += count;
  if (body_ == Body::chunked) decoder_->skip_data(count);
  if (body_ != Body::length) return;
  left_ -= count;
  if (left_ == 0) complete_body();
}

bool Http1Codec::adopt_where_it_is_dropped() noexcept {
  // The thread that drops a body may be any; the stream has to belong to this one while it looks at it.
  adopted_by_ = 0;
  if (context_->runs_here()) return context_->engine().adopt(stream_.socket());
  CallingThread here;
  return here.adopt(stream_.socket());
}

DiscardedBody Http1Codec::discard_response_body(std::size_t limit) noexcept { return drain_arrived(limit, nullptr); }

DiscardedBody Http1Codec::take_response_body(std::size_t limit, std::string& kept) noexcept {
  return drain_arrived(limit, &kept);
}

DiscardedBody Http1Codec::drain_arrived(std::size_t limit, std::string* kept) noexcept {
  DiscardedBody discarded;
  if (!adopt_where_it_is_dropped()) return discarded;
  std::byte waste[4096];
  try {
    while (body_ != Body::complete && body_ != Body::not_open && body_ != Body::until_close &&
           discarded.bytes < limit) {
      const std::size_t taken = take_buffered(waste);
      discarded.bytes += taken;
      if (kept != nullptr) kept->append(reinterpret_cast<const char*>(waste), taken);
      if (taken > 0 || body_ == Body::complete) continue;
      stream_.socket().allow_one_read();
      const Bytes room = buffer_.room();
      const IoResult result = stream_.try_read(room.first(std::min(room.size(), sizeof waste)));
      if (!result.ok()) break;
      buffer_.fill(result.bytes);
    }
    discarded.is_complete = body_ == Body::complete;
  } catch (const std::exception&) {
    // Broken framing, or no memory: the connection is closed, as it is when the body is not complete.
  }
  return discarded;
}

}  // namespace okhttp::internal

#include "codec/http2/http2_stream.hpp"

#include <limits>
#include <string>
#include <utility>

#include "runtime/call_context.hpp"

namespace okhttp::internal {
namespace {

/// Pieces of a request body up to this size in all are gathered, so that a small body travels with its head and nobody
/// waits for it to be sent.
constexpr std::size_t kMaxGathered = std::size_t{16} * 1024;

}  // namespace

bool StreamSide::has_news() const noexcept {
  if (want == Want::nothing) return false;
  if (stream_.failure.has_value()) return true;
  switch (want) {
    case Want::head:
      return !stream_.heads.empty();
    case Want::body:
      return stream_.direct_filled > 0 || !stream_.body.empty() || stream_.is_complete;
    default:
      return stream_.outgoing.empty() || stream_.needs_no_more_of_request();
  }
}

std::shared_ptr<void> StreamSide::keep_alive() { return stream_.shared_from_this(); }

/// Takes back what a coroutine lent to the mailbox, also when the coroutine is destroyed while it waits.
class Http2Stream::Lent {
 public:
  explicit Lent(Http2Stream& stream) noexcept : stream_(stream) {}
  Lent(const Lent&) = delete;
  Lent& operator=(const Lent&) = delete;
  ~Lent() {
    const std::lock_guard lock(stream_.connection_->mutex_);
    if (lends_out_) stream_.outgoing = ConstBytes();
    if (lends_in_) stream_.direct = Bytes();
  }

  void out(ConstBytes bytes) noexcept {
    stream_.outgoing = bytes;
    lends_out_ = true;
  }
  void in(Bytes into) noexcept {
    stream_.direct = into;
    lends_in_ = true;
  }

 private:
  Http2Stream& stream_;
  bool lends_out_ = false;
  bool lends_in_ = false;
};

ExchangeCodecPtr Http2Stream::create(std::shared_ptr<Http2Connection> connection,
                                     std::shared_ptr<CallContext> context) {
  auto stream = std::make_shared<Http2Stream>(std::move(connection), std::move(context));
  stream->self_ = stream;
  return ExchangeCodecPtr(stream.get());
}

Http2Stream::Http2Stream(std::shared_ptr<Http2Connection> connection, std::shared_ptr<CallContext> context) noexcept
    : connection_(std::move(connection)), context_(std::move(context)) {}

// Waiting.

Http2Stream::Parking Http2Stream::park(StreamSide& side, StreamSide::Want want) {
  side.want = want;
  Parking parking;
  parking.duty = connection_->join(side, context_->engine());
  parking.interest = connection_->interest();
  return parking;
}

void Http2Stream::leave(StreamSide& side) noexcept {
  side.want = StreamSide::Want::nothing;
  connection_->leave(side);
}

Http2Wait Http2Stream::wait(StreamSide& side, const Parking& parking, WaitTerms terms) {
  Engine& engine = context_->engine();
  if (parking.duty == DriverRole::Duty::start_pump) connection_->start_pump(engine);
  if (parking.duty == DriverRole::Duty::drive) return Http2Wait(engine, terms, connection_, side, parking.interest);
  return Http2Wait(engine, terms, connection_, side);
}

void Http2Stream::throw_failure(StreamSide& side) {
  if (!failure.has_value()) return;
  leave(side);
  throw *failure;
}

void Http2Stream::give_up(StreamSide& side, WaitResult result, Errc on_deadline, const char* doing) {
  {
    const Http2Connection::Access access(*connection_);
    leave(side);
  }
  // A silent peer: is it slow with this stream, or is nobody there?
  if (result == WaitResult::deadline) connection_->ping_after_timeout(context_->now());
  throw error_of(*context_, result, on_deadline, std::string(doing) + connection_->peer_);
}

// Sending.

void Http2Stream::write_request_headers(const Request& request) { held_back_ = request; }

void Http2Stream::submit_if_held_back() {
  if (!held_back_.has_value()) return;
  const std::optional<Request> request = std::exchange(held_back_, std::nullopt);
  if (connection_->session_.submit(*this, *request)) return;
  is_closed = true;
  is_unprocessed = true;
  failure = connection_->session_.failure();
  if (failure.has_value()) return;
  failure = Error(Errc::connection_closed, Blame::peer,
                  "HTTP/2 with " + connection_->peer_ + ": the connection takes no more requests");
}

void Http2Stream::send() {
  submit_if_held_back();
  throw_failure(writer_);
  connection_->session_.resume(*this);
  connection_->send_soon(context_->runs_here() ? &context_->engine() : nullptr);
}

Task<void> Http2Stream::write_request_body(ConstBytes bytes) {
  if (bytes.empty()) co_return;
  Lent lent(*this);
  std::size_t left = 0;
  WaitTerms terms;
  for (;;) {
    Parking parking;
    {
      const Http2Connection::Access access(*connection_);
      if (left == 0) {
        submit_if_held_back();
        throw_failure(writer_);
        if (needs_no_more_of_request()) co_return;
        if (unsent() + bytes.size() <= kMaxGathered) {
          gathered.append(as_text(bytes));
          co_return;
        }
        lent.out(bytes);
      }
      send();
      throw_failure(writer_);
      // RFC 9113 §8.1: a response may be complete before its request is; the rest is of no use then.
      if (outgoing.empty() || needs_no_more_of_request()) {
        leave(writer_);
        co_return;
      }
      // The time-out is for the wait for progress, not for the whole.
      if (outgoing.size() != left) terms = context_->terms(context_->timeouts.write);
      left = outgoing.size();
      parking = park(writer_, StreamSide::Want::room);
    }
    Http2Wait sent = wait(writer_, parking, terms);
    const WaitResult result = co_await sent;
    if (result != WaitResult::ready) give_up(writer_, result, Errc::write_timeout, "sending the request to ");
  }
}

Task<void> Http2Stream::flush_request() {
  const Http2Connection::Access access(*connection_);
  send();
  co_return;
}

Task<void> Http2Stream::finish_request() {
  const Http2Connection::Access access(*connection_);
  submit_if_held_back();
  throw_failure(writer_);
  is_finished = true;
  send();
  co_return;
}

bool Http2Stream::may_have_reached_peer() const noexcept {
  const std::lock_guard lock(connection_->mutex_);
  return !is_unprocessed && begin_at.has_value() && connection_->sent_ > *begin_at;
}

// Receiving.

Task<ResponseHead> Http2Stream::read_response_head() {
  const WaitTerms terms = context_->terms(context_->timeouts.read);
  for (;;) {
    Parking parking;
    {
      const Http2Connection::Access access(*connection_);
      if (!heads.empty()) {
        leave(reader_);
        ResponseHead head = std::move(heads.front());
        heads.pop_front();
        if (!head.is_informational()) {
          length_ = content_length;
          note_complete();
        }
        co_return head;
      }
      throw_failure(reader_);
      parking = park(reader_, StreamSide::Want::head);
    }
    Http2Wait head_came = wait(reader_, parking, terms);
    const WaitResult result = co_await head_came;
    if (result != WaitResult::ready) give_up(reader_, result, Errc::read_timeout, "reading the response from ");
  }
}

void Http2Stream::note_complete() {
  if (!is_complete || !body.empty() || direct_filled > 0) return;
  is_response_complete_ = true;
  trailers_read_ = Http2Mailbox::trailers;
}

std::optional<std::uint64_t> Http2Stream::response_length() const noexcept {
  if (is_response_complete_) return 0;
  return length_;
}

Task<std::size_t> Http2Stream::read_response_body(Bytes into) {
  if (is_response_complete_ || into.empty()) co_return 0;
  const WaitTerms terms = context_->terms(context_->timeouts.read);
  Lent lent(*this);
  for (;;) {
    Parking parking;
    {
      const Http2Connection::Access access(*connection_);
      const std::size_t taken = take_body(into);
      note_complete();
      if (taken > 0 || is_response_complete_) {
        leave(reader_);
        // Returned windows go out now, while the peer still has room.
        if (connection_->session_.has_output()) {
          connection_->send_soon(context_->runs_here() ? &context_->engine() : nullptr);
        }
        co_return taken;
      }
      throw_failure(reader_);
      lent.in(into);
      parking = park(reader_, StreamSide::Want::body);
    }
    Http2Wait body_came = wait(reader_, parking, terms);
    const WaitResult result = co_await body_came;
    if (result == WaitResult::ready) continue;
    give_up(reader_, result, Errc::read_timeout, "reading the body from ");
  }
}

std::size_t Http2Stream::take_body(Bytes into) {
  std::size_t taken = std::exchange(direct_filled, 0);
  direct = Bytes();
  taken += body.take(into.subspan(taken));
  if (taken > 0) connection_->session_.consumed(*this, taken);
  return taken;
}

DiscardedBody Http2Stream::discard_response_body(std::size_t /*limit*/) noexcept {
  // end() resets what is still open; that is a frame, and the connection serves the others on.
  DiscardedBody discarded;
  const std::lock_guard lock(connection_->mutex_);
  discarded.bytes = body.size() + direct_filled;
  discarded.is_complete = true;
  return discarded;
}

bool Http2Stream::connection_survives() const noexcept {
  const std::lock_guard lock(connection_->mutex_);
  return !connection_->session_.failure().has_value();
}

std::optional<Http2ErrorCode> Http2Stream::peer_reset() const noexcept {
  const std::lock_guard lock(connection_->mutex_);
  return reset_code;
}

void Http2Stream::end() noexcept {
  {
    const Http2Connection::Access access(*connection_);
    connection_->session_.release(*this);
    leave(reader_);
    leave(writer_);
    outgoing = ConstBytes();
    direct = Bytes();
    if (connection_->session_.has_output()) {
      connection_->send_soon(context_->runs_here() ? &context_->engine() : nullptr);
    }
  }
  const std::shared_ptr<Http2Stream> last = std::move(self_);
}

}  // namespace okhttp::internal

#include "codec/http2/http2_stream.hpp"

#include <array>
#include <limits>
#include <new>
#include <string>
#include <utility>

#include "runtime/call_context.hpp"
#include "runtime/pooled.hpp"

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
      return stream_.has_head();
    case Want::body:
      return stream_.direct_filled > 0 || !stream_.body.empty() || stream_.is_complete;
    case Want::sent:
      return stream_.is_request_sent();
    default:
      return stream_.outgoing.empty() || stream_.needs_no_more_of_request();
  }
}

std::shared_ptr<void> StreamSide::keep_alive() { return stream_.shared_from_this(); }

/// One operation of a side. When it ends, also by being destroyed while it waits, the side waits no more: the role of
/// the driver goes to another, and what was lent to the mailbox is taken back.
class Http2Stream::Operation {
 public:
  Operation(Http2Stream& stream, StreamSide& side) noexcept : stream_(stream), side_(side) {}
  Operation(const Operation&) = delete;
  Operation& operator=(const Operation&) = delete;
  ~Operation() {
    if (!is_open_) return;
    const Http2Connection::Access access(*stream_.connection_);
    stream_.leave(side_);
  }

  // With the connection's lock held.
  void lend(ConstBytes bytes) noexcept {
    is_open_ = true;
    stream_.outgoing = bytes;
  }
  void lend(Bytes into) noexcept {
    is_open_ = true;
    stream_.direct = into;
  }
  [[nodiscard]] Parking park(StreamSide::Want want) {
    is_open_ = true;
    return stream_.park(side_, want);
  }
  void finish() noexcept {
    if (std::exchange(is_open_, false)) stream_.leave(side_);
  }

 private:
  Http2Stream& stream_;
  StreamSide& side_;
  bool is_open_ = false;
};

ExchangeCodecPtr Http2Stream::create(std::shared_ptr<Http2Connection> connection,
                                     std::shared_ptr<CallContext> context) {
  auto stream = make_pooled<Http2Stream>(std::move(connection), std::move(context));
  stream->self_ = stream;
  return ExchangeCodecPtr(stream.get());
}

Http2Stream::Http2Stream(std::shared_ptr<Http2Connection> connection, std::shared_ptr<CallContext> context) noexcept
    : connection_(std::move(connection)), context_(std::move(context)), writer_context_(context_) {}

// Waiting.

Http2Stream::Parking Http2Stream::park(StreamSide& side, StreamSide::Want want) {
  side.want = want;
  Parking parking;
  parking.duty = connection_->join(side, context_of(side).engine());
  parking.interest = connection_->interest();
  return parking;
}

void Http2Stream::leave(StreamSide& side) noexcept {
  side.want = StreamSide::Want::nothing;
  if (&side == &writer_) {
    outgoing = ConstBytes();
  } else {
    take_direct_back();
  }
  connection_->leave(side);
}

void Http2Stream::take_direct_back() {
  if (direct_filled > 0) body.put_back(direct.first(direct_filled));
  direct = Bytes();
  direct_filled = 0;
}

Http2Wait Http2Stream::wait(StreamSide& side, const Parking& parking, WaitTerms terms) {
  Engine& engine = context_of(side).engine();
  if (parking.duty == DriverRole::Duty::start_pump) connection_->start_pump(engine);
  if (parking.duty == DriverRole::Duty::drive) return Http2Wait(engine, terms, connection_, side, parking.interest);
  return Http2Wait(engine, terms, connection_, side);
}

void Http2Stream::throw_failure() const {
  if (failure.has_value()) throw *failure;
}

void Http2Stream::give_up(const StreamSide& side, WaitResult result, Errc on_deadline, const char* doing) const {
  const CallContext& context = context_of(side);
  // A silent peer: is it slow with this stream, or is nobody there?
  if (result == WaitResult::deadline) connection_->ping_after_timeout(context.now());
  throw error_of(context, result, on_deadline, std::string(doing) + connection_->peer_);
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
  throw_failure();
  connection_->session_.resume(*this);
  connection_->send_soon(writer_context_->runs_here() ? &writer_context_->engine() : nullptr);
}

void Http2Stream::leave_rest_out() {
  if (is_closed) return;
  connection_->session_.give_up(*this, Error(Errc::canceled, Blame::caller, "the response came before the request"));
}

Task<void> Http2Stream::write_request_body(ConstBytes bytes) {
  if (bytes.empty()) co_return;
  Operation writing(*this, writer_);
  std::size_t left = 0;
  WaitTerms terms;
  for (;;) {
    Parking parking;
    {
      const Http2Connection::Access access(*connection_);
      if (left == 0) {
        submit_if_held_back();
        throw_failure();
        if (needs_no_more_of_request()) {
          leave_rest_out();
          co_return;
        }
        if (unsent() + bytes.size() <= kMaxGathered) {
          gathered.append(as_text(bytes));
          co_return;
        }
        writing.lend(bytes);
      }
      send();
      throw_failure();
      if (outgoing.empty() || needs_no_more_of_request()) {
        if (!outgoing.empty()) leave_rest_out();
        writing.finish();
        co_return;
      }
      // The time-out is for the wait for progress, not for the whole.
      if (outgoing.size() != left) terms = writer_context_->terms(writer_context_->timeouts.write);
      left = outgoing.size();
      parking = writing.park(StreamSide::Want::room);
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
  {
    const Http2Connection::Access access(*connection_);
    submit_if_held_back();
    throw_failure();
    is_finished = true;
    send();
    // A reader goes on to wait for the answer. Nobody waits here when the response was read before.
    if (!is_duplex()) co_return;
  }
  Task<void> waiting = wait_until_sent();
  co_await std::move(waiting);
}

Task<void> Http2Stream::wait_until_sent() {
  Operation sending(*this, writer_);
  const WaitTerms terms = writer_context_->terms(writer_context_->timeouts.write);
  for (;;) {
    Parking parking;
    {
      const Http2Connection::Access access(*connection_);
      connection_->flush();
      throw_failure();
      if (is_request_sent()) {
        sending.finish();
        co_return;
      }
      parking = sending.park(StreamSide::Want::sent);
    }
    Http2Wait sent = wait(writer_, parking, terms);
    const WaitResult result = co_await sent;
    if (result != WaitResult::ready) give_up(writer_, result, Errc::write_timeout, "sending the request to ");
  }
}

bool Http2Stream::may_have_reached_peer() const noexcept {
  const std::lock_guard lock(connection_->mutex_);
  return !is_unprocessed && begin_at.has_value() && connection_->sent_ > *begin_at;
}

bool Http2Stream::was_refused() const noexcept {
  const std::lock_guard lock(connection_->mutex_);
  return is_refused;
}

// Receiving.

Task<ResponseHead> Http2Stream::read_response_head() {
  const WaitTerms terms = context_->terms(context_->timeouts.read);
  Operation reading(*this, reader_);
  for (;;) {
    Parking parking;
    {
      const Http2Connection::Access access(*connection_);
      if (has_head()) {
        reading.finish();
        ResponseHead head = take_head();
        head.protocol = connection_->protocol();
        if (!head.is_informational()) {
          length_ = content_length;
          note_complete();
        }
        co_return head;
      }
      throw_failure();
      parking = reading.park(StreamSide::Want::head);
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
  Operation reading(*this, reader_);
  for (;;) {
    Parking parking;
    {
      const Http2Connection::Access access(*connection_);
      const std::size_t taken = take_body(into);
      note_complete();
      if (taken > 0 || is_response_complete_) {
        reading.finish();
        // Returned windows go out now, while the peer still has room.
        if (connection_->session_.has_output()) {
          connection_->send_soon(context_->runs_here() ? &context_->engine() : nullptr);
        }
        co_return taken;
      }
      throw_failure();
      reading.lend(into);
      parking = reading.park(StreamSide::Want::body);
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

DiscardedBody Http2Stream::take_response_body(std::size_t limit, std::string& kept) noexcept {
  DiscardedBody taken;
  std::array<std::byte, 4096> piece;
  try {
    const Http2Connection::Access access(*connection_);
    for (std::size_t count = 1; count > 0 && taken.bytes < limit; taken.bytes += count) {
      count = take_body(piece);
      kept.append(reinterpret_cast<const char*>(piece.data()), count);
    }
    note_complete();
    taken.is_complete = is_response_complete_;
  } catch (const std::bad_alloc&) {
    // Then it is as if not all had arrived.
  }
  return taken;
}

std::shared_ptr<ExchangeCodec> Http2Stream::share_for_writing(const std::shared_ptr<CallContext>& writer) {
  const std::lock_guard lock(connection_->mutex_);
  writer_context_ = writer;
  return shared_from_this();
}

void Http2Stream::break_off(const Error& why) noexcept {
  const Http2Connection::Access access(*connection_);
  if (failure.has_value() || is_closed) return;
  held_back_.reset();
  connection_->session_.give_up(*this, why);
  connection_->tell_changed();
  connection_->flush();
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
    held_back_.reset();
    connection_->session_.release(*this);
    if (is_duplex() && !failure.has_value()) failure = Error(Errc::canceled, Blame::caller, "the exchange has ended");
    if (writer_.is_waiting()) connection_->tell(writer_);
    if (connection_->session_.has_output()) {
      connection_->send_soon(context_->runs_here() ? &context_->engine() : nullptr);
    }
  }
  const std::shared_ptr<Http2Stream> last = std::move(self_);
}

}  // namespace okhttp::internal

#include "codec/http2/http2_connection.hpp"

#include <cassert>
#include <exception>
#include <memory>
#include <utility>

#include "codec/http2/http2_stream.hpp"
#include "runtime/call_context.hpp"
#include "runtime/spawn.hpp"

namespace okhttp::internal {
namespace {

/// Output is handed to the stream in portions of about this size.
constexpr std::size_t kPortion = std::size_t{64} * 1024;
/// A larger output buffer is given back once it was sent.
constexpr std::size_t kKeptOutput = std::size_t{16} * 1024;
/// So often the driver reads before others get their turn.
constexpr int kMaxReads = 8;
/// How long a peer may take to answer the PING that follows a read time-out.
constexpr Duration kPongPatience = std::chrono::seconds(1);

/// What was read is taken in at once, so that one buffer a thread serves all connections. It is no thread_local array:
/// those are cleared whenever a thread starts, be it one that never comes here.
[[gnu::noinline]] Bytes scratch() {
  thread_local const std::unique_ptr<std::byte[]> buffer(new std::byte[kPortion]);
  return Bytes(buffer.get(), kPortion);
}

}  // namespace

/// Resumes on its engine whoever waits at a place. Frees itself.
class Http2Connection::WakeJob final : public Job {
 public:
  WakeJob(std::shared_ptr<Http2Connection> connection, ParkingPlace& place, Engine& engine)
      : connection_(std::move(connection)), kept_(place.keep_alive()), place_(place), engine_(engine) {}

  static void* operator new(std::size_t bytes) { return allocate_frame(bytes); }
  static void operator delete(void* job, std::size_t bytes) noexcept { deallocate_frame(job, bytes); }

  void run() noexcept override {
    Wait* wait = nullptr;
    {
      const std::lock_guard lock(connection_->mutex_);
      // Another may wait there by now, on another engine; it looked for news before it did.
      if (place_.engine_ == &engine_) wait = place_.wait_;
    }
    // One that is not parked yet looks when it arrives.
    if (wait != nullptr && wait->is_parked()) engine_.finish(*wait, WaitResult::ready);
    delete this;
  }

 private:
  const std::shared_ptr<Http2Connection> connection_;
  const std::shared_ptr<void> kept_;
  ParkingPlace& place_;
  Engine& engine_;
};

/// The end of a loop's turn: sends what was submitted in it. Frees itself.
class Http2Connection::FlushJob final : public Job {
 public:
  explicit FlushJob(std::shared_ptr<Http2Connection> connection) noexcept : connection_(std::move(connection)) {}

  static void* operator new(std::size_t bytes) { return allocate_frame(bytes); }
  static void operator delete(void* job, std::size_t bytes) noexcept { deallocate_frame(job, bytes); }

  void run() noexcept override {
    {
      const Access access(*connection_);
      connection_->flush_posted_ = false;
      connection_->flush();
    }
    delete this;
  }

 private:
  std::shared_ptr<Http2Connection> connection_;
};

/// Where the pump waits.
class Http2Connection::PumpPlace final : public ParkingPlace {
 public:
  explicit PumpPlace(const Http2Connection& connection) noexcept : connection_(connection) {}
  bool has_news() const noexcept override {
    return !connection_.role_.needs_pump() || connection_.session_.failure().has_value();
  }
  std::shared_ptr<void> keep_alive() override { return nullptr; }  // it lies in the connection

 private:
  const Http2Connection& connection_;
};

std::shared_ptr<Http2Connection> Http2Connection::create(std::unique_ptr<Stream> stream, std::string peer,
                                                         Protocol protocol, const Http2Options& options) {
  return std::shared_ptr<Http2Connection>(new Http2Connection(std::move(stream), std::move(peer), protocol, options));
}

Http2Connection::Http2Connection(std::unique_ptr<Stream> stream, std::string peer, Protocol protocol,
                                 const Http2Options& options)
    : peer_(std::move(peer)),
      protocol_(protocol),
      options_(options),
      stream_(std::move(stream)),
      session_(peer_, options),
      pump_place_(std::make_unique<PumpPlace>(*this)) {
  max_exchanges_ = session_.max_concurrent_streams();
}

Http2Connection::~Http2Connection() {
  if (session_.failure() || produced_ == 0) return;
  session_.say_goodbye();
  flush();
  stream_->shut_down_write();
}

ExchangeCodecPtr Http2Connection::begin(std::shared_ptr<CallContext> context) {
  return Http2Stream::create(shared_from_this(), std::move(context));
}

bool Http2Connection::refresh() noexcept {
  if (!session_.take_limits_changed()) return false;
  const bool is_over = !session_.takes_streams();
  const std::size_t most = session_.max_concurrent_streams();
  const bool ended = is_over && !is_over_.exchange(true);
  return max_exchanges_.exchange(most) != most || ended;
}

// Reading.

bool Http2Connection::adopt(Engine& engine) noexcept {
  if (adopted_by_ == engine.id()) return true;
  if (!engine.adopt(stream_->socket())) return false;
  adopted_by_ = engine.id();
  return true;
}

bool Http2Connection::read(Engine& engine) {
  if (session_.failure()) return false;
  if (!adopt(engine)) {
    session_.fail(Error(Errc::io, Blame::library, "the system refuses to watch the connection to " + peer_));
    return false;
  }
  for (int i = 0; i < kMaxReads; ++i) {
    const Bytes buffer = scratch();
    const IoResult result = stream_->try_read(buffer);
    if (result.would_block()) return false;
    if (!result.ok()) {
      std::string text = "HTTP/2 with " + peer_ + ": the peer closed the connection";
      if (const std::string detail = stream_->failure_text(); !detail.empty()) text += ": " + detail;
      // RFC 8446 §4.4.2.4: only now a client of TLS 1.3 may hear that its certificate is refused or missed.
      const bool is_handshake = result.error == std::errc::permission_denied;
      const Errc code = is_handshake ? Errc::tls_handshake : Errc::connection_closed;
      session_.fail(result.error ? Error(code, is_handshake ? Blame::peer : Blame::network, text, result.error)
                                 : Error(Errc::connection_closed, Blame::peer, text));
      return false;
    }
    session_.receive(buffer.first(result.bytes), engine.now());
    if (session_.failure()) return false;
  }
  return true;
}

void Http2Connection::drive(Engine& engine, ParkingPlace& place) noexcept {
  const Access access(*this);
  try {
    // What may be more is read in the next turn: an edge that was seen already would not come again.
    if (read(engine)) nudge_driver();
    looking_ = &place;
    check_health(engine.now());
    if (session_.has_output() || is_blocked_) send_soon(&engine);
    tell_changed();
  } catch (const std::bad_alloc&) {
    session_.fail(Error(Errc::io, Blame::library, "out of memory"));
    tell_changed();
  }
  looking_ = nullptr;
}

bool Http2Connection::has_news(const ParkingPlace& place, const Wait& wait) noexcept {
  const std::lock_guard lock(mutex_);
  if (place.has_news() || place.is_told_) return true;
  return wait.socket() != nullptr && wait.interest() != interest();
}

// Writing.

void Http2Connection::flush() noexcept {
  const bool was_blocked = std::exchange(is_blocked_, false);
  try {
    send_portions();
  } catch (const std::bad_alloc&) {
    session_.fail(Error(Errc::io, Blame::library, "HTTP/2 with " + peer_ + ": out of memory"));
  }
  tell_changed();
  if (is_blocked_ && !was_blocked) nudge_driver();
}

void Http2Connection::send_portions() {
  while (!is_deaf_) {
    if (out_sent_ == out_.size()) {
      if (out_.capacity() > kKeptOutput + kPortion) out_ = std::string();
      out_.clear();
      out_sent_ = 0;
      session_.produce(out_, kPortion, produced_);
      produced_ += out_.size();
      if (out_.empty()) break;
    }
    const ConstBytes rest = as_bytes(std::string_view(out_).substr(out_sent_));
    const IoResult result = stream_->try_write(std::span<const ConstBytes>(&rest, 1));
    if (result.would_block()) {
      is_blocked_ = true;
      break;
    }
    if (!result.ok()) {
      // The peer may have said why before it closed: what it said, and that it closed, is for reading to find.
      is_deaf_ = true;
      break;
    }
    out_sent_ += result.bytes;
    sent_ += result.bytes;
  }
}

void Http2Connection::send_soon(Engine* engine) noexcept {
  if (engine == nullptr || !engine->is_shared()) return flush();
  if (std::exchange(flush_posted_, true)) return;
  engine->post(*new FlushJob(shared_from_this()));
}

// Telling.

void Http2Connection::tell(ParkingPlace& place) noexcept {
  // One that is about to wait, or looks anyway, sees that it was told.
  if (std::exchange(place.is_told_, true) || place.wait_ == nullptr || &place == looking_) return;
  place.engine_->post(*new WakeJob(shared_from_this(), place, *place.engine_));
}

void Http2Connection::tell(DriverRole::Member* member) noexcept {
  if (member != nullptr) tell(static_cast<StreamSide&>(*member));
}

void Http2Connection::tell_changed() noexcept {
  while (Http2Mailbox* mailbox = session_.next_changed()) {
    auto& stream = static_cast<Http2Stream&>(*mailbox);
    for (StreamSide* const side : {&stream.reader_, &stream.writer_}) {
      if (!side->is_waiting() || !side->has_news()) continue;
      tell(*side);
      // A thread that is about to go on is not to be asked to drive; if it drives it hands on when it goes.
      if (side->place() == DriverRole::Place::thread && side != role_.driver()) tell(role_.leave(*side));
    }
  }
}

void Http2Connection::nudge_driver() noexcept {
  tell(role_.driver());
  if (role_.is_pumped()) tell(*pump_place_);
}

DriverRole::Duty Http2Connection::join(StreamSide& side, Engine& engine) {
  side.is_told_ = false;
  return role_.enter(side, engine.is_shared() ? DriverRole::Place::loop : DriverRole::Place::thread);
}

void Http2Connection::leave(StreamSide& side) noexcept {
  tell(role_.leave(side));
  if (role_.is_pumped() && !role_.needs_pump()) tell(*pump_place_);
}

// The pump.

void Http2Connection::start_pump(Engine& engine) {
  try {
    Task<void> reading = pump(shared_from_this(), engine);
    if (engine.runs_here()) {
      start_detached(std::move(reading));
    } else {
      spawn_detached(engine, std::move(reading));
    }
  } catch (const std::bad_alloc&) {
    const std::lock_guard lock(mutex_);
    tell(role_.pump_ended());
    throw;
  }
}

Task<void> Http2Connection::pump(std::shared_ptr<Http2Connection> self, Engine& engine) {
  for (;;) {
    Interest interest = Interest::read;
    {
      const std::lock_guard lock(self->mutex_);
      self->pump_place_->is_told_ = false;
      if (self->pump_place_->has_news()) break;
      interest = self->interest();
    }
    Http2Wait wait(engine, WaitTerms(), self, *self->pump_place_, interest);
    const WaitResult result = co_await wait;
    if (result == WaitResult::canceled) break;
  }
  const std::lock_guard lock(self->mutex_);
  self->tell(self->role_.pump_ended());
}

// Health.

bool Http2Connection::look(Engine& engine) noexcept {
  const Access access(*this);
  if (role_.is_vacant() && adopt(engine)) {
    try {
      stream_->socket().allow_one_read();
      (void)read(engine);
    } catch (const std::bad_alloc&) {
      return false;
    }
    flush();
  }
  check_health(engine.now());
  return session_.takes_streams();
}

bool Http2Connection::is_unattended() const noexcept {
  const std::lock_guard lock(mutex_);
  return role_.is_vacant();
}

void Http2Connection::check_health(TimePoint now) noexcept {
  if (pong_due_ == kNever) return;
  if (session_.pongs() >= pong_wanted_) {
    pong_due_ = kNever;
  } else if (now >= pong_due_) {
    session_.fail(Error(Errc::connection_closed, Blame::network,
                        "HTTP/2 with " + peer_ + ": the peer answers neither a request nor a PING"));
    tell_changed();
  }
}

void Http2Connection::ping_after_timeout(TimePoint now) noexcept {
  const Access access(*this);
  if (pong_due_ != kNever || session_.failure()) return;
  session_.ping();
  pong_wanted_ = ++pings_;
  pong_due_ = now + kPongPatience;
  flush();
}

void Http2Connection::start_pings(Engine& loop) {
  if (options_.ping_interval <= Duration::zero()) return;
  spawn_detached(loop, keep_pinging(weak_from_this(), loop, options_.ping_interval));
}

Task<void> Http2Connection::keep_pinging(std::weak_ptr<Http2Connection> weak, Engine& engine, Duration interval) {
  std::uint64_t wanted = 0;
  for (;;) {
    const WaitTerms terms(nullptr, engine.now() + interval);
    Sleep until_next(engine, terms);
    const WaitResult why = co_await until_next;
    const std::shared_ptr<Http2Connection> self = weak.lock();
    if (why == WaitResult::canceled || self == nullptr) co_return;
    // Nobody may have read since: the answer may lie in the socket.
    (void)self->look(engine);
    const Access access(*self);
    if (self->session_.failure()) co_return;
    if (self->session_.pongs() < wanted) {
      self->session_.fail(Error(Errc::connection_closed, Blame::network,
                                "HTTP/2 with " + self->peer_ + ": the peer did not answer a PING in time"));
      self->tell_changed();
      co_return;
    }
    self->session_.ping();
    wanted = ++self->pings_;
    self->flush();
  }
}

// Waiting.

bool Http2Wait::await_ready() noexcept {
  // One that follows looked before it came here, and looks once more when it parks.
  if (socket() == nullptr) return false;
  // A coroutine that user code resumed on a foreign thread has to go home first.
  if (!waiting_on_.runs_here()) return false;
  if (cancellation() != nullptr && cancellation()->requested()) return false;
  return attempt();
}

bool Http2Wait::await_suspend(std::coroutine_handle<> waiter) noexcept {
  {
    const std::lock_guard lock(connection_->mutex_);
    place_.wait_ = this;
    place_.engine_ = &waiting_on_;
    is_registered_ = true;
    // One that was canceled before it could look is parked all the same, and for that the socket has to be here.
    if (socket() != nullptr && waiting_on_.runs_here()) (void)connection_->adopt(waiting_on_);
    const bool is_urgent = place_.has_news() || place_.is_told_;
    if (is_urgent && waiting_on_.runs_here()) return false;
  }
  suspend(waiting_on_, waiter);
  return true;
}

WaitResult Http2Wait::await_resume() noexcept {
  leave();
  return result();
}

bool Http2Wait::attempt() noexcept {
  if (socket() != nullptr) connection_->drive(waiting_on_, place_);
  return connection_->has_news(place_, *this);
}

void Http2Wait::leave() noexcept {
  if (!std::exchange(is_registered_, false)) return;
  const std::lock_guard lock(connection_->mutex_);
  if (place_.wait_ != this) return;
  place_.wait_ = nullptr;
  place_.engine_ = nullptr;
}

}  // namespace okhttp::internal

#include "connection/exchange.hpp"

#include <okhttp/event_listener.hpp>

#include <array>
#include <optional>
#include <utility>

#include "connection/counting_sink.hpp"
#include "runtime/call_context.hpp"
#include "runtime/hop.hpp"
#include "runtime/loop_provider.hpp"
#include "runtime/spawn.hpp"

namespace okhttp::internal {
namespace {

/// A body that nobody wants any more is read on for its connection's sake, within these bounds.
constexpr std::size_t kMaxDrain = std::size_t{64} * 1024;
constexpr Duration kMaxDrainTime = std::chrono::milliseconds(100);

}  // namespace

/// The response body of an exchange, which it keeps alive.
class Exchange::Body final : public BodySource {
 public:
  explicit Body(std::shared_ptr<Exchange> exchange) noexcept : exchange_(std::move(exchange)) {}
  ~Body() override {
    if (exchange_ != nullptr) exchange_->abandon_response();
  }

  Task<std::size_t> read_some(std::span<std::byte> into) override { return exchange_->read_body(into); }
  [[nodiscard]] bool is_at_end() const noexcept override { return exchange_->response_complete_; }
  void abandon_to(std::unique_ptr<BodyRest> rest) noexcept override {
    std::exchange(exchange_, nullptr)->abandon_response(std::move(rest));
  }
  [[nodiscard]] Headers trailers() const override { return exchange_->trailers_; }

 private:
  std::shared_ptr<Exchange> exchange_;
};

Exchange::Exchange(std::shared_ptr<Transmission> transmission, std::shared_ptr<Connection> connection,
                   ExchangeCodecPtr codec) noexcept
    : transmission_(std::move(transmission)),
      context_(&transmission_->context()),
      connection_(std::move(connection)),
      codec_(std::move(codec)),
      info_(connection_->shared_info()) {}

Exchange::~Exchange() {
  // Dropped before its response was opened: an exception of somebody else's between two steps.
  if (connection_ != nullptr) fail(Error(Errc::canceled, Blame::caller, "the exchange was given up"));
}

Request Exchange::on_wire(const Request& request) const { return transmission_->on_wire(request, *connection_); }

void Exchange::write_request_headers(const Request& request) {
  if (listener() != nullptr) {
    request_ = request;
    telling_ = Telling::request_headers;
    listener()->request_headers_start(*context_->call);
  }
  codec_->write_request_headers(request);
}

Task<void> Exchange::write_request_body(const RequestBody& body) {
  tell_request_end();  // of the head, which goes along with the body's first bytes
  if (listener() != nullptr) {
    telling_ = Telling::request_body;
    listener()->request_body_start(*context_->call);
  }
  request_body_begun_ = true;
  CountingSink sink(*codec_, body.content_length(), *context_);
  try {
    if (const auto bytes = body.in_memory(); bytes.has_value()) {
      co_await sink.write(*bytes);
    } else {
      co_await body.write_to(sink);
    }
    sink.check_complete();
  } catch (const Error& error) {
    if (sink.connection_failed()) {
      sending_failed(error);
    } else {
      fail(error, Fault::request_body);
    }
    throw;
  } catch (...) {
    // The caller's own exception is thrown as it is; on the wire the request is broken off.
    fail(Error(Errc::canceled, Blame::caller, "the request body threw an exception"), Fault::request_body);
    throw;
  }
  request_body_bytes_ = sink.written();
}

Task<void> Exchange::start_duplex_request(RequestBodyPtr body) {
  co_await flush_request();
  // Whoever offers the body to a connection of one direction at a time has nobody to blame but itself.
  duplex_ = DuplexRequest::start(*codec_, std::move(body), *context_);
  if (duplex_ == nullptr) {
    const Error error(
        Errc::protocol_error, Blame::caller,
        "a duplex request body needs HTTP/2, and the server speaks " + std::string(to_string(info_->protocol())));
    fail(error, Fault::request_body);
    throw error;
  }
  request_body_begun_ = true;
  if (listener() == nullptr) co_return;
  telling_ = Telling::request_body;
  listener()->request_body_start(*context_->call);
}

void Exchange::tell_duplex_end() {
  if (duplex_ == nullptr || telling_ != Telling::request_body || !duplex_->is_complete()) return;
  request_body_bytes_ = duplex_->written();
  tell_request_end();
}

void Exchange::reading_failed(const Error& error) {
  const std::exception_ptr failure_of_body = duplex_ != nullptr ? duplex_->failure_of_body() : nullptr;
  fail(error, failure_of_body != nullptr ? Fault::request_body : Fault::exchange);
  if (failure_of_body != nullptr) std::rethrow_exception(failure_of_body);
}

Task<void> Exchange::flush_request() {
  try {
    co_await codec_->flush_request();
  } catch (const Error& error) {
    sending_failed(error);
    throw;
  }
  tell_request_end();
}

Task<void> Exchange::finish_request() {
  try {
    co_await codec_->finish_request();
  } catch (const Error& error) {
    sending_failed(error);
    throw;
  }
  tell_request_end();
}

void Exchange::cut_request_short() noexcept {
  if (!connection_->is_multiplexed()) connection_->retire();
}

Task<ResponseHead> Exchange::read_response_head() {
  if (!std::exchange(response_open_, true) && listener() != nullptr) {
    listener()->response_headers_start(*context_->call);
  }
  try {
    for (;;) {
      ResponseHead head = co_await codec_->read_response_head();
      tell_duplex_end();
      if (!head.is_informational()) co_return head;
      if (listener() != nullptr) listener()->informational(*context_->call, head.code, head.headers);
      if (head.code == 100) co_return head;
      context_->check();  // the next one may be here already
    }
  } catch (const Error& error) {
    if (!send_failure_.has_value()) {
      reading_failed(error);
      throw;
    }
  }
  // The peer had nothing to say: what counts is why the request could not be sent.
  fail(*send_failure_);
  throw *send_failure_;
}

void Exchange::response_headers_read(const Response::Builder& response) {
  response_open_ = false;
  // A conversation lasts for as long as it lasts.
  if (duplex_ != nullptr) context_->deadline = kNever;
  if (listener() != nullptr) listener()->response_headers_end(*context_->call, response.build());
}

void Exchange::refuse_response(const Error& error) { fail(error); }

ResponseBody Exchange::open_response_body(const ResponseHead& head) {
  const std::optional<std::uint64_t> length = codec_->response_length();
  if (codec_->is_response_complete()) complete_response();
  return ResponseBody::create(std::make_unique<Body>(shared_from_this()), head.headers, length);
}

Task<std::size_t> Exchange::read_body(Bytes into) {
  if (response_complete_) co_return 0;
  if (connection_ == nullptr)
    throw Error(Errc::connection_closed, Blame::caller, "the response body has failed before");
  if (Engine::current() == nullptr) {
    // A coroutine on some executor of the caller's: it goes on on the client's loop.
    const std::shared_ptr<Loop> loop = context_->loops->get();
    co_await Hop(*loop);
  }
  context_->follow_current_engine();
  if (!std::exchange(body_started_, true)) {
    response_open_ = true;
    if (listener() != nullptr) listener()->response_body_start(*context_->call);
  }
  std::size_t count = 0;
  try {
    context_->check();
    count = co_await codec_->read_response_body(into);
  } catch (const Error& error) {
    reading_failed(error);
    throw;
  }
  tell_duplex_end();
  body_bytes_ += count;
  if (codec_->is_response_complete()) complete_response();
  co_return count;
}

void Exchange::complete_response() {
  response_complete_ = true;
  response_open_ = false;
  trailers_ = codec_->trailers();
  if (duplex_ != nullptr) {
    // The call ends with its response, and so does what is told of it.
    request_body_bytes_ = duplex_->written();
    if (telling_ == Telling::request_body) tell_request_end();
    std::exchange(duplex_, nullptr)->go_on_alone(std::move(codec_));
  }
  codec_.reset();
  if (listener() != nullptr) {
    if (!std::exchange(body_started_, true)) listener()->response_body_start(*context_->call);
    listener()->response_body_end(*context_->call, body_bytes_);
  }
  transmission_->exchange_completed(std::move(connection_));
}

void Exchange::tell_request_end() {
  const Telling ended = std::exchange(telling_, Telling::nothing);
  if (ended == Telling::request_headers) listener()->request_headers_end(*context_->call, *request_);
  if (ended == Telling::request_body) listener()->request_body_end(*context_->call, request_body_bytes_);
}

void Exchange::stop_duplex_request(const Error& why) {
  if (duplex_ == nullptr) return;
  tell_duplex_end();
  tell_request_failed(why);
  std::exchange(duplex_, nullptr)->stop();
}

void Exchange::tell_request_failed(const Error& error) {
  if (std::exchange(telling_, Telling::nothing) != Telling::nothing) listener()->request_failed(*context_->call, error);
}

void Exchange::sending_failed(const Error& error) {
  // Only a peer that saw something of the request can have answered it.
  const bool is_broken_off = error.errc() == Errc::connection_closed || error.errc() == Errc::stream_reset;
  if (!is_broken_off || !codec_->may_have_reached_peer()) return fail(error);
  send_failure_ = error;
  if (!codec_->connection_survives()) connection_->retire();
  tell_request_failed(error);
}

void Exchange::fail(const Error& error, Fault fault) {
  if (connection_ == nullptr) return;
  stop_duplex_request(error);
  tell_request_failed(error);
  if (std::exchange(response_open_, false) && listener() != nullptr)
    listener()->response_failed(*context_->call, error);
  FailedExchange failed(error);
  failed.may_have_reached_peer = codec_->may_have_reached_peer();
  failed.was_refused = codec_->was_refused();
  failed.request_body_begun = request_body_begun_;
  failed.request_body_failed = fault == Fault::request_body;
  failed.connection_survives = codec_->connection_survives();
  codec_.reset();
  transmission_->exchange_failed(std::move(connection_), failed);
}

/// Takes what is at hand; true when the response is complete with that, or no more of it is needed.
bool Exchange::clear_response(BodyRest* rest) {
  if (rest == nullptr) {
    const DiscardedBody discarded = codec_->discard_response_body(kMaxDrain);
    body_bytes_ += discarded.bytes;
    return discarded.is_complete;
  }
  std::string arrived;
  const DiscardedBody taken = codec_->take_response_body(kMaxDrain, arrived);
  body_bytes_ += taken.bytes;
  rest->take(std::as_bytes(std::span<const char>(arrived)));
  if (taken.is_complete) rest->complete();
  return taken.is_complete;
}

/// Nobody needs the rest. A connection of many exchanges goes on without it.
void Exchange::leave_incomplete() noexcept {
  if (!connection_->is_multiplexed()) connection_->retire();
  complete_response();
}

void Exchange::abandon_response(std::unique_ptr<BodyRest> rest) noexcept {
  if (connection_ == nullptr) {
    if (rest != nullptr && response_complete_) rest->complete();
    return;
  }
  if (context_->loops->is_inherited()) return leave_to_parent(shared_from_this());
  try {
    // The thread that drops a body may be any, and the engine that read it before may be gone.
    if (!context_->runs_here()) context_->detach();
    stop_duplex_request(Error(Errc::canceled, Blame::caller, "the response was dropped"));
    if (clear_response(rest.get())) return complete_response();
    std::shared_ptr<Loop> loop = context_->loops->peek();
    // While the call goes on, its next exchange cannot wait for this one.
    const bool may_drain = transmission_->is_last_exchange() && !connection_->no_new_exchanges();
    if (loop != nullptr && may_drain && !context_->cancellation->requested()) {
      Engine& engine = *loop;
      return spawn_detached(engine, drain(shared_from_this(), std::move(loop), std::move(rest)));
    }
  } catch (const std::exception&) {
    // Without memory or a thread the connection is closed, which is what follows.
  }
  rest.reset();  // what was not complete is forgotten before the call ends
  leave_incomplete();
}

Task<void> Exchange::drain(std::shared_ptr<Exchange> exchange, std::shared_ptr<Loop> loop,
                           std::unique_ptr<BodyRest> rest) {
  CallContext& context = *exchange->context_;
  context.attach(*loop);
  context.deadline = deadline_after(loop->now(), kMaxDrainTime);
  context.whole = nullptr;  // which has its response
  std::array<std::byte, 4096> waste;
  std::size_t drained = 0;
  bool is_complete = false;
  try {
    while (!is_complete && drained < kMaxDrain) {
      const std::size_t count = co_await exchange->codec_->read_response_body(waste);
      drained += count;
      if (rest != nullptr) rest->take(std::span<const std::byte>(waste).first(count));
      is_complete = exchange->codec_->is_response_complete();
    }
  } catch (const std::exception&) {
    is_complete = false;  // too slow, or broken off: the connection is of no use
  }
  exchange->body_bytes_ += drained;
  if (!is_complete) {
    rest.reset();
    exchange->leave_incomplete();
    co_return;
  }
  if (rest != nullptr) rest->complete();
  exchange->complete_response();
}

}  // namespace okhttp::internal

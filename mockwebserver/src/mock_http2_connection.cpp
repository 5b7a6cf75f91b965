#include "mock_http2_connection.hpp"

#include <algorithm>
#include <exception>
#include <utility>

#include "mock_http2_exchange.hpp"

namespace okhttp::internal {
namespace {

// So much is gathered for one write.
constexpr std::size_t kBatch = std::size_t{64} * 1024;

}  // namespace

MockHttp2Connection::MockHttp2Connection(MockServerCore& core, Peer& peer)
    : core_(core), peer_(peer), options_(core.http2_options()), session_(*this) {
  core_.add(*this);
}

MockHttp2Connection::~MockHttp2Connection() { core_.remove(*this); }

Task<void> MockHttp2Connection::serve() {
  session_.send_settings(options_.settings);
  run_writer();
  try {
    co_await read();
    set_reason("the client closed the connection");
  } catch (const std::exception& failure) {
    set_reason(failure.what());
  }
  co_await finish();
}

Task<void> MockHttp2Connection::read() {
  for (;;) {
    peer_.is_idle = served_.empty();
    const bool has_more = co_await peer_.fill();
    if (!has_more) break;
    const bool is_understood = session_.feed(peer_.buffered());
    peer_.consume(peer_.buffered().size());
    start_streams();
    wake_writer();
    if (!is_understood) {
      peer_.set_ending(Peer::Ending::lingering);
      throw PeerGone("the client did not speak HTTP/2");
    }
  }
  peer_.is_idle = false;
  // Nothing more can come because the script closed this side: what has come is answered.
  while (is_input_closed_ && !served_.empty()) {
    const WaitResult result = co_await ended_.wait(peer_.engine(), peer_.terms());
    if (result == WaitResult::canceled) throw PeerGone("the server was closed");
  }
}

Task<void> MockHttp2Connection::finish() {
  peer_.is_idle = false;
  start_streams();
  for (const auto& stream : served_) stream->cancel(why_);
  is_ending_ = true;
  wake_writer();
  while (is_writing_ || !served_.empty()) {
    // Without terms: all that runs is told to end, and does.
    [[maybe_unused]] const WaitResult result = co_await ended_.wait(peer_.engine(), WaitTerms());
  }
}

DetachedConnection MockHttp2Connection::run_writer() {
  is_writing_ = true;
  try {
    co_await write();
  } catch (const std::exception& failure) {
    // The client is gone, or the script cut the connection: the reader has to end as well.
    set_reason(failure.what());
    peer_.cancel();
  }
  is_writing_ = false;
  for (const auto& flushed : std::exchange(flushes_, {})) flushed->set();
  ended_.ring();
}

Task<void> MockHttp2Connection::write() {
  std::string out;
  for (;;) {
    out.clear();
    session_.take_output(out, kBatch);
    start_streams();  // a stream that nghttp2 reset, for a malformed head, was closed by that
    out += std::exchange(raw_, {});
    if (!out.empty()) {
      co_await peer_.write(out);
      continue;
    }
    for (const auto& flushed : std::exchange(flushes_, {})) flushed->set();
    if (is_ending_) co_return;
    if (session_.is_over()) end_output();
    const WaitResult result = co_await to_write_.wait(peer_.engine(), peer_.terms());
    if (result == WaitResult::canceled) throw PeerGone("the server was closed");
  }
}

void MockHttp2Connection::end_output() {
  if (served_.empty()) {
    // After GOAWAY and the last stream. What the client still sends is read, so that the close is no reset.
    if (!std::exchange(is_output_over_, true)) peer_.stream().shut_down_write();
  } else if (!streams_.empty()) {
    // The session is over before its streams are: the client broke the protocol, and GOAWAY has told it.
    for (const auto& stream : served_) stream->cancel("the client broke the protocol");
  }
}

void MockHttp2Connection::set_reason(std::string_view why) {
  if (why_.empty()) why_ = why;
}

Task<void> MockHttp2Connection::flush(WaitTerms terms) {
  auto flushed = std::make_shared<Signal>();
  flushes_.push_back(flushed);
  wake_writer();
  Signal::Awaiter done(std::move(flushed), peer_.engine(), terms);
  // However it ended: the stream knows whether it goes on.
  [[maybe_unused]] const WaitResult result = co_await done;
}

void MockHttp2Connection::write_raw(std::string_view bytes) {
  raw_ += bytes;
  wake_writer();
}

bool MockHttp2Connection::end(SocketEffect effect) {
  const bool goes_on = peer_.apply_now(effect);
  if (!goes_on) {
    set_reason("the script ended the connection");
    peer_.cancel();
  } else if (effect.side() == CloseSide::in) {
    is_input_closed_ = true;
  }
  return goes_on;
}

void MockHttp2Connection::set_options(const MockHttp2Options& options, bool announces) {
  options_ = options;
  if (announces) session_.send_settings(options_.settings);
  if (!options_.holds_windows) {
    for (const auto& [id, stream] : streams_) stream->return_held();
    if (held_ > 0) session_.return_connection_window(std::exchange(held_, 0));
  }
  wake_writer();
}

DetachedConnection MockHttp2Connection::run_stream(std::shared_ptr<MockHttp2Stream> stream) {
  {
    MockHttp2Exchange exchange(core_, peer_, *stream);
    co_await exchange.serve();
  }
  stream->finish();
  std::erase(served_, stream);
  peer_.is_idle = served_.empty() && !is_ending_;
  wake_writer();
  ended_.ring();
}

void MockHttp2Connection::start_streams() {
  for (auto& stream : std::exchange(begun_, {})) {
    served_.push_back(stream);
    run_stream(std::move(stream));
  }
}

MockHttp2Stream* MockHttp2Connection::find(std::int32_t stream) noexcept {
  const auto found = streams_.find(stream);
  return found == streams_.end() ? nullptr : found->second.get();
}

void MockHttp2Connection::on_request(std::int32_t stream) {
  streams_.emplace(stream, std::make_shared<MockHttp2Stream>(*this, stream));
}

void MockHttp2Connection::on_field(std::int32_t stream, std::string_view name, std::string_view value) {
  if (MockHttp2Stream* const found = find(stream)) found->receive_field(name, value);
}

void MockHttp2Connection::on_head_end(std::int32_t stream) {
  const auto found = streams_.find(stream);
  if (found == streams_.end()) return;
  found->second->receive_head_end();
  if (found->second->begins()) begun_.push_back(found->second);
}

void MockHttp2Connection::on_data(std::int32_t stream, std::string_view bytes) {
  if (MockHttp2Stream* const found = find(stream)) {
    found->receive(bytes);
  } else {
    session_.return_connection_window(bytes.size());
  }
}

void MockHttp2Connection::on_request_end(std::int32_t stream) {
  if (MockHttp2Stream* const found = find(stream)) found->receive_end();
}

void MockHttp2Connection::on_closed(std::int32_t stream, Http2ErrorCode code) {
  const auto found = streams_.find(stream);
  if (found == streams_.end()) return;
  found->second->close(code);
  // A request with a malformed head is recorded too.
  if (found->second->begins()) begun_.push_back(found->second);
  streams_.erase(found);
}

void MockHttp2Connection::on_ping(const std::uint8_t* opaque_data) {
  if (!options_.ignores_pings) session_.send_ping_ack(opaque_data);
}

void MockHttp2Connection::on_frame(RecordedFrame frame) {
  frame.connection_index = peer_.index();
  core_.record(std::move(frame));
}

}  // namespace okhttp::internal

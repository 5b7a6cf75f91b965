#include "http1_connection.hpp"

#include <algorithm>
#include <utility>

#include "codec/http1/chunked_decoder.hpp"
#include "codec/http1/head_parser.hpp"
#include "http1_response.hpp"
#include "peer_socket.hpp"

namespace okhttp::internal {
namespace {

bool expects_continue(const Headers& headers) noexcept {
  const std::optional<std::string_view> expect = headers.get("Expect");
  return expect.has_value() && equals_ignore_case(*expect, "100-continue");
}

}  // namespace

Task<Http1Connection::Outcome> Http1Connection::serve() {
  for (;;) {
    const bool has_request = co_await await_request();
    if (!has_request) co_return Outcome::finished;
    Next next = Next::close;
    try {
      next = co_await serve_exchange();
    } catch (const std::exception& failure) {
      abandon_exchange(failure.what());
      throw;
    }
    if (next == Next::close) co_return Outcome::finished;
    if (next == Next::tunnel) co_return Outcome::tunnel;
  }
}

Task<bool> Http1Connection::await_request() {
  if (!peer_.buffered().empty()) co_return true;
  peer_.is_idle = true;
  const bool has_more = co_await peer_.fill();
  peer_.is_idle = false;
  co_return has_more;
}

Task<Http1Connection::Next> Http1Connection::serve_exchange() {
  const bool has_begun = co_await begin_exchange();
  if (!has_begun) co_return Next::close;
  const bool has_head = co_await read_head();
  if (!has_head) co_return Next::close;
  if (foreseen() == nullptr) reserved_ = core_.reserve();
  if (foreseen() == nullptr || !foreseen()->answer_before_body) {
    const bool has_body = co_await read_body();
    if (!has_body) co_return Next::close;
  }
  const RecordedRequest request = record({});
  std::optional<Reservation> reserved = std::exchange(reserved_, std::nullopt);
  const MockResponse response = co_await core_.response_for(peer_, request, std::move(reserved));
  co_return co_await answer(response);
}

Task<bool> Http1Connection::begin_exchange() {
  request_ = RecordedRequest::Data();
  request_.connection_index = peer_.index();
  request_.exchange_index = peer_.next_exchange();
  request_.handshake = peer_.handshake();
  request_.server_name = peer_.server_name();
  request_.session_resumed = peer_.is_resumed();
  is_recorded_ = false;
  has_read_body_ = false;
  pace_left_ = 0;
  reserved_ = std::exchange(peer_.reserved, std::nullopt);
  if (reserved_.has_value()) co_return true;  // its start was seen to when the connection was accepted
  reserved_ = core_.reserve();
  if (foreseen() == nullptr || !foreseen()->on_request_start.has_value()) co_return true;
  co_return co_await apply_to_request(*foreseen()->on_request_start, "start");
}

Task<bool> Http1Connection::apply_to_request(SocketEffect effect, std::string where) {
  if (effect.kind() == SocketEffect::Kind::close && effect.side() != CloseSide::both) {
    co_return co_await peer_.apply(effect);
  }
  // The exchange ends here, so its response is used up.
  record("the script ended the connection at the request's " + where);
  reserved_.reset();
  co_return co_await peer_.apply(effect);
}

Task<bool> Http1Connection::read_head() {
  RequestHeadParser parser;
  for (;;) {
    ParseResult result = parser.parse(peer_.buffered());
    peer_.consume(result.consumed);
    if (result.is_error()) {
      co_await refuse(std::move(result.error.message));
      co_return false;
    }
    if (result.is_complete()) break;
    const bool has_more = co_await peer_.fill();
    if (!has_more) throw PeerGone("the client closed the connection within a request's head");
  }
  const RequestLine line = parser.request_line();
  request_.method = line.method;
  request_.target = line.target;
  request_.protocol = line.protocol;
  request_.headers = parser.take_headers();
  request_.url = requested_url();
  framing_ = request_framing(request_.headers, request_.protocol);
  if (!framing_.ok()) {
    co_await refuse(framing_.error.message);
    co_return false;
  }
  // What belongs into TLS must not be answered without it.
  if (core_.has_tls() && !peer_.handshake().has_value() && request_.method != "CONNECT") {
    co_await refuse("a request in clear text to a server that has TLS");
    co_return false;
  }
  co_return true;
}

Task<void> Http1Connection::refuse(std::string failure) {
  abandon_exchange(failure);
  peer_.set_ending(Peer::Ending::lingering);
  co_await peer_.write("HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
}

Task<bool> Http1Connection::read_body() {
  co_await send_continue();
  bool goes_on = true;
  if (framing_.kind == BodyFraming::Kind::length) {
    goes_on = co_await read_sized_body(framing_.length);
  } else if (framing_.kind == BodyFraming::Kind::chunked) {
    goes_on = co_await read_chunked_body();
  }
  has_read_body_ = goes_on;
  co_return goes_on;
}

Task<void> Http1Connection::send_continue() {
  const ContinueRule rule = foreseen() != nullptr ? foreseen()->continue_rule : ContinueRule::when_expected;
  const bool is_expected = expects_continue(request_.headers);
  if (rule == ContinueRule::always || (rule == ContinueRule::when_expected && is_expected)) {
    co_await peer_.write("HTTP/1.1 100 Continue\r\n\r\n");
  }
}

Task<bool> Http1Connection::read_sized_body(std::uint64_t length) {
  std::optional<SocketEffect> effect;
  if (length > 0 && foreseen() != nullptr) effect = foreseen()->on_request_body;
  while (request_.body_size < length || effect.has_value()) {
    std::uint64_t wanted = length - request_.body_size;
    if (effect.has_value()) wanted = length / 2 - request_.body_size;
    if (wanted == 0) {
      const bool goes_on = co_await apply_to_request(*std::exchange(effect, std::nullopt), "body");
      if (!goes_on) co_return false;
      continue;
    }
    if (peer_.buffered().empty()) {
      const bool has_more = co_await peer_.fill();
      if (!has_more) throw PeerGone("the client closed the connection within a request's body");
    }
    wanted = std::min({wanted, std::uint64_t{peer_.buffered().size()}, readable_at_once()});
    const auto count = static_cast<std::size_t>(wanted);
    store(peer_.buffered().substr(0, count));
    peer_.consume(count);
    co_await keep_pace(count);
  }
  co_return true;
}

Task<bool> Http1Connection::read_chunked_body() {
  ChunkedDecoder decoder;
  std::uint64_t left_in_chunk = 0;
  std::optional<SocketEffect> effect;
  if (foreseen() != nullptr) effect = foreseen()->on_request_body;
  bool shows_all = false;  // a trailer line is decoded in one piece, whatever the pace
  for (;;) {
    const std::string_view buffered = peer_.buffered();
    const std::uint64_t shown = shows_all ? buffered.size() : readable_at_once();
    const std::string_view visible =
        buffered.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(buffered.size(), shown)));
    const bool hides_some = visible.size() < buffered.size();
    ChunkedDecoder::Step step = decoder.decode(as_bytes(visible));
    if (step.state == ChunkedDecoder::Step::State::error) {
      co_await refuse(std::move(step.error.message));
      co_return false;
    }
    if (step.state == ChunkedDecoder::Step::State::data) {
      if (left_in_chunk == 0) request_.chunk_sizes.push_back(step.data.size() + decoder.bytes_left_in_chunk());
      left_in_chunk = decoder.bytes_left_in_chunk();
      store(as_text(step.data));
    }
    peer_.consume(step.consumed);
    if (step.state == ChunkedDecoder::Step::State::done) break;
    co_await keep_pace(step.consumed);
    if (effect.has_value() && request_.body_size > 0) {
      const bool goes_on = co_await apply_to_request(*std::exchange(effect, std::nullopt), "body");
      if (!goes_on) co_return false;
    }
    shows_all = hides_some && step.consumed == 0;
    if (hides_some || step.state != ChunkedDecoder::Step::State::need_more) continue;
    const bool has_more = co_await peer_.fill();
    if (!has_more) throw PeerGone("the client closed the connection within a request's body");
  }
  request_.trailers = decoder.take_trailers();
  co_return true;
}

std::uint64_t Http1Connection::readable_at_once() const noexcept {
  if (foreseen() == nullptr || !foreseen()->request_throttle.is_set()) return UINT64_MAX;
  return pace_left_ > 0 ? pace_left_ : foreseen()->request_throttle.bytes;
}

Task<void> Http1Connection::keep_pace(std::uint64_t read) {
  if (foreseen() == nullptr || !foreseen()->request_throttle.is_set()) co_return;
  const std::uint64_t allowed = readable_at_once();
  pace_left_ = allowed - std::min(allowed, read);
  if (pace_left_ == 0) co_await peer_.sleep(foreseen()->request_throttle.period);
}

Task<Http1Connection::Next> Http1Connection::answer(const MockResponse& response) {
  const ResponseScript& script = response.script();
  if (script.on_response_start.has_value()) {
    const bool goes_on = co_await peer_.apply(*script.on_response_start);
    if (!goes_on) co_return Next::close;
  }
  const bool goes_on = co_await send_http1_response(peer_, script, request_.method);
  if (!goes_on) co_return Next::close;
  if (script.on_response_end.has_value()) {
    const bool stays_open = co_await peer_.apply(*script.on_response_end);
    if (!stays_open) co_return Next::close;
  }
  if (script.upgrade != nullptr) {
    PeerSocket socket(peer_);
    co_await script.upgrade(socket);
    co_return Next::close;
  }
  if (script.in_tunnel && request_.method == "CONNECT" && script.code / 100 == 2) co_return Next::tunnel;
  if (persists_after(script)) co_return Next::exchange;
  if (!has_read_body_) peer_.set_ending(Peer::Ending::lingering);
  co_return Next::close;
}

bool Http1Connection::persists_after(const ResponseScript& script) const {
  if (!has_read_body_ || !framing_.reusable) return false;
  if (!connection_persists(request_.protocol, request_.headers)) return false;
  if (script.is_raw) return true;
  const Headers headers = script.headers.build();
  if (has_connection_option(headers, "close")) return false;
  const BodyFraming framing = response_framing(request_.method, script.code, headers, Protocol::http_1_1);
  return !framing.ok() || framing.kind != BodyFraming::Kind::until_close;
}

const ResponseScript* Http1Connection::foreseen() const noexcept {
  return reserved_.has_value() ? &reserved_->response.script() : nullptr;
}

void Http1Connection::store(std::string_view body) {
  const std::uint64_t limit = core_.body_limit();
  if (request_.body.size() < limit) {
    request_.body +=
        body.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(body.size(), limit - request_.body.size())));
  }
  request_.body_size += body.size();
}

std::optional<Url> Http1Connection::requested_url() const {
  const std::string& target = request_.target;
  if (!target.starts_with('/')) return Url::try_parse(target);
  const std::string scheme = peer_.handshake().has_value() ? "https://" : "http://";
  const std::optional<std::string_view> host = request_.headers.get("Host");
  const std::string authority =
      host.has_value() ? std::string(*host) : peer_.stream().socket().local_endpoint().to_string();
  return Url::try_parse(scheme + authority + target);
}

RecordedRequest Http1Connection::record(std::string failure) {
  is_recorded_ = true;
  RecordedRequest::Data data = request_;
  data.failure = std::move(failure);
  RecordedRequest recorded(std::move(data));
  core_.record(recorded);
  return recorded;
}

void Http1Connection::abandon_exchange(const std::string& failure) {
  if (!is_recorded_) record(failure);
  if (reserved_.has_value()) core_.put_back(std::move(*std::exchange(reserved_, std::nullopt)));
}

}  // namespace okhttp::internal

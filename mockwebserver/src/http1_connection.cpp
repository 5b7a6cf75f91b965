#include "http1_connection.hpp"

#include <algorithm>
#include <utility>

#include "codec/http1/chunked_decoder.hpp"
#include "codec/http1/head_parser.hpp"
#include "http1_response.hpp"
#include "peer_socket.hpp"

namespace okhttp::internal {
Task<Http1Connection::Outcome> Http1Connection::serve() {
  for (;;) {
    const bool has_request = co_await await_request();
    if (!has_request) co_return Outcome::finished;
    Next next = Next::close;
    try {
      next = co_await serve_exchange();
    } catch (const std::exception& failure) {
      exchange_.abandon(failure.what());
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
  exchange_.reserve();
  if (exchange_.foreseen() == nullptr || !exchange_.foreseen()->answer_before_body) {
    const bool has_body = co_await read_body();
    if (!has_body) co_return Next::close;
  }
  const RecordedRequest request = exchange_.record({});
  std::optional<Reservation> reserved = exchange_.take_reservation();
  const MockResponse response =
      co_await core_.response_for(peer_.engine(), peer_.terms(), request, std::move(reserved));
  co_return co_await answer(response);
}

Task<bool> Http1Connection::begin_exchange() {
  has_read_body_ = false;
  const std::optional<SocketEffect> effect = exchange_.begin();
  if (!effect.has_value()) co_return true;
  co_return co_await apply_to_request(*effect, "start");
}

Task<bool> Http1Connection::apply_to_request(SocketEffect effect, std::string where) {
  if (effect.kind() == SocketEffect::Kind::close && effect.side() != CloseSide::both) {
    co_return co_await peer_.apply(effect);
  }
  // The exchange ends here, so its response is used up.
  exchange_.record("the script ended the connection at the request's " + where);
  exchange_.drop_reservation();
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
  exchange_.request().method = line.method;
  exchange_.request().target = line.target;
  exchange_.request().protocol = line.protocol;
  exchange_.request().headers = parser.take_headers();
  exchange_.request().url = exchange_.requested_url(peer_.handshake().has_value() ? "https" : "http");
  framing_ = request_framing(exchange_.request().headers, exchange_.request().protocol);
  if (!framing_.ok()) {
    co_await refuse(framing_.error.message);
    co_return false;
  }
  // What belongs into TLS must not be answered without it.
  if (core_.has_tls() && !peer_.handshake().has_value() && exchange_.request().method != "CONNECT") {
    co_await refuse("a request in clear text to a server that has TLS");
    co_return false;
  }
  co_return true;
}

Task<void> Http1Connection::refuse(std::string failure) {
  exchange_.abandon(failure);
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
  if (exchange_.gets_continue()) co_await peer_.write("HTTP/1.1 100 Continue\r\n\r\n");
}

Task<bool> Http1Connection::read_sized_body(std::uint64_t length) {
  std::optional<SocketEffect> effect;
  if (length > 0 && exchange_.foreseen() != nullptr) effect = exchange_.foreseen()->on_request_body;
  while (exchange_.request().body_size < length || effect.has_value()) {
    std::uint64_t wanted = length - exchange_.request().body_size;
    if (effect.has_value()) wanted = length / 2 - exchange_.request().body_size;
    if (wanted == 0) {
      const bool goes_on = co_await apply_to_request(*std::exchange(effect, std::nullopt), "body");
      if (!goes_on) co_return false;
      continue;
    }
    if (peer_.buffered().empty()) {
      const bool has_more = co_await peer_.fill();
      if (!has_more) throw PeerGone("the client closed the connection within a request's body");
    }
    wanted = std::min({wanted, std::uint64_t{peer_.buffered().size()}, exchange_.readable_at_once()});
    const auto count = static_cast<std::size_t>(wanted);
    exchange_.store(peer_.buffered().substr(0, count));
    peer_.consume(count);
    co_await keep_pace(count);
  }
  co_return true;
}

Task<bool> Http1Connection::read_chunked_body() {
  ChunkedDecoder decoder;
  std::uint64_t left_in_chunk = 0;
  std::optional<SocketEffect> effect;
  if (exchange_.foreseen() != nullptr) effect = exchange_.foreseen()->on_request_body;
  bool shows_all = false;  // a trailer line is decoded in one piece, whatever the pace
  for (;;) {
    const std::string_view buffered = peer_.buffered();
    const std::uint64_t shown = shows_all ? buffered.size() : exchange_.readable_at_once();
    const std::string_view visible =
        buffered.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(buffered.size(), shown)));
    const bool hides_some = visible.size() < buffered.size();
    ChunkedDecoder::Step step = decoder.decode(as_bytes(visible));
    if (step.state == ChunkedDecoder::Step::State::error) {
      co_await refuse(std::move(step.error.message));
      co_return false;
    }
    if (step.state == ChunkedDecoder::Step::State::data) {
      if (left_in_chunk == 0)
        exchange_.request().chunk_sizes.push_back(step.data.size() + decoder.bytes_left_in_chunk());
      left_in_chunk = decoder.bytes_left_in_chunk();
      exchange_.store(as_text(step.data));
    }
    peer_.consume(step.consumed);
    if (step.state == ChunkedDecoder::Step::State::done) break;
    co_await keep_pace(step.consumed);
    if (effect.has_value() && exchange_.request().body_size > 0) {
      const bool goes_on = co_await apply_to_request(*std::exchange(effect, std::nullopt), "body");
      if (!goes_on) co_return false;
    }
    shows_all = hides_some && step.consumed == 0;
    if (hides_some || step.state != ChunkedDecoder::Step::State::need_more) continue;
    const bool has_more = co_await peer_.fill();
    if (!has_more) throw PeerGone("the client closed the connection within a request's body");
  }
  exchange_.request().trailers = decoder.take_trailers();
  co_return true;
}

Task<void> Http1Connection::keep_pace(std::uint64_t read) {
  const std::chrono::milliseconds pause = exchange_.pause_after(read);
  co_await peer_.sleep(pause);
}

Task<Http1Connection::Next> Http1Connection::answer(const MockResponse& response) {
  const ResponseScript& script = response.script();
  if (script.duplex != nullptr) {
    const MockResponse refusal(500, "a duplex response needs HTTP/2");
    co_return co_await answer(refusal);
  }
  if (script.on_response_start.has_value()) {
    const bool goes_on = co_await peer_.apply(*script.on_response_start);
    if (!goes_on) co_return Next::close;
  }
  const bool goes_on = co_await send_http1_response(peer_, script, exchange_.request().method);
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
  if (script.in_tunnel && exchange_.request().method == "CONNECT" && script.code / 100 == 2) co_return Next::tunnel;
  if (persists_after(script)) co_return Next::exchange;
  if (!has_read_body_) peer_.set_ending(Peer::Ending::lingering);
  co_return Next::close;
}

bool Http1Connection::persists_after(const ResponseScript& script) const {
  if (!has_read_body_ || !framing_.reusable) return false;
  if (!connection_persists(exchange_.request().protocol, exchange_.request().headers)) return false;
  if (script.is_raw) return true;
  const Headers headers = script.headers.build();
  if (has_connection_option(headers, "close")) return false;
  const BodyFraming framing = response_framing(exchange_.request().method, script.code, headers, Protocol::http_1_1);
  return !framing.ok() || framing.kind != BodyFraming::Kind::until_close;
}

}  // namespace okhttp::internal

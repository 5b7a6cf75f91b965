#include "mock_http2_exchange.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <exception>
#include <optional>
#include <utility>

#include "mock_http2_connection.hpp"
#include "mock_http2_duplex.hpp"
#include "mock_http2_effect.hpp"
#include "mock_http2_response.hpp"
#include "response_script.hpp"

namespace okhttp::internal {
namespace {

std::optional<std::uint64_t> content_length(const Headers& headers) noexcept {
  const std::optional<std::string_view> text = headers.get("Content-Length");
  if (!text.has_value()) return std::nullopt;
  std::uint64_t length = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), length);
  if (error != std::errc() || end != text->data() + text->size()) return std::nullopt;
  return length;
}

}  // namespace

Task<void> MockHttp2Exchange::serve() {
  bool is_ours = false;
  try {
    co_await serve_exchange();
  } catch (const PeerGone& gone) {
    record_.abandon(gone.what());
  } catch (const std::exception& failure) {
    record_.abandon(failure.what());
    is_ours = true;
  }
  if (is_ours) stream_.reset(Http2ErrorCode::internal_error);
}

Task<void> MockHttp2Exchange::serve_exchange() {
  const bool has_begun = co_await begin();
  if (!has_begun) co_return;
  record_.reserve();
  if (record_.foreseen() == nullptr || !record_.foreseen()->answer_before_body) {
    const bool has_body = co_await read_body();
    if (!has_body) co_return;
  }
  const RecordedRequest request = record_.record({});
  std::optional<Reservation> reserved = record_.take_reservation();
  const MockResponse response =
      co_await core_.response_for(stream_.engine(), stream_.terms(), request, std::move(reserved));
  if (response.script().upgrade != nullptr) {
    const MockResponse refusal(500, "an upgrade needs HTTP/1.1");
    co_await answer(refusal, request);
    co_return;
  }
  co_await answer(response, request);
}

Task<bool> MockHttp2Exchange::begin() {
  const std::optional<SocketEffect> effect = record_.begin();
  read_head();
  stream_.check();
  if (!effect.has_value()) co_return true;
  co_return co_await apply_to_request(*effect, "start");
}

void MockHttp2Exchange::read_head() {
  RecordedRequest::Data& request = record_.request();
  Http2RequestHead& head = stream_.head();
  request.stream_id = static_cast<std::uint32_t>(stream_.id());
  request.protocol =
      stream_.connection().peer().handshake().has_value() ? Protocol::http_2 : Protocol::h2_prior_knowledge;
  request.method = head.method;
  // RFC 9113 §8.5: CONNECT has an authority and no path.
  request.target = head.path.empty() ? head.authority : head.path;
  Headers::Builder fields;
  if (!head.authority.empty() && !head.fields.get("Host").has_value()) fields.add_unchecked("Host", head.authority);
  fields.add_all(head.fields.build());
  request.headers = std::move(fields).build();
  request.url = record_.requested_url(head.scheme);
}

Task<bool> MockHttp2Exchange::apply_to_request(SocketEffect effect, std::string where) {
  if (ends_exchange(effect)) {
    record_.record("the script ended the exchange at the request's " + where);
    record_.drop_reservation();
  }
  co_return co_await apply_http2_effect(stream_, effect);
}

Task<bool> MockHttp2Exchange::read_body() {
  if (record_.gets_continue()) stream_.send_informational(100, Headers());
  const std::optional<std::uint64_t> length = content_length(record_.request().headers);
  std::optional<SocketEffect> effect;
  const bool has_body = !stream_.has_request_ended() || !stream_.unread().empty();
  if (has_body && record_.foreseen() != nullptr) effect = record_.foreseen()->on_request_body;
  // Half of the body, or its first piece when its length is unknown.
  const std::uint64_t half = length.has_value() ? *length / 2 : 1;
  for (;;) {
    const std::uint64_t size = record_.request().body_size;
    if (effect.has_value() && size >= half) {
      const bool goes_on = co_await apply_to_request(*std::exchange(effect, std::nullopt), "body");
      if (!goes_on) co_return false;
      continue;
    }
    const bool has_more = co_await stream_.fill();
    if (!has_more) break;
    std::uint64_t wanted = std::min<std::uint64_t>(stream_.unread().size(), record_.readable_at_once());
    if (effect.has_value() && length.has_value()) wanted = std::min(wanted, half - size);
    const auto count = static_cast<std::size_t>(wanted);
    record_.store(stream_.unread().substr(0, count));
    stream_.take(count);
    const std::chrono::milliseconds pause = record_.pause_after(count);
    co_await stream_.sleep(pause);
  }
  record_.request().trailers = stream_.request_trailers();
  co_return true;
}

Task<void> MockHttp2Exchange::answer(const MockResponse& response, const RecordedRequest& request) {
  const ResponseScript& script = response.script();
  if (script.on_response_start.has_value()) {
    const bool goes_on = co_await apply_http2_effect(stream_, *script.on_response_start);
    if (!goes_on) co_return;
  }
  if (script.duplex != nullptr) {
    MockHttp2Duplex duplex(stream_, script, request);
    co_await script.duplex(duplex);
    stream_.check();
    co_await duplex.end();
  } else {
    const bool goes_on = co_await send_http2_response(stream_, script, request.method());
    if (!goes_on) co_return;
  }
  if (script.on_response_end.has_value()) {
    const bool stays_open = co_await apply_http2_effect(stream_, *script.on_response_end);
    if (!stays_open) co_return;
  }
  if (stream_.has_response_ended() && !stream_.has_request_ended()) {
    // RFC 9113 §8.1: after an early answer a server asks the client to stop sending.
    co_await stream_.flush();
    stream_.reset(Http2ErrorCode::no_error);
  }
}

}  // namespace okhttp::internal

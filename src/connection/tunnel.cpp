#include "connection/tunnel.hpp"

#include <okhttp/error.hpp>

#include <algorithm>
#include <utility>

#include "codec/http1/body_framing.hpp"
#include "codec/http1/chunked_decoder.hpp"
#include "codec/http1/head_parser.hpp"
#include "codec/http1/head_writer.hpp"
#include "connection/proxy_credentials.hpp"
#include "http/user_agent.hpp"
#include "route/route_selector.hpp"
#include "runtime/call_context.hpp"
#include "wire/proxy_error.hpp"

namespace okhttp::internal {
namespace {

std::string status_text(const ResponseHead& head) {
  std::string text = std::to_string(head.code);
  if (!head.message.empty()) text += ' ' + head.message;
  return text;
}

/// RFC 9110 §15.2: an interim answer. 101 too: nobody asked for an upgrade, so that it opens nothing.
bool is_interim(int code) noexcept { return code >= 100 && code < 200 && code != 101; }

/// The Proxy-Connection field is no standard, but old proxies obey it.
bool persists(const ResponseHead& head) {
  for (std::size_t at = head.headers.find("Proxy-Connection"); at < head.headers.size();
       at = head.headers.find("Proxy-Connection", at + 1)) {
    if (equals_ignore_case(head.headers.value(at), "close")) return false;
  }
  return connection_persists(head.protocol, head.headers);
}

}  // namespace

Tunnel::Tunnel(CallContext& context, const Route& route, TimePoint until, std::optional<std::string> authorization)
    : context_(context), route_(route), until_(until), authorization_(std::move(authorization)) {}

Task<Tunnel::Outcome> Tunnel::open(Stream& stream) {
  buffer_ = ReadBuffer();
  for (;;) {
    const Request request = connect_request();
    std::string head;
    append_request_head(head, request.method(), route_.address().to_string(), request.headers());
    co_await send(stream, std::move(head));
    const ResponseHead answer = co_await read_final_head(stream);
    if (answer.code / 100 == 2) {
      // RFC 9110 §9.3.6: what the answer says of its length does not count. Before our ClientHello the server has
      // nothing to say; such bytes would be taken for its side of the handshake.
      const bool is_early = route_.address().is_tls() && (!buffer_.empty() || !stream.is_quiet());
      if (is_early) throw failed("the proxy sent more than its answer");
      co_return Outcome::open;
    }
    if (answer.code != 407) throw refused(answer);
    if (challenges_ == kMaxChallenges) throw failed("the proxy asked for credentials too often");
    ++challenges_;
    co_await this->answer(request, answer);
    const bool is_reusable = co_await skip_body(stream, answer);
    if (!is_reusable) co_return Outcome::closed_after_challenge;
  }
}

Request Tunnel::connect_request() const {
  Headers::Builder headers;
  headers.add("Host", route_.address().to_string());
  headers.add("Proxy-Connection", "Keep-Alive");
  headers.add("User-Agent", user_agent());
  if (authorization_.has_value()) headers.add("Proxy-Authorization", *authorization_);
  Request::Builder request;
  request.url(url_of(route_.address())).method("CONNECT", nullptr).headers(std::move(headers).build());
  return request.build();
}

std::string Tunnel::doing() const { return "opening a tunnel to " + route_.to_string(); }

Error Tunnel::failed(const std::string& why) const {
  return Error(Errc::proxy_failed, Blame::peer, doing() + ": " + why);
}

Error Tunnel::refused(const ResponseHead& answer) const { return failed("the proxy answered " + status_text(answer)); }

Bytes Tunnel::room() {
  const Bytes all = buffer_.room();
  return route_.address().is_tls() ? all : all.first(1);
}

Task<void> Tunnel::send(Stream& stream, std::string head) {
  WriteAll write(context_.engine(), terms_within(context_, context_.timeouts.write, until_), stream, as_bytes(head));
  const IoResult result = co_await write;
  if (!result.ok()) throw proxy_error(context_, result, Errc::write_timeout, doing(), stream);
}

/// False when the proxy has closed its side.
Task<bool> Tunnel::read_more(Stream& stream) {
  ReadSome read(context_.engine(), terms_within(context_, context_.timeouts.read, until_), stream, room());
  const IoResult result = co_await read;
  if (result.status == IoStatus::end) co_return false;
  if (!result.ok()) throw proxy_error(context_, result, Errc::read_timeout, doing(), stream);
  buffer_.fill(result.bytes);
  co_return true;
}

Task<ResponseHead> Tunnel::read_final_head(Stream& stream) {
  std::size_t bytes_left = kMaxHeadBytes;
  for (;;) {
    ResponseHead head = co_await read_head(stream, bytes_left);
    if (!is_interim(head.code)) co_return head;
  }
}

Task<ResponseHead> Tunnel::read_head(Stream& stream, std::size_t& bytes_left) {
  HeadLimits limits;
  limits.max_bytes = bytes_left;
  ResponseHeadParser parser(limits);
  for (;;) {
    if (!buffer_.empty()) {
      const ParseResult parsed = parser.parse(as_text(buffer_.unread()));
      buffer_.consume(parsed.consumed);
      if (parsed.is_complete()) break;
      if (parsed.is_error()) throw failed("the proxy's answer is malformed: " + parsed.error.message);
    }
    const bool has_more = co_await read_more(stream);
    if (!has_more) throw failed("the proxy closed the connection");
  }
  bytes_left -= std::min(bytes_left, parser.bytes_parsed());
  const StatusLine line = parser.status_line();
  ResponseHead head(line.protocol, line.code, std::string(line.reason), parser.take_headers());
  co_return head;
}

Task<bool> Tunnel::skip_body(Stream& stream, const ResponseHead& head) {
  const BodyFraming framing = response_framing("CONNECT", head.code, head.headers, head.protocol);
  if (!framing.ok() || !framing.reusable || !persists(head)) co_return false;
  bool is_complete = true;
  if (framing.kind == BodyFraming::Kind::length) {
    is_complete = co_await skip_length(stream, framing.length);
  } else if (framing.kind == BodyFraming::Kind::chunked) {
    is_complete = co_await skip_chunks(stream);
  }
  // Bytes after the answer would be taken for that to the next request.
  if (!buffer_.empty()) is_complete = false;
  co_return is_complete;
}

Task<bool> Tunnel::skip_length(Stream& stream, std::uint64_t length) {
  if (length > kMaxSkipped) co_return false;
  for (;;) {
    const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(length, buffer_.unread().size()));
    buffer_.consume(count);
    length -= count;
    if (length == 0) co_return true;
    const bool has_more = co_await read_more(stream);
    if (!has_more) co_return false;
  }
}

Task<bool> Tunnel::skip_chunks(Stream& stream) {
  using State = ChunkedDecoder::Step::State;
  ChunkedDecoder decoder;
  std::size_t skipped = 0;
  while (skipped <= kMaxSkipped) {
    const ChunkedDecoder::Step step = decoder.decode(buffer_.unread());
    skipped += step.consumed;
    buffer_.consume(step.consumed);
    if (step.state == State::done) co_return true;
    if (step.state == State::error) co_return false;
    if (step.state == State::data) continue;
    const bool has_more = co_await read_more(stream);
    if (!has_more) co_return false;
  }
  co_return false;
}

Task<void> Tunnel::answer(const Request& refused_request, const ResponseHead& challenge) {
  Response::Builder response;
  response.request(refused_request)
      .protocol(challenge.protocol)
      .code(challenge.code)
      .message(challenge.message)
      .headers(challenge.headers);
  const Response asked = response.build();
  std::optional<std::string> value = co_await answer_proxy_challenge(context_, route_, asked);
  if (!value.has_value()) throw refused(challenge);
  authorization_ = std::move(value);
}

}  // namespace okhttp::internal

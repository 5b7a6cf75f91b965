#include "interceptors/call_server_interceptor.hpp"

#include <okhttp/connection_info.hpp>

#include <chrono>
#include <memory>
#include <utility>

#include "http/ascii.hpp"
#include "runtime/call_context.hpp"

namespace okhttp::internal {
namespace {

bool expects_continue(const Request& request) noexcept {
  const auto expect = request.header("Expect");
  return expect.has_value() && equals_ignore_case(*expect, "100-continue");
}

bool asks_for_upgrade(const Request& request) noexcept { return request.headers().contains("Upgrade"); }

bool is_duplex(const Request& request) { return request.body() != nullptr && request.body()->is_duplex(); }

/// The rule of HTTP that a final head breaks, or nothing.
std::optional<Error> broken_rule(const Request& request, const ResponseHead& head) {
  // RFC 9110 §15.2.2: the server switches to a protocol that the client named.
  if (head.code == 101 && !asks_for_upgrade(request)) {
    return Error(Errc::protocol_error, Blame::peer, "the server switched protocols although it was not asked to");
  }
  // RFC 9110 §15.3.5, §15.3.6: neither has content, so a length above 0 is a sign of confusion about where this
  // response ends.
  if (head.code == 204 || head.code == 205) {
    const auto length = head.headers.get("Content-Length");
    if (length.has_value() && length->find_first_not_of('0') != std::string_view::npos) {
      return Error(Errc::protocol_error, Blame::peer,
                   "the response " + std::to_string(head.code) + " had a Content-Length above 0");
    }
  }
  return std::nullopt;
}

}  // namespace

/// Sends the body, of which the head may ask leave. Yields the final head when the peer gave that instead.
Task<std::optional<ResponseHead>> CallServerInterceptor::send_body(Exchange& exchange, const Request& request) {
  std::optional<ResponseHead> early;
  if (expects_continue(request)) {
    co_await exchange.flush_request();
    ResponseHead answer = co_await exchange.read_response_head();
    if (answer.code != 100) {
      // RFC 9110 §10.1.1: the body is not wanted. Its place in the connection is taken by nothing, so the connection
      // ends with this exchange.
      exchange.cut_request_short();
      early.emplace(std::move(answer));
      co_return early;
    }
  }
  co_await exchange.write_request_body(*request.body());
  co_return early;
}

Task<Response> CallServerInterceptor::run(ChainStep step) {
  // A network interceptor may have read a body elsewhere.
  step.run.transmission.context().go_home();
  Exchange& exchange = *step.exchange;
  const Request request = exchange.on_wire(step.request);
  const auto sent_at = std::chrono::system_clock::now();

  std::optional<ResponseHead> head;
  try {
    exchange.write_request_headers(request);
    if (is_duplex(request)) {
      co_await exchange.start_duplex_request(request.body());
    } else if (request.body() != nullptr) {
      Task<std::optional<ResponseHead>> sending = send_body(exchange, request);
      std::optional<ResponseHead> early = co_await std::move(sending);
      head = std::move(early);
    }
    if (!head.has_value() && !is_duplex(request)) co_await exchange.finish_request();
  } catch (const Error&) {
    // A server that closes on a request it does not want may have said so first.
    if (!exchange.may_still_be_answered()) throw;
  }
  while (!head.has_value() || head->code == 100) {
    ResponseHead next = co_await exchange.read_response_head();
    head.emplace(std::move(next));
  }
  if (const std::optional<Error> error = broken_rule(request, *head); error.has_value()) {
    exchange.refuse_response(*error);
    throw *error;
  }

  Response::Builder response;
  response.request(request)
      .protocol(head->protocol)
      .code(head->code)
      .message(std::move(head->message))
      .headers(head->headers)
      .handshake(exchange.connection().handshake())
      .sent_request_at(sent_at)
      .received_response_at(std::chrono::system_clock::now());
  exchange.response_headers_read(response);
  response.body(exchange.open_response_body(*head));
  co_return response.build();
}

}  // namespace okhttp::internal

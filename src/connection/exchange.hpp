#pragma once

#include <okhttp/error.hpp>
#include <okhttp/event_listener.hpp>
#include <okhttp/request.hpp>
#include <okhttp/response.hpp>
#include <okhttp/task.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "codec/exchange_codec.hpp"
#include "connection/connection.hpp"
#include "connection/duplex_request.hpp"
#include "connection/transmission.hpp"
#include "runtime/call_context.hpp"

namespace okhttp::internal {

/// One request and its response on one connection: tells the listener, and sees to it that a failure anywhere is
/// remembered for the decision to try again and retires the connection unless the codec says that it survives.
///
/// Owned by whoever sends the request, then by the response's body. One coroutine at a time.
///
/// Invariant: what the listener was told the start of is what `telling_` and `response_open_` say; it is told the end
/// exactly once, however the exchange ends.
class Exchange final : public std::enable_shared_from_this<Exchange> {
 public:
  Exchange(std::shared_ptr<Transmission> transmission, std::shared_ptr<Connection> connection,
           ExchangeCodecPtr codec) noexcept;
  ~Exchange();

  /// Valid as long as the exchange is, also when its connection is gone.
  [[nodiscard]] const ConnectionInfo& connection() const noexcept { return *info_; }

  // Every task throws Error. After that the exchange is over, but for may_still_be_answered().

  /// The request as it is to be written: what is for a proxy alone is added, or kept from others.
  [[nodiscard]] Request on_wire(const Request& request) const;
  /// Hands over the head, which goes out with the body's first bytes or the end.
  void write_request_headers(const Request& request);
  /// All of the body. Throws Errc::body_length_mismatch when it is not as long as it promised, and what the body itself
  /// throws, as it is.
  Task<void> write_request_body(const RequestBody& body);
  /// Sends the head, and has the body written on the client's loop while the response is read (HTTP/2 only).
  Task<void> start_duplex_request(RequestBodyPtr body);
  Task<void> flush_request();
  Task<void> finish_request();
  /// The request is given up half-way, because the peer answered early. Over HTTP/1.1 its place in the connection is
  /// taken by nothing, so the connection ends with this exchange.
  void cut_request_short() noexcept;

  /// After a failure to send: true when the peer broke the upload off and may have said why before. The connection is
  /// good for one attempt to read that; if it fails too, what is thrown is the failure to send.
  [[nodiscard]] bool may_still_be_answered() const noexcept {
    return send_failure_.has_value() && connection_ != nullptr;
  }

  /// The next head that is not informational, or a 100. The listener is told of informational ones.
  Task<ResponseHead> read_response_head();
  /// The final response, as the listener is told of it: without its body.
  void response_headers_read(const Response::Builder& response);
  /// The final head breaks a rule of HTTP: ends the exchange with that error, which the caller throws.
  void refuse_response(const Error& error);
  /// The body after the final head. Once.
  [[nodiscard]] ResponseBody open_response_body(const ResponseHead& head);

 private:
  class Body;
  enum class Telling : std::uint8_t { nothing, request_headers, request_body };
  enum class Fault : std::uint8_t { exchange, request_body };

  [[nodiscard]] EventListener* listener() const noexcept {
    return transmission_->has_ended() ? nullptr : context_->listener.get();
  }
  void tell_request_end();
  void tell_request_failed(const Error& error);
  void tell_duplex_end();
  void stop_duplex_request(const Error& why);
  void sending_failed(const Error& error);
  /// Ends the exchange; throws what the body threw if that is why.
  void reading_failed(const Error& error);
  void fail(const Error& error, Fault fault = Fault::exchange);
  Task<std::size_t> read_body(Bytes into);
  void complete_response();
  /// `rest` gets what of the response still comes; null when nobody wants it.
  void abandon_response(std::unique_ptr<BodyRest> rest = nullptr) noexcept;
  [[nodiscard]] bool clear_response(BodyRest* rest);
  void leave_incomplete() noexcept;
  static Task<void> drain(std::shared_ptr<Exchange> exchange, std::shared_ptr<Loop> loop,
                          std::unique_ptr<BodyRest> rest);

  const std::shared_ptr<Transmission> transmission_;
  CallContext* const context_;
  std::shared_ptr<Connection> connection_;  // null once the exchange is over
  ExchangeCodecPtr codec_;                  // the same
  const std::shared_ptr<const ConnectionInfo> info_;

  std::optional<Request> request_;  // as it was written; only for the listener
  Telling telling_ = Telling::nothing;
  std::uint64_t request_body_bytes_ = 0;
  bool request_body_begun_ = false;
  std::optional<Error> send_failure_;      // after which an answer may still come
  std::shared_ptr<DuplexRequest> duplex_;  // while request and response go on side by side

  bool response_open_ = false;  // from response_headers_start to response_headers_end, or to the body's end
  bool body_started_ = false;
  bool response_complete_ = false;
  std::uint64_t body_bytes_ = 0;
  Headers trailers_;
};

}  // namespace okhttp::internal

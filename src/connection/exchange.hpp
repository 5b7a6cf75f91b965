#pragma once

#include <okhttp/error.hpp>
#include <okhttp/event_listener.hpp>
#include <okhttp/request.hpp>
#include <okhttp/response.hpp>
#include <okhttp/task.hpp>

#include <cstdint>
#include <memory>
#include <string>

#include "codec/exchange_codec.hpp"
#include "connection/connection.hpp"
#include "connection/transmission.hpp"
#include "runtime/call_context.hpp"

namespace okhttp::internal {

/// One request and its response on one connection: tells the listener, and sees to it that a failure anywhere retires
/// the connection and is remembered for the decision to try again.
///
/// Owned by whoever sends the request, then by the response's body. One coroutine at a time.
class Exchange final : public std::enable_shared_from_this<Exchange> {
 public:
  Exchange(std::shared_ptr<Transmission> transmission, std::shared_ptr<Connection> connection, const Request& request);
  ~Exchange();

  [[nodiscard]] const ConnectionInfo& connection() const noexcept { return connection_->info(); }

  // Every task throws Error, after which the exchange is over.

  Task<void> write_request_headers(const Request& request);
  /// All of the body. Throws Errc::body_length_mismatch when it is not as long as it promised, and what the body itself
  /// throws, as it is.
  Task<void> write_request_body(const RequestBody& body);
  Task<void> flush_request();
  Task<void> finish_request();
  /// The request is given up half-way, because the peer answered early: the connection ends with this exchange.
  void cut_request_short() noexcept;
  /// The next head: informational ones, which the listener is told of, then the final one.
  Task<ResponseHead> read_response_head();
  /// The final response, as the listener is told of it.
  void response_headers_read(const Response& response);
  /// The body after the final head. Once.
  [[nodiscard]] ResponseBody open_response_body(const ResponseHead& head);

 private:
  class Body;
  class Sink;
  enum class Phase : std::uint8_t { request, response_head, response_body };

  [[nodiscard]] EventListener* listener() const noexcept { return context_->listener.get(); }
  [[nodiscard]] ExchangeCodec& codec() noexcept { return connection_->codec(); }
  void fail(Phase phase, const Error& error);
  Task<std::size_t> read_body(Bytes into);
  void complete_response();
  void abandon_response() noexcept;
  static Task<void> drain(std::shared_ptr<Exchange> exchange, std::shared_ptr<Loop> loop);

  const std::shared_ptr<Transmission> transmission_;
  CallContext* const context_;
  std::shared_ptr<Connection> connection_;  // null once the exchange is over
  bool request_failure_told_ = false;
  bool body_started_ = false;
  bool response_complete_ = false;
  std::uint64_t body_bytes_ = 0;
  Headers trailers_;
};

}  // namespace okhttp::internal

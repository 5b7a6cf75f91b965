#pragma once

#include <okhttp/cache_reason.hpp>
#include <okhttp/config.hpp>
#include <okhttp/error.hpp>
#include <okhttp/function.hpp>
#include <okhttp/ip_address.hpp>
#include <okhttp/protocol.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace okhttp {

class Call;
class ConnectionInfo;
class Handshake;
class Headers;
class Proxy;
class Request;
class Response;
class Url;

/// Told what happens to one call, in order. Every start has exactly one end, also when the call fails; an end carries
/// the error when there is one.
///
/// Threads: called on the engine that runs the call, one event at a time, and must not block; `canceled` alone comes
/// from the thread that cancels and may be concurrent with any other. Never called with a lock of the library held.
/// Exceptions must not leave a listener.
///
/// Order: call_start; dispatcher_queue_start/end when the call had to wait; connection_wait_start/end when it waited
/// for a connection that others share; cache_hit, cache_miss, cache_conditional_hit or satisfaction_failure when there
/// is a cache; proxy_select; dns, connect and secure_connect for each route that is tried; connection_acquired;
/// request_headers, request_body; response_headers, response_body; follow_up_decision and retry_decision after each
/// answer or failure that asks for one; connection_released; call_end or call_failed. The tries of a HedgingInterceptor
/// go through this side by side.
class OKHTTP_API EventListener {
 public:
  /// Numbers the connection attempts of one call, so that racing ones can be told apart.
  using AttemptId = std::uint32_t;

  EventListener() = default;
  EventListener(const EventListener&) = delete;
  EventListener& operator=(const EventListener&) = delete;
  virtual ~EventListener() = default;

  virtual void call_start(const Call&) {}
  /// The call waits for a place; only for calls that could not run at once.
  virtual void dispatcher_queue_start(const Call&) {}
  virtual void dispatcher_queue_end(const Call&) {}
  /// The cache answers with this response, and why it may.
  virtual void cache_hit(const Call&, const Response&, CacheReason) {}
  /// The network has to answer, and why. Only with a cache.
  virtual void cache_miss(const Call&, CacheReason) {}
  /// The origin is asked whether this stored response is still right, and why; cache_hit or cache_miss tells the
  /// outcome.
  virtual void cache_conditional_hit(const Call&, const Response& /*stored*/, CacheReason) {}
  /// The request asked for what is stored alone (only-if-cached), and why that does not do; the call gets this 504.
  virtual void satisfaction_failure(const Call&, const Response&, CacheReason) {}
  /// The proxies for a new connection are asked for; the URL is that of the server alone, without path.
  virtual void proxy_select_start(const Call&, const Url& /*server*/) {}
  virtual void proxy_select_end(const Call&, const Url& /*server*/, const std::vector<Proxy>& /*proxies*/,
                                const Error* /*error*/) {}
  virtual void dns_start(const Call&, std::string_view /*host*/) {}
  virtual void dns_end(const Call&, std::string_view /*host*/, const std::vector<IpAddress>& /*addresses*/,
                       const Error* /*error*/) {}
  virtual void connect_start(const Call&, AttemptId, const Endpoint&) {}
  virtual void secure_connect_start(const Call&, AttemptId) {}
  virtual void secure_connect_end(const Call&, AttemptId, const Handshake* /*null when it failed*/,
                                  const Error* /*error*/) {}
  virtual void connect_end(const Call&, AttemptId, const Endpoint&, Protocol) {}
  virtual void connect_failed(const Call&, AttemptId, const Endpoint&, const Error&) {}
  /// Instead of connecting, the call waits for a connection that it can share: for another call that is connecting, or
  /// for room on connections which carry as many exchanges as their server allows. Or it waits because there are as
  /// many connections to the server as may be (Client::Builder::max_connections_per_host).
  virtual void connection_wait_start(const Call&) {}
  virtual void connection_wait_end(const Call&, const Error* /*error*/) {}
  virtual void connection_acquired(const Call&, const ConnectionInfo&) {}
  virtual void connection_released(const Call&, const ConnectionInfo&) {}
  virtual void request_headers_start(const Call&) {}
  virtual void request_headers_end(const Call&, const Request&) {}
  virtual void request_body_start(const Call&) {}
  virtual void request_body_end(const Call&, std::uint64_t /*bytes*/) {}
  /// Sending broke off, instead of request_headers_end or request_body_end.
  virtual void request_failed(const Call&, const Error&) {}
  virtual void response_headers_start(const Call&) {}
  virtual void response_headers_end(const Call&, const Response&) {}
  /// A 1xx answer other than 101.
  virtual void informational(const Call&, int /*code*/, const Headers&) {}
  virtual void response_body_start(const Call&) {}
  /// `bytes` came of the body: they were read, or discarded when nobody wanted them.
  virtual void response_body_end(const Call&, std::uint64_t /*bytes*/) {}
  /// Receiving broke off, instead of response_headers_end or response_body_end.
  virtual void response_failed(const Call&, const Error&) {}
  /// An answer was looked at: the request that the call goes on with, or null when the answer is the caller's.
  virtual void follow_up_decision(const Call&, const Response&, const Request* /*next*/) {}
  /// A failed exchange was looked at.
  virtual void retry_decision(const Call&, const Error&, bool /*retry*/) {}
  virtual void call_end(const Call&) {}
  virtual void call_failed(const Call&, const Error&) {}
  /// At most once, at any time, from the canceling thread.
  virtual void canceled(const Call&) {}

  /// Makes one listener for each call. Called on the thread that makes the call.
  using Factory = std::function<std::shared_ptr<EventListener>(const Call&)>;

  /// Tells each event to `first`, then to `second`. A null one is left out.
  [[nodiscard]] static std::shared_ptr<EventListener> compose(std::shared_ptr<EventListener> first,
                                                              std::shared_ptr<EventListener> second);
};

}  // namespace okhttp

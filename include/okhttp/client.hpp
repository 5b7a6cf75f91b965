#pragma once

#include <okhttp/call.hpp>
#include <okhttp/config.hpp>
#include <okhttp/connection_pool.hpp>
#include <okhttp/dispatcher.hpp>
#include <okhttp/dns.hpp>
#include <okhttp/event_listener.hpp>
#include <okhttp/interceptor.hpp>
#include <okhttp/protocol.hpp>
#include <okhttp/timeouts.hpp>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace okhttp {

class TlsConfig;

namespace internal {
struct ClientAccess;
class ClientHandle;
struct ClientSettings;
}  // namespace internal

/// Makes calls. Immutable, cheap to copy, safe to share among threads; one for a whole program is right.
///
/// Copies and derived clients share one connection pool, one dispatcher and one loop. When the last one goes, calls in
/// flight end with Errc::canceled; nothing waits for the network. Responses outlive their client.
///
/// After a fork the child needs a client of its own: calls of one that it inherited throw std::logic_error.
class OKHTTP_API Client {
 public:
  class Builder;

  /// The defaults: 10 s to connect, to read and to write, none for the whole call; redirects followed, retries on
  /// connection failure; 5 idle connections for 5 minutes; 64 calls at once, 5 a host; the system's DNS and trust
  /// store.
  Client();

  [[nodiscard]] Call new_call(Request request) const;

  /// Short for new_call(...).execute(). Throws std::invalid_argument for what is no URL.
  [[nodiscard]] Response get(std::string_view url) const;
  [[nodiscard]] Response head(std::string_view url) const;
  [[nodiscard]] Response post(std::string_view url, RequestBodyPtr body) const;
  [[nodiscard]] Response put(std::string_view url, RequestBodyPtr body) const;
  [[nodiscard]] Response patch(std::string_view url, RequestBodyPtr body) const;
  [[nodiscard]] Response delete_(std::string_view url) const;
  [[nodiscard]] Response execute(Request request) const;

  /// A builder with this client's settings; what it builds shares pool, dispatcher and loop unless told otherwise.
  [[nodiscard]] Builder new_builder() const;

  [[nodiscard]] const ConnectionPool& connection_pool() const noexcept;
  [[nodiscard]] const Dispatcher& dispatcher() const noexcept;
  [[nodiscard]] const Timeouts& timeouts() const noexcept;
  [[nodiscard]] const std::vector<Protocol>& protocols() const noexcept;
  [[nodiscard]] std::size_t max_http2_connections() const noexcept;
  [[nodiscard]] Timeouts::Duration ping_interval() const noexcept;
  [[nodiscard]] bool follow_redirects() const noexcept;
  [[nodiscard]] bool follow_ssl_redirects() const noexcept;
  [[nodiscard]] bool retry_on_connection_failure() const noexcept;

 private:
  friend struct internal::ClientAccess;
  explicit Client(std::shared_ptr<internal::ClientHandle> handle) noexcept;
  std::shared_ptr<internal::ClientHandle> handle_;
};

/// Collects a Client. Not thread-safe.
class OKHTTP_API Client::Builder {
 public:
  Builder();
  Builder(const Builder&);
  Builder(Builder&&) noexcept;
  Builder& operator=(const Builder&);
  Builder& operator=(Builder&&) noexcept;
  ~Builder();

  /// Runs around the whole call, before redirects and retries.
  Builder& add_interceptor(std::shared_ptr<Interceptor> interceptor);
  template <InterceptorFunction F>
  Builder& add_interceptor(F function) {
    return add_interceptor(make_interceptor(std::move(function)));
  }
  /// Runs around every single exchange with a server.
  Builder& add_network_interceptor(std::shared_ptr<Interceptor> interceptor);
  template <InterceptorFunction F>
  Builder& add_network_interceptor(F function) {
    return add_network_interceptor(make_interceptor(std::move(function)));
  }

  Builder& connect_timeout(Timeouts::Duration timeout);
  Builder& read_timeout(Timeouts::Duration timeout);
  Builder& write_timeout(Timeouts::Duration timeout);
  Builder& call_timeout(Timeouts::Duration timeout);

  Builder& follow_redirects(bool follow);
  /// Whether redirects may lead from https to http and back.
  Builder& follow_ssl_redirects(bool follow);
  Builder& retry_on_connection_failure(bool retry);
  /// Names of request headers that, besides Authorization, Cookie and Proxy-Authorization, are dropped when a redirect
  /// leads to another origin. Replaces the default list (X-Api-Key and its kind).
  Builder& sensitive_headers(std::vector<std::string> names);

  Builder& protocols(std::vector<Protocol> protocols);
  /// How many HTTP/2 connections there may be to one server at a time, 4 by default. One serves as many calls at once
  /// as the server allows; only when all are full, a further one is opened, and beyond the maximum calls wait in order
  /// (EventListener::connection_wait_start).
  Builder& max_http2_connections(std::size_t per_server);
  /// How often an HTTP/2 connection asks whether its server is still there; without an answer until the next time it is
  /// given up. 0, the default, is never.
  Builder& ping_interval(Timeouts::Duration interval);
  Builder& connection_pool(ConnectionPool pool);
  Builder& dispatcher(Dispatcher dispatcher);
  Builder& dns(std::shared_ptr<Dns> dns);
  Builder& tls(TlsConfig config);
  Builder& event_listener_factory(EventListener::Factory factory);
  /// One listener for all calls.
  Builder& event_listener(std::shared_ptr<EventListener> listener);

  /// Throws std::invalid_argument when the settings contradict each other.
  [[nodiscard]] Client build() const;

 private:
  friend class Client;
  std::unique_ptr<internal::ClientSettings> settings_;
};

}  // namespace okhttp

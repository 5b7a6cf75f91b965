#pragma once

#include <okhttp/address_policy.hpp>
#include <okhttp/authenticator.hpp>
#include <okhttp/cache.hpp>
#include <okhttp/call.hpp>
#include <okhttp/config.hpp>
#include <okhttp/connection_pool.hpp>
#include <okhttp/dispatcher.hpp>
#include <okhttp/dns.hpp>
#include <okhttp/event_listener.hpp>
#include <okhttp/function.hpp>
#include <okhttp/interceptor.hpp>
#include <okhttp/ip_address.hpp>
#include <okhttp/protocol.hpp>
#include <okhttp/proxy.hpp>
#include <okhttp/proxy_selector.hpp>
#include <okhttp/timeouts.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace okhttp {

class CertificatePinner;
class ConnectionSpec;
class ContentCoding;
class CookieJar;
class HandshakeCertificates;
class HostnameVerifier;

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
  [[nodiscard]] const std::optional<Cache>& cache() const noexcept;
  [[nodiscard]] const Timeouts& timeouts() const noexcept;
  [[nodiscard]] const std::vector<Protocol>& protocols() const noexcept;
  [[nodiscard]] std::size_t max_http2_connections() const noexcept;
  [[nodiscard]] std::size_t max_connections_per_host() const noexcept;
  [[nodiscard]] Timeouts::Duration ping_interval() const noexcept;
  /// The one proxy of every connection; nothing when the selector is asked.
  [[nodiscard]] const std::optional<Proxy>& proxy() const noexcept;
  [[nodiscard]] const std::shared_ptr<ProxySelector>& proxy_selector() const noexcept;
  [[nodiscard]] const std::shared_ptr<Authenticator>& proxy_authenticator() const noexcept;
  [[nodiscard]] const std::shared_ptr<Authenticator>& authenticator() const noexcept;
  [[nodiscard]] const std::vector<ConnectionSpec>& connection_specs() const noexcept;
  [[nodiscard]] const std::shared_ptr<HostnameVerifier>& hostname_verifier() const noexcept;
  [[nodiscard]] const CertificatePinner& certificate_pinner() const noexcept;
  [[nodiscard]] const std::shared_ptr<CookieJar>& cookie_jar() const noexcept;
  /// Those that were added to what every client has.
  [[nodiscard]] const std::vector<std::shared_ptr<const ContentCoding>>& content_codings() const noexcept;
  [[nodiscard]] bool fast_fallback() const noexcept;
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
  /// From the start of a call, its time in the dispatcher's queue included, until its response's body is read, over all
  /// redirects and retries; a duplex call is bound only until the head of its response is there. 0, the default, is
  /// none. What user code waits for inside a call (interceptors, authenticators) is not interrupted; the call ends as
  /// soon as that comes back to the library.
  Builder& call_timeout(Timeouts::Duration timeout);

  /// Whether the addresses of a host race to connect (RFC 8305): IPv6 and IPv4 in turn, another one every 250 ms or as
  /// soon as one has failed. Else they are tried one after another. True by default.
  Builder& fast_fallback(bool race);
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
  /// How many connections there may be to one server at a time, whatever is spoken on them; 0, the default, is any
  /// number. Counted are those of the pool to the same scheme, host and port with the same settings, idle ones
  /// included; one that many calls share counts once, and so do the attempts of one call that race to connect. Calls
  /// beyond that wait in order, blocking ones too, until their call timeout or cancel()
  /// (EventListener::connection_wait_start); no other timeout counts meanwhile. A response holds its connection until
  /// its body is read or dropped, so who keeps as many responses as there may be connections waits for himself.
  Builder& max_connections_per_host(std::size_t count);
  /// How often an HTTP/2 connection asks whether its server is still there; without an answer until the next time it is
  /// given up. 0, the default, is never.
  Builder& ping_interval(Timeouts::Duration interval);
  Builder& connection_pool(ConnectionPool pool);
  Builder& dispatcher(Dispatcher dispatcher);
  /// Keeps responses and answers with them; nothing, the default, is no cache. Clients may share one.
  Builder& cache(std::optional<Cache> cache);
  /// With a cache: whether equal GETs that run at once share one fetch. The first one goes out; the others wait until
  /// its response is stored, for no longer than their read timeout (10 seconds when that is 0), and are answered with
  /// it if it may be; else they go out themselves. Whoever reads the first response slowly keeps the others waiting
  /// that long. False by default.
  Builder& collapse_requests(bool collapse);
  /// Who resolves names; Dns::system_cached() unless set.
  Builder& dns(std::shared_ptr<Dns> dns);
  /// One proxy for every connection, or Proxy::direct() for none at all; the selector is not asked then. Nothing, the
  /// default, leaves it to the selector.
  Builder& proxy(std::optional<Proxy> proxy);
  /// Which proxies lead to a URL. ProxySelector::environment() by default.
  Builder& proxy_selector(std::shared_ptr<ProxySelector> selector);
  /// Answers the challenges of HTTP proxies for which the Proxy has no credentials, or wrong ones.
  /// Authenticator::none() by default.
  Builder& proxy_authenticator(std::shared_ptr<Authenticator> authenticator);
  /// Answers the challenges (401) of servers. Authenticator::none() by default.
  Builder& authenticator(std::shared_ptr<Authenticator> authenticator);
  /// Who keeps cookies. CookieJar::none() by default. Where it has some for a URL, they replace a Cookie header of the
  /// request's own.
  Builder& cookie_jar(std::shared_ptr<CookieJar> jar);
  /// A coding that responses are asked for and decoded in, besides gzip. What is added first is preferred, gzip last
  /// unless it is added itself; of one name the last one counts. Throws std::invalid_argument when it is null or its
  /// name is no token.
  Builder& add_content_coding(std::shared_ptr<const ContentCoding> coding);
  /// Which addresses may be dialled; null, the default, permits all.
  Builder& address_policy(std::shared_ptr<AddressPolicy> policy);
  /// Connects every URL's host through this Unix domain socket, without proxies and DNS. Empty, the default, is none.
  /// Throws std::invalid_argument for a path that the system could not take.
  Builder& unix_socket(std::string path);
  /// Dials from this address of the machine; hosts that have none of its family cannot be reached. Nothing, the
  /// default, leaves it to the system.
  Builder& local_address(std::optional<IpAddress> address);
  /// Dials through this network interface alone, as "eth0". Empty, the default, leaves it to the system.
  Builder& local_interface(std::string name);
  /// Called with the descriptor of each new socket before it is connected, to set options. It must not block, nor keep
  /// the descriptor; a std::system_error that it throws fails the attempt. Connections are not shared with clients that
  /// were given another function.
  Builder& socket_options(std::function<void(int descriptor)> set);
  /// Whom the client trusts and how it proves who it is.
  Builder& handshake_certificates(HandshakeCertificates certificates);
  /// The same.
  Builder& tls(HandshakeCertificates certificates);
  /// How connections are protected, by preference: ConnectionSpec::modern_tls() and cleartext() by default. Without a
  /// spec in clear text, http fails with Errc::cleartext_not_permitted, also when a redirect leads there.
  /// Throws std::invalid_argument when there is none.
  Builder& connection_specs(std::vector<ConnectionSpec> specs);
  /// Which hosts may be spoken to in clear text at all, where the specs allow it; null, the default, permits every one.
  /// Called on the engine that runs the call, several at once; it must not block. Connections are not shared with
  /// clients that were given another function.
  Builder& cleartext_policy(std::function<bool(const std::string& host)> permits);
  /// Whether a certificate is for the host that is wanted. HostnameVerifier::default_rules() by default.
  Builder& hostname_verifier(std::shared_ptr<HostnameVerifier> verifier);
  /// Which keys servers must have beyond a certificate that verifies; by default none are pinned.
  Builder& certificate_pinner(CertificatePinner pinner);
  Builder& event_listener_factory(EventListener::Factory factory);
  /// One listener for all calls.
  Builder& event_listener(std::shared_ptr<EventListener> listener);

  /// Throws std::invalid_argument when the settings contradict each other.
  [[nodiscard]] Client build() const;

 private:
  friend class Client;
  friend struct internal::ClientAccess;
  std::unique_ptr<internal::ClientSettings> settings_;
};

}  // namespace okhttp

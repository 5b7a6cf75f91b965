#pragma once

#include <okhttp/chrono.hpp>
#include <okhttp/config.hpp>
#include <okhttp/function.hpp>
#include <okhttp/request.hpp>
#include <okhttp/response.hpp>
#include <okhttp/task.hpp>
#include <okhttp/timeouts.hpp>

#include <concepts>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace okhttp {

class AddressPolicy;
class Authenticator;
class Cache;
class Call;
class CertificatePinner;
class ConnectionInfo;
class ConnectionPool;
class ConnectionSpec;
class CookieJar;
class Dns;
class HandshakeCertificates;
class HostnameVerifier;
class IpAddress;
class Proxy;
class ProxySelector;

namespace internal {
struct ChainAccess;
struct InterceptorStep;
}  // namespace internal

/// One interceptor's view of a call on its way to the server: the request as it came here, and the way on.
///
/// Lives while the interceptor runs. Used by one coroutine at a time.
class OKHTTP_API Chain {
 public:
  Chain(const Chain&) = delete;
  Chain& operator=(const Chain&) = delete;

  [[nodiscard]] const Request& request() const noexcept;
  [[nodiscard]] const Call& call() const noexcept;
  /// The connection in use, for network interceptors; null for application interceptors.
  [[nodiscard]] const ConnectionInfo* connection() const noexcept;

  /// Passes `request` on and yields the response. The chain must outlive the task.
  ///
  /// An application interceptor may call it any number of times, one after another, and must end the body of an earlier
  /// response first. A network interceptor calls it exactly once, with the same host and port. A violation is a
  /// std::logic_error that names the interceptor.
  [[nodiscard]] Task<Response> proceed(Request request);
  /// The same, and the head of the response is there within `time`, which is above 0; else Errc::timeout. What goes on
  /// is given up then: over HTTP/1.1 its connection is closed, over HTTP/2 its stream reset. The call itself goes on,
  /// unless its own deadline (deadline()) has passed as well. The time to read the body is not limited by this,
  /// nor is a call with a duplex body.
  [[nodiscard]] Task<Response> proceed_within(std::chrono::nanoseconds time, Request request);

  using TimePoint = std::chrono::steady_clock::time_point;

  /// The time by the clock of the engine that runs the call, by which its deadlines are compared.
  [[nodiscard]] TimePoint now() const noexcept;
  /// When the call has to be through, its body read; TimePoint::max() when it may take for ever.
  [[nodiscard]] TimePoint deadline() const noexcept;
  /// Waits on the engine that runs the call, and resumes there. At once when `time` is not above 0. Throws
  /// Errc::canceled as soon as the call is canceled, and Errc::timeout when the call's deadline comes first.
  /// The chain must outlive the task.
  [[nodiscard]] Task<void> sleep(std::chrono::nanoseconds time);
  /// The same up to a moment of now().
  [[nodiscard]] Task<void> sleep_until(TimePoint time);

  [[nodiscard]] const Timeouts& timeouts() const noexcept;
  /// Other timeouts for what follows on this chain; the call's own deadline stays. A connect timeout is refused with
  /// std::logic_error in a network interceptor: the connection exists already.
  void set_connect_timeout(Timeouts::Duration timeout);
  void set_read_timeout(Timeouts::Duration timeout);
  void set_write_timeout(Timeouts::Duration timeout);

  // What Client::Builder sets, for this call alone: from the next proceed() on, through redirects and retries. They
  // mean and throw what they do there. All of them are refused with std::logic_error, which names the setter, in a
  // network interceptor: it is too late there. A connection is shared only with calls that have the same settings;
  // those that hold an object have the same when they hold the same object.

  void set_connection_pool(const ConnectionPool& pool);
  void set_dns(std::shared_ptr<Dns> dns);
  void set_proxy(std::optional<Proxy> proxy);
  void set_proxy_selector(std::shared_ptr<ProxySelector> selector);
  void set_proxy_authenticator(std::shared_ptr<Authenticator> authenticator);
  void set_authenticator(std::shared_ptr<Authenticator> authenticator);
  void set_address_policy(std::shared_ptr<AddressPolicy> policy);
  void set_unix_socket(std::string path);
  void set_local_address(std::optional<IpAddress> address);
  void set_local_interface(std::string name);
  void set_socket_options(std::function<void(int descriptor)> set);
  /// Dear where calls go on doing it: what is trusted is read anew for each of them. A client derived with
  /// Client::new_builder() reads it once.
  void set_handshake_certificates(HandshakeCertificates certificates);
  void set_connection_specs(std::vector<ConnectionSpec> specs);
  void set_cleartext_policy(std::function<bool(const std::string& host)> permits);
  void set_hostname_verifier(std::shared_ptr<HostnameVerifier> verifier);
  void set_certificate_pinner(CertificatePinner pinner);
  void set_fast_fallback(bool race);
  /// CookieJar::none() for a call without cookies.
  void set_cookie_jar(std::shared_ptr<CookieJar> jar);
  /// Without one the call goes to the network and nothing of it is kept. What a cache renews in the background
  /// (stale-while-revalidate) is asked for as the client would, with the client's cookie jar and routes.
  void set_cache(const std::optional<Cache>& cache);
  void set_follow_redirects(bool follow);
  void set_follow_ssl_redirects(bool follow);
  void set_retry_on_connection_failure(bool retry);
  void set_sensitive_headers(std::vector<std::string> names);

 private:
  friend struct internal::ChainAccess;
  friend struct internal::InterceptorStep;
  explicit Chain(internal::InterceptorStep& step) noexcept : step_(&step) {}
  ~Chain() = default;

  internal::InterceptorStep* step_;
};

/// Code around a call: it may observe, rewrite, answer itself, or try again.
///
/// Threads: one object serves all calls of a client, several at once. intercept() runs on the engine that runs the
/// call, which is the caller's thread for blocking calls and the client's loop otherwise, so it must not block: see
/// blocking_interceptor().
class OKHTTP_API Interceptor {
 public:
  Interceptor() = default;
  Interceptor(const Interceptor&) = delete;
  Interceptor& operator=(const Interceptor&) = delete;
  virtual ~Interceptor() = default;

  /// Yields the response to `chain.request()`. `chain` outlives the task.
  [[nodiscard]] virtual Task<Response> intercept(Chain& chain) = 0;
  /// What messages call it.
  [[nodiscard]] virtual std::string name() const { return "interceptor"; }
};

namespace internal {

template <class F>
class FunctionInterceptor final : public Interceptor {
 public:
  explicit FunctionInterceptor(F function) : function_(std::move(function)) {}
  Task<Response> intercept(Chain& chain) override { return function_(chain); }

 private:
  F function_;
};

}  // namespace internal

/// A function that may be used as an interceptor: from Chain& to Task<Response>.
template <class F>
concept InterceptorFunction =
    std::invocable<F&, Chain&> && std::same_as<std::invoke_result_t<F&, Chain&>, Task<Response>>;

/// An interceptor of a function, as a lambda coroutine. Captures live as long as the interceptor does.
template <InterceptorFunction F>
[[nodiscard]] std::shared_ptr<Interceptor> make_interceptor(F function) {
  return std::make_shared<internal::FunctionInterceptor<F>>(std::move(function));
}

/// What a plain blocking function is given to go on: calls proceed() and waits for the response.
class OKHTTP_API BlockingChain {
 public:
  BlockingChain() = default;
  BlockingChain(const BlockingChain&) = delete;
  BlockingChain& operator=(const BlockingChain&) = delete;
  virtual ~BlockingChain() = default;
  [[nodiscard]] virtual const Request& request() const noexcept = 0;
  [[nodiscard]] virtual Response proceed(Request request) = 0;
};

/// Adapts a plain function that blocks: it runs inline in a blocking call, and on a thread of its own otherwise.
[[nodiscard]] OKHTTP_API std::shared_ptr<Interceptor> blocking_interceptor(
    std::function<Response(BlockingChain&)> function);

}  // namespace okhttp

#pragma once

#include <okhttp/config.hpp>
#include <okhttp/function.hpp>
#include <okhttp/request.hpp>
#include <okhttp/response.hpp>
#include <okhttp/task.hpp>
#include <okhttp/timeouts.hpp>

#include <concepts>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>

namespace okhttp {

class Call;
class ConnectionInfo;

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

  [[nodiscard]] const Timeouts& timeouts() const noexcept;
  /// Other timeouts for what follows on this chain; the call's own deadline stays. A connect timeout is refused with
  /// std::logic_error in a network interceptor: the connection exists already.
  void set_connect_timeout(Timeouts::Duration timeout);
  void set_read_timeout(Timeouts::Duration timeout);
  void set_write_timeout(Timeouts::Duration timeout);

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

#pragma once

#include <okhttp/chrono.hpp>
#include <okhttp/config.hpp>
#include <okhttp/executor.hpp>
#include <okhttp/function.hpp>
#include <okhttp/request.hpp>
#include <okhttp/response.hpp>
#include <okhttp/result.hpp>

#include <coroutine>
#include <memory>
#include <optional>
#include <typeindex>

namespace okhttp {

namespace internal {
class CallState;
struct CallAccess;
}  // namespace internal

/// A request that is about to be made, runs, or is done. A handle; copies are the same call.
///
/// A call runs once, in one of three ways: execute() blocks, enqueue() calls back, co_await suspends. cancel(), the
/// queries and tags may be used from any thread at any time.
class OKHTTP_API Call {
 public:
  /// Called once for each enqueued call, on a thread of the dispatcher's executor; free to block.
  using Callback = std::function<void(const Call&, Result<Response>)>;

  /// The request as it was given, before any interceptor.
  [[nodiscard]] const Request& request() const noexcept;

  /// Runs the call on this thread and returns its response, whatever its code. Throws Error when there is none, and
  /// std::logic_error when the call was run before or this thread is a client's loop.
  [[nodiscard]] Response execute() const;
  /// As execute(), with a failed call as a value.
  [[nodiscard]] Result<Response> try_execute() const;

  /// Runs the call when the dispatcher's limits allow and hands the outcome to `callback`.
  void enqueue(Callback callback) const;
  /// The same with two functions.
  void enqueue(std::function<void(const Call&, Response)> on_response,
               std::function<void(const Call&, const Error&)> on_failure) const;

  class Awaiter;
  /// Runs the call when the dispatcher's limits allow and yields its response, or throws what execute() throws.
  ///
  /// The coroutine resumes where it was: on the engine that ran it if that is one of the library's (the client's loop,
  /// sync_wait, an interceptor); on the executor given to resume_on(); else on the client's loop. Destroying the
  /// suspended coroutine cancels the call.
  [[nodiscard]] Awaiter operator co_await() const;

  /// Ends the call with Errc::canceled as soon as possible. Any thread, any time, any number of times.
  void cancel() const noexcept;
  [[nodiscard]] bool is_canceled() const noexcept;
  /// True once it was run in one of the three ways.
  [[nodiscard]] bool is_executed() const noexcept;

  /// A fresh call for the same request with the same settings.
  [[nodiscard]] Call clone() const;

  // Settings, before the call is run: std::logic_error afterwards.

  /// The time for the whole call, until its body is read. 0 means none.
  const Call& timeout(std::chrono::milliseconds timeout) const;
  /// Cancels the call when a stop is requested of `token`, a std::stop_token. A template only because <stop_token> is
  /// dear to include; a look-alike of another type throws std::invalid_argument.
  template <class StopToken>
  requires requires(const StopToken& candidate) {
    candidate.stop_requested();
    candidate.stop_possible();
  }
  const Call& stop_token(const StopToken& token) const {
    return cancel_on_stop(std::type_index(typeid(StopToken)), &token);
  }
  /// Where a coroutine that awaits this call resumes.
  const Call& resume_on(std::shared_ptr<Executor> executor) const;

  /// The object attached to this call, else to its request, under type T; or null.
  template <class T>
  [[nodiscard]] std::shared_ptr<const T> tag() const {
    std::shared_ptr<const void> own = find_tag(std::type_index(typeid(T)));
    if (own == nullptr) return request().template tag<T>();
    return std::static_pointer_cast<const T>(std::move(own));
  }
  template <class T>
  void set_tag(std::shared_ptr<const T> value) const {
    put_tag(std::type_index(typeid(T)), std::move(value));
  }

  friend bool operator==(const Call&, const Call&) noexcept = default;

 private:
  friend struct internal::CallAccess;
  explicit Call(std::shared_ptr<internal::CallState> state) noexcept : state_(std::move(state)) {}
  [[nodiscard]] std::shared_ptr<const void> find_tag(std::type_index type) const;
  void put_tag(std::type_index type, std::shared_ptr<const void> value) const;
  const Call& cancel_on_stop(std::type_index token_type, const void* token) const;

  std::shared_ptr<internal::CallState> state_;
};

/// What co_await makes of a call.
class OKHTTP_API Call::Awaiter {
 public:
  explicit Awaiter(std::shared_ptr<internal::CallState> call);
  Awaiter(const Awaiter&) = delete;
  Awaiter& operator=(const Awaiter&) = delete;
  ~Awaiter();

  bool await_ready() const noexcept { return false; }
  bool await_suspend(std::coroutine_handle<> waiter);
  [[nodiscard]] Response await_resume();

 private:
  struct Shared;
  std::shared_ptr<Shared> shared_;
};

}  // namespace okhttp

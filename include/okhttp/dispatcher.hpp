#pragma once

#include <okhttp/config.hpp>
#include <okhttp/executor.hpp>
#include <okhttp/function.hpp>

#include <cstddef>
#include <exception>
#include <memory>
#include <vector>

namespace okhttp {

class Call;

namespace internal {
class DispatchQueue;
struct DispatcherAccess;
}  // namespace internal

/// Decides when enqueued and awaited calls run. A handle; copies are the same dispatcher. Safe from any thread.
///
/// Calls beyond the limits wait in order. A blocking call takes no place, but is listed as running.
class OKHTTP_API Dispatcher {
 public:
  /// At most 64 calls at once, 5 a host; callbacks on threads of the dispatcher's own, made on demand, kept 60 s.
  Dispatcher();
  /// Callbacks run on `executor`, which is not null. A call whose callback it refuses fails with Errc::rejected, and is
  /// called back on a thread of the dispatcher's own.
  explicit Dispatcher(std::shared_ptr<Executor> executor);

  /// How many calls run at once (above 0); takes effect at once. Throws std::invalid_argument for 0.
  void set_max_requests(std::size_t maximum) const;
  [[nodiscard]] std::size_t max_requests() const;
  /// How many calls to one host run at once (above 0). The host is that of the original request; ports, schemes and
  /// redirects do not matter.
  void set_max_requests_per_host(std::size_t maximum) const;
  [[nodiscard]] std::size_t max_requests_per_host() const;

  /// Called, on the thread that ended the last running call, whenever nothing runs any more. Must not block.
  void set_idle_callback(std::function<void()> callback) const;
  /// Told, where it happened, of an exception that left a callback; the default writes a line to standard error.
  void set_callback_exception_handler(std::function<void(std::exception_ptr)> handler) const;

  /// Cancels every waiting and running call.
  void cancel_all() const;
  [[nodiscard]] std::vector<Call> queued_calls() const;
  [[nodiscard]] std::vector<Call> running_calls() const;
  [[nodiscard]] std::size_t queued_calls_count() const;
  [[nodiscard]] std::size_t running_calls_count() const;

 private:
  friend struct internal::DispatcherAccess;
  std::shared_ptr<internal::DispatchQueue> queue_;
};

}  // namespace okhttp

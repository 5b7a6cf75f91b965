#pragma once

#include <okhttp/call.hpp>

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <typeindex>
#include <utility>
#include <vector>

#include "call/client_core.hpp"
#include "call/dispatched_call.hpp"
#include "connection/transmission.hpp"
#include "runtime/call_context.hpp"

namespace okhttp::internal {

/// Gets the outcome of a call that a dispatcher runs, once, on the client's loop.
class CallCompletion {
 public:
  CallCompletion() = default;
  CallCompletion(const CallCompletion&) = delete;
  CallCompletion& operator=(const CallCompletion&) = delete;
  virtual ~CallCompletion() = default;

  /// `failure` is null, or what was thrown instead. Ends in DispatchQueue::finished().
  virtual void complete(std::optional<Response> response, std::exception_ptr failure) noexcept = 0;
};

/// The failed call as an Error; anything else that was thrown, by an interceptor, a listener or a request body, is kept
/// as its cause.
[[nodiscard]] Error error_of_exception(const std::exception_ptr& exception);

/// A call: its request and settings, and its way from a start to one outcome. What Call is a handle to.
///
///     new --execute()--------------------------------> running on the calling thread --> done
///     new --enqueue(), co_await--> waiting --promoted--> running on the loop ----------> done
///                                     \--canceled, out of time--------------------------> done
///
/// Owned by its handles and, while it runs, by itself (`self_`), by its dispatcher and by the response's body.
/// Threads: cancel(), queries and tags from any; the rest on the thread or engine that runs the call.
class CallState final : public DispatchedCall,
                        public TransmissionOwner,
                        public std::enable_shared_from_this<CallState> {
 public:
  CallState(std::shared_ptr<const ClientCore> core, Request request);

  [[nodiscard]] const Request& request() const noexcept { return request_; }
  [[nodiscard]] bool is_executed() const noexcept { return executed_.load(std::memory_order_acquire); }
  [[nodiscard]] bool is_canceled() const noexcept { return context_->cancellation->requested(); }
  void cancel() noexcept;
  /// Cancels the call when the last client goes, unless its response is there: that one outlives the client, also while
  /// a callback still has its place.
  void end_with_client() noexcept {
    if (!has_response_.load(std::memory_order_acquire)) cancel();
  }

  // Settings. Throw std::logic_error once the call was started.
  void set_timeout(Timeouts::Duration timeout);
  void set_stop_token(std::stop_token token);
  void set_resume_on(std::shared_ptr<Executor> executor);
  [[nodiscard]] const std::shared_ptr<Executor>& resume_on() const noexcept { return resume_on_; }

  [[nodiscard]] std::shared_ptr<const void> find_tag(std::type_index type) const;
  void put_tag(std::type_index type, std::shared_ptr<const void> value);

  [[nodiscard]] std::shared_ptr<CallState> clone() const;
  [[nodiscard]] const ClientCore& core() const noexcept { return *core_; }

  // The three fronts.
  [[nodiscard]] Response execute();
  /// Runs the call when the dispatcher lets it.
  void dispatch(std::shared_ptr<CallCompletion> completion);
  /// The completion has been served: gives the place back.
  void leave_dispatcher() noexcept;

  // DispatchedCall
  [[nodiscard]] const std::string& dispatch_host() const noexcept override { return host_; }
  [[nodiscard]] bool counts_per_host() const noexcept override { return true; }
  void run_dispatched() noexcept override;
  void waits_in_queue() noexcept override;
  void cancel_dispatched() noexcept override { cancel(); }
  [[nodiscard]] Call public_call() override;

  // TransmissionOwner
  void transmission_ended(const Error* failure) noexcept override;

 private:
  void start();
  void tell_of_cancel() noexcept;
  void require_not_started(const char* setting) const;
  Task<Response> run();
  static Task<void> run_on_loop(std::shared_ptr<CallState> call, std::shared_ptr<Loop> loop);
  static Task<void> watch_the_queue(std::weak_ptr<CallState> weak, Engine& engine, TimePoint deadline);
  static Task<void> fail_in_queue(std::shared_ptr<CallState> call, Error error);
  void leave_queue(const Error& error) noexcept;

  const std::shared_ptr<const ClientCore> core_;
  const Request request_;
  const std::string host_;
  const std::shared_ptr<CallContext> context_;
  std::atomic<bool> executed_{false};
  std::atomic<bool> started_{false};  // what start() made may be used by cancel()
  std::atomic<bool> has_response_{false};
  std::atomic<bool> told_of_cancel_{false};
  std::atomic<bool> told_of_queue_{false};  // dispatcher_queue_start was raised
  std::atomic<bool> starts_inline_{false};  // an awaiting coroutine on the loop promotes its own call
  std::optional<Call> self_;                // what listeners are given, from the start to the end of the call
  std::shared_ptr<Transmission> transmission_;
  std::shared_ptr<CallCompletion> completion_;

  // Set before the start.
  Timeouts::Duration timeout_;
  std::shared_ptr<Executor> resume_on_;
  std::stop_token stop_token_;
  std::optional<std::stop_callback<std::function<void()>>> on_stop_;

  mutable std::mutex tags_mutex_;
  std::vector<std::pair<std::type_index, std::shared_ptr<const void>>> tags_;
};

/// What the library takes out of a Call, and makes of a state.
struct CallAccess {
  [[nodiscard]] static Call make(std::shared_ptr<CallState> state) { return Call(std::move(state)); }
  [[nodiscard]] static const std::shared_ptr<CallState>& state(const Call& call) noexcept { return call.state_; }
};

}  // namespace okhttp::internal

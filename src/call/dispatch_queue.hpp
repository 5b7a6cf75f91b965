#pragma once

#include <okhttp/dispatcher.hpp>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "call/callback_runner.hpp"
#include "call/dispatched_call.hpp"
#include "call/eligible_hosts.hpp"
#include "runtime/fork_mark.hpp"

namespace okhttp::internal {

/// Decides which calls run and which wait; what stands behind a Dispatcher.
///
///     enqueue ──> ready ──────> running ──finished──> gone
///                   └─withdraw──> gone
///     blocking_started ───────> running (without a place)
///
/// Invariants, whenever the mutex is free:
/// 1. Every place is taken, or no ready call may run: promotion is never left half done.
/// 2. `eligible_` holds exactly the hosts with ready calls and fewer running than their maximum. So the cost of
///    promoting is the logarithm of their number, whatever waits for the hosts that are full.
/// 3. A running call has been told to run, except while the thread that promoted it is about to.
///
/// Threads: any. The mutex is held for a few hundred instructions, never while a call, a callback or a destructor of
/// theirs runs.
class DispatchQueue final {
 public:
  using Calls = std::vector<std::shared_ptr<DispatchedCall>>;

  /// Callbacks run on `executor`; if null, on threads of the queue's own.
  explicit DispatchQueue(std::shared_ptr<Executor> executor = nullptr);
  DispatchQueue(const DispatchQueue&) = delete;
  DispatchQueue& operator=(const DispatchQueue&) = delete;
  ~DispatchQueue() = default;

  /// True in a child that was forked since: it has no threads for callbacks.
  [[nodiscard]] bool is_inherited() const noexcept { return mark_.is_inherited(); }

  // For calls.

  /// Runs the call now, or as soon as the limits allow.
  void enqueue(std::shared_ptr<DispatchedCall> call);
  /// The call gives back its place, if it has one, and is no longer listed. Does nothing unless it is running.
  void finished(DispatchedCall& call) noexcept;
  /// Takes a waiting call out, because it was canceled or its time is up. True means that it will not be run and that
  /// the caller ends it, without finished(). False means that it does not wait: if it was enqueued and has not been run
  /// yet, then run_dispatched() is about to come, and finds it canceled.
  [[nodiscard]] bool withdraw(DispatchedCall& call) noexcept;
  /// Lists a call that its own thread runs, until finished(); limits do not bind it.
  void blocking_started(std::shared_ptr<DispatchedCall> call) noexcept;

  /// Runs `work` on the executor. If that refuses it, by throwing or by dropping it unrun, runs `when_refused` instead,
  /// on a thread of the queue's own. Exactly one of the two runs, once. What it throws goes to the exception handler.
  void run_callback(std::function<void()> work, std::function<void()> when_refused);

  /// Tells the exception handler of an exception that nobody else was there to catch.
  void report_exception(const std::exception_ptr& exception) const noexcept;

  // For users.

  /// Requires: above 0.
  void set_max_requests(std::size_t maximum) noexcept;
  [[nodiscard]] std::size_t max_requests() const noexcept;
  /// Requires: above 0.
  void set_max_requests_per_host(std::size_t maximum) noexcept;
  [[nodiscard]] std::size_t max_requests_per_host() const noexcept;
  void set_idle_callback(std::function<void()> callback);
  void set_callback_exception_handler(std::function<void(std::exception_ptr)> handler);

  /// Cancels what is listed at this moment: first what waits, so that it is not run for nothing.
  void cancel_all() const;
  /// In the order of their coming.
  [[nodiscard]] Calls queued() const;
  /// In the order in which they began to run.
  [[nodiscard]] Calls running() const;
  [[nodiscard]] std::size_t queued_count() const noexcept;
  [[nodiscard]] std::size_t running_count() const noexcept;

 private:
  using EntryList = IntrusiveList<DispatchEntry, &DispatchEntry::listed>;
  using RunList = IntrusiveList<DispatchEntry, &DispatchEntry::turn>;

  /// A name whose hash was computed before the mutex was taken.
  struct HostName {
    explicit HostName(std::string_view host) noexcept : text(host), hash(std::hash<std::string_view>()(host)) {}
    std::string_view text;
    std::size_t hash;
  };
  struct HostHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view name) const noexcept { return std::hash<std::string_view>()(name); }
    std::size_t operator()(const HostName& name) const noexcept { return name.hash; }
  };
  struct HostEqual {
    using is_transparent = void;
    bool operator()(std::string_view left, std::string_view right) const noexcept { return left == right; }
    bool operator()(const HostName& left, std::string_view right) const noexcept { return left.text == right; }
    bool operator()(std::string_view left, const HostName& right) const noexcept { return left == right.text; }
  };

  static void run(RunList& promoted) noexcept;
  static void append(Calls& calls, const EntryList& list, std::size_t count);

  // All with the mutex held.
  [[nodiscard]] DispatchHost& host_named(const HostName& name);
  [[nodiscard]] bool is_full(const DispatchHost& host) const noexcept;
  void update_eligibility(DispatchHost& host) noexcept;
  void drop_if_unused(DispatchHost& host) noexcept;
  void start(DispatchEntry& entry, bool with_place) noexcept;
  void append_ready(DispatchEntry& entry) noexcept;
  void leave_ready(DispatchEntry& entry) noexcept;
  void leave_running(DispatchEntry& entry) noexcept;
  void promote(RunList& promoted) noexcept;

  const ForkMark mark_;
  const std::shared_ptr<const CallbackRunner> callbacks_;

  mutable std::mutex mutex_;  // guards what follows
  std::size_t max_requests_ = 64;
  std::size_t max_requests_per_host_ = 5;
  std::shared_ptr<const std::function<void()>> idle_callback_;
  EntryList ready_;
  EntryList running_;
  std::size_t ready_count_ = 0;
  std::size_t running_count_ = 0;
  std::size_t places_taken_ = 0;
  std::uint64_t next_sequence_ = 0;
  std::unordered_map<std::string, DispatchHost, HostHash, HostEqual> hosts_;
  DispatchHost without_limit_;  // web sockets
  EligibleHosts eligible_;
  // Hosts without calls, longest unused first. A few are kept, so that the next call to one allocates nothing.
  IntrusiveList<DispatchHost, &DispatchHost::unused> unused_hosts_;
  std::size_t unused_hosts_count_ = 0;
};

/// What the library takes out of a Dispatcher.
struct DispatcherAccess {
  static const std::shared_ptr<DispatchQueue>& queue(const Dispatcher& dispatcher) noexcept {
    return dispatcher.queue_;
  }
};

}  // namespace okhttp::internal

#pragma once

#include <memory>
#include <string>
#include <vector>

#include "runtime/deadline_wheel.hpp"
#include "runtime/engine.hpp"
#include "runtime/readiness_set.hpp"

namespace okhttp::internal {

/// The engine that serves many calls at once, on a thread of its own (Boost.Asio runs it).
///
/// Ownership: whoever holds the shared_ptr returned by start() keeps it running. When the last one goes, the loop ends
/// what is still parked with `canceled` and its thread ends by itself; nobody waits for it, so the last holder may be a
/// coroutine on the loop itself. The thread owns its state.
class Loop : public Engine, public std::enable_shared_from_this<Loop> {
 public:
  /// Starts a loop on a new thread of that name (15 characters are shown by the system).
  /// Throws std::system_error when the system gives no thread or descriptor.
  [[nodiscard]] static std::shared_ptr<Loop> start(std::string thread_name);

  [[nodiscard]] bool is_shared() const noexcept final { return true; }
  [[nodiscard]] bool share_in(std::shared_ptr<Engine>& share) noexcept final;
  [[nodiscard]] TimePoint now() noexcept final { return Clock::now(); }
  void post(Job& job) noexcept final;
  void interrupt(const std::shared_ptr<Cancellation>& cancellation) noexcept final;
  [[nodiscard]] std::unique_ptr<Socket> begin_connect(const ConnectRequest& request,
                                                      std::error_code& error) noexcept final;
  [[nodiscard]] std::unique_ptr<Listener> listen(const ListenRequest& request, std::error_code& error) noexcept final;
  bool adopt(Socket& socket) noexcept final;

 protected:
  Loop();
  ~Loop() override = default;

  /// One turn, on the loop's thread: `what` (readiness, deadlines or posted jobs), then all that became runnable.
  enum class Turn { readiness, deadlines, jobs };
  void turn(Turn what) noexcept;

  /// Ends everything parked, now and from now on.
  void close() noexcept;

  [[nodiscard]] int readiness_descriptor() const noexcept { return readiness_->descriptor(); }
  /// When turn(Turn::deadlines) is due next; kNever when nothing has a deadline.
  [[nodiscard]] TimePoint next_deadline_turn() noexcept;
  [[nodiscard]] bool is_closed() const noexcept { return closed_; }
  [[nodiscard]] bool is_drained() noexcept;

  /// Has turn(Turn::jobs) called soon on the loop's thread; called from any thread.
  virtual void wake() noexcept = 0;
  /// Has turn(Turn::deadlines) called at `when` or before; called on the loop's thread.
  virtual void arm_timer(TimePoint when) noexcept = 0;

 private:
  void on_park(Wait& wait) noexcept final;
  void on_unpark(Wait& wait) noexcept final;
  void dispatch_readiness();
  void attempt(Wait& wait) noexcept;
  void finish_overdue() noexcept;
  void run_jobs() noexcept;

  std::shared_ptr<ReadinessSet> readiness_;
  DeadlineWheel deadlines_;
  JobQueue own_jobs_;  // posted by the loop's thread during a turn
  std::vector<ReadinessSet::Entry*> signaled_;
  bool closed_ = false;

  std::mutex mutex_;      // guards what follows
  JobQueue posted_jobs_;  // posted by other threads
  bool wake_sent_ = false;
};

}  // namespace okhttp::internal

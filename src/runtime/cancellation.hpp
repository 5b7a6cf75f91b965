#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <vector>

#include "runtime/wait.hpp"

namespace okhttp::internal {

/// One call's request to stop, shared by the call and by whoever may cancel it.
///
/// Threads: request() and requested() from any thread; everything else on the engine that the call is attached to.
/// Invariants:
/// 1. Once requested it stays requested.
/// 2. A wait that was parked with this cancellation before request() is resumed promptly; one parked later sees the
/// flag
///    when it parks. Nothing is lost between: the flag is set before the engine is told, and parking looks at it last.
class Cancellation final : public std::enable_shared_from_this<Cancellation> {
 public:
  [[nodiscard]] bool requested() const noexcept { return requested_.load(std::memory_order_acquire); }

  /// Sets the flag and has the engine, if one runs the call now, resume every parked wait. True for the first request.
  bool request() noexcept;

  /// What belongs to the call and has a cancellation of its own is asked to stop with it, now if that was requested
  /// already.
  void lead(std::weak_ptr<Cancellation> other);

  /// Names the engine that runs the call from now on; null when none does. No wait is parked at that time.
  void attach(Engine* engine) noexcept;

  /// As attach(nullptr), unless another engine runs the call by now.
  void detach_from(const Engine& engine) noexcept;

  /// A wait that is parked on `engine`, asked on the engine's own thread; null when there is none, or when another
  /// engine runs the call, whose waits belong to that one's thread.
  [[nodiscard]] Wait* first_wait_on(const Engine& engine) noexcept;

 private:
  std::atomic<bool> requested_{false};
  std::mutex mutex_;  // orders attach() and request(), so that the engine is alive while it is told
  Engine* engine_ = nullptr;
  std::vector<std::weak_ptr<Cancellation>> led_;

  friend class Engine;
  Wait::CallList waits_;  // parked with this cancellation; touched by the engine's thread alone
};

}  // namespace okhttp::internal

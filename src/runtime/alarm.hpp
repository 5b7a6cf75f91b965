#pragma once

#include <functional>
#include <memory>
#include <string>

#include "runtime/clock.hpp"
#include "runtime/fork_mark.hpp"

namespace okhttp::internal {

/// Calls a function once, when its time has come or when told before, on a thread that does nothing else. For what is
/// mostly called off: a thread that sleeps takes no descriptor and little time to start, where a loop takes both.
///
/// Threads: any. Dropping it calls it off, unless the function is already running; nobody waits for the thread.
class Alarm final {
 public:
  /// Throws std::system_error when the system gives no thread. `ring` must not throw.
  Alarm(std::string thread_name, TimePoint when, std::function<void()> ring);
  Alarm(const Alarm&) = delete;
  Alarm& operator=(const Alarm&) = delete;
  ~Alarm();

  /// Does not wait until it was done. Has no effect once the function was called.
  void ring_now() noexcept;

 private:
  struct Shared;
  void tell(bool to_ring) noexcept;

  std::shared_ptr<Shared> shared_;
  const ForkMark mark_;
};

}  // namespace okhttp::internal

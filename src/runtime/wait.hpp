#pragma once

#include <coroutine>
#include <cstdint>

#include "runtime/clock.hpp"
#include "runtime/intrusive_list.hpp"
#include "runtime/job.hpp"

namespace okhttp::internal {

class Cancellation;
class Engine;
class Socket;

/// How a wait ended.
enum class WaitResult : std::uint8_t { ready, deadline, canceled };

/// What ends a wait besides its event: how long to be patient, and whose call it is.
struct WaitTerms {
  explicit WaitTerms(Cancellation* whose = nullptr, TimePoint until = kNever) noexcept
      : cancellation(whose), deadline(until) {}
  Cancellation* cancellation;
  TimePoint deadline;
  /// A loop compares deadlines by a coarse tick; this one is to be met to the millisecond. Costs a timer of its own.
  bool is_exact = false;
};

/// Which way a socket must be ready.
enum class Interest : std::uint8_t { read, write, both };

/// A suspended coroutine which an engine resumes exactly once: at an event, at a deadline, or when its call is
/// canceled. Lives in the coroutine's frame, inside an awaiter.
///
/// The event is either a socket that became ready, upon which the engine calls attempt() until that says it is done, or
/// somebody's Engine::finish().
///
/// Threads: parked, finished and destroyed on the engine's thread. A coroutine that came from elsewhere (user code that
/// resumed it on another thread) parks by a posted job.
/// Destroying a parked wait takes it out of the engine: a destroyed coroutine leaves nothing behind.
class Wait : private Job {
 public:
  Wait(const Wait&) = delete;
  Wait& operator=(const Wait&) = delete;

  [[nodiscard]] TimePoint deadline() const noexcept { return terms_.deadline; }
  [[nodiscard]] bool is_exact() const noexcept { return terms_.is_exact; }
  [[nodiscard]] Cancellation* cancellation() const noexcept { return terms_.cancellation; }
  [[nodiscard]] bool is_parked() const noexcept { return engine_ != nullptr; }
  /// What it waits for, or null when that is no socket.
  [[nodiscard]] Socket* socket() const noexcept { return socket_; }
  [[nodiscard]] Interest interest() const noexcept { return interest_; }

  /// Tries the operation now. True when it is finished, well or badly; false when it has to wait on (it may have
  /// changed its interest meanwhile, as TLS does). Engines ask when the socket may be ready.
  virtual bool attempt() noexcept { return false; }
  /// True when attempt() reads from the socket, so that a thread with nothing else to do may block in it.
  [[nodiscard]] virtual bool reads_when_attempted() const noexcept { return false; }

 protected:
  explicit Wait(WaitTerms terms) noexcept : terms_(terms) {}
  Wait(WaitTerms terms, Socket* socket, Interest interest) noexcept
      : terms_(terms), socket_(socket), interest_(interest) {}
  ~Wait();

  /// Suspends `waiter` on `engine`. The last thing that an await_suspend does: the coroutine may be running already.
  void suspend(Engine& engine, std::coroutine_handle<> waiter) noexcept;
  [[nodiscard]] WaitResult result() const noexcept { return result_; }
  void set_interest(Interest interest) noexcept { interest_ = interest; }

 private:
  friend class Engine;
  friend class CallingThread;
  friend class DeadlineWheel;

  void run() noexcept final;  // arrives on the engine after having been posted from another thread

  WaitTerms terms_;
  Socket* socket_ = nullptr;
  Interest interest_ = Interest::read;
  WaitResult result_ = WaitResult::ready;
  bool signaled_ = false;  // the engine found its socket ready and has yet to say so
  std::uint16_t deadline_slot_ = 0;
  std::coroutine_handle<> waiter_;
  Engine* engine_ = nullptr;       // where it is parked, else null
  Engine* destination_ = nullptr;  // where it is about to be parked
  ListHook<Wait> deadline_hook_;
  ListHook<Wait> parked_hook_;
  ListHook<Wait> call_hook_;

 public:
  using DeadlineList = IntrusiveList<Wait, &Wait::deadline_hook_>;
  using ParkedList = IntrusiveList<Wait, &Wait::parked_hook_>;
  using CallList = IntrusiveList<Wait, &Wait::call_hook_>;
};

}  // namespace okhttp::internal

#pragma once

#include <okhttp/error.hpp>
#include <okhttp/timeouts.hpp>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string_view>

#include "runtime/cancellation.hpp"
#include "runtime/clock.hpp"
#include "runtime/engine.hpp"
#include "runtime/stream.hpp"

namespace okhttp {
class Call;
class EventListener;
}  // namespace okhttp

namespace okhttp::internal {

class LoopProvider;

/// What the lower layers need to know of a call: who runs it, how long it may take, whether it was canceled, and who
/// wants to be told. Shared by the call, its exchanges and its response body.
///
/// Threads: the engine that runs the call, which changes only between two operations; `cancellation` is any thread's.
struct CallContext {
  explicit CallContext(std::shared_ptr<LoopProvider> loops) noexcept;
  CallContext(const CallContext&) = delete;
  CallContext& operator=(const CallContext&) = delete;
  ~CallContext();

  /// Names the engine on which the call goes on: its home. Requires: nothing of the call is parked, and the engine is
  /// one of `loops` or lets go of calls at its end.
  void attach(Engine& engine);
  void detach();
  /// Back to the home, after somebody read a body elsewhere: with a blocking function, whose engine is gone by now, or
  /// on another thread. Requires: the call is running, so that its home exists. Nothing happens when it has none yet.
  void go_home();
  /// Requires: attached.
  [[nodiscard]] Engine& engine() const noexcept { return *engine_; }
  /// True when this thread runs the engine that the call is attached to.
  [[nodiscard]] bool runs_here() const noexcept { return engine_ != nullptr && engine_ == Engine::current(); }
  /// Moves to the engine that this thread runs now, if there is one and it is another; used by bodies, which are read
  /// wherever their reader runs. Another client's loop is kept running for as long as the call stays there.
  /// Throws Errc::canceled when that loop is at its end.
  void follow_current_engine();

  /// The time of the engine that runs the call, or the system's when none does.
  [[nodiscard]] TimePoint now() const noexcept { return engine_ != nullptr ? engine_->now() : Clock::now(); }

  /// Terms of a wait that may take `timeout` (0: for ever) and no longer than the call.
  [[nodiscard]] WaitTerms terms(Timeouts::Duration timeout) const noexcept;
  /// Terms of a wait that ends at `deadline` or with the call.
  [[nodiscard]] WaitTerms terms_until(TimePoint deadline) const noexcept;

  /// Throws if the call was canceled or is out of time.
  void check() const;

  /// When the call has to be through: `deadline`, and for a branch of a call the whole call's.
  [[nodiscard]] TimePoint last_moment() const noexcept {
    return whole == nullptr ? deadline : std::min(deadline, whole->last_moment());
  }

  /// How often the call, in all its branches, began to connect: what listeners tell attempts apart by.
  [[nodiscard]] std::uint32_t& connect_attempts() noexcept {
    return whole == nullptr ? connect_attempts_ : whole->connect_attempts();
  }

  const Call* call = nullptr;               ///< for listeners; set while the call runs
  std::shared_ptr<EventListener> listener;  ///< null when nobody listens
  std::shared_ptr<Cancellation> cancellation = std::make_shared<Cancellation>();
  TimePoint deadline = kNever;  ///< of the whole call, or of a branch of it
  /// The context of the whole call, for one of several branches that run side by side (ChainBranch); else null.
  std::shared_ptr<CallContext> whole;
  Timeouts timeouts;
  std::shared_ptr<LoopProvider> loops;

 private:
  void move_to(Engine& engine, std::shared_ptr<Engine> share);

  std::uint32_t connect_attempts_ = 0;
  Engine* engine_ = nullptr;
  std::uint64_t engine_id_ = 0;  // of the engine last attached to
  Engine* home_ = nullptr;
  std::uint64_t home_id_ = 0;
  std::shared_ptr<Engine> share_;  // in the engine, when it is not the home and runs only as long as somebody wants it
};

/// What an ended wait means for the call: `on_deadline` when that wait's own time is up, Errc::timeout when the call's.
[[nodiscard]] Error error_of(const CallContext& context, WaitResult result, Errc on_deadline, std::string_view doing);

/// The failure of an I/O operation as an Error; `doing` reads like "reading the response from example.com:443".
[[nodiscard]] Error error_of(const CallContext& context, const IoResult& result, Errc on_deadline,
                             std::string_view doing, const Stream& stream);

}  // namespace okhttp::internal

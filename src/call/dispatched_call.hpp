#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "runtime/intrusive_list.hpp"

namespace okhttp {
class Call;
}

namespace okhttp::internal {

class DispatchedCall;
struct DispatchHost;

/// What a DispatchQueue notes about one call, kept inside the call so that scheduling allocates nothing.
struct DispatchEntry {
  enum class State : std::uint8_t { unlisted, ready, running };

  std::shared_ptr<DispatchedCall> call;  // while listed
  DispatchHost* host = nullptr;          // while ready, or while running with a place
  std::uint64_t sequence = 0;            // of its coming, while ready
  ListHook<DispatchEntry> listed;        // among all that are ready, or all that run
  ListHook<DispatchEntry> turn;          // among those ready for one host, then among those about to be run
  State state = State::unlisted;
  bool announcing = false;   // enqueue() has not yet come back from waits_in_queue()
  bool holds_place = false;  // counts against the limits
};

/// A call as a DispatchQueue sees it.
///
/// Requires: it keeps its queue alive while it is listed there, and is listed in one queue, once.
class DispatchedCall {
 public:
  DispatchedCall() = default;
  DispatchedCall(const DispatchedCall&) = delete;
  DispatchedCall& operator=(const DispatchedCall&) = delete;
  virtual ~DispatchedCall() = default;

  /// The host of the original request.
  [[nodiscard]] virtual const std::string& dispatch_host() const noexcept = 0;
  /// False for web sockets, which only count against the maximum of all calls.
  [[nodiscard]] virtual bool counts_per_host() const noexcept = 0;

  /// Runs the call: its turn has come. Called once, with no lock held, on the thread that enqueued it or that made the
  /// place free, never inside another run_dispatched(). Must not block, and ends in DispatchQueue::finished(), now or
  /// later, also when the call was canceled meanwhile.
  virtual void run_dispatched() noexcept = 0;
  /// Told, by the thread that enqueues, that the call could not be run at once. No lock is held. It returns before
  /// run_dispatched() begins and before withdraw() says yes.
  virtual void waits_in_queue() noexcept = 0;
  virtual void cancel_dispatched() noexcept = 0;
  /// The handle for the lists of calls that users see.
  [[nodiscard]] virtual Call public_call() = 0;

 private:
  friend class DispatchQueue;
  DispatchEntry entry_;  // guarded by the queue's mutex
};

}  // namespace okhttp::internal

#pragma once

#include <okhttp/task.hpp>

#include <memory>
#include <utility>

#include "runtime/signal.hpp"

namespace okhttp::internal {

/// Tells one coroutine of an engine that something it waits for may have changed. What the bell said before anybody
/// waited is not lost. All on the engine's thread; whoever waits is resumed after the present turn, so that it may be
/// rung from anywhere.
class Doorbell {
 public:
  void ring() {
    if (waiting_ != nullptr) {
      waiting_->set();
    } else {
      has_rung_ = true;
    }
  }

  /// Until rung, which it may have been already, or until the terms end the wait.
  Task<WaitResult> wait(Engine& engine, WaitTerms terms) {
    if (std::exchange(has_rung_, false)) co_return WaitResult::ready;
    waiting_ = std::make_shared<Signal>();
    Signal::Awaiter rung(waiting_, engine, terms);
    const WaitResult result = co_await rung;
    waiting_.reset();
    co_return result;
  }

 private:
  bool has_rung_ = false;
  std::shared_ptr<Signal> waiting_;
};

}  // namespace okhttp::internal

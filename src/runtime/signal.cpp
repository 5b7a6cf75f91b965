#include "runtime/signal.hpp"

#include <utility>

namespace okhttp::internal {

class Signal::WakeJob final : public Job {
 public:
  WakeJob(std::shared_ptr<Signal> signal, Engine& engine) noexcept : signal_(std::move(signal)), engine_(engine) {}

  void run() noexcept override {
    Awaiter* waiter = nullptr;
    {
      const std::lock_guard lock(signal_->mutex_);
      // Another waiter may have come meanwhile, on another engine; it saw that the signal is set.
      if (signal_->engine_ == &engine_) waiter = signal_->waiter_;
    }
    // A waiter not yet parked looks at the signal when it arrives.
    if (waiter != nullptr && waiter->is_parked()) engine_.finish(*waiter, WaitResult::ready);
    delete this;
  }

 private:
  std::shared_ptr<Signal> signal_;
  Engine& engine_;
};

void Signal::set() noexcept {
  const std::lock_guard lock(mutex_);
  if (std::exchange(set_, true)) return;
  // Under the lock: a registered waiter keeps its engine alive, and it leaves under this lock.
  if (waiter_ != nullptr) engine_->post(*new WakeJob(shared_from_this(), *engine_));
}

bool Signal::is_set() noexcept {
  const std::lock_guard lock(mutex_);
  return set_;
}

bool Signal::Awaiter::await_suspend(std::coroutine_handle<> waiter) noexcept {
  {
    const std::lock_guard lock(signal_->mutex_);
    if (!signal_->set_) {
      signal_->waiter_ = this;
      signal_->engine_ = &waiting_on_;
    } else if (waiting_on_.runs_here()) {
      return false;
    }
  }
  // When it is set already, a waiter on a foreign thread still has to go home.
  suspend(waiting_on_, waiter);
  return true;
}

WaitResult Signal::Awaiter::await_resume() noexcept {
  leave();
  return result();
}

void Signal::Awaiter::leave() noexcept {
  const std::lock_guard lock(signal_->mutex_);
  if (signal_->waiter_ != this) return;
  signal_->waiter_ = nullptr;
  signal_->engine_ = nullptr;
}

}  // namespace okhttp::internal

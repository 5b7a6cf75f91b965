#include "runtime/cancellation.hpp"

#include <utility>

#include "runtime/engine.hpp"

namespace okhttp::internal {

bool Cancellation::request() noexcept {
  std::shared_ptr<Cancellation> led;
  {
    const std::lock_guard lock(mutex_);
    if (requested_.exchange(true, std::memory_order_acq_rel)) return false;
    if (engine_ != nullptr) engine_->interrupt(shared_from_this());
    led = led_.lock();
  }
  if (led != nullptr) led->request();
  return true;
}

void Cancellation::lead(std::weak_ptr<Cancellation> other) noexcept {
  {
    const std::lock_guard lock(mutex_);
    led_ = std::move(other);
    if (!requested()) return;
    other = led_;
  }
  if (const std::shared_ptr<Cancellation> led = other.lock()) led->request();
}

void Cancellation::attach(Engine* engine) noexcept {
  const std::lock_guard lock(mutex_);
  engine_ = engine;
}

void Cancellation::detach_from(const Engine& engine) noexcept {
  const std::lock_guard lock(mutex_);
  if (engine_ == &engine) engine_ = nullptr;
}

Wait* Cancellation::first_wait_on(const Engine& engine) noexcept {
  // Under the lock: a reader on another thread attaches its own engine before it parks there.
  const std::lock_guard lock(mutex_);
  return engine_ == &engine ? waits_.front() : nullptr;
}

}  // namespace okhttp::internal

#include "runtime/cancellation.hpp"

#include <utility>

#include "runtime/engine.hpp"

namespace okhttp::internal {

bool Cancellation::request() noexcept {
  std::vector<std::weak_ptr<Cancellation>> led;
  {
    const std::lock_guard lock(mutex_);
    if (requested_.exchange(true, std::memory_order_acq_rel)) return false;
    if (engine_ != nullptr) engine_->interrupt(shared_from_this());
    led.swap(led_);
  }
  for (const std::weak_ptr<Cancellation>& other : led) {
    if (const std::shared_ptr<Cancellation> alive = other.lock()) alive->request();
  }
  return true;
}

void Cancellation::lead(std::weak_ptr<Cancellation> other) {
  {
    const std::lock_guard lock(mutex_);
    if (!requested()) {
      std::erase_if(led_, [](const std::weak_ptr<Cancellation>& one) { return one.expired(); });
      led_.push_back(std::move(other));
      return;
    }
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

#include "runtime/cancellation.hpp"

#include "runtime/engine.hpp"

namespace okhttp::internal {

bool Cancellation::request() noexcept {
  const std::lock_guard lock(mutex_);
  if (requested_.exchange(true, std::memory_order_acq_rel)) return false;
  if (engine_ != nullptr) engine_->interrupt(shared_from_this());
  return true;
}

void Cancellation::attach(Engine* engine) noexcept {
  const std::lock_guard lock(mutex_);
  engine_ = engine;
}

void Cancellation::detach_from(const Engine& engine) noexcept {
  const std::lock_guard lock(mutex_);
  if (engine_ == &engine) engine_ = nullptr;
}

bool Cancellation::is_attached_to(const Engine& engine) noexcept {
  const std::lock_guard lock(mutex_);
  return engine_ == &engine;
}

}  // namespace okhttp::internal

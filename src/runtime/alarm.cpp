#include "runtime/alarm.hpp"

#include <pthread.h>

#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

namespace okhttp::internal {

struct Alarm::Shared {
  std::mutex mutex;
  std::condition_variable was_told;
  std::optional<bool> to_ring;  // guarded by the mutex; nothing as long as it is to wait for its time

  [[nodiscard]] bool rings_at(TimePoint when) {
    std::unique_lock lock(mutex);
    was_told.wait_until(lock, when, [this] { return to_ring.has_value(); });
    return to_ring.value_or(true);
  }
};

Alarm::Alarm(std::string thread_name, TimePoint when, std::function<void()> ring)
    : shared_(std::make_shared<Shared>()) {
  std::thread([shared = shared_, name = std::move(thread_name), when, ring = std::move(ring)] {
    pthread_setname_np(pthread_self(), name.substr(0, 15).c_str());
    if (shared->rings_at(when)) ring();
  }).detach();
}

Alarm::~Alarm() { tell(false); }

void Alarm::ring_now() noexcept { tell(true); }

void Alarm::tell(bool to_ring) noexcept {
  if (mark_.is_inherited()) return;  // the thread is the parent's, and may have held the mutex
  const std::lock_guard lock(shared_->mutex);
  if (shared_->to_ring.has_value()) return;
  shared_->to_ring = to_ring;
  shared_->was_told.notify_one();
}

}  // namespace okhttp::internal

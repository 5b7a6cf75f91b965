#include "request_log.hpp"

#include <utility>

namespace okhttp::internal {

void RequestLog::add(RecordedRequest request) {
  const std::lock_guard lock(mutex_);
  requests_.push_back(std::move(request));
  ++count_;
  added_.notify_one();
}

std::optional<RecordedRequest> RequestLog::take(std::chrono::milliseconds timeout) {
  std::unique_lock lock(mutex_);
  if (!added_.wait_for(lock, timeout, [this] { return !requests_.empty(); })) return std::nullopt;
  std::optional<RecordedRequest> request(std::move(requests_.front()));
  requests_.pop_front();
  return request;
}

std::size_t RequestLog::count() const {
  const std::lock_guard lock(mutex_);
  return count_;
}

}  // namespace okhttp::internal

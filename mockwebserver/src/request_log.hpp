#pragma once

#include <okhttp/mockwebserver/recorded_request.hpp>

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>

namespace okhttp::internal {

/// The requests that were received, for the test to take. Thread-safe.
class RequestLog {
 public:
  void add(RecordedRequest request);
  [[nodiscard]] std::optional<RecordedRequest> take(std::chrono::milliseconds timeout);
  /// All ever added.
  [[nodiscard]] std::size_t count() const;

 private:
  mutable std::mutex mutex_;
  std::condition_variable added_;
  std::deque<RecordedRequest> requests_;
  std::size_t count_ = 0;
};

}  // namespace okhttp::internal

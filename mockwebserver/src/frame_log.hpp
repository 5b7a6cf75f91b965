#pragma once

#include <okhttp/mockwebserver/recorded_frame.hpp>

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <vector>

namespace okhttp::internal {

/// The HTTP/2 frames that were received, for the test to look at. Thread-safe. Keeps the last 65,536.
class FrameLog {
 public:
  void add(RecordedFrame frame);
  /// The first of that type that was not taken, waiting for it.
  [[nodiscard]] std::optional<RecordedFrame> take(RecordedFrame::Type type, std::chrono::milliseconds timeout);
  /// All of one connection, those that were taken included.
  [[nodiscard]] std::vector<RecordedFrame> of_connection(std::size_t connection_index) const;

 private:
  struct Entry {
    RecordedFrame frame;
    bool is_taken = false;
  };

  mutable std::mutex mutex_;
  std::condition_variable added_;
  std::deque<Entry> frames_;
};

}  // namespace okhttp::internal

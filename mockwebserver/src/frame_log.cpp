#include "frame_log.hpp"

#include <algorithm>
#include <utility>

namespace okhttp::internal {
namespace {

constexpr std::size_t kKept = 65'536;

}  // namespace

void FrameLog::add(RecordedFrame frame) {
  const std::lock_guard lock(mutex_);
  if (frames_.size() == kKept) frames_.pop_front();
  frames_.emplace_back().frame = std::move(frame);
  added_.notify_all();
}

std::optional<RecordedFrame> FrameLog::take(RecordedFrame::Type type, std::chrono::milliseconds timeout) {
  std::unique_lock lock(mutex_);
  auto found = frames_.end();
  const auto is_there = [&] {
    found = std::find_if(frames_.begin(), frames_.end(),
                         [type](const Entry& entry) { return entry.frame.type == type && !entry.is_taken; });
    return found != frames_.end();
  };
  if (!added_.wait_for(lock, timeout, is_there)) return std::nullopt;
  found->is_taken = true;
  return found->frame;
}

std::vector<RecordedFrame> FrameLog::of_connection(std::size_t connection_index) const {
  const std::lock_guard lock(mutex_);
  std::vector<RecordedFrame> frames;
  for (const Entry& entry : frames_) {
    if (entry.frame.connection_index == connection_index) frames.push_back(entry.frame);
  }
  return frames;
}

}  // namespace okhttp::internal

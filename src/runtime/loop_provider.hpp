#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <string>

#include "runtime/fork_mark.hpp"
#include "runtime/loop.hpp"

namespace okhttp::internal {

/// Starts a client's loop when it is first needed, so that a program that only blocks has no thread of the library's.
/// Shared by clients that were derived from one another. Safe from any thread.
class LoopProvider final {
 public:
  explicit LoopProvider(std::string thread_name) : thread_name_(std::move(thread_name)) {}

  /// Throws std::logic_error in a child of the process that this was made in: it has no thread of the loop's, and must
  /// leave its parent's connections alone.
  void refuse_if_inherited() const;
  [[nodiscard]] bool is_inherited() const noexcept { return mark_.is_inherited(); }

  /// The loop, started now if it was not. Throws Errc::io when that fails, and in a child as above.
  [[nodiscard]] std::shared_ptr<Loop> get();
  /// The loop if it was started and runs in this process, else null.
  [[nodiscard]] std::shared_ptr<Loop> peek();

 private:
  const std::string thread_name_;
  const ForkMark mark_;
  std::mutex mutex_;
  std::shared_ptr<Loop> loop_;  // guarded by the mutex until it was started, constant from then on
  std::atomic<bool> was_started_{false};
};

}  // namespace okhttp::internal

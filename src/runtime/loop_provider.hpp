#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "runtime/loop.hpp"

namespace okhttp::internal {

/// Starts a client's loop when it is first needed, so that a program that only blocks has no thread of the library's.
/// Shared by clients that were derived from one another. Safe from any thread.
class LoopProvider final {
 public:
  explicit LoopProvider(std::string thread_name) : thread_name_(std::move(thread_name)) {}

  /// The loop, started now if it was not. Throws Errc::io when that fails.
  [[nodiscard]] std::shared_ptr<Loop> get();
  /// The loop if it was started, else null.
  [[nodiscard]] std::shared_ptr<Loop> peek();

 private:
  const std::string thread_name_;
  std::mutex mutex_;
  std::shared_ptr<Loop> loop_;
};

}  // namespace okhttp::internal

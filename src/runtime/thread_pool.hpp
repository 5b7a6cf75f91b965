#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>

namespace okhttp::internal {

/// Threads for work that blocks, made on demand up to a maximum and ended after idling.
///
/// Threads: any. Destroying the pool neither waits nor drops anything: threads own the queue and end by themselves once
/// it is empty, so the pool may be destroyed on one of its own threads.
class ThreadPool final {
 public:
  ThreadPool(std::string name, std::size_t max_threads, std::chrono::milliseconds keep_alive);
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;
  ~ThreadPool();

  /// Runs `work` on one of the threads. Throws std::system_error when no thread could be made and none exists.
  /// An exception that leaves `work` ends the process, as for any thread: callers catch.
  void execute(std::function<void()> work);

  /// Threads that exist now.
  [[nodiscard]] std::size_t thread_count() const;

 private:
  struct Shared;
  std::shared_ptr<Shared> shared_;
};

}  // namespace okhttp::internal

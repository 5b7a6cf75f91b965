#include "runtime/spawn.hpp"

#include <exception>
#include <memory>
#include <utility>

namespace okhttp::internal {
namespace {

/// A coroutine that frees itself when it ends.
struct Detached {
  struct promise_type {
    static void* operator new(std::size_t bytes) { return allocate_frame(bytes); }
    static void operator delete(void* frame, std::size_t bytes) noexcept { deallocate_frame(frame, bytes); }
    Detached get_return_object() noexcept { return {}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() noexcept {}
    void unhandled_exception() noexcept { std::terminate(); }
  };
};

Detached run_alone(Task<void> task) { co_await std::move(task); }

class StartJob final : public Job {
 public:
  explicit StartJob(Task<void> task) noexcept : task_(std::move(task)) {}

  void run() noexcept override {
    const std::unique_ptr<StartJob> self(this);
    start_detached(std::move(task_));
  }

 private:
  Task<void> task_;
};

}  // namespace

void start_detached(Task<void> task) noexcept { run_alone(std::move(task)); }

void spawn_detached(Engine& engine, Task<void> task) { engine.post(*new StartJob(std::move(task))); }

}  // namespace okhttp::internal

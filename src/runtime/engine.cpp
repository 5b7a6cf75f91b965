#include "runtime/engine.hpp"

#include <atomic>
#include <utility>

namespace okhttp::internal {
namespace {

// Not inlined: the address of a thread-local must not be kept across a suspension that changes threads.
[[gnu::noinline]] Engine*& current_engine() noexcept {
  thread_local Engine* engine = nullptr;
  return engine;
}

std::uint64_t next_engine_id() noexcept {
  // Numbers are drawn in blocks, one a thread, so that blocking calls of many threads share no cache line.
  constexpr std::uint64_t kBlock = std::uint64_t{1} << 32;
  static std::atomic<std::uint64_t> next_block{1};
  thread_local std::uint64_t next = next_block.fetch_add(1, std::memory_order_relaxed) * kBlock;
  return next++;
}

}  // namespace

Engine::Engine() noexcept : id_(next_engine_id()) {}

Engine* Engine::current() noexcept { return current_engine(); }

Engine::Scope::Scope(Engine* engine) noexcept : previous_(std::exchange(current_engine(), engine)) {}

Engine::Scope::~Scope() { current_engine() = previous_; }

Wait::~Wait() {
  if (engine_ != nullptr) engine_->unpark(*this);
}

void Wait::suspend(Engine& engine, std::coroutine_handle<> waiter) noexcept {
  waiter_ = waiter;
  destination_ = &engine;
  if (engine.runs_here()) {
    engine.park(*this);
  } else {
    engine.post(*this);
  }
}

void Wait::run() noexcept {
  // The event may have come before the wait arrived here, and nobody would tell of it again.
  const bool is_canceled = terms_.cancellation != nullptr && terms_.cancellation->requested();
  if (!is_canceled && attempt()) {
    waiter_.resume();
  } else {
    destination_->park(*this);
  }
}

void Engine::park(Wait& wait) noexcept {
  wait.engine_ = this;
  parked_.push_back(wait);
  ++parked_count_;
  if (wait.terms_.cancellation != nullptr) wait.terms_.cancellation->waits_.push_back(wait);
  on_park(wait);
  // Last, when the wait can be found: a request from another thread either sees it parked or is seen here. A resumption
  // from within await_suspend would recurse, so it is left to a job.
  if (wait.terms_.cancellation != nullptr && wait.terms_.cancellation->requested()) {
    interrupt(wait.terms_.cancellation->shared_from_this());
  }
}

void Engine::unpark(Wait& wait) noexcept {
  on_unpark(wait);
  if (wait.terms_.cancellation != nullptr) wait.terms_.cancellation->waits_.erase(wait);
  parked_.erase(wait);
  --parked_count_;
  wait.engine_ = nullptr;
}

void Engine::finish(Wait& wait, WaitResult result) noexcept {
  unpark(wait);
  wait.result_ = result;
  wait.waiter_.resume();
}

void Engine::finish_all(Cancellation& cancellation) noexcept {
  // A resumed coroutine may park or end others, and one that parks now is told by a job of its own.
  std::size_t rounds = parked_count_;
  while (rounds-- > 0) {
    // The call may have moved on to another engine.
    Wait* const wait = cancellation.first_wait_on(*this);
    if (wait == nullptr) return;
    finish(*wait, WaitResult::canceled);
  }
}

void Engine::abandon_all() noexcept {
  while (Wait* wait = parked_.front()) finish(*wait, WaitResult::canceled);
}

}  // namespace okhttp::internal

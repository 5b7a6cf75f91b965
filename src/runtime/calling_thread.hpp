#pragma once

#include <okhttp/task.hpp>

#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "runtime/engine.hpp"

namespace okhttp::internal {

/// The engine of a blocking call: the thread that called runs the call's coroutines until they are done.
///
/// With one wait it blocks straight in recv(2) with the wait's exact deadline; with several, as during a connect race,
/// in poll(2). Lives on the caller's stack; may be nested, as when an interceptor makes a blocking call of its own.
class CallingThread final : public Engine {
 public:
  CallingThread() = default;
  ~CallingThread() override;

  /// Runs `task` to its end on this thread and returns or throws its result.
  template <class T>
  T run(Task<T> task) {
    Outcome<T> outcome;
    const Scope scope(this);
    done_ = false;
    keep_outcome(*this, std::move(task), outcome);
    run_until_done();
    return outcome.take();
  }

  [[nodiscard]] bool is_shared() const noexcept override { return false; }
  [[nodiscard]] TimePoint now() noexcept override { return Clock::now(); }
  void post(Job& job) noexcept override;
  void interrupt(const std::shared_ptr<Cancellation>& cancellation) noexcept override;
  [[nodiscard]] std::unique_ptr<Socket> begin_connect(const ConnectRequest& request,
                                                      std::error_code& error) noexcept override;
  [[nodiscard]] std::unique_ptr<Listener> listen(const ListenRequest& request,
                                                 std::error_code& error) noexcept override;
  bool adopt(Socket& socket) noexcept override;
  void on_attach(const std::shared_ptr<Cancellation>& cancellation) override;

 protected:
  void on_park(Wait& wait) noexcept override;
  void on_unpark(Wait& wait) noexcept override;

 private:
  template <class T>
  struct Outcome {
    std::optional<T> value;
    std::exception_ptr failure;
    T take() {
      if (failure) std::rethrow_exception(failure);
      return std::move(*value);
    }
  };

  /// The coroutine at the root: frees itself, after it left the outcome with the thread that waits.
  struct Root {
    struct promise_type {
      static void* operator new(std::size_t bytes) { return allocate_frame(bytes); }
      static void operator delete(void* frame, std::size_t bytes) noexcept { deallocate_frame(frame, bytes); }
      Root get_return_object() noexcept { return {}; }
      std::suspend_never initial_suspend() noexcept { return {}; }
      std::suspend_never final_suspend() noexcept { return {}; }
      void return_void() noexcept {}
      void unhandled_exception() noexcept { std::terminate(); }
    };
  };

  template <class T>
  static Root keep_outcome(CallingThread& engine, Task<T> task, Outcome<T>& outcome) {
    {
      Task<T> running = std::move(task);
      try {
        if constexpr (std::is_void_v<T>) {
          co_await std::move(running);
        } else {
          outcome.value.emplace(co_await std::move(running));
        }
      } catch (...) {
        outcome.failure = std::current_exception();
      }
    }
    engine.root_done();
  }

  class DoneJob final : public Job {
   public:
    explicit DoneJob(CallingThread& engine) noexcept : engine_(engine) {}
    void run() noexcept override { engine_.done_ = true; }

   private:
    CallingThread& engine_;
  };

  void root_done() noexcept;
  void run_until_done() noexcept;
  void run_jobs() noexcept;
  void wait_for_something() noexcept;
  [[nodiscard]] Wait* only_reader() const noexcept;
  void block_in_read(Wait& wait) noexcept;
  void block_in_poll() noexcept;
  void attempt_signaled() noexcept;
  void finish_overdue() noexcept;

  bool done_ = false;
  // Calls and bodies that were run here, and must not tell this engine of a cancellation once it is gone.
  std::shared_ptr<Cancellation> attached_;
  std::vector<std::shared_ptr<Cancellation>> more_attached_;
  DoneJob done_job_{*this};

  std::mutex mutex_;  // guards what follows
  JobQueue jobs_;
  bool asleep_ = false;          // in poll(2): a poster has to wake it
  int wake_descriptor_ = -1;     // an eventfd of this thread, from the first poll(2) on
  int blocked_descriptor_ = -1;  // in recv(2) on this
  Cancellation* blocked_for_ = nullptr;
};

template <>
struct CallingThread::Outcome<void> {
  std::exception_ptr failure;
  void take() {
    if (failure) std::rethrow_exception(failure);
  }
};

}  // namespace okhttp::internal

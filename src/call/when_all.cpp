#include <okhttp/sync_wait.hpp>

#include <atomic>
#include <coroutine>
#include <exception>
#include <utility>
#include <vector>

namespace okhttp {
namespace internal {
namespace {

/// Counts children that run, and resumes the parent when the last is done.
class JoinCounter {
 public:
  explicit JoinCounter(std::size_t children) noexcept : left_(children + 1) {}
  /// A child is done, or the parent has started all of them. True for the last.
  bool arrive() noexcept { return left_.fetch_sub(1, std::memory_order_acq_rel) == 1; }
  void set_parent(std::coroutine_handle<> parent) noexcept { parent_ = parent; }
  [[nodiscard]] std::coroutine_handle<> parent() const noexcept { return parent_; }

 private:
  std::atomic<std::size_t> left_;
  std::coroutine_handle<> parent_;
};

/// One child of a when_all: frees itself, and tells the counter as the last thing that it does.
class JoinedTask {
 public:
  class promise_type {
   public:
    static void* operator new(std::size_t bytes) { return allocate_frame(bytes); }
    static void operator delete(void* frame, std::size_t bytes) noexcept { deallocate_frame(frame, bytes); }

    JoinedTask get_return_object() noexcept { return JoinedTask(handle_type::from_promise(*this)); }
    std::suspend_always initial_suspend() noexcept { return {}; }
    class FinalAwaiter {
     public:
      bool await_ready() noexcept { return false; }
      std::coroutine_handle<> await_suspend(std::coroutine_handle<promise_type> done) noexcept {
        JoinCounter& counter = *done.promise().counter_;
        done.destroy();
        if (counter.arrive()) return counter.parent();
        return std::noop_coroutine();
      }
      void await_resume() noexcept {}
    };
    FinalAwaiter final_suspend() noexcept { return {}; }
    void return_void() noexcept {}
    void unhandled_exception() noexcept { std::terminate(); }

   private:
    friend class JoinedTask;
    JoinCounter* counter_ = nullptr;
  };
  using handle_type = std::coroutine_handle<promise_type>;

  explicit JoinedTask(handle_type handle) noexcept : handle_(handle) {}
  /// Runs until it first suspends, or is done. The counter outlives the child.
  void start(JoinCounter& counter) noexcept {
    handle_.promise().counter_ = &counter;
    std::exchange(handle_, nullptr).resume();
  }

 private:
  handle_type handle_;
};

JoinedTask join(Task<void> task) { co_await std::move(task); }

class JoinAwaiter {
 public:
  JoinAwaiter(JoinCounter& counter, std::vector<Task<void>>& children) noexcept
      : counter_(counter), children_(children) {}
  bool await_ready() const noexcept { return children_.empty(); }
  bool await_suspend(std::coroutine_handle<> parent) {
    counter_.set_parent(parent);
    std::vector<Task<void>> children = std::move(children_);
    JoinCounter& counter = counter_;
    for (Task<void>& child : children) join(std::move(child)).start(counter);
    return !counter.arrive();
  }
  void await_resume() const noexcept {}

 private:
  JoinCounter& counter_;
  std::vector<Task<void>>& children_;
};

}  // namespace

Task<void> keep_result(Task<void> task, std::exception_ptr& failure) {
  try {
    co_await std::move(task);
  } catch (...) {
    failure = std::current_exception();
  }
}

Task<void> run_all(std::vector<Task<void>> tasks) {
  JoinCounter counter(tasks.size());
  JoinAwaiter all_done(counter, tasks);
  co_await all_done;
}

void rethrow_first(const std::vector<std::exception_ptr>& failures) {
  for (const std::exception_ptr& failure : failures) {
    if (failure) std::rethrow_exception(failure);
  }
}

}  // namespace internal

Task<void> when_all(std::vector<Task<void>> tasks) {
  std::vector<std::exception_ptr> failures(tasks.size());
  std::vector<Task<void>> children;
  children.reserve(tasks.size());
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    children.push_back(internal::keep_result(std::move(tasks[i]), failures[i]));
  }
  co_await internal::run_all(std::move(children));
  internal::rethrow_first(failures);
}

}  // namespace okhttp

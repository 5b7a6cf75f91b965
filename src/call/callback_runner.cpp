#include "call/callback_runner.hpp"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <limits>
#include <mutex>
#include <string>
#include <utility>

#include "runtime/thread_pool.hpp"

namespace okhttp::internal {
namespace {

using ExceptionHandler = std::function<void(std::exception_ptr)>;

constexpr std::chrono::seconds kKeepIdleThreads{60};

std::string describe(const std::exception_ptr& exception) {
  try {
    std::rethrow_exception(exception);
  } catch (const std::exception& problem) {
    return problem.what();
  } catch (...) {
    return "not a std::exception";
  }
}

void write_to_stderr(const std::exception_ptr& exception) noexcept {
  try {
    const std::string line = "okhttp: an exception left a callback: " + describe(exception) + "\n";
    std::fputs(line.c_str(), stderr);  // in one piece, as other threads write too
  } catch (...) {
    std::fputs("okhttp: an exception left a callback\n", stderr);  // no memory to say which
  }
}

}  // namespace

/// What callbacks need from beginning to end.
class CallbackRunner::Shared final : public std::enable_shared_from_this<Shared> {
 public:
  void run_on_own_thread(std::function<void()> work) { threads_.execute(std::move(work)); }

  void run_refused(std::function<void()> when_refused) noexcept {
    const auto refused = std::make_shared<const std::function<void()>>(std::move(when_refused));
    try {
      threads_.execute([self = shared_from_this(), refused] { self->run_guarded(*refused); });
    } catch (...) {
      // The system gives no thread at all. A callback on this one is better than none.
      run_guarded(*refused);
    }
  }

  void run_guarded(const std::function<void()>& function) noexcept {
    try {
      function();
    } catch (...) {
      report(std::current_exception());
    }
  }

  void set_exception_handler(std::shared_ptr<const ExceptionHandler> handler) noexcept {
    const std::lock_guard lock(mutex_);
    exception_handler_.swap(handler);  // the old one goes away without the lock
  }

 private:
  void report(const std::exception_ptr& exception) noexcept {
    std::shared_ptr<const ExceptionHandler> handler;
    {
      const std::lock_guard lock(mutex_);
      handler = exception_handler_;
    }
    if (handler == nullptr) {
      write_to_stderr(exception);
      return;
    }
    try {
      (*handler)(exception);
    } catch (...) {
      write_to_stderr(exception);
      write_to_stderr(std::current_exception());
    }
  }

  ThreadPool threads_{"okhttp callback", std::numeric_limits<std::size_t>::max(), kKeepIdleThreads};
  std::mutex mutex_;
  std::shared_ptr<const ExceptionHandler> exception_handler_;  // guarded by mutex_
};

/// A callback that an executor was given. Executors copy it, may throw after they kept a copy, and may drop the last
/// copy unrun; whoever claims it first decides.
class CallbackRunner::Callback final {
 public:
  Callback(std::shared_ptr<Shared> shared, std::function<void()> work, std::function<void()> when_refused)
      : shared_(std::move(shared)), work_(std::move(work)), when_refused_(std::move(when_refused)) {}
  Callback(const Callback&) = delete;
  Callback& operator=(const Callback&) = delete;
  ~Callback() { refuse(); }

  void run() noexcept {
    if (claimed_.exchange(true)) return;
    const std::function<void()> work = std::move(work_);  // what it owns goes away with this run
    when_refused_ = nullptr;
    shared_->run_guarded(work);
  }

  void refuse() noexcept {
    if (claimed_.exchange(true)) return;
    work_ = nullptr;
    shared_->run_refused(std::move(when_refused_));
  }

 private:
  std::atomic<bool> claimed_ = false;
  const std::shared_ptr<Shared> shared_;
  std::function<void()> work_;
  std::function<void()> when_refused_;
};

CallbackRunner::CallbackRunner(std::shared_ptr<Executor> executor)
    : executor_(std::move(executor)), shared_(std::make_shared<Shared>()) {}

void CallbackRunner::run(std::function<void()> work, std::function<void()> when_refused) const {
  const auto callback = std::make_shared<Callback>(shared_, std::move(work), std::move(when_refused));
  try {
    std::function<void()> run = [callback] { callback->run(); };
    if (executor_ != nullptr) {
      executor_->execute(std::move(run));
    } else {
      shared_->run_on_own_thread(std::move(run));
    }
  } catch (...) {
    callback->refuse();
  }
}

void CallbackRunner::run_guarded(const std::function<void()>& function) const noexcept {
  shared_->run_guarded(function);
}

void CallbackRunner::set_exception_handler(std::function<void(std::exception_ptr)> handler) const {
  std::shared_ptr<const ExceptionHandler> replacement;
  if (handler) replacement = std::make_shared<const ExceptionHandler>(std::move(handler));
  shared_->set_exception_handler(std::move(replacement));
}

}  // namespace okhttp::internal

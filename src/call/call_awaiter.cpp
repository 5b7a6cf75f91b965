#include <okhttp/call.hpp>

#include <atomic>
#include <exception>
#include <mutex>
#include <utility>

#include "call/call_state.hpp"
#include "runtime/engine.hpp"
#include "runtime/pooled.hpp"

namespace okhttp {

using internal::CallCompletion;
using internal::CallState;
using internal::Engine;
using internal::Job;

/// What an awaiter and its call's completion share: the outcome, and who comes second.
///
/// The outcome arrives on the client's loop. From there the coroutine is resumed in place if it was suspended there,
/// else by a job of its own engine, by the executor it asked for, or, for want of both, on the loop. Its own engine may
/// be another client's loop, which goes on until then, unless that client was gone before.
struct Call::Awaiter::Shared final : public CallCompletion, public std::enable_shared_from_this<Shared> {
  explicit Shared(std::shared_ptr<CallState> state) : call(std::move(state)) {}

  void complete(std::optional<Response> result, std::exception_ptr error) noexcept override {
    const std::shared_ptr<Shared> self = shared_from_this();
    std::unique_lock lock(mutex);
    if (abandoned) {
      lock.unlock();
      call->leave_dispatcher();
      return;
    }
    response = std::move(result);
    failure = error;
    done = true;
    if (!suspended) return;  // await_suspend sees `done` and goes on by itself
    // Under the lock, an engine other than this one is alive: a loop has a share taken in it, and from a thread its
    // coroutine, which is suspended, cannot leave meanwhile.
    if (origin != nullptr && origin != Engine::current()) {
      origin->post(*new ResumeJob(self));
      return;
    }
    lock.unlock();
    if (origin == nullptr && call->resume_on() != nullptr) return resume_by_executor(self);
    resume();
  }

  /// Goes on with the coroutine, unless it was destroyed meanwhile.
  void resume() noexcept {
    {
      const std::lock_guard lock(mutex);
      if (abandoned) return;
    }
    waiter.resume();
  }

  static void resume_by_executor(const std::shared_ptr<Shared>& self) noexcept {
    const auto resumption = std::make_shared<Resumption>(self);
    try {
      self->call->resume_on()->execute([resumption] { resumption->run(); });
    } catch (...) {
      resumption->refuse(std::current_exception());
    }
  }

  /// The coroutine must go on somewhere: on the loop, where it finds the failure instead of the response.
  static void resume_refused(const std::shared_ptr<Shared>& self, const std::exception_ptr& cause) noexcept {
    std::optional<Response> unwanted;  // goes away without the lock
    {
      const std::lock_guard lock(self->mutex);
      unwanted = std::exchange(self->response, std::nullopt);
      self->failure = std::make_exception_ptr(
          Error(Errc::rejected, Blame::caller, "the executor given to resume_on() refused the work", cause));
    }
    self->call->core().loops->get()->post(*new ResumeJob(self));
  }

  /// What the executor is given. Executors copy it, may throw after they kept a copy, and may drop the last copy unrun;
  /// whoever claims it first decides, so that the coroutine is resumed once.
  class Resumption final {
   public:
    explicit Resumption(std::shared_ptr<Shared> shared) noexcept : shared_(std::move(shared)) {}
    Resumption(const Resumption&) = delete;
    Resumption& operator=(const Resumption&) = delete;
    ~Resumption() { refuse(nullptr); }

    void run() noexcept {
      if (!claimed_.exchange(true)) shared_->resume();
    }
    void refuse(const std::exception_ptr& cause) noexcept {
      if (!claimed_.exchange(true)) resume_refused(shared_, cause);
    }

   private:
    std::atomic<bool> claimed_{false};
    const std::shared_ptr<Shared> shared_;
  };

  class ResumeJob final : public Job {
   public:
    explicit ResumeJob(std::shared_ptr<Shared> shared) noexcept : shared_(std::move(shared)) {}
    void run() noexcept override {
      const std::unique_ptr<ResumeJob> self(this);
      shared_->resume();
    }

   private:
    std::shared_ptr<Shared> shared_;
  };

  void resumption_came() noexcept {
    if (std::exchange(is_expected, false)) origin->post_came();
  }

  const std::shared_ptr<CallState> call;
  std::mutex mutex;  // guards what follows until the outcome was taken
  bool suspended = false;
  bool done = false;
  bool abandoned = false;
  std::coroutine_handle<> waiter;
  Engine* origin = nullptr;  // where the coroutine was suspended, if that was one of the library's engines
  std::shared_ptr<Engine> origin_share;
  std::optional<Response> response;
  std::exception_ptr failure;
  bool taken = false;
  bool is_expected = false;  // by `origin`; touched on its thread alone
};

Call::Awaiter::Awaiter(std::shared_ptr<CallState> call) : shared_(internal::make_pooled<Shared>(std::move(call))) {}

Call::Awaiter::~Awaiter() {
  bool must_cancel = false;
  bool must_leave = false;
  {
    const std::lock_guard lock(shared_->mutex);
    must_cancel = shared_->suspended && !shared_->done;
    must_leave = shared_->suspended && shared_->done && !shared_->taken;
    shared_->abandoned = true;
  }
  shared_->resumption_came();
  if (must_cancel) shared_->call->cancel();
  if (must_leave) shared_->call->leave_dispatcher();
}

bool Call::Awaiter::await_suspend(std::coroutine_handle<> waiter) {
  // Kept alive: once the call runs, the coroutine may be resumed and end, and this awaiter with it.
  const std::shared_ptr<Shared> shared = shared_;
  shared->waiter = waiter;
  Engine* const here = shared->call->resume_on() == nullptr ? Engine::current() : nullptr;
  if (here != nullptr && here->share_in(shared->origin_share)) shared->origin = here;
  // A thread that blocks in a read of another coroutine's would not see the job that resumes this one.
  if (shared->origin != nullptr && !shared->origin->is_shared()) {
    shared->origin->expect_post();
    shared->is_expected = true;
  }
  shared->call->dispatch(shared);
  const std::lock_guard lock(shared->mutex);
  shared->suspended = true;
  return !shared->done;
}

Response Call::Awaiter::await_resume() {
  std::optional<Response> response;
  std::exception_ptr failure;
  {
    const std::lock_guard lock(shared_->mutex);
    shared_->taken = true;
    response = std::move(shared_->response);
    failure = shared_->failure;
  }
  shared_->resumption_came();
  shared_->call->leave_dispatcher();
  if (failure) std::rethrow_exception(failure);
  return std::move(*response);
}

}  // namespace okhttp

#include <okhttp/error.hpp>
#include <okhttp/interceptor.hpp>

#include <condition_variable>
#include <exception>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "interceptors/chain.hpp"
#include "runtime/call_context.hpp"
#include "runtime/calling_thread.hpp"
#include "runtime/signal.hpp"
#include "runtime/thread_pool.hpp"

namespace okhttp {
namespace internal {
namespace {

using Function = std::function<Response(BlockingChain&)>;

constexpr std::size_t kMaxThreads = 256;
constexpr std::chrono::seconds kKeepThread(60);

/// In a blocking call, where the thread that runs the call may as well run the function.
class InlineChain final : public BlockingChain {
 public:
  InlineChain(Chain& chain, CallContext& context, Engine& outer) noexcept
      : chain_(chain), context_(context), outer_(outer) {}
  /// Bodies that the function read took the call to engines of their own.
  ~InlineChain() override { context_.attach(outer_); }

  [[nodiscard]] const Request& request() const noexcept override { return chain_.request(); }

  [[nodiscard]] Response proceed(Request request) override {
    // The call's own engine is below us on the stack, in the middle of running this function.
    CallingThread engine;
    context_.attach(engine);
    const BackToOuter back(*this);
    return engine.run(chain_.proceed(std::move(request)));
  }

 private:
  class BackToOuter {
   public:
    explicit BackToOuter(InlineChain& chain) noexcept : chain_(chain) {}
    BackToOuter(const BackToOuter&) = delete;
    BackToOuter& operator=(const BackToOuter&) = delete;
    ~BackToOuter() { chain_.context_.attach(chain_.outer_); }

   private:
    InlineChain& chain_;
  };

  Chain& chain_;
  CallContext& context_;
  Engine& outer_;
};

/// What the coroutine on the loop and the function on its thread say to each other. One of them waits while the other
/// works, so the call is never in two places.
///
/// Owned by both; the coroutine may leave first, when its loop ends.
class Errand final : public BlockingChain {
 public:
  Errand(Function function, Request request) : function_(std::move(function)), request_(std::move(request)) {}

  // On the thread.

  void run() {
    std::optional<Response> response;
    std::exception_ptr failure;
    try {
      response = function_(*this);
    } catch (...) {
      failure = std::current_exception();
    }
    const std::lock_guard lock(mutex_);
    response_ = std::move(response);
    failure_ = failure;
    says_something_->set();
  }

  [[nodiscard]] const Request& request() const noexcept override { return request_; }

  [[nodiscard]] Response proceed(Request request) override {
    std::unique_lock lock(mutex_);
    asked_ = std::move(request);
    says_something_->set();
    answered_.wait(lock, [this] { return response_.has_value() || failure_ != nullptr || is_abandoned_; });
    if (failure_ != nullptr) std::rethrow_exception(std::exchange(failure_, nullptr));
    if (!response_.has_value()) throw Error(Errc::canceled, Blame::caller, "the client is gone");
    Response response = std::move(*response_);
    response_.reset();
    return response;
  }

  // In the coroutine.

  /// Set when the thread asks for something or is done. A fresh one after every answer.
  [[nodiscard]] const std::shared_ptr<Signal>& says_something() const noexcept { return says_something_; }
  /// The request to proceed with, or nothing when the function is done.
  [[nodiscard]] std::optional<Request> take_request() {
    const std::lock_guard lock(mutex_);
    return std::exchange(asked_, std::nullopt);
  }
  void answer(std::optional<Response> response, std::exception_ptr failure) {
    const std::lock_guard lock(mutex_);
    says_something_ = std::make_shared<Signal>();
    response_ = std::move(response);
    failure_ = std::move(failure);
    answered_.notify_one();
  }
  [[nodiscard]] Response take_outcome() {
    const std::lock_guard lock(mutex_);
    if (failure_ != nullptr) std::rethrow_exception(failure_);
    return std::move(*response_);
  }
  /// The coroutine leaves: whatever the function asks from now on fails.
  void abandon() {
    const std::lock_guard lock(mutex_);
    is_abandoned_ = true;
    answered_.notify_one();
  }

 private:
  const Function function_;
  const Request request_;
  std::shared_ptr<Signal> says_something_ = std::make_shared<Signal>();

  std::mutex mutex_;
  std::condition_variable answered_;
  std::optional<Request> asked_;
  std::optional<Response> response_;  // of proceed() on its way to the thread, then of the function on its way back
  std::exception_ptr failure_;
  bool is_abandoned_ = false;
};

class BlockingInterceptor final : public Interceptor {
 public:
  explicit BlockingInterceptor(Function function)
      : function_(std::move(function)), threads_("okhttp blocking", kMaxThreads, kKeepThread) {}

  Task<Response> intercept(Chain& chain) override {
    CallContext& context = ChainAccess::context(chain);
    Engine& engine = context.engine();
    if (engine.is_shared()) return on_a_thread(chain, context, engine);
    return inline_here(chain, context, engine);
  }
  [[nodiscard]] std::string name() const override { return "blocking interceptor"; }

 private:
  Task<Response> inline_here(Chain& chain, CallContext& context, Engine& engine) {
    InlineChain blocking(chain, context, engine);
    co_return function_(blocking);
  }

  Task<Response> on_a_thread(Chain& chain, CallContext& context, Engine& engine) {
    const auto errand = std::make_shared<Errand>(function_, chain.request());
    start(errand);
    for (;;) {
      // Not with the call's cancellation: while the function reads a body, that one belongs to the thread.
      Signal::Awaiter word(errand->says_something(), engine, WaitTerms());
      const WaitResult how = co_await word;
      if (how != WaitResult::ready) {
        errand->abandon();
        throw Error(Errc::canceled, Blame::caller, "the client is gone");
      }
      context.attach(engine);
      std::optional<Request> request = errand->take_request();
      if (!request.has_value()) co_return errand->take_outcome();

      std::optional<Response> response;
      std::exception_ptr failure;
      try {
        Task<Response> proceeding = chain.proceed(std::move(*request));
        Response received = co_await std::move(proceeding);
        response = std::move(received);
      } catch (...) {
        failure = std::current_exception();
      }
      errand->answer(std::move(response), std::move(failure));
    }
  }

  void start(const std::shared_ptr<Errand>& errand) {
    try {
      threads_.execute([errand] { errand->run(); });
    } catch (const std::system_error& error) {
      throw Error(Errc::rejected, Blame::library, "no thread for a blocking interceptor", error.code());
    }
  }

  const Function function_;
  ThreadPool threads_;
};

}  // namespace
}  // namespace internal

std::shared_ptr<Interceptor> blocking_interceptor(std::function<Response(BlockingChain&)> function) {
  if (!function) throw std::invalid_argument("blocking_interceptor: the function is empty");
  return std::make_shared<internal::BlockingInterceptor>(std::move(function));
}

}  // namespace okhttp

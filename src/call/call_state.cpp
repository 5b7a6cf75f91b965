#include "call/call_state.hpp"

#include <okhttp/event_listener.hpp>

#include <algorithm>
#include <stdexcept>
#include <string>
#include <utility>

#include "call/dispatch_queue.hpp"
#include "interceptors/chain.hpp"
#include "runtime/calling_thread.hpp"
#include "runtime/front_door.hpp"
#include "runtime/pooled.hpp"
#include "runtime/spawn.hpp"

namespace okhttp::internal {
namespace {

Error canceled_error() { return Error(Errc::canceled, Blame::caller, "the call was canceled"); }

DispatchQueue& queue_of(const ClientCore& core) noexcept { return *DispatcherAccess::queue(core.dispatcher); }

}  // namespace

Error error_of_exception(const std::exception_ptr& exception) {
  try {
    std::rethrow_exception(exception);
  } catch (const Error& error) {
    return error;
  } catch (const std::exception& other) {
    return Error(Errc::rejected, Blame::caller, std::string("the call was ended by an exception: ") + other.what(),
                 exception);
  } catch (...) {
    return Error(Errc::rejected, Blame::caller, "the call was ended by an exception", exception);
  }
}

CallState::CallState(std::shared_ptr<const ClientCore> core, Request request)
    : core_(std::move(core)),
      request_(std::move(request)),
      host_(request_.url().host()),
      context_(make_pooled<CallContext>(core_->loops)),
      timeout_(core_->timeouts.call) {
  context_->timeouts = core_->timeouts;
}

void CallState::require_not_started(const char* setting) const {
  if (is_executed()) throw std::logic_error(std::string("Call::") + setting + " comes too late: the call was started");
}

void CallState::set_timeout(Timeouts::Duration timeout) {
  require_not_started("timeout");
  timeout_ = timeout;
}

void CallState::set_stop_token(std::stop_token token) {
  require_not_started("stop_token");
  stop_token_ = std::move(token);
}

void CallState::set_resume_on(std::shared_ptr<Executor> executor) {
  require_not_started("resume_on");
  resume_on_ = std::move(executor);
}

std::shared_ptr<const void> CallState::find_tag(std::type_index type) const {
  const std::lock_guard lock(tags_mutex_);
  for (const auto& [known, value] : tags_) {
    if (known == type) return value;
  }
  return nullptr;
}

void CallState::put_tag(std::type_index type, std::shared_ptr<const void> value) {
  const std::lock_guard lock(tags_mutex_);
  std::erase_if(tags_, [&](const auto& tag) { return tag.first == type; });
  if (value != nullptr) tags_.emplace_back(type, std::move(value));
}

std::shared_ptr<CallState> CallState::clone() const {
  auto copy = make_pooled<CallState>(core_, request_);
  copy->timeout_ = timeout_;
  copy->resume_on_ = resume_on_;
  copy->stop_token_ = stop_token_;
  const std::lock_guard lock(tags_mutex_);
  copy->tags_ = tags_;
  return copy;
}

Call CallState::public_call() { return CallAccess::make(shared_from_this()); }

void CallState::start() {
  core_->loops->refuse_if_inherited();
  if (executed_.exchange(true, std::memory_order_acq_rel)) {
    throw std::logic_error("the call was started before; clone() gives a fresh one");
  }
  const Call self = public_call();
  if (timeout_ > Timeouts::Duration::zero()) context_->deadline = deadline_after(Clock::now(), timeout_);
  // What may throw comes before the call holds itself.
  if (core_->listener_factory) context_->listener = core_->listener_factory(self);
  transmission_ = make_pooled<Transmission>(*this, context_, core_->connections);
  self_.emplace(self);
  context_->call = &*self_;
  if (stop_token_.stop_possible()) {
    on_stop_.emplace(stop_token_, [weak = weak_from_this()] {
      if (const std::shared_ptr<CallState> call = weak.lock()) call->cancel();
    });
  }
  if (context_->listener != nullptr) context_->listener->call_start(*self_);
  started_.store(true, std::memory_order_seq_cst);
  if (is_canceled()) tell_of_cancel();
}

void CallState::tell_of_cancel() noexcept {
  if (told_of_cancel_.exchange(true)) return;
  if (context_->listener != nullptr) context_->listener->canceled(public_call());
}

void CallState::cancel() noexcept {
  // Kept alive: the call may end while this thread is still telling of it.
  const std::shared_ptr<CallState> self = shared_from_this();
  if (!context_->cancellation->request()) return;
  if (!started_.load(std::memory_order_seq_cst)) return;  // start() looks at the request when it is through
  tell_of_cancel();
  leave_queue(canceled_error());
}

void CallState::leave_queue(const Error& error) noexcept {
  if (!queue_of(*core_).withdraw(*this)) return;
  const std::shared_ptr<Loop> loop = core_->loops->get();
  spawn_detached(*loop, fail_in_queue(shared_from_this(), error));
}

Task<void> CallState::fail_in_queue(std::shared_ptr<CallState> call, Error error) {
  if (call->told_of_queue_.load(std::memory_order_acquire) && call->context_->listener != nullptr) {
    call->context_->listener->dispatcher_queue_end(*call->self_);
  }
  const std::shared_ptr<CallCompletion> completion = std::move(call->completion_);
  const std::exception_ptr failure = std::make_exception_ptr(error);
  call->transmission_->fail(error);
  completion->complete(std::nullopt, failure);
  co_return;
}

void CallState::transmission_ended(const Error* failure) noexcept {
  tell_end_of_call(*context_, failure);
  on_stop_.reset();
  // Whoever called this may hold the transmission by reference only.
  const std::shared_ptr<CallState> self = shared_from_this();
  self_.reset();
}

Task<Response> CallState::run() {
  std::exception_ptr failure;
  try {
    context_->check();
    ChainRun run(*self_, core_->stages, *transmission_);
    Task<Response> chain = run.start(request_);
    Response response = co_await std::move(chain);
    const std::shared_ptr<Transmission> transmission = std::move(transmission_);
    transmission->no_more_exchanges();
    has_response_.store(true, std::memory_order_release);
    co_return response;
  } catch (...) {
    failure = std::current_exception();
  }
  const std::shared_ptr<Transmission> transmission = std::move(transmission_);
  transmission->fail(error_of_exception(failure));
  // Whoever writes the body from outside may wait although nobody ever asked for it.
  if (request_.body() != nullptr && request_.body()->is_duplex()) request_.body()->exchange_ended();
  std::rethrow_exception(failure);
}

Response CallState::execute() {
  refuse_to_block("Call::execute()", "co_await call");
  start();
  CallingThread thread;
  context_->attach(thread);
  DispatchQueue& queue = queue_of(*core_);
  queue.blocking_started(shared_from_this());
  struct Leave {
    CallState& call;
    ~Leave() { call.leave_dispatcher(); }
  } const leave{*this};
  return thread.run(run());
}

void CallState::leave_dispatcher() noexcept { queue_of(*core_).finished(*this); }

void CallState::dispatch(std::shared_ptr<CallCompletion> completion) {
  start();
  std::shared_ptr<Loop> loop;
  try {
    loop = core_->loops->get();
  } catch (...) {
    const std::exception_ptr failure = std::current_exception();
    transmission_->fail(error_of_exception(failure));
    return completion->complete(std::nullopt, failure);
  }
  completion_ = std::move(completion);
  starts_inline_ = loop->runs_here();
  queue_of(*core_).enqueue(shared_from_this());
  starts_inline_ = false;
  // A cancellation that came before the call was in the queue found nothing to take out of it.
  if (is_canceled()) leave_queue(canceled_error());
}

void CallState::run_dispatched() noexcept {
  const std::shared_ptr<CallState> self = shared_from_this();
  std::shared_ptr<Loop> loop = core_->loops->get();
  Engine& engine = *loop;
  // Another thread that makes a place free meanwhile may promote it instead, and must send it to the loop.
  if (starts_inline_ && engine.runs_here()) {
    start_detached(run_on_loop(self, std::move(loop)));
  } else {
    spawn_detached(engine, run_on_loop(self, std::move(loop)));
  }
}

Task<void> CallState::run_on_loop(std::shared_ptr<CallState> call, std::shared_ptr<Loop> loop) {
  if (call->told_of_queue_.load(std::memory_order_acquire) && call->context_->listener != nullptr) {
    call->context_->listener->dispatcher_queue_end(*call->self_);
  }
  call->context_->attach(*loop);
  const std::shared_ptr<CallCompletion> completion = std::move(call->completion_);
  std::optional<Response> response;
  std::exception_ptr failure;
  try {
    Task<Response> running = call->run();
    response.emplace(co_await std::move(running));
  } catch (...) {
    failure = std::current_exception();
  }
  completion->complete(std::move(response), failure);
}

void CallState::waits_in_queue() noexcept {
  told_of_queue_.store(true, std::memory_order_release);
  if (context_->listener != nullptr) context_->listener->dispatcher_queue_start(*self_);
  if (context_->deadline == kNever) return;
  Engine& engine = *core_->loops->get();
  spawn_detached(engine, watch_the_queue(weak_from_this(), engine, context_->deadline));
}

Task<void> CallState::watch_the_queue(std::weak_ptr<CallState> weak, Engine& engine, TimePoint deadline) {
  // Without the call's cancellation: that one is attached to an engine only when the call runs.
  const WaitTerms terms(nullptr, deadline);
  Sleep until_deadline(engine, terms);
  if (co_await until_deadline != WaitResult::deadline) co_return;
  const std::shared_ptr<CallState> call = weak.lock();
  if (call == nullptr) co_return;
  const Error late(Errc::timeout, Blame::caller,
                   "the call waited in the dispatcher's queue for longer than its timeout");
  if (queue_of(*call->core_).withdraw(*call)) co_await fail_in_queue(call, late);
}

}  // namespace okhttp::internal

#include <okhttp/call.hpp>

#include <stdexcept>
#include <stop_token>
#include <typeindex>
#include <utility>

#include "call/call_state.hpp"
#include "call/dispatch_queue.hpp"
#include "runtime/engine.hpp"

namespace okhttp {

using internal::CallAccess;
using internal::CallCompletion;
using internal::CallState;
using internal::error_of_exception;

namespace {

/// Brings the outcome of an enqueued call to its callback, on the dispatcher's executor.
class CallbackCompletion final : public CallCompletion {
 public:
  CallbackCompletion(std::shared_ptr<CallState> call, Call::Callback callback)
      : call_(std::move(call)), callback_(std::move(callback)) {}

  void complete(std::optional<Response> response, std::exception_ptr failure) noexcept override {
    auto outcome = std::make_shared<Result<Response>>(failure ? Result<Response>(error_of_exception(failure))
                                                              : Result<Response>(std::move(*response)));
    auto callback = std::make_shared<Call::Callback>(std::move(callback_));
    const std::shared_ptr<CallState> call = std::move(call_);
    const auto& queue = internal::DispatcherAccess::queue(call->core().dispatcher);
    queue->run_callback([call, callback, outcome] { call_back(call, *callback, std::move(*outcome)); },
                        [call, callback, outcome] {
                          const Error refused(Errc::rejected, Blame::caller,
                                              "the dispatcher's executor refused the callback");
                          *outcome = Result<Response>(refused);
                          call_back(call, *callback, std::move(*outcome));
                        });
  }

 private:
  static void call_back(const std::shared_ptr<CallState>& call, const Call::Callback& callback,
                        Result<Response> outcome) {
    struct Leave {
      CallState& call;
      ~Leave() { call.leave_dispatcher(); }
    } const leave{*call};
    callback(CallAccess::make(call), std::move(outcome));
  }

  std::shared_ptr<CallState> call_;
  Call::Callback callback_;
};

}  // namespace

const Request& Call::request() const noexcept { return state_->request(); }

Response Call::execute() const { return state_->execute(); }

Result<Response> Call::try_execute() const {
  try {
    return state_->execute();
  } catch (const Error& error) {
    return error;
  }
}

void Call::enqueue(Callback callback) const {
  if (!callback) throw std::invalid_argument("Call::enqueue: the callback is empty");
  state_->dispatch(std::make_shared<CallbackCompletion>(state_, std::move(callback)));
}

void Call::enqueue(std::function<void(const Call&, Response)> on_response,
                   std::function<void(const Call&, const Error&)> on_failure) const {
  if (!on_response || !on_failure) throw std::invalid_argument("Call::enqueue: a callback is empty");
  enqueue([on_response = std::move(on_response), on_failure = std::move(on_failure)](const Call& call,
                                                                                     Result<Response> outcome) {
    if (outcome.has_value()) {
      on_response(call, std::move(*outcome));
    } else {
      on_failure(call, outcome.error());
    }
  });
}

void Call::cancel() const noexcept { state_->cancel(); }
bool Call::is_canceled() const noexcept { return state_->is_canceled(); }
bool Call::is_executed() const noexcept { return state_->is_executed(); }
Call Call::clone() const { return Call(state_->clone()); }

const Call& Call::timeout(std::chrono::milliseconds timeout) const {
  state_->set_timeout(timeout);
  return *this;
}

const Call& Call::cancel_on_stop(std::type_index token_type, const void* token) const {
  if (token_type != std::type_index(typeid(std::stop_token))) {
    throw std::invalid_argument("Call::stop_token: not a std::stop_token");
  }
  state_->set_stop_token(*static_cast<const std::stop_token*>(token));
  return *this;
}

const Call& Call::resume_on(std::shared_ptr<Executor> executor) const {
  state_->set_resume_on(std::move(executor));
  return *this;
}

std::shared_ptr<const void> Call::find_tag(std::type_index type) const { return state_->find_tag(type); }

void Call::put_tag(std::type_index type, std::shared_ptr<const void> value) const {
  state_->put_tag(type, std::move(value));
}

Call::Awaiter Call::operator co_await() const { return Awaiter(state_); }

}  // namespace okhttp

#include <okhttp/call.hpp>
#include <okhttp/dispatcher.hpp>

#include <stdexcept>
#include <utility>

#include "call/dispatch_queue.hpp"

namespace okhttp {
namespace {

std::shared_ptr<Executor> not_null(std::shared_ptr<Executor> executor) {
  if (executor == nullptr) throw std::invalid_argument("Dispatcher: the executor is null");
  return executor;
}

void require_above_zero(std::size_t maximum, const char* setting) {
  if (maximum == 0) throw std::invalid_argument(std::string("Dispatcher: ") + setting + " must be above 0");
}

std::vector<Call> public_calls(const internal::DispatchQueue::Calls& calls) {
  std::vector<Call> handles;
  handles.reserve(calls.size());
  for (const std::shared_ptr<internal::DispatchedCall>& call : calls) handles.push_back(call->public_call());
  return handles;
}

}  // namespace

Dispatcher::Dispatcher() : queue_(std::make_shared<internal::DispatchQueue>()) {}

Dispatcher::Dispatcher(std::shared_ptr<Executor> executor)
    : queue_(std::make_shared<internal::DispatchQueue>(not_null(std::move(executor)))) {}

void Dispatcher::set_max_requests(std::size_t maximum) const {
  require_above_zero(maximum, "max_requests");
  queue_->set_max_requests(maximum);
}

std::size_t Dispatcher::max_requests() const { return queue_->max_requests(); }

void Dispatcher::set_max_requests_per_host(std::size_t maximum) const {
  require_above_zero(maximum, "max_requests_per_host");
  queue_->set_max_requests_per_host(maximum);
}

std::size_t Dispatcher::max_requests_per_host() const { return queue_->max_requests_per_host(); }

void Dispatcher::set_idle_callback(std::function<void()> callback) const {
  queue_->set_idle_callback(std::move(callback));
}

void Dispatcher::set_callback_exception_handler(std::function<void(std::exception_ptr)> handler) const {
  queue_->set_callback_exception_handler(std::move(handler));
}

void Dispatcher::cancel_all() const { queue_->cancel_all(); }

std::vector<Call> Dispatcher::queued_calls() const { return public_calls(queue_->queued()); }

std::vector<Call> Dispatcher::running_calls() const { return public_calls(queue_->running()); }

std::size_t Dispatcher::queued_calls_count() const { return queue_->queued_count(); }

std::size_t Dispatcher::running_calls_count() const { return queue_->running_count(); }

}  // namespace okhttp

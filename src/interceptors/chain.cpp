#include "interceptors/chain.hpp"

#include <okhttp/call.hpp>

#include <stdexcept>
#include <string>
#include <utility>

#include "runtime/call_context.hpp"

namespace okhttp {

using internal::ChainAccess;
using internal::ChainStep;

namespace {

std::logic_error network_rule_broken(const ChainStep& step, const char* rule) {
  return std::logic_error("network interceptor \"" + step.run.interceptors[step.index]->name() + "\" " + rule);
}

void check_network_rules(const ChainStep& step, const Request& next) {
  const Url& before = step.request.url();
  const Url& after = next.url();
  if (before.host() != after.host() || before.port() != after.port()) {
    throw network_rule_broken(step, "must keep the same host and port");
  }
  if (step.proceeds > 1) throw network_rule_broken(step, "must call proceed() exactly once");
}

void check_application_rules(const ChainStep& step) {
  if (step.proceeds == 1 || !step.run.transmission->has_open_exchange()) return;
  throw std::logic_error("interceptor \"" + step.run.interceptors[step.index]->name() +
                         "\" must end the body of the earlier response before it calls proceed() again");
}

internal::CallContext& context_of(const ChainStep& step) noexcept { return step.run.transmission->context(); }

}  // namespace

const Request& Chain::request() const noexcept { return step_->request; }

const Call& Chain::call() const noexcept { return step_->run.call; }

const ConnectionInfo* Chain::connection() const noexcept {
  return step_->exchange != nullptr ? &step_->exchange->connection() : nullptr;
}

Task<Response> Chain::proceed(Request request) {
  ++step_->proceeds;
  if (step_->is_network_interceptor()) {
    check_network_rules(*step_, request);
  } else {
    check_application_rules(*step_);
  }
  return ChainAccess::run(step_->run, step_->index + 1, std::move(request), step_->exchange);
}

const Timeouts& Chain::timeouts() const noexcept { return context_of(*step_).timeouts; }

void Chain::set_connect_timeout(Timeouts::Duration timeout) {
  if (step_->exchange != nullptr) {
    throw std::logic_error("a connect timeout comes too late in a network interceptor: the connection exists");
  }
  context_of(*step_).timeouts.connect = timeout;
}

void Chain::set_read_timeout(Timeouts::Duration timeout) { context_of(*step_).timeouts.read = timeout; }

void Chain::set_write_timeout(Timeouts::Duration timeout) { context_of(*step_).timeouts.write = timeout; }

namespace internal {

Task<Response> ChainAccess::run(ChainRun& run, std::size_t index, Request request, std::shared_ptr<Exchange> exchange) {
  // An interceptor may have read a body elsewhere.
  run.transmission->context().go_home();
  ChainStep step(run, index, std::move(request), std::move(exchange));
  Chain chain(step);
  Task<Response> answer = run.interceptors[index]->intercept(chain);
  Response response = co_await std::move(answer);
  if (step.is_network_interceptor() && step.proceeds != 1) {
    throw network_rule_broken(step, "must call proceed() exactly once");
  }
  co_return response;
}

}  // namespace internal
}  // namespace okhttp

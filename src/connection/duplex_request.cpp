#include "connection/duplex_request.hpp"

#include <okhttp/error.hpp>

#include <optional>
#include <utility>

#include "runtime/loop_provider.hpp"
#include "runtime/spawn.hpp"

namespace okhttp::internal {

DuplexRequest::DuplexRequest(RequestBodyPtr body, std::shared_ptr<CallContext> context,
                             std::shared_ptr<ExchangeCodec> codec)
    : body_(std::move(body)),
      context_(std::move(context)),
      codec_(std::move(codec)),
      sink_(*codec_, body_->content_length(), *context_) {}

std::shared_ptr<DuplexRequest> DuplexRequest::start(ExchangeCodec& codec, RequestBodyPtr body,
                                                    const CallContext& call) {
  auto context = std::make_shared<CallContext>(call.loops);
  // The call's deadline ends what reads the response, and that ends this; it holds only until there is a response.
  context->timeouts = call.timeouts;
  std::shared_ptr<ExchangeCodec> shared = codec.share_for_writing(context);
  if (shared == nullptr) return nullptr;
  call.cancellation->lead(context->cancellation);
  auto duplex = std::make_shared<DuplexRequest>(std::move(body), std::move(context), std::move(shared));
  std::shared_ptr<Loop> loop = call.loops->get();
  Engine& engine = *loop;
  spawn_detached(engine, write(duplex, std::move(loop)));
  return duplex;
}

Task<void> DuplexRequest::write(std::shared_ptr<DuplexRequest> self, std::shared_ptr<Loop> loop) {
  self->context_->attach(*loop);
  std::optional<Error> why;
  try {
    co_await self->write_body();
  } catch (const Error& error) {
    why = error;
  } catch (...) {
    why = Error(Errc::canceled, Blame::caller, "the request body threw an exception");
  }
  if (why.has_value()) self->codec_->break_off(*why);
  self->context_->detach();
  self->end(why.has_value() ? State::failed : State::complete);
}

Task<void> DuplexRequest::write_body() {
  try {
    co_await body_->write_to(sink_);
    sink_.check_complete();
  } catch (...) {
    if (!sink_.connection_failed()) {
      const std::lock_guard lock(mutex_);
      failure_of_body_ = std::current_exception();
    }
    throw;
  }
  co_await codec_->finish_request();
}

void DuplexRequest::end(State state) noexcept {
  ExchangeCodecPtr exchange;
  const std::lock_guard lock(mutex_);
  state_ = state;
  exchange = std::move(exchange_);
}

bool DuplexRequest::is_complete() const {
  const std::lock_guard lock(mutex_);
  return state_ == State::complete;
}

std::exception_ptr DuplexRequest::failure_of_body() const {
  const std::lock_guard lock(mutex_);
  return failure_of_body_;
}

void DuplexRequest::stop() noexcept {
  context_->cancellation->request();
  body_->exchange_ended();
}

void DuplexRequest::go_on_alone(ExchangeCodecPtr exchange) noexcept {
  const std::lock_guard lock(mutex_);
  if (state_ == State::writing) exchange_.swap(exchange);
}

}  // namespace okhttp::internal

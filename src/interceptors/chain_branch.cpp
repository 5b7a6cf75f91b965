#include "interceptors/chain_branch.hpp"

#include <okhttp/error.hpp>

#include <utility>

#include "runtime/hop.hpp"
#include "runtime/pooled.hpp"

namespace okhttp::internal {
namespace {

std::shared_ptr<CallContext> make_context(const std::shared_ptr<CallContext>& whole) {
  auto context = make_pooled<CallContext>(whole->loops);
  context->call = whole->call;
  context->listener = whole->listener;
  context->timeouts = whole->timeouts;
  context->whole = whole;
  context->attach(whole->engine());
  whole->cancellation->lead(context->cancellation);
  return context;
}

}  // namespace

ChainBranch::ChainBranch(const ChainStep& from)
    : whole_(from.run),
      index_(from.index),
      context_(make_context(whole_.transmission.shared_context())),
      transmission_(make_pooled<Transmission>(*this, context_, whole_.transmission.shared_from_this())),
      run_(whole_, *transmission_) {}

Task<Response> ChainBranch::proceed(Request request) {
  self_ = shared_from_this();
  std::optional<Response> response;
  std::exception_ptr failure;
  try {
    context_->check();
    const ChainStep here(run_, index_, Request(request), nullptr);
    Task<Response> way = here.proceed(std::move(request), nullptr);
    Response received = co_await std::move(way);
    response = std::move(received);
  } catch (...) {
    failure = std::current_exception();
  }
  // User code behind may have resumed this on a thread of its own.
  context_->go_home();
  Hop home(context_->engine());
  co_await home;
  const std::shared_ptr<ChainBranch> self = shared_from_this();
  if (failure == nullptr) {
    transmission_->no_more_exchanges();
    co_return std::move(*response);
  }
  // Whoever awaits this hears of the failure itself.
  transmission_->fail(Error(Errc::canceled, Blame::library, "a branch of the call failed"));
  std::rethrow_exception(failure);
}

void ChainBranch::choose() {
  whole_.cache_tells_origin = run_.cache_tells_origin;
  transmission_->become_chosen();
}

void ChainBranch::transmission_ended(const Error* /*failure*/) noexcept {
  // The transmission that tells of its end holds this by reference only.
  const std::shared_ptr<ChainBranch> self = std::move(self_);
}

}  // namespace okhttp::internal

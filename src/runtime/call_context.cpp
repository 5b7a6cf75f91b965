#include "runtime/call_context.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace okhttp::internal {
namespace {

std::string sentence(std::string_view doing, std::string_view what) {
  std::string text(doing);
  text += ": ";
  text += what;
  return text;
}

}  // namespace

CallContext::CallContext(std::shared_ptr<LoopProvider> call_loops) noexcept : loops(std::move(call_loops)) {}

CallContext::~CallContext() {
  if (share_ != nullptr) detach();
}

void CallContext::attach(Engine& engine) {
  home_ = &engine;
  home_id_ = engine.id();
  move_to(engine, nullptr);
}

void CallContext::go_home() {
  if (engine_id_ != home_id_) move_to(*home_, nullptr);
}

void CallContext::move_to(Engine& engine, std::shared_ptr<Engine> share) {
  if (engine_id_ == engine.id()) return;
  engine_ = &engine;
  engine_id_ = engine.id();
  cancellation->attach(&engine);
  engine.on_attach(cancellation);
  // The engine that was left may end from here on, when a request to cancel finds it no more.
  share_.swap(share);
}

void CallContext::detach() {
  engine_ = nullptr;
  engine_id_ = 0;
  cancellation->attach(nullptr);
  share_ = nullptr;
}

void CallContext::follow_current_engine() {
  Engine* const current = Engine::current();
  if (current == nullptr || current->id() == engine_id_) return;
  std::shared_ptr<Engine> share;
  if (current->id() != home_id_ && !current->share_in(share)) {
    throw Error(Errc::canceled, Blame::caller, "reading the body: the client whose loop reads it is gone");
  }
  move_to(*current, std::move(share));
}

WaitTerms CallContext::terms(Timeouts::Duration timeout) const noexcept {
  if (timeout <= Timeouts::Duration::zero()) return WaitTerms(cancellation.get(), last_moment());
  return terms_until(deadline_after(engine_->now(), timeout));
}

WaitTerms CallContext::terms_until(TimePoint until) const noexcept {
  return WaitTerms(cancellation.get(), std::min(until, last_moment()));
}

void CallContext::check() const {
  if (cancellation->requested()) throw Error(Errc::canceled, Blame::caller, "the call was canceled");
  const TimePoint until = last_moment();
  if (until != kNever && engine_->now() >= until) {
    throw Error(Errc::timeout, Blame::network, "the call took longer than its timeout");
  }
}

Error error_of(const CallContext& context, WaitResult result, Errc on_deadline, std::string_view doing) {
  if (context.cancellation->requested() || result == WaitResult::canceled) {
    return Error(Errc::canceled, Blame::caller, sentence(doing, "the call was canceled"));
  }
  const TimePoint until = context.last_moment();
  if (until != kNever && context.engine().now() >= until) {
    return Error(Errc::timeout, Blame::network, sentence(doing, "the call took longer than its timeout"));
  }
  return Error(on_deadline, Blame::network, sentence(doing, to_string(on_deadline)));
}

Error error_of(const CallContext& context, const IoResult& result, Errc on_deadline, std::string_view doing,
               const Stream& stream) {
  switch (result.status) {
    case IoStatus::deadline:
      return error_of(context, WaitResult::deadline, on_deadline, doing);
    case IoStatus::canceled:
      return error_of(context, WaitResult::canceled, on_deadline, doing);
    case IoStatus::end:
      return Error(Errc::connection_closed, Blame::peer, sentence(doing, "the peer closed the connection"));
    default:
      break;
  }
  const std::string detail = stream.failure_text();
  // RFC 8446 §4.4.2.4: a client of TLS 1.3 may hear only after its handshake that it has to show a certificate.
  if (!detail.empty() && result.error == std::errc::permission_denied) {
    return Error(Errc::tls_handshake, Blame::peer, sentence(doing, detail));
  }
  if (!detail.empty()) return Error(Errc::connection_closed, Blame::peer, sentence(doing, detail));
  return Error(Errc::connection_closed, Blame::network, std::string(doing), result.error);
}

}  // namespace okhttp::internal

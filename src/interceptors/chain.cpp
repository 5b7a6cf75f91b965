#include "interceptors/chain.hpp"

#include <okhttp/call.hpp>
#include <okhttp/error.hpp>
#include <okhttp/request_body.hpp>

#include <algorithm>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

#include "runtime/call_context.hpp"
#include "runtime/hop.hpp"

namespace okhttp {
namespace internal {

/// One interceptor at work: its Chain and what that stands for.
struct InterceptorStep {
  InterceptorStep(ChainStep of_chain, const Interceptor& of, InterceptorKind its_kind) noexcept
      : chain(*this), at(std::move(of_chain)), interceptor(of), kind(its_kind) {}
  InterceptorStep(const InterceptorStep&) = delete;
  InterceptorStep& operator=(const InterceptorStep&) = delete;
  ~InterceptorStep() = default;

  Chain chain;
  const ChainStep at;
  const Interceptor& interceptor;
  const InterceptorKind kind;
  unsigned proceeds = 0;

  [[nodiscard]] CallContext& context() const noexcept { return at.run.transmission.context(); }

  /// Counts a proceed() with `next`, which the rules may forbid.
  void count(const Request& next) {
    ++proceeds;
    if (kind == InterceptorKind::application) return check_application_rules();
    const Url& before = at.request.url();
    const Url& after = next.url();
    if (before.host() != after.host() || before.port() != after.port()) {
      throw network_rule_broken("must keep the same host and port");
    }
    if (proceeds > 1) throw network_rule_broken("must call proceed() exactly once");
  }
  void check_end() const {
    if (kind == InterceptorKind::network && proceeds != 1) {
      throw network_rule_broken("must call proceed() exactly once");
    }
  }

 private:
  void check_application_rules() const {
    if (proceeds == 1 || !at.run.transmission.has_open_exchange()) return;
    throw std::logic_error("interceptor \"" + interceptor.name() +
                           "\" must end the body of the earlier response before it calls proceed() again");
  }
  [[nodiscard]] std::logic_error network_rule_broken(const char* rule) const {
    return std::logic_error("network interceptor \"" + interceptor.name() + "\" " + rule);
  }
};

namespace {

/// Gives a call less time for as long as it lives.
class EarlierDeadline {
 public:
  EarlierDeadline(CallContext& context, TimePoint deadline) noexcept
      : context_(context), before_(context.deadline), during_(std::min(deadline, before_)) {
    context_.deadline = during_;
  }
  EarlierDeadline(const EarlierDeadline&) = delete;
  EarlierDeadline& operator=(const EarlierDeadline&) = delete;
  ~EarlierDeadline() {
    // Not when somebody else has set another meanwhile.
    if (context_.deadline == during_) context_.deadline = before_;
  }

  /// True when it was this deadline that passed, and not the call's own.
  [[nodiscard]] bool has_passed_alone() const noexcept {
    const TimePoint now = context_.now();
    const bool is_whole_over = context_.whole != nullptr && now >= context_.whole->last_moment();
    return now >= during_ && now < before_ && !is_whole_over;
  }

 private:
  CallContext& context_;
  const TimePoint before_;
  const TimePoint during_;
};

class InterceptorStage final : public Stage {
 public:
  InterceptorStage(std::shared_ptr<Interceptor> interceptor, InterceptorKind kind)
      : interceptor_(std::move(interceptor)), kind_(kind) {}

  Task<Response> run(ChainStep at) override {
    // An interceptor before this one may have read a body elsewhere.
    at.run.transmission.context().go_home();
    InterceptorStep step(std::move(at), *interceptor_, kind_);
    Task<Response> answer = interceptor_->intercept(step.chain);
    Response response = co_await std::move(answer);
    step.check_end();
    co_return response;
  }

 private:
  const std::shared_ptr<Interceptor> interceptor_;
  const InterceptorKind kind_;
};

}  // namespace

std::shared_ptr<Stage> make_stage(std::shared_ptr<Interceptor> interceptor, InterceptorKind kind) {
  return std::make_shared<InterceptorStage>(std::move(interceptor), kind);
}

Task<Response> ChainRun::start(Request request) {
  return stages.front()->run(ChainStep(*this, 0, std::move(request), nullptr));
}

Task<Response> ChainStep::proceed(Request next, std::shared_ptr<Exchange> on) const {
  return run.stages[index + 1]->run(ChainStep(run, index + 1, std::move(next), std::move(on)));
}

CallContext& ChainAccess::context(const Chain& chain) noexcept { return chain.step_->context(); }

const ChainStep& ChainAccess::to_branch(const Chain& chain) {
  const InterceptorStep& step = *chain.step_;
  if (step.kind == InterceptorKind::network) {
    throw std::logic_error("interceptor \"" + step.interceptor.name() +
                           "\" makes several tries at once, so it has to be an application interceptor");
  }
  return step.at;
}

ChainRun& ChainAccess::to_override(const Chain& chain, const char* setter) {
  const InterceptorStep& step = *chain.step_;
  if (step.kind == InterceptorKind::network) {
    throw std::logic_error(std::string(setter) + "() comes too late in network interceptor \"" +
                           step.interceptor.name() + "\": the connection exists");
  }
  return step.at.run;
}

}  // namespace internal

const Request& Chain::request() const noexcept { return step_->at.request; }

const Call& Chain::call() const noexcept { return step_->at.run.call; }

const ConnectionInfo* Chain::connection() const noexcept {
  return step_->at.exchange != nullptr ? &step_->at.exchange->connection() : nullptr;
}

Task<Response> Chain::proceed(Request request) {
  step_->count(request);
  return step_->at.proceed(std::move(request), step_->at.exchange);
}

Task<Response> Chain::proceed_within(std::chrono::nanoseconds time, Request request) {
  if (time <= std::chrono::nanoseconds::zero()) throw std::invalid_argument("proceed_within: the time must be above 0");
  // The writing of a duplex body goes on after the head of the response, under the deadline that it began with.
  if (request.body() != nullptr && request.body()->is_duplex()) {
    Task<Response> proceeding = proceed(std::move(request));
    co_return co_await std::move(proceeding);
  }
  internal::CallContext& context = step_->context();
  const internal::EarlierDeadline earlier(context, internal::deadline_after(context.now(), time));
  std::optional<Error> late;
  try {
    Task<Response> proceeding = proceed(std::move(request));
    Response response = co_await std::move(proceeding);
    co_return response;
  } catch (const Error& error) {
    if (error.errc() != Errc::timeout || !earlier.has_passed_alone()) throw;
    late = error;
  }
  throw Error(Errc::timeout, Blame::network, "no answer came within the time given to this try", late->system_error())
      .with_attempts(late->attempts());
}

Chain::TimePoint Chain::now() const noexcept { return step_->context().now(); }

Chain::TimePoint Chain::deadline() const noexcept { return step_->context().last_moment(); }

Task<void> Chain::sleep(std::chrono::nanoseconds time) {
  if (time <= std::chrono::nanoseconds::zero()) return sleep_until(now());
  return sleep_until(internal::deadline_after(now(), time));
}

Task<void> Chain::sleep_until(TimePoint time) {
  internal::CallContext& context = step_->context();
  // The interceptor may have read a body elsewhere, or been resumed by user code on a thread of its own.
  context.go_home();
  internal::Hop home(context.engine());
  co_await home;
  context.check();
  if (time <= context.now()) co_return;
  internal::WaitTerms terms = context.terms_until(time);
  terms.is_exact = true;
  internal::Sleep sleeping(context.engine(), terms);
  const internal::WaitResult how = co_await sleeping;
  if (how != internal::WaitResult::deadline || context.now() < time) {
    throw error_of(context, how, Errc::timeout, "waiting in an interceptor");
  }
}

const Timeouts& Chain::timeouts() const noexcept { return step_->context().timeouts; }

void Chain::set_connect_timeout(Timeouts::Duration timeout) {
  (void)internal::ChainAccess::to_override(*this, "set_connect_timeout");
  step_->context().timeouts.connect = timeout;
}

void Chain::set_read_timeout(Timeouts::Duration timeout) { step_->context().timeouts.read = timeout; }

void Chain::set_write_timeout(Timeouts::Duration timeout) { step_->context().timeouts.write = timeout; }

}  // namespace okhttp

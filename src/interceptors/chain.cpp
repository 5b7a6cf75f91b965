#include "interceptors/chain.hpp"

#include <okhttp/call.hpp>

#include <stdexcept>
#include <string>
#include <utility>

#include "runtime/call_context.hpp"

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

const Timeouts& Chain::timeouts() const noexcept { return step_->context().timeouts; }

void Chain::set_connect_timeout(Timeouts::Duration timeout) {
  if (step_->at.exchange != nullptr) {
    throw std::logic_error("a connect timeout comes too late in a network interceptor: the connection exists");
  }
  step_->context().timeouts.connect = timeout;
}

void Chain::set_read_timeout(Timeouts::Duration timeout) { step_->context().timeouts.read = timeout; }

void Chain::set_write_timeout(Timeouts::Duration timeout) { step_->context().timeouts.write = timeout; }

}  // namespace okhttp

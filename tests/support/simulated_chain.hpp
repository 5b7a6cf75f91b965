#pragma once

#include <okhttp/call.hpp>
#include <okhttp/client.hpp>
#include <okhttp/interceptor.hpp>
#include <okhttp/response_body.hpp>

#include <functional>
#include <memory>
#include <utility>

#include "connection/transmission.hpp"
#include "interceptors/chain.hpp"
#include "runtime/call_context.hpp"
#include "runtime/loop_provider.hpp"
#include "support/simulated_engine.hpp"

namespace okhttp::internal {

/// A call through one stage, or one application interceptor, to a server that is a function, on an engine of a
/// simulation: for what an interceptor decides by the clock.
class SimulatedChain final : public TransmissionOwner {
 public:
  /// Answers one try. It may wait by the chain that it is given, which obeys cancel and deadline.
  using Server = std::function<Task<Response>(Chain&)>;

  SimulatedChain(SimulatedEngine& engine, std::shared_ptr<Interceptor> interceptor, Server server)
      : SimulatedChain(engine, make_stage(std::move(interceptor), InterceptorKind::application), std::move(server)) {}
  SimulatedChain(SimulatedEngine& engine, std::shared_ptr<Stage> first, Server server) : engine_(engine) {
    stages_.push_back(std::move(first));
    stages_.push_back(make_stage(make_interceptor(std::move(server)), InterceptorKind::application));
    const auto store = std::make_shared<ConnectionStore>(0, std::chrono::seconds(1));
    const auto identity =
        store->addresses().intern(ConnectionIdentity(Dns::system(), {Protocol::http_1_1}, TlsConfig()));
    const auto settings =
        std::make_shared<const ConnectionSettings>(store, identity, std::make_shared<LazyTlsContext>(TlsConfig()),
                                                   std::make_shared<DnsLookups>("unused", 1, std::chrono::seconds(1)));
    context_->attach(engine_);
    transmission_ = std::make_shared<Transmission>(*this, context_, settings);
    run_ = std::make_unique<ChainRun>(call_, stages_, *transmission_);
  }

  [[nodiscard]] CallContext& context() noexcept { return *context_; }
  void cancel() { context_->cancellation->request(); }
  /// The call has `time` from now on.
  void set_call_timeout(Duration time) { context_->deadline = engine_.now() + time; }

  [[nodiscard]] std::shared_ptr<Outcome<Response>> start(Request request) {
    return engine_.start(run_->start(std::move(request)));
  }
  Response run(Request request) { return engine_.run(run_->start(std::move(request))); }

  void transmission_ended(const Error* failure) noexcept override { tell_end_of_call(*context_, failure); }

 private:
  SimulatedEngine& engine_;
  const Client client_;
  const Call call_ = client_.new_call(Request::get("http://example.com/"));  // a name
  Stages stages_;
  const std::shared_ptr<CallContext> context_ =
      std::make_shared<CallContext>(std::make_shared<LoopProvider>("never started"));
  std::shared_ptr<Transmission> transmission_;
  std::unique_ptr<ChainRun> run_;
};

/// An answer without a body.
inline Response answer_with(const Request& request, int code) {
  return Response::Builder().request(request).code(code).body(ResponseBody::create("")).build();
}

}  // namespace okhttp::internal

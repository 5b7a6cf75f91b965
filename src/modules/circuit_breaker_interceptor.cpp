#include <okhttp/circuit_breaker_interceptor.hpp>
#include <okhttp/error.hpp>
#include <okhttp/url.hpp>

#include <algorithm>
#include <mutex>
#include <stdexcept>
#include <unordered_map>
#include <utility>

#include "modules/circuit.hpp"
#include "modules/origin.hpp"

namespace okhttp {

using internal::Circuit;
using TimePoint = Chain::TimePoint;

CircuitPolicy::CircuitPolicy() = default;

/// The circuits of all origins.
class CircuitBreakerInterceptor::Circuits {
 public:
  explicit Circuits(CircuitPolicy policy) : policy_(std::move(policy)) {}

  [[nodiscard]] const CircuitPolicy& policy() const noexcept { return policy_; }

  [[nodiscard]] Circuit::Entry enter(const std::string& origin, TimePoint now) {
    Circuit::Entry entry;
    {
      const std::lock_guard lock(mutex_);
      if (circuits_.size() >= kTidyAt) {
        std::erase_if(circuits_, [&](const auto& one) { return one.second.is_idle(policy_, now); });
      }
      entry = circuits_[origin].enter(now);
    }
    tell(origin, entry.changed);
    return entry;
  }
  void leave(const std::string& origin, TimePoint now, std::uint64_t period, Circuit::Outcome outcome) {
    std::optional<CircuitState> changed;
    {
      const std::lock_guard lock(mutex_);
      const auto circuit = circuits_.find(origin);
      if (circuit != circuits_.end()) changed = circuit->second.leave(policy_, now, period, outcome);
    }
    tell(origin, changed);
  }
  [[nodiscard]] CircuitState state(const std::string& origin) const {
    const std::lock_guard lock(mutex_);
    const auto circuit = circuits_.find(origin);
    return circuit != circuits_.end() ? circuit->second.state() : CircuitState::closed;
  }

 private:
  static constexpr std::size_t kTidyAt = 1'024;

  void tell(const std::string& origin, std::optional<CircuitState> changed) const {
    if (changed.has_value() && policy_.on_change) policy_.on_change(origin, *changed);
  }

  const CircuitPolicy policy_;
  mutable std::mutex mutex_;
  std::unordered_map<std::string, Circuit> circuits_;
};

/// One call on its way through a circuit: says how it ended, or that nobody knows.
class CircuitBreakerInterceptor::Passage {
 public:
  /// Throws Errc::rejected when the circuit lets nobody through.
  Passage(Circuits& circuits, const Chain& chain)
      : circuits_(circuits), chain_(chain), origin_(internal::origin_of(chain.request().url())) {
    const TimePoint now = chain_.now();
    const Circuit::Entry entry = circuits_.enter(origin_, now);
    if (!entry.admitted) throw rejected(entry, now);
    period_ = entry.period;
  }
  Passage(const Passage&) = delete;
  Passage& operator=(const Passage&) = delete;
  ~Passage() {
    if (!has_ended_) circuits_.leave(origin_, chain_.now(), period_, Circuit::Outcome::unknown);
  }

  void ended(const Response& response) {
    const std::vector<int>& bad = circuits_.policy().codes;
    const bool failed = std::find(bad.begin(), bad.end(), response.code()) != bad.end();
    leave(failed ? Circuit::Outcome::failure : Circuit::Outcome::success);
  }
  void ended(const Error& error) {
    const bool is_ours = error.blame() == Blame::caller || error.blame() == Blame::library;
    leave(is_ours ? Circuit::Outcome::unknown : Circuit::Outcome::failure);
  }

 private:
  void leave(Circuit::Outcome outcome) {
    has_ended_ = true;
    circuits_.leave(origin_, chain_.now(), period_, outcome);
  }
  [[nodiscard]] Error rejected(const Circuit::Entry& entry, TimePoint now) const {
    const std::string why = "the circuit of " + origin_ + " is open after too many failures, ";
    if (entry.closed_until <= now)
      return Error(Errc::rejected, Blame::peer, why + "until the call that tries it is answered");
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(entry.closed_until - now);
    return Error(Errc::rejected, Blame::peer, why + "for another " + std::to_string(left.count()) + " ms");
  }

  Circuits& circuits_;
  const Chain& chain_;
  const std::string origin_;
  std::uint64_t period_ = 0;
  bool has_ended_ = false;
};

CircuitBreakerInterceptor::CircuitBreakerInterceptor(CircuitPolicy policy)
    : circuits_(std::make_unique<Circuits>(std::move(policy))) {
  const CircuitPolicy& given = circuits_->policy();
  if (!(given.failure_rate > 0 && given.failure_rate <= 1)) {
    throw std::invalid_argument("CircuitPolicy: failure_rate must be above 0 and at most 1");
  }
  if (given.min_calls == 0) throw std::invalid_argument("CircuitPolicy: min_calls must be above 0");
  if (given.window < std::chrono::milliseconds(10)) {
    throw std::invalid_argument("CircuitPolicy: the window must be at least 10 ms");
  }
  if (given.open_time < std::chrono::milliseconds::zero()) {
    throw std::invalid_argument("CircuitPolicy: open_time must not be below 0");
  }
}
CircuitBreakerInterceptor::~CircuitBreakerInterceptor() = default;

CircuitState CircuitBreakerInterceptor::state(const Url& url) const {
  return circuits_->state(internal::origin_of(url));
}

Task<Response> CircuitBreakerInterceptor::intercept(Chain& chain) {
  Passage passage(*circuits_, chain);
  try {
    Task<Response> proceeding = chain.proceed(chain.request());
    Response response = co_await std::move(proceeding);
    passage.ended(response);
    co_return response;
  } catch (const Error& error) {
    passage.ended(error);
    throw;
  }
}

}  // namespace okhttp

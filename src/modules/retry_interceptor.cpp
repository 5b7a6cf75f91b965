#include <okhttp/request_body.hpp>
#include <okhttp/retry_interceptor.hpp>

#include <algorithm>
#include <exception>
#include <mutex>
#include <optional>
#include <random>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "http/method.hpp"
#include "modules/retry_after.hpp"

namespace okhttp {

using std::chrono::nanoseconds;

struct RetryBudget::State {
  State(double for_a_call, double for_a_second, double at_most) noexcept
      : ratio(for_a_call), per_second(for_a_second), capacity(at_most), retries(at_most) {}

  /// With the mutex held.
  void pay_in(double amount, TimePoint now) {
    if (last.has_value() && now > *last) amount += std::chrono::duration<double>(now - *last).count() * per_second;
    if (!last.has_value() || now > *last) last = now;
    retries = std::min(capacity, retries + amount);
  }

  const double ratio;
  const double per_second;
  const double capacity;
  std::mutex mutex;
  double retries;
  std::optional<TimePoint> last;
};

RetryBudget::RetryBudget(double ratio, double per_second, double capacity)
    : state_(std::make_unique<State>(ratio, per_second, capacity)) {
  if (!(ratio >= 0 && per_second >= 0 && capacity >= 0)) {
    throw std::invalid_argument("RetryBudget: nothing of it must be below 0");
  }
}
RetryBudget::~RetryBudget() = default;

void RetryBudget::call_begins(TimePoint now) {
  const std::lock_guard lock(state_->mutex);
  state_->pay_in(state_->ratio, now);
}

bool RetryBudget::take(TimePoint now) {
  const std::lock_guard lock(state_->mutex);
  state_->pay_in(0, now);
  if (state_->retries < 1) return false;
  state_->retries -= 1;
  return true;
}

RetryPolicy::RetryPolicy() = default;

namespace {

constexpr const char* kIdempotencyKey = "Idempotency-Key";

std::uint64_t system_random() {
  std::random_device device;
  return (std::uint64_t{device()} << 32) | device();
}

/// 128 random bits in the form of a UUID (RFC 9562 §5.4).
std::string make_key(const std::function<std::uint64_t()>& random) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string key = "xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx";
  std::uint64_t bits = 0;
  int left = 0;
  for (char& c : key) {
    if (c != 'x' && c != 'y') continue;
    if (left == 0) {
      bits = random();
      left = 16;
    }
    const std::uint64_t digit = c == 'y' ? (bits & 3U) | 8U : bits & 15U;
    c = kHex[digit];
    bits >>= 4U;
    --left;
  }
  return key;
}

/// Failures that come before the first byte of a request is sent.
bool was_not_sent(Errc code) noexcept {
  return code == Errc::connect_failed || code == Errc::connect_timeout || code == Errc::unknown_host;
}

template <class T>
bool contains(const std::vector<T>& all, const T& one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

}  // namespace

/// The tries of one call. Decides; the coroutine acts.
class RetryInterceptor::Tries {
 public:
  Tries(const RetryPolicy& policy, Chain& chain)
      : policy_(policy), chain_(chain), request_(chain.request()), until_(chain.deadline()) {
    if (policy_.total_time > nanoseconds::zero()) until_ = std::min(until_, chain_.now() + policy_.total_time);
    if (policy_.budget != nullptr) policy_.budget->call_begins(chain_.now());
    const bool lacks_key = !internal::is_idempotent(request_.method()) && !request_.headers().contains(kIdempotencyKey);
    if (policy_.add_idempotency_key && lacks_key) {
      request_ = request_.new_builder().header(kIdempotencyKey, make_key(random())).build();
    }
  }

  /// The next try.
  [[nodiscard]] Task<Response> proceed() {
    ++tries_;
    nanoseconds time = policy_.try_time;
    if (policy_.total_time > nanoseconds::zero()) {
      const nanoseconds left = std::max<nanoseconds>(until_ - chain_.now(), nanoseconds(1));
      time = time > nanoseconds::zero() ? std::min(time, left) : left;
    }
    if (time <= nanoseconds::zero()) return chain_.proceed(request_);
    return chain_.proceed_within(time, request_);
  }

  /// When to try again, or nothing when `response` is the caller's.
  [[nodiscard]] std::optional<nanoseconds> after(const Response& response) {
    if (!contains(policy_.codes, response.code())) return std::nullopt;
    RetryDecision decision(chain_.call(), tries_);
    decision.response = &response;
    const std::optional<nanoseconds> asked = internal::retry_after(response);
    // RFC 9110 §15.5.9: 408 says that the request was not received whole.
    const bool is_safe = response.code() == 408;
    decision.delay = asked.value_or(nanoseconds::zero()) + draw_delay();
    decision.verdict = judge(is_safe, decision.delay, asked);
    const std::optional<nanoseconds> delay = tell(decision);
    if (delay.has_value()) note("answered with " + std::to_string(response.code()));
    return delay;
  }

  /// When to try again, or nothing when the call fails with `error`.
  [[nodiscard]] std::optional<nanoseconds> after(const Error& error) {
    RetryDecision decision(chain_.call(), tries_);
    decision.error = &error;
    const bool is_over = chain_.deadline() <= chain_.now() && error.errc() == Errc::timeout;
    if (contains(policy_.errors, error.errc()) && error.blame() != Blame::caller && !is_over) {
      decision.delay = draw_delay();
      decision.verdict = judge(was_not_sent(error.errc()), decision.delay, std::nullopt);
    }
    const std::optional<nanoseconds> delay = tell(decision);
    if (delay.has_value()) note(error.what());
    return delay;
  }

  /// `error` as the call throws it.
  [[nodiscard]] Error with_attempts(const Error& error) const { return error.with_attempts(attempts_); }
  [[nodiscard]] bool is_first() const noexcept { return tries_ == 1; }

 private:
  [[nodiscard]] RetryVerdict judge(bool was_not_processed, nanoseconds delay, std::optional<nanoseconds> asked) {
    const RequestBodyPtr& body = request_.body();
    if (body != nullptr && (body->is_one_shot() || body->is_duplex())) return RetryVerdict::one_shot_body;
    const bool is_repeatable = was_not_processed || policy_.all_methods || internal::is_idempotent(request_.method()) ||
                               request_.headers().contains(kIdempotencyKey);
    if (!is_repeatable) return RetryVerdict::may_be_processed;
    if (tries_ >= policy_.max_tries) return RetryVerdict::tries_used_up;
    if (asked.has_value() && *asked > policy_.max_retry_after) return RetryVerdict::asked_to_wait;
    const Chain::TimePoint now = chain_.now();
    if (delay >= until_ - now) return RetryVerdict::out_of_time;
    if (policy_.budget != nullptr && !policy_.budget->take(now)) return RetryVerdict::budget_empty;
    return RetryVerdict::retry;
  }

  std::optional<nanoseconds> tell(RetryDecision& decision) const {
    const bool again = decision.verdict == RetryVerdict::retry;
    if (!again) decision.delay = nanoseconds::zero();
    if (policy_.on_decision) policy_.on_decision(decision);
    if (!again) return std::nullopt;
    return decision.delay;
  }

  /// Full jitter: evenly from 0 to a bound that doubles.
  [[nodiscard]] nanoseconds draw_delay() const {
    nanoseconds bound = std::min<nanoseconds>(policy_.first_delay, policy_.max_delay);
    for (unsigned i = 1; i < tries_ && bound < policy_.max_delay; ++i) {
      bound = bound > policy_.max_delay / 2 ? nanoseconds(policy_.max_delay) : bound * 2;
    }
    const auto choices = static_cast<std::uint64_t>(bound.count()) + 1;
    return nanoseconds(static_cast<nanoseconds::rep>(random()() % choices));
  }
  [[nodiscard]] std::function<std::uint64_t()> random() const {
    return policy_.random ? policy_.random : std::function<std::uint64_t()>(system_random);
  }
  void note(std::string failure) {
    attempts_.emplace_back(std::string(request_.url().host_header()), std::move(failure));
  }

  const RetryPolicy& policy_;
  Chain& chain_;
  Request request_;
  Chain::TimePoint until_;
  unsigned tries_ = 0;
  std::vector<Attempt> attempts_;
};

RetryInterceptor::RetryInterceptor(RetryPolicy policy) : policy_(std::move(policy)) {
  if (policy_.max_tries == 0) throw std::invalid_argument("RetryInterceptor: max_tries must be above 0");
  for (const nanoseconds time :
       {policy_.first_delay, policy_.max_delay, policy_.max_retry_after, policy_.try_time, policy_.total_time}) {
    if (time < nanoseconds::zero()) throw std::invalid_argument("RetryInterceptor: no time must be below 0");
  }
}
RetryInterceptor::~RetryInterceptor() = default;

Task<Response> RetryInterceptor::intercept(Chain& chain) {
  Tries tries(policy_, chain);
  for (;;) {
    std::optional<Response> response;
    std::optional<Error> failure;
    std::exception_ptr thrown;
    try {
      Task<Response> proceeding = tries.proceed();
      Response received = co_await std::move(proceeding);
      response = std::move(received);
    } catch (const Error& error) {
      failure = error;
      thrown = std::current_exception();
    }
    std::optional<nanoseconds> delay;
    if (response.has_value()) {
      delay = tries.after(*response);
      if (!delay.has_value()) co_return std::move(*response);
      // Before the wait: its connection may serve others meanwhile.
      response->body().close();
      response.reset();
    } else {
      delay = tries.after(*failure);
      if (!delay.has_value() && tries.is_first()) std::rethrow_exception(thrown);
      if (!delay.has_value()) throw tries.with_attempts(*failure);
    }
    Task<void> sleeping = chain.sleep(*delay);
    co_await std::move(sleeping);
  }
}

}  // namespace okhttp

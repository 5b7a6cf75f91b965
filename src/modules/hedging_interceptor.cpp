#include <okhttp/error.hpp>
#include <okhttp/hedging_interceptor.hpp>
#include <okhttp/sync_wait.hpp>

#include <algorithm>
#include <cstddef>
#include <exception>
#include <optional>
#include <stdexcept>
#include <utility>

#include "interceptors/chain.hpp"
#include "interceptors/chain_branch.hpp"
#include "runtime/call_context.hpp"
#include "runtime/engine.hpp"
#include "runtime/hop.hpp"

namespace okhttp {

using std::chrono::nanoseconds;

HedgePolicy::HedgePolicy(std::chrono::milliseconds after) : delay(after) {}

/// The tries of one call, each a branch of it. All run on the call's engine, so nothing here is touched by two threads.
class HedgingInterceptor::Race {
 public:
  Race(const HedgePolicy& policy, Chain& chain)
      : policy_(policy), chain_(chain), context_(internal::ChainAccess::context(chain)), start_(chain.now()) {
    const internal::ChainStep& from = internal::ChainAccess::to_branch(chain);
    tries_.reserve(policy.max_tries);
    for (unsigned i = 0; i < policy.max_tries; ++i) {
      tries_.emplace_back(std::make_shared<internal::ChainBranch>(from));
    }
  }

  Race(const Race&) = delete;
  Race& operator=(const Race&) = delete;
  ~Race() {
    for (Try& one : tries_) one.give_up();
  }

  /// The tries, to be awaited together: each is over when its answer is there, it failed, or it is not needed.
  [[nodiscard]] std::vector<Task<void>> all_tries() {
    std::vector<Task<void>> all;
    all.reserve(tries_.size());
    for (std::size_t i = 0; i < tries_.size(); ++i) all.push_back(run(i));
    return all;
  }

  /// Once they are over.
  [[nodiscard]] Response take_answer() {
    for (Try& one : tries_) {
      if (!one.response.has_value()) continue;
      one.branch->choose();
      Response answer = std::move(*one.response);
      tries_.clear();
      return answer;
    }
    throw_failure();
  }

 private:
  struct Try {
    explicit Try(std::shared_ptr<internal::ChainBranch> way) noexcept : branch(std::move(way)) {}

    /// Its answer, if there is one, is not wanted.
    void give_up() {
      branch->give_up();
      response.reset();
    }

    std::shared_ptr<internal::ChainBranch> branch;
    std::optional<Response> response;
  };

  Task<void> run(std::size_t number) {
    if (number > 0) {
      const bool may_begin = co_await wait_for_turn(number);
      if (!may_begin) co_return;
    }
    ++running_;
    Try& one = tries_[number];
    std::exception_ptr failure;
    try {
      Task<Response> answering = one.branch->proceed(chain_.request());
      Response received = co_await std::move(answering);
      one.response = std::move(received);
    } catch (...) {
      failure = std::current_exception();
    }
    --running_;
    settle(one, failure);
  }

  /// True when the other tries have not answered in time, and another may begin.
  Task<bool> wait_for_turn(std::size_t number) {
    internal::CallContext& own = tries_[number].branch->context();
    const Chain::TimePoint turn = internal::deadline_after(start_, policy_.delay * static_cast<int>(number));
    internal::WaitTerms terms = own.terms_until(turn);
    terms.is_exact = true;
    internal::Sleep sleeping(own.engine(), terms);
    const internal::WaitResult how = co_await sleeping;
    if (how != internal::WaitResult::deadline || own.now() < turn) co_return false;
    if (policy_.budget != nullptr && !policy_.budget->take(own.now())) co_return false;
    if (policy_.on_hedge) policy_.on_hedge(chain_.call(), static_cast<unsigned>(number) + 1);
    co_return true;
  }

  /// A try is through, with an answer or a failure.
  void settle(Try& one, const std::exception_ptr& failure) {
    if (is_decided_) return one.give_up();
    if (failure != nullptr) failures_.push_back(failure);
    const bool is_wanted = one.response.has_value() && !is_passed_over(one.response->code());
    if (!is_wanted && running_ > 0) return;
    is_decided_ = true;
    const Try* const winner = one.response.has_value() ? &one : earlier_answer();
    for (Try& other : tries_) {
      if (&other != winner) other.give_up();
    }
  }

  [[nodiscard]] bool is_passed_over(int code) const {
    return std::find(policy_.passed_over.begin(), policy_.passed_over.end(), code) != policy_.passed_over.end();
  }

  /// One that was passed over, for want of a better one.
  [[nodiscard]] const Try* earlier_answer() const noexcept {
    for (const Try& one : tries_) {
      if (one.response.has_value()) return &one;
    }
    return nullptr;
  }

  [[noreturn]] void throw_failure() {
    if (context_.cancellation->requested()) std::rethrow_exception(failures_.front());
    std::vector<Attempt> earlier;
    for (std::size_t i = 0; i + 1 < failures_.size(); ++i) {
      try {
        std::rethrow_exception(failures_[i]);
      } catch (const Error& error) {
        earlier.emplace_back(std::string(chain_.request().url().host_header()), error.what());
      }
    }
    try {
      std::rethrow_exception(failures_.back());
    } catch (const Error& error) {
      if (earlier.empty()) throw;
      throw error.with_attempts(std::move(earlier));
    }
  }

  const HedgePolicy& policy_;
  Chain& chain_;
  internal::CallContext& context_;
  const Chain::TimePoint start_;
  std::vector<Try> tries_;
  unsigned running_ = 0;
  bool is_decided_ = false;
  std::vector<std::exception_ptr> failures_;  // in the order in which they came
};

HedgingInterceptor::HedgingInterceptor(HedgePolicy policy) : policy_(std::move(policy)) {
  if (policy_.delay <= nanoseconds::zero())
    throw std::invalid_argument("HedgingInterceptor: the delay must be above 0");
  if (policy_.max_tries == 0) throw std::invalid_argument("HedgingInterceptor: max_tries must be above 0");
}
HedgingInterceptor::~HedgingInterceptor() = default;

Task<Response> HedgingInterceptor::intercept(Chain& chain) {
  const Request& request = chain.request();
  const bool is_hedged =
      request.body() == nullptr && policy_.max_tries > 1 &&
      std::find(policy_.methods.begin(), policy_.methods.end(), request.method()) != policy_.methods.end();
  if (!is_hedged) {
    Task<Response> proceeding = chain.proceed(request);
    co_return co_await std::move(proceeding);
  }
  // User code before may have resumed this on a thread of its own; the tries share what the Race holds.
  internal::CallContext& context = internal::ChainAccess::context(chain);
  context.go_home();
  internal::Hop home(context.engine());
  co_await home;
  if (policy_.budget != nullptr) policy_.budget->call_begins(chain.now());
  Race race(policy_, chain);
  Task<void> racing = when_all(race.all_tries());
  co_await std::move(racing);
  co_return race.take_answer();
}

}  // namespace okhttp

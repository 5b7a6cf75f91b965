#include <okhttp/error.hpp>

#include <algorithm>
#include <cassert>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "connection/connect_race.hpp"
#include "connection/exchange_finder.hpp"
#include "runtime/call_context.hpp"
#include "runtime/spawn.hpp"

namespace okhttp::internal {
namespace {

/// An attempt that runs beside others, and what came of its TCP.
struct Runner {
  Runner(ConnectRace::Attempt attempt, std::unique_ptr<ConnectPlan> its_plan)
      : number(attempt), plan(std::move(its_plan)) {}
  const ConnectRace::Attempt number;
  std::unique_ptr<ConnectPlan> plan;
  std::optional<ConnectResult> result;
};
using RunnerPtr = std::shared_ptr<Runner>;

/// The runners, and those that came to their end in the order in which they did. All on the engine of the call.
class Field {
 public:
  explicit Field(Engine& engine) noexcept : engine_(engine) {}
  Field(const Field&) = delete;
  Field& operator=(const Field&) = delete;
  ~Field() {
    for (const RunnerPtr& runner : running_) stop(*runner);
  }

  void start(ConnectRace::Attempt number, std::unique_ptr<ConnectPlan> plan) {
    auto runner = std::make_shared<Runner>(number, std::move(plan));
    running_.push_back(runner);
    start_detached(run(*this, std::move(runner)));
  }

  /// The first that came to its end and was not taken yet; null when there is none.
  [[nodiscard]] RunnerPtr take_arrived() noexcept {
    if (arrived_.empty()) return nullptr;
    RunnerPtr runner = std::move(arrived_.front());
    arrived_.erase(arrived_.begin());
    std::erase(running_, runner);
    return runner;
  }

  /// Stops a runner and yields what is to be tried again in its place, or null when it had failed already.
  [[nodiscard]] std::unique_ptr<ConnectPlan> take_back(ConnectRace::Attempt number) {
    const auto found = std::find_if(running_.begin(), running_.end(),
                                    [&](const RunnerPtr& runner) { return runner->number == number; });
    const RunnerPtr runner = std::move(*found);
    running_.erase(found);
    const bool had_failed = runner->result.has_value() && !runner->result->ok();
    if (!had_failed) stop(*runner);
    std::erase(arrived_, runner);
    return had_failed ? nullptr : runner->plan->retry();
  }

  /// The route of somebody who runs, for messages.
  [[nodiscard]] std::string route_text() const { return running_.front()->plan->route_text(); }

  /// co_await Arrival(field, terms): until a runner comes to its end, the deadline, or the end of the call.
  class Arrival final : public Wait {
   public:
    Arrival(Field& field, WaitTerms terms) noexcept : Wait(terms), field_(field) {}
    ~Arrival() { field_.awaiting_ = nullptr; }
    bool await_ready() const noexcept { return !field_.arrived_.empty(); }
    void await_suspend(std::coroutine_handle<> waiter) noexcept {
      field_.awaiting_ = this;
      suspend(field_.engine_, waiter);
    }
    WaitResult await_resume() const noexcept {
      field_.awaiting_ = nullptr;
      return result();
    }
    bool attempt() noexcept override { return !field_.arrived_.empty(); }

   private:
    Field& field_;
  };

 private:
  static Task<void> run(Field& field, RunnerPtr runner) {
    try {
      ConnectResult result = co_await runner->plan->connect_tcp();
      runner->result = std::move(result);
    } catch (const std::exception& error) {
      runner->result.emplace(Error(Errc::io, Blame::library, error.what(), std::current_exception()));
    }
    // Last: whoever waits goes on from within, and may be through with the field when this returns.
    field.arrive(std::move(runner));
  }

  void arrive(RunnerPtr runner) {
    arrived_.push_back(std::move(runner));
    if (awaiting_ != nullptr && awaiting_->is_parked()) engine_.finish(*awaiting_, WaitResult::ready);
  }

  static void stop(Runner& runner) {
    runner.plan->cancel();
    assert(runner.result.has_value());  // it ended at once, so that nothing of it outlives what it refers to
  }

  Engine& engine_;
  std::vector<RunnerPtr> running_;  // and those that arrived and were not taken
  std::vector<RunnerPtr> arrived_;
  Arrival* awaiting_ = nullptr;
};

bool is_over(const Error& error) noexcept { return error.errc() == Errc::canceled || error.errc() == Errc::timeout; }

}  // namespace

Task<std::shared_ptr<Connection>> FastFallbackExchangeFinder::find() {
  ConnectRace race;
  std::vector<Attempt> earlier;
  Field field(context_.engine());
  for (bool is_first = true;; is_first = false) {
    std::unique_ptr<ConnectPlan> plan;
    ConnectResult result;
    // Others begin beside those that run only when that needs no waiting, and of the same proxy.
    const bool has_more = is_first || (race.is_running() ? planner_.has_next_at_hand() : planner_.has_next(nullptr));
    if (race.next(context_.now(), has_more) == ConnectRace::Move::start) {
      try {
        std::unique_ptr<ConnectPlan> next = co_await planner_.plan();
        plan = std::move(next);
      } catch (const Error& error) {
        throw error.with_attempts(std::move(earlier));
      }
      if (plan->is_ready()) co_return plan->handle_success();
      if (race.is_running() || planner_.has_next_at_hand()) {
        const ConnectRace::Attempt number = race.start(context_.now());
        field.start(number, std::move(plan));
        continue;
      }
      // There is nobody to race against.
      ConnectResult alone = co_await plan->connect_tcp();
      result = std::move(alone);
    } else {
      RunnerPtr arrived = field.take_arrived();
      if (arrived == nullptr) {
        const TimePoint until = planner_.has_next_at_hand() ? race.next_start() : kNever;
        WaitTerms terms = context_.terms_until(until);
        terms.is_exact = true;
        Field::Arrival arrival(field, terms);
        const WaitResult why = co_await arrival;
        const bool call_ended = why == WaitResult::canceled || context_.now() >= context_.last_moment();
        if (!call_ended) continue;
        throw error_of(context_, why, Errc::timeout, "connecting to " + field.route_text())
            .with_attempts(std::move(earlier));
      }
      plan = std::move(arrived->plan);
      result = std::move(*arrived->result);
      if (!result.ok()) {
        race.fail(arrived->number);
      } else {
        std::vector<std::unique_ptr<ConnectPlan>> losers;
        for (const ConnectRace::Attempt loser : race.win(arrived->number)) {
          if (std::unique_ptr<ConnectPlan> again = field.take_back(loser)) losers.push_back(std::move(again));
        }
        // The last of the deferred plans comes first.
        for (auto loser = losers.rbegin(); loser != losers.rend(); ++loser) {
          planner_.deferred_plans().push_back(std::move(*loser));
        }
      }
    }

    if (result.ok()) {
      ConnectResult secured = co_await plan->connect_tls_etc();
      result = std::move(secured);
      if (result.ok()) co_return plan->handle_success();
      race.fail_winner();
    }
    if (result.next_plan != nullptr) planner_.deferred_plans().push_back(std::move(result.next_plan));
    const bool is_last = !race.is_running() && !planner_.has_next(nullptr);
    if (is_over(*result.error) || is_last) throw result.error->with_attempts(std::move(earlier));
    earlier.emplace_back(plan->route_text(), result.error->what());
  }
}

}  // namespace okhttp::internal

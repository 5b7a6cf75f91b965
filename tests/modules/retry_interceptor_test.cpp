#include <okhttp/http_date.hpp>
#include <okhttp/request_body.hpp>
#include <okhttp/retry_interceptor.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "support/simulated_chain.hpp"

namespace okhttp::internal {
namespace {

using namespace std::chrono_literals;

/// What the server does at one try.
struct Step {
  int code = 0;  ///< 0: fails with `errc`
  Errc errc = Errc::connection_closed;
  std::string retry_after;
  std::string date;
  Duration takes = 0ms;
};

Step answer(int code, std::string retry_after = "", std::string date = "") {
  Step step;
  step.code = code;
  step.retry_after = std::move(retry_after);
  step.date = std::move(date);
  return step;
}
Step fail(Errc errc) {
  Step step;
  step.errc = errc;
  return step;
}
Step slow(int code, Duration time) {
  Step step = answer(code);
  step.takes = time;
  return step;
}

class RetryInterceptorTest : public ::testing::Test {
 protected:
  RetryInterceptorTest() {
    policy_.random = [this] { return random_; };
    policy_.on_decision = [this](const RetryDecision& decision) {
      verdicts_.push_back(decision.verdict);
      delays_.push_back(std::chrono::duration_cast<std::chrono::milliseconds>(decision.delay));
    };
  }

  void script(std::vector<Step> steps) { steps_.assign(steps.begin(), steps.end()); }

  Task<Response> serve(Chain& chain) {
    tries_at_.push_back(std::chrono::duration_cast<std::chrono::milliseconds>(engine_.now() - start_));
    keys_.emplace_back(chain.request().header("Idempotency-Key").value_or(""));
    const Step step = steps_.front();
    if (steps_.size() > 1) steps_.pop_front();
    Task<void> working = chain.sleep(step.takes);
    co_await std::move(working);
    if (step.code == 0) throw Error(step.errc, Blame::network, "scripted");
    Response::Builder builder = answer_with(chain.request(), step.code).new_builder();
    if (!step.retry_after.empty()) builder.header("Retry-After", step.retry_after);
    if (!step.date.empty()) builder.header("Date", step.date);
    co_return builder.build();
  }

  [[nodiscard]] std::unique_ptr<SimulatedChain> chain() {
    if (interceptor_ == nullptr) interceptor_ = std::make_shared<RetryInterceptor>(policy_);
    return std::make_unique<SimulatedChain>(engine_, interceptor_, [this](Chain& at) { return serve(at); });
  }
  int run(const Request& request) { return chain()->run(request).code(); }
  int get() { return run(Request::get("http://example.com/")); }
  int post() { return run(Request::post("http://example.com/", RequestBody::create("x"))); }
  /// The code that the GET fails with.
  Error failure(const Request& request = Request::get("http://example.com/")) {
    try {
      (void)run(request);
    } catch (const Error& error) {
      return error;
    }
    return Error(Errc::io, "it did not fail");
  }

  SimulatedEngine engine_;
  const TimePoint start_ = engine_.now();
  std::deque<Step> steps_;
  RetryPolicy policy_;
  std::uint64_t random_ = 0;
  std::shared_ptr<RetryInterceptor> interceptor_;
  std::vector<RetryVerdict> verdicts_;
  std::vector<std::chrono::milliseconds> delays_;
  std::vector<std::chrono::milliseconds> tries_at_;
  std::vector<std::string> keys_;
};

TEST_F(RetryInterceptorTest, TriesAgainUntilItIsAnswered) {
  script({answer(503), fail(Errc::connection_closed), answer(200)});
  EXPECT_EQ(get(), 200);
  EXPECT_EQ(verdicts_, (std::vector{RetryVerdict::retry, RetryVerdict::retry}));
}

TEST_F(RetryInterceptorTest, TellsNobodyOfAnAnswerThatIsNoFailure) {
  script({answer(404)});
  EXPECT_EQ(get(), 404);
  EXPECT_EQ(tries_at_.size(), 1U);
  EXPECT_TRUE(verdicts_.empty());
}

TEST_F(RetryInterceptorTest, HandsOutTheLastResponseWhenTriesAreUsedUp) {
  script({answer(503)});
  EXPECT_EQ(get(), 503);
  EXPECT_EQ(tries_at_.size(), 4U);
  EXPECT_EQ(verdicts_.back(), RetryVerdict::tries_used_up);
}

TEST_F(RetryInterceptorTest, ThrowsTheLastFailureWithTheEarlierOnes) {
  script({answer(503), fail(Errc::read_timeout), fail(Errc::connection_closed)});
  policy_.max_tries = 3;
  const Error error = failure();
  EXPECT_EQ(error.errc(), Errc::connection_closed);
  ASSERT_EQ(error.attempts().size(), 2U);
  EXPECT_EQ(error.attempts().front().failure, "answered with 503");
}

TEST_F(RetryInterceptorTest, DrawsWaitsUpToABoundThatDoubles) {
  policy_.max_tries = 6;
  policy_.max_delay = 1s;
  script({answer(503)});
  // The largest number that a bound of n nanoseconds turns into n: one below a multiple of each.
  std::vector<Duration> bounds{100ms, 200ms, 400ms, 800ms, 1s};
  policy_.random = [this, bounds] { return static_cast<std::uint64_t>(bounds.at(delays_.size() % 5).count()); };
  EXPECT_EQ(get(), 503);
  EXPECT_EQ(tries_at_, (std::vector{0ms, 100ms, 300ms, 700ms, 1500ms, 2500ms}));
}

TEST_F(RetryInterceptorTest, DrawsWaitsFromNothingOn) {
  script({answer(503), answer(200)});
  EXPECT_EQ(get(), 200);
  EXPECT_EQ(tries_at_, (std::vector{0ms, 0ms}));
}

TEST_F(RetryInterceptorTest, WaitsAsLongAsRetryAfterAsks) {
  script({answer(429, "7"), answer(200)});
  EXPECT_EQ(get(), 200);
  EXPECT_EQ(tries_at_, (std::vector{0ms, 7000ms}));
}

TEST_F(RetryInterceptorTest, CountsARetryAfterDateFromTheDateOfTheResponse) {
  script({answer(503, "Sun, 06 Nov 1994 08:49:57 GMT", "Sun, 06 Nov 1994 08:49:37 GMT"), answer(200)});
  EXPECT_EQ(get(), 200);
  EXPECT_EQ(tries_at_, (std::vector{0ms, 20'000ms}));
}

TEST_F(RetryInterceptorTest, CountsARetryAfterDateThatHasPassedAsNoWait) {
  script({answer(503, "Sun, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:57 GMT"), answer(200)});
  EXPECT_EQ(get(), 200);
  EXPECT_EQ(tries_at_, (std::vector{0ms, 0ms}));
}

TEST_F(RetryInterceptorTest, HandsOutAResponseThatAsksForTooLongAWait) {
  for (const char* const asked : {"61", "99999999999999999999999999"}) {
    script({answer(503, asked)});
    EXPECT_EQ(get(), 503);
    EXPECT_EQ(verdicts_.back(), RetryVerdict::asked_to_wait);
  }
  EXPECT_EQ(tries_at_.size(), 2U);
}

TEST_F(RetryInterceptorTest, IgnoresARetryAfterThatIsNeitherSecondsNorADate) {
  for (const char* const asked : {"-5", "soon", "1.5"}) {
    script({answer(503, asked), answer(200)});
    EXPECT_EQ(get(), 200);
  }
  EXPECT_EQ(tries_at_.back(), 0ms);
}

TEST_F(RetryInterceptorTest, DoesNotRepeatWhatMayHaveBeenProcessed) {
  for (const Step& step : {answer(503), answer(429)}) {
    script({step, answer(200)});
    EXPECT_EQ(post(), step.code);
    EXPECT_EQ(verdicts_.back(), RetryVerdict::may_be_processed);
  }
  script({fail(Errc::connection_closed), answer(200)});
  EXPECT_EQ(failure(Request::post("http://example.com/", RequestBody::create("x"))).errc(), Errc::connection_closed);
}

TEST_F(RetryInterceptorTest, RepeatsWhatCertainlyWasNotProcessed) {
  for (const Step& step : {answer(408), fail(Errc::connect_failed), fail(Errc::connect_timeout)}) {
    script({step, answer(200)});
    EXPECT_EQ(post(), 200);
  }
}

TEST_F(RetryInterceptorTest, RepeatsAPostThatCarriesAKey) {
  script({answer(503), answer(200)});
  const Request request = Request::post("http://example.com/", RequestBody::create("x"))
                              .new_builder()
                              .header("Idempotency-Key", "mine")
                              .build();
  EXPECT_EQ(run(request), 200);
  EXPECT_EQ(keys_, (std::vector<std::string>{"mine", "mine"}));
}

TEST_F(RetryInterceptorTest, AddsOneKeyForAllTriesWhenAskedTo) {
  policy_.add_idempotency_key = true;
  random_ = 0x123456789abcdef0;
  script({answer(503), answer(200)});
  policy_.first_delay = 0ms;
  EXPECT_EQ(post(), 200);
  EXPECT_EQ(keys_, (std::vector<std::string>(2, "0fedcba9-8765-4432-90fe-dcba98765432")));
  script({answer(200)});
  EXPECT_EQ(get(), 200);
  EXPECT_EQ(keys_.back(), "") << "a GET needs none";
}

TEST_F(RetryInterceptorTest, NeverSendsAOneShotBodyAgain) {
  const RequestBodyPtr once = RequestBody::one_shot([] { return std::nullopt; });
  for (const Step& step : {answer(503), answer(408)}) {
    script({step, answer(200)});
    EXPECT_EQ(run(Request::put("http://example.com/", once)), step.code);
    EXPECT_EQ(verdicts_.back(), RetryVerdict::one_shot_body);
  }
}

TEST_F(RetryInterceptorTest, LeavesFailuresAloneThatComeAgain) {
  for (const Errc code : {Errc::unknown_host, Errc::tls_handshake, Errc::pin_mismatch, Errc::protocol_error}) {
    script({fail(code), answer(200)});
    EXPECT_EQ(failure().errc(), code);
    EXPECT_EQ(verdicts_.back(), RetryVerdict::not_retryable);
  }
}

TEST_F(RetryInterceptorTest, GivesATryItsOwnTime) {
  policy_.try_time = 500ms;
  script({slow(200, 1h), slow(200, 400ms)});
  EXPECT_EQ(get(), 200);
  EXPECT_EQ(tries_at_, (std::vector{0ms, 500ms}));
}

TEST_F(RetryInterceptorTest, FailsWithATimeoutWhenEveryTryIsTooSlow) {
  policy_.try_time = 500ms;
  script({slow(200, 1h)});
  EXPECT_EQ(failure().errc(), Errc::timeout);
  EXPECT_EQ(tries_at_.size(), 4U);
}

TEST_F(RetryInterceptorTest, BeginsNoTryAfterItsTotalTime) {
  policy_.total_time = 10s;
  script({answer(503, "6")});
  EXPECT_EQ(get(), 503);
  EXPECT_EQ(verdicts_.back(), RetryVerdict::out_of_time);
  EXPECT_EQ(tries_at_, (std::vector{0ms, 6000ms}));
}

TEST_F(RetryInterceptorTest, CutsTheLastTryToItsTotalTime) {
  policy_.total_time = 10s;
  script({answer(503, "6"), slow(200, 1h)});
  EXPECT_EQ(failure().errc(), Errc::timeout);
  EXPECT_EQ(engine_.now() - start_, 10s);
}

TEST_F(RetryInterceptorTest, DoesNotWaitForATryAfterTheDeadlineOfTheCall) {
  script({answer(503, "6")});
  const auto call = chain();
  call->set_call_timeout(5s);
  EXPECT_EQ(call->run(Request::get("http://example.com/")).code(), 503);
  EXPECT_EQ(verdicts_.back(), RetryVerdict::out_of_time);
  EXPECT_EQ(engine_.now(), start_);
}

TEST_F(RetryInterceptorTest, EndsWithTheDeadlineOfTheCall) {
  policy_.try_time = 2s;
  script({slow(200, 1h)});
  const auto call = chain();
  call->set_call_timeout(5s);
  try {
    (void)call->run(Request::get("http://example.com/"));
    FAIL() << "there is no answer";
  } catch (const Error& error) {
    EXPECT_EQ(error.errc(), Errc::timeout);
  }
  EXPECT_EQ(engine_.now() - start_, 5s);
  EXPECT_EQ(verdicts_.back(), RetryVerdict::not_retryable);
}

TEST_F(RetryInterceptorTest, IsCanceledWhileItWaits) {
  script({answer(503, "30"), answer(200)});
  const auto call = chain();
  engine_.simulation().at(start_ + 3s, [&call] { call->cancel(); });
  try {
    (void)call->run(Request::get("http://example.com/"));
    FAIL() << "it was not canceled";
  } catch (const Error& error) {
    EXPECT_EQ(error.errc(), Errc::canceled);
  }
  EXPECT_EQ(engine_.now() - start_, 3s);
  EXPECT_EQ(tries_at_.size(), 1U);
  EXPECT_EQ(engine_.waits(), 0U);
}

TEST_F(RetryInterceptorTest, SharesABudgetAmongCalls) {
  policy_.budget = std::make_shared<RetryBudget>(0.125, 0, 2);
  policy_.max_tries = 2;
  script({answer(503)});
  for (int i = 0; i < 20; ++i) EXPECT_EQ(get(), 503);
  // The two that were there, and one for each eight calls after the first, for which there was no room.
  EXPECT_EQ(tries_at_.size(), 20U + 4U);
  EXPECT_EQ(verdicts_.back(), RetryVerdict::budget_empty);
}

TEST(RetryBudgetTest, GetsRetriesWithTime) {
  RetryBudget budget(0, 0.5, 1);
  const RetryBudget::TimePoint start(1h);
  budget.call_begins(start);
  EXPECT_TRUE(budget.take(start));
  EXPECT_FALSE(budget.take(start));
  EXPECT_FALSE(budget.take(start + 1s));
  EXPECT_TRUE(budget.take(start + 2s));
  EXPECT_TRUE(budget.take(start + 1h));
  EXPECT_FALSE(budget.take(start + 1h)) << "no more than its capacity is kept";
}

TEST(RetryBudgetTest, RefusesWhatIsBelowNothing) {
  EXPECT_THROW(RetryBudget(-0.1), std::invalid_argument);
  EXPECT_THROW(RetryBudget(0.1, -1), std::invalid_argument);
}

TEST(RetryPolicyTest, IsRefusedWithoutTries) {
  RetryPolicy none;
  none.max_tries = 0;
  EXPECT_THROW(RetryInterceptor{none}, std::invalid_argument);
  RetryPolicy backwards;
  backwards.first_delay = -1ms;
  EXPECT_THROW(RetryInterceptor{backwards}, std::invalid_argument);
}

}  // namespace
}  // namespace okhttp::internal

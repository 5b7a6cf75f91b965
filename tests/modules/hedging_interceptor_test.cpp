#include <okhttp/hedging_interceptor.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "support/simulated_chain.hpp"

namespace okhttp::internal {
namespace {

using namespace std::chrono_literals;

/// What one try meets, in the order in which tries begin.
struct Fate {
  Duration takes = 0ms;
  int code = 200;  // 0: fails
};

class HedgingInterceptorTest : public ::testing::Test {
 protected:
  HedgingInterceptorTest() {
    policy_.on_hedge = [this](const Call&, unsigned number) { log_ += "hedge " + std::to_string(number) + ". "; };
  }

  std::shared_ptr<Outcome<Response>> start(Request request = Request::get("http://a.example/")) {
    chain_ = std::make_unique<SimulatedChain>(engine_, std::make_shared<HedgingInterceptor>(policy_),
                                              [this](Chain& chain) { return serve(chain, begun_++); });
    return chain_->start(std::move(request));
  }
  /// Runs the call, and says what came of it, after which time.
  std::string outcome(Request request = Request::get("http://a.example/")) {
    const TimePoint begin = engine_.now();
    const std::shared_ptr<Outcome<Response>> call = start(std::move(request));
    engine_.simulation().run_ready();
    TimePoint end = begin;
    while (!call->done() && end < begin + 1h) {
      engine_.simulation().run_for(1ms);
      end = engine_.now();
    }
    const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(end - begin);
    const std::string after = " after " + std::to_string(took.count()) + " ms";
    try {
      const Response response = call->take();
      return std::to_string(response.code()) + " of " + std::string(response.header("Try").value_or("?")) + after;
    } catch (const Error& error) {
      return error.what() + after;
    }
  }

  /// To a server that takes an hour, and tells the log nothing.
  std::unique_ptr<SimulatedChain> patient_chain() {
    return std::make_unique<SimulatedChain>(engine_, std::make_shared<HedgingInterceptor>(policy_),
                                            [](Chain& chain) -> Task<Response> {
                                              Task<void> working = chain.sleep(1h);
                                              co_await std::move(working);
                                              co_return answer_with(chain.request(), 200);
                                            });
  }

  SimulatedEngine engine_;
  HedgePolicy policy_{100ms};
  std::vector<Fate> fates_;
  std::unique_ptr<SimulatedChain> chain_;
  std::size_t begun_ = 0;
  std::string log_;

 private:
  Task<Response> serve(Chain& chain, std::size_t number) {
    const std::string name = std::to_string(number + 1);
    const Fate fate = number < fates_.size() ? fates_[number] : Fate();
    bool is_given_up = false;
    try {
      Task<void> working = chain.sleep(fate.takes);
      co_await std::move(working);
    } catch (const Error& error) {
      log_ += name + " " + std::string(to_string(error.errc())) + ". ";
      is_given_up = true;
    }
    if (is_given_up) throw Error(Errc::canceled, Blame::caller, "given up");
    if (fate.code == 0) throw Error(Errc::connection_closed, Blame::network, "try " + name + " broke");
    co_return answer_with(chain.request(), fate.code).new_builder().header("Try", name).build();
  }
};

TEST_F(HedgingInterceptorTest, AsksOnceWhenTheAnswerComesInTime) {
  fates_ = {{99ms}};
  EXPECT_EQ(outcome(), "200 of 1 after 99 ms");
  EXPECT_EQ(begun_, 1U);
  EXPECT_EQ(log_, "");
  EXPECT_EQ(engine_.waits(), 0U) << "no timer is left";
}

TEST_F(HedgingInterceptorTest, TakesTheSecondAnswerWhenThatIsFirstAndCancelsTheOther) {
  fates_ = {{1h}, {20ms}};
  EXPECT_EQ(outcome(), "200 of 2 after 120 ms");
  EXPECT_EQ(log_, "hedge 2. 1 canceled. ");
}

TEST_F(HedgingInterceptorTest, TakesTheFirstAnswerWhenThatIsFirstAfterAll) {
  fates_ = {{130ms}, {1h}};
  EXPECT_EQ(outcome(), "200 of 1 after 130 ms");
  EXPECT_EQ(log_, "hedge 2. 2 canceled. ");
}

TEST_F(HedgingInterceptorTest, TakesAnAnswerThatIsThereAtOnce) { EXPECT_EQ(outcome(), "200 of 1 after 0 ms"); }

TEST_F(HedgingInterceptorTest, BeginsFurtherTriesOneDelayAfterTheOther) {
  policy_.max_tries = 4;
  fates_ = {{1h}, {1h}, {1h}, {5ms}};
  EXPECT_EQ(outcome(), "200 of 4 after 305 ms");
  EXPECT_EQ(log_, "hedge 2. hedge 3. hedge 4. 1 canceled. 2 canceled. 3 canceled. ");
}

TEST_F(HedgingInterceptorTest, AsksOnceWhenOneTryIsAllowed) {
  policy_.max_tries = 1;
  fates_ = {{500ms}};
  EXPECT_EQ(outcome(), "200 of 1 after 500 ms");
  EXPECT_EQ(begun_, 1U);
}

TEST_F(HedgingInterceptorTest, FailsWithTheOnlyTryThatIsOnItsWay) {
  fates_ = {{50ms, 0}};
  EXPECT_EQ(outcome(), "try 1 broke after 50 ms");
  EXPECT_EQ(begun_, 1U) << "trying again is for a RetryInterceptor";
}

TEST_F(HedgingInterceptorTest, WaitsForTheOtherTryWhenOneFails) {
  fates_ = {{110ms, 0}, {300ms}};
  EXPECT_EQ(outcome(), "200 of 2 after 400 ms");
}

TEST_F(HedgingInterceptorTest, NamesAllFailuresWhenAllFail) {
  fates_ = {{150ms, 0}, {20ms, 0}};
  EXPECT_EQ(outcome(), "try 1 broke; earlier attempts: a.example: try 2 broke after 150 ms");
}

TEST_F(HedgingInterceptorTest, PassesAFaultOfTheServerOverWhileAnotherTryIsOnItsWay) {
  fates_ = {{110ms, 503}, {300ms}};
  EXPECT_EQ(outcome(), "200 of 2 after 400 ms");
}

TEST_F(HedgingInterceptorTest, TakesAFaultOfTheServerWhenNoOtherTryIsOnItsWay) {
  fates_ = {{20ms, 503}};
  EXPECT_EQ(outcome(), "503 of 1 after 20 ms");
  EXPECT_EQ(begun_, 1U);
}

TEST_F(HedgingInterceptorTest, TakesTheLastOfSeveralFaults) {
  fates_ = {{110ms, 503}, {20ms, 500}};
  EXPECT_EQ(outcome(), "500 of 2 after 120 ms");
}

TEST_F(HedgingInterceptorTest, TakesAFaultThatWasPassedOverWhenTheOtherTryFails) {
  fates_ = {{110ms, 503}, {200ms, 0}};
  EXPECT_EQ(outcome(), "503 of 1 after 300 ms");
}

TEST_F(HedgingInterceptorTest, TakesAnyOtherAnswerAtOnce) {
  fates_ = {{110ms, 404}, {1h}};
  EXPECT_EQ(outcome(), "404 of 1 after 110 ms");
}

TEST_F(HedgingInterceptorTest, AsksOnceForWhatIsNotSafe) {
  for (const char* method : {"POST", "PUT", "DELETE", "PATCH"}) {
    begun_ = 0;
    fates_ = {{500ms}};
    EXPECT_EQ(outcome(Request::Builder().url("http://a.example/").method(method, RequestBody::create("x")).build()),
              "200 of 1 after 500 ms");
    EXPECT_EQ(begun_, 1U) << method;
  }
}

TEST_F(HedgingInterceptorTest, HedgesAnotherMethodWhenThePolicyNamesIt) {
  policy_.methods = {"DELETE"};
  fates_ = {{1h}, {20ms}};
  const Request request = Request::Builder().url("http://a.example/").method("DELETE", nullptr).build();
  EXPECT_EQ(outcome(request), "200 of 2 after 120 ms");
}

TEST_F(HedgingInterceptorTest, AsksOnceWhenThereIsABody) {
  policy_.methods = {"PUT"};
  fates_ = {{500ms}};
  EXPECT_EQ(outcome(Request::Builder().url("http://a.example/").method("PUT", RequestBody::create("x")).build()),
            "200 of 1 after 500 ms");
}

TEST_F(HedgingInterceptorTest, AsksOnceWhenTheBudgetIsEmpty) {
  policy_.budget = std::make_shared<RetryBudget>(0.0, 0.0, 1.0);
  fates_ = {{1h}, {20ms}, {500ms}};
  EXPECT_EQ(outcome(), "200 of 2 after 120 ms");
  EXPECT_EQ(outcome(), "200 of 3 after 500 ms");
  EXPECT_EQ(begun_, 3U);
}

TEST_F(HedgingInterceptorTest, IsCanceledWithAllItsTries) {
  fates_ = {{1h}, {1h}};
  const std::shared_ptr<Outcome<Response>> call = start();
  engine_.simulation().run_for(150ms);
  chain_->cancel();
  engine_.simulation().run_ready();
  ASSERT_TRUE(call->done());
  EXPECT_THROW((void)call->take(), Error);
  EXPECT_EQ(log_, "hedge 2. 1 canceled. 2 canceled. ");
}

TEST_F(HedgingInterceptorTest, IsCanceledBeforeTheSecondTryBegins) {
  fates_ = {{1h}, {1h}};
  const std::shared_ptr<Outcome<Response>> call = start();
  engine_.simulation().run_for(50ms);
  chain_->cancel();
  engine_.simulation().run_ready();
  EXPECT_TRUE(call->done());
  EXPECT_EQ(begun_, 1U);
}

TEST_F(HedgingInterceptorTest, IsCanceledWhenItBegins) {
  chain_ = patient_chain();
  chain_->cancel();
  const std::shared_ptr<Outcome<Response>> call = chain_->start(Request::get("http://a.example/"));
  engine_.simulation().run_ready();
  EXPECT_TRUE(call->done());
}

TEST_F(HedgingInterceptorTest, EndsAllTriesWithTheCallsDeadline) {
  chain_ = patient_chain();
  chain_->set_call_timeout(180ms);
  const std::shared_ptr<Outcome<Response>> call = chain_->start(Request::get("http://a.example/"));
  engine_.simulation().run_for(180ms);
  ASSERT_TRUE(call->done());
  try {
    (void)call->take();
    FAIL() << "there was no answer";
  } catch (const Error& error) {
    EXPECT_EQ(error.errc(), Errc::timeout);
  }
}

TEST_F(HedgingInterceptorTest, ThrowsWhatTheCallbackThrowsAndLeavesNothingBehind) {
  policy_.on_hedge = [](const Call&, unsigned) { throw std::runtime_error("the callback's own"); };
  fates_ = {{150ms}};
  const std::shared_ptr<Outcome<Response>> call = start();
  engine_.simulation().run_for(1s);
  ASSERT_TRUE(call->done());
  EXPECT_THROW((void)call->take(), std::runtime_error);
  EXPECT_EQ(engine_.waits(), 0U);
}

TEST(HedgingInterceptor, RefusesAPolicyThatMakesNoSense) {
  EXPECT_THROW(HedgingInterceptor(HedgePolicy(0ms)), std::invalid_argument);
  HedgePolicy none(1ms);
  none.max_tries = 0;
  EXPECT_THROW(HedgingInterceptor{none}, std::invalid_argument);
}

}  // namespace
}  // namespace okhttp::internal

#include "okcurl/retry_plan.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <optional>

namespace okcurl {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

const RetryPlan::Clock::time_point kStart{1h};

Attempt answered(int http_code, std::optional<std::chrono::seconds> retry_after = std::nullopt) {
  Attempt attempt;
  attempt.http_code = http_code;
  attempt.retry_after = retry_after;
  return attempt;
}

Attempt ended(ExitCode code, bool was_refused = false) {
  Attempt attempt;
  attempt.code = code;
  attempt.was_refused = was_refused;
  return attempt;
}

bool is_tried_again(const Options& options, const Attempt& attempt) {
  return RetryPlan(options, kStart).next(attempt, kStart).has_value();
}

Options with_retries(long retries) {
  Options options;
  options.retries = retries;
  return options;
}

TEST(RetryPlanTest, NothingIsTriedAgainUnlessAsked) { EXPECT_FALSE(is_tried_again(Options(), answered(503))); }

TEST(RetryPlanTest, TheCodesThatMayPassAreTriedAgain) {
  for (const int code : {408, 429, 500, 502, 503, 504})
    EXPECT_TRUE(is_tried_again(with_retries(1), answered(code))) << code;
  for (const int code : {200, 404, 501, 505}) EXPECT_FALSE(is_tried_again(with_retries(1), answered(code))) << code;
}

TEST(RetryPlanTest, TheCodeCountsWithFailAsWell) {
  Attempt attempt = answered(503);
  attempt.code = ExitCode::http_error;
  EXPECT_TRUE(is_tried_again(with_retries(1), attempt));
  attempt.http_code = 404;
  EXPECT_FALSE(is_tried_again(with_retries(1), attempt));
}

TEST(RetryPlanTest, TimeOutsAndUnknownNamesAreTriedAgain) {
  for (const ExitCode code : {ExitCode::timeout, ExitCode::resolve, ExitCode::resolve_proxy}) {
    EXPECT_TRUE(is_tried_again(with_retries(1), ended(code)));
  }
  for (const ExitCode code : {ExitCode::connect, ExitCode::receive_error, ExitCode::peer_certificate}) {
    EXPECT_FALSE(is_tried_again(with_retries(1), ended(code, true)));
  }
}

TEST(RetryPlanTest, ARefusedConnectionIsTriedAgainWhereThatIsAsked) {
  Options options = with_retries(1);
  options.retry_refused = true;
  EXPECT_TRUE(is_tried_again(options, ended(ExitCode::connect, true)));
  EXPECT_FALSE(is_tried_again(options, ended(ExitCode::connect, false)));
}

TEST(RetryPlanTest, EveryFailureIsTriedAgainWhereThatIsAsked) {
  Options options = with_retries(1);
  options.retry_all_errors = true;
  EXPECT_TRUE(is_tried_again(options, ended(ExitCode::connect)));
  EXPECT_TRUE(is_tried_again(options, ended(ExitCode::peer_certificate)));
  EXPECT_FALSE(is_tried_again(options, answered(404)));
}

TEST(RetryPlanTest, EachWaitIsTwiceTheOneBeforeUpToTenMinutes) {
  const Options options = with_retries(12);
  RetryPlan plan(options, kStart);
  for (const auto wait : {1s, 2s, 4s, 8s, 16s, 32s, 64s, 128s, 256s, 512s, 600s, 600s}) {
    EXPECT_EQ(plan.next(answered(503), kStart), wait);
  }
  EXPECT_EQ(plan.left(), 0);
  EXPECT_EQ(plan.next(answered(503), kStart), std::nullopt);
}

TEST(RetryPlanTest, ADelayThatIsAskedForStays) {
  Options options = with_retries(2);
  options.retry_delay = 250ms;
  RetryPlan plan(options, kStart);
  EXPECT_EQ(plan.next(answered(503), kStart), 250ms);
  EXPECT_EQ(plan.next(answered(503), kStart), 250ms);
}

TEST(RetryPlanTest, RetryAfterCountsMoreThanEither) {
  Options options = with_retries(3);
  options.retry_delay = 250ms;
  RetryPlan plan(options, kStart);
  EXPECT_EQ(plan.next(answered(503, 7s), kStart), 7s);
  EXPECT_EQ(plan.next(answered(503, 0s), kStart), 250ms);
  Attempt attempt = ended(ExitCode::timeout);
  attempt.retry_after = 7s;
  EXPECT_EQ(plan.next(attempt, kStart), 250ms);
}

TEST(RetryPlanTest, NoTryBeginsAfterTheLongestTime) {
  Options options = with_retries(9);
  options.retry_max_time = 10s;
  RetryPlan plan(options, kStart);
  EXPECT_EQ(plan.next(answered(503, 10s), kStart), 10s);
  EXPECT_EQ(plan.next(answered(503, 11s), kStart), std::nullopt);
  EXPECT_EQ(plan.next(answered(503), kStart + 9s), std::nullopt);
  EXPECT_EQ(plan.next(answered(503), kStart + 7s), 2s);
}

}  // namespace
}  // namespace okcurl

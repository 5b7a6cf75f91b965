#include <okhttp/rate_limit_interceptor.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "support/simulated_chain.hpp"

namespace okhttp::internal {
namespace {

using namespace std::chrono_literals;

class RateLimitInterceptorTest : public ::testing::Test {
 protected:
  /// A call that comes now.
  SimulatedChain& call(const RateLimit& limit, const std::string& url = "http://example.com/") {
    if (interceptor_ == nullptr) interceptor_ = std::make_shared<RateLimitInterceptor>(limit);
    calls_.push_back(std::make_unique<SimulatedChain>(engine_, interceptor_, [this](Chain& chain) -> Task<Response> {
      log_ += std::to_string((engine_.now() - start_) / 1ms) + std::string(chain.request().url().encoded_path()) + " ";
      co_return answer_with(chain.request(), 200);
    }));
    outcomes_.push_back(calls_.back()->start(Request::get(url)));
    return *calls_.back();
  }
  [[nodiscard]] Errc failure(std::size_t number) {
    try {
      (void)outcomes_.at(number)->take();
    } catch (const Error& error) {
      return error.errc();
    }
    return Errc();
  }
  static RateLimit limit(double per_second, unsigned burst = 1) {
    RateLimit made(per_second);
    made.burst = burst;
    return made;
  }

  SimulatedEngine engine_;
  const TimePoint start_ = engine_.now();
  std::shared_ptr<RateLimitInterceptor> interceptor_;
  std::vector<std::unique_ptr<SimulatedChain>> calls_;
  std::vector<std::shared_ptr<Outcome<Response>>> outcomes_;
  std::string log_;  ///< of the server
};

TEST_F(RateLimitInterceptorTest, LetsCallsGoInOrderAtItsRate) {
  for (const char* const path : {"/a", "/b", "/c", "/d"}) call(limit(10), "http://example.com" + std::string(path));
  engine_.run_until_idle();
  EXPECT_EQ(log_, "0/a 100/b 200/c 300/d ");
}

TEST_F(RateLimitInterceptorTest, LetsABurstGoAtOnceAndAgainAfterAPause) {
  for (int i = 0; i < 4; ++i) call(limit(10, 3));
  engine_.run_until(start_ + 10s);
  EXPECT_EQ(log_, "0/ 0/ 0/ 100/ ");
  for (int i = 0; i < 4; ++i) call(limit(10, 3));
  engine_.run_until_idle();
  EXPECT_EQ(log_, "0/ 0/ 0/ 100/ 10000/ 10000/ 10000/ 10100/ ");
}

TEST_F(RateLimitInterceptorTest, RejectsAtOnceWhatWouldWaitTooLongAndGivesItNoTurn) {
  RateLimit impatient = limit(1);
  impatient.max_wait = 1s;
  for (int i = 0; i < 4; ++i) call(impatient);
  EXPECT_EQ(failure(2), Errc::rejected);
  EXPECT_EQ(failure(3), Errc::rejected);
  engine_.run_until(start_ + 1s);
  call(impatient);
  engine_.run_until_idle();
  EXPECT_EQ(log_, "0/ 1000/ 2000/ ");
}

TEST_F(RateLimitInterceptorTest, LetsNobodyWaitWhenToldSo) {
  RateLimit none = limit(1);
  none.max_wait = 0ms;
  call(none);
  call(none);
  EXPECT_EQ(failure(0), Errc());
  EXPECT_EQ(failure(1), Errc::rejected);
}

TEST_F(RateLimitInterceptorTest, RejectsAtOnceACallWhoseDeadlineComesFirst) {
  call(limit(1));
  calls_.push_back(std::make_unique<SimulatedChain>(engine_, interceptor_,
                                                    [](Chain& chain) { return chain.proceed(chain.request()); }));
  calls_.back()->set_call_timeout(900ms);
  outcomes_.push_back(calls_.back()->start(Request::get("http://example.com/")));
  EXPECT_EQ(failure(1), Errc::rejected);
  call(limit(1));
  engine_.run_until_idle();
  EXPECT_EQ(log_, "0/ 1000/ ");
}

TEST_F(RateLimitInterceptorTest, GivesTheTurnOfACanceledCallToTheNextThatComes) {
  call(limit(1));
  call(limit(1)).cancel();
  engine_.simulation().run_ready();
  EXPECT_EQ(failure(1), Errc::canceled);
  call(limit(1));
  engine_.run_until_idle();
  EXPECT_EQ(log_, "0/ 1000/ ");
}

TEST_F(RateLimitInterceptorTest, NeverGoesFasterBecauseACallWasCanceled) {
  call(limit(1));
  SimulatedChain& second = call(limit(1));
  call(limit(1));
  second.cancel();
  engine_.simulation().run_ready();
  call(limit(1));
  engine_.run_until_idle();
  EXPECT_EQ(log_, "0/ 2000/ 3000/ ");
}

TEST_F(RateLimitInterceptorTest, CountsOriginsApartWhenToldSo) {
  RateLimit apart = limit(1);
  apart.per_origin = true;
  for (const char* const url : {"http://a.example/1", "http://a.example:81/2", "https://a.example/3",
                                "http://b.example/4", "http://A.example/5"}) {
    call(apart, url);
  }
  engine_.run_until_idle();
  EXPECT_EQ(log_, "0/1 0/2 0/3 0/4 1000/5 ");
}

TEST_F(RateLimitInterceptorTest, RefusesLimitsThatAreNone) {
  EXPECT_THROW(RateLimitInterceptor(limit(0)), std::invalid_argument);
  EXPECT_THROW(RateLimitInterceptor(limit(-1)), std::invalid_argument);
  EXPECT_THROW(RateLimitInterceptor(limit(1, 0)), std::invalid_argument);
  RateLimit backwards = limit(1);
  backwards.max_wait = -1ms;
  EXPECT_THROW(RateLimitInterceptor{backwards}, std::invalid_argument);
}

}  // namespace
}  // namespace okhttp::internal

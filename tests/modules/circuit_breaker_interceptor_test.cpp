#include <okhttp/circuit_breaker_interceptor.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "support/simulated_chain.hpp"

namespace okhttp::internal {
namespace {

using namespace std::chrono_literals;

class CircuitBreakerInterceptorTest : public ::testing::Test {
 protected:
  CircuitBreakerInterceptorTest() {
    policy_.min_calls = 4;
    policy_.window = 10s;
    policy_.open_time = 5s;
    policy_.on_change = [this](const std::string& origin, CircuitState now) {
      const char* const names[] = {"closed", "open", "half open"};
      log_ += origin + " " + names[static_cast<int>(now)] + ". ";
    };
  }

  std::shared_ptr<Outcome<Response>> start(const std::string& url = kUrl, Duration takes = 0ms) {
    if (interceptor_ == nullptr) interceptor_ = std::make_shared<CircuitBreakerInterceptor>(policy_);
    calls_.push_back(
        std::make_unique<SimulatedChain>(engine_, interceptor_, [this, takes](Chain& chain) -> Task<Response> {
          ++served_;
          const int code = code_;
          const Error error = error_;
          Task<void> working = chain.sleep(takes);
          co_await std::move(working);
          if (code == 0) throw error;
          co_return answer_with(chain.request(), code);
        }));
    return calls_.back()->start(Request::get(url));
  }
  /// "200", or what the call fails with.
  static std::string outcome(const std::shared_ptr<Outcome<Response>>& of) {
    try {
      return std::to_string(of->take().code());
    } catch (const Error& error) {
      return error.what();
    }
  }
  std::string get(const std::string& url = kUrl) { return outcome(start(url)); }
  void get_times(int times, int code) {
    code_ = code;
    for (int i = 0; i < times; ++i) (void)get();
  }
  [[nodiscard]] CircuitState state() const { return interceptor_->state(Url::parse(kUrl)); }
  void pass(Duration time) { engine_.simulation().run_for(time); }

  static constexpr const char* kUrl = "http://a.example/";
  static constexpr const char* kOpened = "http://a.example:80 open. ";

  SimulatedEngine engine_;
  CircuitPolicy policy_;
  std::shared_ptr<CircuitBreakerInterceptor> interceptor_;
  std::vector<std::unique_ptr<SimulatedChain>> calls_;
  int served_ = 0;
  int code_ = 200;  // 0: fails
  Error error_{Errc::connection_closed, Blame::network, "scripted"};
  std::string log_;
};

TEST_F(CircuitBreakerInterceptorTest, OpensWhenHalfOfTheCallsFail) {
  get_times(3, 200);
  get_times(2, 503);
  EXPECT_EQ(state(), CircuitState::closed);
  get_times(1, 503);
  EXPECT_EQ(log_, kOpened);
  EXPECT_EQ(state(), CircuitState::open);
}

TEST_F(CircuitBreakerInterceptorTest, DoesNotJudgeByFewCalls) {
  get_times(3, 503);
  EXPECT_EQ(state(), CircuitState::closed);
}

TEST_F(CircuitBreakerInterceptorTest, RejectsWhileOpenAndSaysUntilWhen) {
  get_times(4, 503);
  pass(1s);
  EXPECT_EQ(get(), "the circuit of http://a.example:80 is open after too many failures, for another 4000 ms");
  EXPECT_EQ(served_, 4);
}

TEST_F(CircuitBreakerInterceptorTest, ForgetsFailuresThatAreOlderThanItsWindow) {
  get_times(3, 503);
  pass(11s);
  get_times(3, 503);
  EXPECT_EQ(state(), CircuitState::closed);
  pass(5s);
  get_times(1, 503);
  EXPECT_EQ(state(), CircuitState::open);
}

TEST_F(CircuitBreakerInterceptorTest, ClosesWhenTheProbeIsAnswered) {
  get_times(4, 503);
  pass(5s);
  get_times(1, 200);
  EXPECT_EQ(log_, kOpened + std::string("http://a.example:80 half open. http://a.example:80 closed. "));
  get_times(3, 503);
  EXPECT_EQ(state(), CircuitState::closed) << "what was before is forgotten";
}

TEST_F(CircuitBreakerInterceptorTest, OpensForAsLongAgainWhenTheProbeFails) {
  get_times(4, 503);
  pass(5s);
  get_times(1, 503);
  EXPECT_EQ(state(), CircuitState::open);
  pass(4999ms);
  (void)get();
  EXPECT_EQ(served_, 5);
  pass(1ms);
  (void)get();
  EXPECT_EQ(served_, 6);
}

TEST_F(CircuitBreakerInterceptorTest, LetsOneProbeThroughAtATime) {
  get_times(4, 503);
  pass(5s);
  code_ = 200;
  const auto probe = start(kUrl, 1s);
  EXPECT_EQ(get(),
            "the circuit of http://a.example:80 is open after too many failures, until the call that tries it is "
            "answered");
  pass(1s);
  EXPECT_EQ(outcome(probe), "200");
  EXPECT_EQ(get(), "200");
}

TEST_F(CircuitBreakerInterceptorTest, LetsAnotherProbeThroughWhenOneIsCanceled) {
  get_times(4, 503);
  pass(5s);
  code_ = 200;
  const auto probe = start(kUrl, 1h);
  calls_.back()->cancel();
  engine_.simulation().run_ready();
  ASSERT_TRUE(probe->done());
  EXPECT_EQ(state(), CircuitState::half_open);
  EXPECT_EQ(get(), "200");
  EXPECT_EQ(state(), CircuitState::closed);
}

TEST_F(CircuitBreakerInterceptorTest, IsNotToldByCallsThatBeganBeforeItOpened) {
  code_ = 200;
  const auto late = start(kUrl, 6s);
  get_times(4, 503);
  pass(5s);
  code_ = 503;
  const auto probe = start(kUrl, 2s);
  pass(1s);
  EXPECT_EQ(outcome(late), "200");
  EXPECT_EQ(state(), CircuitState::half_open);
  pass(1s);
  EXPECT_EQ(state(), CircuitState::open);
}

TEST_F(CircuitBreakerInterceptorTest, CountsFailuresOfTheNetworkAndNotTheCallersOwn) {
  error_ = Error(Errc::address_refused, Blame::caller, "not dialled");
  get_times(8, 0);
  EXPECT_EQ(state(), CircuitState::closed);
  error_ = Error(Errc::connect_failed, Blame::network, "refused");
  get_times(4, 0);
  EXPECT_EQ(state(), CircuitState::open);
}

TEST_F(CircuitBreakerInterceptorTest, DoesNotCountThatAServerAsksToSlowDown) {
  get_times(8, 429);
  EXPECT_EQ(state(), CircuitState::closed);
}

TEST_F(CircuitBreakerInterceptorTest, HasACircuitForEachOrigin) {
  get_times(4, 503);
  code_ = 200;
  for (const char* const other : {"http://b.example/", "http://a.example:81/", "https://a.example/"}) {
    EXPECT_EQ(get(other), "200");
  }
  EXPECT_NE(get("http://a.example/other"), "200");
}

TEST_F(CircuitBreakerInterceptorTest, RefusesAPolicyOutOfItsBounds) {
  const auto refused = [](auto change) {
    CircuitPolicy policy;
    change(policy);
    EXPECT_THROW(CircuitBreakerInterceptor{policy}, std::invalid_argument);
  };
  refused([](CircuitPolicy& policy) { policy.failure_rate = 0; });
  refused([](CircuitPolicy& policy) { policy.failure_rate = 1.1; });
  refused([](CircuitPolicy& policy) { policy.min_calls = 0; });
  refused([](CircuitPolicy& policy) { policy.window = 9ms; });
  refused([](CircuitPolicy& policy) { policy.open_time = -1ms; });
}

}  // namespace
}  // namespace okhttp::internal

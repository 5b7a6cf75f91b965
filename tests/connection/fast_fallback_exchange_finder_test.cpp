#include <okhttp/error.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>

#include "connection/exchange_finder.hpp"
#include "runtime/call_context.hpp"
#include "support/fake_route_planner.hpp"
#include "support/simulated_engine.hpp"

namespace okhttp::internal {
namespace {

using namespace std::chrono_literals;
using Log = PlanLog;

/// Cases are named as those of OkHttp's FastFallbackExchangeFinderTest where they are the same.
class FastFallbackExchangeFinderTest : public testing::Test {
 protected:
  FastFallbackExchangeFinderTest() { context_.attach(engine_); }
  ~FastFallbackExchangeFinderTest() override { context_.detach(); }

  FakePlan& add_plan(Duration tcp_delay = Duration::zero()) {
    FakePlan& plan = planner_.add_plan();
    plan.tcp_delay = tcp_delay;
    return plan;
  }
  void find() { outcome_ = engine_.start(finder_.find()); }
  /// What happened up to that time after the start.
  Log until(Duration time) {
    engine_.run_until(begin_ + time);
    return std::exchange(log_, {});
  }
  std::shared_ptr<Connection> found() { return outcome_->take(); }
  Error failure() {
    try {
      (void)outcome_->take();
    } catch (const Error& error) {
      return error;
    }
    throw std::logic_error("a connection was found");
  }

  SimulatedEngine engine_;
  CallContext context_{nullptr};
  Log log_;
  FakeRoutePlanner planner_{engine_, log_, context_.cancellation.get()};
  FastFallbackExchangeFinder finder_{planner_, context_};
  const TimePoint begin_ = engine_.now();
  std::shared_ptr<Outcome<std::shared_ptr<Connection>>> outcome_;
};

TEST_F(FastFallbackExchangeFinderTest, TakeConnectedConnection) {
  FakePlan& plan0 = add_plan();
  plan0.ready = true;
  const auto connection = plan0.connection;
  find();
  EXPECT_EQ(until(0ms), Log{"take route of 0"});
  EXPECT_EQ(found(), connection);
}

TEST_F(FastFallbackExchangeFinderTest, TakeConnectingConnection) {
  const auto connection = add_plan(240ms).connection;
  find();
  EXPECT_EQ(until(0ms), (Log{"take route of 0", "plan 0 TCP connecting..."}));
  EXPECT_EQ(until(240ms), (Log{"plan 0 TCP connected", "plan 0 TLS connecting...", "plan 0 TLS connected"}));
  EXPECT_EQ(found(), connection);
}

TEST_F(FastFallbackExchangeFinderTest, FirstPlanConnectedBeforeSecondPlan) {
  const auto connection = add_plan(260ms).connection;
  add_plan(20ms);
  find();
  EXPECT_EQ(until(249ms), (Log{"take route of 0", "plan 0 TCP connecting..."}));
  EXPECT_EQ(until(250ms), (Log{"take route of 1", "plan 1 TCP connecting..."}));
  EXPECT_EQ(until(260ms), (Log{"plan 0 TCP connected", "plan 1 cancel", "plan 1 TCP connect canceled",
                               "plan 0 TLS connecting...", "plan 0 TLS connected"}));
  EXPECT_EQ(found(), connection);
  EXPECT_EQ(engine_.waits(), 0U);
}

TEST_F(FastFallbackExchangeFinderTest, SecondPlanAlreadyConnected) {
  add_plan(260ms);
  FakePlan& plan1 = add_plan();
  plan1.ready = true;
  const auto connection = plan1.connection;
  find();
  EXPECT_EQ(until(249ms), (Log{"take route of 0", "plan 0 TCP connecting..."}));
  EXPECT_EQ(until(250ms), (Log{"take route of 1", "plan 0 cancel", "plan 0 TCP connect canceled"}));
  EXPECT_EQ(found(), connection);
}

TEST_F(FastFallbackExchangeFinderTest, SecondPlanConnectedBeforeFirstPlan) {
  add_plan(270ms);
  const auto connection = add_plan(10ms).connection;
  find();
  EXPECT_EQ(until(0ms), (Log{"take route of 0", "plan 0 TCP connecting..."}));
  EXPECT_EQ(until(250ms), (Log{"take route of 1", "plan 1 TCP connecting..."}));
  EXPECT_EQ(until(260ms), (Log{"plan 1 TCP connected", "plan 0 cancel", "plan 0 TCP connect canceled",
                               "plan 1 TLS connecting...", "plan 1 TLS connected"}));
  EXPECT_EQ(found(), connection);
}

TEST_F(FastFallbackExchangeFinderTest, ThirdPlanAlreadyConnected) {
  add_plan(520ms);
  add_plan(260ms);
  FakePlan& plan2 = add_plan();
  plan2.ready = true;
  const auto connection = plan2.connection;
  find();
  EXPECT_EQ(until(250ms),
            (Log{"take route of 0", "plan 0 TCP connecting...", "take route of 1", "plan 1 TCP connecting..."}));
  EXPECT_EQ(until(500ms), (Log{"take route of 2", "plan 0 cancel", "plan 0 TCP connect canceled", "plan 1 cancel",
                               "plan 1 TCP connect canceled"}));
  EXPECT_EQ(found(), connection);
}

TEST_F(FastFallbackExchangeFinderTest, TakeMultipleConnectionsReturnsRaceLoser) {
  FakePlan& plan0 = add_plan(270ms);
  const auto first = add_plan(10ms).connection;
  FakePlan& plan2 = plan0.create_retry();
  plan2.tcp_delay = 20ms;
  const auto second = plan2.connection;
  find();
  (void)until(260ms);
  EXPECT_EQ(found(), first);
  find();
  EXPECT_EQ(until(260ms), Log{"plan 2 TCP connecting..."});
  EXPECT_EQ(until(280ms), (Log{"plan 2 TCP connected", "plan 2 TLS connecting...", "plan 2 TLS connected"}));
  EXPECT_EQ(found(), second);
}

TEST_F(FastFallbackExchangeFinderTest, FirstConnectionFailsAndNoOthersExist) {
  add_plan().tcp_failure = Errc::connect_failed;
  find();
  EXPECT_EQ(until(0ms), (Log{"take route of 0", "plan 0 TCP connecting...", "plan 0 TCP connect failed"}));
  EXPECT_EQ(failure().errc(), Errc::connect_failed);
}

TEST_F(FastFallbackExchangeFinderTest, FirstConnectionFailsToConnectAndSecondSucceeds) {
  add_plan().tcp_failure = Errc::connect_failed;
  FakePlan& plan1 = add_plan();
  plan1.ready = true;
  const auto connection = plan1.connection;
  find();
  EXPECT_EQ(until(0ms),
            (Log{"take route of 0", "plan 0 TCP connecting...", "plan 0 TCP connect failed", "take route of 1"}));
  EXPECT_EQ(found(), connection);
}

TEST_F(FastFallbackExchangeFinderTest, TheLastFailureCarriesTheEarlierOnes) {
  add_plan(100ms).tcp_failure = Errc::connect_timeout;
  add_plan().tls_failure = Errc::tls_handshake;
  add_plan(10ms).tcp_failure = Errc::connect_failed;
  find();
  (void)until(110ms);
  const Error error = failure();
  EXPECT_EQ(error.errc(), Errc::connect_failed);
  ASSERT_EQ(error.attempts().size(), 2U);
  EXPECT_EQ(error.attempts()[0].route, "route of 0");
  EXPECT_EQ(error.attempts()[0].failure, "0 TCP failed");
  EXPECT_EQ(error.attempts()[1].route, "route of 1");
  EXPECT_EQ(error.attempts()[1].failure, "1 TLS failed");
}

TEST_F(FastFallbackExchangeFinderTest, AFailureStartsTheNextAtOnce) {
  add_plan(400ms);
  add_plan(20ms).tcp_failure = Errc::connect_failed;
  const auto connection = add_plan(10ms).connection;
  find();
  (void)until(269ms);
  EXPECT_EQ(until(270ms), (Log{"plan 1 TCP connect failed", "take route of 2", "plan 2 TCP connecting..."}));
  EXPECT_EQ(until(280ms), (Log{"plan 2 TCP connected", "plan 0 cancel", "plan 0 TCP connect canceled",
                               "plan 2 TLS connecting...", "plan 2 TLS connected"}));
  EXPECT_EQ(found(), connection);
}

TEST_F(FastFallbackExchangeFinderTest, RoutePlannerPlanThrowsOnOnlyPlan) {
  planner_.planning_failure = Errc::unknown_host;
  find();
  EXPECT_EQ(until(0ms), Log{});
  EXPECT_EQ(failure().errc(), Errc::unknown_host);
}

TEST_F(FastFallbackExchangeFinderTest, AFailureOfPlanningItselfCarriesTheEarlierAttempts) {
  add_plan().tcp_failure = Errc::connect_failed;
  planner_.planning_failure = Errc::unknown_host;
  find();
  (void)until(0ms);
  const Error error = failure();
  EXPECT_EQ(error.errc(), Errc::unknown_host);
  EXPECT_EQ(error.attempts().size(), 1U);
}

TEST_F(FastFallbackExchangeFinderTest, RetryConnectionThatLostTcpRaceAfterWinnersTlsFails) {
  FakePlan& plan0 = add_plan(270ms);
  add_plan(10ms).tls_failure = Errc::tls_handshake;
  const auto connection = plan0.create_retry().connection;
  find();
  (void)until(250ms);
  EXPECT_EQ(until(260ms), (Log{"plan 1 TCP connected", "plan 0 cancel", "plan 0 TCP connect canceled",
                               "plan 1 TLS connecting...", "plan 1 TLS connect failed", "plan 2 TCP connecting...",
                               "plan 2 TCP connected", "plan 2 TLS connecting...", "plan 2 TLS connected"}));
  EXPECT_EQ(found(), connection);
}

TEST_F(FastFallbackExchangeFinderTest, LosingPlanDoesNotConnectTls) {
  add_plan(270ms);
  FakePlan& plan1 = add_plan(10ms);
  plan1.tls_delay = 20ms;
  const auto connection = plan1.connection;
  find();
  (void)until(250ms);
  EXPECT_EQ(until(270ms),
            (Log{"plan 1 TCP connected", "plan 0 cancel", "plan 0 TCP connect canceled", "plan 1 TLS connecting..."}));
  EXPECT_EQ(until(280ms), Log{"plan 1 TLS connected"});
  EXPECT_EQ(found(), connection);
}

TEST_F(FastFallbackExchangeFinderTest, TcpConnectFollowUpPlanUsed) {
  FakePlan& plan0 = add_plan();
  plan0.tcp_failure = Errc::connect_failed;
  const auto connection = plan0.create_next_plan().connection;
  find();
  (void)until(0ms);
  EXPECT_EQ(found(), connection);
}

TEST_F(FastFallbackExchangeFinderTest, TlsConnectFollowUpPlanUsed) {
  FakePlan& plan0 = add_plan();
  plan0.tls_failure = Errc::tls_handshake;
  const auto connection = plan0.create_next_plan().connection;
  find();
  EXPECT_EQ(until(0ms), (Log{"take route of 0", "plan 0 TCP connecting...", "plan 0 TCP connected",
                             "plan 0 TLS connecting...", "plan 0 TLS connect failed", "plan 1 TCP connecting...",
                             "plan 1 TCP connected", "plan 1 TLS connecting...", "plan 1 TLS connected"}));
  EXPECT_EQ(found(), connection);
}

TEST_F(FastFallbackExchangeFinderTest, TcpConnectionsRaceAfterTlsFails) {
  FakePlan& plan0 = add_plan(280ms);
  FakePlan& plan1 = add_plan(10ms);  // connects at 260 ms
  plan1.tls_delay = 10ms;            // fails at 270 ms
  plan1.tls_failure = Errc::tls_handshake;
  FakePlan& plan2 = plan1.create_next_plan();
  plan2.tcp_delay = 270ms;
  FakePlan& plan3 = plan0.create_retry();
  plan3.tcp_delay = 10ms;  // connects at 530 ms
  const auto connection = plan3.connection;
  find();
  (void)until(250ms);
  EXPECT_EQ(until(260ms),
            (Log{"plan 1 TCP connected", "plan 0 cancel", "plan 0 TCP connect canceled", "plan 1 TLS connecting..."}));
  EXPECT_EQ(until(270ms), (Log{"plan 1 TLS connect failed", "plan 2 TCP connecting..."}));
  EXPECT_EQ(until(520ms), Log{"plan 3 TCP connecting..."});
  EXPECT_EQ(until(530ms), (Log{"plan 3 TCP connected", "plan 2 cancel", "plan 2 TCP connect canceled",
                               "plan 3 TLS connecting...", "plan 3 TLS connected"}));
  EXPECT_EQ(found(), connection);
}

TEST_F(FastFallbackExchangeFinderTest, LosersAreTriedAgainInTheirOrder) {
  FakePlan& plan0 = add_plan(1s);
  FakePlan& plan1 = add_plan(1s);
  add_plan(10ms).tls_failure = Errc::tls_handshake;  // connects at 510 ms
  plan0.create_retry().tcp_failure = Errc::connect_failed;
  plan1.create_retry();
  find();
  (void)until(500ms);
  Log after = until(510ms);
  std::erase_if(after, [](const std::string& line) { return line.find("TCP connecting...") == std::string::npos; });
  EXPECT_EQ(after, (Log{"plan 3 TCP connecting...", "plan 4 TCP connecting..."}));
  EXPECT_NE(found(), nullptr);
  EXPECT_TRUE(planner_.deferred_plans().empty());
}

TEST_F(FastFallbackExchangeFinderTest, PlansThatNeedWaitingDoNotJoinARace) {
  add_plan(400ms).tcp_failure = Errc::connect_failed;
  add_plan(2s).tcp_failure = Errc::connect_failed;
  const auto connection = add_plan().connection;
  planner_.at_hand = 2;  // the third is of another proxy
  find();
  EXPECT_EQ(until(400ms).size(), 5U);
  EXPECT_EQ(until(2249ms), Log{});
  EXPECT_EQ(until(2250ms), (Log{"plan 1 TCP connect failed", "take route of 2", "plan 2 TCP connecting...",
                                "plan 2 TCP connected", "plan 2 TLS connecting...", "plan 2 TLS connected"}));
  EXPECT_EQ(found(), connection);
}

TEST_F(FastFallbackExchangeFinderTest, ACancellationEndsEveryAttempt) {
  add_plan(1s);
  add_plan(1s);
  add_plan(1s);
  find();
  (void)until(260ms);
  context_.cancellation->request();
  const Log after = until(260ms);
  EXPECT_EQ(std::count(after.begin(), after.end(), "plan 0 TCP connect canceled"), 1);
  EXPECT_EQ(std::count(after.begin(), after.end(), "plan 1 TCP connect canceled"), 1);
  EXPECT_EQ(failure().errc(), Errc::canceled);
  EXPECT_EQ(engine_.waits(), 0U);
  EXPECT_EQ(planner_.plans.size(), 1U);
}

TEST_F(FastFallbackExchangeFinderTest, TheCallsDeadlineEndsEveryAttempt) {
  add_plan(10s);
  add_plan(10s);
  add_plan(10s);
  context_.deadline = begin_ + 300ms;
  find();
  (void)until(250ms);
  EXPECT_EQ(until(300ms),
            (Log{"plan 0 cancel", "plan 0 TCP connect canceled", "plan 1 cancel", "plan 1 TCP connect canceled"}));
  EXPECT_EQ(failure().errc(), Errc::timeout);
  EXPECT_EQ(engine_.waits(), 0U);
}

}  // namespace
}  // namespace okhttp::internal

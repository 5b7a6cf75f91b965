#include <okhttp/okhttp.hpp>

#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <string>

#include "connection/exchange_finder.hpp"
#include "support/fake_route_planner.hpp"
#include "support/manual_engine.hpp"

namespace okhttp::internal {
namespace {

using Log = PlanLog;

class SequentialExchangeFinderTest : public testing::Test {
 protected:
  FakePlan& add_plan() { return planner_.add_plan(); }
  std::shared_ptr<Connection> find() {
    SequentialExchangeFinder finder(planner_);
    return engine_.run(finder.find());
  }
  Error find_failure() {
    try {
      (void)find();
    } catch (const Error& error) {
      return error;
    }
    throw std::logic_error("a connection was found");
  }

  ManualEngine engine_;
  Log log_;
  FakeRoutePlanner planner_{engine_, log_};
};

TEST_F(SequentialExchangeFinderTest, TakesTheFirstConnection) {
  FakePlan& plan = add_plan();
  const auto expected = plan.connection;
  EXPECT_EQ(find(), expected);
  EXPECT_EQ(log_, (Log{"take route of 0", "plan 0 TCP connecting...", "plan 0 TCP connected",
                       "plan 0 TLS connecting...", "plan 0 TLS connected"}));
}

TEST_F(SequentialExchangeFinderTest, ConnectsNothingWhenAPlanIsReady) {
  add_plan().ready = true;
  EXPECT_NE(find(), nullptr);
  EXPECT_EQ(log_, Log{"take route of 0"});
}

TEST_F(SequentialExchangeFinderTest, GoesOnWithTheNextPlanWhenTcpFails) {
  add_plan().tcp_failure = Errc::connect_failed;
  const auto expected = add_plan().connection;
  EXPECT_EQ(find(), expected);
  EXPECT_EQ(log_, (Log{"take route of 0", "plan 0 TCP connecting...", "plan 0 TCP connect failed", "take route of 1",
                       "plan 1 TCP connecting...", "plan 1 TCP connected", "plan 1 TLS connecting...",
                       "plan 1 TLS connected"}));
}

TEST_F(SequentialExchangeFinderTest, GoesOnWithTheNextPlanWhenTlsFails) {
  add_plan().tls_failure = Errc::tls_handshake;
  const auto expected = add_plan().connection;
  EXPECT_EQ(find(), expected);
  EXPECT_EQ(log_,
            (Log{"take route of 0", "plan 0 TCP connecting...", "plan 0 TCP connected", "plan 0 TLS connecting...",
                 "plan 0 TLS connect failed", "take route of 1", "plan 1 TCP connecting...", "plan 1 TCP connected",
                 "plan 1 TLS connecting...", "plan 1 TLS connected"}));
}

TEST_F(SequentialExchangeFinderTest, TriesTheCureOfAFailureBeforeOtherPlans) {
  FakePlan& first = add_plan();
  add_plan();
  first.tls_failure = Errc::tls_handshake;
  first.create_next_plan();
  EXPECT_NE(find(), nullptr);
  EXPECT_EQ(log_, (Log{"take route of 0", "plan 0 TCP connecting...", "plan 0 TCP connected",
                       "plan 0 TLS connecting...", "plan 0 TLS connect failed", "plan 2 TCP connecting...",
                       "plan 2 TCP connected", "plan 2 TLS connecting...", "plan 2 TLS connected"}));
  EXPECT_EQ(planner_.plans.size(), 1U);
}

TEST_F(SequentialExchangeFinderTest, TheLastFailureCarriesTheEarlierOnes) {
  add_plan().tcp_failure = Errc::connect_failed;
  add_plan().tls_failure = Errc::tls_handshake;
  add_plan().tcp_failure = Errc::connect_timeout;
  const Error error = find_failure();
  EXPECT_EQ(error.errc(), Errc::connect_timeout);
  ASSERT_EQ(error.attempts().size(), 2U);
  EXPECT_EQ(error.attempts()[0].route, "route of 0");
  EXPECT_EQ(error.attempts()[0].failure, "0 TCP failed");
  EXPECT_EQ(error.attempts()[1].route, "route of 1");
  EXPECT_EQ(error.attempts()[1].failure, "1 TLS failed");
}

TEST_F(SequentialExchangeFinderTest, AFailureOfPlanningItselfCarriesTheEarlierAttempts) {
  add_plan().tcp_failure = Errc::connect_failed;
  planner_.planning_failure = Errc::unknown_host;
  const Error error = find_failure();
  EXPECT_EQ(error.errc(), Errc::unknown_host);
  ASSERT_EQ(error.attempts().size(), 1U);
  EXPECT_EQ(error.attempts()[0].route, "route of 0");
}

TEST_F(SequentialExchangeFinderTest, ACancellationEndsTheSearchAtOnce) {
  for (const Errc over : {Errc::canceled, Errc::timeout}) {
    log_.clear();
    planner_.plans.clear();
    add_plan().tcp_failure = Errc::connect_failed;
    add_plan().tcp_failure = over;
    add_plan();
    const Error error = find_failure();
    EXPECT_EQ(error.errc(), over);
    EXPECT_EQ(error.attempts().size(), 1U);
    EXPECT_EQ(log_.size(), 6U) << "two plans were taken and failed";
    EXPECT_EQ(planner_.plans.size(), 1U);
  }
}

}  // namespace
}  // namespace okhttp::internal

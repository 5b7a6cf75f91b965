#include <okhttp/okhttp.hpp>

#include <gtest/gtest.h>

#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "codec/http1/http1_connection_codec.hpp"
#include "connection/connection_store.hpp"
#include "connection/exchange_finder.hpp"
#include "support/manual_engine.hpp"
#include "support/memory_stream.hpp"

namespace okhttp::internal {
namespace {

using Log = std::vector<std::string>;

/// A plan whose steps do what the test says.
class FakePlan final : public ConnectPlan {
 public:
  FakePlan(Log& log, std::string name) : log_(log), name_(std::move(name)) {}

  bool ready = false;
  std::optional<Errc> tcp_failure;
  std::optional<Errc> tls_failure;
  std::unique_ptr<ConnectPlan> next_plan;  // that a failure offers
  std::shared_ptr<Connection> connection;

  [[nodiscard]] bool is_ready() const noexcept override { return ready; }
  [[nodiscard]] std::string route_text() const override { return "route of " + name_; }
  Task<ConnectResult> connect_tcp() override {
    log_.push_back("plan " + name_ + " TCP connecting...");
    co_return outcome("TCP", tcp_failure);
  }
  Task<ConnectResult> connect_tls_etc() override {
    log_.push_back("plan " + name_ + " TLS connecting...");
    co_return outcome("TLS", tls_failure);
  }
  [[nodiscard]] std::shared_ptr<Connection> handle_success() override {
    log_.push_back("plan " + name_ + " connected");
    return connection;
  }

 private:
  ConnectResult outcome(const std::string& step, std::optional<Errc> failure) {
    if (!failure) return ConnectResult();
    log_.push_back("plan " + name_ + " " + step + " failed");
    return ConnectResult(Error(*failure, Blame::network, name_ + " " + step + " failed"), std::move(next_plan));
  }

  Log& log_;
  std::string name_;
};

class FakeRoutePlanner final : public RoutePlanner {
 public:
  std::deque<std::unique_ptr<FakePlan>> plans;
  std::optional<Errc> planning_failure;  // after the plans

  Task<std::unique_ptr<ConnectPlan>> plan() override {
    if (!deferred_.empty()) {
      std::unique_ptr<ConnectPlan> deferred = std::move(deferred_.back());
      deferred_.pop_back();
      co_return deferred;
    }
    if (plans.empty()) throw Error(planning_failure.value_or(Errc::unknown_host), Blame::network, "planning failed");
    std::unique_ptr<ConnectPlan> next = std::move(plans.front());
    plans.pop_front();
    co_return next;
  }
  [[nodiscard]] std::vector<std::unique_ptr<ConnectPlan>>& deferred_plans() noexcept override { return deferred_; }
  [[nodiscard]] bool has_next(const Connection*) override {
    return !deferred_.empty() || !plans.empty() || planning_failure.has_value();
  }

 private:
  std::vector<std::unique_ptr<ConnectPlan>> deferred_;
};

class SequentialExchangeFinderTest : public testing::Test {
 protected:
  FakePlan& add_plan() {
    planner_.plans.push_back(make_plan());
    return *planner_.plans.back();
  }
  std::unique_ptr<FakePlan> make_plan() {
    auto plan = std::make_unique<FakePlan>(log_, std::to_string(plans_++));
    const auto identity = store_.addresses().intern(ConnectionIdentity(Dns::system(), {}, TlsConfig()));
    const Address address = store_.addresses().find(Url::parse("http://a.example/"), identity);
    const Route route(address, Endpoint(IpAddress::v4({192, 0, 2, 1}), 80));
    auto codec = std::make_shared<Http1ConnectionCodec>(MemorySocket::make_pair().first, address.to_string());
    plan->connection = std::make_shared<Connection>(route, std::move(codec), nullptr);
    return plan;
  }
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
  ConnectionStore store_{5, std::chrono::minutes(5)};
  FakeRoutePlanner planner_;
  Log log_;
  int plans_ = 0;
};

TEST_F(SequentialExchangeFinderTest, TakesTheFirstConnection) {
  FakePlan& plan = add_plan();
  const auto expected = plan.connection;
  EXPECT_EQ(find(), expected);
  EXPECT_EQ(log_, (Log{"plan 0 TCP connecting...", "plan 0 TLS connecting...", "plan 0 connected"}));
}

TEST_F(SequentialExchangeFinderTest, ConnectsNothingWhenAPlanIsReady) {
  add_plan().ready = true;
  EXPECT_NE(find(), nullptr);
  EXPECT_EQ(log_, Log{"plan 0 connected"});
}

TEST_F(SequentialExchangeFinderTest, GoesOnWithTheNextPlanWhenTcpFails) {
  add_plan().tcp_failure = Errc::connect_failed;
  const auto expected = add_plan().connection;
  EXPECT_EQ(find(), expected);
  EXPECT_EQ(log_, (Log{"plan 0 TCP connecting...", "plan 0 TCP failed", "plan 1 TCP connecting...",
                       "plan 1 TLS connecting...", "plan 1 connected"}));
}

TEST_F(SequentialExchangeFinderTest, GoesOnWithTheNextPlanWhenTlsFails) {
  add_plan().tls_failure = Errc::tls_handshake;
  const auto expected = add_plan().connection;
  EXPECT_EQ(find(), expected);
  EXPECT_EQ(log_, (Log{"plan 0 TCP connecting...", "plan 0 TLS connecting...", "plan 0 TLS failed",
                       "plan 1 TCP connecting...", "plan 1 TLS connecting...", "plan 1 connected"}));
}

TEST_F(SequentialExchangeFinderTest, TriesTheCureOfAFailureBeforeOtherPlans) {
  FakePlan& first = add_plan();
  add_plan();
  first.tls_failure = Errc::tls_handshake;
  first.next_plan = make_plan();
  EXPECT_NE(find(), nullptr);
  EXPECT_EQ(log_, (Log{"plan 0 TCP connecting...", "plan 0 TLS connecting...", "plan 0 TLS failed",
                       "plan 2 TCP connecting...", "plan 2 TLS connecting...", "plan 2 connected"}));
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
    plans_ = 0;
    add_plan().tcp_failure = Errc::connect_failed;
    add_plan().tcp_failure = over;
    add_plan();
    const Error error = find_failure();
    EXPECT_EQ(error.errc(), over);
    EXPECT_EQ(error.attempts().size(), 1U);
    EXPECT_EQ(log_.size(), 4U);
    EXPECT_EQ(planner_.plans.size(), 1U);
  }
}

}  // namespace
}  // namespace okhttp::internal

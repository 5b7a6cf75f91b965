#include <okhttp/okhttp.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "connection/exchange_finder.hpp"
#include "connection/plans.hpp"
#include "runtime/call_context.hpp"
#include "support/engines.hpp"

namespace okhttp::internal {
namespace {

using namespace std::chrono_literals;

/// Dials endpoints in their order.
class EndpointPlanner final : public RoutePlanner {
 public:
  EndpointPlanner(CallContext& context, const ConnectionSettings& settings, Address address,
                  std::vector<Endpoint> endpoints)
      : context_(context), settings_(settings), address_(std::move(address)), endpoints_(std::move(endpoints)) {}

  Task<std::unique_ptr<ConnectPlan>> plan() override {
    if (!deferred_.empty()) {
      std::unique_ptr<ConnectPlan> deferred = std::move(deferred_.back());
      deferred_.pop_back();
      co_return deferred;
    }
    co_return std::make_unique<DialPlan>(context_, settings_, Route(address_, endpoints_[next_++]), attempts_, nullptr);
  }
  [[nodiscard]] std::vector<std::unique_ptr<ConnectPlan>>& deferred_plans() noexcept override { return deferred_; }
  [[nodiscard]] bool has_next(const Connection*) override { return has_next_at_hand(); }
  [[nodiscard]] bool has_next_at_hand() noexcept override { return !deferred_.empty() || next_ < endpoints_.size(); }

 private:
  CallContext& context_;
  const ConnectionSettings& settings_;
  const Address address_;
  const std::vector<Endpoint> endpoints_;
  std::size_t next_ = 0;
  std::uint32_t attempts_ = 0;
  std::vector<std::unique_ptr<ConnectPlan>> deferred_;
};

class AttemptLog final : public EventListener {
 public:
  std::vector<std::string> lines;  // on the engine's thread, read when the race is over

  void connect_start(const Call&, AttemptId attempt, const Endpoint&) override {
    lines.push_back("start " + std::to_string(attempt));
  }
  void connect_end(const Call&, AttemptId attempt, const Endpoint&, Protocol) override {
    lines.push_back("end " + std::to_string(attempt));
  }
  void connect_failed(const Call&, AttemptId attempt, const Endpoint&, const Error& error) override {
    lines.push_back("failed " + std::to_string(attempt) + " " + std::string(to_string(error.errc())));
  }
};

/// The race over the three engines: the calling thread with several waiters in poll(2), the loop, the simulation.
template <class Fixture>
class ConnectRaceOnEnginesTest : public OnEngineTest<Fixture> {
 protected:
  ConnectRaceOnEnginesTest() {
    context_.call = &call_;
    context_.listener = log_;
  }
  ~ConnectRaceOnEnginesTest() override { store_->evict_all(); }

  /// A listener that answers, for as long as the test runs.
  Endpoint listening() {
    listener_ = this->run(listen());
    return listener_->endpoint();
  }
  /// An endpoint where nobody listens any more.
  Endpoint refusing() {
    const std::unique_ptr<Listener> gone = this->run(listen());
    return gone->endpoint();
  }

  /// The endpoint that was connected, if any was; else the failure is kept.
  std::optional<Endpoint> race(std::vector<Endpoint> endpoints) {
    return this->run(race_on_engine(std::move(endpoints)));
  }

  const std::shared_ptr<ConnectionStore> store_ = std::make_shared<ConnectionStore>(5, 5min);
  const std::shared_ptr<const ConnectionIdentity> identity_ =
      store_->addresses().intern(ConnectionIdentity(Dns::system(), {Protocol::http_1_1}, TlsConfig()));
  const ConnectionSettings settings_{store_, identity_, std::make_shared<LazyTlsContext>(TlsConfig()),
                                     std::make_shared<DnsLookups>("unused", 1, 1s)};
  Client client_;
  Call call_ = client_.new_call(Request::get("http://a.example/"));
  CallContext context_{nullptr};
  std::shared_ptr<AttemptLog> log_ = std::make_shared<AttemptLog>();
  std::optional<Error> failure_;

 private:
  Task<std::unique_ptr<Listener>> listen() {
    std::error_code error;
    const ListenRequest request(this->fixture_.any_port());
    std::unique_ptr<Listener> listener = this->engine().listen(request, error);
    if (listener == nullptr) throw std::system_error(error);
    co_return listener;
  }

  Task<std::optional<Endpoint>> race_on_engine(std::vector<Endpoint> endpoints) {
    context_.attach(this->engine());
    std::optional<Endpoint> peer;
    try {
      const Address address = store_->addresses().find(Url::parse("http://a.example/"), identity_);
      EndpointPlanner planner(context_, settings_, address, std::move(endpoints));
      FastFallbackExchangeFinder finder(planner, context_);
      std::shared_ptr<Connection> connection = co_await finder.find();
      peer = connection->info().peer();
      connection->retire();
      store_->release(std::move(connection), context_.now());
    } catch (const Error& error) {
      failure_ = error;
    }
    context_.detach();
    co_return peer;
  }

  std::unique_ptr<Listener> listener_;
};

TYPED_TEST_SUITE(ConnectRaceOnEnginesTest, AllEngines, EngineNames);

using Lines = std::vector<std::string>;

TYPED_TEST(ConnectRaceOnEnginesTest, TheFirstAddressThatAnswersIsTaken) {
  const Endpoint live = this->listening();
  EXPECT_EQ(this->race({live, this->refusing()}), live);
  EXPECT_EQ(this->log_->lines, (Lines{"start 0", "end 0"}));
}

TYPED_TEST(ConnectRaceOnEnginesTest, ARefusedAddressGivesWayToTheNext) {
  const Endpoint live = this->listening();
  EXPECT_EQ(this->race({this->refusing(), live}), live);
  EXPECT_EQ(this->log_->lines, (Lines{"start 0", "failed 0 connect_failed", "start 1", "end 1"}));
}

TYPED_TEST(ConnectRaceOnEnginesTest, ASilentAddressIsOvertaken) {
  const auto silent = this->fixture_.make_silent();
  const Endpoint live = this->listening();
  EXPECT_EQ(this->race({silent.endpoint(), live}), live);
  EXPECT_EQ(this->log_->lines, (Lines{"start 0", "start 1", "failed 0 canceled", "end 1"}));
}

TYPED_TEST(ConnectRaceOnEnginesTest, SeveralSilentAddressesAreOvertakenTogether) {
  const auto silent = this->fixture_.make_silent();
  const Endpoint live = this->listening();
  EXPECT_EQ(this->race({silent.endpoint(), silent.endpoint(), this->refusing(), live}), live);
  EXPECT_EQ(this->log_->lines, (Lines{"start 0", "start 1", "start 2", "failed 2 connect_failed", "start 3",
                                      "failed 0 canceled", "failed 1 canceled", "end 3"}));
}

TYPED_TEST(ConnectRaceOnEnginesTest, SilentAddressesTimeOutOneByOne) {
  const auto silent = this->fixture_.make_silent();
  this->context_.timeouts.connect = 300ms;
  EXPECT_EQ(this->race({silent.endpoint(), silent.endpoint()}), std::nullopt);
  ASSERT_TRUE(this->failure_.has_value());
  EXPECT_EQ(this->failure_->errc(), Errc::connect_timeout);
  EXPECT_EQ(this->log_->lines, (Lines{"start 0", "start 1", "failed 0 connect_timeout", "failed 1 connect_timeout"}));
}

TYPED_TEST(ConnectRaceOnEnginesTest, TheCallsTimeoutEndsTheRace) {
  const auto silent = this->fixture_.make_silent();
  this->context_.deadline = this->engine().now() + 300ms;
  EXPECT_EQ(this->race({silent.endpoint(), silent.endpoint()}), std::nullopt);
  ASSERT_TRUE(this->failure_.has_value());
  EXPECT_EQ(this->failure_->errc(), Errc::timeout);
  EXPECT_EQ(this->log_->lines, (Lines{"start 0", "start 1", "failed 0 timeout", "failed 1 timeout"}));
}

}  // namespace
}  // namespace okhttp::internal

#pragma once

#include <okhttp/dns.hpp>
#include <okhttp/url.hpp>

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "codec/http1/http1_connection_codec.hpp"
#include "connection/connection_store.hpp"
#include "connection/route_planner.hpp"
#include "runtime/engine.hpp"
#include "support/memory_stream.hpp"

namespace okhttp::internal {

using PlanLog = std::vector<std::string>;

class FakeRoutePlanner;

/// A plan whose steps take as long and do what the test says, and write it down.
class FakePlan final : public ConnectPlan {
 public:
  FakePlan(FakeRoutePlanner& planner, int number);

  bool ready = false;
  Duration tcp_delay = Duration::zero();
  Duration tls_delay = Duration::zero();
  std::optional<Errc> tcp_failure;
  std::optional<Errc> tls_failure;
  std::shared_ptr<Connection> connection;

  /// What the failure of TCP or TLS offers as its cure.
  FakePlan& create_next_plan();
  /// What retry() is to give.
  FakePlan& create_retry();

  [[nodiscard]] bool is_ready() const noexcept override { return ready; }
  [[nodiscard]] std::string route_text() const override { return "route of " + std::to_string(number_); }
  Task<ConnectResult> connect_tcp() override;
  Task<ConnectResult> connect_tls_etc() override;
  void cancel() override;
  [[nodiscard]] std::unique_ptr<ConnectPlan> retry() override;
  [[nodiscard]] std::shared_ptr<Connection> handle_success() override { return connection; }

 private:
  Task<ConnectResult> connect(std::string step, Duration delay, std::optional<Errc> failure);
  void note(const std::string& what);

  FakeRoutePlanner& planner_;
  const int number_;
  Wait* sleeping_ = nullptr;
  std::unique_ptr<ConnectPlan> next_plan_;
  std::unique_ptr<ConnectPlan> retry_;
};

/// Gives the plans that the test adds.
class FakeRoutePlanner final : public RoutePlanner {
 public:
  /// `whose` cancels plans that take time.
  FakeRoutePlanner(Engine& engine, PlanLog& log, Cancellation* whose = nullptr)
      : engine_(engine), log_(log), whose_(whose) {}

  std::deque<std::unique_ptr<FakePlan>> plans;
  std::optional<Errc> planning_failure;  // after the plans
  std::size_t at_hand = 1'000;           // how many of the plans need no waiting for

  FakePlan& add_plan() {
    plans.push_back(make_plan());
    return *plans.back();
  }
  std::unique_ptr<FakePlan> make_plan() { return std::make_unique<FakePlan>(*this, numbers_++); }

  Task<std::unique_ptr<ConnectPlan>> plan() override {
    if (!deferred_.empty()) {
      std::unique_ptr<ConnectPlan> deferred = std::move(deferred_.back());
      deferred_.pop_back();
      co_return deferred;
    }
    if (plans.empty()) throw Error(planning_failure.value_or(Errc::unknown_host), Blame::network, "planning failed");
    std::unique_ptr<ConnectPlan> next = std::move(plans.front());
    plans.pop_front();
    if (at_hand > 0) --at_hand;
    log_.push_back("take " + next->route_text());
    co_return next;
  }
  [[nodiscard]] std::vector<std::unique_ptr<ConnectPlan>>& deferred_plans() noexcept override { return deferred_; }
  [[nodiscard]] bool has_next(const Connection*) override {
    return !deferred_.empty() || !plans.empty() || planning_failure.has_value();
  }
  [[nodiscard]] bool has_next_at_hand() noexcept override {
    return !deferred_.empty() || (!plans.empty() && at_hand > 0);
  }

 private:
  friend class FakePlan;

  Engine& engine_;
  PlanLog& log_;
  Cancellation* whose_;
  ConnectionStore store_{5, std::chrono::minutes(5)};
  std::vector<std::unique_ptr<ConnectPlan>> deferred_;
  int numbers_ = 0;
};

inline FakePlan::FakePlan(FakeRoutePlanner& planner, int number) : planner_(planner), number_(number) {
  AddressBook& book = planner.store_.addresses();
  const Address address =
      book.find(Url::parse("http://a.example/"), book.intern(ConnectionIdentity(Dns::system(), {}, TlsConfig())));
  const Route route(address, Endpoint(IpAddress::v4({192, 0, 2, 1}), 80));
  auto codec = std::make_shared<Http1ConnectionCodec>(MemorySocket::make_pair().first, address.to_string());
  connection = std::make_shared<Connection>(route, std::move(codec), nullptr);
}

inline FakePlan& FakePlan::create_next_plan() {
  auto made = planner_.make_plan();
  FakePlan& next = *made;
  next_plan_ = std::move(made);
  return next;
}

inline FakePlan& FakePlan::create_retry() {
  auto made = planner_.make_plan();
  FakePlan& again = *made;
  retry_ = std::move(made);
  return again;
}

inline void FakePlan::note(const std::string& what) {
  planner_.log_.push_back("plan " + std::to_string(number_) + " " + what);
}

inline Task<ConnectResult> FakePlan::connect_tcp() { return connect("TCP", tcp_delay, tcp_failure); }
inline Task<ConnectResult> FakePlan::connect_tls_etc() { return connect("TLS", tls_delay, tls_failure); }

inline Task<ConnectResult> FakePlan::connect(std::string step, Duration delay, std::optional<Errc> failure) {
  note(step + " connecting...");
  WaitResult how = WaitResult::deadline;
  if (delay > Duration::zero()) {
    Sleep sleep(planner_.engine_, WaitTerms(planner_.whose_, planner_.engine_.now() + delay));
    sleeping_ = &sleep;
    how = co_await sleep;
    sleeping_ = nullptr;
  }
  if (how == WaitResult::canceled) {
    note(step + " connect canceled");
    co_return ConnectResult(Error(Errc::canceled, Blame::caller, step + " canceled"));
  }
  if (!failure.has_value()) {
    note(step + " connected");
    co_return ConnectResult();
  }
  note(step + " connect failed");
  const std::string text = std::to_string(number_) + " " + step + " failed";
  co_return ConnectResult(Error(*failure, Blame::network, text), std::move(next_plan_));
}

inline void FakePlan::cancel() {
  note("cancel");
  if (sleeping_ != nullptr) planner_.engine_.finish(*sleeping_, WaitResult::canceled);
}

inline std::unique_ptr<ConnectPlan> FakePlan::retry() {
  if (retry_ == nullptr) create_retry();
  return std::move(retry_);
}

}  // namespace okhttp::internal

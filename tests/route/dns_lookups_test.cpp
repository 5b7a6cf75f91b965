#include "route/dns_lookups.hpp"

#include <okhttp/error.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "support/engines.hpp"

namespace okhttp::internal {
namespace {

using namespace std::chrono_literals;

using Addresses = std::vector<IpAddress>;
const IpAddress kAddress = IpAddress::v4({192, 0, 2, 1});

/// Hangs on every name until the test answers it.
class ScriptedDns final : public Dns {
 public:
  Addresses lookup(const std::string& host) override {
    std::unique_lock lock(mutex_);
    asked_.push_back(host);
    changed_.notify_all();
    changed_.wait(lock, [&] { return all_released_ || released_.contains(host); });
    if (host.starts_with("no-such")) throw Error(Errc::unknown_host, "no such host: " + host);
    return {kAddress};
  }

  void wait_for_lookups(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return asked_.size() >= count; });
  }
  void release(const std::string& host) {
    const std::lock_guard lock(mutex_);
    released_[host] = true;
    changed_.notify_all();
  }
  void release_all() {
    const std::lock_guard lock(mutex_);
    all_released_ = true;
    changed_.notify_all();
  }
  std::vector<std::string> asked() {
    const std::lock_guard lock(mutex_);
    return asked_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> asked_;
  std::map<std::string, bool> released_;
  bool all_released_ = false;
};

/// A call that looks one name up: what it waits for, and what came of it.
struct Caller {
  std::shared_ptr<Cancellation> cancellation = std::make_shared<Cancellation>();
  WaitResult why = WaitResult::ready;
  std::shared_ptr<Outcome<std::optional<Addresses>>> outcome;
};

template <class Fixture>
class DnsLookupsTest : public OnEngineTest<Fixture> {
 protected:
  ~DnsLookupsTest() override {
    dns_->release_all();
    for (const auto& caller : callers_) caller->cancellation->attach(nullptr);
  }

  /// On the engine.
  Caller& start_lookup(const std::string& host, TimePoint deadline = kNever) {
    Caller& caller = *callers_.emplace_back(std::make_unique<Caller>());
    caller.cancellation->attach(&this->engine());
    const WaitTerms terms(caller.cancellation.get(), deadline);
    caller.outcome = start(lookups_.look_up(dns_, host, 80, this->engine(), terms, caller.why));
    return caller;
  }
  template <class Body>
  void on_engine(Body body) {
    const auto task = [](Body run) -> Task<> {
      Task<> running = run();
      co_await std::move(running);
    };
    this->run(task(std::move(body)));
  }

  static constexpr std::size_t kThreads = 2;
  std::shared_ptr<ScriptedDns> dns_ = std::make_shared<ScriptedDns>();
  DnsLookups lookups_{"test dns", kThreads, 1s};
  std::vector<std::unique_ptr<Caller>> callers_;
};

TYPED_TEST_SUITE(DnsLookupsTest, AllEngines, EngineNames);

TYPED_TEST(DnsLookupsTest, ThoseWhoNeedOneNameShareOneLookup) {
  [[maybe_unused]] const auto expecting = this->fixture_.expect_posts();
  const auto body = [this]() -> Task<> {
    std::vector<Caller*> callers;
    for (int i = 0; i < 5; ++i) callers.push_back(&this->start_lookup("a.test"));
    this->dns_->release("a.test");
    for (Caller* caller : callers) {
      const std::optional<Addresses> found = co_await join(this->engine(), caller->outcome);
      EXPECT_EQ(found, Addresses{kAddress});
    }
  };
  this->on_engine(body);
  EXPECT_EQ(this->dns_->asked(), std::vector<std::string>{"a.test"});
}

TYPED_TEST(DnsLookupsTest, AFailureIsToldToAllWhoWait) {
  [[maybe_unused]] const auto expecting = this->fixture_.expect_posts();
  const auto body = [this]() -> Task<> {
    Caller& first = this->start_lookup("no-such.test");
    Caller& second = this->start_lookup("no-such.test");
    this->dns_->release_all();
    for (Caller* caller : {&first, &second}) {
      Errc code{};
      try {
        (void)co_await join(this->engine(), caller->outcome);
      } catch (const Error& error) {
        code = error.errc();
      }
      EXPECT_EQ(code, Errc::unknown_host);
    }
  };
  this->on_engine(body);
  EXPECT_EQ(this->dns_->asked().size(), 1U);
}

TYPED_TEST(DnsLookupsTest, ALookupOutlivesTheCallThatBeganIt) {
  [[maybe_unused]] const auto expecting = this->fixture_.expect_posts();
  const auto body = [this]() -> Task<> {
    Caller& first = this->start_lookup("a.test");
    this->dns_->wait_for_lookups(1);
    Caller& second = this->start_lookup("a.test");
    first.cancellation->request();
    const std::optional<Addresses> none = co_await join(this->engine(), first.outcome);
    EXPECT_FALSE(none.has_value());
    EXPECT_EQ(first.why, WaitResult::canceled);
    this->dns_->release("a.test");
    const std::optional<Addresses> found = co_await join(this->engine(), second.outcome);
    EXPECT_EQ(found, Addresses{kAddress});
  };
  this->on_engine(body);
  EXPECT_EQ(this->dns_->asked().size(), 1U);
}

TYPED_TEST(DnsLookupsTest, ALookupThatWaitsForAThreadOutlivesTheCallThatBeganItToo) {
  [[maybe_unused]] const auto expecting = this->fixture_.expect_posts();
  const auto body = [this]() -> Task<> {
    this->start_lookup("hangs-1.test");
    this->start_lookup("hangs-2.test");
    this->dns_->wait_for_lookups(2);
    Caller& first = this->start_lookup("a.test");
    Caller& second = this->start_lookup("a.test");
    first.cancellation->request();
    this->dns_->release_all();
    const std::optional<Addresses> found = co_await join(this->engine(), second.outcome);
    EXPECT_EQ(found, Addresses{kAddress});
    for (const auto& caller : this->callers_) {
      if (!caller->outcome->done()) (void)co_await join(this->engine(), caller->outcome);
    }
  };
  this->on_engine(body);
  EXPECT_EQ(this->dns_->asked().size(), 3U);
}

TYPED_TEST(DnsLookupsTest, WithAllThreadsHangingALookupWaitsAndStillEndsInTime) {
  const auto body = [this]() -> Task<> {
    Caller& hangs = this->start_lookup("hangs-1.test");
    Caller& hangs_too = this->start_lookup("hangs-2.test");
    this->dns_->wait_for_lookups(2);
    Caller& late = this->start_lookup("late.test", this->engine().now() + 20ms);
    Caller& canceled = this->start_lookup("canceled.test");
    EXPECT_EQ(this->lookups_.queued_count(), 2U);

    const std::optional<Addresses> nothing = co_await join(this->engine(), late.outcome);
    EXPECT_FALSE(nothing.has_value());
    EXPECT_EQ(late.why, WaitResult::deadline);
    canceled.cancellation->request();
    (void)co_await join(this->engine(), canceled.outcome);
    EXPECT_EQ(canceled.why, WaitResult::canceled);
    for (Caller* caller : {&hangs, &hangs_too}) {
      caller->cancellation->request();
      (void)co_await join(this->engine(), caller->outcome);
      EXPECT_EQ(caller->why, WaitResult::canceled);
    }
  };
  this->on_engine(body);
}

TYPED_TEST(DnsLookupsTest, ALookupThatNobodyWaitsForIsNotBegun) {
  const auto body = [this]() -> Task<> {
    Caller& hangs = this->start_lookup("hangs-1.test");
    Caller& hangs_too = this->start_lookup("hangs-2.test");
    this->dns_->wait_for_lookups(2);
    for (int i = 0; i < 100; ++i) {
      Caller& gone = this->start_lookup("gone.test");
      gone.cancellation->request();
      (void)co_await join(this->engine(), gone.outcome);
    }
    EXPECT_EQ(this->lookups_.queued_count(), 0U);
    {
      [[maybe_unused]] const auto expecting = this->fixture_.expect_posts();
      Caller& last = this->start_lookup("last.test");
      this->dns_->release_all();
      for (Caller* caller : {&hangs, &hangs_too, &last}) {
        const std::optional<Addresses> found = co_await join(this->engine(), caller->outcome);
        EXPECT_EQ(found, Addresses{kAddress});
      }
    }
  };
  this->on_engine(body);
  EXPECT_THAT(this->dns_->asked(), testing::UnorderedElementsAre("hangs-1.test", "hangs-2.test", "last.test"));
}

TYPED_TEST(DnsLookupsTest, ANameIsLookedUpAgainOnceItsLookupIsDone) {
  [[maybe_unused]] const auto expecting = this->fixture_.expect_posts();
  this->dns_->release_all();
  const auto body = [this]() -> Task<> {
    for (int i = 0; i < 3; ++i) {
      Caller& caller = this->start_lookup("a.test");
      const std::optional<Addresses> found = co_await join(this->engine(), caller.outcome);
      EXPECT_EQ(found, Addresses{kAddress});
    }
  };
  this->on_engine(body);
  EXPECT_EQ(this->dns_->asked().size(), 3U);
}

TYPED_TEST(DnsLookupsTest, TheSameNameAtAnotherResolverIsAnotherLookup) {
  [[maybe_unused]] const auto expecting = this->fixture_.expect_posts();
  const auto other = std::make_shared<ScriptedDns>();
  other->release_all();
  const auto body = [this, other]() -> Task<> {
    Caller& hangs = this->start_lookup("a.test");
    this->dns_->wait_for_lookups(1);
    WaitResult why = WaitResult::canceled;
    auto task = this->lookups_.look_up(other, "a.test", 80, this->engine(), WaitTerms(), why);
    const std::optional<Addresses> found = co_await std::move(task);
    EXPECT_EQ(found, Addresses{kAddress});
    EXPECT_EQ(why, WaitResult::ready);
    this->dns_->release_all();
    (void)co_await join(this->engine(), hangs.outcome);
  };
  this->on_engine(body);
}

TYPED_TEST(DnsLookupsTest, WhatIsAtHandTakesNoThread) {
  const std::shared_ptr<Dns> fixed = Dns::fixed({FixedHost("a.test", {kAddress}, 80)}, this->dns_);
  const auto body = [this, fixed]() -> Task<> {
    this->start_lookup("hangs-1.test");
    this->start_lookup("hangs-2.test");
    this->dns_->wait_for_lookups(2);
    WaitResult why = WaitResult::canceled;
    auto task = this->lookups_.look_up(fixed, "a.test", 80, this->engine(), WaitTerms(), why);
    const std::optional<Addresses> found = co_await std::move(task);
    EXPECT_EQ(found, Addresses{kAddress});
    EXPECT_EQ(why, WaitResult::ready);
    for (const auto& caller : this->callers_) {
      caller->cancellation->request();
      (void)co_await join(this->engine(), caller->outcome);
    }
  };
  this->on_engine(body);
  EXPECT_EQ(this->dns_->asked().size(), 2U);
}

TYPED_TEST(DnsLookupsTest, MayBeDroppedWhileTheResolverHangs) {
  auto dropped = std::make_unique<DnsLookups>("test dns", 1, 1s);
  const auto body = [this, &dropped]() -> Task<> {
    Cancellation& cancellation = *this->callers_.emplace_back(std::make_unique<Caller>())->cancellation;
    cancellation.attach(&this->engine());
    WaitResult why = WaitResult::ready;
    const WaitTerms terms(&cancellation);
    auto waiting = start(dropped->look_up(this->dns_, "hangs.test", 80, this->engine(), terms, why));
    this->dns_->wait_for_lookups(1);
    cancellation.request();
    (void)co_await join(this->engine(), waiting);
    EXPECT_EQ(why, WaitResult::canceled);
  };
  this->on_engine(body);
  dropped.reset();
}

}  // namespace
}  // namespace okhttp::internal

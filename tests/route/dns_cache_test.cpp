#include <okhttp/dns_cache.hpp>

#include <okhttp/error.hpp>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

namespace okhttp {
namespace {

using namespace std::chrono_literals;

using Addresses = std::vector<IpAddress>;
const IpAddress kFirst = IpAddress::v4({192, 0, 2, 1});
const IpAddress kSecond = IpAddress::v4({192, 0, 2, 2});

/// Answers as the test says, and counts.
class CountingDns final : public Dns {
 public:
  DnsAnswer next{Addresses{kFirst}};
  std::exception_ptr failure;
  std::function<void()> on_lookup;
  std::atomic<int> lookups{0};

  Addresses lookup(const std::string& host) override { return lookup_answer(host).addresses; }
  DnsAnswer lookup_answer(const std::string&) override {
    ++lookups;
    if (on_lookup) on_lookup();
    if (failure) std::rethrow_exception(failure);
    return next;
  }
  void fail_with(const Error& error) { failure = std::make_exception_ptr(error); }
};

class DnsCacheTest : public testing::Test {
 protected:
  DnsCache& cache() {
    if (cache_ == nullptr) {
      options_.clock = [this] { return now_; };
      cache_ = std::make_unique<DnsCache>(source_, options_);
    }
    return *cache_;
  }
  bool is_unknown(const std::string& host) {
    try {
      (void)cache().lookup(host);
      return false;
    } catch (const Error& error) {
      return error.errc() == Errc::unknown_host;
    }
  }

  const std::shared_ptr<CountingDns> source_ = std::make_shared<CountingDns>();
  DnsCacheOptions options_;
  std::chrono::steady_clock::time_point now_{1h};
  std::unique_ptr<DnsCache> cache_;
};

TEST_F(DnsCacheTest, AnAnswerHoldsForThirtySecondsUnlessToldOtherwise) {
  EXPECT_EQ(cache().lookup("a.test"), Addresses{kFirst});
  source_->next = DnsAnswer({kSecond});
  now_ += 30s - 1ns;
  EXPECT_EQ(cache().lookup("a.test"), Addresses{kFirst});
  EXPECT_EQ(source_->lookups, 1);
  now_ += 1ns;
  EXPECT_EQ(cache().lookup("a.test"), Addresses{kSecond});
  EXPECT_EQ(source_->lookups, 2);
}

TEST_F(DnsCacheTest, AnAnswerIsNotProlongedByBeingUsed) {
  (void)cache().lookup("a.test");
  for (int i = 0; i < 6; ++i) {
    now_ += 5s;
    (void)cache().lookup("a.test");
  }
  EXPECT_EQ(source_->lookups, 2);
}

TEST_F(DnsCacheTest, TheResolversOwnTimeToLiveCountsWithinTheMaximum) {
  options_.max_time_to_live = 100s;
  source_->next = DnsAnswer({kFirst}, 50s);
  EXPECT_EQ(cache().lookup_answer("a.test").time_to_live, 50s);
  now_ += 20s;
  EXPECT_EQ(cache().lookup_answer("a.test").time_to_live, 30s);
  now_ += 30s;
  source_->next = DnsAnswer({kFirst}, std::chrono::seconds::max());
  (void)cache().lookup_answer("a.test");
  EXPECT_EQ(source_->lookups, 2);
  EXPECT_EQ(cache().lookup_answer("a.test").time_to_live, 100s);
  EXPECT_EQ(source_->lookups, 2);
}

TEST_F(DnsCacheTest, AnAnswerThatHoldsForNoTimeIsNotKept) {
  source_->next = DnsAnswer({kFirst}, 0s);
  (void)cache().lookup("a.test");
  (void)cache().lookup("a.test");
  EXPECT_EQ(source_->lookups, 2);
  EXPECT_EQ(cache().size(), 0U);
}

TEST_F(DnsCacheTest, ATimeToLiveOfZeroSwitchesKeepingOff) {
  options_.time_to_live = options_.negative_time_to_live = 0s;
  (void)cache().lookup("a.test");
  (void)cache().lookup("a.test");
  source_->fail_with(Error(Errc::unknown_host, "none"));
  EXPECT_TRUE(is_unknown("a.test") && is_unknown("a.test"));
  EXPECT_EQ(source_->lookups, 4);
}

TEST_F(DnsCacheTest, ThatThereIsNoSuchNameHoldsForTenSeconds) {
  source_->fail_with(Error(Errc::unknown_host, "none"));
  EXPECT_TRUE(is_unknown("a.test"));
  now_ += 10s - 1ns;
  EXPECT_TRUE(is_unknown("a.test"));
  EXPECT_EQ(source_->lookups, 1);
  source_->failure = nullptr;
  now_ += 1ns;
  EXPECT_EQ(cache().lookup("a.test"), Addresses{kFirst});
}

TEST_F(DnsCacheTest, AFailureOfTheResolverItselfIsNotKept) {
  source_->fail_with(Error(Errc::unknown_host, Blame::network, "busy", std::make_error_code(std::errc::timed_out)));
  EXPECT_TRUE(is_unknown("a.test"));
  source_->fail_with(Error(Errc::io, "broken"));
  EXPECT_THROW((void)cache().lookup("a.test"), Error);
  source_->failure = std::make_exception_ptr(std::runtime_error("user code"));
  EXPECT_THROW((void)cache().lookup("a.test"), std::runtime_error);
  source_->failure = nullptr;
  EXPECT_EQ(cache().lookup("a.test"), Addresses{kFirst});
  EXPECT_EQ(source_->lookups, 4);
}

TEST_F(DnsCacheTest, TheNameThatWasNotAskedForTheLongestGoesFirst) {
  options_.max_entries = 2;
  (void)cache().lookup("a.test");
  (void)cache().lookup("b.test");
  (void)cache().lookup("a.test");
  (void)cache().lookup("c.test");
  EXPECT_EQ(cache().size(), 2U);
  EXPECT_EQ(source_->lookups, 3);
  (void)cache().lookup("a.test");
  EXPECT_EQ(source_->lookups, 3);
  (void)cache().lookup("b.test");
  EXPECT_EQ(source_->lookups, 4);
}

TEST_F(DnsCacheTest, TheCaseOfANameDoesNotMatter) {
  (void)cache().lookup("A.Test");
  (void)cache().lookup("a.test");
  EXPECT_EQ(source_->lookups, 1);
}

TEST_F(DnsCacheTest, AddressLiteralsAreNotLookedUp) {
  EXPECT_EQ(cache().lookup("192.0.2.2"), Addresses{kSecond});
  EXPECT_EQ(cache().lookup("::1"), Addresses{IpAddress::loopback_v6()});
  EXPECT_EQ(source_->lookups, 0);
}

TEST_F(DnsCacheTest, WhatIsKeptIsAtHand) {
  EXPECT_EQ(cache().at_hand("a.test", 80), std::nullopt);
  (void)cache().lookup("a.test");
  EXPECT_EQ(cache().at_hand("a.test", 80), Addresses{kFirst});
  now_ += 30s;
  EXPECT_EQ(cache().at_hand("a.test", 80), std::nullopt);
  source_->fail_with(Error(Errc::unknown_host, "none"));
  EXPECT_TRUE(is_unknown("a.test"));
  EXPECT_THROW((void)cache().at_hand("a.test", 80), Error);
  EXPECT_EQ(source_->lookups, 2);
}

TEST_F(DnsCacheTest, WhatItsSourceHasAtHandComesFirst) {
  const auto fixed = Dns::fixed({FixedHost("a.test", {kSecond}, 8080)}, source_);
  DnsCache cache(fixed);
  EXPECT_EQ(cache.lookup("a.test"), Addresses{kFirst});
  EXPECT_EQ(cache.at_hand("a.test", 8080), Addresses{kSecond});
  EXPECT_EQ(cache.at_hand("a.test", 80), Addresses{kFirst});
}

TEST_F(DnsCacheTest, ClearForgetsAlsoWhatIsOnItsWay) {
  (void)cache().lookup("a.test");
  cache().clear();
  EXPECT_EQ(cache().size(), 0U);
  source_->on_lookup = [&] { cache().clear(); };  // the network changes while the old one is asked
  (void)cache().lookup("a.test");
  EXPECT_EQ(cache().size(), 0U);
  source_->on_lookup = nullptr;
  (void)cache().lookup("a.test");
  EXPECT_EQ(cache().size(), 1U);
  EXPECT_EQ(source_->lookups, 3);
}

TEST_F(DnsCacheTest, RefusesOptionsThatMakeNoSense) {
  DnsCacheOptions negative;
  negative.negative_time_to_live = -1s;
  EXPECT_THROW(DnsCache(source_, negative), std::invalid_argument);
  DnsCacheOptions empty;
  empty.max_entries = 0;
  EXPECT_THROW(DnsCache(source_, empty), std::invalid_argument);
  EXPECT_THROW(DnsCache(nullptr), std::invalid_argument);
}

TEST_F(DnsCacheTest, MayBeUsedByManyThreads) {
  options_.max_entries = 3;
  DnsCache& shared = cache();
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&shared, t] {
      for (int i = 0; i < 500; ++i) {
        const std::string host = std::to_string((t + i) % 7) + ".test";
        EXPECT_EQ(shared.lookup(host), Addresses{kFirst});
        (void)shared.at_hand(host, 80);
        if (i % 100 == 0) shared.clear();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_LE(shared.size(), 3U);
}

TEST(SystemCachedDnsTest, IsOneForTheProcessAndServesAForkedChild) {
  const std::shared_ptr<Dns> dns = Dns::system_cached();
  EXPECT_EQ(dns, Dns::system_cached());
  EXPECT_FALSE(dns->lookup("localhost").empty());
  EXPECT_TRUE(dns->at_hand("localhost", 80).has_value());
  std::atomic<bool> over = false;
  std::thread busy([&] {
    while (!over) (void)dns->at_hand("localhost", 80);
  });
  for (int i = 0; i < 20; ++i) {
    const pid_t child = ::fork();
    if (child == 0) {
      ::alarm(20);  // a lock that was held in the fork would hold for ever
      ::_exit(dns->at_hand("localhost", 80).has_value() ? 0 : 1);
    }
    int status = -1;
    EXPECT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
  }
  over = true;
  busy.join();
}

}  // namespace
}  // namespace okhttp

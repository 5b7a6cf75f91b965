#include "runtime/deadline_wheel.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "support/seeded_random.hpp"

namespace okhttp::internal {
namespace {

using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

class Timed final : public Wait {
 public:
  explicit Timed(TimePoint deadline) noexcept : Wait(WaitTerms(nullptr, deadline)) {}
  Timed(TimePoint deadline, bool is_exact) noexcept : Wait(terms(deadline, is_exact)) {}

 private:
  static WaitTerms terms(TimePoint deadline, bool is_exact) noexcept {
    WaitTerms terms(nullptr, deadline);
    terms.is_exact = is_exact;
    return terms;
  }
};

constexpr TimePoint kStart = TimePoint(hours(100) + microseconds(3217));

class DeadlineWheelTest : public testing::Test {
 protected:
  DeadlineWheelTest() { EXPECT_TRUE(expire(kStart).empty()); }

  Timed& add(Duration from_start) {
    waits_.push_back(std::make_unique<Timed>(kStart + from_start));
    wheel_.add(*waits_.back());
    return *waits_.back();
  }

  Timed& add_exact(Duration from_start) {
    waits_.push_back(std::make_unique<Timed>(kStart + from_start, true));
    wheel_.add(*waits_.back());
    return *waits_.back();
  }

  /// What is due at `now`, taken out as an engine does.
  std::vector<Wait*> expire(TimePoint now) {
    std::vector<Wait*> expired;
    while (Wait* wait = wheel_.next_expired(now)) {
      EXPECT_LE(wait->deadline(), now) << "reported early";
      wheel_.remove(*wait);
      expired.push_back(wait);
    }
    return expired;
  }
  std::vector<Wait*> expire_after(Duration from_start) { return expire(kStart + from_start); }

  DeadlineWheel wheel_;
  std::vector<std::unique_ptr<Timed>> waits_;
};

TEST_F(DeadlineWheelTest, IsNeverEarlyAndAtMostTwoTicksLate) {
  for (int offset = 0; offset < 40'000; offset += 97) {
    Timed& wait = add(microseconds(offset));
    TimePoint now = kStart;
    std::vector<Wait*> expired;
    while (expired.empty() && now < kStart + seconds(1)) {
      now += microseconds(500);
      expired = expire(now);
    }
    ASSERT_EQ(expired.size(), 1U);
    EXPECT_GE(now, wait.deadline());
    EXPECT_LE(now - wait.deadline(), 2 * DeadlineWheel::kTick);
    wheel_ = DeadlineWheel();
  }
}

TEST_F(DeadlineWheelTest, ReportsWhatIsDueAlready) {
  Timed& now = add(Duration::zero());
  Timed& past = add(-hours(1));
  const std::vector<Wait*> expired = expire(kStart + 2 * DeadlineWheel::kTick);
  EXPECT_EQ(expired.size(), 2U);
  EXPECT_TRUE(wheel_.empty());
  EXPECT_FALSE(now.is_parked() || past.is_parked());
}

TEST_F(DeadlineWheelTest, ReportsAtTheSameInstantWhatWasOverdueWhenItCame) {
  add(-milliseconds(20));
  EXPECT_EQ(expire(kStart).size(), 1U);
  add(-milliseconds(20));
  EXPECT_EQ(expire(kStart).size(), 1U);
}

TEST_F(DeadlineWheelTest, AnExactOneIsReportedAtItsInstant) {
  for (const Duration deadline : {Duration(microseconds(1)), Duration(milliseconds(250)), Duration(seconds(600))}) {
    const Timed& wait = add_exact(deadline);
    EXPECT_EQ(DeadlineWheel::look_for(wait), kStart + deadline);
    EXPECT_TRUE(expire_after(deadline - microseconds(1)).empty());
    EXPECT_EQ(expire_after(deadline).size(), 1U);
  }
  EXPECT_TRUE(wheel_.empty());
}

TEST_F(DeadlineWheelTest, TheNextLookIsForWhicheverComesFirst) {
  add(milliseconds(100));
  add_exact(milliseconds(33));
  Timed& later = add_exact(milliseconds(250));
  EXPECT_EQ(wheel_.next_look(kStart), kStart + milliseconds(33));
  EXPECT_EQ(expire_after(milliseconds(33)).size(), 1U);
  const TimePoint coarse = wheel_.next_look(kStart + milliseconds(33));
  EXPECT_GE(coarse, kStart + milliseconds(100));
  EXPECT_LE(coarse, kStart + milliseconds(100) + DeadlineWheel::kTick);
  EXPECT_EQ(expire(coarse).size(), 1U);
  EXPECT_EQ(wheel_.next_look(coarse), later.deadline());
}

TEST_F(DeadlineWheelTest, AnExactOneCanBeTakenOut) {
  wheel_.remove(add_exact(milliseconds(5)));
  EXPECT_TRUE(wheel_.empty());
  EXPECT_TRUE(expire_after(seconds(1)).empty());
}

TEST_F(DeadlineWheelTest, KeepsDeadlinesFurtherAwayThanTheRing) {
  add(seconds(600));
  for (int second = 1; second < 600; ++second) ASSERT_TRUE(expire_after(seconds(second)).empty()) << second;
  EXPECT_EQ(expire_after(seconds(600) + 2 * DeadlineWheel::kTick).size(), 1U);
}

TEST_F(DeadlineWheelTest, OneLookAfterALongSleepFindsAll) {
  for (int i = 0; i < 1000; ++i) add(milliseconds(7 * i));
  add(hours(24 * 365));
  EXPECT_EQ(expire_after(hours(1)).size(), 1000U);
  EXPECT_FALSE(wheel_.empty());
  EXPECT_EQ(expire_after(hours(24 * 366)).size(), 1U);
  EXPECT_TRUE(wheel_.empty());
}

TEST_F(DeadlineWheelTest, NamesTheNextLookThatFindsSomething) {
  for (const Duration distance : {Duration(milliseconds(3)), Duration(milliseconds(700)), Duration(seconds(40))}) {
    Timed& wait = add(distance);
    TimePoint now = kStart;
    int looks = 0;
    while (expire(now).empty()) {
      const TimePoint next = wheel_.next_look(now);
      ASSERT_GT(next, now);
      now = next;
      ++looks;
    }
    EXPECT_GE(now, wait.deadline());
    EXPECT_LE(now - wait.deadline(), 2 * DeadlineWheel::kTick);
    EXPECT_LE(looks, 10) << "a far deadline costs few looks";
    wheel_ = DeadlineWheel();
    EXPECT_TRUE(expire(kStart).empty());
  }
}

TEST_F(DeadlineWheelTest, ForgetsWhatWasRemoved) {
  Timed& gone = add(milliseconds(50));
  Timed& stays = add(milliseconds(50));
  wheel_.remove(gone);
  const std::vector<Wait*> expired = expire_after(seconds(1));
  ASSERT_EQ(expired.size(), 1U);
  EXPECT_EQ(expired.front(), &stays);
}

TEST_F(DeadlineWheelTest, LeavesTheWaitInPlaceUntilItIsRemoved) {
  Timed& wait = add(milliseconds(5));
  EXPECT_EQ(wheel_.next_expired(kStart + seconds(1)), &wait);
  EXPECT_EQ(wheel_.next_expired(kStart + seconds(1)), &wait);
  EXPECT_FALSE(wheel_.empty());
  wheel_.remove(wait);
  EXPECT_TRUE(wheel_.empty());
}

TEST_F(DeadlineWheelTest, AClockThatStandsReportsNothingNew) {
  add(milliseconds(30));
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(expire(kStart).empty());
}

// Random additions, removals and steps of the clock, against a list that is searched.
class DeadlineWheelModelTest : public testing::TestWithParam<std::uint64_t> {};

TEST_P(DeadlineWheelModelTest, AgreesWithANaiveModel) {
  SeededRandom random(GetParam());
  DeadlineWheel wheel;
  std::vector<std::unique_ptr<Timed>> model;
  TimePoint now = kStart;
  (void)wheel.next_expired(now);
  const auto erase = [&model](const Wait* gone) {
    return std::erase_if(model, [gone](const auto& wait) { return wait.get() == gone; });
  };
  for (int step = 0; step < 20'000; ++step) {
    switch (random.below(4)) {
      case 0:
      case 1: {
        const std::size_t range = random.one_in(10) ? 60'000'000 : 200'000;
        model.push_back(std::make_unique<Timed>(now + microseconds(random.below(range)) - microseconds(20'000)));
        wheel.add(*model.back());
        break;
      }
      case 2:
        if (!model.empty()) {
          const Wait* gone = model[random.below(model.size())].get();
          wheel.remove(const_cast<Wait&>(*gone));
          erase(gone);
        }
        break;
      default:
        now += microseconds(random.one_in(50) ? random.below(20'000'000) : random.below(30'000));
        while (Wait* expired = wheel.next_expired(now)) {
          ASSERT_LE(expired->deadline(), now) << "early at step " << step;
          wheel.remove(*expired);
          ASSERT_EQ(erase(expired), 1U) << "unknown at step " << step;
        }
        for (const auto& left : model) {
          ASSERT_LT(now - left->deadline(), 2 * DeadlineWheel::kTick) << "late at step " << step;
        }
        break;
    }
    ASSERT_EQ(wheel.empty(), model.empty());
  }
  for (const auto& left : model) wheel.remove(*left);
  EXPECT_TRUE(wheel.empty());
}

INSTANTIATE_TEST_SUITE_P(Seeds, DeadlineWheelModelTest, testing::Range<std::uint64_t>(1, 11));

}  // namespace
}  // namespace okhttp::internal

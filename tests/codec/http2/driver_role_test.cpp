#include "codec/http2/driver_role.hpp"

#include <gtest/gtest.h>

#include <array>
#include <set>
#include <string>
#include <vector>

namespace okhttp::internal {
namespace {

using Duty = DriverRole::Duty;
using Place = DriverRole::Place;
using Member = DriverRole::Member;

TEST(DriverRoleTest, TheFirstThreadThatWaitsDrives) {
  DriverRole role;
  Member first;
  Member second;
  EXPECT_EQ(role.enter(first, Place::thread), Duty::drive);
  EXPECT_EQ(role.enter(second, Place::thread), Duty::follow);
  EXPECT_EQ(role.driver(), &first);
}

TEST(DriverRoleTest, ADriverThatGoesOnWaitingGoesOnDriving) {
  DriverRole role;
  Member member;
  EXPECT_EQ(role.enter(member, Place::thread), Duty::drive);
  EXPECT_EQ(role.enter(member, Place::thread), Duty::drive);
}

TEST(DriverRoleTest, ALeavingDriverHandsTheRoleToAParkedWaiter) {
  DriverRole role;
  Member first;
  Member second;
  (void)role.enter(first, Place::thread);
  (void)role.enter(second, Place::thread);
  EXPECT_EQ(role.leave(first), &second);
  EXPECT_EQ(role.enter(second, Place::thread), Duty::drive);
}

TEST(DriverRoleTest, AThreadIsAskedBeforeALoop) {
  DriverRole role;
  Member driver;
  Member on_loop;
  Member on_thread;
  (void)role.enter(driver, Place::thread);
  (void)role.enter(on_loop, Place::loop);
  (void)role.enter(on_thread, Place::thread);
  EXPECT_EQ(role.leave(driver), &on_thread);
}

TEST(DriverRoleTest, NobodyIsAskedWhenNobodyWaits) {
  DriverRole role;
  Member only;
  (void)role.enter(only, Place::thread);
  EXPECT_EQ(role.leave(only), nullptr);
  EXPECT_TRUE(role.is_vacant());
}

TEST(DriverRoleTest, TheFirstOnALoopStartsThePumpAndTheOthersFollow) {
  DriverRole role;
  Member first;
  Member second;
  EXPECT_EQ(role.enter(first, Place::loop), Duty::start_pump);
  EXPECT_EQ(role.enter(second, Place::loop), Duty::follow);
  EXPECT_EQ(role.enter(first, Place::loop), Duty::follow);
  EXPECT_TRUE(role.needs_pump());
}

TEST(DriverRoleTest, AThreadFollowsThePump) {
  DriverRole role;
  Member on_loop;
  Member on_thread;
  (void)role.enter(on_loop, Place::loop);
  EXPECT_EQ(role.enter(on_thread, Place::thread), Duty::follow);
  EXPECT_EQ(role.leave(on_loop), nullptr);
  EXPECT_FALSE(role.needs_pump());
  EXPECT_EQ(role.pump_ended(), &on_thread);
  EXPECT_EQ(role.enter(on_thread, Place::thread), Duty::drive);
}

TEST(DriverRoleTest, AnOfferThatComesTooLateIsPassedOn) {
  DriverRole role;
  Member first;
  Member second;
  Member third;
  (void)role.enter(first, Place::thread);
  (void)role.enter(second, Place::thread);
  (void)role.enter(third, Place::thread);
  EXPECT_EQ(role.leave(first), &second);
  EXPECT_EQ(role.leave(second), &third);
}

TEST(DriverRoleTest, WhileAnOfferIsOpenOthersFollow) {
  DriverRole role;
  Member first;
  Member second;
  Member third;
  (void)role.enter(first, Place::thread);
  (void)role.enter(second, Place::thread);
  (void)role.leave(first);
  EXPECT_EQ(role.enter(third, Place::thread), Duty::follow);
  EXPECT_EQ(role.enter(first, Place::thread), Duty::follow);
}

TEST(DriverRoleTest, ALoopThatIsOfferedTheRoleStartsThePump) {
  DriverRole role;
  Member driver;
  Member on_loop;
  (void)role.enter(driver, Place::thread);
  (void)role.enter(on_loop, Place::loop);
  EXPECT_EQ(role.leave(driver), &on_loop);
  EXPECT_EQ(role.enter(on_loop, Place::loop), Duty::start_pump);
}

TEST(DriverRoleTest, ADriverThatMovesToALoopStartsThePumpThere) {
  DriverRole role;
  Member member;
  EXPECT_EQ(role.enter(member, Place::thread), Duty::drive);
  EXPECT_EQ(role.enter(member, Place::loop), Duty::start_pump);
  EXPECT_TRUE(role.is_pumped());
}

/// Every interleaving: all states that any sequence of steps of a few members can reach, each once. A model beside it
/// keeps what the outside world knows: who waits, who reads, who was told.
class Interleavings {
 public:
  static constexpr std::size_t kMembers = 4;
  /// One step: member i enters on a thread or on a loop, or leaves; or the pump ends.
  static constexpr std::size_t kSteps = kMembers * 3 + 1;

  /// Replays a path and returns what the world looks like after it; empty when the last step is not possible there.
  std::string replay(const std::vector<std::size_t>& path) {
    DriverRole role;
    std::array<Member, kMembers> members;
    std::array<char, kMembers> waits;  // '-' not, 't' on a thread, 'l' on a loop
    waits.fill('-');
    std::vector<std::size_t> order;  // of waiting, which decides who is asked next
    std::size_t driver = kMembers;
    std::size_t told = kMembers;
    bool pump_runs = false;

    const auto index_of = [&](const Member* member) { return static_cast<std::size_t>(member - members.data()); };
    const auto tell = [&](const Member* member) {
      if (member == nullptr) return;
      EXPECT_EQ(told, kMembers) << "a second offer while one is open";
      EXPECT_NE(waits[index_of(member)], '-') << "somebody was told who does not wait";
      told = index_of(member);
    };
    for (const std::size_t step : path) {
      if (step == kMembers * 3) {
        if (!pump_runs) return {};
        pump_runs = false;
        tell(role.pump_ended());
      } else {
        const std::size_t i = step / 3;
        if (step % 3 == 2) {
          if (waits[i] == '-') return {};
          waits[i] = '-';
          std::erase(order, i);
          if (driver == i) driver = kMembers;
          if (told == i) told = kMembers;
          tell(role.leave(members[i]));
        } else {
          const Place place = step % 3 == 0 ? Place::thread : Place::loop;
          const bool was_asked = told == i || driver == i;
          const bool nobody = driver == kMembers && told == kMembers && !pump_runs;
          const char where = place == Place::thread ? 't' : 'l';
          if (waits[i] != where) {
            std::erase(order, i);
            order.push_back(i);
          }
          waits[i] = where;
          if (told == i) told = kMembers;
          if (driver == i) driver = kMembers;
          const Duty duty = role.enter(members[i], place);
          EXPECT_EQ(duty != Duty::follow, was_asked || nobody) << "the role goes to who was asked, or to the first";
          if (duty == Duty::drive) driver = i;
          if (duty == Duty::start_pump) pump_runs = true;
          EXPECT_EQ(duty == Duty::drive, duty != Duty::follow && place == Place::thread);
        }
      }
      const int readers = (driver != kMembers ? 1 : 0) + (pump_runs ? 1 : 0) + (told != kMembers ? 1 : 0);
      EXPECT_LE(readers, 1) << "two read, or one reads while another is asked to";
      EXPECT_EQ(role.is_vacant(), readers == 0);
      EXPECT_TRUE(order.empty() || readers == 1) << "somebody waits and nobody reads";
      EXPECT_EQ(role.is_pumped(), pump_runs);
      EXPECT_EQ(role.driver() != nullptr, driver != kMembers);
    }
    std::string state(waits.begin(), waits.end());
    for (const std::size_t i : order) state += static_cast<char>('0' + i);
    state += "d" + std::to_string(driver) + "o" + std::to_string(told) + (pump_runs ? "p" : "");
    return state;
  }
};

TEST(DriverRoleTest, HoldsItsInvariantsInEveryInterleaving) {
  Interleavings all;
  std::set<std::string> seen{all.replay({})};
  std::vector<std::vector<std::size_t>> frontier{{}};
  while (!frontier.empty() && !testing::Test::HasFailure()) {
    std::vector<std::vector<std::size_t>> next;
    for (const auto& path : frontier) {
      for (std::size_t step = 0; step < Interleavings::kSteps; ++step) {
        std::vector<std::size_t> longer = path;
        longer.push_back(step);
        const std::string state = all.replay(longer);
        if (!state.empty() && seen.insert(state).second) next.push_back(std::move(longer));
      }
    }
    frontier = std::move(next);
  }
  EXPECT_GT(seen.size(), 500U);
}

}  // namespace
}  // namespace okhttp::internal

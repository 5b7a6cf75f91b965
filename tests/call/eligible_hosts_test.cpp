#include "call/eligible_hosts.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <map>
#include <memory>
#include <vector>

#include "support/seeded_random.hpp"

namespace okhttp::internal {
namespace {

TEST(EligibleHostsTest, TheFirstIsAlwaysTheOneThatHasWaitedLongest) {
  constexpr std::size_t kHosts = 40;
  SeededRandom random(1);
  std::vector<DispatchHost> hosts(kHosts);
  std::deque<DispatchEntry> entries;
  EligibleHosts eligible;
  eligible.reserve(kHosts);
  std::map<std::uint64_t, DispatchHost*> expected;  // by the sequence of their first call

  for (int step = 0; step < 20'000; ++step) {
    DispatchHost& host = hosts[random.below(kHosts)];
    if (!host.ready.empty()) expected.erase(host.ready.front()->sequence);
    if (host.ready.empty() || random.one_in(3)) {
      entries.emplace_back().sequence = static_cast<std::uint64_t>(step);
      host.ready.push_back(entries.back());
    } else {
      host.ready.pop_front();
    }
    const bool is_eligible = !host.ready.empty() && !random.one_in(4);
    if (is_eligible) expected.emplace(host.ready.front()->sequence, &host);
    eligible.update(host, is_eligible);

    ASSERT_EQ(eligible.empty(), expected.empty()) << "step " << step;
    if (expected.empty()) continue;
    ASSERT_EQ(&eligible.first(), expected.begin()->second) << "step " << step;
  }
  ASSERT_GT(expected.size(), 5U) << "too few hosts to say anything";
}

TEST(EligibleHostsTest, HostsTakenOutAnywhereLeaveTheOthersInOrder) {
  constexpr std::size_t kHosts = 40;
  SeededRandom random(2);
  for (int round = 0; round < 200; ++round) {
    std::vector<DispatchHost> hosts(kHosts);
    std::deque<DispatchEntry> entries(kHosts);
    EligibleHosts eligible;
    eligible.reserve(kHosts);
    std::map<std::uint64_t, DispatchHost*> expected;
    for (std::size_t i = 0; i < kHosts; ++i) {
      entries[i].sequence = random.next();
      hosts[i].ready.push_back(entries[i]);
      eligible.update(hosts[i], true);
      expected.emplace(entries[i].sequence, &hosts[i]);
    }
    for (std::size_t i = 0; i < kHosts; i += 1 + random.below(3)) {
      eligible.update(hosts[i], false);
      expected.erase(entries[i].sequence);
    }
    for (const auto& [sequence, host] : expected) {
      ASSERT_FALSE(eligible.empty());
      ASSERT_EQ(&eligible.first(), host) << "round " << round;
      eligible.update(*host, false);
    }
    ASSERT_TRUE(eligible.empty());
  }
}

}  // namespace
}  // namespace okhttp::internal

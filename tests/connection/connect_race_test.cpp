#include "connection/connect_race.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace okhttp::internal {
namespace {

using namespace std::chrono_literals;
using Log = std::vector<std::string>;

/// How an attempt goes: TCP after so long, or never; then TLS.
struct Script {
  enum class End : std::uint8_t { connects, fails, tls_fails };
  End end = End::connects;
  std::optional<std::chrono::milliseconds> after;  // nothing: it is never answered
};
Script connects(std::chrono::milliseconds after) { return {Script::End::connects, after}; }
Script fails(std::chrono::milliseconds after) { return {Script::End::fails, after}; }
Script fails_at_tls(std::chrono::milliseconds after) { return {Script::End::tls_fails, after}; }
Script black_hole() { return {Script::End::connects, std::nullopt}; }

/// Plays a race whose attempts go as the scripts say, under a clock of its own, and writes down what happens. TLS takes
/// no time.
Log play(std::vector<Script> scripts) {
  struct Event {
    ConnectRace::Attempt attempt;
    std::size_t script;
  };
  const TimePoint begin(1h);
  TimePoint now = begin;
  Log log;
  const auto note = [&](const std::string& what) { log.push_back(std::to_string((now - begin) / 1ms) + " " + what); };
  ConnectRace race;
  std::vector<std::size_t> waiting;  // scripts, the next one first
  for (std::size_t i = 0; i < scripts.size(); ++i) waiting.push_back(i);
  std::map<ConnectRace::Attempt, std::size_t> running;
  std::multimap<TimePoint, Event> events;
  for (;;) {
    switch (race.next(now, !waiting.empty())) {
      case ConnectRace::Move::start: {
        const std::size_t script = waiting.front();
        waiting.erase(waiting.begin());
        const ConnectRace::Attempt attempt = race.start(now);
        note("start " + std::to_string(script));
        running[attempt] = script;
        if (scripts[script].after) events.emplace(now + *scripts[script].after, Event{attempt, script});
        continue;
      }
      case ConnectRace::Move::give_up:
        note("give up");
        return log;
      case ConnectRace::Move::wait:
        break;
    }
    while (!events.empty() && !running.contains(events.begin()->second.attempt)) events.erase(events.begin());
    const TimePoint next_start = waiting.empty() ? kNever : race.next_start();
    if (events.empty() || events.begin()->first > next_start) {
      if (next_start == kNever) {
        log.emplace_back("hangs");
        return log;
      }
      now = next_start;
      continue;
    }
    now = events.begin()->first;
    const Event event = events.begin()->second;
    events.erase(events.begin());
    running.erase(event.attempt);
    const std::string name = std::to_string(event.script);
    if (scripts[event.script].end == Script::End::fails) {
      race.fail(event.attempt);
      note(name + " failed");
      continue;
    }
    note(name + " connected");
    std::vector<std::size_t> losers;
    for (const ConnectRace::Attempt loser : race.win(event.attempt)) {
      note("cancel " + std::to_string(running.at(loser)));
      losers.push_back(running.at(loser));
      running.erase(loser);
    }
    waiting.insert(waiting.begin(), losers.begin(), losers.end());
    if (scripts[event.script].end == Script::End::connects) {
      note(name + " found");
      return log;
    }
    race.fail_winner();
    note(name + " TLS failed");
  }
}

TEST(ConnectRaceTest, TheFirstOfOneIsTaken) {
  EXPECT_EQ(play({connects(40ms)}), (Log{"0 start 0", "40 0 connected", "40 0 found"}));
}

TEST(ConnectRaceTest, AFastFirstAttemptIsTheOnlyOne) {
  EXPECT_EQ(play({connects(249ms), connects(0ms)}), (Log{"0 start 0", "249 0 connected", "249 0 found"}));
}

TEST(ConnectRaceTest, AnotherAttemptBeginsEach250Ms) {
  EXPECT_EQ(play({black_hole(), black_hole(), black_hole(), connects(30ms)}),
            (Log{"0 start 0", "250 start 1", "500 start 2", "750 start 3", "780 3 connected", "780 cancel 0",
                 "780 cancel 1", "780 cancel 2", "780 3 found"}));
}

TEST(ConnectRaceTest, TheNextAttemptBeginsAtOnceWhenOneFails) {
  EXPECT_EQ(
      play({fails(10ms), fails(20ms), connects(5ms)}),
      (Log{"0 start 0", "10 0 failed", "10 start 1", "30 1 failed", "30 start 2", "35 2 connected", "35 2 found"}));
}

TEST(ConnectRaceTest, AFailureStartsTheNextWhileOthersRun) {
  EXPECT_EQ(play({connects(400ms), fails(20ms), black_hole(), connects(500ms)}),
            (Log{"0 start 0", "250 start 1", "270 1 failed", "270 start 2", "400 0 connected", "400 cancel 2",
                 "400 0 found"}));
}

TEST(ConnectRaceTest, TheDelayIsCountedFromTheLastStart) {
  EXPECT_EQ(play({fails(100ms), black_hole(), connects(1ms)}),
            (Log{"0 start 0", "100 0 failed", "100 start 1", "350 start 2", "351 2 connected", "351 cancel 1",
                 "351 2 found"}));
}

TEST(ConnectRaceTest, AnEarlierAttemptMayStillWin) {
  EXPECT_EQ(play({connects(260ms), connects(20ms)}),
            (Log{"0 start 0", "250 start 1", "260 0 connected", "260 cancel 1", "260 0 found"}));
}

TEST(ConnectRaceTest, TheRaceGoesOnWithTheLosersWhenTheWinnersTlsFails) {
  EXPECT_EQ(play({connects(300ms), fails_at_tls(10ms), connects(1ms)}),
            (Log{"0 start 0", "250 start 1", "260 1 connected", "260 cancel 0", "260 1 TLS failed", "260 start 0",
                 "510 start 2", "511 2 connected", "511 cancel 0", "511 2 found"}));
}

TEST(ConnectRaceTest, GivesUpWhenAllHaveFailed) {
  EXPECT_EQ(play({fails(0ms), fails_at_tls(5ms), fails(1ms)}),
            (Log{"0 start 0", "0 0 failed", "0 start 1", "5 1 connected", "5 1 TLS failed", "5 start 2", "6 2 failed",
                 "6 give up"}));
  EXPECT_EQ(play({}), Log{"0 give up"});
}

TEST(ConnectRaceTest, WaitsForTheLastOnesWhenNoneIsLeftToStart) {
  EXPECT_EQ(play({black_hole(), fails(2'000ms)}), (Log{"0 start 0", "250 start 1", "2250 1 failed", "hangs"}))
      << "what ends it is the attempt's own deadline";
}

}  // namespace
}  // namespace okhttp::internal

// The pool with connections that carry many exchanges at once, and with calls that wait for one.

#include <okhttp/okhttp.hpp>

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "connection/connection_store.hpp"
#include "support/fake_connection_codec.hpp"
#include "support/manual_engine.hpp"
#include "support/seeded_random.hpp"

namespace okhttp::internal {
namespace {

using namespace std::chrono_literals;
using Outcome = WaitingCall::Outcome;

class SharedConnectionTest : public testing::Test {
 protected:
  void make_store(std::size_t max_idle = 5) {
    store_ = std::make_shared<ConnectionStore>(max_idle, 5min);
    address_.emplace(address_of("http://a.example/"));
  }
  Address address_of(const std::string& url) {
    const auto identity =
        store_->addresses().intern(ConnectionIdentity(Dns::system(), {Protocol::h2_prior_knowledge}, TlsConfig()));
    return store_->addresses().find(Url::parse(url), identity);
  }

  std::shared_ptr<Connection> add(std::size_t max = 100) {
    codec_ = std::make_shared<FakeConnectionCodec>();
    codec_->max = max;
    return add(codec_);
  }
  std::shared_ptr<Connection> add(std::shared_ptr<ConnectionCodec> codec) {
    const Route route(*address_, Endpoint(IpAddress::v4({192, 0, 2, 1}), 80));
    auto connection = std::make_shared<Connection>(route, std::move(codec), nullptr);
    store_->add(connection, engine_.time);
    return connection;
  }
  std::shared_ptr<Connection> add_http_1() {
    return add(std::make_shared<Http1ConnectionCodec>(MemorySocket::make_pair().first, "a.example:80"));
  }
  void release(std::shared_ptr<Connection> connection) { store_->release(std::move(connection), engine_.time); }
  std::shared_ptr<Connection> acquire(bool look_always = false) {
    return store_->acquire(*address_, engine_, look_always);
  }
  std::unique_ptr<WaitingCall> in_line(std::size_t max_connections = 1) {
    auto call = std::make_unique<WaitingCall>(*address_, max_connections);
    (void)store_->stand_in_line(*call);
    return call;
  }
  /// Takes what a call was given.
  Outcome outcome(WaitingCall& call) {
    const Outcome given = call.take_outcome();
    EXPECT_EQ(call.served()->is_set(), given != Outcome::none);
    return given;
  }

  ManualEngine engine_;
  std::shared_ptr<ConnectionStore> store_;
  std::optional<Address> address_;
  std::shared_ptr<FakeConnectionCodec> codec_;  // of the connection made last
};

TEST_F(SharedConnectionTest, IsSharedAtOnce) {
  make_store();
  const auto connection = add();
  EXPECT_EQ(acquire(), connection);
  EXPECT_EQ(acquire(), connection);
  EXPECT_EQ(store_->connection_count(), 1U);
  EXPECT_EQ(store_->idle_connection_count(), 0U);
  for (int i = 0; i < 3; ++i) release(connection);
  EXPECT_EQ(store_->idle_connection_count(), 1U);
}

TEST_F(SharedConnectionTest, IsNotForAnotherAddress) {
  make_store();
  const auto connection = add();
  EXPECT_EQ(store_->acquire(address_of("http://b.example/"), engine_, false), nullptr);
  release(connection);
}

TEST_F(SharedConnectionTest, AConnectionInUseIsTakenBeforeAnIdleOne) {
  make_store();
  const auto in_use = add();
  release(add());
  EXPECT_EQ(acquire(), in_use);
  release(in_use);
  release(in_use);
}

TEST_F(SharedConnectionTest, TheMostRecentlyUsedOfSeveralIsTaken) {
  make_store();
  const auto first = add();
  const auto second = add();
  EXPECT_EQ(acquire(), second);
  static_cast<FakeConnectionCodec&>(second->codec()).max = 1;
  EXPECT_EQ(acquire(), first);
  static_cast<FakeConnectionCodec&>(second->codec()).max = 100;
  EXPECT_EQ(acquire(), first) << "it was used last";
  for (int i = 0; i < 3; ++i) release(first);
  release(second);
  release(second);
}

TEST_F(SharedConnectionTest, TakesAsManyExchangesAsThePeerAllows) {
  make_store();
  const auto connection = add(2);
  EXPECT_EQ(acquire(), connection);
  EXPECT_EQ(acquire(), nullptr);
  codec_->max = 3;
  EXPECT_EQ(acquire(), connection);
  codec_->max = 0;
  for (int i = 0; i < 3; ++i) release(connection);
  EXPECT_EQ(store_->idle_connection_count(), 1U);
  EXPECT_EQ(acquire(), nullptr) << "an idle one has no room either";
}

TEST_F(SharedConnectionTest, ARetiredOneTakesNoneAndClosesWithItsLastExchange) {
  make_store();
  for (const bool by_peer : {false, true}) {
    auto connection = add();
    EXPECT_EQ(acquire(), connection);
    const std::weak_ptr<Connection> weak = connection;
    if (by_peer) {
      codec_->over = true;
    } else {
      connection->retire();
    }
    EXPECT_EQ(acquire(), nullptr);
    release(connection);
    EXPECT_EQ(store_->connection_count(), 1U);
    release(std::move(connection));
    EXPECT_EQ(store_->connection_count(), 0U);
    EXPECT_TRUE(weak.expired());
  }
}

TEST_F(SharedConnectionTest, EvictingEndsItWithItsLastExchange) {
  make_store();
  auto connection = add();
  EXPECT_EQ(acquire(), connection);
  store_->evict_all();
  EXPECT_EQ(acquire(), nullptr) << "else its last exchange might never come";
  release(connection);
  EXPECT_EQ(store_->connection_count(), 1U);
  release(std::move(connection));
  EXPECT_EQ(store_->connection_count(), 0U);
}

TEST_F(SharedConnectionTest, AnIdleOneIsLookedAtAfterASecond) {
  make_store();
  const auto good = add();
  const auto dead = add();
  codec_->looks_good = false;
  release(good);
  release(dead);
  engine_.time += 999ms;
  EXPECT_EQ(acquire(), dead) << "trusted";
  release(dead);
  engine_.time += 1s;
  EXPECT_EQ(acquire(), good) << "the search goes on behind the dead one";
  EXPECT_EQ(store_->connection_count(), 1U);
  release(good);
}

TEST_F(SharedConnectionTest, OneInUseIsLookedAtOnlyWhenNobodyReads) {
  make_store();
  const auto connection = add();
  EXPECT_EQ(acquire(true), connection);
  EXPECT_EQ(codec_->looks, 1U);
  codec_->unattended = false;
  engine_.time += 5s;
  EXPECT_EQ(acquire(true), connection);
  EXPECT_EQ(codec_->looks, 1U) << "whoever reads sees its end";
  codec_->unattended = true;
  codec_->looks_good = false;
  EXPECT_EQ(acquire(), nullptr);
  for (int i = 0; i < 3; ++i) release(connection);
  EXPECT_EQ(store_->connection_count(), 0U);
}

TEST_F(SharedConnectionTest, TheCloserDropsAnIdleOneThatIsOver) {
  make_store();
  release(add());
  codec_->over = true;
  codec_->tell_change();
  (void)store_->tidy(engine_);
  EXPECT_EQ(store_->connection_count(), 0U);
}

TEST_F(SharedConnectionTest, TheCloserComesWhileOneIsInUse) {
  make_store();
  const auto connection = add();
  EXPECT_LE(store_->tidy(engine_), engine_.time + 1s);
  release(connection);
  store_->evict_all();
  EXPECT_EQ(store_->tidy(engine_), kNever);
}

TEST_F(SharedConnectionTest, TheFirstInLineConnectsAndTheOthersWaitForIt) {
  make_store();
  const auto first = in_line();
  EXPECT_EQ(outcome(*first), Outcome::turn);
  EXPECT_FALSE(first->adds_to_others());
  const auto second = in_line();
  const auto third = in_line();
  EXPECT_EQ(outcome(*second), Outcome::none);
  EXPECT_EQ(store_->waiting_call_count(), 2U);
  const auto connection = add();
  store_->end_turn(*address_, false);
  EXPECT_EQ(outcome(*second), Outcome::connection);
  EXPECT_EQ(second->take_connection(), connection);
  EXPECT_EQ(outcome(*third), Outcome::connection);
  EXPECT_EQ(third->take_connection(), connection);
  for (int i = 0; i < 3; ++i) release(connection);
  EXPECT_EQ(store_->idle_connection_count(), 1U);
}

TEST_F(SharedConnectionTest, AfterAFailedAttemptTheNextInLineConnects) {
  make_store();
  const auto first = in_line();
  const auto second = in_line();
  const auto third = in_line();
  EXPECT_EQ(outcome(*first), Outcome::turn);
  store_->end_turn(*address_, false);
  EXPECT_EQ(outcome(*second), Outcome::turn);
  EXPECT_EQ(outcome(*third), Outcome::none);
  store_->leave_line(*third, engine_.time);
  store_->end_turn(*address_, false);
  EXPECT_EQ(store_->waiting_call_count(), 0U);
}

TEST_F(SharedConnectionTest, WhereHttp1IsSpokenNobodyWaitsAnyMore) {
  make_store();
  const auto first = in_line();
  const auto second = in_line();
  EXPECT_EQ(outcome(*first), Outcome::turn);
  const auto plain = add_http_1();
  store_->end_turn(*address_, false);
  EXPECT_EQ(outcome(*second), Outcome::on_its_own);
  const auto later = in_line();
  EXPECT_EQ(later->take_outcome(), Outcome::on_its_own);
  EXPECT_EQ(in_line()->take_outcome(), Outcome::on_its_own);
  const auto upgraded = add();
  const auto full = std::make_unique<WaitingCall>(*address_, 1);
  EXPECT_TRUE(store_->stand_in_line(*full));
  EXPECT_EQ(full->take_outcome(), Outcome::connection) << "the server has learnt it meanwhile";
  release(full->take_connection());
  release(upgraded);
  release(plain);
}

TEST_F(SharedConnectionTest, ACallThatIsOnItsOwnNeitherWaitsNorHasOthersWait) {
  make_store();
  const auto first = in_line();
  const auto second = in_line();
  EXPECT_TRUE(store_->lose_patience(*second));
  EXPECT_EQ(second->take_outcome(), Outcome::on_its_own);
  EXPECT_EQ(store_->waiting_call_count(), 0U);
  EXPECT_EQ(outcome(*first), Outcome::turn);
  store_->end_turn(*address_, false);
}

TEST_F(SharedConnectionTest, PatienceIsNoWayAroundTheMaximum) {
  make_store();
  const auto connection = add(1);
  const auto call = in_line();
  EXPECT_FALSE(store_->lose_patience(*call));
  release(connection);
  EXPECT_TRUE(store_->lose_patience(*call)) << "it was served meanwhile";
  EXPECT_EQ(outcome(*call), Outcome::connection);
  release(call->take_connection());
}

TEST_F(SharedConnectionTest, AFurtherConnectionIsMadeUpToTheMaximumOnly) {
  make_store();
  const auto connection = add(1);
  const auto second = in_line(2);
  EXPECT_EQ(outcome(*second), Outcome::turn);
  EXPECT_TRUE(second->adds_to_others());
  const auto other = add(1);
  store_->end_turn(*address_, false);
  const auto third = in_line(2);
  EXPECT_EQ(outcome(*third), Outcome::none);
  other->retire();
  release(other);
  EXPECT_EQ(outcome(*third), Outcome::turn) << "one died, so there is room for another";
  store_->end_turn(*address_, false);
  release(connection);
}

TEST_F(SharedConnectionTest, RoomGoesToTheFirstInLineAndNobodyOvertakes) {
  make_store();
  const auto connection = add(1);
  const auto first = in_line();
  const auto second = in_line();
  release(connection);
  EXPECT_EQ(acquire(), nullptr);
  EXPECT_EQ(outcome(*first), Outcome::connection);
  EXPECT_EQ(outcome(*second), Outcome::none);
  release(first->take_connection());
  EXPECT_EQ(outcome(*second), Outcome::connection);
  release(second->take_connection());
  EXPECT_EQ(acquire(), connection);
  release(connection);
}

TEST_F(SharedConnectionTest, ARaisedLimitServesTheLine) {
  make_store();
  const auto connection = add(1);
  const auto first = in_line();
  const auto second = in_line();
  codec_->max = 2;
  codec_->tell_change();
  EXPECT_EQ(outcome(*first), Outcome::connection);
  EXPECT_EQ(outcome(*second), Outcome::none);
  codec_->over = true;
  codec_->tell_change();
  EXPECT_EQ(outcome(*second), Outcome::turn) << "that connection takes no more";
  store_->end_turn(*address_, false);
  release(first->take_connection());
  release(connection);
}

TEST_F(SharedConnectionTest, AnEvictionServesTheLine) {
  make_store();
  const auto connection = add(1);
  const auto call = in_line();
  store_->evict_all();
  EXPECT_EQ(outcome(*call), Outcome::turn);
  store_->end_turn(*address_, false);
  release(connection);
}

TEST_F(SharedConnectionTest, WhatACallDidNotTakeGoesToTheNext) {
  make_store();
  const auto connection = add(1);
  const auto first = in_line();
  const auto second = in_line();
  release(connection);
  store_->leave_line(*first, engine_.time);  // canceled, just as it was served
  EXPECT_EQ(outcome(*second), Outcome::connection);
  release(second->take_connection());
  connection->retire();
  store_->evict_all();
  const auto third = in_line();
  const auto fourth = in_line();
  store_->leave_line(*third, engine_.time);
  EXPECT_EQ(outcome(*fourth), Outcome::turn);
  store_->end_turn(*address_, false);
}

TEST_F(SharedConnectionTest, WithoutIdleConnectionsTheLineIsStillServed) {
  make_store(0);
  const auto connection = add(1);
  const auto call = in_line();
  release(connection);
  EXPECT_EQ(outcome(*call), Outcome::connection);
  release(call->take_connection());
  EXPECT_EQ(store_->connection_count(), 0U);
}

TEST_F(SharedConnectionTest, ThoseInLineGoOnWhenThereIsNothingToShare) {
  make_store();
  const auto first = in_line();
  const auto second = in_line();
  const auto third = in_line();
  EXPECT_EQ(outcome(*first), Outcome::turn);
  store_->end_turn(*address_, true);
  EXPECT_EQ(outcome(*second), Outcome::on_its_own);
  EXPECT_EQ(outcome(*third), Outcome::on_its_own);
}

TEST_F(SharedConnectionTest, RefusalsAreForgivenWhenTheLimitCameTooLate) {
  make_store();
  const auto connection = add();
  EXPECT_EQ(acquire(), connection);
  EXPECT_EQ(acquire(), connection);
  EXPECT_FALSE(store_->forgives_refusal(*connection));
  codec_->max = 1;
  codec_->tell_change();
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(store_->forgives_refusal(*connection)) << "one for each that had begun";
    release(connection);
  }
  EXPECT_FALSE(store_->forgives_refusal(*connection));
}

TEST_F(SharedConnectionTest, NothingIsLostUnderAnySchedule) {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    SeededRandom random(seed);
    make_store(random.below(3));
    constexpr std::size_t kMaxConnections = 3;
    std::vector<std::shared_ptr<FakeConnectionCodec>> codecs;
    std::vector<std::shared_ptr<Connection>> held;
    std::vector<std::unique_ptr<WaitingCall>> waiting;
    std::size_t turns = 0;
    const auto collect = [&] {
      std::erase_if(waiting, [&](const auto& call) {
        switch (call->take_outcome()) {
          case Outcome::none:
            return false;
          case Outcome::connection:
            held.push_back(call->take_connection());
            return true;
          case Outcome::turn:
            ++turns;
            return true;
          default:
            ADD_FAILURE() << "seed " << seed << ": on its own";
            return true;
        }
      });
    };
    for (int step = 0; step < 200; ++step) {
      engine_.time += std::chrono::milliseconds(random.below(400));
      switch (random.below(9)) {
        case 0:
        case 1:
        case 2:
          if (auto taken = acquire()) {
            held.push_back(std::move(taken));
          } else {
            waiting.push_back(in_line(kMaxConnections));
          }
          break;
        case 3:
        case 4:
          if (!held.empty()) {
            std::swap(held[random.below(held.size())], held.back());
            if (random.one_in(6)) held.back()->retire();
            release(std::move(held.back()));
            held.pop_back();
          }
          break;
        case 5:
          if (turns > 0) {
            if (!random.one_in(3)) {
              held.push_back(add(random.between(0, 3)));
              codecs.push_back(codec_);
            }
            store_->end_turn(*address_, false);
            --turns;
          }
          break;
        case 6:
          if (!codecs.empty()) {
            FakeConnectionCodec& codec = *codecs[random.below(codecs.size())];
            codec.max = random.below(4);
            if (random.one_in(5)) codec.over = true;
            codec.tell_change();
          }
          break;
        case 7:
          if (!waiting.empty() && random.one_in(2)) {
            store_->leave_line(*waiting.back(), engine_.time);
            waiting.pop_back();
          }
          (void)store_->tidy(engine_);
          break;
        default:
          if (random.one_in(10)) store_->evict_all();
      }
      collect();
      ASSERT_LE(turns, 1U) << "seed " << seed;
      ASSERT_EQ(store_->waiting_call_count(), waiting.size()) << "seed " << seed;
      if (waiting.empty()) continue;
      ASSERT_EQ(acquire(), nullptr) << "seed " << seed << ": somebody waits for nothing";
    }
    for (const auto& call : waiting) store_->leave_line(*call, engine_.time);
    if (turns > 0) store_->end_turn(*address_, false);
    while (!held.empty()) {
      release(std::move(held.back()));
      held.pop_back();
    }
    EXPECT_EQ(store_->connection_count(), store_->idle_connection_count()) << "seed " << seed;
    store_->evict_all();
    EXPECT_EQ(store_->connection_count(), 0U) << "seed " << seed;
    codec_ = nullptr;
    for (const auto& codec : codecs) EXPECT_EQ(codec.use_count(), 1) << "seed " << seed;
    if (HasFailure()) return;
  }
}

}  // namespace
}  // namespace okhttp::internal

// The number of connections to one address, where it is limited: who waits, and who is next.

#include <okhttp/mockwebserver/mock_web_server.hpp>
#include <okhttp/okhttp.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "call/client_core.hpp"
#include "connection/connection_store.hpp"
#include "support/event_log.hpp"
#include "support/fake_connection_codec.hpp"
#include "support/fronts.hpp"
#include "support/manual_engine.hpp"
#include "support/protocols.hpp"
#include "support/scale.hpp"
#include "support/seeded_random.hpp"

namespace okhttp::internal {
namespace {

using namespace std::chrono_literals;
using Outcome = WaitingCall::Outcome;

class ConnectionLimit : public testing::Test {
 protected:
  static constexpr std::size_t kMaxShared = 4;

  std::shared_ptr<Connection> add(std::shared_ptr<ConnectionCodec> codec) {
    const Route route(address_, Endpoint(IpAddress::v4({192, 0, 2, 1}), 80));
    auto connection = std::make_shared<Connection>(route, std::move(codec), nullptr);
    store_->add(connection, engine_.time);
    return connection;
  }
  std::shared_ptr<Connection> add_http_1() {
    return add(std::make_shared<Http1ConnectionCodec>(MemorySocket::make_pair().first, "a.example:80"));
  }
  std::shared_ptr<Connection> add_shared(std::size_t max) {
    codec_ = std::make_shared<FakeConnectionCodec>();
    codec_->max = max;
    return add(codec_);
  }
  void release(std::shared_ptr<Connection> connection) { store_->release(std::move(connection), engine_.time); }
  void close(std::shared_ptr<Connection> connection) {
    connection->retire();
    release(std::move(connection));
  }

  WaitingCall& in_line(std::size_t limit, bool may_share) {
    calls_.push_back(std::make_unique<WaitingCall>(address_, kMaxShared, limit, may_share));
    (void)store_->stand_in_line(*calls_.back());
    return *calls_.back();
  }
  WaitingCall& http_1_in_line(std::size_t limit = 1) { return in_line(limit, false); }
  WaitingCall& http_2_in_line(std::size_t limit = 1) { return in_line(limit, true); }
  void leave(WaitingCall& call) { store_->leave_line(call, engine_.time); }
  static bool waits(const WaitingCall& call) { return !call.served()->is_set(); }

  /// A call that was let go connects.
  std::shared_ptr<Connection> connect_http_1(WaitingCall& call) {
    EXPECT_EQ(call.take_outcome(), Outcome::on_its_own);
    EXPECT_TRUE(call.take_slot());
    auto connection = add_http_1();
    store_->end_slot(address_);
    return connection;
  }

  ManualEngine engine_;
  std::shared_ptr<ConnectionStore> store_ = std::make_shared<ConnectionStore>(5, 5min);
  const Address address_ = store_->addresses().find(
      Url::parse("http://a.example/"),
      store_->addresses().intern(ConnectionIdentity(Dns::system(), {Protocol::h2_prior_knowledge}, TlsConfig())));
  std::shared_ptr<FakeConnectionCodec> codec_;  // of the shared connection made last
  std::vector<std::unique_ptr<WaitingCall>> calls_;
};

TEST_F(ConnectionLimit, AReleasedConnectionGoesToTheFirstWhoWaits) {
  const auto connection = connect_http_1(http_1_in_line());
  WaitingCall& second = http_1_in_line();
  WaitingCall& third = http_1_in_line();
  EXPECT_TRUE(waits(second));
  release(connection);
  EXPECT_EQ(second.take_outcome(), Outcome::connection);
  EXPECT_EQ(second.take_connection(), connection);
  EXPECT_TRUE(waits(third));
  EXPECT_EQ(store_->acquire(address_, engine_, false), nullptr) << "nobody overtakes";
  release(connection);
  EXPECT_EQ(third.take_outcome(), Outcome::connection);
  EXPECT_FALSE(third.take_slot());
  release(third.take_connection());
  EXPECT_EQ(store_->idle_connection_count(), 1U);
  EXPECT_EQ(store_->waiting_call_count(), 0U);
}

TEST_F(ConnectionLimit, AClosedConnectionLetsTheFirstWhoWaitsConnect) {
  auto connection = connect_http_1(http_1_in_line());
  WaitingCall& second = http_1_in_line();
  WaitingCall& third = http_1_in_line();
  close(std::move(connection));
  EXPECT_FALSE(waits(second));
  EXPECT_TRUE(waits(third));
  close(connect_http_1(second));
  close(connect_http_1(third));
  EXPECT_EQ(store_->connection_count(), 0U);
}

TEST_F(ConnectionLimit, AsManyConnectAtOnceAsThereMayBe) {
  WaitingCall* calls[5];
  for (WaitingCall*& call : calls) call = &http_1_in_line(3);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(waits(*calls[i]), i >= 3) << i;
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(calls[i]->take_slot());
  store_->end_slot(address_);  // the attempt of one came to nothing
  EXPECT_FALSE(waits(*calls[3]));
  EXPECT_TRUE(waits(*calls[4]));
  for (int i = 0; i < 2; ++i) store_->end_slot(address_);
  for (int i = 3; i < 5; ++i) leave(*calls[i]);
  EXPECT_EQ(store_->waiting_call_count(), 0U);
  EXPECT_FALSE(waits(http_1_in_line(1))) << "every slot has come back";
}

TEST_F(ConnectionLimit, WhatIsGivenToACallThatEndsGoesOnToTheNext) {
  const auto connection = connect_http_1(http_1_in_line());
  WaitingCall& second = http_1_in_line();
  WaitingCall& third = http_1_in_line();
  WaitingCall& fourth = http_1_in_line();
  WaitingCall& fifth = http_1_in_line();
  release(connection);
  EXPECT_FALSE(waits(second));
  leave(second);  // canceled before it went on
  EXPECT_EQ(third.take_outcome(), Outcome::connection);
  close(third.take_connection());
  EXPECT_FALSE(waits(fourth));
  leave(fourth);  // with the slot that it was given
  close(connect_http_1(fifth));
  EXPECT_FALSE(waits(http_1_in_line())) << "nothing was lost";
}

TEST_F(ConnectionLimit, ACallThatLeavesTheLineIsPassedOver) {
  const auto connection = connect_http_1(http_1_in_line());
  WaitingCall& second = http_1_in_line();
  WaitingCall& third = http_1_in_line();
  leave(second);
  release(connection);
  EXPECT_EQ(third.take_outcome(), Outcome::connection);
  release(third.take_connection());
}

TEST_F(ConnectionLimit, AConnectionThatManyShareCountsAsOne) {
  WaitingCall& first = http_2_in_line();
  EXPECT_EQ(first.take_outcome(), Outcome::turn);
  EXPECT_TRUE(first.take_slot());
  WaitingCall& second = http_2_in_line();
  WaitingCall& third = http_2_in_line();
  const auto connection = add_shared(2);
  store_->end_slot(address_);
  store_->end_turn(address_, false);
  EXPECT_EQ(second.take_outcome(), Outcome::connection);
  EXPECT_TRUE(waits(third)) << "HTTP/2 alone would let it open a further one";
  release(connection);
  EXPECT_EQ(third.take_outcome(), Outcome::connection);
}

TEST_F(ConnectionLimit, ASharedConnectionThatIsGivenUpCountsUntilItIsClosed) {
  WaitingCall& first = http_2_in_line();
  EXPECT_TRUE(first.take_slot());
  EXPECT_EQ(first.take_outcome(), Outcome::turn);
  auto connection = add_shared(100);
  store_->end_slot(address_);
  store_->end_turn(address_, false);
  codec_->over = true;
  WaitingCall& second = http_2_in_line();
  EXPECT_TRUE(waits(second));
  release(std::move(connection));
  EXPECT_EQ(second.take_outcome(), Outcome::turn);
}

TEST_F(ConnectionLimit, AConnectionIsClosedBeforeTheNextCallHearsThatItMayConnect) {
  for (const bool is_idle : {false, true}) {
    const WaitingCall* next = nullptr;
    bool was_told = true;
    const auto end = [&](FakeConnectionCodec* codec) {
      was_told = next == nullptr || !waits(*next);
      delete codec;
    };
    WaitingCall& first = http_2_in_line();
    EXPECT_TRUE(first.take_slot());
    EXPECT_EQ(first.take_outcome(), Outcome::turn);
    std::shared_ptr<FakeConnectionCodec> codec(new FakeConnectionCodec, end);
    FakeConnectionCodec& told = *codec;
    auto connection = add(std::move(codec));
    store_->end_slot(address_);
    store_->end_turn(address_, false);
    if (is_idle) release(std::exchange(connection, nullptr));
    told.max = 0;
    WaitingCall& second = http_2_in_line();
    EXPECT_TRUE(waits(second));
    next = &second;
    if (is_idle) {
      store_->evict_all();
    } else {
      close(std::move(connection));
    }
    EXPECT_FALSE(was_told);
    EXPECT_FALSE(waits(second));
    leave(second);
  }
}

TEST_F(ConnectionLimit, IdleConnectionsThatTakeNoneCountUntilTheyAreEvicted) {
  (void)http_2_in_line().take_slot();
  auto connection = add_shared(100);
  store_->end_slot(address_);
  store_->end_turn(address_, false);
  release(std::move(connection));
  codec_->max = 0;
  WaitingCall& second = http_2_in_line();
  EXPECT_TRUE(waits(second));
  store_->evict_all();
  EXPECT_EQ(second.take_outcome(), Outcome::turn);
  EXPECT_TRUE(second.take_slot());
}

TEST_F(ConnectionLimit, WhereHttp1TurnsOutToBeSpokenTheOthersConnectAsFarAsTheyMay) {
  WaitingCall& first = http_2_in_line(2);
  WaitingCall& second = http_2_in_line(2);
  WaitingCall& third = http_2_in_line(2);
  EXPECT_EQ(first.take_outcome(), Outcome::turn);
  EXPECT_TRUE(first.take_slot());
  EXPECT_TRUE(waits(second));
  const auto connection = add_http_1();
  store_->end_slot(address_);
  store_->end_turn(address_, false);
  EXPECT_EQ(second.take_outcome(), Outcome::on_its_own);
  EXPECT_TRUE(second.take_slot());
  EXPECT_TRUE(waits(third));
  EXPECT_TRUE(waits(http_2_in_line(2))) << "what is known since does not let it overtake";
  release(connection);
  EXPECT_EQ(third.take_outcome(), Outcome::connection);
}

TEST_F(ConnectionLimit, ACallThatLosesPatienceConnectsOnlyWhereThereMayBeOneMore) {
  WaitingCall& first = http_2_in_line(2);
  WaitingCall& second = http_2_in_line(2);
  WaitingCall& third = http_2_in_line(2);
  EXPECT_EQ(first.take_outcome(), Outcome::turn);
  EXPECT_TRUE(first.take_slot());
  EXPECT_TRUE(store_->lose_patience(second));
  EXPECT_EQ(second.take_outcome(), Outcome::on_its_own);
  EXPECT_TRUE(second.take_slot());
  EXPECT_FALSE(store_->lose_patience(third));
  EXPECT_TRUE(waits(third));
  store_->end_slot(address_);
  EXPECT_EQ(third.take_outcome(), Outcome::on_its_own);
}

TEST_F(ConnectionLimit, ACallThatWasGivenADeadConnectionConnectsInItsPlace) {
  const auto connection = connect_http_1(http_1_in_line());
  WaitingCall& second = http_1_in_line();
  WaitingCall& third = http_1_in_line();
  release(connection);
  EXPECT_EQ(second.take_outcome(), Outcome::connection);
  store_->exchange_for_slot(second.take_connection(), engine_.time);
  EXPECT_EQ(store_->connection_count(), 0U);
  EXPECT_TRUE(waits(third));
  store_->end_slot(address_);
  EXPECT_FALSE(waits(third));
}

TEST_F(ConnectionLimit, BindsOnlyTheCallsOfClientsThatHaveOne) {
  const auto connection = connect_http_1(http_1_in_line());
  WaitingCall& limited = http_1_in_line();
  WaitingCall& unlimited = http_2_in_line(0);
  EXPECT_TRUE(waits(limited));
  EXPECT_TRUE(waits(unlimited)) << "it stands behind the other";
  leave(limited);
  EXPECT_EQ(unlimited.take_outcome(), Outcome::turn);
  EXPECT_FALSE(unlimited.take_slot());
}

/// Calls of real clients to a real server.
class LimitedCalls : public ProtocolTest<Front> {
 protected:
  LimitedCalls() {
    // Over HTTP/2 a server that allows one stream at a time makes calls meet the same limit.
    Http2Settings settings;
    settings.max_concurrent_streams = 1;
    server_.set_http2_settings(settings);
    client_ = builder().max_connections_per_host(1).build();
    warm_up();
  }

  /// The limit of streams is known once the server was talked to.
  void warm_up() {
    server_.enqueue(MockResponse("warm"));
    EXPECT_EQ(client_.execute(Request::get(server_.url("/"))).body().string(), "warm");
  }
  [[nodiscard]] Call call() { return client_.new_call(Request::get(server_.url("/"))); }
  /// A response that keeps the one connection until its body is read.
  [[nodiscard]] Response hold() {
    server_.enqueue(MockResponse("held"));
    return client_.execute(Request::get(server_.url("/")));
  }
  void wait_until_waiting(std::size_t count) {
    const auto& store = *PoolAccess::store(client_.connection_pool());
    while (store.waiting_call_count() != count) std::this_thread::yield();
  }
};

INSTANTIATE_TEST_SUITE_P(Protocols, LimitedCalls, over_both_protocols(all_fronts()), ParameterName());

TEST_P(LimitedCalls, WaitUntilTheConnectionIsReleased) {
  const Response first = hold();
  const auto log = std::make_shared<EventLog>();
  client_ = client_.new_builder().event_listener(log).build();
  std::future<Result<Response>> second = start(how(), call());
  wait_until_waiting(1);
  server_.enqueue(MockResponse("second"));
  EXPECT_EQ(first.body().string(), "held");
  EXPECT_EQ(second.get().value().body().string(), "second");
  EXPECT_NE(log->text().find("wait_start wait_end acquired"), std::string::npos) << log->text();
  EXPECT_EQ(server_.connection_count(), 1U);
}

TEST_P(LimitedCalls, WaitUntilTheirDeadline) {
  const Response first = hold();
  const Call late = call();
  late.timeout(30ms);
  EXPECT_EQ(failure_of(start(how(), late)), Errc::timeout);
  EXPECT_EQ(PoolAccess::store(client_.connection_pool())->waiting_call_count(), 0U);
  EXPECT_EQ(first.body().string(), "held");
}

TEST_P(LimitedCalls, WaitUntilTheyAreCanceled) {
  const Response first = hold();
  const Call waiting = call();
  std::future<Result<Response>> outcome = start(how(), waiting);
  wait_until_waiting(1);
  waiting.cancel();
  EXPECT_EQ(failure_of(std::move(outcome)), Errc::canceled);
  EXPECT_EQ(first.body().string(), "held");
}

/// Blocking calls of many threads, canceled or out of time at random.
class LimitedThreads : public ProtocolTest<> {};

INSTANTIATE_TEST_SUITE_P(Protocols, LimitedThreads, both_protocols(), ParameterName());

TEST_P(LimitedThreads, NeverHaveMoreConnectionsThanTheyMayAndLoseNone) {
  constexpr std::size_t kLimit = 2;
  constexpr int kThreads = 6;
  Http2Settings settings;
  settings.max_concurrent_streams = 2;
  server_.set_http2_settings(settings);
  server_.set_dispatcher([closes = !is_http_2()](const RecordedRequest& request) {
    MockResponse::Builder answer;
    answer.body(request.target());
    if (closes && request.target().back() == '7') answer.set_header("Connection", "close");
    return answer.build();
  });
  client_ = builder().max_connections_per_host(kLimit).build();
  const Url url = server_.url("/");
  std::atomic<int> answered{0};
  std::atomic<int> ended{0};
  std::atomic<std::size_t> most{0};
  std::vector<std::thread> threads;
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&, thread] {
      SeededRandom random(static_cast<std::uint64_t>(thread) + 1);
      for (int round = 0; round < 200 / kShrink; ++round) {
        const std::string path = "/" + std::to_string(thread) + "/" + std::to_string(round);
        const Call call = client_.new_call(Request::get(url.resolve(path).value()));
        const bool is_doomed = random.one_in(4);
        if (is_doomed) call.timeout(std::chrono::milliseconds(random.between(1, 3)));
        const Result<Response> result = call.try_execute();
        const std::size_t count = client_.connection_pool().connection_count();
        if (count > most) most = count;
        if (result.has_value()) {
          if (random.one_in(5)) continue;  // dropped unread
          try {
            if (result.value().body().string() == path) ++answered;
          } catch (const Error& error) {
            EXPECT_TRUE(is_doomed) << error.what();
          }
        } else {
          EXPECT_TRUE(is_doomed) << result.error().what();
          EXPECT_EQ(result.error().errc(), Errc::timeout) << result.error().what();
        }
        ++ended;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_GT(answered, 0);
  EXPECT_GT(ended, 0);
  EXPECT_LE(most, kLimit);
  EXPECT_EQ(PoolAccess::store(client_.connection_pool())->waiting_call_count(), 0U);
  // Each place that there is has come back.
  const Response one = client_.execute(Request::get(url));
  const Response two = client_.execute(Request::get(url));
  EXPECT_EQ(one.body().string(), two.body().string());
}

}  // namespace
}  // namespace okhttp::internal

#include "connection/connection_store.hpp"

#include <okhttp/okhttp.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "codec/http1/http1_connection_codec.hpp"
#include "runtime/call_context.hpp"
#include "runtime/calling_thread.hpp"
#include "support/fake_connection_codec.hpp"
#include "support/manual_engine.hpp"
#include "support/memory_stream.hpp"
#include "support/move_to.hpp"
#include "support/no_descriptors.hpp"
#include "support/seeded_random.hpp"

namespace okhttp::internal {
namespace {

using namespace std::chrono_literals;

/// Yields to other threads until `condition` holds; false when it never does.
template <class Condition>
bool eventually(Condition condition) {
  const TimePoint patience = Clock::now() + 20s;
  while (!condition()) {
    if (Clock::now() > patience) return false;
    std::this_thread::yield();
  }
  return true;
}

std::shared_ptr<const ConnectionIdentity> plain_identity(ConnectionStore& store) {
  return store.addresses().intern(ConnectionIdentity(Dns::system(), {Protocol::http_1_1}, TlsConfig()));
}

Address address_in(ConnectionStore& store, const std::string& url) {
  return store.addresses().find(Url::parse(url), plain_identity(store));
}

std::shared_ptr<Connection> connect(ConnectionStore& store, const Address& address, std::unique_ptr<Stream> stream) {
  const Route route(address, Endpoint(IpAddress::v4({192, 0, 2, 1}), address.port()));
  auto codec = std::make_shared<Http1ConnectionCodec>(std::move(stream), address.to_string());
  auto connection = std::make_shared<Connection>(route, std::move(codec), nullptr);
  store.add(connection, Clock::now());
  return connection;
}

/// A store with a clock set by hand and connections in memory.
class ConnectionStoreTest : public testing::Test {
 protected:
  void make_store(std::size_t max_idle = 5, Duration keep_alive = 5min) {
    store_ = std::make_shared<ConnectionStore>(max_idle, keep_alive);
    address_.emplace(address_in(*store_, "http://a.example/"));
  }

  std::shared_ptr<Connection> connect_in_memory() {
    MemorySocket::Ends ends = MemorySocket::make_pair();
    peer_ = std::move(ends.second);
    return connect(*store_, *address_, std::move(ends.first));
  }

  /// Has an exchange on it, answered with these fields.
  void exchange(Connection& connection, const std::string& fields) {
    auto context = std::make_shared<CallContext>(nullptr);
    context->attach(engine_);
    const std::string answer = "HTTP/1.1 200 OK\r\n" + fields + "Content-Length: 0\r\n\r\n";
    const ConstBytes piece = as_bytes(answer);
    ASSERT_TRUE(peer_->try_write(std::span(&piece, 1)).ok());
    ExchangeCodecPtr codec = connection.codec().begin(context);
    codec->write_request_headers(Request::Builder().url("http://a.example/").build());
    engine_.run(codec->finish_request());
    EXPECT_EQ(engine_.run(codec->read_response_head()).code, 200);
    codec.reset();
    EXPECT_FALSE(connection.codec().is_over());
    connection.exchange_completed();
  }

  void release(std::shared_ptr<Connection> connection) { store_->release(std::move(connection), engine_.time); }
  std::shared_ptr<Connection> acquire(bool look_always = false) {
    return store_->acquire(*address_, engine_, look_always);
  }

  ManualEngine engine_;
  std::shared_ptr<ConnectionStore> store_;
  std::optional<Address> address_;
  std::unique_ptr<MemorySocket> peer_;  // of the connection made last
};

TEST_F(ConnectionStoreTest, HandsOutTheMostRecentlyUsedConnection) {
  make_store();
  std::vector<std::unique_ptr<MemorySocket>> peers;
  const auto first = connect_in_memory();
  peers.push_back(std::move(peer_));
  const auto second = connect_in_memory();
  release(second);
  engine_.time += 10ms;
  release(first);
  EXPECT_EQ(store_->idle_connection_count(), 2U);
  EXPECT_EQ(acquire(), first);
  EXPECT_EQ(acquire(), second);
  EXPECT_EQ(acquire(), nullptr);
  EXPECT_EQ(store_->idle_connection_count(), 0U);
  EXPECT_EQ(store_->connection_count(), 2U);
  release(first);
  release(second);
}

TEST_F(ConnectionStoreTest, HandsOutNothingForAnotherAddress) {
  make_store();
  release(connect_in_memory());
  for (const char* url : {"http://b.example/", "http://a.example:81/", "https://a.example:80/", "https://a.example/"}) {
    EXPECT_EQ(store_->acquire(address_in(*store_, url), engine_, false), nullptr) << url;
  }
  EXPECT_EQ(store_->idle_connection_count(), 1U);
}

TEST_F(ConnectionStoreTest, AMaximumOfNoIdleConnectionsKeepsNone) {
  make_store(0);
  release(connect_in_memory());
  EXPECT_EQ(store_->connection_count(), 0U);
  EXPECT_FALSE(peer_->is_quiet());
}

TEST_F(ConnectionStoreTest, ARetiredConnectionIsClosedWhenItIsReleased) {
  make_store();
  auto connection = connect_in_memory();
  connection->retire();
  release(std::move(connection));
  EXPECT_EQ(store_->connection_count(), 0U);
  EXPECT_FALSE(peer_->is_quiet());
}

TEST_F(ConnectionStoreTest, AConnectionThatIsOverAgeIsClosedInsteadOfHandedOut) {
  make_store(5, 10s);
  release(connect_in_memory());
  engine_.time += 10s;
  EXPECT_EQ(acquire(), nullptr);
  EXPECT_EQ(store_->connection_count(), 0U);
  EXPECT_FALSE(peer_->is_quiet());
}

TEST_F(ConnectionStoreTest, AKeepAliveOfCenturiesDoesNotOverflow) {
  make_store(5, Duration::max());
  release(connect_in_memory());
  engine_.time += 24h;
  EXPECT_NE(acquire(), nullptr);
}

TEST_F(ConnectionStoreTest, HonoursThePeersKeepAliveWithAMargin) {
  make_store();
  auto connection = connect_in_memory();
  exchange(*connection, "Keep-Alive: timeout=5, max=100\r\n");
  release(std::move(connection));
  engine_.time += 4400ms;
  connection = acquire();
  ASSERT_NE(connection, nullptr);
  release(std::move(connection));
  engine_.time += 4600ms;
  EXPECT_EQ(acquire(), nullptr);
  EXPECT_EQ(store_->connection_count(), 0U);
}

TEST_F(ConnectionStoreTest, AKeepAliveOfNothingClosesTheConnectionAtOnce) {
  make_store();
  auto connection = connect_in_memory();
  exchange(*connection, "Keep-Alive: timeout=0\r\n");
  release(std::move(connection));
  EXPECT_EQ(store_->connection_count(), 0U);
}

TEST_F(ConnectionStoreTest, TheLastResponseSaysHowLongThePeerWaits) {
  make_store();
  auto connection = connect_in_memory();
  exchange(*connection, "Keep-Alive: timeout=2\r\n");
  exchange(*connection, "");
  release(std::move(connection));
  engine_.time += 1min;
  EXPECT_NE(acquire(), nullptr);
}

TEST_F(ConnectionStoreTest, EvictingClosesIdleConnectionsNowAndOthersWhenTheyEnd) {
  make_store();
  auto in_use = connect_in_memory();
  const std::unique_ptr<MemorySocket> peer_of_used = std::move(peer_);
  release(connect_in_memory());
  store_->evict_all();
  EXPECT_FALSE(peer_->is_quiet());
  EXPECT_TRUE(peer_of_used->is_quiet());
  EXPECT_EQ(store_->connection_count(), 1U);
  release(std::move(in_use));
  EXPECT_FALSE(peer_of_used->is_quiet());
  EXPECT_EQ(store_->connection_count(), 0U);
  release(connect_in_memory());
  EXPECT_EQ(store_->idle_connection_count(), 1U) << "what was connected afterwards is kept";
}

TEST_F(ConnectionStoreTest, DropsAConnectionThatItsPeerHasClosed) {
  make_store();
  release(connect_in_memory());
  engine_.time += 1s;
  peer_.reset();
  EXPECT_EQ(acquire(), nullptr);
  EXPECT_EQ(store_->connection_count(), 0U);
}

TEST_F(ConnectionStoreTest, DropsAConnectionOnWhichSomethingUnexpectedArrived) {
  make_store();
  release(connect_in_memory());
  engine_.time += 1s;
  const ConstBytes unexpected = as_bytes("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  ASSERT_TRUE(peer_->try_write(std::span(&unexpected, 1)).ok());
  EXPECT_EQ(acquire(), nullptr);
  EXPECT_EQ(store_->connection_count(), 0U);
}

TEST_F(ConnectionStoreTest, GoesOnSearchingBehindADeadConnection) {
  make_store();
  const auto good = connect_in_memory();
  const std::unique_ptr<MemorySocket> good_peer = std::move(peer_);
  release(good);
  release(connect_in_memory());
  engine_.time += 2s;
  peer_.reset();
  EXPECT_EQ(acquire(), good);
  EXPECT_EQ(store_->connection_count(), 1U);
}

TEST_F(ConnectionStoreTest, TrustsForASecondUnlessTheRequestMustNotBeLost) {
  make_store();
  release(connect_in_memory());
  engine_.time += 999ms;
  peer_.reset();
  auto trusted = acquire();
  ASSERT_NE(trusted, nullptr);
  release(std::move(trusted));
  EXPECT_EQ(acquire(true), nullptr);
}

TEST_F(ConnectionStoreTest, DropsAConnectionThatTheEngineCannotWatch) {
  make_store();
  release(connect_in_memory());
  engine_.time += 2s;
  engine_.refuses_sockets = true;
  EXPECT_EQ(acquire(), nullptr);
  EXPECT_EQ(store_->connection_count(), 0U);
}

TEST_F(ConnectionStoreTest, TheCloserClosesWhatIsOverAgeAndSaysWhenItIsNeededNext) {
  make_store(5, 10s);
  release(connect_in_memory());
  engine_.time += 4s;
  const auto younger_peer = std::move(peer_);
  release(connect_in_memory());
  engine_.time += 5s;
  EXPECT_LE(store_->tidy(engine_), engine_.time + 1s);
  EXPECT_EQ(store_->idle_connection_count(), 2U);
  engine_.time += 1s;
  EXPECT_LE(store_->tidy(engine_), engine_.time + 4s);
  EXPECT_EQ(store_->idle_connection_count(), 1U);
  engine_.time += 4s;
  EXPECT_EQ(store_->tidy(engine_), kNever);
  EXPECT_EQ(store_->connection_count(), 0U);
}

TEST_F(ConnectionStoreTest, TheCloserStaysWhileAConnectionIsInUse) {
  make_store();
  release(connect_in_memory());
  auto in_use = acquire();
  EXPECT_EQ(store_->tidy(engine_), engine_.time + ConnectionStore::kTrustedIdle);
  in_use->retire();
  release(std::move(in_use));
  EXPECT_EQ(store_->tidy(engine_), kNever);
}

TEST_F(ConnectionStoreTest, TheCloserClosesTheLongestIdleWhenThereAreTooMany) {
  make_store(2);
  std::vector<std::shared_ptr<Connection>> connections;
  std::vector<std::unique_ptr<MemorySocket>> peers;
  for (int i = 0; i < 4; ++i) {
    connections.push_back(connect_in_memory());
    peers.push_back(std::move(peer_));
  }
  for (const auto& connection : connections) {
    release(connection);
    engine_.time += 1ms;
  }
  (void)store_->tidy(engine_);
  EXPECT_EQ(store_->idle_connection_count(), 2U);
  EXPECT_EQ(acquire(), connections[3]);
  EXPECT_EQ(acquire(), connections[2]);
  EXPECT_EQ(acquire(), nullptr);
}

TEST_F(ConnectionStoreTest, ManyThreadsTakeAndGiveBackWithoutLosingAConnection) {
  make_store(8);
  std::atomic<int> in_two_hands{0};
  const auto hammer = [&](std::uint64_t seed) {
    SeededRandom random(seed);
    ManualEngine engine;
    engine.time = Clock::now();
    std::vector<std::unique_ptr<MemorySocket>> peers;
    std::vector<std::shared_ptr<Connection>> held;
    for (int step = 0; step < 400; ++step) {
      switch (random.below(8)) {
        case 0:
          store_->evict_all();
          break;
        case 1:
          (void)store_->tidy(engine);
          break;
        case 2:
        case 3:
        case 4:
          if (!held.empty()) {
            if (random.one_in(8)) held.back()->retire();
            store_->release(std::move(held.back()), engine.time);
            held.pop_back();
            break;
          }
          [[fallthrough]];
        default: {
          auto connection = store_->acquire(*address_, engine, false);
          if (connection == nullptr) {
            MemorySocket::Ends ends = MemorySocket::make_pair();
            peers.push_back(std::move(ends.second));
            connection = connect(*store_, *address_, std::move(ends.first));
          }
          // Not synchronised on purpose: a connection in two hands is a data race.
          ++static_cast<MemorySocket&>(connection->codec().socket()).looks;
          if (connection.use_count() != 1) ++in_two_hands;
          held.push_back(std::move(connection));
        }
      }
    }
    for (auto& connection : held) store_->release(std::move(connection), engine.time);
  };
  std::vector<std::thread> threads;
  for (std::uint64_t seed = 1; seed <= 4; ++seed) threads.emplace_back(hammer, seed);
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(in_two_hands, 0);
  store_->evict_all();
  EXPECT_EQ(store_->connection_count(), 0U);
}

/// A store with its closer on a loop, and connections of the system.
class CloserTest : public testing::Test {
 protected:
  struct Pair {
    std::unique_ptr<Socket> client;
    std::unique_ptr<Socket> server;
  };

  void make_store(std::size_t max_idle, Duration keep_alive) {
    store_ = std::make_shared<ConnectionStore>(max_idle, keep_alive);
    store_->keep_house_on(loops_);
    address_.emplace(address_in(*store_, "http://a.example/"));
  }

  Pair socket_pair() {
    std::error_code error;
    Pair pair;
    const auto listener = engine_.listen(ListenRequest(Endpoint(IpAddress::loopback_v4(), 0)), error);
    pair.client = engine_.begin_connect(ConnectRequest(listener->endpoint()), error);
    EXPECT_FALSE(error);
    engine_.run(become_ready(*pair.client, Interest::write));
    EXPECT_FALSE(pair.client->connect_result());
    engine_.run(become_ready(listener->socket(), Interest::read));
    pair.server = listener->try_accept(error);
    EXPECT_NE(pair.server, nullptr);
    return pair;
  }

  /// A connection that becomes idle now, as if that had been `ago`; its peer's end.
  std::unique_ptr<Socket> add_idle(Duration ago = Duration::zero()) {
    Pair pair = socket_pair();
    store_->release(connect(*store_, *address_, std::move(pair.client)), Clock::now() - ago);
    return std::move(pair.server);
  }

  Task<void> become_ready(Socket& socket, Interest interest) {
    Readiness ready(engine_, WaitTerms(nullptr, Clock::now() + 20s), socket, interest);
    (void)co_await ready;
  }

  Task<IoStatus> read_one(Socket& socket) {
    std::byte byte{};
    ReadSome read(engine_, WaitTerms(nullptr, Clock::now() + 20s), socket, Bytes(&byte, 1));
    const IoResult result = co_await read;
    co_return result.status;
  }
  /// Waits for what the peer sees: the end of the connection, if all is well.
  IoStatus next_at(Socket& peer) { return engine_.run(read_one(peer)); }

  Task<bool> is_set(std::shared_ptr<Signal> signal) {
    Signal::Awaiter set(std::move(signal), engine_, WaitTerms(nullptr, Clock::now() + 20s));
    co_return (co_await set) == WaitResult::ready;
  }
  /// True when the loop still has time for others.
  bool loop_runs_jobs() {
    const std::shared_ptr<Loop> loop = loops_->get();
    const auto outcome = start(on_engine(*loop, nothing()));
    return engine_.run(is_set(outcome->finished()));
  }
  static Task<void> nothing() { co_return; }

  CallingThread engine_;
  std::shared_ptr<LoopProvider> loops_ = std::make_shared<LoopProvider>("test closer");
  std::shared_ptr<ConnectionStore> store_;
  std::optional<Address> address_;
};

TEST_F(CloserTest, ClosesWhatHasBeenIdleForTooLong) {
  make_store(5, 30ms);
  const auto first = add_idle();
  const auto second = add_idle();
  EXPECT_EQ(next_at(*first), IoStatus::end);
  EXPECT_EQ(next_at(*second), IoStatus::end);
  EXPECT_TRUE(eventually([&] { return store_->connection_count() == 0; }));
  const auto third = add_idle();  // the closer had ended, and begins anew
  EXPECT_EQ(next_at(*third), IoStatus::end);
}

TEST_F(CloserTest, ClosesTheLongestIdleAtOnceWhenThereAreTooMany) {
  make_store(1, 1h);
  const auto first = add_idle();
  const auto second = add_idle();
  EXPECT_EQ(next_at(*first), IoStatus::end);
  EXPECT_TRUE(second->is_quiet());
  EXPECT_EQ(store_->idle_connection_count(), 1U);
}

TEST_F(CloserTest, StartsNoLoopBeforeThereIsSomethingToDo) {
  make_store(1, 1h);
  const auto first = add_idle(-1h);
  EXPECT_EQ(loops_->peek(), nullptr);
  const auto second = add_idle(-1h);  // one too many
  EXPECT_EQ(next_at(*first), IoStatus::end);
  EXPECT_TRUE(second->is_quiet());
  EXPECT_NE(loops_->peek(), nullptr);
}

TEST_F(CloserTest, AStoreMayBeDroppedBeforeItsCloserHasStarted) {
  make_store(5, 1h);
  const auto peer = add_idle(-1h);
  store_ = nullptr;
  EXPECT_EQ(next_at(*peer), IoStatus::end);
  EXPECT_EQ(loops_->peek(), nullptr);
}

TEST_F(CloserTest, NothingStaysIdleWhenItCannotRun) {
  make_store(5, 1h);
  Pair pair = socket_pair();
  auto connection = connect(*store_, *address_, std::move(pair.client));
  {
    const NoDescriptors shortage;
    store_->release(std::move(connection), Clock::now() - 2s);
    EXPECT_GT(shortage.refused(), 0);
  }
  EXPECT_EQ(store_->connection_count(), 0U);
  EXPECT_EQ(next_at(*pair.server), IoStatus::end);
}

TEST_F(CloserTest, AConnectionThatItsPeerClosesDisappears) {
  make_store(5, 1h);
  const auto staying = add_idle(2s);
  auto leaving = add_idle(2s);
  leaving.reset();
  EXPECT_TRUE(eventually([&] { return store_->idle_connection_count() == 1; }));
  EXPECT_TRUE(loop_runs_jobs());
  EXPECT_EQ(store_->connection_count(), 1U);
  EXPECT_TRUE(staying->is_quiet());
}

TEST_F(CloserTest, AConnectionDisappearsAlsoAfterOneThatStayedWasWatched) {
  make_store(5, 1h);
  auto first = add_idle(2s);
  auto second = add_idle(2s);
  const auto staying = add_idle(2s);
  first.reset();
  EXPECT_TRUE(eventually([&] { return store_->idle_connection_count() == 2; }));
  second.reset();
  EXPECT_TRUE(eventually([&] { return store_->idle_connection_count() == 1; }));
  EXPECT_TRUE(loop_runs_jobs());
}

TEST_F(CloserTest, AConnectionMayBeTakenWhileThePeersCloseIsOnItsWay) {
  make_store(5, 1h);
  for (int round = 0; round < 50; ++round) {
    auto peer = add_idle(2s);
    if (round % 2 == 0) {
      EXPECT_TRUE(loop_runs_jobs());  // so that it is watched
    }
    peer.reset();
    // It is dropped here or by the closer, whoever comes first.
    EXPECT_EQ(store_->acquire(*address_, engine_, true), nullptr);
    EXPECT_TRUE(eventually([&] { return store_->connection_count() == 0; }));
  }
}

TEST_F(CloserTest, AConnectionTakenFromTheWatchIsForItsTakerAlone) {
  make_store(5, 1h);
  for (int round = 0; round < 50; ++round) {
    const auto peer = add_idle(2s);
    if (round % 2 == 0) {
      EXPECT_TRUE(loop_runs_jobs());
    }
    auto taken = store_->acquire(*address_, engine_, false);
    ASSERT_NE(taken, nullptr);
    const ConstBytes piece = as_bytes("x");
    ASSERT_TRUE(peer->try_write(std::span(&piece, 1)).ok());
    EXPECT_EQ(next_at(taken->codec().socket()), IoStatus::ok);
    EXPECT_EQ(store_->connection_count(), 1U);
    taken->retire();
    store_->release(std::move(taken), Clock::now());
  }
}

TEST_F(CloserTest, AttendsToASharedConnectionThatNobodyReads) {
  make_store(5, 1h);
  Pair pair = socket_pair();
  const auto codec = std::make_shared<FakeConnectionCodec>(std::move(pair.client));
  const Route route(*address_, Endpoint(IpAddress::v4({192, 0, 2, 1}), 80));
  const auto connection = std::make_shared<Connection>(route, codec, nullptr);
  store_->add(connection, Clock::now() - 2s);
  const ConstBytes piece = as_bytes("x");
  for (std::size_t round = 1; round <= 3; ++round) {
    ASSERT_TRUE(pair.server->try_write(std::span(&piece, 1)).ok());
    EXPECT_TRUE(eventually([&] { return codec->looks >= round; }));
  }
  EXPECT_FALSE(connection->no_new_exchanges());
  codec->looks_good = false;
  ASSERT_TRUE(pair.server->try_write(std::span(&piece, 1)).ok());
  EXPECT_TRUE(eventually([&] { return connection->no_new_exchanges(); }));
  store_->release(connection, Clock::now());
  EXPECT_EQ(store_->connection_count(), 0U);
}

TEST_F(CloserTest, AttendsToAnIdleSharedConnection) {
  make_store(5, 1h);
  Pair pair = socket_pair();
  const auto codec = std::make_shared<FakeConnectionCodec>(std::move(pair.client));
  const Route route(*address_, Endpoint(IpAddress::v4({192, 0, 2, 1}), 80));
  const auto connection = std::make_shared<Connection>(route, codec, nullptr);
  store_->add(connection, Clock::now() - 2s);
  store_->release(connection, Clock::now() - 2s);
  const ConstBytes piece = as_bytes("x");
  ASSERT_TRUE(pair.server->try_write(std::span(&piece, 1)).ok());
  EXPECT_TRUE(eventually([&] { return codec->looks >= 1; }));
  EXPECT_EQ(store_->idle_connection_count(), 1U);
  codec->looks_good = false;
  ASSERT_TRUE(pair.server->try_write(std::span(&piece, 1)).ok());
  EXPECT_TRUE(eventually([&] { return store_->connection_count() == 0; }));
}

TEST_F(CloserTest, EndsWithTheStore) {
  make_store(5, 1h);
  const auto peer = add_idle(2s);
  EXPECT_TRUE(loop_runs_jobs());
  store_ = nullptr;
  EXPECT_EQ(next_at(*peer), IoStatus::end);
  EXPECT_TRUE(loop_runs_jobs());
}

TEST_F(CloserTest, ManyThreadsUseConnectionsOfTheSystemWhileTheCloserWorks) {
  make_store(3, 1ms);
  std::vector<Pair> pairs;
  for (int i = 0; i < 64; ++i) pairs.push_back(socket_pair());
  std::atomic<std::size_t> next{0};
  const auto use = [&] {
    CallingThread engine;
    for (std::size_t i = next++; i < pairs.size(); i = next++) {
      store_->release(connect(*store_, *address_, std::move(pairs[i].client)),
                      Clock::now() - std::chrono::seconds(i % 3));
      if (i % 2 == 0) pairs[i].server.reset();
      auto taken = store_->acquire(*address_, engine, i % 2 == 0);
      if (taken != nullptr) store_->release(std::move(taken), Clock::now());
    }
  };
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) threads.emplace_back(use);
  for (std::thread& thread : threads) thread.join();
  EXPECT_TRUE(eventually([&] { return store_->connection_count() == 0; }));
}

}  // namespace
}  // namespace okhttp::internal

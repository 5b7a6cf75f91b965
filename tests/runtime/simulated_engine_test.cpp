#include "support/simulated_engine.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "runtime/cancellation.hpp"
#include "support/move_to.hpp"

namespace okhttp::internal {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

const Endpoint kServer(IpAddress::v4({10, 0, 0, 1}), 80);

Task<> sleep_until(Engine& engine, TimePoint until) {
  Sleep sleep(engine, WaitTerms(nullptr, until));
  (void)co_await sleep;
}

/// What a connect came to.
struct Connected {
  std::unique_ptr<Socket> socket;
  std::error_code error;
};

Task<Connected> connect(Engine& engine, Endpoint where, WaitTerms terms = WaitTerms()) {
  Connected result;
  result.socket = engine.begin_connect(ConnectRequest(where), result.error);
  if (result.socket != nullptr) {
    Readiness writable(engine, terms, *result.socket, Interest::write);
    const WaitResult how = co_await writable;
    result.error =
        how == WaitResult::ready ? result.socket->connect_result() : std::make_error_code(std::errc::timed_out);
  }
  co_return std::move(result);
}

std::unique_ptr<Listener> listen(Engine& engine, Endpoint where, int backlog = 16) {
  std::error_code error;
  std::unique_ptr<Listener> listener = engine.listen(ListenRequest(where, backlog), error);
  EXPECT_FALSE(error) << error.message();
  return listener;
}

Task<IoResult> read_some(Engine& engine, Stream& stream, std::string& into, WaitTerms terms = WaitTerms()) {
  std::string buffer(256, '\0');
  ReadSome read(engine, terms, stream, std::as_writable_bytes(std::span(buffer)));
  const IoResult result = co_await read;
  into.append(buffer, 0, result.bytes);
  co_return result;
}

Task<IoResult> write_all(Engine& engine, Stream& stream, std::string_view text, WaitTerms terms = WaitTerms()) {
  const ConstBytes bytes = as_bytes(text);
  WriteAll write(engine, terms, stream, bytes);
  co_return co_await write;
}

/// Reads up to what ends the stream; `status` is how it ended.
Task<std::string> read_to_end(Engine& engine, Stream& stream, IoStatus& status, WaitTerms terms = WaitTerms()) {
  std::string all;
  IoResult result;
  while (result.ok()) result = co_await read_some(engine, stream, all, terms);
  status = result.status;
  co_return all;
}

class SimulatedEngineTest : public testing::Test {
 protected:
  /// Connects to kServer over the script that stands for it.
  void connect_pair() {
    const std::unique_ptr<Listener> listener = listen(engine_, kServer);
    Connected connected = engine_.run(connect(engine_, kServer));
    ASSERT_FALSE(connected.error) << connected.error.message();
    client_ = std::move(connected.socket);
    std::error_code error;
    server_ = listener->try_accept(error);
    ASSERT_NE(server_, nullptr);
    engine_.adopt(*server_);
  }
  void script(const Link& to_server, const Link& to_client = Link()) {
    ConnectScript script;
    script.to_server = to_server;
    script.to_client = to_client;
    simulation_.script(kServer, script);
  }
  Duration elapsed() { return simulation_.now() - start_; }

  Simulation simulation_{7};
  SimulatedEngine engine_{simulation_};
  TimePoint start_ = simulation_.now();
  std::unique_ptr<Socket> client_;
  std::unique_ptr<Socket> server_;
};

// --- the clock

TEST_F(SimulatedEngineTest, TheClockStandsWhileThereIsWork) {
  const auto work = [](Engine& engine) -> Task<> {
    for (int i = 0; i < 1000; ++i) {
      MoveTo later(engine);
      co_await later;
    }
  };
  engine_.run(work(engine_));
  EXPECT_EQ(elapsed(), Duration::zero());
}

TEST_F(SimulatedEngineTest, TheClockJumpsToTheNextDeadline) {
  engine_.run(sleep_until(engine_, start_ + hours(3)));
  EXPECT_EQ(elapsed(), hours(3));
}

TEST_F(SimulatedEngineTest, RunReadyMovesNoClock) {
  auto sleeping = engine_.start(sleep_until(engine_, start_ + seconds(1)));
  simulation_.run_ready();
  EXPECT_FALSE(sleeping->done());
  EXPECT_EQ(elapsed(), Duration::zero());
  EXPECT_EQ(engine_.waits(), 1U);
}

TEST_F(SimulatedEngineTest, RunUntilStopsTheClockThere) {
  auto first = engine_.start(sleep_until(engine_, start_ + seconds(1)));
  auto second = engine_.start(sleep_until(engine_, start_ + seconds(3)));
  engine_.run_until(start_ + seconds(2));
  EXPECT_TRUE(first->done());
  EXPECT_FALSE(second->done());
  EXPECT_EQ(elapsed(), seconds(2));
  engine_.run_until_idle();
  EXPECT_TRUE(second->done());
  EXPECT_EQ(elapsed(), seconds(3));
}

TEST_F(SimulatedEngineTest, AJumpOfTheClockMakesDeadlinesOverdue) {
  auto sleeping = engine_.start(sleep_until(engine_, start_ + seconds(1)));
  simulation_.jump(hours(8));
  EXPECT_FALSE(sleeping->done());
  simulation_.run_ready();
  EXPECT_TRUE(sleeping->done());
  EXPECT_EQ(elapsed(), hours(8));
}

TEST_F(SimulatedEngineTest, EventsHappenAtTheirTime) {
  std::vector<Duration> times;
  simulation_.at(start_ + seconds(2), [&] { times.push_back(elapsed()); });
  simulation_.at(start_ + seconds(1), [&] { times.push_back(elapsed()); });
  simulation_.run_until_idle();
  EXPECT_EQ(times, (std::vector<Duration>{seconds(1), seconds(2)}));
}

TEST_F(SimulatedEngineTest, ATaskThatCanNeverBeDoneIsReported) {
  const auto hang = [](Engine& engine) -> Task<> {
    Signal::Awaiter never(std::make_shared<Signal>(), engine, WaitTerms());
    (void)co_await never;
  };
  EXPECT_THROW(engine_.run(hang(engine_)), std::logic_error);
  EXPECT_EQ(engine_.waits(), 0U);
}

TEST_F(SimulatedEngineTest, AnEngineThatGoesAwayEndsItsWaits) {
  std::shared_ptr<Outcome<void>> sleeping;
  {
    SimulatedEngine short_lived(simulation_);
    sleeping = short_lived.start(sleep_until(short_lived, kNever));
    EXPECT_FALSE(sleeping->done());
  }
  EXPECT_TRUE(sleeping->done());
}

TEST_F(SimulatedEngineTest, SeveralEnginesShareOneWorld) {
  SimulatedEngine other(simulation_);
  const auto body = [](Engine& first, Engine& second) -> Task<> {
    EXPECT_TRUE(first.runs_here());
    co_await sleep_until(second, second.now() + seconds(1));
    EXPECT_TRUE(second.runs_here());
    MoveTo home(first);
    co_await home;
    EXPECT_TRUE(first.runs_here());
  };
  engine_.run(body(engine_, other));
  EXPECT_EQ(elapsed(), seconds(1));
}

// --- connecting

TEST_F(SimulatedEngineTest, ConnectsToAListener) {
  connect_pair();
  EXPECT_EQ(client_->peer_endpoint(), kServer);
  EXPECT_EQ(server_->local_endpoint(), kServer);
  EXPECT_EQ(server_->peer_endpoint(), client_->local_endpoint());
  EXPECT_EQ(elapsed(), Duration::zero());
}

TEST_F(SimulatedEngineTest, ConnectsAfterADelay) {
  simulation_.script(kServer, ConnectScript(ConnectScript::Kind::accept, milliseconds(250)));
  connect_pair();
  EXPECT_EQ(elapsed(), milliseconds(250));
}

TEST_F(SimulatedEngineTest, RefusesWhereNobodyListens) {
  EXPECT_EQ(engine_.run(connect(engine_, kServer)).error, std::errc::connection_refused);
}

TEST_F(SimulatedEngineTest, RefusesWhatTheScriptRefuses) {
  const std::unique_ptr<Listener> listener = listen(engine_, kServer);
  simulation_.script_next(kServer, ConnectScript(ConnectScript::Kind::refuse, seconds(1)));
  EXPECT_EQ(engine_.run(connect(engine_, kServer)).error, std::errc::connection_refused);
  EXPECT_EQ(elapsed(), seconds(1));
  EXPECT_FALSE(engine_.run(connect(engine_, kServer)).error);
}

TEST_F(SimulatedEngineTest, NeverAnswersASilentConnect) {
  simulation_.script(kServer, ConnectScript(ConnectScript::Kind::silent));
  const WaitTerms terms(nullptr, start_ + seconds(10));
  EXPECT_EQ(engine_.run(connect(engine_, kServer, terms)).error, std::errc::timed_out);
  EXPECT_EQ(elapsed(), seconds(10));
}

TEST_F(SimulatedEngineTest, ReportsTheUnreachableAtOnceOrLater) {
  simulation_.script_next(kServer, ConnectScript(ConnectScript::Kind::unreachable));
  simulation_.script_next(kServer, ConnectScript(ConnectScript::Kind::unreachable, seconds(3)));
  EXPECT_EQ(engine_.run(connect(engine_, kServer)).error, std::errc::network_unreachable);
  EXPECT_EQ(elapsed(), Duration::zero());
  EXPECT_EQ(engine_.run(connect(engine_, kServer)).error, std::errc::host_unreachable);
  EXPECT_EQ(elapsed(), seconds(3));
}

TEST_F(SimulatedEngineTest, AFullQueueDoesNotAnswer) {
  const std::unique_ptr<Listener> listener = listen(engine_, kServer, 1);
  EXPECT_FALSE(engine_.run(connect(engine_, kServer)).error);
  const WaitTerms terms(nullptr, start_ + seconds(1));
  EXPECT_EQ(engine_.run(connect(engine_, kServer, terms)).error, std::errc::timed_out);
}

TEST_F(SimulatedEngineTest, AListenerThatGoesAwayResetsWhatItDidNotAccept) {
  std::unique_ptr<Listener> listener = listen(engine_, kServer);
  const Connected connected = engine_.run(connect(engine_, kServer));
  listener.reset();
  std::string nothing;
  EXPECT_EQ(engine_.run(read_some(engine_, *connected.socket, nothing)).error, std::errc::connection_reset);
}

// --- links

TEST_F(SimulatedEngineTest, ALatencyDelaysBytesAndTheEnd) {
  Link slow;
  slow.latency = milliseconds(40);
  script(slow);
  connect_pair();
  (void)engine_.run(write_all(engine_, *client_, "hello"));
  client_.reset();
  IoStatus status = IoStatus::ok;
  EXPECT_EQ(engine_.run(read_to_end(engine_, *server_, status)), "hello");
  EXPECT_EQ(status, IoStatus::end);
  EXPECT_EQ(elapsed(), milliseconds(40));
}

TEST_F(SimulatedEngineTest, AFullBufferBlocksTheWriter) {
  Link narrow;
  narrow.capacity = 10;
  script(narrow);
  connect_pair();
  auto writing = engine_.start(write_all(engine_, *client_, "0123456789ABCDE"));
  simulation_.run_ready();
  EXPECT_FALSE(writing->done());
  std::string text;
  EXPECT_TRUE(engine_.run(read_some(engine_, *server_, text)).ok());
  simulation_.run_ready();
  ASSERT_TRUE(writing->done());
  EXPECT_EQ(writing->take().bytes, 15U);
  EXPECT_TRUE(engine_.run(read_some(engine_, *server_, text)).ok());
  EXPECT_EQ(text, "0123456789ABCDE");
}

TEST_F(SimulatedEngineTest, PiecesAreOfRandomLengthButKeepTheirOrder) {
  Link pieces;
  pieces.max_piece = 7;
  pieces.jitter = milliseconds(5);
  script(pieces, pieces);
  connect_pair();
  std::string sent;
  for (int i = 0; i < 300; ++i) sent += std::to_string(i) + ' ';
  auto writing = engine_.start(write_all(engine_, *client_, sent));
  std::string got;
  std::size_t longest = 0;
  while (got.size() < sent.size()) {
    const IoResult result = engine_.run(read_some(engine_, *server_, got));
    ASSERT_TRUE(result.ok());
    longest = std::max(longest, result.bytes);
  }
  EXPECT_EQ(got, sent);
  EXPECT_EQ(longest, 7U);
}

TEST_F(SimulatedEngineTest, EndsAtTheByteThatTheScriptNames) {
  Link cut;
  cut.end_at = 4;
  script(cut);
  connect_pair();
  EXPECT_TRUE(engine_.run(write_all(engine_, *client_, "012")).ok());
  EXPECT_TRUE(engine_.run(write_all(engine_, *client_, "3456")).ok());
  IoStatus status = IoStatus::ok;
  EXPECT_EQ(engine_.run(read_to_end(engine_, *server_, status)), "0123");
  EXPECT_EQ(status, IoStatus::end);
}

TEST_F(SimulatedEngineTest, ResetsAtTheByteThatTheScriptNames) {
  Link cut;
  cut.reset_at = 4;
  script(Link(), cut);
  connect_pair();
  EXPECT_TRUE(engine_.run(write_all(engine_, *server_, "0123456")).ok());
  IoStatus status = IoStatus::ok;
  EXPECT_EQ(engine_.run(read_to_end(engine_, *client_, status)), "0123");
  EXPECT_EQ(status, IoStatus::failed);
  EXPECT_EQ(engine_.run(write_all(engine_, *client_, "x")).error, std::errc::broken_pipe);
  EXPECT_EQ(engine_.run(write_all(engine_, *server_, "x")).error, std::errc::broken_pipe);
}

TEST_F(SimulatedEngineTest, StallsAtTheByteThatTheScriptNames) {
  Link stalling;
  stalling.stall_at = 4;
  script(stalling);
  connect_pair();
  (void)engine_.run(write_all(engine_, *client_, "01234567"));
  client_->shut_down_write();
  IoStatus status = IoStatus::ok;
  const WaitTerms terms(nullptr, start_ + seconds(30));
  EXPECT_EQ(engine_.run(read_to_end(engine_, *server_, status, terms)), "0123");
  EXPECT_EQ(status, IoStatus::deadline);
}

TEST_F(SimulatedEngineTest, AStallMayPass) {
  Link stalling;
  stalling.stall_at = 4;
  stalling.stall_for = seconds(5);
  script(stalling);
  connect_pair();
  (void)engine_.run(write_all(engine_, *client_, "01234567"));
  client_->shut_down_write();
  IoStatus status = IoStatus::ok;
  EXPECT_EQ(engine_.run(read_to_end(engine_, *server_, status)), "01234567");
  EXPECT_EQ(status, IoStatus::end);
  EXPECT_EQ(elapsed(), seconds(5));
}

TEST_F(SimulatedEngineTest, WritingToAClosedEndIsAnsweredByAReset) {
  connect_pair();
  server_.reset();
  EXPECT_TRUE(engine_.run(write_all(engine_, *client_, "anybody there?")).ok());
  IoStatus status = IoStatus::ok;
  EXPECT_EQ(engine_.run(read_to_end(engine_, *client_, status)), "");
  EXPECT_EQ(status, IoStatus::failed);
}

TEST_F(SimulatedEngineTest, ClosingWithDataUnreadIsAReset) {
  connect_pair();
  (void)engine_.run(write_all(engine_, *client_, "request"));
  server_.reset();
  IoStatus status = IoStatus::ok;
  (void)engine_.run(read_to_end(engine_, *client_, status));
  EXPECT_EQ(status, IoStatus::failed);
}

TEST_F(SimulatedEngineTest, KeepsALog) {
  connect_pair();
  (void)engine_.run(write_all(engine_, *client_, "hello"));
  simulation_.jump(milliseconds(1500));
  client_.reset();
  EXPECT_EQ(simulation_.log(), (std::vector<std::string>{
                                   "0ms 10.0.0.1:80 connecting from 10.9.9.9:49152",
                                   "0ms 10.0.0.1:80 connected from 10.9.9.9:49152",
                                   "0ms 10.9.9.9:49152>10.0.0.1:80 sent 5",
                                   "1500ms 10.9.9.9:49152>10.0.0.1:80 ended",
                               }));
}

// --- rules that tests must not break

using SimulatedEngineDeathTest = SimulatedEngineTest;

TEST_F(SimulatedEngineDeathTest, AWaitForASocketOfAnotherEngineIsRefused) {
  connect_pair();
  SimulatedEngine other(simulation_);
  std::string nothing;
  EXPECT_DEATH((void)other.run(read_some(other, *client_, nothing)), "not adopted");
}

TEST_F(SimulatedEngineDeathTest, TwoReadersOfOneSocketAreRefused) {
  connect_pair();
  std::string nothing;
  auto first = engine_.start(read_some(engine_, *client_, nothing));
  EXPECT_DEATH((void)engine_.run(read_some(engine_, *client_, nothing)), "two waits");
  server_.reset();
  simulation_.run_ready();
}

// --- seeds

/// Many clients and servers that talk over links drawn from the seed; returns the log of all that happened.
class Crowd {
 public:
  explicit Crowd(std::uint64_t seed) : simulation_(seed) {}

  std::vector<std::string> run() {
    const std::unique_ptr<Listener> listener = listen(server_, kServer);
    auto serving = server_.start(serve(*listener));
    std::vector<std::shared_ptr<Outcome<void>>> clients;
    for (int i = 0; i < kClients; ++i) {
      ConnectScript script(ConnectScript::Kind::accept, milliseconds(simulation_.random().below(100)));
      script.to_server = simulation_.random_link(4, 3000);
      script.to_client = simulation_.random_link(4, 3000);
      simulation_.script_next(kServer, script);
      clients.push_back(client_.start(talk(i)));
    }
    simulation_.run_until_idle();
    for (auto& client : clients) client->take();
    serving->take();
    return simulation_.log();
  }
  [[nodiscard]] int failures() const noexcept { return failures_; }
  [[nodiscard]] int successes() const noexcept { return successes_; }

 private:
  static constexpr int kClients = 20;

  Task<> talk(int number) {
    const WaitTerms patience(nullptr, client_.now() + seconds(60));
    Connected connected = co_await connect(client_, kServer, patience);
    const std::string sent(simulation_.random().between(1, 2000), static_cast<char>('a' + number));
    bool good = false;
    if (!connected.error) {
      const IoResult written = co_await write_all(client_, *connected.socket, sent, patience);
      connected.socket->shut_down_write();
      IoStatus status = IoStatus::ok;
      const std::string got = co_await read_to_end(client_, *connected.socket, status, patience);
      // No byte comes twice, in another order, or from another client.
      EXPECT_EQ(got, sent.substr(0, got.size()));
      good = written.ok() && status == IoStatus::end && got == sent;
    }
    ++(good ? successes_ : failures_);
  }

  Task<> serve(Listener& listener) {
    std::vector<std::shared_ptr<Outcome<void>>> serving;
    for (int served = 0; served < kClients; ++served) {
      std::error_code error;
      std::unique_ptr<Socket> socket = listener.try_accept(error);
      while (socket == nullptr) {
        Readiness readable(server_, WaitTerms(), listener.socket(), Interest::read);
        (void)co_await readable;
        socket = listener.try_accept(error);
      }
      server_.adopt(*socket);
      serving.push_back(start(echo(std::move(socket))));
    }
    for (auto& each : serving) co_await join(server_, each);
  }

  Task<> echo(std::unique_ptr<Socket> socket) {
    for (;;) {
      const WaitTerms patience(nullptr, server_.now() + seconds(60));
      std::string piece;
      const IoResult got = co_await read_some(server_, *socket, piece, patience);
      if (!got.ok()) break;
      const IoResult put = co_await write_all(server_, *socket, piece, patience);
      if (!put.ok()) break;
    }
  }

  Simulation simulation_;
  SimulatedEngine server_{simulation_};
  SimulatedEngine client_{simulation_};
  int failures_ = 0;
  int successes_ = 0;
};

TEST(SimulationSeedTest, OneSeedGivesOneHistory) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    const std::vector<std::string> first = Crowd(seed).run();
    EXPECT_EQ(first, Crowd(seed).run());
    EXPECT_NE(first, Crowd(seed + 100).run());
    EXPECT_GT(first.size(), 100U);
  }
}

TEST(SimulationSeedTest, EveryTalkEndsWhateverTheSeedDraws) {
  int successes = 0;
  int failures = 0;
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    Crowd crowd(seed);
    (void)crowd.run();
    EXPECT_EQ(crowd.successes() + crowd.failures(), 20) << "seed " << seed;
    successes += crowd.successes();
    failures += crowd.failures();
  }
  // Both kinds are frequent, or the links would not test anything.
  EXPECT_GT(successes, 400);
  EXPECT_GT(failures, 100);
}

}  // namespace
}  // namespace okhttp::internal

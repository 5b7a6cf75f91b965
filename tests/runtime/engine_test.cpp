#include "runtime/engine.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <latch>
#include <memory>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "runtime/stream.hpp"
#include "support/elsewhere.hpp"
#include "support/engines.hpp"

// One body over all engines: what every engine promises.

namespace okhttp::internal {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

constexpr milliseconds kSoon = milliseconds(30);

/// Two connected sockets, both adopted by the engine that connected them.
struct Pair {
  std::unique_ptr<Socket> client;
  std::unique_ptr<Socket> server;
};

Task<std::error_code> connected(Engine& engine, Socket& socket, WaitTerms terms) {
  Readiness writable(engine, terms, socket, Interest::write);
  const WaitResult how = co_await writable;
  if (how == WaitResult::deadline) co_return std::make_error_code(std::errc::timed_out);
  if (how == WaitResult::canceled) co_return std::make_error_code(std::errc::operation_canceled);
  co_return socket.connect_result();
}

Task<std::unique_ptr<Socket>> connect(Engine& engine, Endpoint where) {
  std::error_code error;
  std::unique_ptr<Socket> socket = engine.begin_connect(ConnectRequest(where), error);
  if (socket == nullptr) throw std::system_error(error);
  error = co_await connected(engine, *socket, WaitTerms());
  if (error) throw std::system_error(error);
  co_return std::move(socket);
}

Task<std::unique_ptr<Socket>> accept(Engine& engine, Listener& listener) {
  std::error_code error;
  std::unique_ptr<Socket> accepted = listener.try_accept(error);
  while (accepted == nullptr) {
    if (error) throw std::system_error(error);
    Readiness readable(engine, WaitTerms(), listener.socket(), Interest::read);
    (void)co_await readable;
    accepted = listener.try_accept(error);
  }
  engine.adopt(*accepted);
  co_return std::move(accepted);
}

std::unique_ptr<Listener> listen(Engine& engine, Endpoint where) {
  std::error_code error;
  std::unique_ptr<Listener> listener = engine.listen(ListenRequest(where), error);
  if (listener == nullptr) throw std::system_error(error);
  return listener;
}

Task<Pair> make_pair_on(Engine& engine, Endpoint any_port) {
  const std::unique_ptr<Listener> listener = listen(engine, any_port);
  Pair pair;
  pair.client = co_await connect(engine, listener->endpoint());
  pair.server = co_await accept(engine, *listener);
  co_return std::move(pair);
}

Task<IoResult> read_some(Engine& engine, Stream& stream, std::string& into, std::size_t most, WaitTerms terms) {
  std::string buffer(most, '\0');
  const auto bytes = std::as_writable_bytes(std::span(buffer));
  ReadSome read(engine, terms, stream, bytes);
  const IoResult result = co_await read;
  into.append(buffer, 0, result.bytes);
  co_return result;
}

Task<std::string> read_all(Engine& engine, Stream& stream) {
  std::string all;
  IoResult result;
  while (result.ok()) result = co_await read_some(engine, stream, all, 10'000, WaitTerms());
  if (result.status != IoStatus::end) throw std::system_error(result.error);
  co_return all;
}

Task<std::string> read_exactly(Engine& engine, Stream& stream, std::size_t count) {
  std::string all;
  while (all.size() < count) {
    const IoResult result = co_await read_some(engine, stream, all, count - all.size(), WaitTerms());
    if (!result.ok()) throw std::system_error(result.error);
  }
  co_return all;
}

Task<IoResult> write(Engine& engine, Stream& stream, std::string_view first, std::string_view second = {},
                     WaitTerms terms = WaitTerms()) {
  const ConstBytes head = as_bytes(first);
  const ConstBytes tail = as_bytes(second);
  WriteAll all(engine, terms, stream, head, tail);
  co_return co_await all;
}

std::string pattern(std::size_t size) {
  std::string text(size, '\0');
  for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>('a' + (i * 7 + i / 251) % 26);
  return text;
}

template <class Fixture>
class EngineTest : public OnEngineTest<Fixture> {
 protected:
  Pair make_pair() { return this->run(make_pair_on(this->engine(), this->fixture_.any_port())); }
  /// On the engine's thread, as every other operation on its sockets.
  void destroy(std::unique_ptr<Socket>& socket) {
    const auto body = [](std::unique_ptr<Socket>& gone) -> Task<> {
      gone.reset();
      co_return;
    };
    this->run(body(socket));
  }
};

TYPED_TEST_SUITE(EngineTest, AllEngines, EngineNames);

// --- jobs

TYPED_TEST(EngineTest, IsCurrentWhileItRunsAndOnlyThen) {
  EXPECT_EQ(Engine::current(), nullptr);
  const auto body = [](Engine& engine) -> Task<bool> { co_return Engine::current() == &engine&& engine.runs_here(); };
  EXPECT_TRUE(this->run(body(this->engine())));
  EXPECT_EQ(Engine::current(), nullptr);
}

TYPED_TEST(EngineTest, RunReturnsValuesAndThrowsFailures) {
  const auto value = []() -> Task<std::string> { co_return "value"; };
  const auto failure = []() -> Task<int> {
    throw std::invalid_argument("bad");
    co_return 0;
  };
  EXPECT_EQ(this->run(value()), "value");
  EXPECT_THROW(this->run(failure()), std::invalid_argument);
}

TYPED_TEST(EngineTest, JobsRunInTheOrderOfTheirPosting) {
  std::vector<int> order;
  const auto step = [](Engine& engine, std::vector<int>& log, int name) -> Task<> {
    for (int round = 0; round < 3; ++round) {
      MoveTo later(engine);
      co_await later;
      log.push_back(10 * round + name);
    }
  };
  const auto body = [&](Engine& engine) -> Task<> {
    auto first = start(step(engine, order, 1));
    auto second = start(step(engine, order, 2));
    co_await join(engine, std::move(first));
    co_await join(engine, std::move(second));
  };
  this->run(body(this->engine()));
  EXPECT_EQ(order, (std::vector<int>{1, 2, 11, 12, 21, 22}));
}

// --- deadlines

TYPED_TEST(EngineTest, SleepsUntilTheDeadlineAndNotLess) {
  const auto body = [](Engine& engine) -> Task<bool> {
    const TimePoint until = engine.now() + kSoon;
    Sleep sleep(engine, WaitTerms(nullptr, until));
    const WaitResult how = co_await sleep;
    co_return how == WaitResult::deadline&& engine.now() >= until;
  };
  EXPECT_TRUE(this->run(body(this->engine())));
}

TYPED_TEST(EngineTest, SleepingIntoThePastEnds) {
  const auto body = [](Engine& engine) -> Task<WaitResult> {
    Sleep sleep(engine, WaitTerms(nullptr, engine.now() - kSoon));
    co_return co_await sleep;
  };
  EXPECT_EQ(this->run(body(this->engine())), WaitResult::deadline);
}

TYPED_TEST(EngineTest, DeadlinesThatAreFarApartEndInTheirOrder) {
  std::vector<int> order;
  const auto rest_for = [](Engine& engine, TimePoint until, std::vector<int>& log, int name) -> Task<> {
    Sleep sleep(engine, WaitTerms(nullptr, until));
    (void)co_await sleep;
    log.push_back(name);
  };
  const auto body = [&](Engine& engine) -> Task<> {
    const TimePoint now = engine.now();
    auto third = start(rest_for(engine, now + milliseconds(90), order, 3));
    auto first = start(rest_for(engine, now + milliseconds(10), order, 1));
    auto second = start(rest_for(engine, now + milliseconds(50), order, 2));
    co_await join(engine, std::move(third));
    co_await join(engine, std::move(first));
    co_await join(engine, std::move(second));
  };
  this->run(body(this->engine()));
  EXPECT_EQ(order, (std::vector<int>{1, 2, 3}));
}

// --- connecting

TYPED_TEST(EngineTest, ConnectsAndAccepts) {
  Pair pair = this->make_pair();
  EXPECT_EQ(pair.client->peer_endpoint(), pair.server->local_endpoint());
  EXPECT_EQ(pair.client->local_endpoint(), pair.server->peer_endpoint());
  EXPECT_NE(pair.client->local_endpoint().port, 0);
  this->destroy(pair.client);
  this->destroy(pair.server);
}

TYPED_TEST(EngineTest, ReportsARefusedConnect) {
  const auto body = [](Engine& engine, Endpoint any_port) -> Task<std::error_code> {
    const Endpoint where = listen(engine, any_port)->endpoint();  // nobody listens there any more
    std::error_code error;
    const std::unique_ptr<Socket> socket = engine.begin_connect(ConnectRequest(where), error);
    if (socket == nullptr) co_return error;
    co_return co_await connected(engine, *socket, WaitTerms());
  };
  EXPECT_EQ(this->run(body(this->engine(), this->fixture_.any_port())), std::errc::connection_refused);
}

TYPED_TEST(EngineTest, RefusesToListenTwiceInOnePlace) {
  const auto body = [](Engine& engine, Endpoint any_port) -> Task<std::error_code> {
    const std::unique_ptr<Listener> listener = listen(engine, any_port);
    std::error_code error;
    const std::unique_ptr<Listener> second = engine.listen(ListenRequest(listener->endpoint()), error);
    EXPECT_EQ(second, nullptr);
    co_return error;
  };
  EXPECT_EQ(this->run(body(this->engine(), this->fixture_.any_port())), std::errc::address_in_use);
}

TYPED_TEST(EngineTest, AConnectThatIsNotAnsweredEndsAtItsDeadline) {
  const auto silent = this->fixture_.make_silent();
  const auto body = [](Engine& engine, Endpoint where) -> Task<std::error_code> {
    std::error_code error;
    const std::unique_ptr<Socket> socket = engine.begin_connect(ConnectRequest(where), error);
    if (socket == nullptr) co_return error;
    co_return co_await connected(engine, *socket, WaitTerms(nullptr, engine.now() + kSoon));
  };
  EXPECT_EQ(this->run(body(this->engine(), silent.endpoint())), std::errc::timed_out);
}

TYPED_TEST(EngineTest, AConnectThatWasAnsweredBeforeAnybodyWaitedIsNotMissed) {
  const auto body = [](Engine& engine, Endpoint any_port) -> Task<std::error_code> {
    const std::unique_ptr<Listener> listener = listen(engine, any_port);
    std::error_code error;
    const std::unique_ptr<Socket> client = engine.begin_connect(ConnectRequest(listener->endpoint()), error);
    if (client == nullptr) co_return error;
    const std::unique_ptr<Socket> server = co_await accept(engine, *listener);
    // The engine sees that the client is writable while nothing waits for it.
    Sleep sleep(engine, WaitTerms(nullptr, engine.now() + kSoon));
    (void)co_await sleep;
    co_return co_await connected(engine, *client, WaitTerms(nullptr, engine.now() + hours(1)));
  };
  EXPECT_EQ(this->run(body(this->engine(), this->fixture_.any_port())), std::error_code());
}

TYPED_TEST(EngineTest, SeveralConnectsMayBeUnderWay) {
  const auto silent = this->fixture_.make_silent();
  const auto body = [](Engine& engine, Endpoint any_port, Endpoint no_answer) -> Task<std::vector<std::error_code>> {
    const auto try_connect = [](Engine& on, Endpoint where, WaitTerms terms) -> Task<std::error_code> {
      std::error_code error;
      const std::unique_ptr<Socket> socket = on.begin_connect(ConnectRequest(where), error);
      if (socket == nullptr) co_return error;
      co_return co_await connected(on, *socket, terms);
    };
    const std::unique_ptr<Listener> listener = listen(engine, any_port);
    const Endpoint refused = listen(engine, any_port)->endpoint();
    auto first = start(try_connect(engine, no_answer, WaitTerms(nullptr, engine.now() + kSoon)));
    auto second = start(try_connect(engine, refused, WaitTerms()));
    auto third = start(try_connect(engine, listener->endpoint(), WaitTerms()));
    std::vector<std::error_code> results;
    results.push_back(co_await join(engine, std::move(third)));
    results.push_back(co_await join(engine, std::move(second)));
    results.push_back(co_await join(engine, std::move(first)));
    co_return results;
  };
  const auto results = this->run(body(this->engine(), this->fixture_.any_port(), silent.endpoint()));
  EXPECT_EQ(results[0], std::error_code());
  EXPECT_EQ(results[1], std::errc::connection_refused);
  EXPECT_EQ(results[2], std::errc::timed_out);
}

// --- bytes

TYPED_TEST(EngineTest, EchoesMoreThanAnyBufferHolds) {
  Pair pair = this->make_pair();
  const std::string sent = pattern(3 << 20);
  const auto echo = [](Engine& engine, Stream& stream) -> Task<> {
    std::string piece;
    for (;;) {
      piece.clear();
      const IoResult got = co_await read_some(engine, stream, piece, 70'000, WaitTerms());
      if (!got.ok()) break;
      const IoResult put = co_await write(engine, stream, piece);
      if (!put.ok()) break;
    }
    stream.shut_down_write();
  };
  const auto send = [](Engine& engine, Stream& stream, const std::string& text) -> Task<> {
    const IoResult all = co_await write(engine, stream, text.substr(0, 1000), std::string_view(text).substr(1000));
    EXPECT_TRUE(all.ok());
    EXPECT_EQ(all.bytes, text.size());
    stream.shut_down_write();
  };
  const auto body = [&](Engine& engine) -> Task<std::string> {
    auto echoing = start(echo(engine, *pair.server));
    auto sending = start(send(engine, *pair.client, sent));
    std::string got = co_await read_all(engine, *pair.client);
    co_await join(engine, std::move(sending));
    co_await join(engine, std::move(echoing));
    pair = Pair();
    co_return got;
  };
  EXPECT_TRUE(this->run(body(this->engine())) == sent);
}

TYPED_TEST(EngineTest, WritesBothPiecesInOrder) {
  Pair pair = this->make_pair();
  const auto body = [&](Engine& engine) -> Task<std::string> {
    const IoResult both = co_await write(engine, *pair.client, "head ", "body");
    EXPECT_EQ(both.bytes, 9U);
    const IoResult nothing = co_await write(engine, *pair.client, "");
    EXPECT_TRUE(nothing.ok());
    EXPECT_EQ(nothing.bytes, 0U);
    std::string got = co_await read_exactly(engine, *pair.server, 9);
    pair = Pair();
    co_return got;
  };
  EXPECT_EQ(this->run(body(this->engine())), "head body");
}

TYPED_TEST(EngineTest, AReadThatTakesTooLongLeavesTheSocketUsable) {
  Pair pair = this->make_pair();
  const auto body = [&](Engine& engine) -> Task<std::string> {
    std::string nothing;
    const TimePoint until = engine.now() + kSoon;
    const IoResult late = co_await read_some(engine, *pair.client, nothing, 10, WaitTerms(nullptr, until));
    EXPECT_EQ(late.status, IoStatus::deadline);
    EXPECT_GE(engine.now(), until);
    (void)co_await write(engine, *pair.server, "late");
    std::string got = co_await read_exactly(engine, *pair.client, 4);
    pair = Pair();
    co_return got;
  };
  EXPECT_EQ(this->run(body(this->engine())), "late");
}

TYPED_TEST(EngineTest, AWriteThatTakesTooLongTellsHowMuchWasWritten) {
  Pair pair = this->make_pair();
  const std::string much(32 << 20, 'x');
  const auto body = [&](Engine& engine) -> Task<> {
    const WaitTerms soon(nullptr, engine.now() + kSoon);
    const IoResult late = co_await write(engine, *pair.client, much, {}, soon);
    EXPECT_EQ(late.status, IoStatus::deadline);
    EXPECT_GT(late.bytes, 0U);
    EXPECT_LT(late.bytes, much.size());
    pair.client->shut_down_write();
    const std::string got = co_await read_all(engine, *pair.server);
    EXPECT_EQ(got.size(), late.bytes);
    pair = Pair();
  };
  this->run(body(this->engine()));
}

TYPED_TEST(EngineTest, ReadsWhatCameBeforeTheEndAndThenTheEndForEver) {
  Pair pair = this->make_pair();
  const auto body = [&](Engine& engine) -> Task<> {
    (void)co_await write(engine, *pair.server, "last words");
    pair.server.reset();
    const std::string got = co_await read_exactly(engine, *pair.client, 10);
    EXPECT_EQ(got, "last words");
    for (int i = 0; i < 2; ++i) {
      std::string nothing;
      const IoResult end = co_await read_some(engine, *pair.client, nothing, 10, WaitTerms());
      EXPECT_EQ(end.status, IoStatus::end);
    }
    pair = Pair();
  };
  this->run(body(this->engine()));
}

TYPED_TEST(EngineTest, AnEndOfOneSideLeavesTheOther) {
  Pair pair = this->make_pair();
  const auto body = [&](Engine& engine) -> Task<> {
    pair.client->shut_down_write();
    std::string nothing;
    const IoResult end = co_await read_some(engine, *pair.server, nothing, 10, WaitTerms());
    EXPECT_EQ(end.status, IoStatus::end);
    (void)co_await write(engine, *pair.server, "still here");
    const std::string got = co_await read_exactly(engine, *pair.client, 10);
    EXPECT_EQ(got, "still here");
    const IoResult closed = co_await write(engine, *pair.client, "x");
    EXPECT_EQ(closed.status, IoStatus::failed);
    pair = Pair();
  };
  this->run(body(this->engine()));
}

TYPED_TEST(EngineTest, ReportsAResetByThePeer) {
  Pair pair = this->make_pair();
  const auto body = [&](Engine& engine) -> Task<> {
    std::string nothing;
    auto reading = start(read_some(engine, *pair.client, nothing, 10, WaitTerms()));
    MoveTo later(engine);
    co_await later;
    pair.server->reset_on_close();
    pair.server.reset();
    const IoResult result = co_await join(engine, std::move(reading));
    EXPECT_EQ(result.status, IoStatus::failed);
    EXPECT_EQ(result.error, std::errc::connection_reset);
    pair = Pair();
  };
  this->run(body(this->engine()));
}

TYPED_TEST(EngineTest, AWriterThatIsBlockedHearsOfAReset) {
  Pair pair = this->make_pair();
  const std::string much(32 << 20, 'x');
  const auto body = [&](Engine& engine) -> Task<> {
    auto writing = start(write(engine, *pair.client, much));
    MoveTo later(engine);
    co_await later;
    pair.server->reset_on_close();
    pair.server.reset();
    const IoResult result = co_await join(engine, std::move(writing));
    EXPECT_EQ(result.status, IoStatus::failed);
    EXPECT_LT(result.bytes, much.size());
    pair = Pair();
  };
  this->run(body(this->engine()));
}

TYPED_TEST(EngineTest, IsQuietUntilSomethingComes) {
  Pair pair = this->make_pair();
  const auto body = [&](Engine& engine) -> Task<> {
    EXPECT_TRUE(pair.client->is_quiet());
    (void)co_await write(engine, *pair.server, "unasked");
    Readiness readable(engine, WaitTerms(), *pair.client, Interest::read);
    (void)co_await readable;
    EXPECT_FALSE(pair.client->is_quiet());
    const std::string got = co_await read_exactly(engine, *pair.client, 7);
    EXPECT_EQ(got, "unasked");
    EXPECT_TRUE(pair.client->is_quiet());
    pair.server.reset();
    Readiness ended(engine, WaitTerms(), *pair.client, Interest::read);
    (void)co_await ended;
    EXPECT_FALSE(pair.client->is_quiet());
    pair = Pair();
  };
  this->run(body(this->engine()));
}

TYPED_TEST(EngineTest, DestroyingACoroutineThatWaitsLeavesNothingBehind) {
  Pair pair = this->make_pair();
  const auto body = [&](Engine& engine) -> Task<> {
    std::string nothing;
    {
      Task<IoResult> reading = read_some(engine, *pair.client, nothing, 10, WaitTerms(nullptr, engine.now() + kSoon));
      auto awaiter = std::move(reading).operator co_await();
      EXPECT_TRUE(awaiter.await_suspend(std::noop_coroutine()));
    }
    // Neither its deadline nor its socket finds it.
    (void)co_await write(engine, *pair.server, "data");
    Sleep sleep(engine, WaitTerms(nullptr, engine.now() + 3 * kSoon));
    (void)co_await sleep;
    const std::string got = co_await read_exactly(engine, *pair.client, 4);
    EXPECT_EQ(got, "data");
    pair = Pair();
  };
  this->run(body(this->engine()));
}

// --- cancellation

TYPED_TEST(EngineTest, CancelsWhatIsParked) {
  Pair pair = this->make_pair();
  const auto silent = this->fixture_.make_silent();
  const auto body = [&](Engine& engine) -> Task<> {
    const auto cancellation = std::make_shared<Cancellation>();
    cancellation->attach(&engine);
    const WaitTerms terms(cancellation.get(), engine.now() + hours(1));
    const auto rest_for = [](Engine& on, WaitTerms how_long) -> Task<WaitResult> {
      Sleep sleep(on, how_long);
      co_return co_await sleep;
    };
    const auto wait_for = [](Engine& on, WaitTerms how_long) -> Task<WaitResult> {
      Signal::Awaiter never(std::make_shared<Signal>(), on, how_long);
      co_return co_await never;
    };
    std::error_code error;
    const std::unique_ptr<Socket> connecting = engine.begin_connect(ConnectRequest(silent.endpoint()), error);
    const std::string much(32 << 20, 'x');
    std::string nothing;
    auto connect = start(connected(engine, *connecting, terms));
    auto read = start(read_some(engine, *pair.client, nothing, 10, terms));
    auto written = start(write(engine, *pair.client, much, {}, terms));
    auto sleep = start(rest_for(engine, terms));
    auto signal = start(wait_for(engine, terms));
    EXPECT_TRUE(cancellation->request());
    EXPECT_FALSE(cancellation->request());
    const std::error_code connect_error = co_await join(engine, std::move(connect));
    EXPECT_EQ(connect_error, std::errc::operation_canceled);
    const IoResult read_result = co_await join(engine, std::move(read));
    EXPECT_EQ(read_result.status, IoStatus::canceled);
    const IoResult write_result = co_await join(engine, std::move(written));
    EXPECT_EQ(write_result.status, IoStatus::canceled);
    EXPECT_GT(write_result.bytes, 0U);
    EXPECT_EQ(co_await join(engine, std::move(sleep)), WaitResult::canceled);
    EXPECT_EQ(co_await join(engine, std::move(signal)), WaitResult::canceled);
    // What comes after is canceled as well.
    const IoResult later = co_await read_some(engine, *pair.client, nothing, 10, terms);
    EXPECT_EQ(later.status, IoStatus::canceled);
    cancellation->attach(nullptr);
    pair = Pair();
  };
  this->run(body(this->engine()));
}

TYPED_TEST(EngineTest, CancelsAReadAloneFromAnotherThread) {
  for (int round = 0; round < 20; ++round) {
    Pair pair = this->make_pair();
    const auto cancellation = std::make_shared<Cancellation>();
    std::latch begun(1);
    std::thread other([&] {
      begun.wait();
      cancellation->request();
    });
    const auto body = [&](Engine& engine) -> Task<IoStatus> {
      cancellation->attach(&engine);
      begun.count_down();
      std::string nothing;
      const IoResult result = co_await read_some(engine, *pair.client, nothing, 10, WaitTerms(cancellation.get()));
      cancellation->attach(nullptr);
      pair = Pair();
      co_return result.status;
    };
    {
      [[maybe_unused]] const auto expecting = this->fixture_.expect_posts();
      EXPECT_EQ(this->run(body(this->engine())), IoStatus::canceled);
    }
    other.join();
  }
}

TYPED_TEST(EngineTest, CancelsOnlyTheCallThatIsMeant) {
  Pair pair = this->make_pair();
  const auto body = [&](Engine& engine) -> Task<> {
    const auto canceled = std::make_shared<Cancellation>();
    const auto other = std::make_shared<Cancellation>();
    canceled->attach(&engine);
    other->attach(&engine);
    std::string text;
    auto ends = start(read_some(engine, *pair.client, text, 10, WaitTerms(canceled.get())));
    auto goes_on = start(read_some(engine, *pair.server, text, 10, WaitTerms(other.get())));
    canceled->request();
    const IoResult ended = co_await join(engine, std::move(ends));
    EXPECT_EQ(ended.status, IoStatus::canceled);
    EXPECT_FALSE(goes_on->done());
    (void)co_await write(engine, *pair.client, "data");
    const IoResult result = co_await join(engine, std::move(goes_on));
    EXPECT_TRUE(result.ok());
    canceled->attach(nullptr);
    other->attach(nullptr);
    pair = Pair();
  };
  this->run(body(this->engine()));
}

// --- coming home

TYPED_TEST(EngineTest, ACoroutineThatRunsElsewhereComesHomeToWait) {
  Pair pair = this->make_pair();
  const auto body = [&](Engine& engine) -> Task<std::string> {
    (void)co_await write(engine, *pair.server, "home");
    Readiness readable(engine, WaitTerms(), *pair.client, Interest::read);
    (void)co_await readable;
    [[maybe_unused]] const auto expecting = this->fixture_.expect_posts();
    std::thread thread;
    Elsewhere elsewhere(thread);
    co_await elsewhere;
    EXPECT_FALSE(engine.runs_here());
    // Awaited here and not in a child, whose parent may overtake it and stay on the foreign thread.
    std::string got(4, '\0');
    ReadSome read(engine, WaitTerms(), *pair.client, std::as_writable_bytes(std::span(got)));
    const IoResult result = co_await read;
    EXPECT_EQ(result.bytes, 4U);
    EXPECT_TRUE(engine.runs_here());
    thread.join();

    Elsewhere again(thread);
    co_await again;
    EXPECT_FALSE(engine.runs_here());
    const auto set = std::make_shared<Signal>();
    set->set();
    Signal::Awaiter signaled(set, engine, WaitTerms());
    const WaitResult how = co_await signaled;
    EXPECT_EQ(how, WaitResult::ready);
    EXPECT_TRUE(engine.runs_here());
    thread.join();
    pair = Pair();
    co_return got;
  };
  EXPECT_EQ(this->run(body(this->engine())), "home");
}

}  // namespace
}  // namespace okhttp::internal

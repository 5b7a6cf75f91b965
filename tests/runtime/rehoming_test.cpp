#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <system_error>
#include <utility>

#include "runtime/stream.hpp"
#include "support/engines.hpp"

// A socket moves between engines at every boundary between two operations, and nothing is lost on the way.

namespace okhttp::internal {
namespace {

/// A calling thread and a loop, as the front doors of one call.
class RealEngines {
 public:
  static constexpr const char* kName = "ThreadAndLoop";
  template <class T>
  T run_on(bool second, Task<T> task) {
    return second ? loop_.run(std::move(task)) : thread_.run(std::move(task));
  }
  Engine& engine(bool second) { return second ? loop_.engine() : thread_.engine(); }
  Endpoint any_port() { return thread_.any_port(); }

 private:
  OnCallingThread thread_;
  OnLoop loop_;
};

class TwoLoops {
 public:
  static constexpr const char* kName = "TwoLoops";
  template <class T>
  T run_on(bool second, Task<T> task) {
    return second ? second_.run(std::move(task)) : first_.run(std::move(task));
  }
  Engine& engine(bool second) { return second ? second_.engine() : first_.engine(); }
  Endpoint any_port() { return first_.any_port(); }

 private:
  OnLoop first_;
  OnLoop second_;
};

class TwoSimulated {
 public:
  static constexpr const char* kName = "TwoSimulated";
  template <class T>
  T run_on(bool second, Task<T> task) {
    return second ? second_.run(std::move(task)) : first_.run(std::move(task));
  }
  Engine& engine(bool second) { return second ? second_ : first_; }
  Endpoint any_port() { return Endpoint(IpAddress::loopback_v4(), 0); }

 private:
  Simulation simulation_{3};
  SimulatedEngine first_{simulation_};
  SimulatedEngine second_{simulation_};
};

/// The operations of one exchange, each on the engine that is given, which adopts the socket first.
class Exchange {
 public:
  Task<> connect(Engine& engine, Endpoint any_port) {
    std::error_code error;
    const std::unique_ptr<Listener> listener = engine.listen(ListenRequest(any_port), error);
    client_ = engine.begin_connect(ConnectRequest(listener->endpoint()), error);
    Readiness writable(engine, WaitTerms(), *client_, Interest::write);
    (void)co_await writable;
    EXPECT_FALSE(client_->connect_result());
    while (server_ == nullptr) {
      Readiness readable(engine, WaitTerms(), listener->socket(), Interest::read);
      (void)co_await readable;
      server_ = listener->try_accept(error);
    }
  }

  Task<> write_request(Engine& engine) {
    engine.adopt(*client_);
    const ConstBytes request = as_bytes("request");
    WriteAll write(engine, WaitTerms(), *client_, request);
    const IoResult written = co_await write;
    EXPECT_EQ(written.bytes, 7U);
  }

  Task<> serve_request(Engine& engine) {
    engine.adopt(*server_);
    const std::string request = co_await read(engine, *server_, 7);
    EXPECT_EQ(request, "request");
  }

  /// What comes while the reader waits.
  Task<> read_head(Engine& engine) {
    engine.adopt(*client_);
    auto reading = start(read(engine, *client_, 4));
    MoveTo later(engine);
    co_await later;
    send("head");
    const std::string head = co_await join(engine, std::move(reading));
    EXPECT_EQ(head, "head");
  }

  /// What was there before this engine saw the socket; half of it is left unread in the system.
  Task<> read_half(Engine& engine) {
    send("abcd");
    engine.adopt(*client_);
    const std::string half = co_await read(engine, *client_, 2);
    EXPECT_EQ(half, "ab");
  }
  Task<> read_other_half(Engine& engine) {
    engine.adopt(*client_);
    const std::string half = co_await read(engine, *client_, 2);
    EXPECT_EQ(half, "cd");
  }

  /// A deadline passes, and the reader goes on elsewhere.
  Task<> run_out_of_time(Engine& engine) {
    engine.adopt(*client_);
    std::string nothing(1, '\0');
    const WaitTerms soon(nullptr, engine.now() + std::chrono::milliseconds(1));
    ReadSome read(engine, soon, *client_, std::as_writable_bytes(std::span(nothing)));
    const IoResult result = co_await read;
    EXPECT_EQ(result.status, IoStatus::deadline);
  }

  Task<> read_last_bytes_before_the_end(Engine& engine) {
    send("last");
    server_.reset();
    engine.adopt(*client_);
    const std::string last = co_await read(engine, *client_, 4);
    EXPECT_EQ(last, "last");
  }
  Task<> read_the_end(Engine& engine) {
    engine.adopt(*client_);
    std::string nothing(1, '\0');
    ReadSome read(engine, WaitTerms(), *client_, std::as_writable_bytes(std::span(nothing)));
    const IoResult result = co_await read;
    EXPECT_EQ(result.status, IoStatus::end);
  }
  Task<> close(Engine&) {
    client_.reset();
    co_return;
  }

 private:
  static Task<std::string> read(Engine& engine, Socket& socket, std::size_t count) {
    std::string text;
    while (text.size() < count) {
      std::string piece(count - text.size(), '\0');
      ReadSome some(engine, WaitTerms(), socket, std::as_writable_bytes(std::span(piece)));
      const IoResult result = co_await some;
      if (!result.ok()) throw std::system_error(result.error);
      text.append(piece, 0, result.bytes);
    }
    co_return text;
  }

  /// From the server, whose few bytes always fit.
  void send(std::string_view text) {
    const ConstBytes piece = as_bytes(text);
    const IoResult written = server_->try_write(std::span(&piece, 1));
    EXPECT_EQ(written.bytes, text.size());
  }

  std::unique_ptr<Socket> client_;
  std::unique_ptr<Socket> server_;
};

template <class Fixture>
class RehomingTest : public testing::Test {};

using Fixtures = testing::Types<RealEngines, TwoLoops, TwoSimulated>;
TYPED_TEST_SUITE(RehomingTest, Fixtures, EngineNames);

TYPED_TEST(RehomingTest, ASocketMovesAtEveryBoundary) {
  constexpr unsigned kSteps = 9;
  TypeParam fixture;
  // Bit n says on which engine step n runs.
  for (unsigned choice = 0; choice < (1U << kSteps); ++choice) {
    SCOPED_TRACE(choice);
    Exchange exchange;
    unsigned step = 0;
    const auto next = [&]() -> bool { return ((choice >> step++) & 1U) != 0; };
    const bool connects = next();
    fixture.run_on(connects, exchange.connect(fixture.engine(connects), fixture.any_port()));
    using Step = Task<> (Exchange::*)(Engine&);
    for (const Step what : {&Exchange::write_request, &Exchange::serve_request, &Exchange::read_head,
                            &Exchange::read_half, &Exchange::read_other_half, &Exchange::read_last_bytes_before_the_end,
                            &Exchange::read_the_end, &Exchange::close}) {
      const bool on = next();
      fixture.run_on(on, (exchange.*what)(fixture.engine(on)));
    }
    if (testing::Test::HasFailure()) break;
  }
}

TYPED_TEST(RehomingTest, ASocketMovesAfterADeadline) {
  TypeParam fixture;
  for (unsigned choice = 0; choice < 8; ++choice) {
    SCOPED_TRACE(choice);
    const bool connects = (choice & 1U) != 0;
    const bool waits = (choice & 2U) != 0;
    const bool reads = (choice & 4U) != 0;
    Exchange exchange;
    fixture.run_on(connects, exchange.connect(fixture.engine(connects), fixture.any_port()));
    fixture.run_on(waits, exchange.run_out_of_time(fixture.engine(waits)));
    fixture.run_on(reads, exchange.read_head(fixture.engine(reads)));
    fixture.run_on(reads, exchange.close(fixture.engine(reads)));
  }
}

}  // namespace
}  // namespace okhttp::internal

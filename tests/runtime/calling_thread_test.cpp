#include "runtime/calling_thread.hpp"

#include <gtest/gtest.h>
#include <pthread.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <future>
#include <latch>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "runtime/signal.hpp"
#include "runtime/stream.hpp"
#include "support/detached.hpp"
#include "support/elsewhere.hpp"
#include "support/no_descriptors.hpp"

namespace okhttp::internal {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

class CallingThreadTest : public testing::Test {
 protected:
  void SetUp() override { engine_.run(connect()); }

  Task<IoResult> read_one(std::string& into, WaitTerms terms) {
    std::string buffer(1, '\0');
    ReadSome read(engine_, terms, *client_, std::as_writable_bytes(std::span(buffer)));
    const IoResult result = co_await read;
    into.append(buffer, 0, result.bytes);
    co_return result;
  }
  void send(std::string_view text) {
    const ConstBytes piece = as_bytes(text);
    EXPECT_EQ(server_->try_write(std::span(&piece, 1)).bytes, text.size());
  }

  CallingThread engine_;
  std::unique_ptr<Socket> client_;
  std::unique_ptr<Socket> server_;

 private:
  Task<> connect() {
    std::error_code error;
    const std::unique_ptr<Listener> listener =
        engine_.listen(ListenRequest(Endpoint(IpAddress::loopback_v4(), 0)), error);
    client_ = engine_.begin_connect(ConnectRequest(listener->endpoint()), error);
    Readiness writable(engine_, WaitTerms(), *client_, Interest::write);
    (void)co_await writable;
    EXPECT_FALSE(client_->connect_result());
    Readiness readable(engine_, WaitTerms(), listener->socket(), Interest::read);
    (void)co_await readable;
    server_ = listener->try_accept(error);
  }
};

TEST_F(CallingThreadTest, IsNotShared) { EXPECT_FALSE(engine_.is_shared()); }

TEST_F(CallingThreadTest, RunsSeveralTasksOneAfterTheOther) {
  const auto value = [](int number) -> Task<int> { co_return number; };
  EXPECT_EQ(engine_.run(value(1)), 1);
  EXPECT_EQ(engine_.run(value(2)), 2);
  std::string text;
  send("ab");
  EXPECT_TRUE(engine_.run(read_one(text, WaitTerms())).ok());
  EXPECT_TRUE(engine_.run(read_one(text, WaitTerms())).ok());
  EXPECT_EQ(text, "ab");
}

TEST_F(CallingThreadTest, ADeadlineEndsALoneReadWhateverTheOneBefore) {
  // The system keeps the patience of a socket, so a longer and a shorter one follow each other.
  for (const int patience : {20, 5, 40, 5}) {
    std::string nothing;
    const TimePoint until = engine_.now() + milliseconds(patience);
    EXPECT_EQ(engine_.run(read_one(nothing, WaitTerms(nullptr, until))).status, IoStatus::deadline);
    EXPECT_GE(engine_.now(), until);
  }
  send("x");
  std::string text;
  EXPECT_TRUE(engine_.run(read_one(text, WaitTerms())).ok());
}

TEST_F(CallingThreadTest, ACancelFromAnotherThreadEndsALoneRead) {
  const auto cancellation = std::make_shared<Cancellation>();
  std::latch begun(1);
  std::thread other([&] {
    begun.wait();
    cancellation->request();
  });
  std::string nothing;
  const auto body = [&](std::string& into) -> Task<IoStatus> {
    cancellation->attach(&engine_);
    begun.count_down();
    const IoResult result = co_await read_one(into, WaitTerms(cancellation.get()));
    cancellation->attach(nullptr);
    co_return result.status;
  };
  EXPECT_EQ(engine_.run(body(nothing)), IoStatus::canceled);
  other.join();
}

TEST_F(CallingThreadTest, ACancelThatComesWhenTheEngineIsGoneDoesNothing) {
  const auto cancellation = std::make_shared<Cancellation>();
  {
    CallingThread engine;
    const auto body = [](CallingThread& on, std::shared_ptr<Cancellation> whose) -> Task<> {
      whose->attach(&on);
      on.on_attach(whose);
      co_return;
    };
    engine.run(body(engine, cancellation));
  }
  EXPECT_TRUE(cancellation->request());
}

TEST_F(CallingThreadTest, CancelsThatComeWhileTheEngineEndsLeaveNothing) {
  for (int round = 0; round < 2000; ++round) {
    const auto cancellation = std::make_shared<Cancellation>();
    std::atomic<bool> go = false;
    std::thread other([&] {
      while (!go) std::this_thread::yield();
      cancellation->request();
    });
    {
      CallingThread engine;
      const auto body = [&go](CallingThread& on, std::shared_ptr<Cancellation> whose) -> Task<> {
        whose->attach(&on);
        on.on_attach(whose);
        go = true;
        co_return;
      };
      engine.run(body(engine, cancellation));
    }
    other.join();
  }
}

TEST_F(CallingThreadTest, EnginesNest) {
  const auto inner = [](CallingThread& on) -> Task<int> {
    EXPECT_TRUE(on.runs_here());
    Sleep sleep(on, WaitTerms(nullptr, on.now() + milliseconds(1)));
    (void)co_await sleep;
    co_return 1;
  };
  const auto outer = [&inner](CallingThread& on) -> Task<int> {
    int result = 0;
    {
      CallingThread nested;
      result = nested.run(inner(nested));
    }
    EXPECT_TRUE(on.runs_here());
    Sleep sleep(on, WaitTerms(nullptr, on.now() + milliseconds(1)));
    (void)co_await sleep;
    co_return result + 1;
  };
  EXPECT_EQ(engine_.run(outer(engine_)), 2);
}

TEST_F(CallingThreadTest, ATaskMayFinishOnAnotherThread) {
  for (int round = 0; round < 200; ++round) {
    std::thread thread;
    const auto body = [](std::thread& where) -> Task<int> {
      Elsewhere elsewhere(where);
      co_await elsewhere;
      co_return 5;
    };
    {
      CallingThread engine;
      EXPECT_EQ(engine.run(body(thread)), 5);
    }
    thread.join();
  }
}

/// A stream that needs two reads of the socket before it has anything to give, as TLS does.
class TwoByteStream final : public Stream {
 public:
  explicit TwoByteStream(Socket& below) noexcept : below_(below) {}
  IoResult try_read(Bytes into) noexcept override {
    while (have_ < 2) {
      const IoResult result = below_.try_read(into.first(1));
      if (!result.ok()) return result;
      ++have_;
    }
    have_ = 0;
    return IoResult(IoStatus::ok, 1);
  }
  IoResult try_write(std::span<const ConstBytes> from) noexcept override { return below_.try_write(from); }
  Socket& socket() noexcept override { return below_; }
  bool is_quiet() noexcept override { return below_.is_quiet(); }
  void shut_down_write() noexcept override { below_.shut_down_write(); }

 private:
  Socket& below_;
  int have_ = 0;
};

TEST_F(CallingThreadTest, ADeadlineHoldsForAStreamThatReadsManyTimes) {
  // One byte is there, the second never comes: the wait for it is what is left of the patience, not all of it again.
  TwoByteStream stream(*client_);
  send("x");
  std::string buffer(1, '\0');
  const auto body = [&](TimePoint until) -> Task<IoResult> {
    ReadSome read(engine_, WaitTerms(nullptr, until), stream, std::as_writable_bytes(std::span(buffer)));
    co_return co_await read;
  };
  EXPECT_EQ(engine_.run(body(engine_.now() + milliseconds(20))).status, IoStatus::deadline);
  send("y");
  EXPECT_TRUE(engine_.run(body(engine_.now() + hours(1))).ok());
}

TEST_F(CallingThreadTest, ASignalWakesAThreadThatWaitsForSeveralThings) {
  const auto signal = std::make_shared<Signal>();
  std::latch begun(1);
  std::thread other([&] {
    begun.wait();
    signal->set();
  });
  const auto body = [&]() -> Task<WaitResult> {
    std::string text;
    auto reading = start(read_one(text, WaitTerms()));
    begun.count_down();
    Signal::Awaiter set(signal, engine_, WaitTerms());
    const WaitResult how = co_await set;
    send("x");
    const IoResult result = co_await join(engine_, std::move(reading));
    EXPECT_TRUE(result.ok());
    co_return how;
  };
  EXPECT_EQ(engine_.run(body()), WaitResult::ready);
  other.join();
}

TEST(CallingThreadWithoutDescriptorsTest, IsWokenAllTheSame) {
  // On a thread that never waited before, and so has no descriptor to be woken by.
  std::thread([] {
    CallingThread engine;
    const auto signal = std::make_shared<Signal>();
    std::latch begun(1);
    std::thread other([&] {
      begun.wait();
      signal->set();
    });
    const NoDescriptors shortage;
    const auto body = [&]() -> Task<WaitResult> {
      begun.count_down();
      Signal::Awaiter set(signal, engine, WaitTerms());
      co_return co_await set;
    };
    EXPECT_EQ(engine.run(body()), WaitResult::ready);
    const auto sleep = [&]() -> Task<WaitResult> {
      Sleep until(engine, WaitTerms(nullptr, engine.now() + milliseconds(1)));
      co_return co_await until;
    };
    EXPECT_EQ(engine.run(sleep()), WaitResult::deadline);
    EXPECT_GT(shortage.refused(), 0);
    other.join();
  }).join();
}

/// A function that does nothing handles SIGUSR1 while this lives, without SA_RESTART.
class InterruptingSignal {
 public:
  InterruptingSignal() noexcept {
    struct sigaction handling {};
    handling.sa_handler = [](int) {};
    ::sigaction(SIGUSR1, &handling, &before_);
  }
  InterruptingSignal(const InterruptingSignal&) = delete;
  InterruptingSignal& operator=(const InterruptingSignal&) = delete;
  ~InterruptingSignal() { ::sigaction(SIGUSR1, &before_, nullptr); }

 private:
  struct sigaction before_ {};
};

TEST_F(CallingThreadTest, SignalsDoNotPutADeadlineOff) {
  const InterruptingSignal handled;
  const pthread_t reader = ::pthread_self();
  std::promise<void> ended;
  std::thread sender([reader, end = ended.get_future()] {
    // Much more often than the deadline, so that a wait which begins anew at each would never end.
    while (end.wait_for(milliseconds(1)) != std::future_status::ready) ::pthread_kill(reader, SIGUSR1);
  });
  std::string text;
  const WaitTerms terms(nullptr, engine_.now() + milliseconds(100));
  const IoResult result = engine_.run(read_one(text, terms));
  ended.set_value();
  sender.join();
  EXPECT_EQ(result.status, IoStatus::deadline);
  EXPECT_GE(engine_.now(), terms.deadline);
}

}  // namespace
}  // namespace okhttp::internal

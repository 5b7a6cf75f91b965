#include "runtime/loop.hpp"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <pthread.h>

#include <chrono>
#include <latch>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "runtime/calling_thread.hpp"
#include "runtime/descriptor_socket.hpp"
#include "runtime/stream.hpp"
#include "support/engines.hpp"

namespace okhttp::internal {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

Task<WaitResult> sleep_long(Engine& engine) {
  Sleep sleep(engine, WaitTerms(nullptr, engine.now() + hours(1)));
  co_return co_await sleep;
}

TEST(LoopTest, RunsOnAThreadOfItsOwnThatBearsItsName) {
  const std::shared_ptr<Loop> loop = Loop::start("a loop with a long name");
  EXPECT_TRUE(loop->is_shared());
  const auto body = [](std::thread::id caller) -> Task<std::string> {
    char name[32] = {};
    pthread_getname_np(pthread_self(), name, sizeof name);
    EXPECT_NE(std::this_thread::get_id(), caller);
    co_return std::string(name);
  };
  EXPECT_EQ(wait_for(start(on_engine(*loop, body(std::this_thread::get_id())))), "a loop with a l");
}

TEST(LoopTest, SaysSoWhenTheSystemDoesNotWatchASocket) {
  const std::shared_ptr<Loop> loop = Loop::start("loop");
  DescriptorSocket unwatchable(::open("/dev/null", O_RDWR | O_CLOEXEC));  // epoll(7) takes no such file
  EXPECT_FALSE(loop->adopt(unwatchable));
  EXPECT_EQ(unwatchable.entry(), nullptr);
}

TEST(LoopTest, DroppingItEndsWhatIsParked) {
  std::shared_ptr<Loop> loop = Loop::start("loop");
  std::latch parked(1);
  const auto body = [&parked](Loop& on) -> Task<WaitResult> {
    auto sleeping = start(sleep_long(on));
    parked.count_down();
    Signal::Awaiter done(sleeping->finished(), on, WaitTerms());
    (void)co_await done;
    co_return sleeping->take();
  };
  const auto outcome = start(on_engine(*loop, body(*loop)));
  parked.wait();
  loop.reset();
  EXPECT_EQ(wait_for(outcome), WaitResult::canceled);
}

TEST(LoopTest, ACoroutineThatWaitsAgainAfterTheEndIsEndedAgain) {
  std::shared_ptr<Loop> loop = Loop::start("loop");
  std::latch parked(1);
  const auto body = [&parked](Loop& on) -> Task<int> {
    parked.count_down();
    int canceled = 0;
    while (canceled < 5) {
      const WaitResult how = co_await sleep_long(on);
      if (how == WaitResult::canceled) ++canceled;
      // What it posts to itself meanwhile is run as well.
      MoveTo later(on);
      co_await later;
    }
    co_return canceled;
  };
  const auto outcome = start(on_engine(*loop, body(*loop)));
  parked.wait();
  loop.reset();
  EXPECT_EQ(wait_for(outcome), 5);
}

TEST(LoopTest, TheLastHolderMayBeACoroutineOnTheLoop) {
  std::shared_ptr<Loop> loop = Loop::start("loop");
  const auto body = [](std::shared_ptr<Loop> last) -> Task<> {
    MoveTo there(*last);
    co_await there;
    last.reset();
  };
  const auto outcome = start(body(std::move(loop)));
  wait_for(outcome);
}

TEST(LoopTest, ManyLoopsComeAndGo) {
  for (int i = 0; i < 200; ++i) {
    const std::shared_ptr<Loop> loop = Loop::start("loop");
    const auto nothing = []() -> Task<> { co_return; };
    if (i % 2 == 0) wait_for(start(on_engine(*loop, nothing())));
  }
}

TEST(LoopTest, WorkThatKeepsPostingDoesNotStarveSockets) {
  const std::shared_ptr<Loop> loop = Loop::start("loop");
  const auto busy = [](Engine& engine, const bool& stop) -> Task<> {
    while (!stop) {
      MoveTo again(engine);
      co_await again;
    }
  };
  const auto body = [&busy](Loop& on) -> Task<WaitResult> {
    bool stop = false;
    auto working = start(busy(on, stop));
    std::error_code error;
    const std::unique_ptr<Listener> listener = on.listen(ListenRequest(Endpoint(IpAddress::loopback_v4(), 0)), error);
    const std::unique_ptr<Socket> client = on.begin_connect(ConnectRequest(listener->endpoint()), error);
    Readiness writable(on, WaitTerms(), *client, Interest::write);
    (void)co_await writable;
    Sleep sleep(on, WaitTerms(nullptr, on.now() + milliseconds(1)));
    const WaitResult how = co_await sleep;
    stop = true;
    co_await join(on, std::move(working));
    co_return how;
  };
  EXPECT_EQ(wait_for(start(on_engine(*loop, body(*loop)))), WaitResult::deadline);
}

TEST(LoopTest, ManyThreadsPostAtOnce) {
  constexpr int kThreads = 4;
  constexpr int kTasks = 2000;
  const std::shared_ptr<Loop> loop = Loop::start("loop");
  int count = 0;  // touched by the loop alone
  const auto add = [](int& total) -> Task<> {
    ++total;
    co_return;
  };
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      std::shared_ptr<Outcome<void>> last;
      for (int k = 0; k < kTasks; ++k) last = start(on_engine(*loop, add(count)));
      wait_for(last);
    });
  }
  for (std::thread& thread : threads) thread.join();
  const auto read = [](const int& total) -> Task<int> { co_return total; };
  EXPECT_EQ(wait_for(start(on_engine(*loop, read(count)))), kThreads * kTasks);
}

TEST(LoopTest, ASocketMayOutliveTheLoop) {
  std::shared_ptr<Loop> loop = Loop::start("loop");
  const auto body = [](Loop& on) -> Task<std::unique_ptr<Socket>> {
    std::error_code error;
    const std::unique_ptr<Listener> listener = on.listen(ListenRequest(Endpoint(IpAddress::loopback_v4(), 0)), error);
    std::unique_ptr<Socket> client = on.begin_connect(ConnectRequest(listener->endpoint()), error);
    Readiness writable(on, WaitTerms(), *client, Interest::write);
    (void)co_await writable;
    co_return std::move(client);
  };
  std::unique_ptr<Socket> socket = wait_for(start(on_engine(*loop, body(*loop))));
  loop.reset();
  socket.reset();
}

}  // namespace
}  // namespace okhttp::internal

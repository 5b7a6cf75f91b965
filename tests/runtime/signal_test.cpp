#include "runtime/signal.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <semaphore>
#include <thread>
#include <vector>

#include "support/engines.hpp"

namespace okhttp::internal {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

Task<WaitResult> await_signal(Engine& engine, std::shared_ptr<Signal> signal, WaitTerms terms = WaitTerms()) {
  Signal::Awaiter awaiter(std::move(signal), engine, terms);
  co_return co_await awaiter;
}

template <class Fixture>
class SignalTest : public OnEngineTest<Fixture> {
 protected:
  std::shared_ptr<Signal> signal_ = std::make_shared<Signal>();
};

TYPED_TEST_SUITE(SignalTest, AllEngines, EngineNames);

TYPED_TEST(SignalTest, AWaiterThatComesLateGoesOnAtOnce) {
  EXPECT_FALSE(this->signal_->is_set());
  this->signal_->set();
  EXPECT_TRUE(this->signal_->is_set());
  EXPECT_EQ(this->run(await_signal(this->engine(), this->signal_)), WaitResult::ready);
}

TYPED_TEST(SignalTest, ResumesTheWaiterThatIsParked) {
  const auto body = [](Engine& engine, std::shared_ptr<Signal> signal) -> Task<WaitResult> {
    auto waiting = start(await_signal(engine, signal));
    EXPECT_FALSE(waiting->done());
    signal->set();
    signal->set();
    EXPECT_FALSE(waiting->done());  // by a job, and not from within set()
    co_return co_await join(engine, std::move(waiting));
  };
  EXPECT_EQ(this->run(body(this->engine(), this->signal_)), WaitResult::ready);
}

TYPED_TEST(SignalTest, SettingItAfterTheWaiterGaveUpDoesNothing) {
  const auto body = [](Engine& engine, std::shared_ptr<Signal> signal) -> Task<WaitResult> {
    const WaitTerms soon(nullptr, engine.now() + milliseconds(20));
    const WaitResult first = co_await await_signal(engine, signal, soon);
    EXPECT_EQ(first, WaitResult::deadline);
    signal->set();
    co_return co_await await_signal(engine, signal);
  };
  EXPECT_EQ(this->run(body(this->engine(), this->signal_)), WaitResult::ready);
}

TYPED_TEST(SignalTest, AWaiterMayLeaveBetweenTheSettingAndItsWakeUp) {
  // Set and canceled in one step, so that both jobs are under way.
  const auto body = [](Engine& engine, std::shared_ptr<Signal> signal) -> Task<> {
    const auto cancellation = std::make_shared<Cancellation>();
    cancellation->attach(&engine);
    auto waiting = start(await_signal(engine, signal, WaitTerms(cancellation.get())));
    cancellation->request();
    signal->set();
    const WaitResult how = co_await join(engine, std::move(waiting));
    EXPECT_EQ(how, WaitResult::canceled);
    cancellation->attach(nullptr);
  };
  this->run(body(this->engine(), this->signal_));
}

TYPED_TEST(SignalTest, ADestroyedWaiterIsForgotten) {
  const auto body = [](Engine& engine, std::shared_ptr<Signal> signal) -> Task<> {
    {
      Task<WaitResult> waiting = await_signal(engine, signal);
      auto awaiter = std::move(waiting).operator co_await();
      EXPECT_TRUE(awaiter.await_suspend(std::noop_coroutine()));
    }
    signal->set();
    MoveTo later(engine);
    co_await later;
  };
  this->run(body(this->engine(), this->signal_));
}

TYPED_TEST(SignalTest, SettingOnAnotherThreadRacesWithTheWait) {
  [[maybe_unused]] const auto expecting = this->fixture_.expect_posts();
  std::shared_ptr<Signal> current;
  std::counting_semaphore<> go(0);
  std::thread setter([&] {
    for (;;) {
      go.acquire();
      const auto mine = current;  // the waiter replaces it once it went on
      if (mine == nullptr) return;
      mine->set();
    }
  });
  const auto body = [&](Engine& engine) -> Task<int> {
    int ready = 0;
    for (int i = 0; i < 20'000; ++i) {
      auto signal = std::make_shared<Signal>();
      current = signal;
      go.release();
      const WaitResult how = co_await await_signal(engine, signal, WaitTerms(nullptr, engine.now() + hours(1)));
      if (how == WaitResult::ready) ++ready;
    }
    co_return ready;
  };
  EXPECT_EQ(this->run(body(this->engine())), 20'000);
  current = nullptr;
  go.release();
  setter.join();
}

TEST(SignalRaceTest, TheSetterMayComeWhileTheDeadlineEndsTheWait) {
  for (int round = 0; round < 2000; ++round) {
    auto signal = std::make_shared<Signal>();
    std::binary_semaphore go(0);
    std::thread setter([signal, &go] {
      go.acquire();
      signal->set();
    });
    {
      CallingThread engine;
      const auto body = [&](CallingThread& on) -> Task<WaitResult> {
        const WaitTerms now(nullptr, on.now());
        go.release();
        co_return co_await await_signal(on, signal, now);
      };
      const WaitResult how = engine.run(body(engine));
      EXPECT_NE(how, WaitResult::canceled);
    }
    setter.join();
  }
}

}  // namespace
}  // namespace okhttp::internal

#include "runtime/cancellation.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <latch>
#include <memory>
#include <semaphore>
#include <thread>
#include <vector>

#include "support/engines.hpp"

namespace okhttp::internal {
namespace {

using std::chrono::hours;

Task<WaitResult> sleep_long(Engine& engine, Cancellation& cancellation) {
  Sleep sleep(engine, WaitTerms(&cancellation, engine.now() + hours(1)));
  co_return co_await sleep;
}

TEST(CancellationTest, StaysRequestedAndTellsTheFirstRequest) {
  const auto cancellation = std::make_shared<Cancellation>();
  EXPECT_FALSE(cancellation->requested());
  EXPECT_TRUE(cancellation->request());
  EXPECT_TRUE(cancellation->requested());
  EXPECT_FALSE(cancellation->request());
  EXPECT_TRUE(cancellation->requested());
}

TEST(CancellationTest, OneOfManyRequestsIsTheFirst) {
  const auto cancellation = std::make_shared<Cancellation>();
  std::atomic<int> first = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] { first += cancellation->request() ? 1 : 0; });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(first, 1);
}

TEST(CancellationTest, NamesItsWaitsOnlyToTheEngineThatRunsTheCall) {
  SimulatedEngine engine;
  SimulatedEngine other;
  const auto cancellation = std::make_shared<Cancellation>();
  cancellation->attach(&engine);
  EXPECT_EQ(cancellation->first_wait_on(engine), nullptr);
  const auto sleep = [&]() -> Task<> {
    Sleep sleeping(engine, WaitTerms(cancellation.get()));
    (void)co_await sleeping;
    EXPECT_EQ(cancellation->first_wait_on(engine), nullptr);
  };
  const auto sleeping = start(on_engine(engine, sleep()));
  engine.simulation().run_ready();
  EXPECT_NE(cancellation->first_wait_on(engine), nullptr);
  EXPECT_EQ(cancellation->first_wait_on(other), nullptr);
  cancellation->detach_from(other);
  EXPECT_NE(cancellation->first_wait_on(engine), nullptr);
  cancellation->detach_from(engine);
  EXPECT_EQ(cancellation->first_wait_on(engine), nullptr);
  cancellation->attach(&engine);
  (void)cancellation->request();
  engine.simulation().run_ready();
}

TEST(CancellationTest, ARequestBeforeTheWaitEndsIt) {
  SimulatedEngine engine;
  const auto cancellation = std::make_shared<Cancellation>();
  cancellation->request();
  cancellation->attach(&engine);
  const TimePoint before = engine.now();
  EXPECT_EQ(engine.run(sleep_long(engine, *cancellation)), WaitResult::canceled);
  EXPECT_EQ(engine.now(), before);
}

TEST(CancellationTest, ARequestWhileParkedEndsAllWaitsOfTheCall) {
  SimulatedEngine engine;
  const auto cancellation = std::make_shared<Cancellation>();
  cancellation->attach(&engine);
  std::vector<std::shared_ptr<Outcome<WaitResult>>> sleeping;
  for (int i = 0; i < 100; ++i) sleeping.push_back(engine.start(sleep_long(engine, *cancellation)));
  engine.simulation().run_ready();
  cancellation->request();
  for (const auto& outcome : sleeping) EXPECT_FALSE(outcome->done());
  engine.simulation().run_ready();
  for (const auto& outcome : sleeping) EXPECT_EQ(outcome->take(), WaitResult::canceled);
}

TEST(CancellationTest, ARequestAfterTheWaitDoesNothing) {
  SimulatedEngine engine;
  const auto cancellation = std::make_shared<Cancellation>();
  cancellation->attach(&engine);
  EXPECT_EQ(engine.run(sleep_long(engine, *cancellation)), WaitResult::deadline);
  cancellation->request();
  engine.run_until_idle();
}

TEST(CancellationTest, AnInterruptThatArrivesAfterTheCallMovedOnIsHarmless) {
  Simulation simulation;
  SimulatedEngine first(simulation);
  SimulatedEngine second(simulation);
  const auto cancellation = std::make_shared<Cancellation>();
  cancellation->attach(&first);
  cancellation->request();  // the job waits in the first engine
  cancellation->attach(&second);
  auto sleeping = second.start(sleep_long(second, *cancellation));
  simulation.run_ready();
  EXPECT_EQ(sleeping->take(), WaitResult::canceled);
}

TEST(CancellationTest, ACanceledCoroutineMayParkAgainAndIsCanceledAgain) {
  SimulatedEngine engine;
  const auto cancellation = std::make_shared<Cancellation>();
  cancellation->attach(&engine);
  const auto body = [](Engine& on, Cancellation& whose) -> Task<int> {
    int times = 0;
    for (; times < 10; ++times) {
      const WaitResult how = co_await sleep_long(on, whose);
      if (how != WaitResult::canceled) break;
    }
    co_return times;
  };
  auto outcome = engine.start(body(engine, *cancellation));
  cancellation->request();
  engine.simulation().run_ready();
  EXPECT_EQ(outcome->take(), 10);
}

// A request from another thread at any moment of parking: none is lost.
template <class Fixture>
class CancellationRaceTest : public testing::Test {};

TYPED_TEST_SUITE(CancellationRaceTest, AllEngines, EngineNames);

TYPED_TEST(CancellationRaceTest, NoRequestIsLost) {
  TypeParam fixture;
  [[maybe_unused]] const auto expecting = fixture.expect_posts();
  std::shared_ptr<Cancellation> current;
  std::counting_semaphore<> go(0);
  std::thread canceler([&] {
    for (;;) {
      go.acquire();
      const auto mine = current;  // the waiter replaces it once it went on
      if (mine == nullptr) return;
      mine->request();
    }
  });
  const auto body = [&](Engine& engine) -> Task<int> {
    int canceled = 0;
    for (int i = 0; i < 10'000; ++i) {
      auto cancellation = std::make_shared<Cancellation>();
      cancellation->attach(&engine);
      current = cancellation;
      go.release();
      const WaitResult how = co_await sleep_long(engine, *cancellation);
      if (how == WaitResult::canceled) ++canceled;
      cancellation->attach(nullptr);
      while (!cancellation->requested()) std::this_thread::yield();
    }
    co_return canceled;
  };
  EXPECT_EQ(fixture.run(body(fixture.engine())), 10'000);
  current = nullptr;
  go.release();
  canceler.join();
}

TYPED_TEST(CancellationRaceTest, ManyCallsAreCanceledAtOnce) {
  constexpr int kCalls = 500;
  TypeParam fixture;
  [[maybe_unused]] const auto expecting = fixture.expect_posts();
  std::vector<std::shared_ptr<Cancellation>> cancellations;
  for (int i = 0; i < kCalls; ++i) cancellations.push_back(std::make_shared<Cancellation>());
  std::latch all_parked(1);
  std::vector<std::thread> cancelers;
  for (std::size_t k = 0; k < 4; ++k) {
    cancelers.emplace_back([&, k] {
      all_parked.wait();
      for (std::size_t i = k; i < cancellations.size(); i += 3) cancellations[i]->request();
    });
  }
  const auto body = [&](Engine& engine) -> Task<int> {
    std::vector<std::shared_ptr<Outcome<WaitResult>>> calls;
    for (const auto& cancellation : cancellations) {
      cancellation->attach(&engine);
      calls.push_back(start(sleep_long(engine, *cancellation)));
    }
    all_parked.count_down();
    int canceled = 0;
    for (auto& call : calls) {
      const WaitResult how = co_await join(engine, call);
      if (how == WaitResult::canceled) ++canceled;
    }
    for (const auto& cancellation : cancellations) cancellation->attach(nullptr);
    co_return canceled;
  };
  EXPECT_EQ(fixture.run(body(fixture.engine())), kCalls);
  for (std::thread& canceler : cancelers) canceler.join();
}

}  // namespace
}  // namespace okhttp::internal

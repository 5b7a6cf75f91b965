#include "runtime/offload.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <latch>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>

#include "support/engines.hpp"

namespace okhttp::internal {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

template <class Fixture>
class OffloadTest : public OnEngineTest<Fixture> {
 protected:
  ThreadPool pool_{"offload", 2, seconds(60)};
};

TYPED_TEST_SUITE(OffloadTest, AllEngines, EngineNames);

TYPED_TEST(OffloadTest, RunsElsewhereAndComesBackWithTheValue) {
  [[maybe_unused]] const auto expecting = this->fixture_.expect_posts();
  const auto body = [](Engine& engine, ThreadPool& pool) -> Task<std::string> {
    const std::thread::id here = std::this_thread::get_id();
    const auto work = [here] { return std::string(std::this_thread::get_id() == here ? "here" : "elsewhere"); };
    WaitResult why = WaitResult::deadline;
    const auto value = co_await offload(pool, engine, WaitTerms(), work, why);
    EXPECT_EQ(why, WaitResult::ready);
    EXPECT_EQ(std::this_thread::get_id(), here);
    co_return value.value();
  };
  EXPECT_EQ(this->run(body(this->engine(), this->pool_)), "elsewhere");
}

TYPED_TEST(OffloadTest, RethrowsWhatTheWorkThrew) {
  [[maybe_unused]] const auto expecting = this->fixture_.expect_posts();
  const auto body = [](Engine& engine, ThreadPool& pool) -> Task<int> {
    const auto work = []() -> int { throw std::out_of_range("work"); };
    WaitResult why = WaitResult::ready;
    const auto value = co_await offload(pool, engine, WaitTerms(), work, why);
    co_return value.value();
  };
  EXPECT_THROW(this->run(body(this->engine(), this->pool_)), std::out_of_range);
}

TYPED_TEST(OffloadTest, ACancelReturnsAtOnceThoughTheWorkHangs) {
  auto hang = std::make_shared<std::latch>(1);
  auto ended = std::make_shared<std::latch>(1);
  const auto body = [&](Engine& engine, ThreadPool& pool) -> Task<> {
    const auto cancellation = std::make_shared<Cancellation>();
    cancellation->attach(&engine);
    const auto work = [hang, ended] {
      hang->wait();
      ended->count_down();
      return 1;
    };
    WaitResult why = WaitResult::ready;
    auto offloaded = start(offload(pool, engine, WaitTerms(cancellation.get()), work, why));
    cancellation->request();
    const auto value = co_await join(engine, std::move(offloaded));
    EXPECT_EQ(why, WaitResult::canceled);
    EXPECT_FALSE(value.has_value());
    cancellation->attach(nullptr);
  };
  this->run(body(this->engine(), this->pool_));
  hang->count_down();
  ended->wait();
}

TYPED_TEST(OffloadTest, ADeadlineReturnsThoughTheWorkHangs) {
  auto hang = std::make_shared<std::latch>(1);
  const auto body = [&](Engine& engine, ThreadPool& pool) -> Task<> {
    const auto work = [hang] {
      hang->wait();
      return std::make_shared<int>(1);
    };
    WaitResult why = WaitResult::ready;
    const WaitTerms soon(nullptr, engine.now() + milliseconds(20));
    const auto value = co_await offload(pool, engine, soon, work, why);
    EXPECT_EQ(why, WaitResult::deadline);
    EXPECT_FALSE(value.has_value());
  };
  this->run(body(this->engine(), this->pool_));
  hang->count_down();
}

TYPED_TEST(OffloadTest, ManyAreUnderWayAtOnce) {
  [[maybe_unused]] const auto expecting = this->fixture_.expect_posts();
  const auto body = [](Engine& engine, ThreadPool& pool) -> Task<int> {
    const auto one = [](Engine& on, ThreadPool& threads, int number) -> Task<int> {
      const auto work = [number] { return number; };
      WaitResult why = WaitResult::canceled;
      const auto value = co_await offload(threads, on, WaitTerms(nullptr, on.now() + hours(1)), work, why);
      co_return value.value();
    };
    std::vector<std::shared_ptr<Outcome<int>>> all;
    for (int i = 1; i <= 1000; ++i) all.push_back(start(one(engine, pool, i)));
    int sum = 0;
    for (auto& each : all) sum += co_await join(engine, each);
    co_return sum;
  };
  EXPECT_EQ(this->run(body(this->engine(), this->pool_)), 500'500);
}

}  // namespace
}  // namespace okhttp::internal

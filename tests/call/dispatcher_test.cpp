#include <okhttp/dispatcher.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <future>
#include <memory>
#include <stdexcept>
#include <utility>

#include "call/fake_dispatched_call.hpp"

namespace okhttp {
namespace {

using internal::DispatcherAccess;
using internal::FakeDispatchedCall;

TEST(DispatcherTest, StartsWithTheLimitsOfOkHttp) {
  const Dispatcher dispatcher;
  EXPECT_EQ(dispatcher.max_requests(), 64U);
  EXPECT_EQ(dispatcher.max_requests_per_host(), 5U);
  EXPECT_EQ(dispatcher.running_calls_count(), 0U);
  EXPECT_EQ(dispatcher.queued_calls_count(), 0U);
  EXPECT_TRUE(dispatcher.running_calls().empty());
  EXPECT_TRUE(dispatcher.queued_calls().empty());
}

TEST(DispatcherTest, LimitsAreAboveZero) {
  const Dispatcher dispatcher;
  EXPECT_THROW(dispatcher.set_max_requests(0), std::invalid_argument);
  EXPECT_THROW(dispatcher.set_max_requests_per_host(0), std::invalid_argument);
  EXPECT_EQ(dispatcher.max_requests(), 64U);
  EXPECT_EQ(dispatcher.max_requests_per_host(), 5U);
}

TEST(DispatcherTest, ANullExecutorIsRefused) { EXPECT_THROW(Dispatcher(nullptr), std::invalid_argument); }

TEST(DispatcherTest, CopiesAreTheSameDispatcher) {
  const Dispatcher dispatcher;
  const Dispatcher copy = dispatcher;  // NOLINT(performance-unnecessary-copy-initialization)
  copy.set_max_requests(3);
  copy.set_max_requests_per_host(2);
  EXPECT_EQ(dispatcher.max_requests(), 3U);
  EXPECT_EQ(dispatcher.max_requests_per_host(), 2U);
}

TEST(DispatcherTest, CountsCancelsAndTellsWhenNothingRuns) {
  FakeDispatchedCall::Log log;
  const Dispatcher dispatcher;
  internal::DispatchQueue& queue = *DispatcherAccess::queue(dispatcher);
  dispatcher.set_max_requests(1);
  dispatcher.set_idle_callback([&] { log.emplace_back("idle"); });
  const auto first = std::make_shared<FakeDispatchedCall>("1", "a", log);
  const auto second = std::make_shared<FakeDispatchedCall>("2", "a", log);
  queue.enqueue(first);
  queue.enqueue(second);
  EXPECT_EQ(dispatcher.running_calls_count(), 1U);
  EXPECT_EQ(dispatcher.queued_calls_count(), 1U);
  dispatcher.cancel_all();
  queue.finished(*first);
  queue.finished(*second);
  EXPECT_THAT(log, testing::ElementsAre("run 1", "wait 2", "cancel 2", "cancel 1", "run 2", "idle"));
}

TEST(DispatcherTest, CallbacksRunOnTheGivenExecutor) {
  struct Inline final : Executor {
    void execute(std::function<void()> work) override { work(); }
  };
  const Dispatcher dispatcher(std::make_shared<Inline>());
  int runs = 0;
  DispatcherAccess::queue(dispatcher)->run_callback([&] { ++runs; }, [] { FAIL() << "it was not refused"; });
  EXPECT_EQ(runs, 1);
}

TEST(DispatcherTest, ACallbackThatIsRunAtOnceMayDropTheDispatcher) {
  struct Inline final : Executor {
    void execute(std::function<void()> work) override {
      work();
      ++runs;
    }
    int runs = 0;
  };
  auto dispatcher = std::make_unique<Dispatcher>(std::make_shared<Inline>());
  DispatcherAccess::queue(*dispatcher)->run_callback([&] { dispatcher.reset(); }, [] {});
  EXPECT_EQ(dispatcher, nullptr);
}

TEST(DispatcherTest, TheHandlerIsToldOfAnExceptionOfACallback) {
  const Dispatcher dispatcher;
  std::promise<void> reported;
  dispatcher.set_callback_exception_handler(
      [&](std::exception_ptr exception) { reported.set_exception(std::move(exception)); });
  DispatcherAccess::queue(dispatcher)->run_callback([] { throw std::range_error("of the callback"); }, [] {});
  EXPECT_THROW(reported.get_future().get(), std::range_error);
}

}  // namespace
}  // namespace okhttp

#include "call/dispatch_queue.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "call/fake_dispatched_call.hpp"

namespace okhttp::internal {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class DispatchQueueTest : public testing::Test {
 protected:
  using Fake = std::shared_ptr<FakeDispatchedCall>;

  Fake make(std::string name, std::string host = "a") {
    return std::make_shared<FakeDispatchedCall>(std::move(name), std::move(host), log);
  }

  Fake enqueue(std::string name, std::string host = "a") {
    Fake call = make(std::move(name), std::move(host));
    queue->enqueue(call);
    return call;
  }

  FakeDispatchedCall::Log take_log() { return std::exchange(log, {}); }

  static std::vector<std::string> names(const DispatchQueue::Calls& calls) {
    std::vector<std::string> names;
    for (const auto& call : calls) names.push_back(dynamic_cast<FakeDispatchedCall&>(*call).name());
    return names;
  }

  FakeDispatchedCall::Log log;
  std::shared_ptr<DispatchQueue> queue = std::make_shared<DispatchQueue>();
};

TEST_F(DispatchQueueTest, RunsACallAtOnceWhenThereIsAPlace) {
  const Fake call = enqueue("1");
  EXPECT_THAT(take_log(), ElementsAre("run 1"));
  EXPECT_EQ(queue->running_count(), 1U);
  EXPECT_EQ(queue->queued_count(), 0U);
  queue->finished(*call);
  EXPECT_EQ(queue->running_count(), 0U);
}

TEST_F(DispatchQueueTest, CallsBeyondTheMaximumWaitAndRunInOrder) {
  queue->set_max_requests(1);
  const Fake first = enqueue("1", "a");
  const Fake second = enqueue("2", "b");
  const Fake third = enqueue("3", "c");
  EXPECT_THAT(take_log(), ElementsAre("run 1", "wait 2", "wait 3"));
  queue->finished(*first);
  EXPECT_THAT(take_log(), ElementsAre("run 2"));
  queue->finished(*second);
  EXPECT_THAT(take_log(), ElementsAre("run 3"));
  queue->finished(*third);
}

TEST_F(DispatchQueueTest, SkipsCallsWhoseHostIsAtItsMaximum) {
  queue->set_max_requests_per_host(1);
  const Fake first = enqueue("1", "a");
  const Fake second = enqueue("2", "a");
  const Fake third = enqueue("3", "b");
  EXPECT_THAT(take_log(), ElementsAre("run 1", "wait 2", "run 3"));
  queue->finished(*third);
  EXPECT_THAT(take_log(), IsEmpty());
  queue->finished(*first);
  EXPECT_THAT(take_log(), ElementsAre("run 2"));
  queue->finished(*second);
}

TEST_F(DispatchQueueTest, ThePlaceGoesToTheCallThatWaitedLongestAmongTheHostsThatMayRun) {
  queue->set_max_requests(2);
  queue->set_max_requests_per_host(1);
  const Fake a1 = enqueue("a1", "a");
  const Fake b1 = enqueue("b1", "b");
  const Fake a2 = enqueue("a2", "a");
  const Fake c1 = enqueue("c1", "c");
  const Fake b2 = enqueue("b2", "b");
  take_log();
  queue->finished(*b1);
  EXPECT_THAT(take_log(), ElementsAre("run c1")) << "a is full, and c1 came before b2";
  queue->finished(*a1);
  EXPECT_THAT(take_log(), ElementsAre("run a2"));
  queue->finished(*a2);
  EXPECT_THAT(take_log(), ElementsAre("run b2"));
  queue->finished(*b2);
  queue->finished(*c1);
}

TEST_F(DispatchQueueTest, WebSocketsDoNotCountPerHostButTakeAPlace) {
  queue->set_max_requests(3);
  queue->set_max_requests_per_host(1);
  std::vector<Fake> calls;
  for (const char* name : {"1", "2", "3", "4"}) {
    calls.push_back(make(name));
    calls.back()->is_counted_per_host = false;
    queue->enqueue(calls.back());
  }
  EXPECT_THAT(take_log(), ElementsAre("run 1", "run 2", "run 3", "wait 4"));
  queue->finished(*calls[0]);
  queue->finished(*calls[1]);
  EXPECT_THAT(take_log(), ElementsAre("run 4"));
  calls.push_back(enqueue("5"));
  EXPECT_THAT(take_log(), ElementsAre("run 5")) << "its host runs nothing that counts";
  for (const Fake& call : calls) queue->finished(*call);
}

TEST_F(DispatchQueueTest, RaisingTheMaximumRunsWaitingCallsAtOnce) {
  queue->set_max_requests(1);
  std::vector<Fake> calls{enqueue("1", "a"), enqueue("2", "b"), enqueue("3", "c"), enqueue("4", "d")};
  take_log();
  queue->set_max_requests(3);
  EXPECT_THAT(take_log(), ElementsAre("run 2", "run 3"));
  for (const Fake& call : calls) queue->finished(*call);
}

TEST_F(DispatchQueueTest, RaisingTheMaximumPerHostRunsWaitingCallsOfAllHostsInOrder) {
  queue->set_max_requests_per_host(1);
  std::vector<Fake> calls{enqueue("a1", "a"), enqueue("b1", "b"), enqueue("a2", "a"),
                          enqueue("b2", "b"), enqueue("a3", "a"), enqueue("b3", "b")};
  take_log();
  queue->set_max_requests_per_host(2);
  EXPECT_THAT(take_log(), ElementsAre("run a2", "run b2"));
  for (const Fake& call : calls) queue->finished(*call);
}

TEST_F(DispatchQueueTest, LoweredLimitsBindAsSoonAsEnoughCallsHaveEnded) {
  std::vector<Fake> calls{enqueue("1"), enqueue("2"), enqueue("3"), enqueue("4")};
  take_log();
  queue->set_max_requests_per_host(2);
  calls.push_back(enqueue("5"));
  queue->finished(*calls[0]);
  queue->finished(*calls[1]);
  EXPECT_THAT(take_log(), ElementsAre("wait 5"));
  queue->finished(*calls[2]);
  EXPECT_THAT(take_log(), ElementsAre("run 5"));
  queue->finished(*calls[3]);
  queue->finished(*calls[4]);
}

TEST_F(DispatchQueueTest, ABlockingCallIsListedAsRunningButTakesNoPlace) {
  queue->set_max_requests(1);
  queue->set_max_requests_per_host(1);
  const Fake blocking = make("blocking");
  queue->blocking_started(blocking);
  const Fake call = enqueue("1");
  EXPECT_THAT(take_log(), ElementsAre("run 1"));
  EXPECT_THAT(names(queue->running()), ElementsAre("blocking", "1"));
  const Fake waiting = enqueue("2");
  queue->finished(*blocking);
  EXPECT_THAT(take_log(), ElementsAre("wait 2")) << "it had no place to give back";
  queue->finished(*call);
  queue->finished(*waiting);
}

TEST_F(DispatchQueueTest, ListsCallsInOrder) {
  queue->set_max_requests(2);
  std::vector<Fake> calls{enqueue("1", "a"), enqueue("2", "b"), enqueue("3", "b"), enqueue("4", "a")};
  EXPECT_THAT(names(queue->running()), ElementsAre("1", "2"));
  EXPECT_THAT(names(queue->queued()), ElementsAre("3", "4"));
  EXPECT_EQ(queue->running_count(), 2U);
  EXPECT_EQ(queue->queued_count(), 2U);
  for (const Fake& call : calls) queue->finished(*call);
}

TEST_F(DispatchQueueTest, AWithdrawnCallIsNeverRun) {
  queue->set_max_requests(1);
  const Fake first = enqueue("1");
  const Fake second = enqueue("2");
  const Fake third = enqueue("3");
  take_log();
  EXPECT_TRUE(queue->withdraw(*second));
  EXPECT_FALSE(queue->withdraw(*second)) << "it is gone";
  EXPECT_FALSE(queue->withdraw(*first)) << "it runs";
  EXPECT_EQ(queue->queued_count(), 1U);
  queue->finished(*first);
  EXPECT_THAT(take_log(), ElementsAre("run 3"));
  queue->finished(*third);
}

TEST_F(DispatchQueueTest, WithdrawingTheFirstOfAHostLetsAnOlderCallOfAnotherGoAhead) {
  queue->set_max_requests(1);
  const Fake running = enqueue("r", "r");
  const Fake a1 = enqueue("a1", "a");
  const Fake b1 = enqueue("b1", "b");
  const Fake a2 = enqueue("a2", "a");
  take_log();
  EXPECT_TRUE(queue->withdraw(*a1));
  queue->finished(*running);
  EXPECT_THAT(take_log(), ElementsAre("run b1"));
  queue->finished(*b1);
  queue->finished(*a2);
}

TEST_F(DispatchQueueTest, FinishingTwiceGivesOnePlaceBack) {
  queue->set_max_requests(1);
  const Fake first = enqueue("1");
  const Fake second = enqueue("2");
  const Fake third = enqueue("3");
  queue->finished(*first);
  queue->finished(*first);
  EXPECT_THAT(names(queue->running()), ElementsAre("2"));
  queue->finished(*second);
  queue->finished(*third);
}

TEST_F(DispatchQueueTest, HoldsACallFromEnqueueUntilItIsFinishedOrWithdrawn) {
  queue->set_max_requests(1);
  std::weak_ptr<FakeDispatchedCall> running = enqueue("1");
  std::weak_ptr<FakeDispatchedCall> waiting = enqueue("2");
  ASSERT_FALSE(running.expired());
  ASSERT_FALSE(waiting.expired());
  EXPECT_TRUE(queue->withdraw(*waiting.lock()));
  EXPECT_TRUE(waiting.expired());
  queue->finished(*running.lock());
  EXPECT_TRUE(running.expired());
}

TEST_F(DispatchQueueTest, ACallMayEndWithinItsRunAndDropItselfAndTheQueue) {
  Fake call = make("1");
  std::weak_ptr<FakeDispatchedCall> watch = call;
  call->when_run = [queue = queue, &call = *call] { queue->finished(call); };
  DispatchQueue& last = *std::exchange(queue, nullptr);
  last.enqueue(std::move(call));
  EXPECT_THAT(take_log(), ElementsAre("run 1"));
  EXPECT_TRUE(watch.expired());
}

TEST_F(DispatchQueueTest, ManyCallsThatEndWithinTheirRunDoNotGrowTheStack) {
  constexpr int kCalls = 100'000;
  queue->set_max_requests(1);
  const Fake first = enqueue("first");
  std::vector<Fake> calls;
  int depth = 0;
  int deepest = 0;
  int ran = 0;
  for (int i = 0; i < kCalls; ++i) {
    calls.push_back(enqueue(std::to_string(i)));
    calls.back()->when_run = [&, &call = *calls.back()] {
      deepest = std::max(deepest, ++depth);
      ++ran;
      queue->finished(call);
      --depth;
    };
  }
  queue->finished(*first);
  EXPECT_EQ(ran, kCalls);
  EXPECT_EQ(deepest, 1);
  EXPECT_EQ(queue->running_count(), 0U);
}

TEST_F(DispatchQueueTest, ACallEnqueuedWithinARunIsRunAfterIt) {
  const Fake first = make("1");
  const Fake second = make("2");
  first->when_run = [&] {
    queue->enqueue(second);
    log.emplace_back("ran 1");
  };
  queue->enqueue(first);
  EXPECT_THAT(take_log(), ElementsAre("run 1", "ran 1", "run 2"));
  queue->finished(*first);
  queue->finished(*second);
}

TEST_F(DispatchQueueTest, ACallThatIsPromotedWhileItIsToldThatItWaitsRunsAfterwards) {
  queue->set_max_requests(1);
  const Fake first = enqueue("1");
  const Fake second = make("2");
  second->when_waiting = [&] {
    std::thread([&] { queue->finished(*first); }).join();
    log.emplace_back("waited 2");
  };
  queue->enqueue(second);
  EXPECT_THAT(take_log(), ElementsAre("run 1", "wait 2", "waited 2", "run 2"));
  EXPECT_EQ(queue->running_count(), 1U);
  queue->finished(*second);
}

TEST_F(DispatchQueueTest, ACallThatIsCanceledWhileItIsToldThatItWaitsRunsAfterwardsBesideTheLimits) {
  queue->set_max_requests(1);
  const Fake first = enqueue("1");
  const Fake second = make("2");
  second->when_waiting = [&] { EXPECT_FALSE(queue->withdraw(*second)); };
  queue->enqueue(second);
  EXPECT_THAT(take_log(), ElementsAre("run 1", "wait 2", "run 2"));
  EXPECT_EQ(queue->queued_count(), 0U);
  const Fake third = enqueue("3");
  queue->finished(*second);
  EXPECT_THAT(take_log(), ElementsAre("wait 3")) << "it had no place to give back";
  queue->finished(*first);
  EXPECT_THAT(take_log(), ElementsAre("run 3"));
  queue->finished(*third);
}

TEST_F(DispatchQueueTest, IdleCallbackComesWhenTheLastCallEnds) {
  queue->set_idle_callback([this] { log.emplace_back("idle"); });
  queue->set_max_requests(1);
  const Fake first = enqueue("1");
  const Fake second = enqueue("2");
  take_log();
  queue->finished(*first);
  EXPECT_THAT(take_log(), ElementsAre("run 2"));
  queue->finished(*second);
  EXPECT_THAT(take_log(), ElementsAre("idle"));
  queue->finished(*enqueue("3"));
  EXPECT_THAT(take_log(), ElementsAre("run 3", "idle"));
}

TEST_F(DispatchQueueTest, ABlockingCallDelaysTheIdleCallback) {
  queue->set_idle_callback([this] { log.emplace_back("idle"); });
  const Fake blocking = make("blocking");
  queue->blocking_started(blocking);
  queue->finished(*enqueue("1"));
  EXPECT_THAT(take_log(), ElementsAre("run 1"));
  queue->finished(*blocking);
  EXPECT_THAT(take_log(), ElementsAre("idle"));
}

TEST_F(DispatchQueueTest, IdleCallbackMayUseTheQueueAndReplaceItself) {
  Fake next;
  queue->set_idle_callback([&] {
    log.emplace_back("idle");
    queue->set_idle_callback(nullptr);
    next = enqueue("next");
  });
  queue->finished(*enqueue("1"));
  EXPECT_THAT(take_log(), ElementsAre("run 1", "idle", "run next"));
  queue->finished(*next);
  EXPECT_THAT(take_log(), IsEmpty());
}

TEST_F(DispatchQueueTest, AnExceptionOfTheIdleCallbackGoesToTheHandler) {
  std::exception_ptr reported;
  queue->set_callback_exception_handler([&](std::exception_ptr exception) { reported = std::move(exception); });
  queue->set_idle_callback([] { throw std::runtime_error("of idle"); });
  queue->finished(*enqueue("1"));
  ASSERT_TRUE(reported);
  EXPECT_THROW(std::rethrow_exception(reported), std::runtime_error);
}

TEST_F(DispatchQueueTest, CancelAllCancelsWhatWaitsAndThenWhatRuns) {
  queue->set_max_requests(1);
  const Fake running = enqueue("running");
  const Fake waiting = enqueue("waiting");
  const Fake blocking = make("blocking");
  queue->blocking_started(blocking);
  waiting->when_canceled = [&] { EXPECT_TRUE(queue->withdraw(*waiting)); };
  running->when_canceled = [&] { queue->finished(*running); };
  take_log();
  queue->cancel_all();
  EXPECT_THAT(take_log(), ElementsAre("cancel waiting", "cancel running", "cancel blocking"));
  queue->finished(*blocking);
  EXPECT_EQ(queue->running_count(), 0U);
}

TEST_F(DispatchQueueTest, KeepsItsCountsAcrossMoreHostsThanItRemembers) {
  queue->set_max_requests(1000);
  queue->set_max_requests_per_host(1);
  for (int round = 0; round < 3; ++round) {
    std::vector<Fake> calls;
    for (int host = 0; host < 500; ++host) calls.push_back(enqueue("x", "host" + std::to_string(host)));
    const Fake second = enqueue("second", "host7");
    EXPECT_EQ(queue->running_count(), 500U);
    EXPECT_EQ(queue->queued_count(), 1U);
    for (const Fake& call : calls) queue->finished(*call);
    EXPECT_EQ(queue->running_count(), 1U);
    queue->finished(*second);
  }
}

// Each promotion would look at all the calls of the full host if they were in one list: 10^10 steps.
TEST_F(DispatchQueueTest, AHundredThousandCallsForOneHostDoNotSlowTheOthers) {
  constexpr int kCalls = 100'000;
  queue->set_max_requests(6);
  std::vector<Fake> of_full_host;
  for (int i = 0; i < kCalls; ++i) of_full_host.push_back(enqueue("full", "full"));
  const Fake other = enqueue("other", "other");
  EXPECT_EQ(log.back(), "run other");
  std::vector<Fake> others{other};
  for (int i = 0; i < kCalls; ++i) {
    others.push_back(enqueue("other", "other"));
    queue->finished(*others[others.size() - 2]);
    ASSERT_EQ(log.back(), "run other");
  }
  EXPECT_EQ(queue->queued_count(), static_cast<std::size_t>(kCalls) - 5);
  queue->finished(*others.back());
  queue->set_max_requests(kCalls);
  queue->set_max_requests_per_host(kCalls);
  for (const Fake& call : of_full_host) queue->finished(*call);
  EXPECT_EQ(queue->queued_count(), 0U);
  EXPECT_EQ(queue->running_count(), 0U);
}

}  // namespace
}  // namespace okhttp::internal

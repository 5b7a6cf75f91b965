#include <okhttp/task.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <coroutine>
#include <cstring>
#include <memory>
#include <semaphore>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "support/detached.hpp"

namespace okhttp {
namespace {

using internal::start;

/// Counts the objects of a test that are alive.
class Counted {
 public:
  explicit Counted(int& alive) noexcept : alive_(&alive) { ++*alive_; }
  Counted(Counted&& other) noexcept : alive_(other.alive_) { ++*alive_; }
  Counted& operator=(Counted&&) = delete;
  ~Counted() { --*alive_; }

 private:
  int* alive_;
};

/// Suspends until somebody resumes the handle that it leaves.
class Pause {
 public:
  explicit Pause(std::coroutine_handle<>& where) noexcept : where_(where) {}
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> waiter) noexcept { where_ = waiter; }
  void await_resume() const noexcept {}

 private:
  std::coroutine_handle<>& where_;
};

Task<int> value_of(int value) { co_return value; }
Task<> note(bool& ran) {
  ran = true;
  co_return;
}
Task<int> fail() {
  throw std::runtime_error("no luck");
  co_return 0;
}
Task<std::unique_ptr<int>> boxed(int value) { co_return std::make_unique<int>(value); }
Task<> pause(std::coroutine_handle<>& where) {
  Pause until_resumed(where);
  co_await until_resumed;
}
Task<int> count_to(int count) {
  int sum = 0;
  for (int i = 0; i < count; ++i) sum += co_await value_of(1);
  co_return sum;
}
Task<int> descend(int depth) {
  if (depth == 0) co_return 0;
  const int below = co_await descend(depth - 1);
  co_return below + 1;
}
Task<int> descend_and_pause(int depth, std::coroutine_handle<>& where) {
  if (depth == 0) {
    co_await pause(where);
    co_return 0;
  }
  const int below = co_await descend_and_pause(depth - 1, where);
  co_return below + 1;
}

TEST(TaskTest, StartsWhenItIsAwaited) {
  bool ran = false;
  Task<> task = note(ran);
  EXPECT_TRUE(task.valid());
  EXPECT_FALSE(ran);
  start(std::move(task))->take();
  EXPECT_TRUE(ran);
}

TEST(TaskTest, DefaultAndMovedFromTasksAreNotValid) {
  Task<int> none;
  EXPECT_FALSE(none.valid());
  Task<int> task = value_of(1);
  none = std::move(task);
  EXPECT_TRUE(none.valid());
  EXPECT_FALSE(task.valid());  // NOLINT(bugprone-use-after-move): what a move leaves is promised
}

TEST(TaskTest, YieldsItsValue) { EXPECT_EQ(start(value_of(42))->take(), 42); }

TEST(TaskTest, YieldsMoveOnlyResults) { EXPECT_EQ(*start(boxed(7))->take(), 7); }

TEST(TaskTest, ConvertsWhatIsReturned) {
  const auto text = []() -> Task<std::string> { co_return "text"; };
  EXPECT_EQ(start(text())->take(), "text");
}

TEST(TaskTest, RethrowsWhereItIsAwaited) {
  const auto body = []() -> Task<std::string> {
    std::string what;
    try {
      co_await fail();
    } catch (const std::runtime_error& error) {
      what = error.what();
    }
    co_return what;
  };
  EXPECT_EQ(start(body())->take(), "no luck");
}

TEST(TaskTest, RethrowsAfterASuspension) {
  std::coroutine_handle<> where;
  const auto child = [](std::coroutine_handle<>& paused) -> Task<int> {
    co_await pause(paused);
    throw std::invalid_argument("late");
  };
  const auto parent = [&child, &where]() -> Task<int> { co_return co_await child(where); };
  const auto outcome = start(parent());
  EXPECT_FALSE(outcome->done());
  where.resume();
  ASSERT_TRUE(outcome->done());
  EXPECT_THROW(outcome->take(), std::invalid_argument);
}

TEST(TaskTest, ReportsAResultThatCannotBeMoved) {
  struct Unmovable {
    Unmovable() = default;
    Unmovable(Unmovable&&) { throw std::runtime_error("stays"); }
  };
  const auto body = []() -> Task<Unmovable> {
    Unmovable result;
    co_return std::move(result);
  };
  const auto parent = [&body]() -> Task<bool> {
    bool thrown = false;
    try {
      (void)co_await body();
    } catch (const std::runtime_error&) {
      thrown = true;
    }
    co_return thrown;
  };
  EXPECT_TRUE(start(parent())->take());
}

TEST(TaskTest, DestroyingAnUnstartedTaskDestroysItsArgumentsAndRunsNothing) {
  int alive = 0;
  bool ran = false;
  const auto body = [](Counted, bool& has_run) -> Task<> {
    has_run = true;
    co_return;
  };
  {
    const Task<> task = body(Counted(alive), ran);
    EXPECT_EQ(alive, 1);
  }
  EXPECT_EQ(alive, 0);
  EXPECT_FALSE(ran);
}

TEST(TaskTest, AssigningDestroysTheTaskThatWasThere) {
  int alive = 0;
  const auto body = [](Counted) -> Task<> { co_return; };
  Task<> task = body(Counted(alive));
  task = Task<>();
  EXPECT_EQ(alive, 0);
}

TEST(TaskTest, FreesItsFrameWhenTheAwaitEnds) {
  int alive = 0;
  const auto child = [](Counted) -> Task<> { co_return; };
  const auto parent = [&child](int& count) -> Task<int> {
    co_await child(Counted(count));
    co_return count;
  };
  EXPECT_EQ(start(parent(alive))->take(), 0);
}

TEST(TaskTest, DestroyingASuspendedTaskDestroysTheChildrenItAwaits) {
  int alive = 0;
  std::coroutine_handle<> where;
  const auto child = [](Counted, std::coroutine_handle<>& paused) -> Task<> { co_await pause(paused); };
  const auto parent = [&child](Counted, int& count, std::coroutine_handle<>& paused) -> Task<> {
    Task<> running = child(Counted(count), paused);
    co_await std::move(running);
  };
  {
    Task<> task = parent(Counted(alive), alive, where);
    auto awaiter = std::move(task).operator co_await();
    EXPECT_TRUE(awaiter.await_suspend(std::noop_coroutine()));
    EXPECT_EQ(alive, 2);
  }
  EXPECT_EQ(alive, 0);
}

TEST(TaskTest, AMillionAwaitsThatCompleteAtOnceDoNotGrowTheStack) {
  EXPECT_EQ(start(count_to(1'000'000))->take(), 1'000'000);
}

TEST(TaskTest, AMillionAwaitsThatThrowAtOnceDoNotGrowTheStack) {
  const auto body = []() -> Task<int> {
    int caught = 0;
    for (int i = 0; i < 100'000; ++i) {
      try {
        co_await fail();
      } catch (const std::runtime_error&) {
        ++caught;
      }
    }
    co_return caught;
  };
  EXPECT_EQ(start(body())->take(), 100'000);
}

TEST(TaskTest, AMillionAwaitsThatAreResumedLaterDoNotGrowTheStack) {
  constexpr int kRounds = 1'000'000;
  std::coroutine_handle<> where;
  const auto body = [](std::coroutine_handle<>& paused) -> Task<int> {
    int rounds = 0;
    for (; rounds < kRounds; ++rounds) co_await pause(paused);
    co_return rounds;
  };
  const auto outcome = start(body(where));
  while (!outcome->done()) where.resume();
  EXPECT_EQ(outcome->take(), kRounds);
}

TEST(TaskTest, NestsDeeply) { EXPECT_EQ(start(descend(1000))->take(), 1000); }

TEST(TaskTest, UnwindsDeepNestingThatWasSuspended) {
  std::coroutine_handle<> where;
  const auto outcome = start(descend_and_pause(1000, where));
  EXPECT_FALSE(outcome->done());
  where.resume();
  EXPECT_EQ(outcome->take(), 1000);
}

/// Resumes on another thread whatever is handed over, one after the other.
class OtherThread {
 public:
  OtherThread() : thread_([this] { serve(); }) {}
  ~OtherThread() {
    next_ = nullptr;
    given_.release();
    thread_.join();
  }
  void resume(std::coroutine_handle<> what) {
    next_ = what;
    given_.release();
  }

 private:
  void serve() {
    for (;;) {
      given_.acquire();
      const std::coroutine_handle<> what = next_;
      if (!what) return;
      what.resume();
    }
  }

  std::coroutine_handle<> next_;
  std::binary_semaphore given_{0};
  std::thread thread_;
};

/// Hands the coroutine to the other thread from within await_suspend, so that its completion there races with the
/// awaiter's own exchange here.
class HandOver {
 public:
  explicit HandOver(OtherThread& to) noexcept : to_(to) {}
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> waiter) noexcept { to_.resume(waiter); }
  void await_resume() const noexcept {}

 private:
  OtherThread& to_;
};

TEST(TaskTest, CompletionOnAnotherThreadRacesWithTheAwaiter) {
  constexpr int kRounds = 100'000;
  std::atomic<int> resumed = 0;
  {
    OtherThread other;
    std::binary_semaphore done{0};
    const auto child = [](OtherThread& to, int value) -> Task<int> {
      HandOver hand_over(to);
      co_await hand_over;
      co_return value;
    };
    const auto parent = [&child](OtherThread& to, int value, std::atomic<int>& count,
                                 std::binary_semaphore& signal) -> Task<> {
      // Whoever loses the race goes on from here, exactly once.
      const int got = co_await child(to, value);
      if (got == value) ++count;
      signal.release();
    };
    for (int i = 0; i < kRounds; ++i) {
      start(parent(other, i, resumed, done));
      done.acquire();
    }
  }
  EXPECT_EQ(resumed, kRounds);
}

TEST(TaskTest, FramesMayBeFreedOnAnotherThread) {
  constexpr int kTasks = 1000;
  int alive = 0;
  std::vector<Task<>> tasks;
  const auto body = [](Counted) -> Task<> { co_return; };
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < kTasks; ++i) tasks.push_back(body(Counted(alive)));
    EXPECT_EQ(alive, kTasks);
    std::thread([&tasks] { tasks.clear(); }).join();
    EXPECT_EQ(alive, 0);
  }
}

Task<int> with_large_frame(int value) {
  char large[4096];
  large[0] = static_cast<char>(value);
  co_await value_of(0);
  co_return large[0];
}

TEST(TaskTest, FramesTooLargeForTheFreeListsWork) {
  for (int i = 0; i < 10; ++i) EXPECT_EQ(start(with_large_frame(i))->take(), i);
}

TEST(TaskTest, FramesOfOneSizeClassAreInterchangeable) {
  std::vector<void*> frames;
  for (int i = 0; i < 1000; ++i) frames.push_back(internal::allocate_frame(200));
  for (void* frame : frames) internal::deallocate_frame(frame, 200);
  for (void*& frame : frames) {
    frame = internal::allocate_frame(256);
    std::memset(frame, 0x5a, 256);
  }
  for (void* frame : frames) internal::deallocate_frame(frame, 256);
}

}  // namespace
}  // namespace okhttp

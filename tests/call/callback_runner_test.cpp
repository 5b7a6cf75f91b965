#include "call/callback_runner.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <pthread.h>

#include <array>
#include <future>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>

namespace okhttp::internal {
namespace {

/// Keeps what it is given, or refuses it, as the test says.
class ScriptedExecutor final : public Executor {
 public:
  void execute(std::function<void()> work) override {
    if (keeps) kept = std::move(work);
    if (refuses) throw std::runtime_error("full");
  }

  bool keeps = true;
  bool refuses = false;
  std::function<void()> kept;
};

/// Which of the two functions of a callback ran, and where.
class Outcome {
 public:
  struct Run {
    std::string what;
    std::thread::id thread;
    std::string thread_name;
  };

  std::function<void()> work() {
    return [this] { note("work"); };
  }
  std::function<void()> refused() {
    return [this] { note("refused"); };
  }
  /// Waits for the first run; a second one makes the promise throw, which the handler reports.
  Run get() { return run_.get_future().get(); }

 private:
  void note(const char* what) {
    std::array<char, 16> name{};
    pthread_getname_np(pthread_self(), name.data(), name.size());
    run_.set_value(Run{what, std::this_thread::get_id(), name.data()});
  }

  std::promise<Run> run_;
};

class CallbackRunnerTest : public testing::Test {
 protected:
  std::shared_ptr<ScriptedExecutor> executor = std::make_shared<ScriptedExecutor>();
  std::shared_ptr<CallbackRunner> runner = std::make_shared<CallbackRunner>(executor);
  Outcome outcome;
};

TEST_F(CallbackRunnerTest, RunsCallbacksOnNamedThreadsOfItsOwnByDefault) {
  std::make_shared<CallbackRunner>(nullptr)->run(outcome.work(), outcome.refused());
  const Outcome::Run run = outcome.get();
  EXPECT_EQ(run.what, "work");
  EXPECT_EQ(run.thread_name, "okhttp callback");
  EXPECT_NE(run.thread, std::this_thread::get_id());
}

TEST_F(CallbackRunnerTest, ABlockedCallbackDoesNotHoldUpAnother) {
  const auto threads = std::make_shared<CallbackRunner>(nullptr);
  std::promise<void> first_may_end;
  std::promise<void> first_ended;
  threads->run(
      [&] {
        first_may_end.get_future().get();
        first_ended.set_value();
      },
      [] {});
  threads->run(outcome.work(), outcome.refused());
  EXPECT_EQ(outcome.get().what, "work");
  first_may_end.set_value();
  first_ended.get_future().get();
}

TEST_F(CallbackRunnerTest, RunsCallbacksWhereTheExecutorRunsThem) {
  runner->run(outcome.work(), outcome.refused());
  executor->kept();
  const Outcome::Run run = outcome.get();
  EXPECT_EQ(run.what, "work");
  EXPECT_EQ(run.thread, std::this_thread::get_id());
}

TEST_F(CallbackRunnerTest, ARefusedCallbackIsToldOnAThreadOfTheLibrary) {
  executor->keeps = false;
  executor->refuses = true;
  runner->run(outcome.work(), outcome.refused());
  const Outcome::Run run = outcome.get();
  EXPECT_EQ(run.what, "refused");
  EXPECT_EQ(run.thread_name, "okhttp callback");
  EXPECT_NE(run.thread, std::this_thread::get_id());
}

TEST_F(CallbackRunnerTest, ACallbackThatIsDroppedUnrunIsRefused) {
  runner->run(outcome.work(), outcome.refused());
  executor->kept = nullptr;
  EXPECT_EQ(outcome.get().what, "refused");
}

TEST_F(CallbackRunnerTest, AnExecutorThatGoesAwayHasRefusedWhatItDidNotRun) {
  runner->run(outcome.work(), outcome.refused());
  runner = nullptr;
  executor = nullptr;
  EXPECT_EQ(outcome.get().what, "refused");
}

TEST_F(CallbackRunnerTest, AnExecutorThatRefusesAndRunsAllTheSameDoesNotCallBackTwice) {
  executor->refuses = true;
  runner->run(outcome.work(), outcome.refused());
  EXPECT_EQ(outcome.get().what, "refused");
  bool reported = false;
  runner->set_exception_handler([&](const std::exception_ptr&) { reported = true; });
  executor->kept();
  EXPECT_FALSE(reported) << "a second run would have found the promise satisfied";
}

TEST_F(CallbackRunnerTest, AnExecutorThatRunsTwiceDoesNotCallBackTwice) {
  int runs = 0;
  runner->run([&] { ++runs; }, outcome.refused());
  executor->kept();
  executor->kept();
  EXPECT_EQ(runs, 1);
}

TEST_F(CallbackRunnerTest, WhatACallbackOwnsIsReleasedWhenItHasRun) {
  const auto owned = std::make_shared<int>(1);
  runner->run([owned] {}, [owned] {});
  EXPECT_EQ(owned.use_count(), 3);
  executor->kept();
  EXPECT_EQ(owned.use_count(), 1);
}

TEST_F(CallbackRunnerTest, AnExceptionOfACallbackGoesToTheHandlerOnThatThread) {
  std::promise<std::string> reported;
  const auto threads = std::make_shared<CallbackRunner>(nullptr);
  threads->set_exception_handler([&](const std::exception_ptr& exception) {
    try {
      std::rethrow_exception(exception);
    } catch (const std::runtime_error& problem) {
      reported.set_value(problem.what());
    }
  });
  threads->run([] { throw std::runtime_error("of the callback"); }, [] {});
  EXPECT_EQ(reported.get_future().get(), "of the callback");
}

TEST_F(CallbackRunnerTest, ByDefaultAnExceptionIsALineOnStandardError) {
  testing::internal::CaptureStderr();
  runner->run_guarded([] { throw std::runtime_error("of the callback"); });
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "okhttp: an exception left a callback: of the callback\n");

  testing::internal::CaptureStderr();
  runner->run_guarded([] { throw 1; });
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "okhttp: an exception left a callback: not a std::exception\n");
}

TEST_F(CallbackRunnerTest, AHandlerThatThrowsLosesNeitherException) {
  runner->set_exception_handler([](const std::exception_ptr&) { throw std::runtime_error("of the handler"); });
  testing::internal::CaptureStderr();
  runner->run_guarded([] { throw std::runtime_error("of the callback"); });
  const std::string lines = testing::internal::GetCapturedStderr();
  EXPECT_THAT(lines, testing::HasSubstr("of the callback"));
  EXPECT_THAT(lines, testing::HasSubstr("of the handler"));
}

TEST_F(CallbackRunnerTest, ACallbackUnderWayOutlivesItsRunner) {
  runner->run(outcome.work(), outcome.refused());
  runner = nullptr;
  executor->kept();
  EXPECT_EQ(outcome.get().what, "work");
}

}  // namespace
}  // namespace okhttp::internal

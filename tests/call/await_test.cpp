// Where a coroutine that awaits a call goes on, and what its end means for the call.

#include <okhttp/client.hpp>
#include <okhttp/mockwebserver/mock_web_server.hpp>
#include <okhttp/sync_wait.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <coroutine>
#include <exception>
#include <functional>
#include <future>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

#include "support/event_log.hpp"
#include "support/fronts.hpp"
#include "support/protocols.hpp"

namespace okhttp {
namespace {

/// Runs nothing by itself: the test does.
class ManualExecutor final : public Executor {
 public:
  void execute(std::function<void()> work) override { work_.set_value(std::move(work)); }
  void run_next() { work_.get_future().get()(); }

 private:
  std::promise<std::function<void()>> work_;
};

class RefusingExecutor final : public Executor {
 public:
  void execute(std::function<void()>) override { throw std::runtime_error("no room"); }
};

/// Where an awaiting coroutine went on after the head and after the body, and what it read.
struct Seen {
  std::thread::id head_thread;
  std::string head_name;
  std::thread::id body_thread;
  std::string body_name;
  std::string text;
  Errc failure{};
};

Task<Seen> look(Call call) {
  Seen seen;
  try {
    const Response response = co_await call;
    seen.head_thread = std::this_thread::get_id();
    seen.head_name = name_of_this_thread();
    seen.text = co_await response.body().async().string();
  } catch (const Error& error) {
    seen.failure = error.errc();
  }
  seen.body_thread = std::this_thread::get_id();
  seen.body_name = name_of_this_thread();
  co_return seen;
}

using SeenPromise = std::shared_ptr<std::promise<Seen>>;

Task<void> look_and_tell(Call call, SeenPromise promise) {
  Task<Seen> looking = look(call);
  Seen seen = co_await std::move(looking);
  promise->set_value(std::move(seen));
}

/// A coroutine of a user's own kind, on no engine of the library.
class Foreign {
 public:
  struct promise_type {
    Foreign get_return_object() noexcept { return Foreign(std::coroutine_handle<promise_type>::from_promise(*this)); }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() noexcept {}
    void unhandled_exception() noexcept { std::terminate(); }
  };
  explicit Foreign(std::coroutine_handle<promise_type> handle) noexcept : handle_(handle) {}
  /// Requires: it is suspended.
  void destroy() const { handle_.destroy(); }

 private:
  std::coroutine_handle<promise_type> handle_;
};

Task<void> fail(std::string what) {
  throw std::runtime_error(what);
  co_return;
}

Foreign run_foreign(Task<void> task) { co_await std::move(task); }

Foreign wait_for_ever(Call call) {
  (void)co_await call;
  ADD_FAILURE() << "the destroyed coroutine went on";
}

class AwaitTest : public ProtocolTest<> {
 protected:
  AwaitTest() { client_ = builder().event_listener(log_).build(); }

  [[nodiscard]] Call call() { return client_.new_call(Request::get(server_.url("/"))); }
  Call answered_call() {
    server_.enqueue(MockResponse("text"));
    return call();
  }

  const std::shared_ptr<EventLog> log_ = std::make_shared<EventLog>();
  const SeenPromise promise_ = std::make_shared<std::promise<Seen>>();
};

INSTANTIATE_TEST_SUITE_P(Protocols, AwaitTest, both_protocols(), ParameterName());

TEST_P(AwaitTest, GoesOnInSyncWaitOnItsThread) {
  const Seen seen = sync_wait(look(answered_call()));
  EXPECT_EQ(seen.text, "text");
  EXPECT_EQ(seen.head_thread, std::this_thread::get_id());
  EXPECT_EQ(seen.body_thread, std::this_thread::get_id());
}

TEST_P(AwaitTest, GoesOnOnTheLoopWhenItWasSpawned) {
  spawn(client_, look_and_tell(answered_call(), promise_));
  const Seen seen = promise_->get_future().get();
  EXPECT_EQ(seen.text, "text");
  EXPECT_EQ(seen.head_name, "okhttp loop");
  EXPECT_EQ(seen.body_thread, seen.head_thread);
}

TEST_P(AwaitTest, GoesOnOnTheLoopWhenItCameFromElsewhere) {
  run_foreign(look_and_tell(answered_call(), promise_));
  const Seen seen = promise_->get_future().get();
  EXPECT_EQ(seen.text, "text");
  EXPECT_EQ(seen.head_name, "okhttp loop");
  EXPECT_EQ(seen.body_name, "okhttp loop");
}

TEST_P(AwaitTest, GoesOnOnTheExecutorThatWasAskedFor) {
  const auto executor = std::make_shared<ManualExecutor>();
  const Call there = answered_call();
  there.resume_on(executor);
  run_foreign(look_and_tell(there, promise_));
  executor->run_next();
  const Seen seen = promise_->get_future().get();
  EXPECT_EQ(seen.text, "text");
  EXPECT_EQ(seen.head_thread, std::this_thread::get_id());
}

TEST_P(AwaitTest, FailsAsRejectedWhenThatExecutorRefuses) {
  const Call there = answered_call();
  there.resume_on(std::make_shared<RefusingExecutor>());
  run_foreign(look_and_tell(there, promise_));
  EXPECT_EQ(promise_->get_future().get().failure, Errc::rejected);
}

TEST_P(AwaitTest, CancelsTheCallWhenTheCoroutineIsDestroyed) {
  const Call waiting = call();
  const Foreign coroutine = wait_for_ever(waiting);
  ASSERT_TRUE(server_.take_request().has_value());
  coroutine.destroy();
  EXPECT_TRUE(waiting.is_canceled());
  log_->wait_for_end();
  EXPECT_NE(log_->text().find("call_failed(canceled)"), std::string::npos) << log_->text();
}

TEST_P(AwaitTest, GivesItsPlaceBackWhenTheCoroutineIsDestroyed) {
  client_.dispatcher().set_max_requests(1);
  const Foreign coroutine = wait_for_ever(call());
  ASSERT_TRUE(server_.take_request().has_value());
  const Call next = call();
  std::future<Result<Response>> outcome = start(Front::callback, next);
  EXPECT_EQ(client_.dispatcher().queued_calls_count(), 1U);
  coroutine.destroy();
  ASSERT_TRUE(server_.take_request().has_value());
  // Over HTTP/1.1 the server answers the request that was given up, too.
  for (int i = 0; i < 2; ++i) server_.enqueue(MockResponse("next"));
  EXPECT_EQ(outcome.get().value().body().string(), "next");
}

TEST_P(AwaitTest, ReportsWhatLeavesASpawnedTask) {
  const auto told = std::make_shared<std::promise<std::string>>();
  client_.dispatcher().set_callback_exception_handler([told](const std::exception_ptr& exception) {
    try {
      std::rethrow_exception(exception);
    } catch (const std::exception& error) {
      told->set_value(error.what());
    }
  });
  spawn(client_, fail("spawned"));
  EXPECT_EQ(told->get_future().get(), "spawned");
}

Task<int> number(int value) { co_return value; }
Task<std::string> text_of(Call call) {
  const Response response = co_await call;
  std::string text = co_await response.body().async().string();
  co_return text;
}
Task<void> read_all(Call call, std::atomic<int>& ended) {
  Task<std::string> reading = text_of(call);
  (void)co_await std::move(reading);
  ++ended;
}
TEST_P(AwaitTest, GivesAllResultsInOrder) {
  server_.set_dispatcher([](const RecordedRequest& request) { return MockResponse(request.target()); });
  std::vector<Task<std::string>> tasks;
  for (const char* path : {"/a", "/b", "/c"}) {
    tasks.push_back(text_of(client_.new_call(Request::get(server_.url(path)))));
  }
  EXPECT_EQ(sync_wait(when_all(std::move(tasks))), (std::vector<std::string>{"/a", "/b", "/c"}));
}

TEST_P(AwaitTest, GivesAllResultsOfDifferentTypes) {
  const std::tuple<std::string, int> both = sync_wait(when_all(text_of(answered_call()), number(7)));
  EXPECT_EQ(both, std::make_tuple(std::string("text"), 7));
}

TEST_P(AwaitTest, WaitsForAllThatHaveNoResult) {
  std::atomic<int> ended{0};
  std::vector<Task<void>> tasks;
  for (int i = 0; i < 3; ++i) tasks.push_back(read_all(answered_call(), ended));
  sync_wait(when_all(std::move(tasks)));
  EXPECT_EQ(ended, 3);
  sync_wait(when_all(std::vector<Task<void>>()));
}

TEST_P(AwaitTest, ThrowsTheFirstFailureWhenAllHaveEnded) {
  std::atomic<int> ended{0};
  std::vector<Task<void>> tasks;
  tasks.push_back(fail("first"));
  tasks.push_back(fail("second"));
  tasks.push_back(read_all(answered_call(), ended));
  try {
    sync_wait(when_all(std::move(tasks)));
    ADD_FAILURE() << "nothing was thrown";
  } catch (const std::runtime_error& error) {
    EXPECT_STREQ(error.what(), "first");
  }
  EXPECT_EQ(ended, 1);
}

/// A body that was begun on one engine is read on another.
class MovedBody : public ProtocolTest<std::tuple<Front, Front>> {};

Task<std::string> read_async(Response response) {
  std::string text = co_await response.body().async().string();
  co_return text;
}

Task<void> read_and_tell(Response response, std::shared_ptr<std::promise<std::string>> promise) {
  std::string text = co_await response.body().async().string();
  promise->set_value(std::move(text));
}

TEST_P(MovedBody, IsReadWhereverItWasReceived) {
  const std::string text(300000, 'b');
  server_.enqueue(MockResponse(text));
  const auto [received, read] = how();
  const Response response = start(received, client_.new_call(Request::get(server_.url("/")))).get().value();
  if (read == Front::blocking) {
    EXPECT_EQ(response.body().string(), text);
  } else if (read == Front::awaited) {
    EXPECT_EQ(sync_wait(read_async(response)), text);
  } else {
    const auto promise = std::make_shared<std::promise<std::string>>();
    spawn(client_, read_and_tell(response, promise));
    EXPECT_EQ(promise->get_future().get(), text);
  }
}

INSTANTIATE_TEST_SUITE_P(Protocols, MovedBody, over_both_protocols(testing::Combine(all_fronts(), all_fronts())),
                         ParameterName());

TEST_P(AwaitTest, HasItsBodyReadOnACallbackThread) {
  const auto promise = std::make_shared<std::promise<std::string>>();
  answered_call().enqueue(
      [promise](const Call&, Result<Response> result) { promise->set_value(sync_wait(read_async(result.value()))); });
  EXPECT_EQ(promise->get_future().get(), "text");
}

}  // namespace
}  // namespace okhttp

// Calls with a callback: when they run, where and how often they call back, and what the dispatcher lists.

#include <okhttp/client.hpp>
#include <okhttp/mockwebserver/mock_web_server.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <exception>
#include <functional>
#include <future>
#include <latch>
#include <memory>
#include <semaphore>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "support/event_log.hpp"
#include "support/fronts.hpp"
#include "support/protocols.hpp"

namespace okhttp {
namespace {

class RefusingExecutor final : public Executor {
 public:
  void execute(std::function<void()>) override { throw std::runtime_error("no room"); }
};

using Outcome = std::future<Result<Response>>;

class EnqueueTest : public ProtocolTest<> {
 protected:
  EnqueueTest() {
    client_ = builder().event_listener(log_).build();
    server_.start();
  }

  [[nodiscard]] Call call(const std::string& path = "/") { return client_.new_call(Request::get(server_.url(path))); }
  /// A call whose events alone are in heard_.
  [[nodiscard]] Call heard_call() {
    return client_.new_builder().event_listener(heard_).build().new_call(Request::get(server_.url("/")));
  }
  Outcome enqueue(const Call& call) { return start(Front::callback, call); }
  [[nodiscard]] const Dispatcher& dispatcher() const { return client_.dispatcher(); }
  /// Answers that many requests, whatever they are.
  void answer(int requests) {
    for (int i = 0; i < requests; ++i) server_.enqueue(MockResponse("answer"));
  }
  void expect_requests(int count) {
    for (int i = 0; i < count; ++i) ASSERT_TRUE(server_.take_request().has_value());
  }

  const std::shared_ptr<EventLog> log_ = std::make_shared<EventLog>();
  const std::shared_ptr<EventLog> heard_ = std::make_shared<EventLog>();
};

INSTANTIATE_TEST_SUITE_P(Protocols, EnqueueTest, both_protocols(), ParameterName());

TEST_P(EnqueueTest, CallsBackOnceOnAThreadThatMayBlock) {
  std::atomic<int> called{0};
  std::promise<std::string> text;
  const Call asked = call();
  answer(1);
  asked.enqueue([&](const Call& of, Result<Response> result) {
    ++called;
    EXPECT_EQ(of, asked);
    EXPECT_NE(name_of_this_thread(), "okhttp loop");
    text.set_value(result.value().body().string());
  });
  EXPECT_EQ(text.get_future().get(), "answer");
  asked.cancel();
  log_->wait_for_end();
  EXPECT_EQ(called, 1);
}

TEST_P(EnqueueTest, CallsOneOfTwoFunctions) {
  answer(1);
  const auto code = std::make_shared<std::promise<int>>();
  call().enqueue([code](const Call&, const Response& response) { code->set_value(response.code()); },
                 [code](const Call&, const Error&) { code->set_value(0); });
  EXPECT_EQ(code->get_future().get(), 200);

  const auto failure = std::make_shared<std::promise<Errc>>();
  const Call canceled = call();
  canceled.cancel();
  canceled.enqueue([failure](const Call&, const Response&) { failure->set_value(Errc()); },
                   [failure](const Call&, const Error& error) { failure->set_value(error.errc()); });
  EXPECT_EQ(failure->get_future().get(), Errc::canceled);
}

TEST_P(EnqueueTest, RefusesAnEmptyCallback) {
  const Call call = this->call();
  EXPECT_THROW(call.enqueue(Call::Callback()), std::invalid_argument);
  EXPECT_FALSE(call.is_executed());
}

TEST_P(EnqueueTest, LosesNothingWhenACallbackThrows) {
  const auto told = std::make_shared<std::promise<std::string>>();
  dispatcher().set_callback_exception_handler([told](const std::exception_ptr& exception) {
    try {
      std::rethrow_exception(exception);
    } catch (const std::exception& error) {
      told->set_value(error.what());
    }
  });
  dispatcher().set_max_requests(1);
  answer(2);
  call().enqueue([](const Call&, const Result<Response>&) { throw std::runtime_error("callback"); });
  Outcome next = enqueue(call());
  EXPECT_EQ(told->get_future().get(), "callback");
  EXPECT_EQ(next.get().value().code(), 200);
}

TEST_P(EnqueueTest, FailsWhatTheExecutorRefusesOnAThreadOfTheLibrary) {
  answer(1);
  const Client client = builder().dispatcher(Dispatcher(std::make_shared<RefusingExecutor>())).build();
  std::promise<Errc> failure;
  std::atomic<int> called{0};
  const std::thread::id here = std::this_thread::get_id();
  client.new_call(Request::get(server_.url("/"))).enqueue([&](const Call&, const Result<Response>& result) {
    ++called;
    EXPECT_NE(std::this_thread::get_id(), here);
    EXPECT_NE(name_of_this_thread(), "okhttp loop");
    failure.set_value(result.has_value() ? Errc() : result.error().errc());
  });
  EXPECT_EQ(failure.get_future().get(), Errc::rejected);
  EXPECT_EQ(called, 1);
}

TEST_P(EnqueueTest, RunsFiveAHostAndListsTheRest) {
  std::vector<Call> calls;
  std::vector<Outcome> outcomes;
  for (int i = 0; i < 7; ++i) {
    calls.push_back(call("/" + std::to_string(i)));
    outcomes.push_back(enqueue(calls.back()));
  }
  expect_requests(5);
  EXPECT_EQ(dispatcher().running_calls(), std::vector<Call>(calls.begin(), calls.begin() + 5));
  EXPECT_EQ(dispatcher().queued_calls(), std::vector<Call>(calls.begin() + 5, calls.end()));
  EXPECT_EQ(dispatcher().running_calls_count(), 5U);
  EXPECT_EQ(dispatcher().queued_calls_count(), 2U);
  EXPECT_EQ(server_.request_count(), 5U);
  answer(7);
  for (Outcome& outcome : outcomes) EXPECT_EQ(outcome.get().value().body().string(), "answer");
  EXPECT_EQ(dispatcher().queued_calls_count(), 0U);
}

TEST_P(EnqueueTest, CountsEachHostByItself) {
  dispatcher().set_max_requests_per_host(1);
  const Url other = server_.url("/").new_builder().host("127.0.0.1").build();
  Outcome first = enqueue(call());
  Outcome second = enqueue(call());
  Outcome elsewhere = enqueue(client_.new_call(Request::get(other)));
  expect_requests(2);
  EXPECT_EQ(dispatcher().running_calls_count(), 2U);
  EXPECT_EQ(dispatcher().queued_calls_count(), 1U);
  dispatcher().set_max_requests_per_host(2);
  expect_requests(1);
  EXPECT_EQ(dispatcher().queued_calls_count(), 0U);
  answer(3);
  EXPECT_TRUE(first.get().has_value());
  EXPECT_TRUE(second.get().has_value());
  EXPECT_TRUE(elsewhere.get().has_value());
}

TEST_P(EnqueueTest, DoesNotCountABlockingCallButListsIt) {
  dispatcher().set_max_requests(1);
  const Call blocking = call();
  Outcome first = start(Front::blocking, blocking);
  expect_requests(1);
  EXPECT_EQ(dispatcher().running_calls(), std::vector<Call>{blocking});
  Outcome second = enqueue(call());
  expect_requests(1);
  EXPECT_EQ(dispatcher().running_calls_count(), 2U);
  answer(2);
  EXPECT_TRUE(first.get().has_value());
  EXPECT_TRUE(second.get().has_value());
}

TEST_P(EnqueueTest, TellsThatACallWaitedAndWasCanceled) {
  dispatcher().set_max_requests(1);
  Outcome first = enqueue(call());
  expect_requests(1);
  const Call waiting = heard_call();
  Outcome outcome = enqueue(waiting);
  EXPECT_EQ(heard_->text(), "call_start queue_start");
  waiting.cancel();
  EXPECT_EQ(failure_of(std::move(outcome)), Errc::canceled);
  EXPECT_EQ(heard_->text(), "call_start queue_start canceled queue_end call_failed(canceled)");
  EXPECT_EQ(dispatcher().running_calls_count(), 1U);
  answer(1);
  EXPECT_TRUE(first.get().has_value());
}

TEST_P(EnqueueTest, TellsThatACallWaitedTooLong) {
  dispatcher().set_max_requests(1);
  Outcome first = enqueue(call());
  expect_requests(1);
  const Call waiting = heard_call();
  waiting.timeout(std::chrono::milliseconds(30));
  EXPECT_EQ(failure_of(enqueue(waiting)), Errc::timeout);
  EXPECT_EQ(heard_->text(), "call_start queue_start queue_end call_failed(timeout)");
  answer(1);
  EXPECT_TRUE(first.get().has_value());
}

TEST_P(EnqueueTest, CancelsAllThatWaitAndRun) {
  std::vector<Outcome> outcomes;
  for (int i = 0; i < 8; ++i) outcomes.push_back(enqueue(call()));
  outcomes.push_back(start(Front::blocking, call()));
  expect_requests(6);
  dispatcher().cancel_all();
  for (Outcome& outcome : outcomes) EXPECT_EQ(failure_of(std::move(outcome)), Errc::canceled);
  EXPECT_EQ(server_.request_count(), 6U);
}

TEST_P(EnqueueTest, TellsWhenNothingRunsAnyMore) {
  std::counting_semaphore<> idle(0);
  dispatcher().set_idle_callback([&] { idle.release(); });
  std::latch leave(1);
  std::promise<void> called;
  answer(2);
  call().enqueue([&](const Call&, const Result<Response>&) {
    called.set_value();
    leave.wait();
  });
  called.get_future().wait();
  // The other's end is not the end of all: the first is in its callback.
  EXPECT_TRUE(call().execute().is_successful());
  EXPECT_FALSE(idle.try_acquire());
  leave.count_down();
  idle.acquire();
  EXPECT_EQ(dispatcher().running_calls_count(), 0U);
  dispatcher().set_idle_callback(nullptr);
}

}  // namespace
}  // namespace okhttp

// Bodies that are read, and coroutines that wait, elsewhere than where their call runs.

#include <okhttp/executor.hpp>
#include <okhttp/mockwebserver/mock_web_server.hpp>
#include <okhttp/okhttp.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <exception>
#include <functional>
#include <future>
#include <latch>
#include <memory>
#include <optional>
#include <semaphore>
#include <span>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "support/call_styles.hpp"
#include "support/detached.hpp"
#include "support/protocols.hpp"

namespace okhttp {
namespace {

class ReaderChange : public ProtocolTest<> {};

INSTANTIATE_TEST_SUITE_P(Protocols, ReaderChange, both_protocols(), ParameterName());

TEST_P(ReaderChange, ABlockingReadInAnInterceptorLeavesTheCallWhereItRuns) {
  server_.enqueue(MockResponse::Builder().body("first").build());
  server_.enqueue(MockResponse::Builder().body("second").build());
  std::string seen;
  const Client client = builder()
                            .add_interceptor([&seen](Chain& chain) -> Task<Response> {
                              Response first = co_await chain.proceed(chain.request());
                              seen = first.body().string();
                              co_return co_await chain.proceed(chain.request());
                            })
                            .call_timeout(std::chrono::seconds(30))
                            .build();
  const Response response = client.get(server_.url("/").to_string());
  EXPECT_EQ(response.body().string(), "second");
  EXPECT_EQ(seen, "first");
}

TEST_P(ReaderChange, ACallEndsAfterItsInterceptorReadTheWholeBody) {
  server_.enqueue(MockResponse::Builder().body("text").build());
  const Client client = builder()
                            .add_interceptor([](Chain& chain) -> Task<Response> {
                              Response response = co_await chain.proceed(chain.request());
                              std::string text = response.body().string();
                              co_return response.new_builder().body(ResponseBody::create(text + "!")).build();
                            })
                            .build();
  EXPECT_EQ(client.get(server_.url("/").to_string()).body().string(), "text!");
  EXPECT_EQ(client.connection_pool().idle_connection_count(), 1U);
}

TEST_P(ReaderChange, ABodyClosedOnAThreadOfTheInterceptorsLeavesTheCallWhereItRuns) {
  for (int i = 0; i < 4; ++i) server_.enqueue(MockResponse::Builder().body("text").build());
  const Client client = builder()
                            .add_interceptor([](Chain& chain) -> Task<Response> {
                              Response first = co_await chain.proceed(chain.request());
                              std::thread([&first] { first.body().close(); }).join();
                              co_return co_await chain.proceed(chain.request());
                            })
                            .call_timeout(std::chrono::seconds(30))
                            .build();
  for (const CallStyle style : {CallStyle::blocking, CallStyle::on_the_loop}) {
    const Response response = run(style, client.new_call(Request::get(server_.url("/"))));
    EXPECT_EQ(response.body().string(), "text");
  }
}

TEST_P(ReaderChange, AReadThatWaitsDoesNotHoldUpAnotherCoroutineOfItsThread) {
  server_.enqueue(MockResponse::Builder().body("ten  bytes").on_response_body(SocketEffect::stall()).build());
  server_.enqueue(MockResponse::Builder().body("text").build());
  const Client client = builder().read_timeout(std::chrono::milliseconds(0)).build();
  const Call stalled = client.new_call(Request::get(server_.url("/stalled")));
  const Response open = stalled.execute();
  std::vector<Task<void>> tasks;
  const auto read = [&]() -> Task<void> {
    try {
      (void)co_await open.body().async().string();
      ADD_FAILURE() << "the body is not complete";
    } catch (const Error& error) {
      EXPECT_EQ(error.errc(), Errc::canceled);
    }
  };
  const auto call = [&]() -> Task<void> {
    Response response = co_await client.new_call(Request::get(server_.url("/")));
    EXPECT_EQ(co_await response.body().async().string(), "text");
    stalled.cancel();
  };
  tasks.push_back(read());
  tasks.push_back(call());
  sync_wait(when_all(std::move(tasks)));
}

/// Keeps what it is given, and then throws or drops it.
class UnreliableExecutor final : public Executor {
 public:
  explicit UnreliableExecutor(bool keeps) : keeps_(keeps) {}
  void execute(std::function<void()> work) override {
    if (!keeps_) return;
    kept_ = work;
    throw std::runtime_error("full");
  }
  void run_kept() {
    if (kept_) std::exchange(kept_, nullptr)();
  }

 private:
  const bool keeps_;
  std::function<void()> kept_;
};

internal::Detached count_ends(Call call, std::latch& ended, Errc& how) {
  try {
    Response response = co_await call;
  } catch (const Error& error) {
    how = error.errc();
  }
  ended.count_down();
}

// Two clients: a body read, or a call awaited, on the loop of one that is dropped. Only by chance is its loop gone at
// the dangerous moment, so that moment comes often; AddressSanitizer sees what happens there.

Task<void> read_first_byte(const Response& response, std::latch& read) {
  std::byte first{};
  EXPECT_EQ(co_await response.body().async().read_some(std::span(&first, 1)), 1U);
  read.count_down();
}

TEST_P(ReaderChange, ABodyReadOnTheLoopOfADroppedClientIsReadOnAndCanceledElsewhere) {
  const Client& client = client_;
  for (int i = 0; i < 100; ++i) {
    server_.enqueue(MockResponse::Builder().body("text").build());
    const Call call = client.new_call(Request::get(server_.url("/")));
    const Response response = call.execute();
    {
      const Client passing = builder().build();
      std::latch read(1);
      spawn(passing, read_first_byte(response, read));
      read.wait();
    }
    if (i % 2 == 0) {
      EXPECT_EQ(response.body().string(), "ext");
    } else {
      call.cancel();
      EXPECT_TRUE(call.is_canceled());
    }
  }
}

internal::Detached await_both(std::optional<Call> first, Call second, std::shared_ptr<std::promise<bool>> stayed) {
  const std::thread::id caller = std::this_thread::get_id();
  try {
    (void)co_await *first;
    first.reset();
    const std::thread::id loop = std::this_thread::get_id();
    (void)co_await second;
    // Whoever awaits what is there already has not left the caller's thread, and is on no loop.
    stayed->set_value(loop == caller || std::this_thread::get_id() == loop);
  } catch (const Error&) {
    stayed->set_exception(std::current_exception());
  }
}

TEST_P(ReaderChange, ACallAwaitedOnTheLoopOfADroppedClientIsAnsweredThere) {
  std::counting_semaphore<> asked(0);
  std::counting_semaphore<> answer(0);
  server_.set_dispatcher([&](const RecordedRequest& request) {
    if (request.target() == "/held") {
      asked.release();
      answer.acquire();
    }
    return MockResponse("text");
  });
  const Client& client = client_;
  for (int i = 0; i < 100; ++i) {
    const auto stayed = std::make_shared<std::promise<bool>>();
    {
      const Client passing = builder().build();
      await_both(passing.new_call(Request::get(server_.url("/"))), client.new_call(Request::get(server_.url("/held"))),
                 stayed);
      asked.acquire();
    }
    answer.release();
    EXPECT_TRUE(stayed->get_future().get());
  }
}

TEST_P(ReaderChange, ACoroutineIsResumedOnceWhenItsExecutorKeepsTheWorkAndThrows) {
  server_.enqueue(MockResponse::Builder().body("text").build());
  const Client& client = client_;
  const auto executor = std::make_shared<UnreliableExecutor>(true);
  const Call call = client.new_call(Request::get(server_.url("/")));
  call.resume_on(executor);
  std::latch ended(1);
  Errc how{};
  count_ends(call, ended, how);
  ended.wait();
  executor->run_kept();
  EXPECT_EQ(how, Errc::rejected);
}

TEST_P(ReaderChange, ACoroutineIsResumedWhenItsExecutorDropsTheWork) {
  server_.enqueue(MockResponse::Builder().body("text").build());
  const Client& client = client_;
  const Call call = client.new_call(Request::get(server_.url("/")));
  call.resume_on(std::make_shared<UnreliableExecutor>(false));
  std::latch ended(1);
  Errc how{};
  count_ends(call, ended, how);
  ended.wait();
  EXPECT_EQ(how, Errc::rejected);
}

}  // namespace
}  // namespace okhttp

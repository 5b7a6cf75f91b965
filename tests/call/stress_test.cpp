// Many calls at once on one client: none is lost, none ends twice, none gets another's answer.

#include <okhttp/mockwebserver/mock_web_server.hpp>
#include <okhttp/okhttp.hpp>

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <latch>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "support/protocols.hpp"
#include "support/scale.hpp"

namespace okhttp {
namespace {

/// Lets this process open as many files as the system allows, and says how many that are.
std::size_t raise_file_limit() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  return limit.rlim_cur;
}

std::string path_of(int number) { return "/" + std::to_string(number); }

/// What became of a number of calls.
class Outcomes {
 public:
  explicit Outcomes(int calls) : ends_(static_cast<std::size_t>(calls)) {}

  void add(int number, const std::string& body) {
    if (body == path_of(number))
      ++answered_;
    else
      ++wrong_;
    ++ends_[static_cast<std::size_t>(number)];
  }
  void add(int number, const Error& error) {
    if (error.errc() == Errc::canceled) {
      ++canceled_;
    } else {
      ++wrong_;
      ADD_FAILURE() << error.what();
    }
    ++ends_[static_cast<std::size_t>(number)];
  }
  void add(int number, Result<Response> result) {
    if (!result.has_value()) return add(number, result.error());
    try {
      add(number, result.value().body().string());
    } catch (const Error& error) {
      add(number, error);
    }
  }

  [[nodiscard]] int answered() const { return answered_; }
  [[nodiscard]] int canceled() const { return canceled_; }
  /// Each call ended once, in its own answer or canceled.
  void expect_each_once() const {
    EXPECT_EQ(wrong_, 0);
    EXPECT_EQ(answered_ + canceled_, static_cast<int>(ends_.size()));
    EXPECT_TRUE(std::all_of(ends_.begin(), ends_.end(), [](const std::atomic<int>& ends) { return ends == 1; }));
  }

 private:
  std::vector<std::atomic<int>> ends_;
  std::atomic<int> answered_{0};
  std::atomic<int> canceled_{0};
  std::atomic<int> wrong_{0};
};

Task<void> run_awaited(Call call, int number, Outcomes& outcomes) {
  try {
    const Response response = co_await call;
    const std::string body = co_await response.body().async().string();
    outcomes.add(number, body);
  } catch (const Error& error) {
    outcomes.add(number, error);
  }
}

class StressTest : public ProtocolTest<> {
 protected:
  StressTest() {
    client_ = builder().read_timeout(std::chrono::minutes(2)).build();
    files_ = raise_file_limit();
    server_.set_dispatcher([this](const RecordedRequest& request) {
      gate_.wait();
      return MockResponse(request.target());
    });
    server_.start();
    client_.dispatcher().set_max_requests(100000);
    client_.dispatcher().set_max_requests_per_host(100000);
  }
  ~StressTest() override {
    open_gate();
    server_.close();  // its dispatcher waits at the gate
  }

  void open_gate() {
    if (!gate_.try_wait()) gate_.count_down();
  }
  [[nodiscard]] Call call(int number) { return client_.new_call(Request::get(server_.url(path_of(number)))); }
  [[nodiscard]] std::vector<Call> calls(int count) {
    std::vector<Call> result;
    result.reserve(static_cast<std::size_t>(count));
    for (int i = 0; i < count; ++i) result.push_back(call(i));
    return result;
  }
  /// Waits until the server has that many different requests.
  void expect_requests(int count) {
    std::set<std::string> paths;
    for (int i = 0; i < count; ++i) {
      const std::optional<RecordedRequest> request = server_.take_request(std::chrono::seconds(60));
      ASSERT_TRUE(request.has_value()) << "after " << i << " requests";
      paths.insert(request->target());
    }
    EXPECT_EQ(paths.size(), static_cast<std::size_t>(count));
  }
  /// A call gives its place back after its callback, which is what the tests wait for.
  void wait_until_idle() {
    const auto idle = std::make_shared<std::latch>(1);
    client_.dispatcher().set_idle_callback([idle] {
      if (!idle->try_wait()) idle->count_down();
    });
    if (client_.dispatcher().running_calls_count() != 0) idle->wait();
  }
  void expect_nothing_in_use() {
    wait_until_idle();
    EXPECT_EQ(client_.dispatcher().running_calls_count(), 0U);
    EXPECT_EQ(client_.dispatcher().queued_calls_count(), 0U);
    EXPECT_EQ(client_.connection_pool().connection_count(), client_.connection_pool().idle_connection_count());
    EXPECT_EQ(call(7).execute().body().string(), "/7");
  }

  std::size_t files_ = 0;
  std::latch gate_{1};  // no answer before it is open
};

INSTANTIATE_TEST_SUITE_P(Protocols, StressTest, both_protocols(), ParameterName());

// Cancels all of `calls`, in an order of its own.
void cancel_all(std::vector<Call> calls, unsigned seed) {
  std::mt19937 random(seed);
  std::shuffle(calls.begin(), calls.end(), random);
  for (const Call& call : calls) call.cancel();
}

TEST_P(StressTest, TenThousandAwaitedCallsRunAtOnce) {
  constexpr int kCalls = 10000 / kShrink;
  // Each call takes a descriptor here and one in the server, which is this process too: where the system allows fewer
  // than that, the last calls wait in the dispatcher.
  const int at_once = std::min(kCalls, static_cast<int>(files_ - 400) / 2);
  client_.dispatcher().set_max_requests(static_cast<std::size_t>(at_once));
  Outcomes outcomes(kCalls);
  std::vector<Task<void>> tasks;
  for (int i = 0; i < kCalls; ++i) tasks.push_back(run_awaited(call(i), i, outcomes));
  std::jthread gatekeeper([&] {
    expect_requests(at_once);
    EXPECT_EQ(client_.dispatcher().running_calls_count(), static_cast<std::size_t>(at_once));
    open_gate();
  });
  sync_wait(when_all(std::move(tasks)));
  gatekeeper.join();
  outcomes.expect_each_once();
  EXPECT_EQ(outcomes.answered(), kCalls);
  EXPECT_EQ(server_.request_count(), static_cast<std::size_t>(kCalls));
  expect_nothing_in_use();
}

TEST_P(StressTest, SixteenThreadsShareOneClient) {
  constexpr int kThreads = 16;
  constexpr int kCallsEach = 1000 / kShrink;
  open_gate();
  const Client client = client_.new_builder().connection_pool(ConnectionPool(kThreads)).build();
  Outcomes outcomes(kThreads * kCallsEach);
  std::vector<std::jthread> threads;
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&, thread] {
      for (int i = 0; i < kCallsEach; ++i) {
        const int number = thread * kCallsEach + i;
        const Request get = Request::get(server_.url(path_of(number)));
        const Request post = get.new_builder().post(RequestBody::create(path_of(number))).build();
        outcomes.add(number, client.new_call(i % 4 == 0 ? post : get).try_execute());
      }
    });
  }
  threads.clear();
  outcomes.expect_each_once();
  EXPECT_EQ(outcomes.answered(), kThreads * kCallsEach);
  EXPECT_EQ(server_.request_count(), static_cast<std::size_t>(kThreads * kCallsEach));
  EXPECT_LE(server_.connection_count(), static_cast<std::size_t>(kThreads));
  EXPECT_EQ(client.connection_pool().connection_count(), client.connection_pool().idle_connection_count());
}

TEST_P(StressTest, CallsInFlightAllEndWhenCanceled) {
  constexpr int kCalls = 1000 / kShrink;
  Outcomes outcomes(kCalls);
  std::latch done(kCalls);
  const std::vector<Call> started = calls(kCalls);
  for (int i = 0; i < kCalls; ++i) {
    started[static_cast<std::size_t>(i)].enqueue([&, i](const Call&, Result<Response> result) {
      outcomes.add(i, std::move(result));
      done.count_down();
    });
  }
  expect_requests(kCalls);
  {
    std::vector<std::jthread> threads;
    for (unsigned seed = 0; seed < 4; ++seed) threads.emplace_back([&, seed] { cancel_all(started, seed); });
  }
  done.wait();
  outcomes.expect_each_once();
  EXPECT_EQ(outcomes.canceled(), kCalls);
  open_gate();
  expect_nothing_in_use();
}

TEST_P(StressTest, EnqueuedCallsInACancelStormEndOnce) {
  constexpr int kCalls = 4000 / kShrink;
  client_.dispatcher().set_max_requests(100);
  open_gate();
  Outcomes outcomes(kCalls);
  std::latch done(kCalls);
  const std::vector<Call> started = calls(kCalls);
  {
    std::vector<std::jthread> threads;
    for (unsigned seed = 0; seed < 2; ++seed) {
      const std::vector<Call> some(started.begin() + seed, started.begin() + kCalls / 2);
      threads.emplace_back([some, seed] { cancel_all(some, seed); });
    }
    for (int i = 0; i < kCalls; ++i) {
      started[static_cast<std::size_t>(i)].enqueue([&, i](const Call&, Result<Response> result) {
        outcomes.add(i, std::move(result));
        done.count_down();
      });
    }
  }
  done.wait();
  outcomes.expect_each_once();
  EXPECT_GE(outcomes.answered(), kCalls / 2);
  expect_nothing_in_use();
}

TEST_P(StressTest, AwaitedCallsInACancelStormEndOnce) {
  constexpr int kCalls = 4000 / kShrink;
  client_.dispatcher().set_max_requests(100);
  open_gate();
  Outcomes outcomes(kCalls);
  const std::vector<Call> started = calls(kCalls);
  std::vector<Task<void>> tasks;
  for (int i = 0; i < kCalls; ++i) {
    tasks.push_back(run_awaited(started[static_cast<std::size_t>(i)], i, outcomes));
  }
  {
    std::vector<std::jthread> threads;
    for (unsigned seed = 0; seed < 2; ++seed) {
      const std::vector<Call> some(started.begin() + kCalls / 2, started.end());
      threads.emplace_back([some, seed] { cancel_all(some, seed); });
    }
    sync_wait(when_all(std::move(tasks)));
  }
  outcomes.expect_each_once();
  EXPECT_GE(outcomes.answered(), kCalls / 2);
  expect_nothing_in_use();
}

// The loop promotes its own calls in place; the threads of callbacks promote them too.
TEST_P(StressTest, CallsAwaitedOnTheLoopMixWithEnqueuedOnes) {
  constexpr int kCalls = 2000 / kShrink;
  client_.dispatcher().set_max_requests(4);
  open_gate();
  Outcomes outcomes(kCalls);
  std::latch done(kCalls);
  const auto awaited = [&](int number) -> Task<void> {
    co_await run_awaited(call(number), number, outcomes);
    done.count_down();
  };
  for (int i = 0; i < kCalls; ++i) {
    if (i % 2 == 0) {
      spawn(client_, awaited(i));
      continue;
    }
    call(i).enqueue([&, i](const Call&, Result<Response> result) {
      outcomes.add(i, std::move(result));
      done.count_down();
    });
  }
  done.wait();
  outcomes.expect_each_once();
  EXPECT_EQ(outcomes.answered(), kCalls);
}

TEST_P(StressTest, BlockingCallsInACancelStormEndOnce) {
  constexpr int kThreads = 16;
  constexpr int kCallsEach = 250 / kShrink + 1;
  open_gate();
  Outcomes outcomes(kThreads * kCallsEach);
  const std::vector<Call> started = calls(kThreads * kCallsEach);
  {
    std::vector<std::jthread> threads;
    for (int thread = 0; thread < kThreads; ++thread) {
      threads.emplace_back([&, thread] {
        for (int i = 0; i < kCallsEach; ++i) {
          const int number = i * kThreads + thread;
          outcomes.add(number, started[static_cast<std::size_t>(number)].try_execute());
        }
      });
    }
    // In about the order in which they run, so that many are caught in the act.
    for (std::size_t i = 0; i < started.size(); i += 2) started[i].cancel();
  }
  outcomes.expect_each_once();
  EXPECT_GE(outcomes.answered(), kThreads * kCallsEach / 2);
  expect_nothing_in_use();
}

TEST_P(StressTest, CallsEndWhenTheirClientGoes) {
  constexpr int kCalls = 500 / kShrink;
  Outcomes outcomes(kCalls);
  std::latch done(kCalls);
  {
    // Nothing is shared with the client of the fixture.
    const Client client = builder().build();
    client.dispatcher().set_max_requests_per_host(kCalls / 2);
    client.dispatcher().set_max_requests(kCalls / 2);
    for (int i = 0; i < kCalls; ++i) {
      client.new_call(Request::get(server_.url(path_of(i)))).enqueue([&, i](const Call&, Result<Response> result) {
        outcomes.add(i, std::move(result));
        done.count_down();
      });
    }
    expect_requests(kCalls / 2);
  }
  done.wait();
  outcomes.expect_each_once();
  EXPECT_EQ(outcomes.canceled(), kCalls);
  open_gate();
}

}  // namespace
}  // namespace okhttp

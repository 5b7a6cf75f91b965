// Many calls over a network that drops, resets, stalls, delays and splits what is sent: each ends once, with the right
// answer or an error that says what happened.

#include <okhttp/mockwebserver/mock_web_server.hpp>
#include <okhttp/okhttp.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <charconv>
#include <functional>
#include <latch>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "support/faulty_relay.hpp"
#include "support/protocols.hpp"
#include "support/scale.hpp"

namespace okhttp {
namespace {

using namespace std::chrono_literals;
using testing::Faults;
using testing::FaultyRelay;

constexpr int kCalls = 100000 / kShrink;
constexpr std::uint64_t kSeed = 20260101;

/// What is asked for by its number: every fourth is a POST, every tenth answer is large, every third is chunked.
struct Errand {
  explicit Errand(int which) : number(which) {}
  /// Of a request's target.
  static Errand of(const std::string& target) {
    int which = 0;
    std::from_chars(target.data() + 1, target.data() + target.size(), which);
    return Errand(which);
  }

  [[nodiscard]] bool is_post() const { return number % 4 == 0; }
  [[nodiscard]] std::string path() const { return "/" + std::to_string(number); }
  [[nodiscard]] std::string upload() const { return filled("upload " + path(), number % 20 == 0 ? 40000 : 100); }
  [[nodiscard]] std::string answer() const { return filled("answer " + path(), number % 10 == 1 ? 60000 : 200); }
  [[nodiscard]] MockResponse response() const {
    MockResponse::Builder builder;
    return number % 3 == 0 ? builder.chunked_body(answer(), 7000).build() : builder.body(answer()).build();
  }

  int number;

 private:
  static std::string filled(const std::string& label, std::size_t size) {
    std::string text;
    while (text.size() < size) text.append(label).append(" ");
    return text;
  }
};

/// How the calls ended.
class Ends {
 public:
  void add(const Errand& errand, const std::string& body) {
    if (body == errand.answer()) {
      ++answered_;
    } else {
      ++wrong_;
      ADD_FAILURE() << errand.path() << " was given " << body.size() << " bytes: " << body.substr(0, 40);
    }
    ++ends_[static_cast<std::size_t>(errand.number)];
  }
  void add(const Errand& errand, const Error& error) {
    {
      const std::lock_guard lock(mutex_);
      ++failures_[error.errc()];
      // What the network does is told as such, whatever it struck.
      if (!is_of_the_network(error.errc())) ADD_FAILURE() << errand.path() << ": " << error.what();
    }
    ++failed_;
    ++ends_[static_cast<std::size_t>(errand.number)];
  }
  void add(const Errand& errand, Result<Response> result) {
    if (!result.has_value()) return add(errand, result.error());
    try {
      add(errand, result.value().body().string());
    } catch (const Error& error) {
      add(errand, error);
    }
  }

  [[nodiscard]] int answered() const { return answered_; }
  [[nodiscard]] int failed() const { return failed_; }
  void expect_each_once() const {
    EXPECT_EQ(wrong_, 0);
    EXPECT_EQ(answered_ + failed_, kCalls);
    EXPECT_TRUE(std::all_of(ends_.begin(), ends_.end(), [](const std::atomic<int>& ends) { return ends == 1; }));
  }
  [[nodiscard]] std::string summary() const {
    std::string text = std::to_string(answered_) + " answered";
    for (const auto& [errc, count] : failures_) {
      text += ", " + std::to_string(count) + ' ' + make_error_code(errc).message();
    }
    return text;
  }

 private:
  static bool is_of_the_network(Errc errc) {
    switch (errc) {
      case Errc::timeout:
      case Errc::connect_timeout:
      case Errc::read_timeout:
      case Errc::write_timeout:
      case Errc::connect_failed:
      case Errc::connection_closed:
        return true;
      default:
        return false;
    }
  }

  std::vector<std::atomic<int>> ends_ = std::vector<std::atomic<int>>(kCalls);
  std::atomic<int> answered_{0};
  std::atomic<int> failed_{0};
  std::atomic<int> wrong_{0};
  std::mutex mutex_;
  std::map<Errc, int> failures_;
};

class FaultyNetworkTest : public ProtocolTest<> {
 protected:
  FaultyNetworkTest() {
    server_.set_dispatcher([this](const RecordedRequest& request) {
      const Errand errand = Errand::of(request.target());
      if (errand.is_post()) {
        if (request.body() != errand.upload()) ++mangled_uploads_;
        ++posts_[static_cast<std::size_t>(errand.number)];
      }
      return errand.response();
    });
    server_.start();
  }

  [[nodiscard]] Call call(const FaultyRelay& relay, const Errand& errand) const {
    const Request get = Request::get("http://127.0.0.1:" + std::to_string(relay.port()) + errand.path());
    if (!errand.is_post()) return client_.new_call(get);
    return client_.new_call(get.new_builder().post(RequestBody::create(errand.upload())).build());
  }

  Task<void> await_in_turn(const FaultyRelay& relay, int first, int end, int step, Ends& ends) const {
    for (int i = first; i < end; i += step) {
      const Errand errand(i);
      const Call one = call(relay, errand);
      std::optional<Error> failure;
      try {
        const Response response = co_await one;
        const std::string body = co_await response.body().async().string();
        ends.add(errand, body);
      } catch (const Error& error) {
        failure = error;
      }
      if (failure.has_value()) ends.add(errand, *failure);
    }
  }

  /// Each call is made by the callback of the one before.
  void enqueue_in_turn(const FaultyRelay& relay, int first, int end, int step, Ends& ends,
                       const std::function<void()>& when_done) const {
    if (first >= end) return when_done();
    const auto ended = [this, &relay, first, end, step, &ends, when_done](const Call&, Result<Response> result) {
      ends.add(Errand(first), std::move(result));
      enqueue_in_turn(relay, first + step, end, step, ends, when_done);
    };
    call(relay, Errand(first)).enqueue(ended);
  }

  // The server's own thread counts.
  std::vector<std::atomic<int>> posts_ = std::vector<std::atomic<int>>(kCalls);
  std::atomic<int> mangled_uploads_{0};
};

INSTANTIATE_TEST_SUITE_P(Protocols, FaultyNetworkTest, both_protocols(), ParameterName());

TEST_P(FaultyNetworkTest, EveryCallEndsOnceWithItsAnswerOrTheNetworksError) {
  constexpr int kAwaitedEnd = kCalls / 2;
  constexpr int kEnqueuedEnd = kCalls / 4 * 3;
  constexpr int kCoroutines = 48;
  constexpr int kChains = 16;
  constexpr int kThreads = 8;
  Faults faults;
  faults.refused = 50;
  faults.deaf = 400;
  faults.dropped = 800;
  faults.reset = 800;
  faults.stalled = 8000;
  faults.delayed = 50;
  faults.split = 50;
  FaultyRelay relay(server_.port(), faults, kSeed);
  const auto patience = kShrink > 1 ? 1500ms : 300ms;
  client_ = builder()
                .read_timeout(patience)
                .write_timeout(patience)
                .connect_timeout(patience)
                .call_timeout(7 * patience)
                .build();
  client_.dispatcher().set_max_requests(2 * kCoroutines);
  client_.dispatcher().set_max_requests_per_host(2 * kCoroutines);

  Ends ends;
  std::latch enqueued(kChains);
  {
    // What the server keeps of each request is of no interest.
    std::jthread forgetful([this](const std::stop_token& stop) {
      while (!stop.stop_requested()) (void)server_.take_request(100ms);
    });
    std::vector<std::jthread> threads;
    for (int thread = 0; thread < kThreads; ++thread) {
      threads.emplace_back([&, thread] {
        for (int i = kEnqueuedEnd + thread; i < kCalls; i += kThreads) {
          const Errand errand(i);
          ends.add(errand, call(relay, errand).try_execute());
        }
      });
    }
    for (int i = 0; i < kChains; ++i) {
      enqueue_in_turn(relay, kAwaitedEnd + i, kEnqueuedEnd, kChains, ends, [&enqueued] { enqueued.count_down(); });
    }
    std::vector<Task<void>> tasks;
    for (int i = 0; i < kCoroutines; ++i) tasks.push_back(await_in_turn(relay, i, kAwaitedEnd, kCoroutines, ends));
    sync_wait(when_all(std::move(tasks)));
    enqueued.wait();
  }
  ends.expect_each_once();
  EXPECT_GT(ends.answered(), kCalls / 2) << ends.summary();
  EXPECT_GT(ends.failed(), 0);
  EXPECT_GT(relay.drops(), 0U);
  EXPECT_GT(relay.resets(), 0U);
  // A request that may have been processed and is not idempotent is never sent twice.
  EXPECT_TRUE(std::all_of(posts_.begin(), posts_.end(), [](const std::atomic<int>& count) { return count <= 1; }));
  EXPECT_EQ(mangled_uploads_, 0);

  // Nothing is left behind, and once the weather is fair all is well.
  EXPECT_EQ(client_.connection_pool().connection_count(), client_.connection_pool().idle_connection_count());
  relay.clear_up();
  client_.connection_pool().evict_all();
  EXPECT_EQ(call(relay, Errand(1)).execute().body().string(), Errand(1).answer());
  RecordProperty("outcome", ends.summary());
}

}  // namespace
}  // namespace okhttp

// Servers close connections when they like. A request that may be sent again must never notice; one that may not be
// must end in an answer or in connection_closed, and is never sent twice.

#include <atomic>
#include <cstdio>
#include <thread>

#include "interop/support/server_test.hpp"

namespace okhttp::interop {
namespace {

constexpr int kThreads = 3;

/// Runs `work` on several threads at once.
template <class F>
void on_threads(F work) {
  std::vector<std::jthread> threads;
  for (int i = 0; i < kThreads; ++i) threads.emplace_back([&work, i] { work(i); });
}

class AnnouncedCloseTest : public RealServerTest, public ::testing::WithParamInterface<ServerKind> {};

INSTANTIATE_TEST_SUITE_P(Servers, AnnouncedCloseTest,
                         ::testing::Values(ServerKind::nginx, ServerKind::apache, ServerKind::node), name_of_server);

TEST_P(AnnouncedCloseTest, EachConnectionServesAsManyRequestsAsTheServerAllows) {
  const std::vector<std::uint16_t>& ports = RealServer::shared(GetParam()).ports().closes_after;
  ASSERT_EQ(ports.size(), 7U);
  for (std::size_t uses = 1; uses <= ports.size(); ++uses) {
    const auto tally = std::make_shared<Tally>();
    const Client client = client_builder().event_listener(tally).build();
    const std::string url = RealServer::url(Scheme::http, ports[uses - 1], "/1k");
    for (int i = 0; i < 420; ++i) ASSERT_EQ(client.get(url).body().string(), Site::get().small()) << uses;
    EXPECT_EQ(tally->connections(), static_cast<int>(420 / uses)) << uses;
    EXPECT_EQ(tally->retries(), 0) << uses;
  }
}

TEST_P(AnnouncedCloseTest, PostsFailNeither) {
  const std::vector<std::uint16_t>& ports = RealServer::shared(GetParam()).ports().closes_after;
  for (const std::uint16_t port : ports) {
    const std::string url = RealServer::url(Scheme::http, port, "/discard");
    for (int i = 0; i < 42; ++i) EXPECT_EQ(client_.post(url, RequestBody::create("x")).code(), 204);
  }
}

class SilentCloseTest : public EachServerTest {};

INSTANTIATE_TEST_SUITE_P(Servers, SilentCloseTest, ::testing::Combine(kAllServers, kBothSchemes), name_of);

TEST_P(SilentCloseTest, AGetNeverNotices) {
  std::atomic<int> right{0};
  on_threads([&](int) {
    const Request request = Request::get(closing_url("/1k"));
    for (int i = 0; i < 400; ++i) {
      const Result<Response> result = client_.new_call(request).try_execute();
      if (!result.has_value()) {
        ADD_FAILURE() << result.error().what();
        return;
      }
      right += result.value().body().string() == Site::get().small() ? 1 : 0;
    }
  });
  EXPECT_EQ(right, kThreads * 400);
  std::printf("%s over %s, closed at will: %d GETs, %d connections, %d retries\n",
              std::string(to_string(kind())).c_str(), std::string(to_string(scheme())).c_str(), right.load(),
              tally_->connections(), tally_->retries());
}

Task<int> get_in_turn(Client client, std::string url, int count) {
  int right = 0;
  for (int i = 0; i < count; ++i) {
    const Call call = client.new_call(Request::get(url));
    const Response response = co_await call;
    const std::string body = co_await response.body().async().string();
    right += body == Site::get().small() ? 1 : 0;
  }
  co_return right;
}

TEST_P(SilentCloseTest, AnAwaitedGetNeverNotices) {
  std::vector<Task<int>> tasks;
  for (int i = 0; i < kThreads; ++i) tasks.push_back(get_in_turn(client_, closing_url("/1k"), 200));
  int right = 0;
  for (const int count : sync_wait(when_all(std::move(tasks)))) right += count;
  EXPECT_EQ(right, kThreads * 200);
}

TEST_P(SilentCloseTest, APostIsAnsweredOrEndsInConnectionClosed) {
  const bool counted = kind() == ServerKind::node;
  std::atomic<int> answered{0};
  std::atomic<int> closed{0};
  std::atomic<int> twice{0};
  std::atomic<int> lost{0};
  on_threads([&](int thread) {
    for (int i = 0; i < 300; ++i) {
      const std::string id = std::string(to_string(scheme())) + std::to_string(thread * 1000 + i);
      const Request request = Request::post(closing_url(counted ? "/once" : "/discard"), RequestBody::create(id))
                                  .new_builder()
                                  .header("X-Id", id)
                                  .build();
      const Result<Response> result = client_.new_call(request).try_execute();
      bool is_answered = result.has_value();
      if (is_answered) {
        is_answered = result.value().body().string() == (counted ? id : std::string());
        EXPECT_TRUE(is_answered);
        ++answered;
      } else if (result.error().errc() == Errc::connection_closed) {
        ++closed;
      } else {
        ADD_FAILURE() << result.error().what();
        return;
      }
      if (!counted) continue;
      const Request question = Request::get(url("/once-count")).new_builder().header("X-Id", id).build();
      const std::string times = client_.execute(question).body().string();
      if (times != "0" && times != "1") ++twice;
      if (is_answered && times != "1") ++lost;
    }
  });
  EXPECT_EQ(answered + closed, kThreads * 300);
  EXPECT_GT(answered, 0);
  EXPECT_EQ(twice, 0);
  EXPECT_EQ(lost, 0);
  std::printf("%s over %s, closed at will: %d POSTs, %d answered, %d connection_closed (%.2f %%)\n",
              std::string(to_string(kind())).c_str(), std::string(to_string(scheme())).c_str(), kThreads * 300,
              answered.load(), closed.load(), 100.0 * closed / (kThreads * 300));
}

TEST_P(SilentCloseTest, APostThatAllowsItIsSentAgain) {
  on_threads([&](int) {
    const Request request = Request::post(closing_url("/discard"), RequestBody::create("x"))
                                .new_builder()
                                .header("Idempotency-Key", "any")
                                .build();
    for (int i = 0; i < 200; ++i) {
      const Result<Response> result = client_.new_call(request).try_execute();
      if (!result.has_value()) {
        ADD_FAILURE() << result.error().what();
        return;
      }
      EXPECT_EQ(result.value().code(), 204);
    }
  });
}

class RestartTest : public RealServerTest, public ::testing::WithParamInterface<ServerAndScheme> {
 protected:
  void SetUp() override { server_.start(); }

  [[nodiscard]] std::string url(std::string_view path) const { return server_.url(std::get<Scheme>(GetParam()), path); }
  /// Leaves that many idle connections in the pool.
  void fill_pool(int connections) const {
    std::vector<Response> open;
    for (int i = 0; i < connections; ++i) open.push_back(client_.get(url("/1k")));
    for (const Response& response : open) EXPECT_EQ(response.body().string(), Site::get().small());
  }

  RealServer server_{std::get<ServerKind>(GetParam())};
};

INSTANTIATE_TEST_SUITE_P(Servers, RestartTest, ::testing::Combine(kAllServers, kBothSchemes), name_of);

TEST_P(RestartTest, CallsAfterTheRestartDoNotNotice) {
  fill_pool(3);
  EXPECT_EQ(client_.connection_pool().idle_connection_count(), 3U);
  server_.restart();
  for (int i = 0; i < 3; ++i) EXPECT_EQ(client_.get(url("/1k")).body().string(), Site::get().small());
  fill_pool(3);
  server_.restart();
  // The connections are known to be dead before anything is sent, so this is safe.
  for (int i = 0; i < 3; ++i) EXPECT_EQ(client_.post(url("/discard"), RequestBody::create("x")).code(), 204);
}

TEST_P(RestartTest, CallsWhileItIsDownFailToConnect) {
  fill_pool(2);
  server_.stop();
  EXPECT_EQ(failure_of(client_.new_call(Request::get(url("/1k")))), Errc::connect_failed);
  server_.start();
  EXPECT_EQ(client_.get(url("/1k")).body().string(), Site::get().small());
}

}  // namespace
}  // namespace okhttp::interop

// Servers close connections when they like. A request that may be sent again must never notice; one that may not be
// must end in an answer or in connection_closed, and is never sent twice.

#include <atomic>
#include <cstdio>
#include <optional>
#include <thread>
#include <utility>

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

class SilentCloseTest : public EachServerTest {
 protected:
  /// The body. Nothing when it broke off with its connection, as may happen where calls share one: the server closed it
  /// for the sake of another, and whoever has a head already is not served again.
  [[nodiscard]] std::optional<std::string> body_of(const Response& response) const {
    try {
      return response.body().string();
    } catch (const Error& error) {
      const bool may_happen = over_http2() && error.errc() == Errc::connection_closed;
      EXPECT_TRUE(may_happen) << error.what();
      return std::nullopt;
    }
  }
};

INSTANTIATE_TEST_SUITE_P(Servers, SilentCloseTest, ::testing::Combine(kAllServers, kWaysButH2c), name_of);

TEST_P(SilentCloseTest, AGetNeverNotices) {
  std::atomic<int> right{0};
  std::atomic<int> broken_off{0};
  on_threads([&](int) {
    const Request request = Request::get(closing_url("/1k"));
    for (int i = 0; i < 400; ++i) {
      const Result<Response> result = client_.new_call(request).try_execute();
      if (!result.has_value()) {
        ADD_FAILURE() << result.error().what();
        return;
      }
      const std::optional<std::string> body = body_of(result.value());
      broken_off += body.has_value() ? 0 : 1;
      right += body == Site::get().small() ? 1 : 0;
    }
  });
  EXPECT_EQ(right + broken_off, kThreads * 400);
  EXPECT_GT(right, kThreads * 300);
  std::printf("%s over %s, closed at will: %d GETs, %d connections, %d retries\n",
              std::string(to_string(kind())).c_str(), std::string(to_string(way())).c_str(), right.load(),
              tally_->connections(), tally_->retries());
}

/// How many came whole, and how many broke off after their head.
Task<std::pair<int, int>> get_in_turn(Client client, std::string url, int count) {
  int right = 0;
  int broken_off = 0;
  for (int i = 0; i < count; ++i) {
    const Call call = client.new_call(Request::get(url));
    const Response response = co_await call;
    try {
      const std::string body = co_await response.body().async().string();
      right += body == Site::get().small() ? 1 : 0;
    } catch (const Error& error) {
      if (error.errc() != Errc::connection_closed) throw;
      ++broken_off;
    }
  }
  co_return std::make_pair(right, broken_off);
}

TEST_P(SilentCloseTest, AnAwaitedGetNeverNotices) {
  std::vector<Task<std::pair<int, int>>> tasks;
  for (int i = 0; i < kThreads; ++i) tasks.push_back(get_in_turn(client_, closing_url("/1k"), 200));
  int right = 0;
  int broken_off = 0;
  for (const auto& [came_whole, broke_off] : sync_wait(when_all(std::move(tasks)))) {
    right += came_whole;
    broken_off += broke_off;
  }
  EXPECT_EQ(right + broken_off, kThreads * 200);
  EXPECT_TRUE(over_http2() || broken_off == 0);
}

TEST_P(SilentCloseTest, APostIsAnsweredOrEndsInConnectionClosed) {
  const bool counted = kind() == ServerKind::node;
  std::atomic<int> answered{0};
  std::atomic<int> closed{0};
  std::atomic<int> twice{0};
  std::atomic<int> lost{0};
  on_threads([&](int thread) {
    for (int i = 0; i < 300; ++i) {
      const std::string id = std::string(to_string(way())) + std::to_string(thread * 1000 + i);
      const Request request = Request::post(closing_url(counted ? "/once" : "/discard"), RequestBody::create(id))
                                  .new_builder()
                                  .header("X-Id", id)
                                  .build();
      const Result<Response> result = client_.new_call(request).try_execute();
      bool is_answered = result.has_value();
      if (is_answered) {
        const std::optional<std::string> body = body_of(result.value());
        EXPECT_TRUE(!body.has_value() || body == (counted ? id : std::string()));
        ++answered;
      } else if (result.error().errc() == Errc::connection_closed) {
        ++closed;
      } else {
        ADD_FAILURE() << result.error().what();
        return;
      }
      if (!counted) continue;
      const Request question = Request::get(url("/once-count")).new_builder().header("X-Id", id).build();
      const Result<Response> count = client_.new_call(question).try_execute();
      if (!count.has_value()) {
        ADD_FAILURE() << count.error().what();
        return;
      }
      const std::string times = count.value().body().string();
      if (times != "0" && times != "1") ++twice;
      if (is_answered && times != "1") ++lost;
    }
  });
  EXPECT_EQ(answered + closed, kThreads * 300);
  EXPECT_GT(answered, 0);
  EXPECT_EQ(twice, 0);
  EXPECT_EQ(lost, 0);
  std::printf("%s over %s, closed at will: %d POSTs, %d answered, %d connection_closed (%.2f %%)\n",
              std::string(to_string(kind())).c_str(), std::string(to_string(way())).c_str(), kThreads * 300,
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

class RestartTest : public RealServerTest, public ::testing::WithParamInterface<ServerAndWay> {
 protected:
  void SetUp() override {
    server_.start();
    client_ = client_builder().protocols(protocols_of(way())).build();
  }

  [[nodiscard]] static Way way() { return std::get<Way>(GetParam()); }
  [[nodiscard]] std::string url(std::string_view path) const { return server_.url(way(), path); }
  /// Leaves that many idle connections in the pool, over HTTP/2 one.
  void fill_pool(int connections) const {
    std::vector<Response> open;
    for (int i = 0; i < connections; ++i) open.push_back(client_.get(url("/1k")));
    for (const Response& response : open) EXPECT_EQ(response.body().string(), Site::get().small());
  }

  RealServer server_{std::get<ServerKind>(GetParam())};
};

INSTANTIATE_TEST_SUITE_P(Servers, RestartTest, ::testing::Combine(kAllServers, kWaysButH2c), name_of);

TEST_P(RestartTest, CallsAfterTheRestartDoNotNotice) {
  fill_pool(3);
  EXPECT_EQ(client_.connection_pool().idle_connection_count(), is_http2(way()) ? 1U : 3U);
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

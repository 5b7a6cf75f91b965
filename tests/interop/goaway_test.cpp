// Servers let go of HTTP/2 connections while calls are under way: by GOAWAY after so many requests or when they take on
// a new configuration, or by dying. What was announced nobody may notice.

#include <atomic>
#include <chrono>
#include <cstdio>
#include <map>
#include <mutex>
#include <thread>

#include "interop/support/server_test.hpp"

namespace okhttp::interop {
namespace {

/// GETs of one small document, from threads and from coroutines, until told to stop.
class Load {
 public:
  Load(Client client, const std::string& url) : client_(std::move(client)), request_(Request::get(url)) {
    for (int i = 0; i < kThreads; ++i) threads_.emplace_back([this] { get_blocking(); });
    threads_.emplace_back([this] { get_awaiting(); });
  }
  Load(const Load&) = delete;
  Load& operator=(const Load&) = delete;
  ~Load() { stop(); }

  /// Waits until so many more have ended, in one way or the other.
  void go_on_for(int calls) {
    const int goal = ended_ + calls;
    for (int now = ended_; now < goal; now = ended_) ended_.wait(now);
  }
  void stop() {
    is_over_ = true;
    threads_.clear();
  }

  [[nodiscard]] int begun() const { return begun_; }
  [[nodiscard]] int right() const { return right_; }
  /// How many failed, by code. After stop().
  [[nodiscard]] const std::map<Errc, int>& failures() const { return failures_; }
  [[nodiscard]] int failed() const {
    int sum = 0;
    for (const auto& [code, count] : failures_) sum += count;
    return sum;
  }
  [[nodiscard]] const std::string& last_message() const { return last_message_; }

 private:
  static constexpr int kThreads = 3;
  static constexpr int kCoroutines = 12;

  [[nodiscard]] Call next_call() {
    ++begun_;
    return client_.new_call(request_);
  }
  void arrived(const std::string& body) {
    if (body == Site::get().small()) ++right_;
    ++ended_;
    ended_.notify_all();
  }
  void failed(const Error& error) {
    {
      const std::lock_guard lock(mutex_);
      ++failures_[error.errc()];
      last_message_ = error.what();
    }
    ++ended_;
    ended_.notify_all();
  }

  void get_blocking() {
    while (!is_over_) {
      try {
        arrived(next_call().execute().body().string());
      } catch (const Error& error) {
        failed(error);
      }
    }
  }
  void get_awaiting() {
    std::vector<Task<void>> tasks;
    for (int i = 0; i < kCoroutines; ++i) tasks.push_back(get_in_turn());
    sync_wait(when_all(std::move(tasks)));
  }
  Task<void> get_in_turn() {
    while (!is_over_) {
      try {
        const Call call = next_call();
        const Response response = co_await call;
        const std::string body = co_await response.body().async().string();
        arrived(body);
      } catch (const Error& error) {
        failed(error);
      }
    }
  }

  const Client client_;
  const Request request_;
  std::atomic<bool> is_over_{false};
  std::atomic<int> begun_{0};
  std::atomic<int> right_{0};
  std::atomic<int> ended_{0};
  std::mutex mutex_;  // guards what follows
  std::map<Errc, int> failures_;
  std::string last_message_;
  std::vector<std::jthread> threads_;
};

/// On the port where each connection ends after 100 requests.
class GoAwayTest : public RealServerTest, public ::testing::WithParamInterface<ServerKind> {
 protected:
  [[nodiscard]] std::string url(std::string_view path) const {
    return RealServer::url(Scheme::https, server_.ports().goes_away, path);
  }

 private:
  const RealServer& server_ = RealServer::shared(GetParam());
};

INSTANTIATE_TEST_SUITE_P(Servers, GoAwayTest, ::testing::Values(ServerKind::nginx, ServerKind::node), name_of_server);

TEST_P(GoAwayTest, ConnectionsServeAsManyRequestsAsTheServerAllows) {
  for (int i = 0; i < 1000; ++i) ASSERT_EQ(client_.get(url("/1k")).body().string(), Site::get().small()) << i;
  EXPECT_EQ(tally_->connections(), 10);
  EXPECT_EQ(tally_->retries(), 0);
}

TEST_P(GoAwayTest, NoGetIsLost) {
  Load load(client_, url("/1k"));
  load.go_on_for(6000);
  load.stop();
  EXPECT_EQ(load.failed(), 0) << load.last_message();
  EXPECT_EQ(load.right(), load.begun());
  EXPECT_GE(tally_->connections(), load.right() / 100);
  std::printf("%s, GOAWAY after 100 requests: %d GETs, %d connections, %d retries\n",
              std::string(to_string(GetParam())).c_str(), load.right(), tally_->connections(), tally_->retries());
}

// What the server did not process it says, so that even these may be sent again.
TEST_P(GoAwayTest, NoPostIsLostOrSentTwice) {
  constexpr int kThreads = 4;
  constexpr int kPosts = 400;
  const bool counted = GetParam() == ServerKind::node;
  static std::atomic<int> ids{0};  // the server remembers them
  std::atomic<int> answered{0};
  std::vector<std::jthread> threads;
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&] {
      for (int i = 0; i < kPosts; ++i) {
        const std::string id = "goaway" + std::to_string(++ids);
        const Request request = Request::post(url(counted ? "/once" : "/discard"), RequestBody::create(id))
                                    .new_builder()
                                    .header("X-Id", id)
                                    .build();
        const Result<Response> result = client_.new_call(request).try_execute();
        if (!result.has_value()) {
          ADD_FAILURE() << result.error().what();
          return;
        }
        answered += result.value().body().string() == (counted ? id : std::string()) ? 1 : 0;
        if (!counted) continue;
        const Request question = Request::get(url("/once-count")).new_builder().header("X-Id", id).build();
        const Result<Response> count = client_.new_call(question).try_execute();
        EXPECT_TRUE(count.has_value() && count.value().body().string() == "1");
      }
    });
  }
  threads.clear();
  EXPECT_EQ(answered, kThreads * kPosts);
  EXPECT_GE(tally_->connections(), kThreads * kPosts / 100);
}

class ServerChangeTest : public RealServerTest, public ::testing::WithParamInterface<ServerAndWay> {
 protected:
  void SetUp() override {
    server_.start();
    client_ = client_builder().protocols(protocols_of(way())).build();
  }

  [[nodiscard]] static Way way() { return std::get<Way>(GetParam()); }
  [[nodiscard]] std::string url() const { return server_.url(way(), "/1k"); }
  void report(const Load& load, const char* what) const {
    std::string failures;
    for (const auto& [code, count] : load.failures()) {
      failures += ", " + std::to_string(count) + " " + std::string(to_string(code));
    }
    std::printf("%s, %s: %d GETs, %d right, %d connections, %d retries%s\n", to_string(GetParam()).c_str(), what,
                load.begun(), load.right(), tally_->connections(), tally_->retries(), failures.c_str());
  }

  RealServer server_{std::get<ServerKind>(GetParam())};
};

class ReloadTest : public ServerChangeTest {};

// Caddy keeps its connections in clear text through a reload, and nghttpd has none.
INSTANTIATE_TEST_SUITE_P(Servers, ReloadTest,
                         ::testing::Combine(::testing::Values(ServerKind::nginx, ServerKind::apache, ServerKind::node,
                                                              ServerKind::h2o, ServerKind::haproxy),
                                            kHttp2Ways),
                         name_of);
INSTANTIATE_TEST_SUITE_P(Caddy, ReloadTest, ::testing::Values(ServerAndWay(ServerKind::caddy, Way::h2)), name_of);

TEST_P(ReloadTest, NoGetIsLost) {
  constexpr std::chrono::seconds kPatience(20);
  Load load(client_, url());
  for (int i = 0; i < 2; ++i) {
    load.go_on_for(100);
    const int before = tally_->connections();
    server_.reload();
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    while (tally_->connections() == before && std::chrono::steady_clock::now() < deadline) load.go_on_for(20);
    EXPECT_GT(tally_->connections(), before) << "the server kept the connection";
  }
  load.go_on_for(100);
  load.stop();
  report(load, "reloaded");
  EXPECT_EQ(load.failed(), 0) << load.last_message();
  EXPECT_EQ(load.right(), load.begun());
}

class KilledTest : public ServerChangeTest {};

INSTANTIATE_TEST_SUITE_P(Servers, KilledTest, ::testing::Combine(kAllServers, ::testing::Values(Way::h2)), name_of);
INSTANTIATE_TEST_SUITE_P(Fronts, KilledTest,
                         ::testing::Combine(::testing::Values(ServerKind::nghttpd, ServerKind::h2o,
                                                              ServerKind::haproxy),
                                            ::testing::Values(Way::h2)),
                         name_of);

TEST_P(KilledTest, EachGetIsAnsweredOrFailsClearlyAndOnce) {
  Load load(client_, url());
  load.go_on_for(200);
  server_.kill_and_restart();
  const int right = load.right();
  load.go_on_for(200);
  load.stop();
  report(load, "killed and started again");
  EXPECT_GT(load.right(), right) << load.last_message();
  EXPECT_EQ(load.right() + load.failed(), load.begun());
  for (const auto& [code, count] : load.failures()) {
    EXPECT_TRUE(code == Errc::connect_failed || code == Errc::connection_closed || code == Errc::tls_handshake)
        << to_string(code) << " " << count;
  }
}

}  // namespace
}  // namespace okhttp::interop

#include <okhttp/cache.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "cache/cache_core.hpp"
#include "interceptors/cache_interceptor.hpp"
#include "support/simulated_chain.hpp"

namespace okhttp::internal {
namespace {

using namespace std::chrono_literals;

/// Equal calls through a cache that has them share one fetch.
class EqualRequestsTest : public ::testing::Test {
 protected:
  EqualRequestsTest() {
    CacheStageSettings settings(CacheAccess::core(cache_), FollowUpPolicy(), nullptr);
    settings.collapses = true;
    stage_ = std::make_shared<CacheInterceptor>(std::move(settings));
  }

  std::shared_ptr<Outcome<Response>> start(Timeouts::Duration read_timeout) {
    auto server = [this](Chain& chain) { return serve(chain.request()); };
    calls_.push_back(std::make_unique<SimulatedChain>(engine_, stage_, std::move(server)));
    calls_.back()->context().timeouts.read = read_timeout;
    return calls_.back()->start(Request::get("http://a.example/"));
  }
  Task<Response> serve(Request request) {
    const std::string body = "answer " + std::to_string(++served_);
    const auto now = std::chrono::system_clock::now();
    Response::Builder builder;
    builder.request(request).code(200).add_header("Cache-Control", "max-age=60").body(ResponseBody::create(body));
    builder.sent_request_at(now).received_response_at(now);
    co_return builder.build();
  }
  std::string text(const Response& response) { return engine_.run(response.body().async().string()); }
  void pass(Duration time) { engine_.simulation().run_for(time); }

  SimulatedEngine engine_;
  const Cache cache_ = Cache::in_memory(1 << 20);
  std::shared_ptr<Stage> stage_;
  std::vector<std::unique_ptr<SimulatedChain>> calls_;
  int served_ = 0;
};

TEST_F(EqualRequestsTest, ACallIsAnsweredWithWhatAnotherOneReads) {
  const Response first = start(0ms)->take();
  const auto second = start(0ms);
  pass(1s);
  ASSERT_FALSE(second->done());
  EXPECT_EQ(text(first), "answer 1");
  pass(1ms);
  ASSERT_TRUE(second->done());
  EXPECT_EQ(text(second->take()), "answer 1");
  EXPECT_EQ(served_, 1);
}

TEST_F(EqualRequestsTest, ACallGoesOutWhenAnotherOneWasNotReadWithinItsReadTimeout) {
  const Response unread = start(30s)->take();
  const auto second = start(3s);
  pass(2s);
  EXPECT_EQ(served_, 1);
  pass(2s);
  ASSERT_TRUE(second->done());
  EXPECT_EQ(text(second->take()), "answer 2");
}

TEST_F(EqualRequestsTest, ACallWithoutAReadTimeoutGoesOutWhenAnotherOneIsNeverRead) {
  const Response unread = start(0ms)->take();
  const auto second = start(0ms);
  pass(9s);
  EXPECT_EQ(served_, 1);
  pass(2s);
  ASSERT_TRUE(second->done());
  EXPECT_EQ(text(second->take()), "answer 2");
}

}  // namespace
}  // namespace okhttp::internal

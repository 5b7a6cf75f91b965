// Hedged calls with real connections, over both protocols and on every front.

#include <okhttp/cache.hpp>
#include <okhttp/hedging_interceptor.hpp>

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>

#include "support/elsewhere.hpp"
#include "support/event_log.hpp"
#include "support/fronts.hpp"
#include "support/protocols.hpp"

namespace okhttp {
namespace {

using std::chrono::milliseconds;

class HedgingCall : public ProtocolTest<Front> {
 protected:
  HedgingCall() {
    policy_.on_hedge = [this](const Call&, unsigned) { ++hedges_; };
  }
  [[nodiscard]] Client::Builder hedging() const {
    return builder().add_interceptor(std::make_shared<HedgingInterceptor>(policy_));
  }
  [[nodiscard]] Call get(const Client& client) { return client.new_call(Request::get(server_.url("/"))); }
  [[nodiscard]] Result<Response> outcome(const Call& call) const { return start(how(), call).get(); }
  static MockResponse stalls() { return MockResponse::Builder().on_response_start(SocketEffect::stall()).build(); }

  HedgePolicy policy_{milliseconds(30)};
  std::atomic<int> hedges_{0};
};

INSTANTIATE_TEST_SUITE_P(Protocols, HedgingCall, over_both_protocols(all_fronts()), ParameterName());

TEST_P(HedgingCall, IsAnsweredByTheSecondTryWhenTheFirstStalls) {
  server_.enqueue(stalls());
  server_.enqueue(MockResponse("text"));
  const Client client = hedging().build();
  const Result<Response> result = outcome(get(client));
  ASSERT_TRUE(result.has_value()) << result.error().what();
  EXPECT_EQ(result.value().body().string(), "text");
  EXPECT_EQ(server_.request_count(), 2U);
  EXPECT_EQ(hedges_, 1);
}

TEST_P(HedgingCall, LeavesNoConnectionInUse) {
  server_.enqueue(stalls());
  server_.enqueue(MockResponse("text"));
  const Client client = hedging().build();
  {
    const Result<Response> result = outcome(get(client));
    ASSERT_TRUE(result.has_value()) << result.error().what();
    EXPECT_EQ(result.value().body().string(), "text");
  }
  EXPECT_EQ(client.connection_pool().connection_count(), client.connection_pool().idle_connection_count());
  EXPECT_EQ(client.connection_pool().connection_count(), 1U) << "over HTTP/1.1 the one that stalls is closed";
}

TEST_P(HedgingCall, TellsTheListenerOfTheEndOnceAndLast) {
  server_.enqueue(stalls());
  server_.enqueue(MockResponse("text"));
  const auto log = std::make_shared<EventLog>();
  const Client client = hedging().event_listener(log).build();
  {
    const Result<Response> result = outcome(get(client));
    ASSERT_TRUE(result.has_value()) << result.error().what();
    EXPECT_EQ(log->text().find("call_end"), std::string::npos) << "its body is not read yet";
    EXPECT_EQ(result.value().body().string(), "text");
  }
  const std::string text = log->text();
  EXPECT_EQ(text.rfind("call_end"), text.size() - std::string("call_end").size()) << text;
  EXPECT_EQ(text.find("call_end"), text.rfind("call_end")) << text;
  EXPECT_NE(text.find("response_headers_start"), std::string::npos) << text;
}

TEST_P(HedgingCall, TellsTheListenerOfABodyThatBreaksOff) {
  server_.enqueue(stalls());
  server_.enqueue(
      MockResponse::Builder().body(std::string(100'000, 'x')).on_response_body(SocketEffect::reset_stream()).build());
  const auto log = std::make_shared<EventLog>();
  const Client client = hedging().event_listener(log).build();
  {
    const Result<Response> result = outcome(get(client));
    ASSERT_TRUE(result.has_value()) << result.error().what();
    EXPECT_THROW((void)result.value().body().string(), Error);
  }
  const std::string text = log->text();
  EXPECT_NE(text.find("call_failed("), std::string::npos) << text;
  EXPECT_EQ(text.find("call_end"), std::string::npos) << text;
}

TEST_P(HedgingCall, IsCanceledWhileTheBodyOfTheSecondTryIsRead) {
  server_.enqueue(stalls());
  server_.enqueue(MockResponse::Builder().body("text").on_response_body(SocketEffect::stall()).build());
  const Client client = hedging().build();
  const Call call = get(client);
  const Result<Response> result = outcome(call);
  ASSERT_TRUE(result.has_value()) << result.error().what();
  std::future<void> canceling = std::async(std::launch::async, [call] { call.cancel(); });
  try {
    (void)result.value().body().string();
    FAIL() << "the body stalls";
  } catch (const Error& error) {
    EXPECT_EQ(error.errc(), Errc::canceled) << error.what();
  }
  canceling.wait();
}

TEST_P(HedgingCall, IsCanceledWhileBothTriesWait) {
  server_.enqueue(stalls());
  server_.enqueue(stalls());
  std::promise<void> both;
  policy_.on_hedge = [&both](const Call&, unsigned) { both.set_value(); };
  const Client client = hedging().build();
  const Call call = get(client);
  auto running = start(how(), call);
  both.get_future().wait();
  call.cancel();
  EXPECT_EQ(failure_of(std::move(running)), Errc::canceled);
}

TEST_P(HedgingCall, EndsWithTheCallsTimeout) {
  server_.enqueue(stalls());
  server_.enqueue(stalls());
  const Client client = hedging().call_timeout(milliseconds(300)).build();
  EXPECT_EQ(failure_of(start(how(), get(client))), Errc::timeout);
}

TEST_P(HedgingCall, ReadsABodyForLongerThanATryMayTake) {
  server_.enqueue(stalls());
  server_.enqueue(MockResponse::Builder().body("text").body_delay(milliseconds(600)).build());
  const Client client = builder()
                            .add_interceptor([](Chain& chain) -> Task<Response> {
                              Task<Response> trying = chain.proceed_within(milliseconds(400), chain.request());
                              co_return co_await std::move(trying);
                            })
                            .add_interceptor(std::make_shared<HedgingInterceptor>(policy_))
                            .build();
  const Result<Response> result = outcome(get(client));
  ASSERT_TRUE(result.has_value()) << result.error().what();
  EXPECT_EQ(result.value().body().string(), "text");
}

TEST_P(HedgingCall, FollowsRedirectsInEachTry) {
  server_.enqueue(stalls());
  server_.enqueue(MockResponse::Builder().code(302).set_header("Location", "/there").body("moved").build());
  server_.enqueue(MockResponse("text"));
  const Client client = hedging().build();
  const Result<Response> result = outcome(get(client));
  ASSERT_TRUE(result.has_value()) << result.error().what();
  EXPECT_EQ(result.value().body().string(), "text");
  EXPECT_EQ(result.value().request().url().encoded_path(), "/there");
}

TEST_P(HedgingCall, DropsTheBodyOfAnAnswerThatWasPassedOver) {
  server_.enqueue(
      MockResponse::Builder().code(503).body(std::string(100'000, 'x')).header_delay(milliseconds(150)).build());
  server_.enqueue(MockResponse::Builder().body("text").header_delay(milliseconds(400)).build());
  const Client client = hedging().build();
  const Result<Response> result = outcome(get(client));
  ASSERT_TRUE(result.has_value()) << result.error().what();
  EXPECT_EQ(result.value().code(), 200);
  EXPECT_EQ(result.value().body().string(), "text");
}

TEST_P(HedgingCall, KeepsWhatEarlierInterceptorsSet) {
  server_.enqueue(stalls());
  server_.enqueue(MockResponse::Builder().code(302).set_header("Location", "/there").build());
  const Client client = builder()
                            .add_interceptor([](Chain& chain) -> Task<Response> {
                              chain.set_follow_redirects(false);
                              Task<Response> proceeding = chain.proceed(chain.request());
                              co_return co_await std::move(proceeding);
                            })
                            .add_interceptor(std::make_shared<HedgingInterceptor>(policy_))
                            .build();
  const Result<Response> result = outcome(get(client));
  ASSERT_TRUE(result.has_value()) << result.error().what();
  EXPECT_EQ(result.value().code(), 302);
}

TEST_P(HedgingCall, MayBeAskedAgainByAnEarlierInterceptor) {
  server_.enqueue(stalls());
  server_.enqueue(MockResponse(404, "first"));
  server_.enqueue(MockResponse("second"));
  const Client client = builder()
                            .add_interceptor([](Chain& chain) -> Task<Response> {
                              Task<Response> first = chain.proceed(chain.request());
                              Response response = co_await std::move(first);
                              response.body().close();
                              Task<Response> second = chain.proceed(chain.request());
                              co_return co_await std::move(second);
                            })
                            .add_interceptor(std::make_shared<HedgingInterceptor>(policy_))
                            .build();
  const Result<Response> result = outcome(get(client));
  ASSERT_TRUE(result.has_value()) << result.error().what();
  EXPECT_EQ(result.value().body().string(), "second");
}

TEST_P(HedgingCall, GoesOnWhenItsTriesAreResumedOnOtherThreads) {
  for (int i = 0; i < 2; ++i) {
    server_.enqueue(MockResponse::Builder().code(503).body("busy").header_delay(milliseconds(100)).build());
  }
  std::array<std::thread, 2> threads;
  std::atomic<std::size_t> begun{0};
  const Client client = hedging()
                            .add_interceptor([&threads, &begun](Chain& chain) -> Task<Response> {
                              std::thread& thread = threads.at(begun++);
                              Task<Response> proceeding = chain.proceed(chain.request());
                              Response response = co_await std::move(proceeding);
                              internal::Elsewhere elsewhere(thread);
                              co_await elsewhere;
                              co_return response;
                            })
                            .build();
  const Result<Response> result = outcome(get(client));
  for (std::thread& thread : threads) thread.join();
  ASSERT_TRUE(result.has_value()) << result.error().what();
  EXPECT_EQ(result.value().body().string(), "busy");
}

TEST_P(HedgingCall, MayStandBehindABlockingInterceptor) {
  server_.enqueue(stalls());
  server_.enqueue(MockResponse("text"));
  const Client client =
      builder()
          .add_interceptor(blocking_interceptor([](BlockingChain& chain) { return chain.proceed(chain.request()); }))
          .add_interceptor(std::make_shared<HedgingInterceptor>(policy_))
          .build();
  const Result<Response> result = outcome(get(client));
  ASSERT_TRUE(result.has_value()) << result.error().what();
  EXPECT_EQ(result.value().body().string(), "text");
}

TEST_P(HedgingCall, StoresTheAnswerThatWinsAndTakesItFromTheCache) {
  server_.enqueue(stalls());
  server_.enqueue(MockResponse::Builder().body("text").set_header("Cache-Control", "max-age=3600").build());
  const Client client = hedging().cache(Cache::in_memory(100'000)).build();
  for (const bool is_stored : {false, true}) {
    const Result<Response> result = outcome(get(client));
    ASSERT_TRUE(result.has_value()) << result.error().what();
    EXPECT_EQ(result.value().cache_response() != nullptr, is_stored);
    EXPECT_EQ(result.value().network_response() != nullptr, !is_stored);
    EXPECT_EQ(result.value().body().string(), "text");
  }
  EXPECT_EQ(server_.request_count(), 2U);
}

TEST_P(HedgingCall, TellsNobodyOfAResponseThatOutlivesItsFailedCall) {
  server_.enqueue(stalls());
  server_.enqueue(MockResponse(std::string(100'000, 'x')));
  const auto log = std::make_shared<EventLog>();
  std::optional<Response> kept;
  const Client client = builder()
                            .event_listener(log)
                            .add_interceptor([&kept](Chain& chain) -> Task<Response> {
                              Task<Response> proceeding = chain.proceed(chain.request());
                              Response response = co_await std::move(proceeding);
                              kept = std::move(response);
                              throw Error(Errc::rejected, Blame::caller, "not good enough");
                            })
                            .add_interceptor(std::make_shared<HedgingInterceptor>(policy_))
                            .build();
  EXPECT_EQ(failure_of(start(how(), get(client))), Errc::rejected);
  const std::string told = log->text();
  EXPECT_TRUE(told.ends_with("call_failed(rejected)")) << told;
  kept.reset();
  EXPECT_EQ(log->text(), told);
}

TEST_P(HedgingCall, IsRefusedAsANetworkInterceptor) {
  const Client client = builder().add_network_interceptor(std::make_shared<HedgingInterceptor>(policy_)).build();
  try {
    (void)get(client).execute();
    FAIL() << "it went through";
  } catch (const std::logic_error& error) {
    EXPECT_STREQ(error.what(),
                 "interceptor \"hedging\" makes several tries at once, so it has to be an application interceptor");
  }
}

TEST_P(HedgingCall, SharesTheBudgetAmongCalls) {
  policy_.budget = std::make_shared<RetryBudget>(0.0, 0.0, 1.0);
  const Client client = hedging().build();
  server_.enqueue(stalls());
  server_.enqueue(MockResponse("hedged"));
  server_.enqueue(MockResponse::Builder().body("patient").header_delay(milliseconds(200)).build());
  for (const char* expected : {"hedged", "patient"}) {
    const Result<Response> result = outcome(get(client));
    ASSERT_TRUE(result.has_value()) << result.error().what();
    EXPECT_EQ(result.value().body().string(), expected);
  }
  EXPECT_EQ(server_.request_count(), 3U);
}

}  // namespace
}  // namespace okhttp

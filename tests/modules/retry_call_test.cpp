// Retries of real calls, over both protocols and on every front.

#include <okhttp/retry_interceptor.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>

#include "support/fronts.hpp"
#include "support/protocols.hpp"

namespace okhttp {
namespace {

using std::chrono::milliseconds;

class RetryCall : public ProtocolTest<Front> {
 protected:
  RetryCall() {
    policy_.first_delay = milliseconds(1);
    policy_.max_retry_after = std::chrono::hours(2);
  }
  [[nodiscard]] Client client() const {
    return builder().add_interceptor(std::make_shared<RetryInterceptor>(policy_)).build();
  }
  [[nodiscard]] Result<Response> outcome(const Call& call) const { return start(how(), call).get(); }

  RetryPolicy policy_;
};

INSTANTIATE_TEST_SUITE_P(Protocols, RetryCall, over_both_protocols(all_fronts()), ParameterName());

TEST_P(RetryCall, UsesTheConnectionOfTheFailedAnswerAgain) {
  server_.enqueue(MockResponse(503, "busy"));
  server_.enqueue(MockResponse(429, "slow down"));
  server_.enqueue(MockResponse("text"));
  const Client asks = client();
  const Result<Response> result = outcome(asks.new_call(Request::get(server_.url("/"))));
  ASSERT_TRUE(result.has_value()) << result.error().what();
  EXPECT_EQ(result.value().body().string(), "text");
  for (int i = 0; i < 3; ++i) EXPECT_EQ(server_.take_request()->exchange_index(), static_cast<std::size_t>(i));
  EXPECT_EQ(asks.connection_pool().connection_count(), 1U);
}

TEST_P(RetryCall, GivesUpATryThatStallsAndAsksAgain) {
  policy_.try_time = milliseconds(400);  // time enough for an answer that comes
  server_.enqueue(MockResponse::Builder().on_response_start(SocketEffect::stall()).build());
  server_.enqueue(MockResponse("text"));
  const Client asks = client();
  const Result<Response> result = outcome(asks.new_call(Request::get(server_.url("/"))));
  ASSERT_TRUE(result.has_value()) << result.error().what();
  EXPECT_EQ(result.value().body().string(), "text");
  EXPECT_EQ(server_.request_count(), 2U);
}

TEST_P(RetryCall, ReadsABodyForLongerThanATryMayTake) {
  policy_.try_time = milliseconds(500);
  server_.enqueue(MockResponse::Builder().body("text").body_delay(milliseconds(1000)).build());
  const Client asks = client();
  const Result<Response> result = outcome(asks.new_call(Request::get(server_.url("/"))));
  ASSERT_TRUE(result.has_value()) << result.error().what();
  EXPECT_EQ(result.value().body().string(), "text");
}

TEST_P(RetryCall, IsCanceledWhileItWaits) {
  server_.enqueue(MockResponse::Builder().code(503).set_header("Retry-After", "3600").build());
  std::promise<void> waits;
  policy_.on_decision = [&waits](const RetryDecision&) { waits.set_value(); };
  const Client asks = client();
  const Call call = asks.new_call(Request::get(server_.url("/")));
  auto running = start(how(), call);
  waits.get_future().wait();
  call.cancel();
  EXPECT_EQ(failure_of(std::move(running)), Errc::canceled);
  EXPECT_EQ(server_.request_count(), 1U);
}

}  // namespace
}  // namespace okhttp

#include <okhttp/client.hpp>
#include <okhttp/mockwebserver/mock_web_server.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <string>

#include "support/call_styles.hpp"
#include "support/protocols.hpp"

namespace okhttp {
namespace {

MockResponse redirect(int code, const std::string& location, const std::string& body = "moved") {
  return MockResponse::Builder().code(code).body(body).set_header("Location", location).build();
}

class FollowUpCall : public ProtocolTest<CallStyle> {
 protected:
  [[nodiscard]] Response get(const std::string& path) { return run(how(), call(Request::get(server_.url(path)))); }
  [[nodiscard]] Call call(const Request& request) { return client_.new_call(request); }
  [[nodiscard]] Request post(const std::string& path) {
    return Request::post(server_.url(path).to_string(), RequestBody::create("text", MediaType::parse("text/plain")));
  }
};

INSTANTIATE_TEST_SUITE_P(Protocols, FollowUpCall, over_both_protocols(both_call_styles()), ParameterName());

TEST_P(FollowUpCall, ARedirectIsFollowedOnTheSameConnection) {
  server_.enqueue(redirect(302, "/there"));
  server_.enqueue(MockResponse("here"));
  const Response response = get("/start#part");
  EXPECT_EQ(response.code(), 200);
  EXPECT_EQ(response.body().string(), "here");
  EXPECT_EQ(response.request().url(), server_.url("/there#part"));
  ASSERT_NE(response.prior_response(), nullptr);
  EXPECT_EQ(response.prior_response()->code(), 302);
  EXPECT_EQ(response.prior_response()->request().url(), server_.url("/start#part"));
  EXPECT_EQ(response.prior_response()->body().string(), "");

  EXPECT_EQ(server_.take_request()->target(), "/start");
  const RecordedRequest second = *server_.take_request();
  EXPECT_EQ(second.target(), "/there");
  EXPECT_EQ(second.connection_index(), 0U);
  EXPECT_EQ(second.exchange_index(), 1U);
}

TEST_P(FollowUpCall, TheResponseTellsWhatWasAskedAndWhatWasOnTheWire) {
  server_.enqueue(redirect(302, "/there"));
  server_.enqueue(MockResponse("here"));
  const Response response = get("/");
  EXPECT_FALSE(response.request().headers().contains("User-Agent"));
  ASSERT_NE(response.network_response(), nullptr);
  EXPECT_TRUE(response.network_response()->request().headers().contains("User-Agent"));
  EXPECT_EQ(response.network_response()->request().url(), server_.url("/there"));
  ASSERT_NE(response.prior_response()->network_response(), nullptr);
}

TEST_P(FollowUpCall, SeeOtherMakesGetOfPost) {
  server_.enqueue(redirect(303, "/result"));
  server_.enqueue(MockResponse("done"));
  EXPECT_EQ(run(how(), call(post("/form"))).body().string(), "done");
  EXPECT_EQ(server_.take_request()->body(), "text");
  const RecordedRequest second = *server_.take_request();
  EXPECT_EQ(second.method(), "GET");
  EXPECT_EQ(second.target(), "/result");
  EXPECT_EQ(second.body_size(), 0U);
  for (const char* name : {"Content-Type", "Content-Length", "Transfer-Encoding"}) {
    EXPECT_FALSE(second.headers().contains(name)) << name;
  }
}

TEST_P(FollowUpCall, TemporaryRedirectKeepsMethodAndBody) {
  server_.enqueue(redirect(307, "/again"));
  server_.enqueue(MockResponse("done"));
  EXPECT_EQ(run(how(), call(post("/form"))).body().string(), "done");
  (void)server_.take_request();
  const RecordedRequest second = *server_.take_request();
  EXPECT_EQ(second.method(), "POST");
  EXPECT_EQ(second.target(), "/again");
  EXPECT_EQ(second.body(), "text");
}

TEST_P(FollowUpCall, AOneShotBodyGetsTheRedirectItself) {
  server_.enqueue(redirect(307, "/again"));
  auto once = std::make_shared<bool>(false);
  const RequestBodyPtr body = RequestBody::one_shot(
      [once] { return std::exchange(*once, true) ? std::nullopt : std::optional<std::string>("one"); });
  EXPECT_EQ(run(how(), call(Request::post(server_.url("/").to_string(), body))).code(), 307);
}

TEST_P(FollowUpCall, TwentyAreFollowedAndNoMore) {
  for (int i = 0; i < 20; ++i) server_.enqueue(redirect(302, "/" + std::to_string(i)));
  server_.enqueue(MockResponse("at last"));
  EXPECT_EQ(get("/").body().string(), "at last");

  for (int i = 0; i < 21; ++i) server_.enqueue(redirect(302, "/" + std::to_string(i)));
  EXPECT_EQ(failure_of(how(), call(Request::get(server_.url("/")))), Errc::too_many_follow_ups);
  EXPECT_EQ(server_.request_count(), 42U);
}

TEST_P(FollowUpCall, NothingIsFollowedWhenThatIsOff) {
  client_ = client_.new_builder().follow_redirects(false).build();
  server_.enqueue(redirect(302, "/there"));
  const Response response = get("/");
  EXPECT_EQ(response.code(), 302);
  EXPECT_EQ(response.body().string(), "moved");
}

TEST_P(FollowUpCall, ALargeRedirectBodyIsNotReadToItsEnd) {
  server_.enqueue(MockResponse::Builder().code(302).generated_body(64U << 20).set_header("Location", "/there").build());
  server_.enqueue(MockResponse("here"));
  EXPECT_EQ(get("/").body().string(), "here");
  EXPECT_EQ(server_.connection_count(), 2U - left_after_giving_up());
}

TEST_P(FollowUpCall, ARedirectBodyThatNeverEndsDoesNotHoldTheCall) {
  server_.enqueue(MockResponse::Builder()
                      .code(302)
                      .body("moved for good")
                      .set_header("Location", "/there")
                      .on_response_body(SocketEffect::stall())
                      .build());
  server_.enqueue(MockResponse("here"));
  EXPECT_EQ(get("/").body().string(), "here");
}

TEST_P(FollowUpCall, ARequestTimeoutIsAnsweredWithTheSameRequest) {
  server_.enqueue(MockResponse(408, "slow"));
  server_.enqueue(MockResponse("done"));
  EXPECT_EQ(run(how(), call(post("/"))).body().string(), "done");
  EXPECT_EQ(server_.take_request()->body(), "text");
  EXPECT_EQ(server_.take_request()->body(), "text");
}

TEST_P(FollowUpCall, UnavailableForNowIsAskedOnceMore) {
  const MockResponse busy = MockResponse(503, Headers::of({{"Retry-After", "0"}}), "busy");
  server_.enqueue(busy);
  server_.enqueue(busy);
  EXPECT_EQ(get("/").code(), 503);
  EXPECT_EQ(server_.request_count(), 2U);
}

TEST_P(FollowUpCall, AnotherServerGetsAConnectionOfItsOwn) {
  MockWebServer other;
  speak(other);
  other.enqueue(MockResponse("other"));
  server_.enqueue(redirect(301, other.url("/x").to_string()));
  const Response response = get("/");
  EXPECT_EQ(response.body().string(), "other");
  EXPECT_EQ(other.take_request()->header("Host"), other.url("/").host_header());
  EXPECT_EQ(client_.connection_pool().idle_connection_count(), 2U);
}

}  // namespace
}  // namespace okhttp

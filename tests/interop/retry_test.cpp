// What is done after answers that ask to come again, with servers that mean it.

#include <okhttp/cookie_jar.hpp>
#include <okhttp/retry_interceptor.hpp>

#include <atomic>
#include <chrono>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "interop/support/server_test.hpp"

namespace okhttp::interop {
namespace {

/// A name that the server has not met.
std::string fresh_id() {
  static std::atomic<int> next{0};
  return "retry-" + std::to_string(next++);
}

class LimitedServerTest : public EachServerTest {
 protected:
  void SetUp() override {
    EachServerTest::SetUp();
    policy_.max_tries = 10;
    policy_.first_delay = std::chrono::milliseconds(1);
    policy_.budget = nullptr;
    policy_.on_decision = [this](const RetryDecision& decision) {
      const std::lock_guard lock(mutex_);
      ASSERT_NE(decision.response, nullptr);
      codes_.push_back(decision.response->code());
      delays_.push_back(decision.delay);
    };
  }

  RetryPolicy policy_;
  std::mutex mutex_;
  std::vector<int> codes_;
  std::vector<std::chrono::nanoseconds> delays_;
};

// nginx alone can limit requests without a module that is not packaged with it.
INSTANTIATE_TEST_SUITE_P(Servers, LimitedServerTest, ::testing::Combine(::testing::Values(ServerKind::nginx), kAllWays),
                         name_of);

TEST_P(LimitedServerTest, CallsThatAreRefusedSucceedAfterTheTimeThatTheServerAsksFor) {
  const Client patient = client_.new_builder().add_interceptor(std::make_shared<RetryInterceptor>(policy_)).build();
  const Request request = Request::get(url("/limited")).new_builder().header("X-Id", fresh_id()).build();
  for (int i = 0; i < 2; ++i) {
    const Response response = patient.execute(request);
    EXPECT_EQ(response.code(), 200);
    EXPECT_EQ(response.body().bytes().size(), 1024U);
  }
  ASSERT_FALSE(codes_.empty()) << "two requests a second are permitted, and these came one after the other";
  for (const int code : codes_) EXPECT_EQ(code, 429);
  for (const std::chrono::nanoseconds delay : delays_) EXPECT_GE(delay, std::chrono::seconds(1));
}

TEST_P(LimitedServerTest, CallsSideBySideAllSucceed) {
  const Client patient = client_.new_builder().add_interceptor(std::make_shared<RetryInterceptor>(policy_)).build();
  const Request request = Request::get(url("/limited")).new_builder().header("X-Id", fresh_id()).build();
  const auto ask = [](Client client, Request what) -> Task<int> {
    const Response response = co_await client.new_call(what);
    co_return response.code();
  };
  std::vector<Task<int>> calls;
  for (int i = 0; i < 3; ++i) calls.push_back(ask(patient, request));
  const std::vector<int> codes = sync_wait(when_all(std::move(calls)));
  EXPECT_EQ(codes, std::vector<int>({200, 200, 200}));
}

TEST_P(LimitedServerTest, WithoutPatienceTheRefusalIsTheCallers) {
  const Request request = Request::get(url("/limited")).new_builder().header("X-Id", fresh_id()).build();
  EXPECT_EQ(client_.execute(request).code(), 200);
  const Response refused = client_.execute(request);
  EXPECT_EQ(refused.code(), 429);
  EXPECT_EQ(refused.header("Retry-After"), "1");
}

/// Node answers with the codes that it is told to.
class OddSequenceTest : public EachServerTest {
 protected:
  /// "200 well body, 2 requests" after asking `/codes` with these.
  std::string outcome(const std::string& codes, const std::string& retry_after = "", const char* method = "GET") {
    Request::Builder request = Request::get(url("/codes")).new_builder();
    const std::string id = fresh_id();
    request.header("X-Id", id).header("X-Codes", codes);
    if (!retry_after.empty()) request.header("X-Retry-After", retry_after);
    if (std::string_view(method) != "GET") request.method(method, RequestBody::create("body"));
    const Response response = client_.execute(request.build());
    const Request count = Request::get(url("/once-count")).new_builder().header("X-Id", id).build();
    return std::to_string(response.code()) + " " + response.body().string() + ", " +
           client_.execute(count).body().string() + " requests";
  }
};

INSTANTIATE_TEST_SUITE_P(Servers, OddSequenceTest, ::testing::Combine(::testing::Values(ServerKind::node), kAllWays),
                         name_of);

TEST_P(OddSequenceTest, ATimeOutOfTheServersIsTriedAgainOnce) {
  EXPECT_EQ(outcome("408"), "200 well , 2 requests");
  EXPECT_EQ(outcome("408,408"), "408 , 2 requests");
  EXPECT_EQ(outcome("408", "", "POST"), "200 well body, 2 requests");
}

TEST_P(OddSequenceTest, ATimeOutThatAsksForAWaitIsTheCallers) { EXPECT_EQ(outcome("408", "5"), "408 , 1 requests"); }

TEST_P(OddSequenceTest, UnavailableIsTriedAgainOnceWhenTheServerSaysAtOnce) {
  EXPECT_EQ(outcome("503", "0"), "200 well , 2 requests");
  EXPECT_EQ(outcome("503,503", "0"), "503 , 2 requests");
}

TEST_P(OddSequenceTest, UnavailableIsTheCallersOtherwise) {
  EXPECT_EQ(outcome("503"), "503 , 1 requests");
  EXPECT_EQ(outcome("503", "5"), "503 , 1 requests");
}

TEST_P(OddSequenceTest, OneAfterTheOtherEachIsTriedAgain) {
  EXPECT_EQ(outcome("408,503", "0"), "200 well , 3 requests");
  EXPECT_EQ(outcome("503,408", "0"), "200 well , 3 requests");
}

TEST_P(OddSequenceTest, MisdirectedOnAConnectionOfItsOwnIsTheCallers) { EXPECT_EQ(outcome("421"), "421 , 1 requests"); }

TEST_P(OddSequenceTest, OtherCodesAreTheCallers) {
  for (const char* code : {"425", "429", "500", "502", "504", "599"}) {
    EXPECT_EQ(outcome(code), std::string(code) + " , 1 requests");
  }
}

TEST_P(OddSequenceTest, CookiesOfEachRedirectGoToTheNext) {
  const Client keeping = client_.new_builder().cookie_jar(CookieJar::in_memory()).build();
  const Response response = keeping.get(url("/cookies"));
  EXPECT_EQ(response.request().url().encoded_path(), "/cookies-4");
  // "a" was set twice, "b" was taken back, "path" is for elsewhere.
  EXPECT_EQ(response.body().string(), "a=3; c=4");
  EXPECT_EQ(client_.get(url("/cookies")).body().string(), "none");
}

}  // namespace
}  // namespace okhttp::interop

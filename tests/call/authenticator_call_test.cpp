// Calls that a server answers with 401.

#include <okhttp/authenticator.hpp>
#include <okhttp/challenge.hpp>
#include <okhttp/client.hpp>
#include <okhttp/mockwebserver/mock_web_server.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "http/digest.hpp"
#include "support/call_styles.hpp"
#include "support/protocols.hpp"

namespace okhttp {
namespace {

using Builder = MockResponse::Builder;

MockResponse challenge(const std::string& field = "Basic realm=\"x\"") {
  return Builder().code(401).body("who are you?").add_header("WWW-Authenticate", field).build();
}

/// Answers every challenge with the next of its texts, and keeps what it was asked.
class FakeAuthenticator final : public Authenticator {
 public:
  explicit FakeAuthenticator(std::vector<std::string> given) : answers(std::move(given)) {}
  Task<std::optional<Request>> authenticate(const RouteInfo& route, const Response& response) override {
    hosts.push_back(route.host() + ':' + std::to_string(route.port()) + ' ' + route.proxy().to_string());
    refused.push_back(std::string(response.request().header("Authorization").value_or("")));
    priors.push_back(response.prior_response() != nullptr ? response.prior_response()->code() : 0);
    std::optional<Request> request;
    if (refused.size() <= answers.size()) {
      request = response.request().new_builder().header("Authorization", answers[refused.size() - 1]).build();
    }
    co_return request;
  }
  const std::vector<std::string> answers;
  std::vector<std::string> hosts;
  std::vector<std::string> refused;
  std::vector<int> priors;
};

/// Answers with what it is made of: a function from the refused request.
template <class F>
class FunctionAuthenticator final : public Authenticator {
 public:
  explicit FunctionAuthenticator(F function) : function_(std::move(function)) {}
  Task<std::optional<Request>> authenticate(const RouteInfo&, const Response& response) override {
    std::optional<Request> request = function_(response.request());
    co_return request;
  }

 private:
  F function_;
};

template <class F>
std::shared_ptr<Authenticator> answering(F function) {
  return std::make_shared<FunctionAuthenticator<F>>(std::move(function));
}

class AuthenticatorCall : public ProtocolTest<CallStyle> {
 protected:
  [[nodiscard]] Client asking(std::shared_ptr<Authenticator> authenticator) const {
    return builder().authenticator(std::move(authenticator)).build();
  }
  Response get(const Client& client, const std::string& path = "/") {
    return run(how(), client.new_call(Request::get(server_.url(path))));
  }
  std::string authorization() {
    const std::optional<RecordedRequest> request = server_.take_request();
    if (!request.has_value()) throw std::runtime_error("no request came");
    return std::string(request->header("Authorization").value_or("none"));
  }
  /// The server lets in who shows a Digest answer of jane with the password secret to `challenge`.
  void guard_by_digest(const std::string& field) {
    server_.set_dispatcher([field](const RecordedRequest& request) {
      return is_right(field, request) ? MockResponse("in " + request.target()) : challenge(field);
    });
  }
  static bool is_right(const std::string& field, const RecordedRequest& request) {
    const std::vector<Challenge> shown = parse_challenges(request.headers(), "Authorization");
    if (shown.empty()) return false;
    const Headers headers = Headers::Builder().add("WWW-Authenticate", field).build();
    const std::optional<internal::DigestChallenge> asked =
        internal::strongest_digest(parse_challenges(headers, "WWW-Authenticate"));
    internal::DigestInput input;
    input.user = "jane";
    input.password = "secret";
    input.method = request.method();
    input.uri = request.target();
    input.cnonce = shown.front().parameter("cnonce").value_or("");
    input.count =
        static_cast<std::uint32_t>(std::stoul(std::string(shown.front().parameter("nc").value_or("1")), nullptr, 16));
    internal::DigestHasher body(asked->hash);
    body.update(std::as_bytes(std::span(request.body())));
    input.body_hash = body.finish();
    return internal::digest_credentials(*asked, input) == request.header("Authorization");
  }
};

INSTANTIATE_TEST_SUITE_P(Protocols, AuthenticatorCall, over_both_protocols(both_call_styles()), ParameterName());

TEST_P(AuthenticatorCall, ANobodyLeavesAChallengeToTheCaller) {
  server_.enqueue(challenge());
  const Response response = get(client_);
  EXPECT_EQ(response.code(), 401);
  EXPECT_EQ(response.body().string(), "who are you?");
  EXPECT_EQ(client_.authenticator(), Authenticator::none());
}

TEST_P(AuthenticatorCall, AChallengeIsAnsweredOnTheSameConnection) {
  server_.enqueue(challenge());
  server_.enqueue(MockResponse("welcome"));
  const auto authenticator = std::make_shared<FakeAuthenticator>(std::vector<std::string>{"Basic abc"});
  const Response response = get(asking(authenticator));
  EXPECT_EQ(response.body().string(), "welcome");
  ASSERT_NE(response.prior_response(), nullptr);
  EXPECT_EQ(response.prior_response()->code(), 401);
  EXPECT_EQ(authorization(), "none");
  EXPECT_EQ(authorization(), "Basic abc");
  EXPECT_EQ(server_.connection_count(), 1U);
  EXPECT_EQ(authenticator->hosts.at(0),
            std::string(server_.url("/").host()) + ":" + std::to_string(server_.port()) + " direct");
}

TEST_P(AuthenticatorCall, TheBodyIsSentAgain) {
  server_.enqueue(challenge());
  server_.enqueue(MockResponse("welcome"));
  const Client client = asking(Authenticator::basic("jane", "secret"));
  const Request post = Request::post(server_.url("/").to_string(), RequestBody::create("text"));
  EXPECT_EQ(run(how(), client.new_call(post)).body().string(), "welcome");
  EXPECT_EQ(server_.take_request()->body(), "text");
  EXPECT_EQ(server_.take_request()->body(), "text");
}

TEST_P(AuthenticatorCall, ABodyThatCannotBeSentAgainLeavesTheChallengeToTheCaller) {
  server_.enqueue(challenge());
  const auto authenticator = std::make_shared<FakeAuthenticator>(std::vector<std::string>{"Basic abc"});
  const Request post = Request::post(server_.url("/").to_string(),
                                     RequestBody::one_shot([left = 1]() mutable -> std::optional<std::string> {
                                       if (left-- == 0) return std::nullopt;
                                       return "text";
                                     }));
  EXPECT_EQ(run(how(), asking(authenticator).new_call(post)).code(), 401);
  EXPECT_TRUE(authenticator->refused.empty());
}

TEST_P(AuthenticatorCall, IsToldWhatWasRefusedBefore) {
  for (int i = 0; i < 3; ++i) server_.enqueue(challenge());
  const auto authenticator = std::make_shared<FakeAuthenticator>(std::vector<std::string>{"Basic a", "Basic b"});
  EXPECT_EQ(get(asking(authenticator)).code(), 401);
  EXPECT_EQ(authenticator->refused, (std::vector<std::string>{"", "Basic a", "Basic b"}));
  EXPECT_EQ(authenticator->priors, (std::vector<int>{0, 401, 401}));
}

TEST_P(AuthenticatorCall, AnswersCountAsFollowUps) {
  server_.set_dispatcher([](const RecordedRequest&) { return challenge(); });
  const Client client = asking(answering([](const Request& refused) { return std::optional(refused); }));
  EXPECT_EQ(failure_of(how(), client.new_call(Request::get(server_.url("/")))), Errc::too_many_follow_ups);
  EXPECT_EQ(server_.request_count(), 21U);
}

TEST_P(AuthenticatorCall, MayAnswerWithAnotherRequestToTheSameOrigin) {
  server_.enqueue(challenge());
  server_.enqueue(MockResponse("signed in"));
  const Url elsewhere = server_.url("/sign-in");
  const Client client =
      asking(answering([elsewhere](const Request&) { return std::optional(Request::get(elsewhere)); }));
  EXPECT_EQ(get(client).body().string(), "signed in");
}

TEST_P(AuthenticatorCall, MayNotAnswerWithARequestToAnotherOrigin) {
  server_.enqueue(challenge());
  MockWebServer other;
  const Url elsewhere = other.url("/");
  const Client client = asking(answering([elsewhere](const Request& refused) {
    return std::optional(refused.new_builder().url(elsewhere).header("Authorization", "Basic abc").build());
  }));
  EXPECT_EQ(failure_of(how(), client.new_call(Request::get(server_.url("/")))), Errc::rejected);
  EXPECT_EQ(other.request_count(), 0U);
}

TEST_P(AuthenticatorCall, WhatAnAuthenticatorThrowsIsTheCallsFailure) {
  server_.enqueue(challenge());
  const Client client =
      asking(answering([](const Request&) -> std::optional<Request> { throw std::runtime_error("no key"); }));
  try {
    (void)get(client);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.errc(), Errc::rejected);
    EXPECT_NE(std::string(error.what()).find("no key"), std::string::npos) << error.what();
  }
}

TEST_P(AuthenticatorCall, EveryRequestIsRefusedOnce) {
  server_.enqueue(challenge());
  server_.enqueue(MockResponse("a"));
  server_.enqueue(challenge());
  server_.enqueue(MockResponse("b"));
  const Client client = asking(Authenticator::basic("jane", "secret"));
  EXPECT_EQ(get(client).body().string(), "a");
  EXPECT_EQ(get(client).body().string(), "b");
}

TEST_P(AuthenticatorCall, CancelMeanwhileEndsTheCall) {
  server_.enqueue(challenge());
  server_.enqueue(MockResponse("not wanted any more"));
  std::optional<Call> call;
  const Client client = asking(answering([&call](const Request& refused) {
    call->cancel();
    return std::optional(refused);
  }));
  call = client.new_call(Request::get(server_.url("/")));
  EXPECT_EQ(failure_of(how(), *call), Errc::canceled);
  EXPECT_EQ(server_.request_count(), 1U);
}

TEST_P(AuthenticatorCall, ADerivedClientHasTheSame) {
  const auto basic = Authenticator::basic("jane", "secret");
  EXPECT_EQ(asking(basic).new_builder().build().authenticator(), basic);
  EXPECT_THROW((void)builder().authenticator(nullptr), std::invalid_argument);
}

TEST_P(AuthenticatorCall, DigestAnswersEveryAlgorithmAndQop) {
  const Client client = asking(Authenticator::digest("jane", "secret"));
  for (const std::string algorithm : {"", ", algorithm=MD5-sess", ", algorithm=SHA-256", ", algorithm=SHA-256-sess",
                                      ", algorithm=SHA-512-256", ", algorithm=SHA-512-256-sess"}) {
    for (const std::string qop : {"", ", qop=\"auth\"", ", qop=\"auth-int\"", ", qop=\"auth,auth-int\""}) {
      guard_by_digest("Digest realm=\"a \\\"b\\\"\", nonce=\"abc\", opaque=\"o\"" + algorithm + qop);
      EXPECT_EQ(get(client, "/a?b").body().string(), "in /a?b") << algorithm << qop;
      const Request post = Request::post(server_.url("/c").to_string(), RequestBody::create("text"));
      EXPECT_EQ(run(how(), client.new_call(post)).body().string(), "in /c") << algorithm << qop;
    }
  }
}

TEST_P(AuthenticatorCall, DigestGivesUpWithAWrongPassword) {
  guard_by_digest("Digest realm=\"r\", nonce=\"n\", qop=\"auth\"");
  EXPECT_EQ(get(asking(Authenticator::digest("jane", "wrong"))).code(), 401);
  EXPECT_EQ(server_.request_count(), 2U);
}

TEST_P(AuthenticatorCall, DigestTakesTheNewNonceWhenTheOldOneIsStale) {
  server_.enqueue(challenge("Digest realm=\"r\", nonce=\"old\", qop=\"auth\""));
  server_.enqueue(challenge("Digest realm=\"r\", nonce=\"new\", qop=\"auth\", stale=true"));
  server_.enqueue(MockResponse("welcome"));
  EXPECT_EQ(get(asking(Authenticator::digest("jane", "secret"))).body().string(), "welcome");
  EXPECT_EQ(authorization(), "none");
  EXPECT_NE(authorization().find("nonce=\"old\""), std::string::npos);
  EXPECT_NE(authorization().find("nonce=\"new\""), std::string::npos);
}

TEST_P(AuthenticatorCall, DigestSignsTheTargetOfARedirectAnew) {
  const std::string field = "Digest realm=\"r\", nonce=\"n\", qop=\"auth\"";
  server_.set_dispatcher([field](const RecordedRequest& request) {
    const bool has_some = request.headers().contains("Authorization");
    if (!is_right(field, request)) return has_some ? MockResponse(400, Headers()) : challenge(field);
    if (request.target() == "/b") return MockResponse("welcome");
    return Builder().code(302).set_header("Location", "/b").build();
  });
  EXPECT_EQ(get(asking(Authenticator::digest("jane", "secret")), "/a").body().string(), "welcome");
}

/// Gives tokens by number, and says what it was asked for.
class Issuer {
 public:
  static Task<std::string> issue(std::shared_ptr<Issuer> self, std::optional<std::string> refused) {
    std::string token = "t" + std::to_string(++self->issued);
    if (self->service.has_value()) {
      // As a real one does: by a call of another client.
      const Call asking = self->client.new_call(Request::get(*self->service));
      Response response = co_await asking;
      token += response.code() == 200 ? "" : "?";
    }
    if (refused.has_value() && *refused == "hopeless") throw std::runtime_error("no token today");
    co_return token;
  }
  std::atomic<int> issued{0};
  std::optional<Url> service;
  Client client;
};

std::shared_ptr<Authenticator> bearer_of(const Url& origin, const std::shared_ptr<Issuer>& issuer) {
  return Authenticator::bearer(origin.to_string(), [issuer](std::optional<std::string> refused) {
    return Issuer::issue(issuer, std::move(refused));
  });
}

TEST_P(AuthenticatorCall, BearerFetchesATokenOnceForManyCalls) {
  MockWebServer service;
  service.set_dispatcher([](const RecordedRequest&) { return MockResponse("token"); });
  const auto issuer = std::make_shared<Issuer>();
  issuer->service = service.url("/");
  server_.set_dispatcher([](const RecordedRequest& request) {
    return request.header("Authorization") == "Bearer t1" ? MockResponse("welcome") : challenge("Bearer realm=\"x\"");
  });
  const Client client = asking(bearer_of(server_.url("/"), issuer));
  std::vector<std::thread> threads;
  std::atomic<int> welcomes{0};
  for (int i = 0; i < 6; ++i) {
    threads.emplace_back([&] {
      if (get(client).body().string() == "welcome") ++welcomes;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(welcomes, 6);
  EXPECT_EQ(issuer->issued, 1);
}

TEST_P(AuthenticatorCall, BearerRefreshesARefusedTokenAndGivesUpAfterThat) {
  const auto issuer = std::make_shared<Issuer>();
  std::atomic<int> valid{2};
  server_.set_dispatcher([&valid](const RecordedRequest& request) {
    const std::string wanted = "Bearer t" + std::to_string(valid);
    return request.header("Authorization") == wanted ? MockResponse("welcome") : challenge("Bearer realm=\"x\"");
  });
  const Client client = asking(bearer_of(server_.url("/"), issuer));
  EXPECT_EQ(get(client).body().string(), "welcome");
  EXPECT_EQ(issuer->issued, 2);
  valid = -1;
  EXPECT_EQ(get(client).code(), 401);
  EXPECT_EQ(issuer->issued, 3);
}

TEST_P(AuthenticatorCall, CancelOfTheCallThatRefreshesDoesNotHarmTheOthers) {
  MockWebServer service;
  const auto issuer = std::make_shared<Issuer>();
  issuer->service = service.url("/");
  server_.set_dispatcher([](const RecordedRequest& request) {
    return request.header("Authorization") == "Bearer t1" ? MockResponse("welcome") : challenge("Bearer realm=\"x\"");
  });
  const Client client = asking(bearer_of(server_.url("/"), issuer));
  const Call first = client.new_call(Request::get(server_.url("/first")));
  std::thread refreshing([&] { EXPECT_EQ(failure_of(how(), first), Errc::canceled); });
  (void)service.take_request();  // it is the first call that refreshes
  std::thread waiting([&] { EXPECT_EQ(get(client, "/second").body().string(), "welcome"); });
  (void)server_.take_request();
  (void)server_.take_request();
  first.cancel();
  service.enqueue(MockResponse("token"));
  refreshing.join();
  waiting.join();
  EXPECT_EQ(issuer->issued, 1);
}

TEST_P(AuthenticatorCall, BearerTellsTheCallOfAFailureOfItsProvider) {
  const auto issuer = std::make_shared<Issuer>();
  server_.enqueue(challenge("Bearer realm=\"x\""));
  const Request request =
      Request::get(server_.url("/")).new_builder().header("Authorization", "Bearer hopeless").build();
  const Client client = asking(bearer_of(server_.url("/"), issuer));
  EXPECT_EQ(failure_of(how(), client.new_call(request)), Errc::rejected);
}

}  // namespace
}  // namespace okhttp

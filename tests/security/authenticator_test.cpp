#include <okhttp/authenticator.hpp>
#include <okhttp/client.hpp>
#include <okhttp/mockwebserver/mock_web_server.hpp>

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "support/protocols.hpp"

// What an authenticator shows goes to nobody but who asked for it (CVE-2022-27774, CVE-2025-14524, CVE-2026-11856,
// CVE-2026-33745), and into no message.

namespace okhttp {
namespace {

MockResponse challenge() {
  return MockResponse::Builder()
      .code(401)
      .add_header("WWW-Authenticate", "Digest realm=\"r\", nonce=\"n\", qop=\"auth\"")
      .add_header("WWW-Authenticate", "Basic realm=\"r\"")
      .add_header("WWW-Authenticate", "Bearer realm=\"r\"")
      .build();
}

MockResponse redirect_to(const Url& url) {
  return MockResponse::Builder().code(307).set_header("Location", url.to_string()).build();
}

Task<std::string> token_of(std::string text) { co_return text; }

class AuthenticatorSecrets : public ProtocolTest<> {
 protected:
  AuthenticatorSecrets() { speak(second_); }

  [[nodiscard]] std::vector<std::shared_ptr<Authenticator>> all() {
    return {Authenticator::basic("jane", "opensesame"), Authenticator::digest("jane", "opensesame"),
            Authenticator::bearer(server_.url("/").to_string(),
                                  [](std::optional<std::string>) { return token_of("opensesame"); })};
  }

  MockWebServer second_;
};

INSTANTIATE_TEST_SUITE_P(Protocols, AuthenticatorSecrets, both_protocols(), ParameterName());

TEST_P(AuthenticatorSecrets, DoNotGoAlongWithARedirectToAnotherOrigin) {
  for (const auto& authenticator : all()) {
    server_.enqueue(challenge());
    server_.enqueue(redirect_to(second_.url("/")));
    second_.enqueue(MockResponse("done"));
    const Client client = builder().authenticator(authenticator).build();
    EXPECT_EQ(client.execute(Request::get(server_.url("/"))).body().string(), "done");
    (void)server_.take_request();
    EXPECT_TRUE(server_.take_request()->headers().contains("Authorization"));
    EXPECT_FALSE(second_.take_request()->headers().contains("Authorization"));
  }
}

TEST_P(AuthenticatorSecrets, AreShownToAnotherHostOnlyWhereTheyAreForAll) {
  // What is for one host does not answer the challenge of the one that it redirects to.
  const Url other = second_.url("/").new_builder().host("127.0.0.1").build();
  const std::string host(server_.url("/").host());
  const auto bearer = Authenticator::bearer(server_.url("/").to_string(),
                                            [](std::optional<std::string>) { return token_of("opensesame"); });
  for (const auto& authenticator :
       {Authenticator::basic("jane", "opensesame", host), Authenticator::digest("jane", "opensesame", host), bearer}) {
    server_.enqueue(redirect_to(other));
    second_.enqueue(challenge());
    const Client client = builder().authenticator(authenticator).build();
    EXPECT_EQ(client.execute(Request::get(server_.url("/"))).code(), 401);
    EXPECT_FALSE(second_.take_request()->headers().contains("Authorization"));
  }
  EXPECT_EQ(second_.request_count(), 3U);
}

TEST_P(AuthenticatorSecrets, DoNotAnswerAProxysChallengeThatComesFromTheServer) {
  server_.enqueue(MockResponse(407, Headers::of({{"Proxy-Authenticate", "Basic realm=\"r\""}})));
  const auto basic = Authenticator::basic("jane", "opensesame");
  const Client client = builder().authenticator(basic).proxy_authenticator(basic).build();
  EXPECT_EQ(client.execute(Request::get(server_.url("/"))).code(), 407);
  EXPECT_EQ(server_.request_count(), 1U);
}

TEST_P(AuthenticatorSecrets, AreInNoText) {
  for (const auto& authenticator : all()) {
    server_.enqueue(challenge());
    server_.enqueue(MockResponse("done"));
    const Client client = builder().authenticator(authenticator).build();
    const Response response = client.execute(Request::get(server_.url("/")));
    EXPECT_EQ(response.body().string(), "done");
    ASSERT_TRUE(response.request().headers().contains("Authorization"));
    const std::string shown(*response.request().header("Authorization"));
    for (const std::string& text : {response.request().to_string(), response.request().headers().to_string()}) {
      EXPECT_EQ(text.find(shown.substr(shown.find(' ') + 1)), std::string::npos) << text;
    }
  }
}

TEST_P(AuthenticatorSecrets, AreInNoFailure) {
  server_.enqueue(challenge());
  const auto bearer = Authenticator::bearer(server_.url("/").to_string(),
                                            [](std::optional<std::string>) { return token_of("open\nsesame"); });
  const Client client = builder().authenticator(bearer).build();
  try {
    (void)client.execute(Request::get(server_.url("/")));
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.errc(), Errc::rejected);
    EXPECT_EQ(std::string(error.what()).find("sesame"), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace okhttp

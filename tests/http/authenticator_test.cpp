#include <okhttp/authenticator.hpp>
#include <okhttp/credentials.hpp>
#include <okhttp/request.hpp>
#include <okhttp/response.hpp>
#include <okhttp/sync_wait.hpp>

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>

namespace okhttp {
namespace {

const RouteInfo kDirect("server.example", 443, Proxy::direct());
const RouteInfo kProxied("server.example", 443, Proxy(Proxy::Type::http, "proxy.example", 3128));

Response challenge(int code, const std::string& field,
                   const Request& request = Request::get("https://server.example/")) {
  Response::Builder response;
  response.request(request).code(code).header(code == 407 ? "Proxy-Authenticate" : "WWW-Authenticate", field);
  return response.build();
}

std::optional<Request> answer(Authenticator& authenticator, const RouteInfo& route, const Response& response) {
  return sync_wait(authenticator.authenticate(route, response));
}

/// What a request shows to `who` after the challenge; "nothing" when the authenticator gives up.
std::string shown(Authenticator& authenticator, const RouteInfo& route, const Response& response,
                  const char* field = "Authorization") {
  const std::optional<Request> next = answer(authenticator, route, response);
  return next.has_value() ? std::string(next->header(field).value_or("no field")) : "nothing";
}

TEST(AuthenticatorTest, NobodyAnswersByDefault) {
  EXPECT_FALSE(answer(*Authenticator::none(), kDirect, challenge(401, "Basic realm=\"x\"")).has_value());
  EXPECT_EQ(Authenticator::none(), Authenticator::none());
}

TEST(AuthenticatorTest, BasicAnswersServersAndProxiesEachInTheirField) {
  const auto basic = Authenticator::basic("jane", "secret");
  EXPECT_EQ(shown(*basic, kDirect, challenge(401, "Basic realm=\"x\"")), "Basic amFuZTpzZWNyZXQ=");
  EXPECT_EQ(shown(*basic, kProxied, challenge(407, "Basic realm=\"x\""), "Proxy-Authorization"),
            "Basic amFuZTpzZWNyZXQ=");
  EXPECT_EQ(shown(*basic, kProxied, challenge(407, "Basic realm=\"x\""), "Authorization"), "no field");
}

TEST(AuthenticatorTest, BasicAnswersNoOtherScheme) {
  const auto basic = Authenticator::basic("jane", "secret");
  EXPECT_EQ(shown(*basic, kDirect, challenge(401, "Digest realm=\"x\", nonce=\"y\"")), "nothing");
  EXPECT_EQ(shown(*basic, kDirect, challenge(401, "Digest realm=\"x\", nonce=\"y\", Basic realm=\"z\"")),
            "Basic amFuZTpzZWNyZXQ=");
}

TEST(AuthenticatorTest, BasicKeepsTheRestOfTheRequest) {
  const Request request = Request::get("https://server.example/a").new_builder().header("X-A", "b").build();
  const std::optional<Request> next =
      answer(*Authenticator::basic("jane", "secret"), kDirect, challenge(401, "Basic", request));
  ASSERT_TRUE(next.has_value());
  EXPECT_EQ(next->url(), request.url());
  EXPECT_EQ(next->header("X-A"), "b");
}

TEST(AuthenticatorTest, BasicGivesUpWhenItsCredentialsWereRefused) {
  const auto basic = Authenticator::basic("jän", "secret");
  for (const CredentialsCharset charset : {CredentialsCharset::latin1, CredentialsCharset::utf8}) {
    const Request refused = Request::get("https://server.example/")
                                .new_builder()
                                .header("Authorization", basic_credentials("jän", "secret", charset))
                                .build();
    EXPECT_EQ(shown(*basic, kDirect, challenge(401, "Basic, Basic charset=\"UTF-8\"", refused)), "nothing");
  }
  const Request other =
      Request::get("https://server.example/").new_builder().header("Authorization", "Basic other").build();
  EXPECT_NE(shown(*basic, kDirect, challenge(401, "Basic", other)), "nothing");
}

TEST(AuthenticatorTest, BasicUsesTheCharsetThatIsAskedForAndFits) {
  const auto fits = Authenticator::basic("jän", "x");
  EXPECT_EQ(shown(*fits, kDirect, challenge(401, "Basic")), basic_credentials("jän", "x", CredentialsCharset::latin1));
  EXPECT_EQ(shown(*fits, kDirect, challenge(401, "Basic charset=\"UTF-8\"")),
            basic_credentials("jän", "x", CredentialsCharset::utf8));
  const auto wide = Authenticator::basic("яна", "x");
  EXPECT_EQ(shown(*wide, kDirect, challenge(401, "Basic")), basic_credentials("яна", "x", CredentialsCharset::utf8));
}

TEST(AuthenticatorTest, BasicForAHostAnswersThatOneAlone) {
  const auto server = Authenticator::basic("jane", "secret", "SERVER.example");
  EXPECT_NE(shown(*server, kProxied, challenge(401, "Basic")), "nothing");
  EXPECT_EQ(shown(*server, kProxied, challenge(407, "Basic")), "nothing");
  const auto proxy = Authenticator::basic("jane", "secret", "proxy.example");
  EXPECT_EQ(shown(*proxy, kProxied, challenge(401, "Basic")), "nothing");
  EXPECT_NE(shown(*proxy, kProxied, challenge(407, "Basic")), "nothing");
  const RouteInfo v6("2001:db8::1", 443, Proxy::direct());
  EXPECT_NE(shown(*Authenticator::basic("jane", "secret", "[2001:DB8::1]"), v6, challenge(401, "Basic")), "nothing");
  EXPECT_NE(shown(*Authenticator::basic("jane", "secret", "2001:db8::1"), v6, challenge(401, "Basic")), "nothing");
}

TEST(AuthenticatorTest, BasicAnswersBeforehandOnlyWhereItKnowsWhom) {
  const Response beforehand = challenge(407, std::string(Authenticator::kPreemptive));
  EXPECT_EQ(shown(*Authenticator::basic("jane", "secret"), kProxied, beforehand), "nothing");
  EXPECT_NE(shown(*Authenticator::basic("jane", "secret", "proxy.example"), kProxied, beforehand), "nothing");
  EXPECT_EQ(shown(*Authenticator::basic("jane", "secret", "other.example"), kProxied, beforehand), "nothing");
}

TEST(AuthenticatorTest, BasicRefusesWhatCannotBeSentWithoutShowingIt) {
  for (const auto& [user, password] : {std::pair("ja:ne", "secret"), std::pair("jane", "sec\nret")}) {
    try {
      (void)Authenticator::basic(user, password);
      FAIL();
    } catch (const std::invalid_argument& error) {
      EXPECT_EQ(std::string(error.what()).find("sec"), std::string::npos) << error.what();
    }
  }
  EXPECT_THROW((void)Authenticator::basic("jane", "secret", "not a host"), std::invalid_argument);
}

}  // namespace
}  // namespace okhttp

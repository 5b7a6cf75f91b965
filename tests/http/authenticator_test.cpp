#include <okhttp/authenticator.hpp>
#include <okhttp/challenge.hpp>
#include <okhttp/credentials.hpp>
#include <okhttp/request.hpp>
#include <okhttp/request_body.hpp>
#include <okhttp/response.hpp>
#include <okhttp/sync_wait.hpp>

#include <gtest/gtest.h>

#include <coroutine>
#include <cstddef>
#include <memory>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

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

/// The value of a parameter of the Digest credentials that a request shows.
std::string digest_parameter(const std::optional<Request>& request, std::string_view name,
                             const char* field = "Authorization") {
  if (!request.has_value()) return "nothing";
  const Headers headers = Headers::Builder().add(field, request->header(field).value_or("none")).build();
  const std::vector<Challenge> shown = parse_challenges(headers, field);
  return std::string(shown.at(0).parameter(name).value_or("none"));
}

constexpr const char* kDigest = "Digest realm=\"r\", nonce=\"n\", qop=\"auth\", algorithm=SHA-256";

TEST(AuthenticatorTest, DigestSignsTheTargetAsTheChallengerSeesIt) {
  const auto digest = Authenticator::digest("jane", "secret");
  const Request request = Request::get("http://server.example:8080/a?b#c");
  EXPECT_EQ(digest_parameter(answer(*digest, kDirect, challenge(401, kDigest, request)), "uri"), "/a?b");
  EXPECT_EQ(digest_parameter(answer(*digest, kProxied, challenge(407, kDigest, request)), "uri", "Proxy-Authorization"),
            "http://server.example:8080/a?b");
  Request::Builder connect;
  connect.url("https://server.example/").method("CONNECT", nullptr).header("Host", "server.example:443");
  const std::optional<Request> tunnel = answer(*digest, kProxied, challenge(407, kDigest, connect.build()));
  EXPECT_EQ(digest_parameter(tunnel, "uri", "Proxy-Authorization"), "server.example:443");
  EXPECT_FALSE(tunnel->headers().contains("Authorization"));
}

TEST(AuthenticatorTest, DigestCountsTheUsesOfANonce) {
  const auto digest = Authenticator::digest("jane", "secret");
  const std::optional<Request> first = answer(*digest, kDirect, challenge(401, kDigest));
  const std::optional<Request> second = answer(*digest, kDirect, challenge(401, kDigest));
  EXPECT_EQ(digest_parameter(first, "nc"), "00000001");
  EXPECT_EQ(digest_parameter(second, "nc"), "00000002");
  EXPECT_EQ(digest_parameter(first, "cnonce"), digest_parameter(second, "cnonce"));
  const std::optional<Request> other = answer(*digest, kDirect, challenge(401, "Digest realm=r, nonce=o, qop=auth"));
  EXPECT_EQ(digest_parameter(other, "nc"), "00000001");
  EXPECT_NE(digest_parameter(other, "cnonce"), digest_parameter(first, "cnonce"));
  // Another server that happens to give the same nonce has nothing to do with the first one.
  const RouteInfo elsewhere("other.example", 443, Proxy::direct());
  EXPECT_EQ(digest_parameter(answer(*digest, elsewhere, challenge(401, kDigest)), "nc"), "00000001");
}

TEST(AuthenticatorTest, DigestCountsNoUseTwiceForManyThreads) {
  const auto digest = Authenticator::digest("jane", "secret");
  std::vector<std::string> counts(40);
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (std::size_t i = t * 10; i < t * 10 + 10; ++i) {
        counts[i] = digest_parameter(answer(*digest, kDirect, challenge(401, kDigest)), "nc");
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(std::set<std::string>(counts.begin(), counts.end()).size(), counts.size());
}

TEST(AuthenticatorTest, DigestGivesUpWhenRefusedUnlessTheNonceWasStale) {
  const auto digest = Authenticator::digest("jane", "secret");
  const std::optional<Request> refused = answer(*digest, kDirect, challenge(401, kDigest));
  ASSERT_TRUE(refused.has_value());
  EXPECT_FALSE(answer(*digest, kDirect, challenge(401, "Digest realm=r, nonce=new, qop=auth", *refused)).has_value());
  const std::optional<Request> again =
      answer(*digest, kDirect, challenge(401, "Digest realm=r, nonce=new, qop=auth, stale=TRUE", *refused));
  EXPECT_EQ(digest_parameter(again, "nonce"), "new");
  // Credentials for another target were refused for that.
  const Request moved = refused->new_builder().url("https://server.example/other").build();
  EXPECT_EQ(digest_parameter(answer(*digest, kDirect, challenge(401, kDigest, moved)), "uri"), "/other");
}

TEST(AuthenticatorTest, DigestSignsTheBodyWhenNothingElseIsOffered) {
  const auto digest = Authenticator::digest("u", "p");
  const std::string only = "Digest realm=\"r\", nonce=\"abc\", qop=\"auth-int\"";
  const auto response_to = [&](RequestBodyPtr body) {
    return digest_parameter(
        answer(*digest, kDirect, challenge(401, only, Request::post("https://server.example/", std::move(body)))),
        "response");
  };
  const auto pieces = [] {
    return RequestBody::Pieces([left = 2]() mutable -> std::optional<std::string> {
      if (left == 0) return std::nullopt;
      return left-- == 2 ? "bo" : "dy";
    });
  };
  EXPECT_NE(response_to(RequestBody::generator(pieces)), "nothing");
  EXPECT_EQ(response_to(RequestBody::one_shot(pieces())), "nothing");
  EXPECT_EQ(digest_parameter(answer(*digest, kDirect, challenge(401, only)), "qop"), "auth-int");
}

TEST(AuthenticatorTest, DigestForAHostAnswersThatOneAlone) {
  const auto server = Authenticator::digest("jane", "secret", "SERVER.example");
  EXPECT_TRUE(answer(*server, kProxied, challenge(401, kDigest)).has_value());
  EXPECT_FALSE(answer(*server, kProxied, challenge(407, kDigest)).has_value());
  EXPECT_FALSE(answer(*server, kProxied, challenge(407, std::string(Authenticator::kPreemptive))).has_value());
}

TEST(AuthenticatorTest, DigestRefusesWhatCannotBeSentWithoutShowingIt) {
  for (const auto& [user, password] : {std::pair("ja:ne", "secret"), std::pair("jane", "sec\nret")}) {
    try {
      (void)Authenticator::digest(user, password);
      FAIL();
    } catch (const std::invalid_argument& error) {
      EXPECT_EQ(std::string(error.what()).find("sec"), std::string::npos) << error.what();
    }
  }
}

TEST(AuthenticatorTest, BySchemeLeavesAChallengeToTheStrongestThatIsOffered) {
  const auto either = Authenticator::by_scheme(
      {{"Digest", Authenticator::digest("jane", "secret")}, {"Basic", Authenticator::basic("jane", "secret")}});
  EXPECT_EQ(shown(*either, kDirect, challenge(401, "Basic realm=\"x\"")), "Basic amFuZTpzZWNyZXQ=");
  EXPECT_EQ(shown(*either, kDirect, challenge(401, std::string("Basic realm=\"x\", ") + kDigest)).find("Digest "), 0U);
  EXPECT_EQ(shown(*either, kDirect, challenge(401, "Bearer realm=\"x\"")), "nothing");
}

TEST(AuthenticatorTest, BySchemeShowsNothingByAWeakerSchemeWhenTheStrongerGaveUp) {
  const auto either = Authenticator::by_scheme(
      {{"Digest", Authenticator::digest("jane", "secret")}, {"Basic", Authenticator::basic("jane", "secret")}});
  const std::string both = std::string(kDigest) + ", Basic realm=\"x\"";
  const std::optional<Request> refused = answer(*either, kDirect, challenge(401, both));
  ASSERT_TRUE(refused.has_value());
  EXPECT_EQ(shown(*either, kDirect, challenge(401, both, *refused)), "nothing");
}

TEST(AuthenticatorTest, BySchemeAsksAllOfOneSchemeInOrder) {
  const auto hosts = Authenticator::by_scheme({{"Basic", Authenticator::basic("a", "a", "other.example")},
                                               {"basic", Authenticator::basic("b", "b", "server.example")}});
  EXPECT_EQ(shown(*hosts, kDirect, challenge(401, "BASIC realm=x")), basic_credentials("b", "b"));
}

TEST(AuthenticatorTest, BySchemeAsksTheStrongestAloneBeforehand) {
  const Response beforehand = challenge(407, std::string(Authenticator::kPreemptive));
  const auto basic = Authenticator::basic("jane", "secret", "proxy.example");
  const auto digest = Authenticator::digest("jane", "secret", "proxy.example");
  EXPECT_EQ(shown(*Authenticator::by_scheme({{"Digest", digest}, {"Basic", basic}}), kProxied, beforehand), "nothing");
  EXPECT_NE(shown(*Authenticator::by_scheme({{"Basic", basic}}), kProxied, beforehand), "nothing");
}

TEST(AuthenticatorTest, BySchemeRefusesNullAndWhatIsNoScheme) {
  EXPECT_THROW((void)Authenticator::by_scheme({{"Digest", nullptr}}), std::invalid_argument);
  EXPECT_THROW((void)Authenticator::by_scheme({{"Two words", Authenticator::none()}}), std::invalid_argument);
}

/// A token provider that writes down what it was asked; it yields t1, t2 and so on, once `gate` is open.
class Tokens {
 public:
  Task<std::string> next(std::optional<std::string> refused) {
    asked.push_back(refused.value_or("nothing"));
    Gate open(*this);
    co_await open;
    if (fails) throw std::runtime_error("no token today");
    co_return "t" + std::to_string(asked.size());
  }
  void open() {
    is_open_ = true;
    if (waiter_) std::exchange(waiter_, nullptr).resume();
  }
  void close() { is_open_ = false; }

  std::vector<std::string> asked;
  bool fails = false;

 private:
  struct Gate {
    explicit Gate(Tokens& of) : tokens(of) {}
    [[nodiscard]] bool await_ready() const { return tokens.is_open_; }
    void await_suspend(std::coroutine_handle<> waiter) const { tokens.waiter_ = waiter; }
    void await_resume() const {}
    Tokens& tokens;
  };

  bool is_open_ = true;
  std::coroutine_handle<> waiter_;
};

std::shared_ptr<Authenticator> bearer(Tokens& tokens) {
  return Authenticator::bearer("https://server.example", [&tokens](std::optional<std::string> refused) {
    return tokens.next(std::move(refused));
  });
}

Request with_token(const std::string& token) {
  return Request::get("https://server.example/").new_builder().header("Authorization", "Bearer " + token).build();
}

/// A challenge to `token`, which was the answer to one to `before`.
Response second_challenge(const std::string& before, const std::string& token) {
  Response::Builder response = challenge(401, "Bearer", with_token(token)).new_builder();
  return response.prior_response(challenge(401, "Bearer", with_token(before))).build();
}

TEST(AuthenticatorTest, BearerFetchesATokenOnceAndANewOneForARefusedOne) {
  Tokens tokens;
  const auto authenticator = bearer(tokens);
  EXPECT_EQ(shown(*authenticator, kDirect, challenge(401, "Bearer realm=x")), "Bearer t1");
  EXPECT_EQ(shown(*authenticator, kDirect, challenge(401, "Bearer realm=x")), "Bearer t1");
  EXPECT_EQ(shown(*authenticator, kDirect, challenge(401, "Bearer", with_token("t1"))), "Bearer t2");
  // Refused before the other call fetched a new one.
  EXPECT_EQ(shown(*authenticator, kDirect, challenge(401, "Bearer", with_token("t1"))), "Bearer t2");
  EXPECT_EQ(tokens.asked, (std::vector<std::string>{"nothing", "t1"}));
}

TEST(AuthenticatorTest, BearerGivesUpWhenTheNewTokenWasRefusedToo) {
  Tokens tokens;
  const auto authenticator = bearer(tokens);
  EXPECT_EQ(shown(*authenticator, kDirect, challenge(401, "Bearer", with_token("mine"))), "Bearer t1");
  EXPECT_EQ(shown(*authenticator, kDirect, second_challenge("mine", "t1")), "nothing");
  EXPECT_EQ(tokens.asked, (std::vector<std::string>{"mine"}));
}

TEST(AuthenticatorTest, BearerAnswersItsOriginAlone) {
  Tokens tokens;
  const auto authenticator = bearer(tokens);
  for (const char* url : {"http://server.example/", "https://server.example:8443/", "https://other.example/"}) {
    EXPECT_EQ(shown(*authenticator, kDirect, challenge(401, "Bearer", Request::get(url))), "nothing") << url;
  }
  EXPECT_EQ(shown(*authenticator, kProxied, challenge(407, "Bearer")), "nothing");
  EXPECT_EQ(shown(*authenticator, kDirect, challenge(401, "Basic realm=x")), "nothing");
  EXPECT_TRUE(tokens.asked.empty());
  const Response silent = Response::Builder().request(Request::get("https://server.example/a")).code(401).build();
  EXPECT_EQ(shown(*authenticator, kDirect, silent), "Bearer t1");
}

TEST(AuthenticatorTest, BearerRefreshesOnceForAllThatWait) {
  Tokens tokens;
  tokens.close();
  const auto authenticator = bearer(tokens);
  const Response refused = challenge(401, "Bearer", with_token("old"));
  std::vector<Task<std::optional<Request>>> asking;
  for (int i = 0; i < 3; ++i) asking.push_back(authenticator->authenticate(kDirect, refused));
  std::vector<std::optional<Request>> answers;
  const auto opens = [](Tokens& of) -> Task<void> {
    of.open();
    co_return;
  };
  const auto all = [](std::vector<Task<std::optional<Request>>> tasks,
                      std::vector<std::optional<Request>>& into) -> Task<void> {
    Task<std::vector<std::optional<Request>>> joined = when_all(std::move(tasks));
    std::vector<std::optional<Request>> got = co_await std::move(joined);
    into = std::move(got);
  };
  std::vector<Task<void>> steps;
  steps.push_back(all(std::move(asking), answers));
  steps.push_back(opens(tokens));
  sync_wait(when_all(std::move(steps)));
  ASSERT_EQ(answers.size(), 3U);
  for (const std::optional<Request>& one : answers) {
    ASSERT_TRUE(one.has_value());
    EXPECT_EQ(one->header("Authorization"), "Bearer t1");
  }
  EXPECT_EQ(tokens.asked, (std::vector<std::string>{"old"}));
}

TEST(AuthenticatorTest, BearerTellsAllThatWaitOfAFailureAndTriesAgainLater) {
  Tokens tokens;
  tokens.close();
  tokens.fails = true;
  const auto authenticator = bearer(tokens);
  const Response refused = challenge(401, "Bearer", with_token("old"));
  int failures = 0;
  const auto fails = [](std::shared_ptr<Authenticator> of, const Response& response, int& count) -> Task<void> {
    try {
      Task<std::optional<Request>> asking = of->authenticate(kDirect, response);
      (void)co_await std::move(asking);
    } catch (const std::runtime_error& error) {
      if (std::string(error.what()) == "no token today") ++count;
    }
  };
  const auto opens = [](Tokens& of) -> Task<void> {
    of.open();
    co_return;
  };
  std::vector<Task<void>> steps;
  for (int i = 0; i < 3; ++i) steps.push_back(fails(authenticator, refused, failures));
  steps.push_back(opens(tokens));
  sync_wait(when_all(std::move(steps)));
  EXPECT_EQ(failures, 3);
  tokens.fails = false;
  EXPECT_EQ(shown(*authenticator, kDirect, refused), "Bearer t2");
}

TEST(AuthenticatorTest, BearerRefusesWhatIsNoTokenWithoutShowingIt) {
  for (const std::string text : {"sec ret", "sec\nret", "sec\x80"}) {
    const auto authenticator =
        Authenticator::bearer("https://server.example", [text](std::optional<std::string>) -> Task<std::string> {
          struct Yields {
            static Task<std::string> it(std::string value) { co_return value; }
          };
          return Yields::it(text);
        });
    try {
      (void)answer(*authenticator, kDirect, challenge(401, "Bearer"));
      FAIL();
    } catch (const std::invalid_argument& error) {
      EXPECT_EQ(std::string(error.what()).find("sec"), std::string::npos) << error.what();
    }
  }
  Tokens tokens;
  EXPECT_THROW((void)Authenticator::bearer("server.example", [&](auto) { return tokens.next({}); }),
               std::invalid_argument);
  EXPECT_THROW((void)Authenticator::bearer("https://server.example", nullptr), std::invalid_argument);
}

TEST(AuthenticatorTest, BearerGivesUpWithoutAToken) {
  const auto authenticator = Authenticator::bearer("https://server.example", [](std::optional<std::string>) {
    struct Yields {
      static Task<std::string> nothing() { co_return std::string(); }
    };
    return Yields::nothing();
  });
  EXPECT_EQ(shown(*authenticator, kDirect, challenge(401, "Bearer")), "nothing");
}

}  // namespace
}  // namespace okhttp

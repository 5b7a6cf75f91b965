// How the program proves who it is: to a MockWebServer, as a server and as a proxy.

#include <okhttp/mockwebserver/mock_web_server.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "okcurl/okcurl_process.hpp"

namespace okcurl {
namespace {

using okhttp::MockResponse;
using okhttp::MockWebServer;
using okhttp::RecordedRequest;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr const char* kDigest = "Digest realm=\"r\", nonce=\"n\", qop=\"auth\"";
constexpr const char* kBasic = "Basic realm=\"r\"";

class AuthenticationEndToEndTest : public ::testing::Test {
 protected:
  static MockResponse challenge(const std::vector<std::string>& fields, int code = 401) {
    MockResponse::Builder response;
    response.code(code).body("who are you?");
    const char* const name = code == 407 ? "Proxy-Authenticate" : "WWW-Authenticate";
    for (const std::string& field : fields) response.add_header(name, field);
    return response.build();
  }
  RunResult run(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"-s", "-S"});
    arguments.push_back(server_.url("/a").to_string());
    return okcurl(std::move(arguments));
  }
  static std::string shown(MockWebServer& server, const char* field = "Authorization") {
    const std::optional<RecordedRequest> request = server.take_request();
    return request.has_value() ? std::string(request->header(field).value_or("none")) : "no request";
  }

  MockWebServer server_;
};

TEST_F(AuthenticationEndToEndTest, BasicIsShownAtOnce) {
  server_.enqueue(MockResponse("in"));
  EXPECT_EQ(run({"--basic", "-u", "jane:secret"}).out, "in");
  EXPECT_EQ(shown(server_), "Basic amFuZTpzZWNyZXQ=");
}

TEST_F(AuthenticationEndToEndTest, DigestWaitsToBeAsked) {
  server_.enqueue(challenge({kBasic, kDigest}));
  server_.enqueue(MockResponse("in"));
  EXPECT_EQ(run({"--digest", "-u", "jane:secret", "-d", "text"}).out, "in");
  EXPECT_EQ(shown(server_), "none");
  EXPECT_THAT(shown(server_), AllOf(StartsWith("Digest username=\"jane\""), HasSubstr("uri=\"/a\"")));
}

TEST_F(AuthenticationEndToEndTest, DigestShowsNothingToWhoeverWantsBasic) {
  server_.enqueue(challenge({kBasic}));
  const RunResult result = run({"--digest", "-f", "-u", "jane:secret"});
  EXPECT_EQ(result.exit_code, 22);
  EXPECT_EQ(server_.request_count(), 1U);
}

TEST_F(AuthenticationEndToEndTest, AnyTakesTheStrongerThatIsOffered) {
  for (const std::vector<std::string>& how :
       {std::vector<std::string>{"--anyauth"}, std::vector<std::string>{"--basic", "--digest"}}) {
    std::vector<std::string> arguments = how;
    arguments.insert(arguments.end(), {"-u", "jane:secret"});
    server_.enqueue(challenge({kBasic, kDigest}));
    server_.enqueue(MockResponse("in"));
    EXPECT_EQ(run(arguments).out, "in");
    EXPECT_EQ(shown(server_), "none");
    EXPECT_THAT(shown(server_), StartsWith("Digest "));
    server_.enqueue(challenge({kBasic}));
    server_.enqueue(MockResponse("in"));
    EXPECT_EQ(run(arguments).out, "in");
    EXPECT_EQ(shown(server_), "none");
    EXPECT_EQ(shown(server_), "Basic amFuZTpzZWNyZXQ=");
  }
}

TEST_F(AuthenticationEndToEndTest, AnOptionCanBeTakenBack) {
  server_.enqueue(MockResponse("in"));
  EXPECT_EQ(run({"--digest", "--no-digest", "-u", "jane:secret"}).out, "in");
  EXPECT_EQ(shown(server_), "Basic amFuZTpzZWNyZXQ=");
}

TEST_F(AuthenticationEndToEndTest, IncludeShowsTheChallengesHeadersToo) {
  server_.enqueue(challenge({kDigest}));
  server_.enqueue(MockResponse("in"));
  EXPECT_THAT(run({"-i", "--digest", "-u", "jane:secret"}).out,
              AllOf(StartsWith("HTTP/1.1 401"), HasSubstr("HTTP/1.1 200"), Not(HasSubstr("who are you?"))));
}

TEST_F(AuthenticationEndToEndTest, VerboseDoesNotShowWhatProvesWhoAsks) {
  server_.enqueue(challenge({kDigest}));
  server_.enqueue(MockResponse("in"));
  const RunResult result = run({"-v", "--digest", "-u", "jane:secret"});
  EXPECT_THAT(result.err, AllOf(HasSubstr("401"), Not(HasSubstr("response=")), Not(HasSubstr("secret"))));
}

TEST_F(AuthenticationEndToEndTest, NothingFollowsARedirectToAnotherOrigin) {
  MockWebServer other;
  for (const std::vector<std::string>& how : {std::vector<std::string>{"--digest", "-u", "jane:secret"},
                                              std::vector<std::string>{"--oauth2-bearer", "abc"}}) {
    const bool is_bearer = how.front() == "--oauth2-bearer";
    std::vector<std::string> arguments = how;
    arguments.emplace_back("-L");
    if (!is_bearer) server_.enqueue(challenge({kDigest}));
    server_.enqueue(MockResponse::Builder().code(302).set_header("Location", other.url("/").to_string()).build());
    other.enqueue(challenge({kDigest}));
    EXPECT_EQ(run(arguments).out, "who are you?");
    if (!is_bearer) {
      EXPECT_EQ(shown(server_), "none");
    }
    EXPECT_NE(shown(server_), "none");
    EXPECT_EQ(shown(other), "none");
  }
  EXPECT_EQ(other.request_count(), 2U);
}

TEST_F(AuthenticationEndToEndTest, ABearerTokenIsShownAtOnce) {
  server_.enqueue(MockResponse("in"));
  EXPECT_EQ(run({"--oauth2-bearer", "abc.def"}).out, "in");
  EXPECT_EQ(shown(server_), "Bearer abc.def");
}

class ProxyAuthenticationEndToEndTest : public AuthenticationEndToEndTest {
 protected:
  RunResult through(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"-s", "-S", "--noproxy", ""});
    arguments.emplace_back("http://server.example/a");
    return okcurl(std::move(arguments));
  }
  [[nodiscard]] std::string at(const std::string& user = {}) {
    return "http://" + user + "127.0.0.1:" + std::to_string(server_.port());
  }
};

TEST_F(ProxyAuthenticationEndToEndTest, DigestWaitsForTheProxyToAsk) {
  for (const std::vector<std::string>& who : {std::vector<std::string>{"-x", at(), "-U", "jane:secret"},
                                              std::vector<std::string>{"-x", at("jane:secret@")}}) {
    server_.enqueue(challenge({kBasic, kDigest}, 407));
    server_.enqueue(MockResponse("in"));
    std::vector<std::string> arguments = who;
    arguments.emplace_back("--proxy-digest");
    EXPECT_EQ(through(arguments).out, "in");
    EXPECT_EQ(shown(server_, "Proxy-Authorization"), "none");
    EXPECT_THAT(shown(server_, "Proxy-Authorization"), HasSubstr("uri=\"http://server.example/a\""));
  }
}

TEST_F(ProxyAuthenticationEndToEndTest, AnyTakesWhatTheProxyOffers) {
  server_.enqueue(challenge({kBasic}, 407));
  server_.enqueue(MockResponse("in"));
  EXPECT_EQ(through({"-x", at(), "-U", "jane:secret", "--proxy-anyauth"}).out, "in");
  EXPECT_EQ(shown(server_, "Proxy-Authorization"), "none");
  EXPECT_EQ(shown(server_, "Proxy-Authorization"), "Basic amFuZTpzZWNyZXQ=");
}

TEST_F(ProxyAuthenticationEndToEndTest, BasicIsShownAtOnce) {
  server_.enqueue(MockResponse("in"));
  EXPECT_EQ(through({"-x", at(), "-U", "jane:secret", "--proxy-basic"}).out, "in");
  EXPECT_EQ(shown(server_, "Proxy-Authorization"), "Basic amFuZTpzZWNyZXQ=");
}

TEST_F(ProxyAuthenticationEndToEndTest, ATunnelIsAskedForAgainWithTheAnswer) {
  server_.enqueue(challenge({kDigest}, 407));
  server_.enqueue(MockResponse(403, okhttp::Headers()));
  std::vector<std::string> arguments = {"-s", "-S", "--noproxy", "", "-x", at(), "-U", "jane:secret", "--proxy-digest"};
  arguments.emplace_back("https://server.example/a");
  EXPECT_NE(okcurl(std::move(arguments)).exit_code, 0);
  EXPECT_EQ(shown(server_, "Proxy-Authorization"), "none");
  EXPECT_THAT(shown(server_, "Proxy-Authorization"), HasSubstr("uri=\"server.example:443\""));
}

}  // namespace
}  // namespace okcurl

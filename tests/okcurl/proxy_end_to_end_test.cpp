// The program through proxies: a MockWebServer that plays one, and a scripted SOCKS server.

#include <okhttp/mockwebserver/mock_web_server.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "okcurl/okcurl_process.hpp"
#include "support/relay_server.hpp"

namespace okcurl {
namespace {

using okhttp::MockResponse;
using okhttp::MockWebServer;
using okhttp::testing::SocksServer;
using ::testing::HasSubstr;
using ::testing::Not;

class ProxyEndToEndTest : public ::testing::Test {
 protected:
  static std::string at(std::uint16_t port) { return "127.0.0.1:" + std::to_string(port); }
  /// The tests themselves run with no_proxy=*, which has to be overridden.
  static RunResult run(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"-s", "-S", "--noproxy", ""});
    return okcurl(std::move(arguments));
  }

  MockWebServer server_;
};

TEST_F(ProxyEndToEndTest, AProxyForwardsPlainHttp) {
  server_.enqueue(MockResponse("forwarded"));
  EXPECT_EQ(run({"-x", at(server_.port()), "http://server.example/a"}).out, "forwarded");
  const auto request = *server_.take_request();
  EXPECT_EQ(request.target(), "http://server.example/a");
  EXPECT_FALSE(request.headers().contains("Proxy-Authorization"));
}

TEST_F(ProxyEndToEndTest, VerboseNamesTheProxyWithoutItsPassword) {
  server_.enqueue(MockResponse("forwarded"));
  const RunResult result = run({"-v", "-x", "http://jane:secret@" + at(server_.port()), "http://server.example/"});
  EXPECT_THAT(result.err, HasSubstr("* Uses proxy http://\u2588\u2588@127.0.0.1:" + std::to_string(server_.port())));
  EXPECT_THAT(result.err, Not(HasSubstr("secret")));
}

TEST_F(ProxyEndToEndTest, CredentialsStandInTheProxyOrBesideIt) {
  for (int i = 0; i < 2; ++i) server_.enqueue(MockResponse());
  EXPECT_EQ(run({"--proxy", "http://jane:a%20b@" + at(server_.port()), "http://server.example/"}).exit_code, 0);
  EXPECT_EQ(run({"-x", at(server_.port()), "-U", "jane:a b", "http://server.example/"}).exit_code, 0);
  for (int i = 0; i < 2; ++i) EXPECT_EQ(server_.take_request()->header("Proxy-Authorization"), "Basic amFuZTphIGI=");
}

TEST_F(ProxyEndToEndTest, TheEnvironmentIsObeyedAndOverridden) {
  // There is no other way to give a child a variable here.
  ::setenv("http_proxy", at(server_.port()).c_str(), 1);
  MockWebServer direct;
  server_.enqueue(MockResponse("forwarded"));
  EXPECT_EQ(run({"http://server.example/"}).out, "forwarded");
  direct.enqueue(MockResponse("direct"));
  EXPECT_EQ(run({"-x", "", direct.url("/").to_string()}).out, "direct");
  direct.enqueue(MockResponse("direct"));
  EXPECT_EQ(okcurl({"-s", "--noproxy", "other.example,localhost", direct.url("/").to_string()}).out, "direct");
  ::unsetenv("http_proxy");
  EXPECT_EQ(server_.request_count(), 1U);
}

TEST_F(ProxyEndToEndTest, NoProxyIsForAGivenProxyToo) {
  server_.enqueue(MockResponse("direct"));
  EXPECT_EQ(okcurl({"-s", "-x", "127.0.0.1:1", "--noproxy", "*", server_.url("/").to_string()}).out, "direct");
}

TEST_F(ProxyEndToEndTest, SocksOptionsTellNamesOrAddresses) {
  SocksServer socks;
  const std::string port = ":" + std::to_string(server_.port()) + "/";
  for (int i = 0; i < 4; ++i) server_.enqueue(MockResponse("behind"));
  EXPECT_EQ(run({"--socks4", at(socks.port()), "http://127.0.0.1" + port}).out, "behind");
  EXPECT_EQ(run({"--socks4a", at(socks.port()), "http://server.example" + port}).out, "behind");
  EXPECT_EQ(run({"--socks5", at(socks.port()), "http://localhost" + port}).out, "behind");
  EXPECT_EQ(run({"--socks5-hostname", at(socks.port()), "http://server.example" + port}).out, "behind");
  const auto requests = socks.requests();
  ASSERT_EQ(requests.size(), 4U);
  EXPECT_EQ(requests[0].version, 4);
  EXPECT_EQ(requests[1].host, "server.example");
  EXPECT_EQ(requests[2].version, 5);
  EXPECT_FALSE(requests[2].is_name);
  EXPECT_EQ(requests[3].host, "server.example");
}

TEST_F(ProxyEndToEndTest, TheLastProxyCounts) {
  server_.enqueue(MockResponse("forwarded"));
  EXPECT_EQ(run({"--socks5", "127.0.0.1:1", "-x", at(server_.port()), "http://server.example/"}).out, "forwarded");
}

TEST_F(ProxyEndToEndTest, ExitCodesTellWhatTheProxyDid) {
  EXPECT_EQ(run({"-x", "proxy.invalid:1", "http://server.example/"}).exit_code, 5);
  EXPECT_EQ(run({"-x", "http://h:port", "http://server.example/"}).exit_code, 5);
  EXPECT_EQ(run({"-x", "gopher://h", "http://server.example/"}).exit_code, 7);
  std::uint16_t closed = 0;
  {
    MockWebServer gone;
    closed = gone.port();
  }
  EXPECT_EQ(run({"-x", at(closed), "http://server.example/"}).exit_code, 7);
  EXPECT_EQ(run({"--socks5", "127.0.0.1:1", "http://okcurl.invalid/"}).exit_code, 6);

  server_.set_dispatcher([](const okhttp::RecordedRequest&) { return MockResponse(403); });
  const RunResult refused = run({"-x", at(server_.port()), "-U", "jane:secret", "https://server.example/"});
  EXPECT_EQ(refused.exit_code, 56);
  EXPECT_THAT(refused.err, HasSubstr("403"));
  EXPECT_THAT(refused.err, Not(HasSubstr("secret")));

  SocksServer socks;
  socks.refuse(5);
  const RunResult by_socks = run({"--socks5-hostname", at(socks.port()), "http://server.example/"});
  EXPECT_EQ(by_socks.exit_code, 97);
  EXPECT_THAT(by_socks.err, HasSubstr("connection refused"));
}

TEST_F(ProxyEndToEndTest, APlainRequestThatTheProxyRefusesIsAnAnswer) {
  server_.enqueue(MockResponse(407, "who are you?"));
  const RunResult result = run({"-x", at(server_.port()), "http://server.example/"});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(result.out, "who are you?");
}

}  // namespace
}  // namespace okcurl

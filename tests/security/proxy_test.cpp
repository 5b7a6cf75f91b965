#include <okhttp/authenticator.hpp>
#include <okhttp/certificate.hpp>
#include <okhttp/client.hpp>
#include <okhttp/handshake.hpp>
#include <okhttp/mockwebserver/mock_web_server.hpp>
#include <okhttp/tls.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/call_styles.hpp"
#include "support/relay_server.hpp"

// What proxies have done to HTTP clients. Elsewhere: a CGI's HTTP_PROXY (CVE-2016-5385) and line ends in the
// environment in environment_proxies_test.cpp and proxy_test.cpp; names that SOCKS cannot carry, byte by byte, in
// socks_test.cpp.

namespace okhttp {
namespace {

using Builder = MockResponse::Builder;
using testing::SocksServer;
using testing::TlsFront;

/// Any proxies, for any URL.
class Proxies final : public ProxySelector {
 public:
  explicit Proxies(std::vector<Proxy> proxies) : proxies_(std::move(proxies)) {}
  std::vector<Proxy> select(const Url&) override { return proxies_; }

 private:
  const std::vector<Proxy> proxies_;
};

class ProxySecurity : public ::testing::TestWithParam<CallStyle> {
 protected:
  ProxySecurity()
      : tls_(TlsConfig::Builder().system_trust(false).trust_certificates(root_.certificate_pem()).build()) {}

  [[nodiscard]] static Proxy at(MockWebServer& server, const std::string& user = {}, const std::string& password = {}) {
    return Proxy(Proxy::Type::http, "127.0.0.1", server.port(), user, password);
  }
  [[nodiscard]] HeldCertificate certificate(const std::string& host) const {
    return HeldCertificate::Builder().add_subject_alternative_name(host).signed_by(root_).build();
  }
  [[nodiscard]] Client::Builder builder() const {
    Client::Builder builder;
    builder.connection_pool(pool_).tls(tls_);
    return builder;
  }
  Response send(const Client& client, const Request& request) { return run(GetParam(), client.new_call(request)); }
  Response get(const Client& client, const std::string& url) { return send(client, Request::get(url)); }
  static std::optional<std::string> shown(MockWebServer& server) {
    const std::optional<RecordedRequest> request = server.take_request();
    if (!request) throw std::runtime_error("no request came");
    const auto value = request->header("Proxy-Authorization");
    return value.has_value() ? std::optional<std::string>(*value) : std::nullopt;
  }
  static MockResponse challenge() {
    return Builder().code(407).add_header("Proxy-Authenticate", "Basic realm=\"x\"").build();
  }

  const HeldCertificate root_ = HeldCertificate::Builder().certificate_authority(0).build();
  const TlsConfig tls_;
  ConnectionPool pool_;
  MockWebServer first_;
  MockWebServer second_;
};

INSTANTIATE_TEST_SUITE_P(Styles, ProxySecurity, both_call_styles(), call_style_name);

// CVE-2026-3784, CVE-2026-6429: a connection to a proxy, or a tunnel, used for other credentials.
TEST_P(ProxySecurity, ConnectionsOfOtherProxyCredentialsAreNotShared) {
  first_.set_dispatcher([](const RecordedRequest&) { return MockResponse("forwarded"); });
  const Client jane = builder().proxy(at(first_, "jane", "a")).build();
  const Client joe = builder().proxy(at(first_, "joe", "a")).build();
  const Client nobody = builder().proxy(at(first_)).build();
  for (const Client* client : {&jane, &joe, &nobody, &jane, &joe, &nobody}) get(*client, "http://server.example/");
  std::vector<std::size_t> connections;
  for (int i = 0; i < 6; ++i) connections.push_back(first_.take_request()->connection_index());
  EXPECT_EQ(connections, (std::vector<std::size_t>{0, 1, 2, 0, 1, 2}));
}

TEST_P(ProxySecurity, TunnelsOfOtherProxyCredentialsAreNotShared) {
  first_.use_https(certificate("server.example"));
  first_.set_dispatcher([](const RecordedRequest& request) {
    return request.method() == "CONNECT" ? Builder().in_tunnel().build() : MockResponse("inside");
  });
  const Client jane = builder().proxy(at(first_, "jane", "a")).build();
  const Client other_password = builder().proxy(at(first_, "jane", "b")).build();
  const Client direct = builder().proxy(Proxy::direct()).build();
  EXPECT_EQ(get(jane, "https://server.example/").body().string(), "inside");
  EXPECT_EQ(get(other_password, "https://server.example/").body().string(), "inside");
  EXPECT_EQ(first_.connection_count(), 2U);
  EXPECT_EQ(failure_of(GetParam(), direct.new_call(Request::get("https://server.example/"))), Errc::unknown_host);
  EXPECT_EQ(get(jane, "https://server.example/").body().string(), "inside");
  EXPECT_EQ(first_.connection_count(), 2U);
}

TEST_P(ProxySecurity, ConnectionsOfOtherAuthenticatorsAreNotShared) {
  first_.set_dispatcher([](const RecordedRequest&) { return MockResponse("forwarded"); });
  const Client jane =
      builder().proxy(at(first_)).proxy_authenticator(Authenticator::basic("jane", "a", "127.0.0.1")).build();
  const Client joe =
      builder().proxy(at(first_)).proxy_authenticator(Authenticator::basic("joe", "a", "127.0.0.1")).build();
  get(jane, "http://server.example/");
  get(joe, "http://server.example/");
  EXPECT_EQ(first_.connection_count(), 2U);
  EXPECT_NE(shown(first_), shown(first_));
}

// CVE-2026-7168, CVE-2026-8927: what was for one proxy is shown to another.
TEST_P(ProxySecurity, CredentialsOfOneProxyAreNotShownToTheNext) {
  first_.enqueue(Builder().on_response_start(SocketEffect::close_socket()).build());
  second_.enqueue(MockResponse("forwarded"));
  const auto proxies = std::make_shared<Proxies>(std::vector{at(first_, "jane", "a"), at(second_)});
  const Client client = builder().proxy_selector(proxies).build();
  EXPECT_EQ(get(client, "http://server.example/").body().string(), "forwarded");
  EXPECT_TRUE(shown(first_).has_value());
  EXPECT_FALSE(shown(second_).has_value());
}

TEST_P(ProxySecurity, AnAnswerToOneProxyIsNotShownToTheNext) {
  // The connection is proven by the challenge, so that it is tried once more where it broke.
  first_.enqueue(challenge());
  for (int i = 0; i < 2; ++i) first_.enqueue(Builder().on_response_start(SocketEffect::close_socket()).build());
  second_.enqueue(MockResponse("forwarded"));
  const auto proxies = std::make_shared<Proxies>(std::vector{at(first_), at(second_)});
  class Once final : public Authenticator {
   public:
    Task<std::optional<Request>> authenticate(const RouteInfo&, const Response& response) override {
      std::optional<Request> again;
      if (response.header("Proxy-Authenticate") != kPreemptive) {
        Request::Builder builder = response.request().new_builder();
        again = builder.header("Proxy-Authorization", "Basic for-the-first").build();
      }
      co_return again;
    }
  };
  const Client client = builder().proxy_selector(proxies).proxy_authenticator(std::make_shared<Once>()).build();
  EXPECT_EQ(get(client, "http://server.example/").body().string(), "forwarded");
  EXPECT_FALSE(shown(first_).has_value());
  EXPECT_EQ(shown(first_), "Basic for-the-first");
  EXPECT_EQ(shown(first_), "Basic for-the-first");
  EXPECT_FALSE(shown(second_).has_value());
}

TEST_P(ProxySecurity, HandSetCredentialsAreForTheFirstProxyThatSeesThem) {
  first_.enqueue(Builder().on_response_start(SocketEffect::close_socket()).build());
  second_.enqueue(MockResponse("forwarded"));
  const auto proxies = std::make_shared<Proxies>(std::vector{at(first_), at(second_)});
  const Client client = builder().proxy_selector(proxies).build();
  const Request request =
      Request::get("http://server.example/").new_builder().header("Proxy-Authorization", "Basic mine").build();
  EXPECT_EQ(send(client, request).body().string(), "forwarded");
  EXPECT_EQ(shown(first_), "Basic mine");
  EXPECT_FALSE(shown(second_).has_value());
}

// CVE-2023-32681, CVE-2026-44431: a proxy's credentials reach the server.
TEST_P(ProxySecurity, CredentialsOfAProxyDoNotReachTheServer) {
  MockWebServer server;
  server.enqueue(MockResponse("direct"));
  const Request direct = Request::get(server.url("/")).new_builder().header("Proxy-Authorization", "x").build();
  EXPECT_EQ(send(builder().proxy(Proxy::direct()).build(), direct).body().string(), "direct");
  EXPECT_FALSE(shown(server).has_value());

  SocksServer socks("jane", "secret");
  server.enqueue(MockResponse("behind"));
  const Client client =
      builder().proxy(Proxy(Proxy::Type::socks5, "127.0.0.1", socks.port(), "jane", "secret")).build();
  const Url url = server.url("/").new_builder().host("127.0.0.1").build();
  const Request behind = Request::get(url).new_builder().header("Proxy-Authorization", "x").build();
  EXPECT_EQ(send(client, behind).body().string(), "behind");
  EXPECT_FALSE(shown(server).has_value());
}

TEST_P(ProxySecurity, NothingForTheServerReachesTheProxyOfATunnelNorTheOtherWayRound) {
  first_.use_https(certificate("server.example"));
  first_.enqueue(Builder().in_tunnel().build());
  first_.enqueue(MockResponse("inside"));
  const Client client = builder().proxy(at(first_, "jane", "a")).build();
  const Request request = Request::get("https://server.example/private?token=1")
                              .new_builder()
                              .header("Authorization", "secret")
                              .header("Cookie", "secret")
                              .build();
  EXPECT_EQ(send(client, request).body().string(), "inside");
  const RecordedRequest connect = *first_.take_request();
  EXPECT_EQ(connect.target(), "server.example:443");
  for (const char* name : {"Authorization", "Cookie"}) EXPECT_FALSE(connect.headers().contains(name));
  const RecordedRequest inside = *first_.take_request();
  EXPECT_EQ(inside.header("Authorization"), "secret");
  EXPECT_FALSE(inside.headers().contains("Proxy-Authorization"));
}

// CVE-2026-6253, CVE-2026-9079: a proxy's credentials follow a redirect to where that proxy is not used.
TEST_P(ProxySecurity, CredentialsOfAProxyDoNotFollowARedirectPastIt) {
  class ByHost final : public ProxySelector {
   public:
    explicit ByHost(Proxy proxy) : proxy_(std::move(proxy)) {}
    std::vector<Proxy> select(const Url& url) override {
      return {url.host() == "server.example" ? proxy_ : Proxy::direct()};
    }

   private:
    const Proxy proxy_;
  };
  MockWebServer server;
  server.enqueue(MockResponse("direct"));
  const MockResponse redirect = Builder().code(302).set_header("Location", server.url("/").to_string()).build();
  first_.enqueue(challenge());
  first_.enqueue(redirect);
  const Client client = builder()
                            .proxy_selector(std::make_shared<ByHost>(at(first_)))
                            .proxy_authenticator(Authenticator::basic("jane", "secret"))
                            .build();
  EXPECT_EQ(get(client, "http://server.example/").body().string(), "direct");
  (void)first_.take_request();
  EXPECT_TRUE(shown(first_).has_value());
  EXPECT_FALSE(shown(server).has_value());
}

TEST_P(ProxySecurity, HandSetCredentialsDoNotFollowARedirectToAnotherOriginOfTheProxy) {
  first_.enqueue(Builder().code(302).set_header("Location", "http://other.example/").build());
  first_.enqueue(MockResponse("forwarded"));
  const Client client = builder().proxy(at(first_)).build();
  const Request request =
      Request::get("http://server.example/").new_builder().header("Proxy-Authorization", "Basic mine").build();
  EXPECT_EQ(send(client, request).body().string(), "forwarded");
  EXPECT_TRUE(shown(first_).has_value());
  EXPECT_FALSE(shown(first_).has_value());
}

// cpp-httplib 0.46.0 (llama.cpp#23650): a 407 of the server must not bring out the proxy's credentials.
TEST_P(ProxySecurity, A407ThatTheProxyDidNotSendIsTheCallers) {
  class Counting final : public Authenticator {
   public:
    Task<std::optional<Request>> authenticate(const RouteInfo&, const Response& response) override {
      if (response.header("Proxy-Authenticate") != kPreemptive) ++asked;
      co_return std::nullopt;
    }
    int asked = 0;
  };
  const auto authenticator = std::make_shared<Counting>();
  first_.use_https(certificate("server.example"));
  first_.enqueue(Builder().in_tunnel().build());
  first_.enqueue(challenge());
  const Client tunneled = builder().proxy(at(first_, "jane", "a")).proxy_authenticator(authenticator).build();
  EXPECT_EQ(get(tunneled, "https://server.example/").code(), 407);

  second_.enqueue(challenge());
  const Client direct = builder().proxy(Proxy::direct()).proxy_authenticator(authenticator).build();
  EXPECT_EQ(send(direct, Request::get(second_.url("/"))).code(), 407);

  SocksServer socks;
  second_.enqueue(challenge());
  const Client behind = builder()
                            .proxy(Proxy(Proxy::Type::socks5h, "127.0.0.1", socks.port()))
                            .proxy_authenticator(authenticator)
                            .build();
  EXPECT_EQ(get(behind, "http://server.example:" + std::to_string(second_.port()) + "/").code(), 407);
  EXPECT_EQ(authenticator->asked, 0);
  EXPECT_EQ(first_.request_count() + second_.request_count(), 4U);
}

// CVE-2022-42915, CVE-2022-43552: state used after a proxy refused or broke off. Under a sanitizer.
TEST_P(ProxySecurity, AProxyMayBreakOffAtAnyByteOfItsAnswer) {
  const std::string answer = "HTTP/1.1 407 No\r\nProxy-Authenticate: Basic\r\nContent-Length: 2\r\n\r\nno";
  const Client client = builder()
                            .proxy(at(first_))
                            .proxy_authenticator(Authenticator::basic("jane", "secret"))
                            .retry_on_connection_failure(false)
                            .build();
  std::atomic<std::size_t> cut = 0;
  first_.set_dispatcher([&](const RecordedRequest&) {
    return Builder().raw(answer.substr(0, cut)).on_response_end(SocketEffect::close_socket()).build();
  });
  for (; cut <= answer.size(); ++cut) {
    EXPECT_EQ(failure_of(GetParam(), client.new_call(Request::get("https://server.example/"))), Errc::proxy_failed);
  }
}

// CVE-2026-32627 (cpp-httplib #2396): verification off because there is a proxy.
TEST_P(ProxySecurity, TheServerAtTheEndOfATunnelIsVerified) {
  first_.use_https(certificate("proxy.example"));
  first_.set_dispatcher([](const RecordedRequest&) { return Builder().in_tunnel().build(); });
  const Client client = builder().proxy(at(first_)).build();
  EXPECT_EQ(failure_of(GetParam(), client.new_call(Request::get("https://server.example/"))), Errc::peer_unverified);
  const Client trusting_nobody = builder().proxy(at(first_)).tls(TlsConfig()).build();
  EXPECT_EQ(failure_of(GetParam(), trusting_nobody.new_call(Request::get("https://proxy.example/"))),
            Errc::peer_unverified);
}

TEST_P(ProxySecurity, AClientCertificateIsNotShownToTheProxyItself) {
  first_.use_https(certificate("server.example"));
  first_.request_client_certificate(root_);
  first_.enqueue(Builder().in_tunnel().build());
  first_.enqueue(MockResponse("inside"));
  TlsFront front(certificate("127.0.0.1"), first_.port());
  const HeldCertificate own = HeldCertificate::Builder().common_name("jane").signed_by(root_).build();
  const TlsConfig tls = tls_.new_builder().client_certificate(own.certificate_pem(), own.private_key_pem()).build();
  const Client client = builder().tls(tls).proxy(Proxy(Proxy::Type::https, "127.0.0.1", front.port())).build();
  EXPECT_EQ(get(client, "https://server.example/").body().string(), "inside");
  EXPECT_EQ(front.client_certificate_count(), 0U);
  (void)first_.take_request();
  EXPECT_EQ(first_.take_request()->handshake()->peer_certificates().at(0).subject(), "CN=jane");
}

// CVE-2023-38545: a host name that does not fit into SOCKS must neither overflow nor be resolved here instead.
TEST_P(ProxySecurity, AHostNameTooLongForSocksIsRefusedAndNotResolvedHere) {
  class NoDns final : public Dns {
   public:
    std::vector<IpAddress> lookup(const std::string& host) override {
      ++lookups;
      throw Error(Errc::unknown_host, host);
    }
    int lookups = 0;
  };
  std::string host;
  while (host.size() < 250) host += "abcdefgh.";
  host += "example";
  ASSERT_GT(host.size(), 255U);
  const auto dns = std::make_shared<NoDns>();
  SocksServer socks;
  for (const Proxy::Type type : {Proxy::Type::socks4a, Proxy::Type::socks5h}) {
    const Client client = builder().dns(dns).proxy(Proxy(type, "127.0.0.1", socks.port())).build();
    EXPECT_EQ(failure_of(GetParam(), client.new_call(Request::get("http://" + host + "/"))), Errc::proxy_failed);
  }
  EXPECT_EQ(dns->lookups, 0);
  EXPECT_TRUE(socks.requests().empty());
}

}  // namespace
}  // namespace okhttp

#include <okhttp/authenticator.hpp>
#include <okhttp/challenge.hpp>
#include <okhttp/client.hpp>
#include <okhttp/mockwebserver/mock_web_server.hpp>
#include <okhttp/tls.hpp>
#include <okhttp/version.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "support/call_styles.hpp"
#include "support/relay_server.hpp"

// Calls through proxies, to a server whose name only the proxy knows.

namespace okhttp {
namespace {

using Builder = MockResponse::Builder;
using testing::SocksServer;
using testing::TlsFront;

/// Answers what it is told to and keeps what it was asked.
class FakeAuthenticator final : public Authenticator {
 public:
  explicit FakeAuthenticator(std::vector<std::string> given) : answers(std::move(given)) {}
  Task<std::optional<Request>> authenticate(const RouteInfo& route, const Response& response) override {
    if (response.challenges().at(0).is_scheme(kPreemptive)) {
      ++asked_beforehand;
      co_return std::nullopt;
    }
    servers.push_back(route.host());
    refused.push_back(std::string(response.request().header("Proxy-Authorization").value_or("")));
    if (servers.size() > answers.size()) co_return std::nullopt;
    Request::Builder again = response.request().new_builder();
    again.header("Proxy-Authorization", answers[servers.size() - 1]);
    std::optional<Request> request(again.build());
    co_return request;
  }
  const std::vector<std::string> answers;
  std::vector<std::string> servers;
  std::vector<std::string> refused;
  int asked_beforehand = 0;
};

MockResponse challenge(bool closes = false) {
  Builder response;
  response.code(407).body("who are you?").add_header("Proxy-Authenticate", "Basic realm=\"x\"");
  if (closes) response.add_header("Connection", "close");
  return response.build();
}

MockResponse open_tunnel() { return Builder().in_tunnel().build(); }

class ProxyCall : public ::testing::TestWithParam<CallStyle> {
 protected:
  ProxyCall() : tls_(TlsConfig::Builder().system_trust(false).trust_certificates(root_.certificate_pem()).build()) {}

  [[nodiscard]] Proxy proxy(Proxy::Type type = Proxy::Type::http, std::uint16_t port = 0, const std::string& user = {},
                            const std::string& password = {}) {
    return Proxy(type, "localhost", port != 0 ? port : proxy_.port(), user, password);
  }
  [[nodiscard]] Client::Builder through(const Proxy& proxy) {
    Client::Builder builder;
    builder.proxy(proxy).tls(tls_);
    return builder;
  }
  /// The proxy leads every tunnel to this server.
  void serve_tls_behind_proxy(std::vector<Protocol> protocols = {Protocol::http_2, Protocol::http_1_1}) {
    proxy_.use_https(certificate("server.example"));
    proxy_.set_protocols(std::move(protocols));
  }
  [[nodiscard]] HeldCertificate certificate(const std::string& host) const {
    return HeldCertificate::Builder().add_subject_alternative_name(host).signed_by(root_).build();
  }
  Response get(const Client& client, const std::string& url) {
    return run(GetParam(), client.new_call(Request::get(url)));
  }
  Error failure(const Client& client, const std::string& url) {
    try {
      (void)get(client, url);
    } catch (const Error& error) {
      return error;
    }
    throw std::logic_error("the call succeeded");
  }
  RecordedRequest taken() {
    std::optional<RecordedRequest> request = proxy_.take_request();
    if (!request) throw std::runtime_error("no request came");
    return *request;
  }

  const HeldCertificate root_ = HeldCertificate::Builder().certificate_authority(0).build();
  const TlsConfig tls_;
  MockWebServer proxy_;
};

INSTANTIATE_TEST_SUITE_P(Styles, ProxyCall, both_call_styles(), call_style_name);

TEST_P(ProxyCall, PlainHttpIsSentInAbsoluteFormWithoutUserInfo) {
  proxy_.enqueue(MockResponse("forwarded"));
  const Response response = get(through(proxy()).build(), "http://jane:secret@server.example/a?b#c");
  EXPECT_EQ(response.body().string(), "forwarded");
  const RecordedRequest request = taken();
  EXPECT_EQ(request.target(), "http://server.example/a?b");
  EXPECT_EQ(request.header("Host"), "server.example");
  EXPECT_FALSE(request.headers().contains("Proxy-Authorization"));
  EXPECT_FALSE(request.headers().contains("Proxy-Connection"));
}

TEST_P(ProxyCall, PlainHttpShowsTheProxysCredentialsBeforeItAsks) {
  proxy_.enqueue(MockResponse("a"));
  proxy_.enqueue(MockResponse("b"));
  const Client client = through(proxy(Proxy::Type::http, 0, "jane", "secret")).build();
  EXPECT_EQ(get(client, "http://server.example/a").body().string(), "a");
  const Response second = get(client, "http://server.example/b");
  EXPECT_EQ(second.body().string(), "b");
  EXPECT_EQ(taken().header("Proxy-Authorization"), "Basic amFuZTpzZWNyZXQ=");
  EXPECT_EQ(taken().header("Proxy-Authorization"), "Basic amFuZTpzZWNyZXQ=");
  EXPECT_EQ(proxy_.connection_count(), 1U);
  EXPECT_FALSE(second.request().headers().contains("Proxy-Authorization"));
  EXPECT_TRUE(second.network_response()->request().headers().contains("Proxy-Authorization"));
}

TEST_P(ProxyCall, HttpsGoesThroughATunnelThatIsAskedForWithNothingOfTheRequest) {
  for (const Protocol protocol : {Protocol::http_1_1, Protocol::http_2}) {
    serve_tls_behind_proxy({protocol});
    proxy_.enqueue(open_tunnel());
    proxy_.enqueue(MockResponse("a"));
    proxy_.enqueue(MockResponse("b"));
    const Client client = through(proxy()).build();
    const Request request = Request::get("https://server.example/a")
                                .new_builder()
                                .header("User-Agent", "mine")
                                .header("X-Secret", "1")
                                .header("Proxy-Authorization", "Basic handmade")
                                .build();
    const Response response = run(GetParam(), client.new_call(request));
    EXPECT_EQ(response.body().string(), "a");
    EXPECT_EQ(response.protocol(), protocol);
    EXPECT_NE(response.handshake(), nullptr);
    EXPECT_EQ(get(client, "https://server.example/b").body().string(), "b");

    const RecordedRequest connect = taken();
    EXPECT_EQ(connect.method(), "CONNECT");
    EXPECT_EQ(connect.target(), "server.example:443");
    const Headers expected = Headers::Builder()
                                 .add("Host", "server.example:443")
                                 .add("Proxy-Connection", "Keep-Alive")
                                 .add("User-Agent", "okhttp-cpp/" + std::string(kVersion))
                                 .build();
    EXPECT_EQ(connect.headers(), expected);
    const RecordedRequest inside = taken();
    EXPECT_EQ(inside.header("X-Secret"), "1");
    EXPECT_EQ(inside.header("User-Agent"), "mine");
    EXPECT_FALSE(inside.headers().contains("Proxy-Authorization"));
    EXPECT_EQ(inside.server_name(), "server.example");
    EXPECT_EQ(taken().connection_index(), inside.connection_index());
  }
}

TEST_P(ProxyCall, ATunnelShowsTheProxysCredentialsBeforeItIsAsked) {
  serve_tls_behind_proxy();
  proxy_.enqueue(open_tunnel());
  proxy_.enqueue(MockResponse("inside"));
  EXPECT_EQ(
      get(through(proxy(Proxy::Type::http, 0, "jane", "secret")).build(), "https://server.example/").body().string(),
      "inside");
  EXPECT_EQ(taken().header("Proxy-Authorization"), "Basic amFuZTpzZWNyZXQ=");
  EXPECT_FALSE(taken().headers().contains("Proxy-Authorization"));
}

TEST_P(ProxyCall, AChallengeOfATunnelIsAnsweredOnTheSameConnection) {
  serve_tls_behind_proxy();
  proxy_.enqueue(challenge());
  proxy_.enqueue(open_tunnel());
  proxy_.enqueue(MockResponse("inside"));
  const auto authenticator = std::make_shared<FakeAuthenticator>(std::vector<std::string>{"Basic abc"});
  const Client client = through(proxy()).proxy_authenticator(authenticator).build();
  EXPECT_EQ(get(client, "https://server.example/").body().string(), "inside");
  EXPECT_FALSE(taken().headers().contains("Proxy-Authorization"));
  EXPECT_EQ(taken().header("Proxy-Authorization"), "Basic abc");
  EXPECT_FALSE(taken().headers().contains("Proxy-Authorization"));
  EXPECT_EQ(proxy_.connection_count(), 1U);
  EXPECT_EQ(authenticator->asked_beforehand, 1);
}

TEST_P(ProxyCall, AChallengeOfATunnelIsAnsweredOnANewConnectionWhenTheProxyCloses) {
  serve_tls_behind_proxy();
  proxy_.enqueue(challenge(true));
  proxy_.enqueue(open_tunnel());
  proxy_.enqueue(MockResponse("inside"));
  const Client client = through(proxy()).proxy_authenticator(Authenticator::basic("jane", "secret")).build();
  EXPECT_EQ(get(client, "https://server.example/").body().string(), "inside");
  (void)taken();
  EXPECT_EQ(taken().header("Proxy-Authorization"), "Basic amFuZTpzZWNyZXQ=");
  EXPECT_EQ(proxy_.connection_count(), 2U);
}

TEST_P(ProxyCall, ADigestIsShownWithTheRequestItWasMadeForAlone) {
  const auto asks = [](const RecordedRequest& request) {
    const std::string uri = "uri=\"" + request.target() + '"';
    const auto shown = request.header("Proxy-Authorization");
    if (!shown.has_value()) {
      return MockResponse(407, Headers::of({{"Proxy-Authenticate", "Digest realm=\"x\", nonce=\"n\", qop=\"auth\""}}));
    }
    // As Apache does.
    if (shown->find(uri) == std::string_view::npos) return MockResponse(400, Headers());
    if (request.target().ends_with("/b")) return MockResponse("welcome");
    return Builder().code(302).set_header("Location", "/b").build();
  };
  proxy_.set_dispatcher(asks);
  const Client client = through(proxy()).proxy_authenticator(Authenticator::digest("jane", "secret")).build();
  EXPECT_EQ(get(client, "http://server.example/a").body().string(), "welcome");
  EXPECT_EQ(proxy_.request_count(), 4U);
}

TEST_P(ProxyCall, ADigestForATunnelNamesTheServer) {
  serve_tls_behind_proxy();
  proxy_.enqueue(MockResponse(407, Headers::of({{"Proxy-Authenticate", "Digest realm=\"x\", nonce=\"n\""}})));
  proxy_.enqueue(open_tunnel());
  proxy_.enqueue(MockResponse("inside"));
  const Client client = through(proxy()).proxy_authenticator(Authenticator::digest("jane", "secret")).build();
  EXPECT_EQ(get(client, "https://server.example/").body().string(), "inside");
  (void)taken();
  const RecordedRequest connect = taken();
  EXPECT_NE(connect.header("Proxy-Authorization")->find("uri=\"server.example:443\""), std::string_view::npos);
  EXPECT_FALSE(taken().headers().contains("Proxy-Authorization"));
}

TEST_P(ProxyCall, AnAuthenticatorThatKnowsItsProxyIsNotWaitedFor) {
  serve_tls_behind_proxy();
  proxy_.enqueue(open_tunnel());
  proxy_.enqueue(MockResponse("inside"));
  const Client client =
      through(proxy()).proxy_authenticator(Authenticator::basic("jane", "secret", "localhost")).build();
  EXPECT_EQ(get(client, "https://server.example/").body().string(), "inside");
  EXPECT_EQ(taken().header("Proxy-Authorization"), "Basic amFuZTpzZWNyZXQ=");
}

TEST_P(ProxyCall, AChallengeToPlainHttpIsFollowedUp) {
  proxy_.enqueue(challenge());
  proxy_.enqueue(MockResponse("forwarded"));
  const auto authenticator = std::make_shared<FakeAuthenticator>(std::vector<std::string>{"Basic abc"});
  const Client client = through(proxy()).proxy_authenticator(authenticator).build();
  const Response response = get(client, "http://server.example/");
  EXPECT_EQ(response.body().string(), "forwarded");
  ASSERT_NE(response.prior_response(), nullptr);
  EXPECT_EQ(response.prior_response()->code(), 407);
  EXPECT_FALSE(response.request().headers().contains("Proxy-Authorization"));
  EXPECT_FALSE(taken().headers().contains("Proxy-Authorization"));
  EXPECT_EQ(taken().header("Proxy-Authorization"), "Basic abc");
  EXPECT_EQ(proxy_.connection_count(), 1U);
  EXPECT_EQ(authenticator->servers, std::vector<std::string>{"server.example"});
}

TEST_P(ProxyCall, AnAuthenticatorMayAwaitACallOfItsOwn) {
  class Fetching final : public Authenticator {
   public:
    Fetching(Client client, Url url) : client_(std::move(client)), url_(std::move(url)) {}
    Task<std::optional<Request>> authenticate(const RouteInfo&, const Response& response) override {
      const Call call = client_.new_call(Request::get(url_));
      const Response answer = co_await call;
      const std::string token = co_await answer.body().async().string();
      Request::Builder again = response.request().new_builder();
      again.header("Proxy-Authorization", token);
      std::optional<Request> request(again.build());
      co_return request;
    }

   private:
    const Client client_;
    const Url url_;
  };
  MockWebServer tokens;
  for (const char* token : {"Bearer first", "Bearer second"}) tokens.enqueue(MockResponse(token));
  const Client other = Client::Builder().proxy(Proxy::direct()).build();
  const auto authenticator = std::make_shared<Fetching>(other, tokens.url("/"));
  serve_tls_behind_proxy();
  proxy_.enqueue(challenge());
  proxy_.enqueue(open_tunnel());
  proxy_.enqueue(MockResponse("inside"));
  const Client client = through(proxy()).proxy_authenticator(authenticator).build();
  EXPECT_EQ(get(client, "https://server.example/").body().string(), "inside");
  EXPECT_EQ(taken().header("Proxy-Authorization"), "Bearer first");  // asked for beforehand
  EXPECT_EQ(taken().header("Proxy-Authorization"), "Bearer second");
}

TEST_P(ProxyCall, AnAuthenticatorSeesWhatWasRefused) {
  for (int i = 0; i < 3; ++i) proxy_.enqueue(challenge());
  const auto authenticator = std::make_shared<FakeAuthenticator>(std::vector<std::string>{"Basic a", "Basic b"});
  const Client client = through(proxy()).proxy_authenticator(authenticator).build();
  EXPECT_EQ(get(client, "http://server.example/").code(), 407);
  EXPECT_EQ(authenticator->refused, (std::vector<std::string>{"", "Basic a", "Basic b"}));
}

TEST_P(ProxyCall, BasicGivesUpWhenTheSameCredentialsWereRefused) {
  proxy_.enqueue(challenge());
  proxy_.enqueue(challenge());
  const Client client = through(proxy()).proxy_authenticator(Authenticator::basic("jane", "wrong")).build();
  const Response plain = get(client, "http://server.example/");
  EXPECT_EQ(plain.code(), 407);
  EXPECT_EQ(plain.body().string(), "who are you?");
  EXPECT_EQ(proxy_.request_count(), 2U);

  proxy_.enqueue(challenge());
  proxy_.enqueue(challenge());
  const Error error = failure(client.new_builder().retry_on_connection_failure(false).fast_fallback(false).build(),
                              "https://server.example/");
  EXPECT_EQ(error.errc(), Errc::proxy_failed);
  EXPECT_NE(std::string(error.what()).find("407"), std::string::npos) << error.what();
}

TEST_P(ProxyCall, AOneShotBodyIsNotSentAgainForAChallenge) {
  class OneShot final : public RequestBody {
   public:
    [[nodiscard]] std::optional<MediaType> content_type() const override { return std::nullopt; }
    Task<void> write_to(BodySink& sink) const override { return sink.write(std::as_bytes(std::span("text", 4))); }
    [[nodiscard]] bool is_one_shot() const override { return true; }
  };
  proxy_.enqueue(challenge());
  const auto authenticator = std::make_shared<FakeAuthenticator>(std::vector<std::string>{"Basic abc"});
  const Client client = through(proxy()).proxy_authenticator(authenticator).build();
  const Request post = Request::post("http://server.example/", std::make_shared<OneShot>());
  EXPECT_EQ(run(GetParam(), client.new_call(post)).code(), 407);
  EXPECT_EQ(proxy_.request_count(), 1U);
}

TEST_P(ProxyCall, ChallengesAreFollowedUpTwentyTimes) {
  proxy_.set_dispatcher([](const RecordedRequest&) { return challenge(); });
  const auto authenticator = std::make_shared<FakeAuthenticator>(std::vector<std::string>(100, "Basic abc"));
  const Client client = through(proxy()).proxy_authenticator(authenticator).build();
  EXPECT_EQ(failure(client, "http://server.example/").errc(), Errc::too_many_follow_ups);
  EXPECT_EQ(proxy_.request_count(), 21U);
}

TEST_P(ProxyCall, ATunnelThatIsRefusedIsAnErrorThatSaysHow) {
  proxy_.set_dispatcher([](const RecordedRequest&) { return MockResponse(403, "forbidden by policy"); });
  const Error error = failure(through(proxy()).build(), "https://server.example/");
  EXPECT_EQ(error.errc(), Errc::proxy_failed);
  EXPECT_EQ(error.blame(), Blame::peer);
  EXPECT_NE(std::string(error.what()).find("the proxy answered 403 Forbidden"), std::string::npos) << error.what();
}

TEST_P(ProxyCall, TheNextProxyIsTriedWhenATunnelIsRefused) {
  class Two final : public ProxySelector {
   public:
    explicit Two(std::vector<Proxy> proxies) : proxies_(std::move(proxies)) {}
    std::vector<Proxy> select(const Url&) override { return proxies_; }
    void connect_failed(const Url&, const Proxy& proxy, const Error&) override { failed.push_back(proxy.port()); }
    std::vector<std::uint16_t> failed;

   private:
    const std::vector<Proxy> proxies_;
  };
  MockWebServer refusing;
  refusing.set_dispatcher([](const RecordedRequest&) { return MockResponse(503); });
  serve_tls_behind_proxy();
  proxy_.enqueue(open_tunnel());
  proxy_.enqueue(MockResponse("inside"));
  const Proxy first(Proxy::Type::http, "127.0.0.1", refusing.port());
  const auto selector = std::make_shared<Two>(std::vector{first, proxy()});
  const Client client = Client::Builder().proxy_selector(selector).tls(tls_).build();
  EXPECT_EQ(get(client, "https://server.example/").body().string(), "inside");
  EXPECT_EQ(refusing.request_count(), 1U);
  EXPECT_EQ(selector->failed, std::vector<std::uint16_t>{refusing.port()});
}

TEST_P(ProxyCall, KnownHttp2InClearTextGoesThroughATunnel) {
  proxy_.set_protocols({Protocol::h2_prior_knowledge});
  proxy_.enqueue(open_tunnel());
  proxy_.enqueue(MockResponse("inside"));
  const Client client = through(proxy()).protocols({Protocol::h2_prior_knowledge}).build();
  const Response response = get(client, "http://server.example/");
  EXPECT_EQ(response.body().string(), "inside");
  EXPECT_EQ(response.protocol(), Protocol::h2_prior_knowledge);
  EXPECT_EQ(taken().target(), "server.example:80");
}

TEST_P(ProxyCall, ARedirectLeadsFromAForwardedRequestIntoATunnel) {
  MockWebServer forwarding;
  serve_tls_behind_proxy();
  class ByScheme final : public ProxySelector {
   public:
    ByScheme(Proxy http, Proxy https) : http_(std::move(http)), https_(std::move(https)) {}
    std::vector<Proxy> select(const Url& url) override { return {url.is_tls() ? https_ : http_}; }

   private:
    const Proxy http_;
    const Proxy https_;
  };
  forwarding.enqueue(Builder().code(302).set_header("Location", "https://server.example/b").build());
  proxy_.enqueue(open_tunnel());
  proxy_.enqueue(MockResponse("inside"));
  const Proxy plain(Proxy::Type::http, "localhost", forwarding.port(), "jane", "secret");
  const auto selector = std::make_shared<ByScheme>(plain, proxy());
  const Client client = Client::Builder().proxy_selector(selector).tls(tls_).build();
  EXPECT_EQ(get(client, "http://server.example/a").body().string(), "inside");
  EXPECT_FALSE(taken().headers().contains("Proxy-Authorization"));
  EXPECT_EQ(taken().target(), "/b");
}

TEST_P(ProxyCall, TlsToTheProxyItselfForwardsAndTunnels) {
  serve_tls_behind_proxy();
  TlsFront front(certificate("localhost"), proxy_.port());
  const Client client = through(proxy(Proxy::Type::https, front.port())).build();
  for (const char* path : {"a", "b"}) {
    proxy_.enqueue(open_tunnel());
    proxy_.enqueue(MockResponse(path));
    const Response response = get(client, std::string("https://server.example/") + path);
    EXPECT_EQ(response.body().string(), path);
    EXPECT_EQ(response.protocol(), Protocol::http_2);
    EXPECT_EQ(taken().method(), "CONNECT");
    EXPECT_EQ(taken().server_name(), "server.example");
    client.connection_pool().evict_all();
  }
  EXPECT_EQ(front.server_name(), "localhost");

  MockWebServer plain;
  plain.enqueue(MockResponse("forwarded"));
  TlsFront plain_front(certificate("localhost"), plain.port());
  EXPECT_EQ(
      get(through(proxy(Proxy::Type::https, plain_front.port())).build(), "http://server.example/").body().string(),
      "forwarded");
  EXPECT_EQ(plain.take_request()->target(), "http://server.example/");
}

TEST_P(ProxyCall, ALargeBodyPassesThroughTlsInTls) {
  constexpr std::uint64_t kSize = 3'000'000;
  serve_tls_behind_proxy({Protocol::http_1_1});
  TlsFront front(certificate("localhost"), proxy_.port());
  proxy_.enqueue(open_tunnel());
  proxy_.enqueue(Builder().generated_body(kSize).build());
  const Client client = through(proxy(Proxy::Type::https, front.port())).build();
  const std::string upload(kSize, 'u');
  const Response response =
      run(GetParam(), client.new_call(Request::post("https://server.example/", RequestBody::create(upload))));
  const std::string body = response.body().string();
  ASSERT_EQ(body.size(), kSize);
  EXPECT_EQ(body.back(), Builder::generated_byte(kSize - 1));
  (void)taken();
  EXPECT_EQ(taken().body_size(), kSize);
}

TEST_P(ProxyCall, AProxyWhoseCertificateIsForAnotherHostIsNotTrusted) {
  serve_tls_behind_proxy();
  TlsFront front(certificate("server.example"), proxy_.port());
  const Error error = failure(through(proxy(Proxy::Type::https, front.port())).build(), "https://server.example/");
  EXPECT_EQ(error.errc(), Errc::peer_unverified);
  EXPECT_EQ(proxy_.request_count(), 0U);
}

struct SocksCase {
  Proxy::Type type;
  int version;
  bool tells_name;
};

TEST_P(ProxyCall, SocksProxiesOfEveryVersionLeadToTheServer) {
  MockWebServer plain;
  proxy_.use_https(certificate("localhost"));
  SocksServer socks("jane", "secret");
  for (const SocksCase& each : {SocksCase{Proxy::Type::socks4, 4, false}, SocksCase{Proxy::Type::socks4a, 4, true},
                                SocksCase{Proxy::Type::socks5, 5, false}, SocksCase{Proxy::Type::socks5h, 5, true}}) {
    const Client client = through(Proxy(each.type, "127.0.0.1", socks.port(), "jane", "secret")).build();
    plain.enqueue(MockResponse("plain"));
    proxy_.enqueue(MockResponse("tls"));
    const std::string port = ':' + std::to_string(plain.port());
    const std::string host = each.tells_name ? "server.example" : "127.0.0.1";
    EXPECT_EQ(get(client, "http://" + host + port + "/a").body().string(), "plain");
    EXPECT_EQ(plain.take_request()->target(), "/a");
    const std::size_t before = socks.requests().size();
    EXPECT_EQ(get(client, "https://localhost:" + std::to_string(proxy_.port()) + "/").protocol(), Protocol::http_2);
    EXPECT_EQ(taken().server_name(), "localhost");

    const std::vector<SocksServer::Request> requests = socks.requests();
    const SocksServer::Request& first = requests.at(before - 1);
    EXPECT_EQ(first.version, each.version);
    EXPECT_EQ(first.is_name, each.tells_name);
    EXPECT_EQ(first.host, host);
    EXPECT_EQ(first.port, plain.port());
    EXPECT_EQ(first.user, "jane");
    EXPECT_EQ(first.password, each.version == 5 ? "secret" : "");
    EXPECT_EQ(requests.back().is_name, each.tells_name);
  }
}

TEST_P(ProxyCall, WhatASocksProxyRefusesIsAnErrorThatSaysWhy) {
  SocksServer socks;
  socks.refuse(5);
  const Error refused = failure(through(proxy(Proxy::Type::socks5h, socks.port())).build(), "http://server.example/");
  EXPECT_EQ(refused.errc(), Errc::proxy_failed);
  EXPECT_NE(std::string(refused.what()).find("connection refused (5)"), std::string::npos) << refused.what();

  SocksServer strict("jane", "secret");
  const Error unknown =
      failure(through(proxy(Proxy::Type::socks5h, strict.port(), "jane", "wrong")).build(), "http://server.example/");
  EXPECT_EQ(unknown.errc(), Errc::proxy_failed);
  EXPECT_NE(std::string(unknown.what()).find("refused the user name"), std::string::npos) << unknown.what();
}

TEST_P(ProxyCall, AProxyThatStallsTimesOutAndCanBeCanceled) {
  proxy_.set_dispatcher(
      [](const RecordedRequest&) { return Builder().on_response_start(SocketEffect::stall()).build(); });
  const Client client = through(proxy()).read_timeout(std::chrono::milliseconds(50)).fast_fallback(false).build();
  EXPECT_EQ(failure(client, "https://server.example/").errc(), Errc::read_timeout);

  MockWebServer other;
  other.enqueue(Builder().on_response_start(SocketEffect::stall()).build());
  const Client patient = through(proxy(Proxy::Type::http, other.port())).build();
  const Call call = patient.new_call(Request::get("https://server.example/"));
  std::thread canceler([&] {
    (void)other.take_request();
    call.cancel();
  });
  EXPECT_EQ(failure_of(GetParam(), call), Errc::canceled);
  canceler.join();
}

TEST_P(ProxyCall, AProxyThatCannotBeReachedIsAConnectFailure) {
  std::uint16_t closed = 0;
  {
    MockWebServer gone;
    closed = gone.port();
  }
  const Error error = failure(through(proxy(Proxy::Type::http, closed)).build(), "http://server.example/");
  EXPECT_EQ(error.errc(), Errc::connect_failed);
  EXPECT_NE(std::string(error.what()).find("via http://localhost"), std::string::npos) << error.what();
}

}  // namespace
}  // namespace okhttp

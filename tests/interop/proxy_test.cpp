#include <okhttp/authenticator.hpp>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "interop/support/proxy_server.hpp"
#include "interop/support/run_program.hpp"
#include "interop/support/server_test.hpp"
#include "places.hpp"

// Through proxies of others to a server of others.

namespace okhttp::interop {
namespace {

class ProxyTest : public RealServerTest {
 protected:
  static void SetUpTestSuite() {
    squid_ = start<Squid>();
    dante_ = start<Dante>(Dante::Asks::nothing);
    asking_dante_ = start<Dante>(Dante::Asks::password);
    tls_end_ = start<TlsEnd>(squid_->open_port());
  }
  static void TearDownTestSuite() {
    tls_end_.reset();
    asking_dante_.reset();
    dante_.reset();
    squid_.reset();
  }
  template <class Server, class... Arguments>
  static std::unique_ptr<Server> start(Arguments... arguments) {
    static_cast<void>(Site::get());
    auto server = std::make_unique<Server>(arguments...);
    server->start();
    return server;
  }

  [[nodiscard]] static const RealServer& server() { return RealServer::shared(ServerKind::nginx); }
  [[nodiscard]] static std::string url(Scheme scheme, const std::string& path = "/1k") {
    return server().url(scheme, path);
  }
  [[nodiscard]] static std::string url_at(const std::string& host, Scheme scheme = Scheme::http) {
    const std::uint16_t port = scheme == Scheme::http ? server().ports().http : server().ports().https;
    return std::string(to_string(scheme)) + "://" + host + ':' + std::to_string(port) + "/1k";
  }
  /// A port at which nobody listens.
  [[nodiscard]] static std::string closed_url(Scheme scheme) { return RealServer::url(scheme, 1, "/"); }
  [[nodiscard]] Client::Builder through(Proxy::Type type, std::uint16_t port, const std::string& user = {},
                                        const std::string& password = {}) const {
    Client::Builder builder = client_builder();
    builder.proxy(Proxy(type, type == Proxy::Type::https ? "localhost" : "127.0.0.1", port, user, password));
    return builder;
  }
  [[nodiscard]] static std::string message_of(const Call& call) {
    try {
      static_cast<void>(call.execute());
    } catch (const Error& error) {
      return error.what();
    }
    return "no error";
  }

  static std::unique_ptr<Squid> squid_;
  static std::unique_ptr<Dante> dante_;
  static std::unique_ptr<Dante> asking_dante_;
  static std::unique_ptr<TlsEnd> tls_end_;
};

std::unique_ptr<Squid> ProxyTest::squid_;
std::unique_ptr<Dante> ProxyTest::dante_;
std::unique_ptr<Dante> ProxyTest::asking_dante_;
std::unique_ptr<TlsEnd> ProxyTest::tls_end_;

constexpr Scheme kSchemes[] = {Scheme::http, Scheme::https};

TEST_F(ProxyTest, SquidForwardsAndTunnelsOnConnectionsThatAreKept) {
  for (const Scheme scheme : kSchemes) {
    const Client client = through(Proxy::Type::http, squid_->open_port()).build();
    const int before = tally_->connections();
    for (int i = 0; i < 3; ++i) EXPECT_EQ(client.get(url(scheme)).body().string(), Site::get().small());
    EXPECT_EQ(sha256(client.get(url(scheme, "/64m")).body().bytes()), Site::get().large_sha256());
    EXPECT_EQ(tally_->connections() - before, 1);
  }
}

TEST_F(ProxyTest, SquidTakesUploads) {
  const std::string body(3'000'000, 'u');
  for (const Scheme scheme : kSchemes) {
    const Client client = through(Proxy::Type::http, squid_->open_port()).build();
    const std::string name = "/upload/through-squid-" + std::string(to_string(scheme));
    EXPECT_TRUE(client.put(url(scheme, name), RequestBody::create(body)).is_successful());
    EXPECT_EQ(read_file(server().uploads() / name.substr(8)), body);
  }
}

TEST_F(ProxyTest, SquidKnowsWhoShowsCredentialsAtOnce) {
  for (const Scheme scheme : kSchemes) {
    const Client client = through(Proxy::Type::http, squid_->closed_port(), Squid::kUser, Squid::kPassword).build();
    const Response response = client.get(url(scheme));
    EXPECT_EQ(response.body().string(), Site::get().small());
    EXPECT_EQ(response.prior_response(), nullptr);
  }
}

TEST_F(ProxyTest, SquidsChallengeIsAnsweredOnTheSameConnection) {
  for (const Scheme scheme : kSchemes) {
    const Client client = through(Proxy::Type::http, squid_->closed_port())
                              .proxy_authenticator(Authenticator::basic(Squid::kUser, Squid::kPassword))
                              .build();
    const int before = tally_->connections();
    EXPECT_EQ(client.get(url(scheme)).body().string(), Site::get().small());
    EXPECT_EQ(tally_->connections() - before, 1);
  }
}

TEST_F(ProxyTest, SquidRefusesWhoItDoesNotKnow) {
  const Client nobody = through(Proxy::Type::http, squid_->closed_port()).build();
  EXPECT_EQ(nobody.get(url(Scheme::http)).code(), 407);
  EXPECT_NE(message_of(nobody.new_call(Request::get(url(Scheme::https)))).find("407"), std::string::npos);
  const Client wrong = through(Proxy::Type::http, squid_->closed_port())
                           .proxy_authenticator(Authenticator::basic(Squid::kUser, "wrong"))
                           .build();
  EXPECT_EQ(wrong.get(url(Scheme::http)).code(), 407);
  EXPECT_EQ(failure_of(wrong.new_call(Request::get(url(Scheme::https)))), Errc::proxy_failed);
}

TEST_F(ProxyTest, SquidSaysWhyATunnelWasNotOpened) {
  const Client client = through(Proxy::Type::http, squid_->open_port()).build();
  EXPECT_NE(message_of(client.new_call(Request::get(closed_url(Scheme::https)))).find("503"), std::string::npos);
  EXPECT_EQ(client.get(closed_url(Scheme::http)).code(), 503);
}

TEST_F(ProxyTest, AProxyThatEndsWithinATunnelBreaksTheCallAndNotTheClient) {
  const auto own = start<Squid>();
  for (const Scheme scheme : kSchemes) {
    const Client client = through(Proxy::Type::http, own->open_port()).build();
    const Response response = client.get(url(scheme, "/64m"));
    std::vector<std::byte> some(100'000);
    ASSERT_GT(response.body().read_some(some), 0U);
    own->stop();
    Errc code{};
    try {
      while (response.body().read_some(some) > 0) {
      }
    } catch (const Error& error) {
      code = error.errc();
    }
    EXPECT_EQ(code, Errc::connection_closed);
    EXPECT_EQ(failure_of(client.new_call(Request::get(url(scheme)))), Errc::connect_failed);
    own->start();
    EXPECT_EQ(client.get(url(scheme)).body().string(), Site::get().small());
  }
}

TEST_F(ProxyTest, TlsToAProxyForwardsAndTunnels) {
  for (const Scheme scheme : kSchemes) {
    const Client client = through(Proxy::Type::https, tls_end_->port()).build();
    const int before = tally_->connections();
    EXPECT_EQ(client.get(url(scheme)).body().string(), Site::get().small());
    EXPECT_EQ(sha256(client.get(url(scheme, "/64m")).body().bytes()), Site::get().large_sha256());
    EXPECT_EQ(tally_->connections() - before, 1);
  }
  const Client distrusting = through(Proxy::Type::https, tls_end_->port()).tls(TlsConfig()).build();
  EXPECT_EQ(failure_of(distrusting.new_call(Request::get(url(Scheme::http)))), Errc::peer_unverified);
}

// As Debian builds it, Dante takes the mark of SOCKS4a for an address; SocksServer stands for proxies that speak it.
TEST_F(ProxyTest, DanteSpeaksSocks4And5) {
  for (const Proxy::Type type : {Proxy::Type::socks4, Proxy::Type::socks5, Proxy::Type::socks5h}) {
    for (const Scheme scheme : kSchemes) {
      const Client client = through(type, dante_->port()).build();
      EXPECT_EQ(client.get(url(scheme)).body().string(), Site::get().small()) << to_string(type);
      EXPECT_EQ(client.get(url_at("127.0.0.1", scheme)).body().string(), Site::get().small()) << to_string(type);
    }
  }
  const Client client = through(Proxy::Type::socks5h, dante_->port()).build();
  EXPECT_EQ(sha256(client.get(url(Scheme::https, "/64m")).body().bytes()), Site::get().large_sha256());
}

TEST_F(ProxyTest, DanteResolvesWhatOnlyItKnows) {
  const Client client = through(Proxy::Type::socks5h, dante_->port()).build();
  EXPECT_EQ(client.get(url_at(Dante::kHost)).body().string(), Site::get().small());
  for (const Proxy::Type type : {Proxy::Type::socks4, Proxy::Type::socks5}) {
    const Client resolving_here = through(type, dante_->port()).build();
    EXPECT_EQ(failure_of(resolving_here.new_call(Request::get(url_at(Dante::kHost)))), Errc::unknown_host);
  }
}

TEST_F(ProxyTest, DanteAsksForAPassword) {
  const std::uint16_t port = asking_dante_->port();
  const Client known = through(Proxy::Type::socks5h, port, Dante::kUser, Dante::kPassword).build();
  EXPECT_EQ(known.get(url(Scheme::https)).body().string(), Site::get().small());
  const Client wrong = through(Proxy::Type::socks5h, port, Dante::kUser, "wrong").build();
  EXPECT_NE(message_of(wrong.new_call(Request::get(url(Scheme::http)))).find("refused the user name"),
            std::string::npos);
  const Client nobody = through(Proxy::Type::socks5h, port).build();
  EXPECT_EQ(failure_of(nobody.new_call(Request::get(url(Scheme::http)))), Errc::proxy_failed);
}

TEST_F(ProxyTest, DanteSaysWhatItCannotReach) {
  const Client five = through(Proxy::Type::socks5, dante_->port()).build();
  EXPECT_NE(message_of(five.new_call(Request::get(closed_url(Scheme::http)))).find("connection refused (5)"),
            std::string::npos);
  const Client four = through(Proxy::Type::socks4, dante_->port()).build();
  EXPECT_NE(message_of(four.new_call(Request::get(closed_url(Scheme::http)))).find("(91)"), std::string::npos);
}

#ifdef OKCURL_PATH
TEST_F(ProxyTest, OkcurlEndsAsCurlDoes) {
  const std::string at = "127.0.0.1:";
  const std::string open = at + std::to_string(squid_->open_port());
  const std::string closed = at + std::to_string(squid_->closed_port());
  const std::string socks = at + std::to_string(dante_->port());
  const std::string asking = at + std::to_string(asking_dante_->port());
  const std::string tls = "https://localhost:" + std::to_string(tls_end_->port());
  const std::string http = url(Scheme::http);
  const std::string https = url(Scheme::https);
  const std::vector<std::vector<std::string>> lines = {
      {"-x", open, http},
      {"-x", open, https},
      {"-x", closed, http},
      {"-x", closed, https},
      {"-x", closed, "-U", "jane:secret", http},
      {"-x", closed, "-U", "jane:secret", https},
      {"-x", "http://jane:secret@" + closed, https},
      {"-x", open, closed_url(Scheme::https)},
      {"--socks4", socks, http},
      {"--socks4a", socks, url_at(Dante::kHost)},
      {"--socks5", socks, https},
      {"--socks5-hostname", socks, url_at(Dante::kHost)},
      {"--socks5", socks, closed_url(Scheme::http)},
      {"--socks5-hostname", asking, http},
      {"--socks5-hostname", asking, "-U", "jane:secret", https},
      {"--socks5-hostname", asking, "-U", "jane:wrong", https},
      {"-x", "http://127.0.0.1:1", http},
      {"-x", "http://proxy.invalid:1", http},
      {"-x", "http://127.0.0.1:1", "--noproxy", "localhost", http},
  };
  for (const std::vector<std::string>& line : lines) {
    std::vector<std::string> options = {"-s", "--cacert", Site::get().root_file().string(), "--noproxy", ""};
    options.insert(options.end(), line.begin(), line.end());
    std::vector<std::string> ours = options;
    ours.insert(ours.begin(), OKCURL_PATH);
    std::vector<std::string> theirs = options;
    theirs.insert(theirs.begin(), "/usr/bin/curl");
    const ProgramResult okcurl = run_program(ours);
    const ProgramResult curl = run_program(theirs);
    std::string text;
    for (const std::string& word : line) text += word + ' ';
    EXPECT_EQ(okcurl.status, curl.status) << text << okcurl.err;
    if (line.size() != 2 || curl.status != 0) continue;
    EXPECT_EQ(okcurl.out, curl.out) << text;
  }
  EXPECT_EQ(
      run_program({OKCURL_PATH, "-s", "--cacert", Site::get().root_file().string(), "--noproxy", "", "-x", tls, https})
          .out,
      Site::get().small());
}
#endif

}  // namespace
}  // namespace okhttp::interop

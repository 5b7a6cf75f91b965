#include <okhttp/client.hpp>
#include <okhttp/handshake.hpp>
#include <okhttp/mockwebserver/mock_web_server.hpp>
#include <okhttp/tls.hpp>

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "support/call_styles.hpp"
#include "support/protocols.hpp"

// Clients that share a pool share a connection only when all that it proves is the same (CVE-2026-8932,
// CVE-2022-27782, CVE-2021-22924, CVE-2026-8458), also when a redirect leads from TLS to clear text (CVE-2026-4873).
// Credentials belong to a request, never to its connection (CVE-2022-22576), and callbacks may do to the pool what they
// like (CVE-2026-9080).

namespace okhttp {
namespace {

class ConnectionReuse : public ProtocolTest<CallStyle> {
 protected:
  ConnectionReuse() {
    server_.set_dispatcher([](const RecordedRequest& request) { return MockResponse(request.target()); });
  }

  [[nodiscard]] Client client(const TlsConfig& tls) const { return builder().connection_pool(pool_).tls(tls).build(); }
  [[nodiscard]] TlsConfig::Builder trusting() const {
    TlsConfig::Builder tls;
    tls.trust_certificates(root_.certificate_pem());
    return tls;
  }
  void use_https() {
    server_.use_https(HeldCertificate::Builder().add_subject_alternative_name("localhost").signed_by(root_).build());
  }

  std::string get(const Client& client, const Url& url) {
    return run(how(), client.new_call(Request::get(url))).body().string();
  }
  /// What the next request came with.
  RecordedRequest taken() {
    std::optional<RecordedRequest> request = server_.take_request();
    if (!request) throw std::runtime_error("no request came");
    return *request;
  }

  const HeldCertificate root_ = HeldCertificate::Builder().certificate_authority(0).build();
  ConnectionPool pool_;
};

/// Over TLS, where the protocol is agreed upon.
class TlsConnectionReuse : public ConnectionReuse {
 protected:
  TlsConnectionReuse() { use_https(); }
};

/// What only the bytes of HTTP/1.1 can show.
class Http1ConnectionReuse : public ConnectionReuse {};

INSTANTIATE_TEST_SUITE_P(Protocols, ConnectionReuse, over_both_protocols(both_call_styles()), ParameterName());
INSTANTIATE_TEST_SUITE_P(Protocols, TlsConnectionReuse, over_both_protocols_by_alpn(both_call_styles()),
                         ParameterName());
INSTANTIATE_TEST_SUITE_P(Protocols, Http1ConnectionReuse, over_http_1_1(both_call_styles()), ParameterName());

TEST_P(TlsConnectionReuse, EqualSettingsShareAConnection) {
  EXPECT_EQ(get(client(trusting().build()), server_.url("/a")), "/a");
  EXPECT_EQ(get(client(trusting().build()), server_.url("/b")), "/b");
  EXPECT_EQ(server_.connection_count(), 1U);
  EXPECT_EQ(taken().protocol(), protocol_);
}

TEST_P(TlsConnectionReuse, AConnectionWithAClientCertificateIsNotForOthers) {
  server_.request_client_certificate(root_);
  const auto named = [&](const char* name) {
    const HeldCertificate held = HeldCertificate::Builder().common_name(name).signed_by(root_).build();
    return client(trusting().client_certificate(held.certificate_pem(), held.private_key_pem()).build());
  };
  const Client alice = named("alice");
  const Client bob = named("bob");
  const Client nobody = client(trusting().build());
  for (int round = 0; round < 2; ++round) {
    get(alice, server_.url("/"));
    EXPECT_EQ(taken().handshake()->peer_certificates().at(0).subject(), "CN=alice");
    get(bob, server_.url("/"));
    EXPECT_EQ(taken().handshake()->peer_certificates().at(0).subject(), "CN=bob");
    get(nobody, server_.url("/"));
    EXPECT_TRUE(taken().handshake()->peer_certificates().empty());
  }
  EXPECT_EQ(server_.connection_count(), 3U);
}

TEST_P(TlsConnectionReuse, AConnectionThatAnotherClientTrustsIsNotTrusted) {
  get(client(trusting().build()), server_.url("/"));
  const HeldCertificate other_root = HeldCertificate::Builder().certificate_authority(0).build();
  const Client distrustful =
      client(TlsConfig::Builder().system_trust(false).trust_certificates(other_root.certificate_pem()).build());
  EXPECT_EQ(failure_of(how(), distrustful.new_call(Request::get(server_.url("/")))), Errc::peer_unverified);
}

TEST_P(TlsConnectionReuse, AnUnverifiedConnectionIsNotForThoseWhoVerify) {
  get(client(TlsConfig::Builder().insecure().build()), server_.url("/"));
  get(client(TlsConfig::Builder().add_insecure_host("localhost").build()), server_.url("/"));
  EXPECT_EQ(server_.connection_count(), 2U);
  const Client careful = client(TlsConfig());
  EXPECT_EQ(failure_of(how(), careful.new_call(Request::get(server_.url("/")))), Errc::peer_unverified);
}

TEST_P(TlsConnectionReuse, AConnectionOfAnOlderTlsVersionIsNotForThoseWhoRefuseIt) {
  server_.set_tls_versions(TlsVersion::tls_1_2, TlsVersion::tls_1_2);
  get(client(trusting().build()), server_.url("/"));
  const Client modern = client(trusting().min_version(TlsVersion::tls_1_3).build());
  EXPECT_EQ(failure_of(how(), modern.new_call(Request::get(server_.url("/")))), Errc::tls_handshake);
}

TEST_P(TlsConnectionReuse, ASessionIsNotResumedUnderOtherSettings) {
  get(client(trusting().build()), server_.url("/"));
  EXPECT_FALSE(taken().session_resumed());
  get(client(trusting().max_version(TlsVersion::tls_1_3).verify_host_name(true).build()), server_.url("/"));
  EXPECT_FALSE(taken().session_resumed());
}

TEST_P(TlsConnectionReuse, ClearTextDoesNotRideATlsConnectionNorTheReverse) {
  const Url secure = server_.url("/secure");
  const Url clear = secure.new_builder().scheme("http").build();
  server_.set_dispatcher([clear](const RecordedRequest&) {
    return MockResponse::Builder().code(302).set_header("Location", clear.to_string()).build();
  });
  const Response response = run(how(), client(trusting().build()).new_call(Request::get(secure)));
  // The server speaks TLS alone, so its refusal shows that the second request came in clear text.
  EXPECT_EQ(response.code(), 400);
  EXPECT_EQ(server_.connection_count(), 2U);
}

TEST_P(ConnectionReuse, AnotherPortOrNameIsAnotherServer) {
  MockWebServer other;
  speak(other);
  other.enqueue(MockResponse("other"));
  const Client plain = client(TlsConfig());
  EXPECT_EQ(get(plain, server_.url("/a")), "/a");
  EXPECT_EQ(get(plain, other.url("/a")), "other");
  const Url by_address = server_.url("/b").new_builder().host("127.0.0.1").build();
  EXPECT_EQ(get(plain, by_address), "/b");
  EXPECT_EQ(server_.connection_count(), 2U);
  EXPECT_EQ(other.connection_count(), 1U);
}

TEST_P(ConnectionReuse, AnotherResolverMayMeanAnotherServer) {
  class Loopback final : public Dns {
   public:
    std::vector<IpAddress> lookup(const std::string&) override { return {IpAddress::loopback_v4()}; }
  };
  const auto with = [&](std::shared_ptr<Dns> dns) {
    return builder().connection_pool(pool_).dns(std::move(dns)).build();
  };
  get(with(std::make_shared<Loopback>()), server_.url("/"));
  get(with(std::make_shared<Loopback>()), server_.url("/"));
  EXPECT_EQ(server_.connection_count(), 2U);
}

TEST_P(ConnectionReuse, CredentialsBelongToTheRequestAndNotToTheConnection) {
  const Client plain = client(TlsConfig());
  const Request bare = Request::get(server_.url("/"));
  for (const char* token : {"Bearer one", "Bearer two", ""}) {
    const Request request = *token == '\0' ? bare : bare.new_builder().header("Authorization", token).build();
    (void)run(how(), plain.new_call(request)).body().string();
    EXPECT_EQ(taken().header("Authorization").value_or(""), token);
  }
  EXPECT_EQ(server_.connection_count(), 1U);
}

// A server that sends more than it announced would answer the next request beforehand, perhaps somebody else's.
TEST_P(Http1ConnectionReuse, BytesAfterAResponseDoNotAnswerTheNextRequest) {
  const auto with_more_behind = [](const RecordedRequest& request) {
    const std::string answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n";
    return MockResponse::Builder().raw(answer + request.target() + answer + "no").build();
  };
  server_.set_dispatcher(with_more_behind);
  for (const bool tls : {false, true}) {
    if (tls) use_https();
    const Client client = this->client(trusting().build());
    for (const char* const path : {"/a", "/b", "/c"}) EXPECT_EQ(get(client, server_.url(path)), path);
  }
}

TEST_P(ConnectionReuse, ListenersMayEmptyThePoolAtAnyEvent) {
  class Evicting final : public EventListener {
   public:
    explicit Evicting(ConnectionPool pool) : pool_(std::move(pool)) {}
    void call_start(const Call&) override { pool_.evict_all(); }
    void connection_acquired(const Call&, const ConnectionInfo&) override { pool_.evict_all(); }
    void response_headers_start(const Call&) override { pool_.evict_all(); }
    void response_body_end(const Call&, std::uint64_t) override { pool_.evict_all(); }
    void connection_released(const Call&, const ConnectionInfo&) override { pool_.evict_all(); }
    void call_end(const Call&) override { pool_.evict_all(); }

   private:
    ConnectionPool pool_;
  };
  const Client evicting = builder().connection_pool(pool_).event_listener(std::make_shared<Evicting>(pool_)).build();
  for (const char* path : {"/1", "/2", "/3"}) EXPECT_EQ(get(evicting, server_.url(path)), path);
  EXPECT_EQ(server_.connection_count(), 3U);
  EXPECT_EQ(pool_.idle_connection_count(), 0U);
}

TEST_P(ConnectionReuse, AResponseMayOutliveTheFailureOfItsCall) {
  // An interceptor keeps the response and throws: the call has ended when the body is dropped.
  const auto kept = std::make_shared<std::optional<Response>>();
  const Client keeping = builder()
                             .connection_pool(pool_)
                             .event_listener(std::make_shared<EventListener>())
                             .add_interceptor([kept](Chain& chain) -> Task<Response> {
                               Response response = co_await chain.proceed(chain.request());
                               kept->emplace(std::move(response));
                               throw Error(Errc::canceled, Blame::caller, "refused");
                             })
                             .build();
  EXPECT_EQ(failure_of(how(), keeping.new_call(Request::get(server_.url("/kept")))), Errc::canceled);
  ASSERT_TRUE(kept->has_value());
  EXPECT_EQ((*kept)->body().string(), "/kept");
  kept->reset();
  EXPECT_EQ(pool_.connection_count(), pool_.idle_connection_count());
}

}  // namespace
}  // namespace okhttp

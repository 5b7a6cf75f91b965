#include <okhttp/certificate_pinner.hpp>
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
#include <thread>
#include <utility>
#include <vector>

#include "support/protocols.hpp"
#include "support/relay_server.hpp"
#include "support/tls_versions.hpp"

// A resumed session proves nothing anew, so it must not prove more than what was proven when it began: not after a
// check that failed (CVE-2024-0853), not at the other one of two TLS ends (CVE-2021-22890), not under another trust
// (CVE-2026-11564). Sessions outlive the connections that they come from (CVE-2021-22901).

namespace okhttp {
namespace {

class TlsSession : public ProtocolTest<VersionAndStyle> {
 protected:
  TlsSession() {
    server_.set_dispatcher([](const RecordedRequest& request) {
      return request.method() == "CONNECT" ? MockResponse::Builder().in_tunnel().build() : MockResponse("hello");
    });
    server_.set_tls_versions(std::get<TlsVersion>(how()), std::get<TlsVersion>(how()));
    server_.use_https(certificate("localhost"));
  }

  [[nodiscard]] HeldCertificate certificate(const std::string& host) const {
    return HeldCertificate::Builder().add_subject_alternative_name(host).signed_by(root_).build();
  }
  [[nodiscard]] TlsConfig::Builder trusting() const {
    TlsConfig::Builder tls;
    tls.system_trust(false).trust_certificates(root_.certificate_pem());
    return tls;
  }
  /// Every call of it has a connection of its own; the pool is that of all such clients.
  [[nodiscard]] Client::Builder connecting(const TlsConfig& tls) const {
    return std::move(builder().connection_pool(pool_).tls(tls));
  }
  [[nodiscard]] Client client() const { return connecting(trusting().build()).build(); }

  /// The handshake of a call.
  Handshake get(const Client& client, const Url& url) {
    const Response response = run(std::get<CallStyle>(how()), client.new_call(Request::get(url)));
    EXPECT_EQ(response.body().string(), "hello");
    return *response.handshake();
  }
  Handshake get(const Client& client) { return get(client, server_.url("/")); }
  Errc failure(const Client& client) {
    return failure_of(std::get<CallStyle>(how()), client.new_call(Request::get(server_.url("/"))));
  }
  RecordedRequest taken() {
    std::optional<RecordedRequest> request = server_.take_request();
    if (!request) throw std::runtime_error("no request came");
    return *request;
  }

  const HeldCertificate root_ = HeldCertificate::Builder().common_name("root").certificate_authority(0).build();
  ConnectionPool pool_ = ConnectionPool(0);
};

INSTANTIATE_TEST_SUITE_P(Protocols, TlsSession, over_both_protocols_by_alpn(versions_and_styles()), ParameterName());

// A server that asks for client certificates and gave OpenSSL no context for sessions answers a resumption so.
TEST_P(TlsSession, AServerThatBreaksOffAtAResumptionIsAskedForAFullHandshake) {
  std::atomic<int> to_refuse{0};
  std::atomic<int> refused{0};
  server_.set_dispatcher([](const RecordedRequest&) { return MockResponse("hello"); },
                         [&] {
                           const bool refuses = to_refuse > 0;
                           if (refuses) --to_refuse, ++refused;
                           return MockResponse::Builder().fail_handshake(refuses).build();
                         });
  const auto addresses = Dns::fixed({FixedHost("localhost", {IpAddress::loopback_v4()})});
  const Client client = connecting(trusting().build()).dns(addresses).build();
  EXPECT_FALSE(get(client).is_resumed());
  to_refuse = 1;
  EXPECT_FALSE(get(client).is_resumed());
  EXPECT_EQ(refused, 1);
  EXPECT_TRUE(get(client).is_resumed());
  to_refuse = 10;
  EXPECT_EQ(failure(client), Errc::tls_handshake);
  EXPECT_EQ(refused, 3) << "once resumed, once in full";
}

TEST_P(TlsSession, IsResumedByTheNextConnection) {
  const Client client = this->client();
  const Handshake first = get(client);
  EXPECT_FALSE(first.is_resumed());
  EXPECT_FALSE(taken().session_resumed());
  for (int again = 0; again < 3; ++again) {
    const Handshake resumed = get(client);
    EXPECT_TRUE(resumed.is_resumed());
    EXPECT_TRUE(taken().session_resumed());
    EXPECT_EQ(resumed.tls_version(), std::get<TlsVersion>(how()));
    EXPECT_EQ(resumed.peer_certificates(), first.peer_certificates()) << "the chain with which the session began";
    EXPECT_FALSE(resumed == first);
  }
  EXPECT_EQ(server_.connection_count(), 4U);
}

TEST_P(TlsSession, HoldsTheVerifiedChainUpToTheRoot) {
  const HeldCertificate own = certificate("localhost");
  server_.use_https(own);
  const Handshake handshake = get(client());
  ASSERT_EQ(handshake.peer_certificates().size(), 2U);
  EXPECT_EQ(handshake.peer_certificates().at(0), own.certificate());
  EXPECT_EQ(handshake.peer_certificates().at(1), root_.certificate()) << "the root, which the server does not send";
  EXPECT_TRUE(handshake.local_certificates().empty());
}

TEST_P(TlsSession, OfAServerThatForgotItEndsInAFullHandshake) {
  const Client client = this->client();
  get(client);
  const HeldCertificate renewed = certificate("localhost");
  server_.use_https(renewed);  // with new keys for its tickets
  const Handshake full = get(client);
  EXPECT_FALSE(full.is_resumed());
  EXPECT_EQ(full.peer_certificates().at(0), renewed.certificate());
  const Handshake resumed = get(client);
  EXPECT_TRUE(resumed.is_resumed());
  EXPECT_EQ(resumed.peer_certificates().at(0), renewed.certificate());
}

TEST_P(TlsSession, ConcurrentCallsResumeWhatThereIs) {
  const Client client = this->client();
  get(client);
  std::vector<std::thread> threads;
  threads.reserve(4);
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int call = 0; call < 5; ++call) get(client);
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_TRUE(get(client).is_resumed());
}

// CVE-2021-22901: the session of a connection that is gone, and of a client that is gone.
TEST_P(TlsSession, OutlivesItsConnectionAndItsClient) {
  get(client());
  EXPECT_EQ(pool_.connection_count(), 0U);
  EXPECT_TRUE(get(client()).is_resumed()) << "equal settings, the same pool";
}

TEST_P(TlsSession, OfAResponseThatIsDroppedUnreadIsResumed) {
  const Client client = this->client();
  (void)run(std::get<CallStyle>(how()), client.new_call(Request::get(server_.url("/"))));
  EXPECT_TRUE(get(client).is_resumed());
}

TEST_P(TlsSession, IsResumedWithinOnePoolOnly) {
  get(client());
  const Client elsewhere = connecting(trusting().build()).connection_pool(ConnectionPool(0)).build();
  EXPECT_FALSE(get(elsewhere).is_resumed());
}

// CVE-2021-22890 and its kind.
TEST_P(TlsSession, IsNotResumedUnderAnotherNameOrPort) {
  server_.use_https(HeldCertificate::Builder()
                        .add_subject_alternative_name("localhost")
                        .add_subject_alternative_name("127.0.0.1")
                        .signed_by(root_)
                        .build());
  const Client client = this->client();
  get(client);
  const Url by_address = server_.url("/").new_builder().host("127.0.0.1").build();
  EXPECT_FALSE(get(client, by_address).is_resumed());
  EXPECT_TRUE(get(client, by_address).is_resumed());
}

// CVE-2026-11564, CVE-2026-8932: what the settings prove differs, so nothing is taken over.
TEST_P(TlsSession, IsNotResumedUnderOtherSettings) {
  const HeldCertificate alice = HeldCertificate::Builder().common_name("alice").signed_by(root_).build();
  const HeldCertificate other_root = HeldCertificate::Builder().certificate_authority(0).build();
  const auto pinned = CertificatePinner::Builder().add("localhost", root_.certificate().pin()).build();
  const std::vector<Client> others = {
      connecting(trusting().trust_certificates(other_root.certificate_pem()).build()).build(),
      connecting(trusting().client_certificate(alice.certificate_pem(), alice.private_key_pem()).build()).build(),
      connecting(trusting().insecure().build()).build(),
      connecting(trusting().add_insecure_host("localhost").build()).build(),
      connecting(trusting().build()).certificate_pinner(pinned).build(),
      connecting(trusting().build()).proxy(Proxy(Proxy::Type::http, "localhost", server_.port())).build(),
  };
  server_.request_client_certificate(root_);
  get(client());
  ASSERT_TRUE(get(client()).is_resumed());
  for (const Client& other : others) EXPECT_FALSE(get(other).is_resumed());
  for (const Client& other : others) EXPECT_TRUE(get(other).is_resumed()) << "its own";
}

// CVE-2026-11564: trust that was lent once must not stay.
TEST_P(TlsSession, OfAnUnverifiedServerVouchesForNothing) {
  const Client careless = connecting(TlsConfig::Builder().insecure().build()).build();
  get(careless);
  EXPECT_TRUE(get(careless).is_resumed());
  const Client careful = careless.new_builder().tls(TlsConfig()).build();
  EXPECT_EQ(failure(careful), Errc::peer_unverified);
  EXPECT_EQ(failure(careful), Errc::peer_unverified);
}

// CVE-2024-0853: a check that fails after the handshake must fail the next time, too.
TEST_P(TlsSession, IsNotKeptWhenThePinsFail) {
  const std::string other = HeldCertificate::localhost().certificate().pin();
  const Client pinned =
      connecting(trusting().build()).certificate_pinner(CertificatePinner::Builder().add("**", other).build()).build();
  for (int call = 0; call < 3; ++call) EXPECT_EQ(failure(pinned), Errc::pin_mismatch);
  EXPECT_EQ(server_.request_count(), 0U) << "nothing was sent to it";
}

TEST_P(TlsSession, IsNotKeptWhenTheNameFails) {
  const Client strict = connecting(TlsConfig::Builder().insecure().verify_host_name(true).build()).build();
  server_.use_https(certificate("other.example"));
  for (int call = 0; call < 3; ++call) EXPECT_EQ(failure(strict), Errc::peer_unverified);
}

TEST_P(TlsSession, OfAClientCertificateIsResumedAsTheSameClient) {
  server_.require_client_certificate(root_);
  const auto named = [&](const char* name) {
    const HeldCertificate held = HeldCertificate::Builder().common_name(name).signed_by(root_).build();
    return connecting(trusting().client_certificate(held.certificate_pem(), held.private_key_pem()).build()).build();
  };
  const Client alice = named("alice");
  const Client bob = named("bob");
  for (int round = 0; round < 2; ++round) {
    for (const auto& [client, name] : {std::pair(alice, "CN=alice"), std::pair(bob, "CN=bob")}) {
      const Handshake handshake = get(client);
      EXPECT_EQ(handshake.is_resumed(), round > 0);
      EXPECT_EQ(handshake.local_certificates().at(0).subject(), name);
      EXPECT_EQ(taken().handshake()->peer_certificates().at(0).subject(), name);
    }
  }
}

// CVE-2021-22890: a proxy with TLS of its own could let its tickets be taken for the server's.
TEST_P(TlsSession, OfAProxyIsNotTheServers) {
  const testing::TlsFront front(certificate("localhost"), server_.port());
  const auto through = Proxy(Proxy::Type::https, "localhost", front.port());
  const Client client = connecting(trusting().build()).proxy(through).build();
  EXPECT_FALSE(get(client).is_resumed()) << "the proxy's session is there already";
  EXPECT_TRUE(get(client).is_resumed());
  EXPECT_FALSE(get(this->client()).is_resumed()) << "without the proxy";
}

}  // namespace
}  // namespace okhttp

// How the connections of calls are protected: by which spec, after which fallback, and when not at all.

#include <okhttp/client.hpp>
#include <okhttp/connection_spec.hpp>
#include <okhttp/event_listener.hpp>
#include <okhttp/handshake.hpp>
#include <okhttp/handshake_certificates.hpp>
#include <okhttp/hostname_verifier.hpp>
#include <okhttp/mockwebserver/mock_web_server.hpp>

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "support/call_styles.hpp"
#include "support/protocols.hpp"

namespace okhttp {
namespace {

/// Writes down attempts to connect.
class AttemptLog final : public EventListener {
 public:
  std::vector<std::string> lines;

  void connect_start(const Call&, AttemptId attempt, const Endpoint&) override {
    lines.push_back("start " + std::to_string(attempt));
  }
  void secure_connect_end(const Call&, AttemptId attempt, const Handshake* handshake, const Error* error) override {
    if (error != nullptr) return lines.push_back("insecure " + std::to_string(attempt));
    lines.push_back("secure " + std::to_string(attempt) + " " + std::string(to_string(handshake->tls_version())));
  }
  void connect_failed(const Call&, AttemptId attempt, const Endpoint&, const Error& error) override {
    lines.push_back("failed " + std::to_string(attempt) + " " + std::string(to_string(error.errc())));
  }
  void connect_end(const Call&, AttemptId attempt, const Endpoint&, Protocol) override {
    lines.push_back("end " + std::to_string(attempt));
  }
};

/// Every host is at 127.0.0.1 alone.
class OneAddress final : public Dns {
 public:
  std::vector<IpAddress> lookup(const std::string&) override { return {IpAddress::loopback_v4()}; }
};

class ConnectionSpecCall : public ProtocolTest<CallStyle> {
 protected:
  ConnectionSpecCall() {
    server_.use_https(HeldCertificate::Builder().add_subject_alternative_name("localhost").signed_by(root_).build());
    server_.set_dispatcher([](const RecordedRequest& request) { return MockResponse(request.target()); });
  }

  [[nodiscard]] Client::Builder trusting(std::vector<ConnectionSpec> specs) const {
    Client::Builder made = builder();
    made.connection_specs(std::move(specs)).event_listener(log_).dns(dns_);
    made.handshake_certificates(HandshakeCertificates::Builder().trust_certificate(root_.certificate()).build());
    return made;
  }
  void refuse_the_first_handshake() {
    const auto refuse = [is_first = true]() mutable {
      return std::exchange(is_first, false) ? MockResponse::Builder().fail_handshake().build() : MockResponse();
    };
    server_.set_dispatcher([](const RecordedRequest& request) { return MockResponse(request.target()); }, refuse);
  }
  Response get(const Client& client, const std::string& path = "/") {
    return run(how(), client.new_call(Request::get(server_.url(path))));
  }
  /// The Error of a call that fails.
  Error failure(const Client& client, const Url& url) {
    try {
      (void)run(how(), client.new_call(Request::get(url)));
    } catch (const Error& error) {
      return error;
    }
    throw std::runtime_error("the call succeeded");
  }
  Error failure(const Client& client) { return failure(client, server_.url("/")); }

  const HeldCertificate root_ = HeldCertificate::Builder().certificate_authority(0).build();
  const std::shared_ptr<Dns> dns_ = std::make_shared<OneAddress>();
  const std::shared_ptr<AttemptLog> log_ = std::make_shared<AttemptLog>();
};

INSTANTIATE_TEST_SUITE_P(Protocols, ConnectionSpecCall, over_both_protocols_by_alpn(both_call_styles()),
                         ParameterName());

TEST_P(ConnectionSpecCall, VersionAndSuiteAreThoseOfTheSpec) {
  const ConnectionSpec newest = ConnectionSpec::restricted_tls()
                                    .new_builder()
                                    .tls_versions({TlsVersion::tls_1_3})
                                    .tls13_cipher_suites({"TLS_CHACHA20_POLY1305_SHA256"})
                                    .build();
  const Response response = get(trusting({newest}).build());
  EXPECT_EQ(response.handshake()->tls_version(), TlsVersion::tls_1_3);
  EXPECT_EQ(response.handshake()->cipher_suite(), "TLS_CHACHA20_POLY1305_SHA256");
  EXPECT_FALSE(response.handshake()->is_fallback());
  EXPECT_EQ(response.protocol(), protocol_);

  const std::string suite = "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384";
  const ConnectionSpec older =
      ConnectionSpec::Builder().tls_versions({TlsVersion::tls_1_2}).cipher_suites({suite}).build();
  const Response second = get(trusting({older}).build());
  EXPECT_EQ(second.handshake()->tls_version(), TlsVersion::tls_1_2);
  EXPECT_EQ(second.handshake()->cipher_suite(), suite);
}

TEST_P(ConnectionSpecCall, OldServersAreReachedByTheCompatibleSpecAlone) {
  server_.set_protocols({Protocol::http_1_1});
  for (const TlsVersion version : {TlsVersion::tls_1_0, TlsVersion::tls_1_1}) {
    server_.set_tls_versions(version, version);
    for (const ConnectionSpec& spec : {ConnectionSpec::restricted_tls(), ConnectionSpec::modern_tls()}) {
      EXPECT_EQ(failure(trusting({spec}).build()).errc(), Errc::tls_handshake);
    }
    const Response response = get(trusting({ConnectionSpec::compatible_tls()}).build());
    EXPECT_EQ(response.handshake()->tls_version(), version);
    EXPECT_EQ(response.body().string(), "/");
  }
}

TEST_P(ConnectionSpecCall, Http2OverAnOldVersionIsRefused) {
  server_.set_tls_versions(TlsVersion::tls_1_1, TlsVersion::tls_1_1);
  const Client client = trusting({ConnectionSpec::compatible_tls()}).build();
  if (is_http_2()) {
    const Error error = failure(client);
    EXPECT_EQ(error.errc(), Errc::tls_handshake);
    EXPECT_NE(std::string(error.what()).find("chose HTTP/2 over TLSv1.1"), std::string::npos) << error.what();
  } else {
    EXPECT_EQ(get(client).code(), 200);
  }
}

TEST_P(ConnectionSpecCall, WithoutExtensionsNeitherHostNorHttp2IsAskedFor) {
  const ConnectionSpec plain = ConnectionSpec::Builder().supports_tls_extensions(false).build();
  EXPECT_EQ(get(trusting({plain}).build()).protocol(), Protocol::http_1_1);
  EXPECT_EQ(server_.take_request()->server_name(), "");
  EXPECT_EQ(get(trusting({ConnectionSpec::modern_tls()}).build()).protocol(), protocol_);
  EXPECT_EQ(server_.take_request()->server_name(), "localhost");
}

TEST_P(ConnectionSpecCall, AFailedHandshakeIsTriedAgainOnTheSameRouteWithTheNextSpec) {
  server_.set_protocols({Protocol::http_1_1});
  server_.set_tls_versions(TlsVersion::tls_1_0, TlsVersion::tls_1_0);
  const Client client = trusting({ConnectionSpec::modern_tls(), ConnectionSpec::compatible_tls()}).build();
  for (int i = 0; i < 2; ++i) {
    const Response response = get(client);
    EXPECT_EQ(response.body().string(), "/");
    EXPECT_TRUE(response.handshake()->is_fallback());
  }
  const std::vector<std::string> expected = {"start 0", "insecure 0",     "failed 0 tls_handshake",
                                             "start 1", "secure 1 TLSv1", "end 1"};
  std::vector<std::string> seen = log_->lines;
  // localhost may have an address where this server does not listen.
  std::erase(seen, "failed 0 connect_failed");
  if (seen.size() == expected.size()) {
    EXPECT_EQ(seen, expected);
  }
  EXPECT_EQ(server_.connection_count(), 2U) << "the second call uses the first one's connection";
}

TEST_P(ConnectionSpecCall, ARefusedHandshakeIsTriedAgainOnce) {
  refuse_the_first_handshake();
  const Client client = trusting({ConnectionSpec::restricted_tls(), ConnectionSpec::modern_tls()}).build();
  const Response response = get(client);
  EXPECT_EQ(response.body().string(), "/");
  EXPECT_TRUE(response.handshake()->is_fallback());
}

TEST_P(ConnectionSpecCall, TheLastFailureTellsOfThoseBefore) {
  server_.set_tls_versions(TlsVersion::tls_1_0, TlsVersion::tls_1_0);
  const Client client = trusting({ConnectionSpec::restricted_tls(), ConnectionSpec::modern_tls()})
                            .retry_on_connection_failure(false)
                            .build();
  const Error error = failure(client);
  EXPECT_EQ(error.errc(), Errc::tls_handshake);
  ASSERT_EQ(error.attempts().size(), 1U);
  EXPECT_NE(error.attempts()[0].failure.find("TLS handshake with localhost"), std::string::npos);
  EXPECT_EQ(server_.connection_count(), 2U);
}

TEST_P(ConnectionSpecCall, AFallbackGoesThroughATunnelOfItsOwn) {
  server_.set_protocols({Protocol::http_1_1});
  server_.set_tls_versions(TlsVersion::tls_1_0, TlsVersion::tls_1_0);
  server_.set_dispatcher([](const RecordedRequest& request) {
    if (request.method() == "CONNECT") return MockResponse::Builder().in_tunnel().build();
    return MockResponse("inside");
  });
  const Client client = trusting({ConnectionSpec::modern_tls(), ConnectionSpec::compatible_tls()})
                            .proxy(Proxy(Proxy::Type::http, "127.0.0.1", server_.port()))
                            .build();
  const Response response = get(client);
  EXPECT_EQ(response.body().string(), "inside");
  EXPECT_TRUE(response.handshake()->is_fallback());
  EXPECT_EQ(server_.take_request()->method(), "CONNECT");
  EXPECT_EQ(server_.take_request()->method(), "CONNECT");
}

TEST_P(ConnectionSpecCall, ACertificateThatIsNotTrustedIsNoReasonToFallBack) {
  const Client client = trusting({ConnectionSpec::modern_tls(), ConnectionSpec::compatible_tls()})
                            .handshake_certificates(HandshakeCertificates())
                            .retry_on_connection_failure(false)
                            .build();
  EXPECT_EQ(failure(client).errc(), Errc::peer_unverified);
  EXPECT_EQ(server_.connection_count(), 1U);
}

TEST_P(ConnectionSpecCall, AMissingClientCertificateIsNoReasonToFallBack) {
  server_.require_client_certificate(root_);
  server_.set_tls_versions(TlsVersion::tls_1_2, TlsVersion::tls_1_2);  // where the client hears of it in the handshake
  const Client client = trusting({ConnectionSpec::modern_tls(), ConnectionSpec::compatible_tls()})
                            .retry_on_connection_failure(false)
                            .build();
  const Error error = failure(client);
  EXPECT_EQ(error.errc(), Errc::tls_handshake);
  EXPECT_NE(std::string(error.what()).find("asks for our certificate"), std::string::npos) << error.what();
  EXPECT_EQ(server_.connection_count(), 1U);
}

TEST_P(ConnectionSpecCall, AClientCertificateThatIsMissedAfterTheHandshakeIsToldAsAFailureOfIt) {
  server_.require_client_certificate(root_);
  server_.set_tls_versions(TlsVersion::tls_1_3, TlsVersion::tls_1_3);
  const Error error = failure(trusting({ConnectionSpec::modern_tls()}).retry_on_connection_failure(false).build());
  EXPECT_EQ(error.errc(), Errc::tls_handshake);
  EXPECT_NE(std::string(error.what()).find("certificate required"), std::string::npos) << error.what();
}

TEST_P(ConnectionSpecCall, AClientCertificateMayBeMadeOnTheSpot) {
  server_.require_client_certificate(root_);
  const HeldCertificate me = HeldCertificate::Builder().common_name("me").signed_by(root_).build();
  const HandshakeCertificates certificates =
      HandshakeCertificates::Builder().trust_certificate(root_.certificate()).held_certificate(me).build();
  const Client client = trusting({ConnectionSpec::modern_tls()}).handshake_certificates(certificates).build();
  EXPECT_EQ(get(client).code(), 200);
  EXPECT_EQ(server_.take_request()->handshake()->peer_certificates().at(0), me.certificate());
}

TEST_P(ConnectionSpecCall, BoundsThatLeaveNoVersionAreTheCallersFault) {
  const HandshakeCertificates bounded =
      HandshakeCertificates::Builder().insecure().max_version(TlsVersion::tls_1_1).build();
  const Error error = failure(trusting({ConnectionSpec::modern_tls()}).handshake_certificates(bounded).build());
  EXPECT_EQ(error.errc(), Errc::tls_handshake);
  EXPECT_EQ(error.blame(), Blame::caller);
}

TEST_P(ConnectionSpecCall, HttpsNeedsASpecWithTls) {
  const Error error = failure(trusting({ConnectionSpec::cleartext()}).build());
  EXPECT_EQ(error.errc(), Errc::rejected);
  EXPECT_EQ(error.blame(), Blame::caller);
  EXPECT_EQ(server_.connection_count(), 0U);
}

TEST_P(ConnectionSpecCall, ARedirectToClearTextIsRefusedWhereNoSpecPermitsIt) {
  MockWebServer clear;
  clear.enqueue(MockResponse("in clear text"));
  const std::string target = clear.url("/").to_string();
  server_.set_dispatcher([target](const RecordedRequest&) {
    return MockResponse::Builder().code(302).set_header("Location", target).build();
  });
  const Error error = failure(trusting({ConnectionSpec::modern_tls()}).build());
  EXPECT_EQ(error.errc(), Errc::cleartext_not_permitted);
  EXPECT_EQ(error.blame(), Blame::caller);
  EXPECT_EQ(clear.connection_count(), 0U);
}

/// In clear text, where nothing is negotiated.
class ClearTextCall : public ProtocolTest<CallStyle> {
 protected:
  ClearTextCall() {
    server_.set_dispatcher([](const RecordedRequest&) { return MockResponse("in clear text"); });
  }
  Errc failure(const Client& client) { return failure_of(how(), client.new_call(Request::get(server_.url("/")))); }
};

INSTANTIATE_TEST_SUITE_P(Protocols, ClearTextCall, over_both_protocols(both_call_styles()), ParameterName());

TEST_P(ClearTextCall, IsRefusedBeforeAnythingIsConnectedUnlessASpecPermitsIt) {
  EXPECT_EQ(failure(builder().connection_specs({ConnectionSpec::modern_tls()}).build()), Errc::cleartext_not_permitted);
  EXPECT_EQ(server_.connection_count(), 0U);
  const Client clear = builder().connection_specs({ConnectionSpec::cleartext()}).build();
  EXPECT_EQ(run(how(), clear.new_call(Request::get(server_.url("/")))).body().string(), "in clear text");
}

TEST_P(ClearTextCall, IsRefusedForHostsThatThePolicyForbids) {
  std::vector<std::string> asked;
  const auto policy = [&](const std::string& host) {
    asked.push_back(host);
    return host == "elsewhere.example";
  };
  EXPECT_EQ(failure(builder().cleartext_policy(policy).build()), Errc::cleartext_not_permitted);
  EXPECT_EQ(asked, std::vector<std::string>{"localhost"});
  EXPECT_EQ(server_.connection_count(), 0U);
  const auto throwing = [](const std::string&) -> bool { throw std::runtime_error("broken"); };
  EXPECT_EQ(failure(builder().cleartext_policy(throwing).build()), Errc::rejected);
  const auto permitting = [](const std::string& host) { return host == "localhost"; };
  EXPECT_EQ(failure(builder().cleartext_policy(permitting).build()), Errc());
}

// CVE-2026-4873: what one client may send in clear text is no connection for one that may not.
TEST_P(ClearTextCall, AConnectionInClearTextIsNotForThoseWhoForbidIt) {
  const ConnectionPool pool;
  EXPECT_EQ(failure(builder().connection_pool(pool).build()), Errc());
  EXPECT_EQ(pool.connection_count(), 1U);
  EXPECT_EQ(failure(builder().connection_pool(pool).connection_specs({ConnectionSpec::modern_tls()}).build()),
            Errc::cleartext_not_permitted);
}

TEST(ConnectionSpecSettings, HaveTheirDefaultsAndAreTakenOver) {
  const Client client;
  EXPECT_EQ(client.connection_specs(),
            (std::vector<ConnectionSpec>{ConnectionSpec::modern_tls(), ConnectionSpec::cleartext()}));
  EXPECT_EQ(client.hostname_verifier(), HostnameVerifier::default_rules());
  const Client strict = client.new_builder().connection_specs({ConnectionSpec::restricted_tls()}).build();
  EXPECT_EQ(strict.new_builder().build().connection_specs(),
            std::vector<ConnectionSpec>{ConnectionSpec::restricted_tls()});
  EXPECT_THROW(Client::Builder().connection_specs({}), std::invalid_argument);
  EXPECT_THROW(Client::Builder().hostname_verifier(nullptr), std::invalid_argument);
}

}  // namespace
}  // namespace okhttp

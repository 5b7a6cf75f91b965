#include <okhttp/client.hpp>
#include <okhttp/connection_spec.hpp>
#include <okhttp/handshake.hpp>
#include <okhttp/handshake_certificates.hpp>
#include <okhttp/hostname_verifier.hpp>
#include <okhttp/mockwebserver/mock_web_server.hpp>

#include <gtest/gtest.h>

#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "support/call_styles.hpp"
#include "support/protocols.hpp"

// What must not make a client trust a server that it should not, or speak to it less safely than it was told to.
// Elsewhere: wildcards and names outside ASCII, byte by byte, in hostname_verifier_test.cpp and tls_stream_test.cpp;
// what connections are shared for in connection_reuse_test.cpp and coalescing_test.cpp.

namespace okhttp {
namespace {

/// Answers as it is told to, and keeps what it was asked.
class FakeVerifier final : public HostnameVerifier {
 public:
  explicit FakeVerifier(bool answer) : answer_(answer) {}
  bool verify(const std::string& host, const Handshake& handshake) override {
    const std::lock_guard lock(mutex_);
    asked_.push_back(host + " " + handshake.peer_certificates().at(0).subject_alternative_names().at(0));
    return answer_;
  }
  [[nodiscard]] std::vector<std::string> asked() const {
    const std::lock_guard lock(mutex_);
    return asked_;
  }

 private:
  const bool answer_;
  mutable std::mutex mutex_;
  std::vector<std::string> asked_;
};

class ThrowingVerifier final : public HostnameVerifier {
 public:
  bool verify(const std::string&, const Handshake&) override { throw std::runtime_error("broken"); }
};

class TlsSecurity : public ProtocolTest<CallStyle> {
 protected:
  TlsSecurity() {
    server_.set_dispatcher([](const RecordedRequest& request) {
      if (request.method() == "CONNECT") return MockResponse::Builder().in_tunnel().build();
      return MockResponse("secret");
    });
    use_certificate_for("localhost");
  }

  void use_certificate_for(const std::string& host) {
    server_.use_https(HeldCertificate::Builder().add_subject_alternative_name(host).signed_by(root_).build());
  }
  [[nodiscard]] Client::Builder trusting() const {
    Client::Builder made = builder();
    made.connection_pool(pool_).handshake_certificates(
        HandshakeCertificates::Builder().trust_certificate(root_.certificate()).build());
    return made;
  }
  /// Errc() when it succeeds.
  Errc failure(const Client& client, const Url& url) { return failure_of(how(), client.new_call(Request::get(url))); }
  Errc failure(const Client& client) { return failure(client, server_.url("/")); }
  [[nodiscard]] Url url_by_address() { return Url::parse("https://127.0.0.1:" + std::to_string(server_.port()) + "/"); }

  const HeldCertificate root_ = HeldCertificate::Builder().certificate_authority(0).build();
  ConnectionPool pool_;
};

INSTANTIATE_TEST_SUITE_P(Protocols, TlsSecurity, over_both_protocols_by_alpn(both_call_styles()), ParameterName());

// CVE-2024-2466, CVE-2025-4947: no verification where the host is an address.
TEST_P(TlsSecurity, AServerThatIsAskedForByItsAddressIsVerifiedAsWell) {
  EXPECT_EQ(failure(trusting().build(), url_by_address()), Errc::peer_unverified);
  use_certificate_for("127.0.0.1");
  EXPECT_EQ(failure(trusting().build(), url_by_address()), Errc());
  EXPECT_EQ(failure(builder().build(), url_by_address()), Errc::peer_unverified) << "nobody here trusts the root";
}

// cpp-httplib #2396 (CVE-2026-32627): verification silently off once a redirect was followed through a proxy.
TEST_P(TlsSecurity, AServerIsVerifiedAfterARedirectThroughAProxy) {
  const std::string next = "https://unknown.example/";
  server_.set_dispatcher([next](const RecordedRequest& request) {
    if (request.method() == "CONNECT") return MockResponse::Builder().in_tunnel().build();
    return MockResponse::Builder().code(302).set_header("Location", next).build();
  });
  const Client client = trusting().proxy(Proxy(Proxy::Type::http, "127.0.0.1", server_.port())).build();
  EXPECT_EQ(failure(client, Url::parse("https://localhost/")), Errc::peer_unverified);
}

// CVE-2026-11564: a setting that was switched off for one goes on for others.
TEST_P(TlsSecurity, TrustThatOneClientGaveUpIsNotGivenUpByThoseDerivedFromIt) {
  const Client careless =
      trusting().handshake_certificates(HandshakeCertificates::Builder().insecure().build()).build();
  EXPECT_EQ(failure(careless), Errc());
  const Client careful = careless.new_builder().handshake_certificates(HandshakeCertificates()).build();
  EXPECT_EQ(failure(careful), Errc::peer_unverified);
  EXPECT_EQ(failure(careless), Errc());
  EXPECT_EQ(failure(careful), Errc::peer_unverified);
}

TEST_P(TlsSecurity, AnInsecureHostIsThatHostAlone) {
  use_certificate_for("other.example");
  const Client client = trusting()
                            .handshake_certificates(HandshakeCertificates::Builder()
                                                        .trust_certificate(root_.certificate())
                                                        .add_insecure_host("localhost")
                                                        .build())
                            .build();
  EXPECT_EQ(failure(client), Errc());
  EXPECT_EQ(failure(client, url_by_address()), Errc::peer_unverified);
}

// RFC 7507: whoever breaks handshakes must not get two ends that know better to speak an older version.
TEST_P(TlsSecurity, AServerThatKnowsBetterRefusesAnInducedDowngrade) {
  const auto only = [](TlsVersion version) { return ConnectionSpec::Builder().tls_versions({version}).build(); };
  const auto refuse_the_first = [is_first = true]() mutable {
    return std::exchange(is_first, false) ? MockResponse::Builder().fail_handshake().build() : MockResponse();
  };
  server_.set_dispatcher([](const RecordedRequest&) { return MockResponse("secret"); }, refuse_the_first);
  const Client client = trusting()
                            .connection_specs({only(TlsVersion::tls_1_3), only(TlsVersion::tls_1_2)})
                            .retry_on_connection_failure(false)
                            .build();
  try {
    (void)run(how(), client.new_call(Request::get(server_.url("/"))));
    FAIL() << "it spoke the older version";
  } catch (const Error& error) {
    EXPECT_EQ(error.errc(), Errc::tls_handshake);
    EXPECT_NE(std::string(error.what()).find("inappropriate fallback"), std::string::npos) << error.what();
  }
}

// CVE-2022-27782, CVE-2026-4873: what one client found safe enough is not for one that asks for more.
TEST_P(TlsSecurity, AConnectionOfAWeakerSpecIsNotForThoseWhoAskForMore) {
  server_.set_tls_versions(TlsVersion::tls_1_2, TlsVersion::tls_1_2);
  EXPECT_EQ(failure(trusting().build()), Errc());
  const ConnectionSpec newest = ConnectionSpec::Builder().tls_versions({TlsVersion::tls_1_3}).build();
  EXPECT_EQ(failure(trusting().connection_specs({newest}).build()), Errc::tls_handshake);
  EXPECT_EQ(failure(trusting().connection_specs({ConnectionSpec::restricted_tls()}).build()), Errc());
  EXPECT_EQ(pool_.connection_count(), 2U);
}

TEST_P(TlsSecurity, AVerifierOfTheCallersDecidesInThePlaceOfTheRules) {
  use_certificate_for("other.example");
  const auto accepting = std::make_shared<FakeVerifier>(true);
  const auto refusing = std::make_shared<FakeVerifier>(false);
  EXPECT_EQ(failure(trusting().build()), Errc::peer_unverified);
  EXPECT_EQ(failure(trusting().hostname_verifier(accepting).build()), Errc());
  EXPECT_EQ(accepting->asked(), std::vector<std::string>{"localhost other.example"});
  EXPECT_EQ(failure(trusting().hostname_verifier(refusing).build()), Errc::peer_unverified);
  EXPECT_EQ(failure(trusting().hostname_verifier(std::make_shared<ThrowingVerifier>()).build()), Errc::peer_unverified);
  EXPECT_EQ(failure(trusting().build()), Errc::peer_unverified) << "nor is the connection for who has the rules";
  const auto by_address = std::make_shared<FakeVerifier>(true);
  EXPECT_EQ(failure(trusting().hostname_verifier(by_address).build(), url_by_address()), Errc());
  EXPECT_EQ(by_address->asked(), std::vector<std::string>{"127.0.0.1 other.example"});
}

TEST_P(TlsSecurity, AVerifierIsAskedEvenWhereTheChainIsNotVerified) {
  const auto refusing = std::make_shared<FakeVerifier>(false);
  const Client client = trusting()
                            .handshake_certificates(HandshakeCertificates::Builder().insecure().build())
                            .hostname_verifier(refusing)
                            .build();
  EXPECT_EQ(failure(client), Errc::peer_unverified);
  EXPECT_EQ(refusing->asked().size(), 1U);
}

TEST_P(TlsSecurity, AVerifierIsNotAskedAboutAChainThatIsNotTrusted) {
  const auto accepting = std::make_shared<FakeVerifier>(true);
  EXPECT_EQ(failure(builder().hostname_verifier(accepting).build()), Errc::peer_unverified);
  EXPECT_TRUE(accepting->asked().empty());
}

}  // namespace
}  // namespace okhttp

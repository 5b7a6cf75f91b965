// Specs, certificates and their failures against the TLS of nginx and of `openssl s_server`.

#include <okhttp/connection_spec.hpp>
#include <okhttp/hostname_verifier.hpp>

#include <chrono>
#include <optional>
#include <stdexcept>

#include "interop/support/run_program.hpp"
#include "interop/support/server_test.hpp"
#include "interop/support/tls_server.hpp"
#include "places.hpp"

namespace okhttp::interop {
namespace {

using Arguments = std::vector<std::string>;

const HeldCertificate& root() {
  static const HeldCertificate held =
      HeldCertificate::Builder().common_name("policy root").certificate_authority(1).build();
  return held;
}

HeldCertificate::Builder localhost() {
  HeldCertificate::Builder certificate;
  certificate.common_name("server").add_subject_alternative_name("localhost").signed_by(root());
  return certificate;
}

Client::Builder client(std::vector<ConnectionSpec> specs = {ConnectionSpec::modern_tls()}) {
  Client::Builder made;
  made.connection_specs(std::move(specs))
      .handshake_certificates(
          HandshakeCertificates::Builder().system_trust(false).trust_certificate(root().certificate()).build());
  return made;
}

Response get(const Client& by, const std::string& url) {
  Response response = by.get(url);
  (void)response.body().bytes();
  return response;
}

/// How a call fails.
Error failure(const Client& by, const std::string& url) {
  try {
    (void)get(by, url);
  } catch (const Error& error) {
    return error;
  }
  throw std::runtime_error("the call to " + url + " succeeded");
}

void expect_failure(const Error& error, Errc code, const std::string& words) {
  EXPECT_EQ(error.errc(), code) << error.what();
  EXPECT_NE(std::string(error.what()).find(words), std::string::npos) << error.what();
}

OpensslServer openssl(const HeldCertificate& certificate, const Arguments& options) {
  return OpensslServer(certificate, root(), options);
}

/// What a server that shows this certificate makes a client say.
void expect_refusal(const HeldCertificate& certificate, const std::string& words) {
  NginxTlsServer nginx(certificate, root(), "");
  nginx.start();
  expect_failure(failure(client().build(), nginx.url()), Errc::peer_unverified, words);
  // Nobody who permits an older version as well gets any further.
  const std::vector<ConnectionSpec> both = {ConnectionSpec::modern_tls(), ConnectionSpec::compatible_tls()};
  expect_failure(failure(client(both).build(), nginx.url()), Errc::peer_unverified, words);
}

TEST(TlsPolicyTest, AnExpiredCertificateIsRefusedWithItsDate) {
  const auto now = std::chrono::system_clock::now();
  expect_refusal(localhost().validity(now - std::chrono::hours(48), now - std::chrono::hours(24)).build(),
                 "'CN=server' expired on ");
}

TEST(TlsPolicyTest, ACertificateForAnotherNameIsRefusedWithTheNamesThatItHas) {
  expect_refusal(HeldCertificate::Builder().add_subject_alternative_name("other.example").signed_by(root()).build(),
                 "the certificate covers other.example but not localhost");
}

TEST(TlsPolicyTest, ASelfSignedCertificateIsRefusedAsSuch) {
  expect_refusal(HeldCertificate::Builder().common_name("alone").add_subject_alternative_name("localhost").build(),
                 "'CN=alone' is self-signed and not among the trusted ones");
}

TEST(TlsPolicyTest, AChainOfAnotherRootIsRefusedWithItsIssuer) {
  const HeldCertificate other = HeldCertificate::Builder().common_name("other root").certificate_authority(1).build();
  const HeldCertificate between =
      HeldCertificate::Builder().common_name("between").certificate_authority(0).signed_by(other).build();
  expect_refusal(localhost().signed_by(between).build(), "was issued by 'CN=other root', which is unknown here");
}

TEST(TlsPolicyTest, AChainWithAnIntermediateIsTrusted) {
  const HeldCertificate between =
      HeldCertificate::Builder().common_name("between").certificate_authority(0).signed_by(root()).build();
  NginxTlsServer nginx(localhost().signed_by(between).build(), root(), "");
  nginx.start();
  EXPECT_EQ(get(client().build(), nginx.url()).handshake()->peer_certificates().size(), 3U);
}

TEST(TlsPolicyTest, AVerifierOfTheCallersDecidesAboutNames) {
  class OtherName final : public HostnameVerifier {
   public:
    bool verify(const std::string& host, const Handshake& handshake) override {
      const Certificate& shown = handshake.peer_certificates().at(0);
      return host == "localhost" && shown.subject_alternative_names().at(0) == "other.example";
    }
  };
  const HeldCertificate other =
      HeldCertificate::Builder().add_subject_alternative_name("other.example").signed_by(root()).build();
  NginxTlsServer nginx(other, root(), "");
  nginx.start();
  EXPECT_EQ(get(client().hostname_verifier(std::make_shared<OtherName>()).build(), nginx.url()).code(), 200);
  NginxTlsServer own(localhost().build(), root(), "");
  own.start();
  expect_failure(failure(client().hostname_verifier(std::make_shared<OtherName>()).build(), own.url()),
                 Errc::peer_unverified, "the host name verifier refuses");
}

TEST(TlsPolicyTest, RsaAndEcdsaAreBothSpokenInEveryVersion) {
  for (const bool rsa : {false, true}) {
    HeldCertificate::Builder certificate = localhost();
    if (rsa) certificate.rsa_2048();
    NginxTlsServer nginx(certificate.build(), root(), "ssl_protocols TLSv1.2 TLSv1.3;");
    nginx.start();
    for (const TlsVersion version : {TlsVersion::tls_1_2, TlsVersion::tls_1_3}) {
      for (const ConnectionSpec& spec : {ConnectionSpec::restricted_tls(), ConnectionSpec::modern_tls()}) {
        const ConnectionSpec one = spec.new_builder().tls_versions({version}).build();
        const Response response = get(client({one}).build(), nginx.url());
        EXPECT_EQ(response.handshake()->tls_version(), version);
        EXPECT_EQ(response.protocol(), Protocol::http_2);
        if (version == TlsVersion::tls_1_2) {
          EXPECT_NE(response.handshake()->cipher_suite().find(rsa ? "_RSA_" : "_ECDSA_"), std::string::npos);
        }
      }
    }
  }
}

TEST(TlsPolicyTest, ASuiteMayBeChosen) {
  NginxTlsServer nginx(localhost().rsa_2048().build(), root(), "ssl_protocols TLSv1.2 TLSv1.3;");
  nginx.start();
  const std::string suite = "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256";
  const ConnectionSpec spec =
      ConnectionSpec::Builder().tls_versions({TlsVersion::tls_1_2}).cipher_suites({suite}).build();
  EXPECT_EQ(get(client({spec}).build(), nginx.url()).handshake()->cipher_suite(), suite);
  const std::string newer = "TLS_CHACHA20_POLY1305_SHA256";
  const ConnectionSpec of_1_3 = ConnectionSpec::Builder().tls13_cipher_suites({newer}).build();
  EXPECT_EQ(get(client({of_1_3}).build(), nginx.url()).handshake()->cipher_suite(), newer);
}

TEST(TlsPolicyTest, AServerWithoutASuiteInCommonIsNotSpokenTo) {
  OpensslServer server =
      openssl(localhost().rsa_2048().build(), {"-tls1_2", "-cipher", "ECDHE-RSA-AES128-SHA256:@SECLEVEL=0"});
  server.start();
  expect_failure(failure(client().build(), server.url()), Errc::tls_handshake, "alert \"handshake failure\"");
}

TEST(TlsPolicyTest, OldServersAreReachedByTheCompatibleSpecAlone) {
  const std::vector<ConnectionSpec> both = {ConnectionSpec::modern_tls(), ConnectionSpec::compatible_tls()};
  for (const bool rsa : {false, true}) {
    for (const TlsVersion version : {TlsVersion::tls_1_0, TlsVersion::tls_1_1}) {
      HeldCertificate::Builder certificate = localhost();
      if (rsa) certificate.rsa_2048();
      const std::string option = version == TlsVersion::tls_1_0 ? "-tls1" : "-tls1_1";
      OpensslServer server = openssl(certificate.build(), {option, "-cipher", "ALL:@SECLEVEL=0"});
      server.start();
      expect_failure(failure(client().build(), server.url()), Errc::tls_handshake, "version");
      expect_failure(failure(client({ConnectionSpec::restricted_tls()}).build(), server.url()), Errc::tls_handshake,
                     "version");
      const Response direct = get(client({ConnectionSpec::compatible_tls()}).build(), server.url());
      EXPECT_EQ(direct.handshake()->tls_version(), version);
      EXPECT_FALSE(direct.handshake()->is_fallback());
      const Response fallback = get(client(both).build(), server.url());
      EXPECT_EQ(fallback.handshake()->tls_version(), version);
      EXPECT_TRUE(fallback.handshake()->is_fallback());
    }
  }
}

TEST(TlsPolicyTest, AServerOfTls13AloneIsNotForThoseWhoStopBefore) {
  NginxTlsServer nginx(localhost().build(), root(), "ssl_protocols TLSv1.3;");
  nginx.start();
  EXPECT_EQ(get(client().build(), nginx.url()).handshake()->tls_version(), TlsVersion::tls_1_3);
  const ConnectionSpec before = ConnectionSpec::Builder().tls_versions({TlsVersion::tls_1_2}).build();
  expect_failure(failure(client({before}).build(), nginx.url()), Errc::tls_handshake, "alert \"protocol version\"");
}

class ClientCertificateTest : public ::testing::TestWithParam<TlsVersion> {
 protected:
  [[nodiscard]] static OpensslServer server() {
    const Arguments newest = {"-Verify", "1", "-verify_return_error"};
    Arguments older = newest;
    older.emplace_back("-tls1_2");
    return openssl(localhost().build(), GetParam() == TlsVersion::tls_1_3 ? newest : older);
  }
  [[nodiscard]] static Client showing(const HeldCertificate& held) {
    return client()
        .handshake_certificates(
            HandshakeCertificates::Builder().trust_certificate(root().certificate()).held_certificate(held).build())
        .build();
  }
};

std::string name_of_version(const ::testing::TestParamInfo<TlsVersion>& info) {
  return info.param == TlsVersion::tls_1_2 ? "Tls12" : "Tls13";
}

INSTANTIATE_TEST_SUITE_P(Versions, ClientCertificateTest, ::testing::Values(TlsVersion::tls_1_2, TlsVersion::tls_1_3),
                         name_of_version);

TEST_P(ClientCertificateTest, OneThatTheServerTrustsIsAccepted) {
  OpensslServer asking = server();
  asking.start();
  for (const bool rsa : {false, true}) {
    HeldCertificate::Builder me;
    me.common_name("me").signed_by(root());
    if (rsa) me.rsa_2048();
    const HeldCertificate held = me.build();
    const Response response = get(showing(held), asking.url());
    EXPECT_EQ(response.handshake()->tls_version(), GetParam());
    EXPECT_EQ(response.handshake()->local_certificates().at(0), held.certificate());
  }
}

TEST_P(ClientCertificateTest, ItsLackIsToldAsAFailedHandshake) {
  OpensslServer asking = server();
  asking.start();
  expect_failure(failure(client().build(), asking.url()), Errc::tls_handshake, "our certificate");
}

TEST_P(ClientCertificateTest, OneThatTheServerDoesNotTrustIsToldAsAFailedHandshake) {
  OpensslServer asking = server();
  asking.start();
  const HeldCertificate stranger = HeldCertificate::Builder().common_name("stranger").build();
  expect_failure(failure(showing(stranger), asking.url()), Errc::tls_handshake, "refuses our certificate");
}

#ifdef OKCURL_PATH

/// The same exit code of both for the same arguments.
void expect_what_curl_does(const Arguments& arguments, const std::string& url) {
  std::string shown;
  for (const std::string& argument : arguments) shown += " " + argument;
  SCOPED_TRACE(shown);
  const std::string ca = (Site::get().directory() / "policy_root.pem").string();
  write_file(ca, root().certificate_pem());
  const auto run = [&](const std::string& program) {
    Arguments command = {program, "--cacert", ca, "-s", "-S", "-o", "page"};
    command.insert(command.end(), arguments.begin(), arguments.end());
    command.push_back(url);
    return run_program(command);
  };
  const ProgramResult expected = run("/usr/bin/curl");
  ASSERT_NE(expected.status, 127) << "curl is not installed. Please run: apt-get install curl";
  const ProgramResult actual = run(OKCURL_PATH);
  EXPECT_EQ(actual.status, expected.status) << actual.err << expected.err;
}

TEST(OkcurlTlsTest, VersionsAndSuitesAreChosenAsByCurl) {
  NginxTlsServer current(localhost().rsa_2048().build(), root(), "ssl_protocols TLSv1.2 TLSv1.3;");
  current.start();
  NginxTlsServer newest(localhost().build(), root(), "ssl_protocols TLSv1.3;");
  newest.start();
  for (const std::string& url : {current.url(), newest.url()}) {
    expect_what_curl_does({}, url);
    expect_what_curl_does({"--tlsv1.2"}, url);
    expect_what_curl_does({"--tlsv1.3"}, url);
    expect_what_curl_does({"--tls-max", "1.2"}, url);
    expect_what_curl_does({"--tls-max", "default"}, url);
    expect_what_curl_does({"--tls-max", "1.4"}, url);
    expect_what_curl_does({"--tlsv1.3", "--tls-max", "1.2"}, url);
    expect_what_curl_does({"--tlsv1.3", "--tlsv1.2", "--tls-max", "1.2"}, url);
    expect_what_curl_does({"--tls-max", "1.2", "--ciphers", "ECDHE-RSA-AES256-GCM-SHA384"}, url);
    expect_what_curl_does({"--tls-max", "1.2", "--ciphers", "ECDHE-ECDSA-AES256-GCM-SHA384"}, url);
    expect_what_curl_does({"--ciphers", "NONSENSE"}, url);
    expect_what_curl_does({"--tls13-ciphers", "TLS_CHACHA20_POLY1305_SHA256"}, url);
    expect_what_curl_does({"--tls13-ciphers", "NONSENSE"}, url);
  }
}

TEST(OkcurlTlsTest, AnOldServerIsReachedWhereThatIsAskedFor) {
  OpensslServer old = openssl(localhost().rsa_2048().build(), {"-tls1", "-cipher", "ALL:@SECLEVEL=0"});
  old.start();
  expect_what_curl_does({}, old.url());
  expect_what_curl_does({"--tlsv1.2"}, old.url());
  expect_what_curl_does({"--tlsv1.0", "--ciphers", "DEFAULT@SECLEVEL=0"}, old.url());
  expect_what_curl_does({"--tlsv1.1", "--ciphers", "DEFAULT@SECLEVEL=0"}, old.url());
  expect_what_curl_does({"--tls-max", "1.0", "--ciphers", "DEFAULT@SECLEVEL=0"}, old.url());
}

#endif

}  // namespace
}  // namespace okhttp::interop

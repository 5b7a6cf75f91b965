#include <okhttp/certificate_pinner.hpp>
#include <okhttp/client.hpp>
#include <okhttp/handshake.hpp>
#include <okhttp/mockwebserver/mock_web_server.hpp>
#include <okhttp/tls.hpp>

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "support/protocols.hpp"
#include "support/relay_server.hpp"
#include "support/tls_versions.hpp"

// Pins hold on every way to a server (CVE-2025-5025, CVE-2025-13034: forgotten on one of them), and over the verified
// chain, into which nobody can put a certificate (CVE-2016-2402).

namespace okhttp {
namespace {

class CertificatePinning : public ProtocolTest<VersionAndStyle> {
 protected:
  CertificatePinning() {
    server_.set_dispatcher([](const RecordedRequest& request) {
      return request.method() == "CONNECT" ? MockResponse::Builder().in_tunnel().build() : MockResponse("hello");
    });
    server_.set_tls_versions(std::get<TlsVersion>(how()), std::get<TlsVersion>(how()));
    server_.use_https(own_);
  }

  [[nodiscard]] TlsConfig::Builder trusting() const {
    TlsConfig::Builder tls;
    tls.system_trust(false).trust_certificates(root_.certificate_pem());
    return tls;
  }
  /// A client with a pin for localhost, each of whose calls has a connection of its own.
  [[nodiscard]] Client::Builder pinning(const HeldCertificate& held) const {
    const auto pinner = CertificatePinner::Builder().add("localhost", held.certificate().pin()).build();
    return std::move(builder().connection_pool(pool_).tls(trusting().build()).certificate_pinner(pinner));
  }
  /// "hello", or what went wrong.
  std::string get(const Client& client) {
    try {
      return run(std::get<CallStyle>(how()), client.new_call(Request::get(server_.url("/")))).body().string();
    } catch (const Error& error) {
      failure_ = error.what();
      return std::string(error.errc() == Errc::pin_mismatch ? "pin_mismatch" : failure_);
    }
  }

  const HeldCertificate root_ = HeldCertificate::Builder().common_name("root").certificate_authority(1).build();
  const HeldCertificate middle_ =
      HeldCertificate::Builder().common_name("middle").certificate_authority(0).signed_by(root_).build();
  const HeldCertificate own_ = HeldCertificate::Builder()
                                   .common_name("own")
                                   .add_subject_alternative_name("localhost")
                                   .signed_by(middle_)
                                   .build();
  const HeldCertificate other_ = HeldCertificate::Builder().common_name("other").build();
  ConnectionPool pool_ = ConnectionPool(0);
  std::string failure_;
};

INSTANTIATE_TEST_SUITE_P(Protocols, CertificatePinning, over_both_protocols_by_alpn(versions_and_styles()),
                         ParameterName());

TEST_P(CertificatePinning, AnyKeyOfTheVerifiedChainWillDo) {
  for (const HeldCertificate& pinned : {own_, middle_, root_}) {
    EXPECT_EQ(get(pinning(pinned).build()), "hello") << pinned.certificate().subject();
  }
}

TEST_P(CertificatePinning, ABackupPinMayBeUnused) {
  const auto pinner =
      CertificatePinner::Builder().add("localhost", {other_.certificate().pin(), own_.certificate().pin()}).build();
  EXPECT_EQ(get(pinning(other_).certificate_pinner(pinner).build()), "hello");
}

TEST_P(CertificatePinning, AServerWithoutAPinnedKeyIsToldNothing) {
  EXPECT_EQ(get(pinning(other_).build()), "pin_mismatch");
  EXPECT_EQ(server_.request_count(), 0U);
  EXPECT_EQ(server_.connection_count(), 1U) << "there is no other way to try";
  for (const HeldCertificate& shown : {own_, middle_, root_}) {
    EXPECT_NE(failure_.find(shown.certificate().pin() + " (" + shown.certificate().subject()), std::string::npos)
        << failure_;
  }
  EXPECT_NE(failure_.find("pinned are " + other_.certificate().pin()), std::string::npos) << failure_;
}

TEST_P(CertificatePinning, HostsWithoutPinsAreNotAsked) {
  const auto elsewhere = CertificatePinner::Builder().add("**.example.com", other_.certificate().pin()).build();
  EXPECT_EQ(get(pinning(own_).certificate_pinner(elsewhere).build()), "hello");
}

TEST_P(CertificatePinning, HoldsInResumedSessions) {
  const Client pinned = pinning(middle_).build();
  EXPECT_EQ(get(pinned), "hello");
  EXPECT_EQ(get(pinned), "hello");
  EXPECT_FALSE(server_.take_request()->session_resumed());
  EXPECT_TRUE(server_.take_request()->session_resumed());
  // The connections and sessions of a client that pins nothing are not for one that does.
  const Client plain = pinned.new_builder().certificate_pinner(CertificatePinner()).build();
  EXPECT_EQ(get(plain), "hello");
  EXPECT_EQ(get(plain.new_builder().certificate_pinner(pinning(other_).build().certificate_pinner()).build()),
            "pin_mismatch");
}

TEST_P(CertificatePinning, APooledConnectionOfAClientWithoutPinsIsNotUsed) {
  const ConnectionPool pool;
  const Client plain = pinning(own_).connection_pool(pool).certificate_pinner(CertificatePinner()).build();
  EXPECT_EQ(get(plain), "hello");
  EXPECT_EQ(get(pinning(other_).connection_pool(pool).build()), "pin_mismatch");
  EXPECT_EQ(get(pinning(own_).connection_pool(pool).build()), "hello");
  EXPECT_EQ(server_.connection_count(), 3U);
}

TEST_P(CertificatePinning, HoldsInATunnel) {
  const auto through = Proxy(Proxy::Type::http, "localhost", server_.port());
  EXPECT_EQ(get(pinning(own_).proxy(through).build()), "hello");
  EXPECT_EQ(get(pinning(other_).proxy(through).build()), "pin_mismatch");
  testing::SocksServer socks;
  const auto by_socks = Proxy(Proxy::Type::socks5h, "localhost", socks.port());
  EXPECT_EQ(get(pinning(own_).proxy(by_socks).build()), "hello");
  EXPECT_EQ(get(pinning(other_).proxy(by_socks).build()), "pin_mismatch");
}

TEST_P(CertificatePinning, IsForTheServerAndNotForAProxyWithTls) {
  const HeldCertificate of_proxy =
      HeldCertificate::Builder().add_subject_alternative_name("localhost").signed_by(root_).build();
  const testing::TlsFront front(of_proxy, server_.port());
  const auto through = Proxy(Proxy::Type::https, "localhost", front.port());
  EXPECT_EQ(get(pinning(own_).proxy(through).build()), "hello");
  EXPECT_EQ(get(pinning(of_proxy).proxy(through).build()), "pin_mismatch");
}

// CVE-2016-2402: what a peer sends along proves nothing. Where nothing is verified, it is all there is but the first
// key.
TEST_P(CertificatePinning, AnUnverifiedServerNeedsItsOwnKeyPinned) {
  const auto unverified = [&](const HeldCertificate& pinned) {
    return pinning(pinned).tls(trusting().insecure().build()).build();
  };
  EXPECT_EQ(get(unverified(own_)), "hello");
  EXPECT_EQ(get(unverified(middle_)), "pin_mismatch") << "the server sends it, but anybody could";
}

TEST_P(CertificatePinning, ADotAtTheEndOfAHostEvadesNoPin) {
  const auto pinner = CertificatePinner::Builder().add("localhost", other_.certificate().pin()).build();
  class Loopback final : public Dns {
   public:
    std::vector<IpAddress> lookup(const std::string&) override { return {IpAddress::loopback_v4()}; }
  };
  const Client client = pinning(own_).certificate_pinner(pinner).dns(std::make_shared<Loopback>()).build();
  const Url dotted = server_.url("/").new_builder().host("LOCALHOST.").build();
  EXPECT_EQ(failure_of(std::get<CallStyle>(how()), client.new_call(Request::get(dotted))), Errc::pin_mismatch);
  // Nor does it make a verified host of one that goes unverified, whose server could send any chain along.
  const TlsConfig tls = trusting().add_insecure_host("localhost").build();
  const Client unverified = pinning(middle_).tls(tls).dns(std::make_shared<Loopback>()).build();
  EXPECT_EQ(failure_of(std::get<CallStyle>(how()), unverified.new_call(Request::get(dotted))), Errc::pin_mismatch);
}

}  // namespace
}  // namespace okhttp

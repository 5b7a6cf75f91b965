#include "interop/support/server_test.hpp"

namespace okhttp::interop {
namespace {

class TrustTest : public RealServerTest, public ::testing::WithParamInterface<ServerKind> {
 protected:
  [[nodiscard]] static const RealServer& server() { return RealServer::shared(GetParam()); }
  [[nodiscard]] static std::string url() { return server().url(Scheme::https, "/1k"); }
  [[nodiscard]] static std::string url_with_other_name() {
    return RealServer::url(Scheme::https, server().ports().other_name, "/1k");
  }
  [[nodiscard]] Client client_with(TlsConfig config) const {
    return client_.new_builder().tls(std::move(config)).build();
  }
};

INSTANTIATE_TEST_SUITE_P(Servers, TrustTest, kAllServers, name_of_server);

TEST_P(TrustTest, CertificateForAnotherHostIsRefused) {
  EXPECT_EQ(failure_of(client_.new_call(Request::get(url_with_other_name()))), Errc::peer_unverified);
}

TEST_P(TrustTest, CertificateOfAnUnknownAuthorityIsRefused) {
  EXPECT_EQ(failure_of(client_with(TlsConfig()).new_call(Request::get(url()))), Errc::peer_unverified);
}

TEST_P(TrustTest, EverythingIsAcceptedWhenTheCallerInsists) {
  const Client anything = client_with(TlsConfig::Builder().insecure().build());
  EXPECT_EQ(anything.get(url()).code(), 200);
  EXPECT_EQ(anything.get(url_with_other_name()).code(), 200);
}

TEST_P(TrustTest, AConnectionMadeWithoutTrustIsNotUsedByWhoAsksForIt) {
  const Client anything = client_with(TlsConfig::Builder().insecure().build());
  EXPECT_EQ(anything.get(url_with_other_name()).body().string(), Site::get().small());
  EXPECT_EQ(failure_of(client_.new_call(Request::get(url_with_other_name()))), Errc::peer_unverified);
}

TEST_P(TrustTest, TlsToAPortInClearTextFails) {
  const std::string wrong = RealServer::url(Scheme::https, server().ports().http, "/1k");
  EXPECT_EQ(failure_of(client_.new_call(Request::get(wrong))), Errc::tls_handshake);
}

TEST_P(TrustTest, BothVersionsOfTlsWork) {
  for (const TlsVersion version : {TlsVersion::tls_1_2, TlsVersion::tls_1_3}) {
    const Client client =
        client_with(Site::get().trust().new_builder().min_version(version).max_version(version).build());
    const Response response = client.get(url());
    ASSERT_NE(response.handshake(), nullptr);
    EXPECT_EQ(response.handshake()->tls_version(), version);
    EXPECT_EQ(response.body().string(), Site::get().small());
  }
}

}  // namespace
}  // namespace okhttp::interop

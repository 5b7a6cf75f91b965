#include <okhttp/tls.hpp>

#include <gtest/gtest.h>

#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

namespace okhttp {
namespace {

constexpr const char* kCertificate = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
constexpr const char* kOtherCertificate = "-----BEGIN CERTIFICATE-----\nBBBB\n-----END CERTIFICATE-----\n";
constexpr const char* kKey = "-----BEGIN PRIVATE KEY-----\nCCCC\n-----END PRIVATE KEY-----\n";
constexpr const char* kOtherKey = "-----BEGIN PRIVATE KEY-----\nDDDD\n-----END PRIVATE KEY-----\n";

TEST(TlsConfigTest, DefaultTrustsTheSystemAndVerifiesEverything) {
  const TlsConfig config;
  EXPECT_TRUE(config.uses_system_trust());
  EXPECT_TRUE(config.trusted_certificates().empty());
  EXPECT_FALSE(config.has_client_certificate());
  EXPECT_EQ(config.min_version(), TlsVersion::tls_1_0);
  EXPECT_EQ(config.max_version(), TlsVersion::tls_1_3);
  EXPECT_TRUE(config.verifies_certificate_of("example.com"));
  EXPECT_TRUE(config.verifies_name_of("example.com"));
}

TEST(TlsConfigTest, EqualContentIsEqual) {
  EXPECT_EQ(TlsConfig(), TlsConfig());
  EXPECT_EQ(TlsConfig(), TlsConfig::Builder().build());
  const auto make = [] {
    return TlsConfig::Builder()
        .trust_certificates(kCertificate)
        .client_certificate(kCertificate, kKey, "secret")
        .add_insecure_host("a.example")
        .build();
  };
  EXPECT_EQ(make(), make());
  EXPECT_EQ(make().hash(), make().hash());
  EXPECT_EQ(make(), make().new_builder().build());
}

TEST(TlsConfigTest, AClientCertificateCanBeTakenOutAgain) {
  const TlsConfig config = TlsConfig::Builder().client_certificate(kCertificate, kKey, "secret").build();
  const TlsConfig without = config.new_builder().no_client_certificate().build();
  EXPECT_FALSE(without.has_client_certificate());
  EXPECT_EQ(without, TlsConfig());
}

TEST(TlsConfigTest, EverySettingMakesAnotherConfiguration) {
  using Builder = TlsConfig::Builder;
  const auto with = [](const std::function<void(Builder&)>& change) {
    Builder builder;
    builder.trust_certificates(kCertificate).client_certificate(kCertificate, kKey, "secret");
    change(builder);
    return builder.build();
  };
  const std::vector<TlsConfig> all = {
      with([](Builder&) {}),
      with([](Builder& builder) { builder.system_trust(false); }),
      with([](Builder& builder) { builder.trust_certificates(kOtherCertificate); }),
      with([](Builder& builder) { builder.trust_directory("/etc/ssl/other"); }),
      with([](Builder& builder) { builder.client_certificate(kOtherCertificate, kKey, "secret"); }),
      with([](Builder& builder) { builder.client_certificate(kCertificate, kOtherKey, "secret"); }),
      with([](Builder& builder) { builder.client_certificate(kCertificate, kKey, "other secret"); }),
      with([](Builder& builder) { builder.min_version(TlsVersion::tls_1_3); }),
      with([](Builder& builder) { builder.max_version(TlsVersion::tls_1_2); }),
      with([](Builder& builder) { builder.add_insecure_host("a.example"); }),
      with([](Builder& builder) { builder.add_insecure_host("b.example"); }),
      with([](Builder& builder) { builder.insecure(); }),
      with([](Builder& builder) { builder.insecure().verify_host_name(true); }),
  };
  for (std::size_t a = 0; a < all.size(); ++a) {
    for (std::size_t b = 0; b < all.size(); ++b) EXPECT_EQ(all[a] == all[b], a == b) << a << ", " << b;
  }
}

TEST(TlsConfigTest, InsecureHostsAreComparedWithoutCaseAndOrder) {
  const TlsConfig a = TlsConfig::Builder().add_insecure_host("B.example").add_insecure_host("a.example").build();
  const TlsConfig b = TlsConfig::Builder().add_insecure_host("a.example").add_insecure_host("b.example").build();
  EXPECT_EQ(a, b);
  EXPECT_FALSE(a.verifies_certificate_of("b.EXAMPLE"));
  EXPECT_FALSE(a.verifies_certificate_of("b.example.")) << "it is the same host, and its handshake goes unverified";
  EXPECT_FALSE(a.verifies_name_of("b.example"));
  EXPECT_TRUE(a.verifies_certificate_of("c.example"));
}

TEST(TlsConfigTest, NamesAreOnlyUnverifiedWithTheCertificate) {
  const TlsConfig config = TlsConfig::Builder().verify_host_name(false).build();
  EXPECT_TRUE(config.verifies_name_of("example.com"));
}

TEST(TlsConfigTest, ContradictionsAreRefused) {
  EXPECT_THROW((void)TlsConfig::Builder().min_version(TlsVersion::tls_1_3).max_version(TlsVersion::tls_1_2).build(),
               std::invalid_argument);
  EXPECT_THROW((void)TlsConfig::Builder().system_trust(false).build(), std::invalid_argument);
  EXPECT_NO_THROW((void)TlsConfig::Builder().system_trust(false).insecure().build());
  EXPECT_THROW(TlsConfig::Builder().add_insecure_host(""), std::invalid_argument);
  EXPECT_THROW(TlsConfig::Builder().trust_directory(""), std::invalid_argument);
}

TEST(TlsConfigTest, TextThatIsNoPemIsRefusedAndNotShown) {
  EXPECT_THROW(TlsConfig::Builder().trust_certificates("nonsense"), std::invalid_argument);
  EXPECT_THROW(TlsConfig::Builder().client_certificate("nonsense", kKey), std::invalid_argument);
  try {
    TlsConfig::Builder().client_certificate(kCertificate, "my secret key", "my password");
    FAIL();
  } catch (const std::invalid_argument& refused) {
    EXPECT_EQ(std::string(refused.what()).find("secret"), std::string::npos);
    EXPECT_EQ(std::string(refused.what()).find("password"), std::string::npos);
  }
}

}  // namespace
}  // namespace okhttp

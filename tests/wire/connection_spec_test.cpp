#include <okhttp/connection_spec.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <stdexcept>
#include <string>
#include <vector>

namespace okhttp {
namespace {

using Names = std::vector<std::string>;

const std::vector<TlsVersion> kCurrent = {TlsVersion::tls_1_2, TlsVersion::tls_1_3};

/// What a builder is refused for; empty when it is not.
template <class Make>
std::string refusal(Make make) {
  try {
    make();
  } catch (const std::invalid_argument& refused) {
    return refused.what();
  }
  return {};
}

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

bool is_subset(const Names& some, const Names& all) {
  return std::all_of(some.begin(), some.end(),
                     [&](const std::string& name) { return std::find(all.begin(), all.end(), name) != all.end(); });
}

TEST(ConnectionSpecTest, TheStandardOnesGrowMoreLenient) {
  const ConnectionSpec& restricted = ConnectionSpec::restricted_tls();
  const ConnectionSpec& modern = ConnectionSpec::modern_tls();
  const ConnectionSpec& compatible = ConnectionSpec::compatible_tls();
  EXPECT_EQ(restricted.tls_versions(), kCurrent);
  EXPECT_EQ(modern.tls_versions(), kCurrent);
  EXPECT_EQ(compatible.tls_versions().front(), TlsVersion::tls_1_0);
  EXPECT_EQ(compatible.tls_versions().back(), TlsVersion::tls_1_3);
  EXPECT_TRUE(is_subset(restricted.cipher_suites(), modern.cipher_suites()));
  EXPECT_TRUE(is_subset(modern.cipher_suites(), compatible.cipher_suites()));
  EXPECT_LT(restricted.cipher_suites().size(), modern.cipher_suites().size());
  EXPECT_LT(modern.cipher_suites().size(), compatible.cipher_suites().size());
}

TEST(ConnectionSpecTest, TheStandardSuitesAreAllKnownToOpenSsl) {
  for (const ConnectionSpec& spec :
       {ConnectionSpec::restricted_tls(), ConnectionSpec::modern_tls(), ConnectionSpec::compatible_tls()}) {
    EXPECT_EQ(spec.new_builder().cipher_suites(spec.cipher_suites()).build(), spec);
  }
}

TEST(ConnectionSpecTest, OnlyTheCompatibleOneLowersTheSecurityLevel) {
  EXPECT_EQ(ConnectionSpec::restricted_tls().security_level(), 2);
  EXPECT_EQ(ConnectionSpec::modern_tls().security_level(), 2);
  EXPECT_EQ(ConnectionSpec::compatible_tls().security_level(), 0);
}

TEST(ConnectionSpecTest, ClearTextHasNothingOfTls) {
  const ConnectionSpec& clear = ConnectionSpec::cleartext();
  EXPECT_FALSE(clear.is_tls());
  EXPECT_TRUE(clear.tls_versions().empty());
  EXPECT_TRUE(clear.cipher_suites().empty());
  EXPECT_FALSE(clear.is_fit_for_http2());
  EXPECT_EQ(clear.to_string(), "clear text");
  EXPECT_TRUE(contains(refusal([&] { (void)clear.new_builder(); }), "clear text"));
}

TEST(ConnectionSpecTest, PrintsItsVersions) {
  EXPECT_EQ(ConnectionSpec::modern_tls().to_string(), "TLS (TLSv1.2, TLSv1.3)");
  EXPECT_EQ(ConnectionSpec::compatible_tls().to_string(), "TLS (TLSv1, TLSv1.1, TLSv1.2, TLSv1.3)");
}

TEST(ConnectionSpecTest, EverySettingMakesAnotherSpec) {
  const auto builder = [] { return ConnectionSpec::modern_tls().new_builder(); };
  const std::vector<ConnectionSpec> all = {
      ConnectionSpec::restricted_tls(),
      ConnectionSpec::modern_tls(),
      ConnectionSpec::compatible_tls(),
      ConnectionSpec::cleartext(),
      builder().tls_versions({TlsVersion::tls_1_3}).build(),
      builder().tls_versions({TlsVersion::tls_1_2}).build(),
      builder().cipher_suites({"TLS_RSA_WITH_AES_128_GCM_SHA256"}).build(),
      builder().tls13_cipher_suites({"TLS_AES_128_GCM_SHA256"}).build(),
      builder().supports_tls_extensions(false).build(),
      builder().openssl_cipher_list("AES128-GCM-SHA256:@SECLEVEL=1").build(),
  };
  for (std::size_t a = 0; a < all.size(); ++a) {
    for (std::size_t b = 0; b < all.size(); ++b) EXPECT_EQ(all[a] == all[b], a == b) << a << ", " << b;
  }
  EXPECT_EQ(builder().build(), ConnectionSpec::modern_tls());
}

TEST(ConnectionSpecTest, VersionsAreSortedAndWithoutDoubles) {
  const ConnectionSpec spec =
      ConnectionSpec::Builder().tls_versions({TlsVersion::tls_1_3, TlsVersion::tls_1_2, TlsVersion::tls_1_3}).build();
  EXPECT_EQ(spec.tls_versions(), kCurrent);
  EXPECT_TRUE(spec.supports(TlsVersion::tls_1_2));
  EXPECT_FALSE(spec.supports(TlsVersion::tls_1_1));
}

TEST(ConnectionSpecTest, VersionsWithAGapAreRefused) {
  const std::string refused = refusal([] {
    (void)ConnectionSpec::compatible_tls()
        .new_builder()
        .tls_versions({TlsVersion::tls_1_0, TlsVersion::tls_1_3})
        .build();
  });
  EXPECT_TRUE(contains(refused, "between TLSv1 and TLSv1.3")) << refused;
}

TEST(ConnectionSpecTest, SuitesMayHaveEitherName) {
  const ConnectionSpec spec = ConnectionSpec::Builder()
                                  .cipher_suites({"ECDHE-RSA-AES128-GCM-SHA256", "TLS_RSA_WITH_AES_256_GCM_SHA384"})
                                  .tls13_cipher_suites({"TLS_CHACHA20_POLY1305_SHA256"})
                                  .build();
  EXPECT_EQ(spec.cipher_suites(), (Names{"TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "TLS_RSA_WITH_AES_256_GCM_SHA384"}));
  EXPECT_EQ(spec.tls13_cipher_suites(), (Names{"TLS_CHACHA20_POLY1305_SHA256"}));
}

TEST(ConnectionSpecTest, AListInTheLanguageOfOpenSslIsExpanded) {
  const ConnectionSpec spec = ConnectionSpec::Builder().openssl_cipher_list("ECDHE+CHACHA20").build();
  EXPECT_EQ(spec.cipher_suites(),
            (Names{"TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256", "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256"}));
  EXPECT_EQ(spec.security_level(), 2);
  const ConnectionSpec lowered = ConnectionSpec::Builder()
                                     .openssl_cipher_list("AES128-SHA:@SECLEVEL=0")
                                     .tls_versions({TlsVersion::tls_1_0})
                                     .build();
  EXPECT_EQ(lowered.security_level(), 0);
}

TEST(ConnectionSpecTest, RefusalsNameTheBadPart) {
  using Builder = ConnectionSpec::Builder;
  EXPECT_TRUE(contains(refusal([] { Builder().cipher_suites({"TLS_ROT13"}); }), "'TLS_ROT13'"));
  EXPECT_TRUE(contains(refusal([] { Builder().cipher_suites({"HIGH"}); }), "'HIGH'"));
  EXPECT_TRUE(contains(refusal([] { Builder().cipher_suites({"TLS_AES_128_GCM_SHA256"}); }), "tls13_cipher_suites()"));
  EXPECT_TRUE(contains(refusal([] { Builder().tls13_cipher_suites({"AES128-SHA"}); }), "AES128-SHA"));
  EXPECT_TRUE(contains(refusal([] { Builder().openssl_cipher_list("NONSENSE"); }), "'NONSENSE'"));
  EXPECT_TRUE(contains(refusal([] { Builder().tls_versions({}); }), "no TLS version"));
  EXPECT_TRUE(contains(refusal([] { (void)Builder().cipher_suites({}).build(); }), "TLSv1.2"));
}

TEST(ConnectionSpecTest, SuitesThatDoNotProtectAreRefused) {
  for (const char* name : {"NULL-SHA256", "ADH-AES128-SHA256", "TLS_DH_anon_WITH_AES_128_CBC_SHA256"}) {
    const std::string refused = refusal([&] { ConnectionSpec::Builder().cipher_suites({name}); });
    EXPECT_TRUE(contains(refused, "encrypt and authenticate")) << name << ": " << refused;
  }
  const std::string refused = refusal([] { ConnectionSpec::Builder().openssl_cipher_list("aNULL:@SECLEVEL=0"); });
  EXPECT_TRUE(contains(refused, "encrypt and authenticate")) << refused;
}

TEST(ConnectionSpecTest, OldVersionsNeedTheCompatibleSpec) {
  for (const TlsVersion version : {TlsVersion::tls_1_0, TlsVersion::tls_1_1}) {
    const std::string refused = refusal([&] { (void)ConnectionSpec::Builder().tls_versions({version}).build(); });
    EXPECT_TRUE(contains(refused, std::string(to_string(version)) + " ")) << refused;
    EXPECT_TRUE(contains(refused, "compatible_tls()")) << refused;
    EXPECT_NO_THROW((void)ConnectionSpec::compatible_tls().new_builder().tls_versions({version}).build());
  }
}

TEST(ConnectionSpecTest, Http2NeedsExtensionsAndAGoodSuite) {
  EXPECT_TRUE(ConnectionSpec::restricted_tls().is_fit_for_http2());
  EXPECT_TRUE(ConnectionSpec::compatible_tls().is_fit_for_http2());
  const auto builder = [] { return ConnectionSpec::compatible_tls().new_builder(); };
  EXPECT_FALSE(builder().supports_tls_extensions(false).build().is_fit_for_http2());
  EXPECT_FALSE(builder().tls_versions({TlsVersion::tls_1_0, TlsVersion::tls_1_1}).build().is_fit_for_http2());
  // RFC 9113 appendix A prohibits both.
  const Names prohibited = {"TLS_RSA_WITH_AES_128_GCM_SHA256", "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA"};
  EXPECT_FALSE(builder().tls_versions({TlsVersion::tls_1_2}).cipher_suites(prohibited).build().is_fit_for_http2());
  EXPECT_TRUE(builder().cipher_suites(prohibited).build().is_fit_for_http2()) << "TLS 1.3 has only good ones";
}

}  // namespace
}  // namespace okhttp

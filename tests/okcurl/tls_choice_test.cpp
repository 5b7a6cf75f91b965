#include "okcurl/tls_choice.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "okcurl/exit_code.hpp"

namespace okcurl {
namespace {

using okhttp::ConnectionSpec;
using okhttp::TlsVersion;
using Versions = std::vector<TlsVersion>;

ConnectionSpec tls_of(std::vector<std::string_view> arguments) {
  arguments.push_back("https://h/");
  const std::vector<ConnectionSpec> specs = connection_specs_of(parse_options(arguments));
  EXPECT_EQ(specs.back(), ConnectionSpec::cleartext());
  return specs.front();
}

ExitCode refusal(const std::vector<std::string_view>& arguments) {
  try {
    (void)tls_of(arguments);
  } catch (const Failure& failure) {
    return failure.code();
  }
  return ExitCode::ok;
}

TEST(TlsChoiceTest, IsTheLibrarysOwnByDefault) {
  EXPECT_EQ(tls_of({}), ConnectionSpec::modern_tls());
  EXPECT_EQ(tls_of({"--tls-max", "default"}), ConnectionSpec::modern_tls());
}

TEST(TlsChoiceTest, TheOldestVersionIsTheLastOneGiven) {
  EXPECT_EQ(tls_of({"--tlsv1.3"}).tls_versions(), (Versions{TlsVersion::tls_1_3}));
  EXPECT_EQ(tls_of({"--tlsv1.3", "--tlsv1.2"}).tls_versions(), (Versions{TlsVersion::tls_1_2, TlsVersion::tls_1_3}));
  EXPECT_EQ(tls_of({"--tlsv1.1"}).tls_versions().front(), TlsVersion::tls_1_1);
  EXPECT_EQ(tls_of({"--tlsv1.0"}).tls_versions().size(), 4U);
}

TEST(TlsChoiceTest, TheNewestVersionIsBounded) {
  EXPECT_EQ(tls_of({"--tls-max", "1.2"}).tls_versions(), (Versions{TlsVersion::tls_1_2}));
  EXPECT_EQ(tls_of({"--tls-max", "1.1"}).tls_versions(), (Versions{TlsVersion::tls_1_0, TlsVersion::tls_1_1}));
  EXPECT_EQ(tls_of({"--tls-max", "1.1", "--tlsv1.1"}).tls_versions(), (Versions{TlsVersion::tls_1_1}));
  EXPECT_EQ(refusal({"--tlsv1.3", "--tls-max", "1.2"}), ExitCode::tls_handshake);
  EXPECT_EQ(refusal({"--tls-max", "1.4"}), ExitCode::usage);
}

TEST(TlsChoiceTest, OnlyOldVersionsLowerTheSecurityLevel) {
  EXPECT_EQ(tls_of({"--tlsv1.1"}).security_level(), 0);
  EXPECT_EQ(tls_of({"--tlsv1.2"}).security_level(), ConnectionSpec::modern_tls().security_level());
}

TEST(TlsChoiceTest, SuitesAreThoseThatAreGiven) {
  const ConnectionSpec tls = tls_of({"--ciphers", "AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256", "--tls13-ciphers",
                                     "TLS_AES_256_GCM_SHA384:TLS_AES_128_GCM_SHA256"});
  EXPECT_EQ(tls.cipher_suites(),
            (std::vector<std::string>{"TLS_RSA_WITH_AES_128_GCM_SHA256", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"}));
  EXPECT_EQ(tls.tls13_cipher_suites(), (std::vector<std::string>{"TLS_AES_256_GCM_SHA384", "TLS_AES_128_GCM_SHA256"}));
  EXPECT_EQ(tls_of({"--ciphers", "DEFAULT@SECLEVEL=1"}).security_level(), 1);
}

TEST(TlsChoiceTest, SuitesThatAreOfNoUseAre59) {
  EXPECT_EQ(refusal({"--ciphers", "NONSENSE"}), ExitCode::ssl_cipher);
  EXPECT_EQ(refusal({"--ciphers", "TLS_AES_128_GCM_SHA256"}), ExitCode::ssl_cipher);
  EXPECT_EQ(refusal({"--tls13-ciphers", "NONSENSE"}), ExitCode::ssl_cipher);
  EXPECT_EQ(refusal({"--ciphers", "eNULL:@SECLEVEL=0"}), ExitCode::ssl_cipher);
}

}  // namespace
}  // namespace okcurl

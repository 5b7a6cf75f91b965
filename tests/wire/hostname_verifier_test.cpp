#include <okhttp/handshake.hpp>
#include <okhttp/hostname_verifier.hpp>
#include <okhttp/mockwebserver/held_certificate.hpp>

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace okhttp {
namespace {

Handshake showing(const HeldCertificate& held) {
  return Handshake(TlsVersion::tls_1_3, "TLS_AES_128_GCM_SHA256", {held.certificate()}, {});
}

bool verifies(const HeldCertificate& held, const std::string& host) {
  return HostnameVerifier::default_rules()->verify(host, showing(held));
}

bool verifies(const std::string& name, const std::string& host) {
  return verifies(HeldCertificate::Builder().add_subject_alternative_name(name).build(), host);
}

TEST(HostnameVerifierTest, NamesAreComparedWithoutCase) {
  EXPECT_TRUE(verifies("a.example", "a.example"));
  EXPECT_TRUE(verifies("A.Example", "a.eXAMPLE"));
  EXPECT_FALSE(verifies("a.example", "b.example"));
  EXPECT_FALSE(verifies("a.example", "x.a.example"));
  EXPECT_FALSE(verifies("x.a.example", "a.example"));
}

TEST(HostnameVerifierTest, TheCommonNameNeverCounts) {
  EXPECT_FALSE(verifies(HeldCertificate::Builder().common_name("a.example").build(), "a.example"));
  const HeldCertificate other =
      HeldCertificate::Builder().common_name("a.example").add_subject_alternative_name("b.example").build();
  EXPECT_FALSE(verifies(other, "a.example"));
  EXPECT_TRUE(verifies(other, "b.example"));
}

TEST(HostnameVerifierTest, AWildcardIsTheWholeLeftMostLabelAndStandsForOne) {
  EXPECT_TRUE(verifies("*.a.example", "www.a.example"));
  EXPECT_TRUE(verifies("*.a.example", "xn--bcher-kva.a.example"));
  EXPECT_FALSE(verifies("*.a.example", "a.example"));
  EXPECT_FALSE(verifies("*.a.example", "x.www.a.example"));
  EXPECT_FALSE(verifies("w*.a.example", "www.a.example"));
  EXPECT_FALSE(verifies("www.*.example", "www.a.example"));
  EXPECT_FALSE(verifies("*.example", "a.example"));
  EXPECT_FALSE(verifies("*", "localhost"));
}

// CVE-2023-28321: a wildcard within a label that encodes other characters.
TEST(HostnameVerifierTest, AWildcardDoesNotMatchWithinAnInternationalName) {
  EXPECT_FALSE(verifies("xn--*.a.example", "xn--bcher-kva.a.example"));
  EXPECT_FALSE(verifies("x*.a.example", "xn--bcher-kva.a.example"));
}

// CVE-2021-0341
TEST(HostnameVerifierTest, AHostOutsideAsciiIsNeverVerified) {
  const std::string kelvin = "\xe2\x84\xaa.example";  // the sign for kelvin, which is a k in lower case
  EXPECT_FALSE(verifies("k.example", kelvin));
  EXPECT_FALSE(verifies("*.example.org",
                        "b\xc3\xbc"
                        "cher.example.org"));
  EXPECT_FALSE(verifies("*.example.org", std::string("a\0.example.org", 14)));
  EXPECT_FALSE(verifies("a.example", ""));
}

TEST(HostnameVerifierTest, AddressesAreVerifiedByEntriesForAddresses) {
  EXPECT_TRUE(verifies("192.0.2.1", "192.0.2.1"));
  EXPECT_FALSE(verifies("192.0.2.1", "192.0.2.2"));
  EXPECT_TRUE(verifies("2001:db8::1", "2001:db8::1"));
  EXPECT_TRUE(verifies("2001:db8::1", "2001:0db8:0:0:0:0:0:1"));
  EXPECT_FALSE(verifies("*.0.2.1", "192.0.2.1"));
}

TEST(HostnameVerifierTest, NothingIsVerifiedWithoutACertificate) {
  const Handshake bare(TlsVersion::tls_1_3, "TLS_AES_128_GCM_SHA256", {}, {});
  EXPECT_FALSE(HostnameVerifier::default_rules()->verify("a.example", bare));
}

TEST(HostnameVerifierTest, OnlyTheServersOwnCertificateCounts) {
  const auto named = [](const char* name) {
    return HeldCertificate::Builder().add_subject_alternative_name(name).build().certificate();
  };
  const Handshake chain(TlsVersion::tls_1_3, "TLS_AES_128_GCM_SHA256", {named("a.example"), named("b.example")}, {});
  EXPECT_TRUE(HostnameVerifier::default_rules()->verify("a.example", chain));
  EXPECT_FALSE(HostnameVerifier::default_rules()->verify("b.example", chain));
}

}  // namespace
}  // namespace okhttp

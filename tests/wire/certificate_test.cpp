#include <okhttp/certificate.hpp>

#include <okhttp/mockwebserver/held_certificate.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

namespace okhttp {
namespace {

// Made with: openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj '/O=Ex, Inc/CN=example.com'
//   -addext 'subjectAltName=DNS:example.com,DNS:*.example.com,IP:192.0.2.1,IP:2001:db8::1,email:a@example.com'
constexpr const char* kPem =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIB6TCCAY+gAwIBAgIIASNFZ4mrze8wCgYIKoZIzj0EAwIwKDEQMA4GA1UECgwH\n"
    "RXgsIEluYzEUMBIGA1UEAwwLZXhhbXBsZS5jb20wHhcNMjYxMTIwMTIxNzA5WhcN\n"
    "MzYxMTE3MTIxNzA5WjAoMRAwDgYDVQQKDAdFeCwgSW5jMRQwEgYDVQQDDAtleGFt\n"
    "cGxlLmNvbTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABEvGvOr6moNiwIKHWKGp\n"
    "+GnAx1hTwTXv/oSr3zkt7NIItc5fUl+6zc/O3lnjH7ppBLSjbMxMC+LEbIoxSgvk\n"
    "eY+jgaIwgZ8wHQYDVR0OBBYEFBb+ssnjxmoVS1k2Ut7nn7MhPfZgMB8GA1UdIwQY\n"
    "MBaAFBb+ssnjxmoVS1k2Ut7nn7MhPfZgMA8GA1UdEwEB/wQFMAMBAf8wTAYDVR0R\n"
    "BEUwQ4ILZXhhbXBsZS5jb22CDSouZXhhbXBsZS5jb22HBMAAAgGHECABDbgAAAAA\n"
    "AAAAAAAAAAGBDWFAZXhhbXBsZS5jb20wCgYIKoZIzj0EAwIDSAAwRQIge3pdvSfJ\n"
    "ANBy/mB5FFUC6BWdQSN4hdRIybFBNmlpXg8CIQDvlWeLYW7+6d94rLpb5lzNZohR\n"
    "WXfvqTVCjsaRhTKn8A==\n"
    "-----END CERTIFICATE-----\n";

TEST(CertificateTest, ShowsWhatItSays) {
  const auto certificate = Certificate::from_pem(kPem);
  ASSERT_TRUE(certificate);
  EXPECT_EQ(certificate->subject(), "CN=example.com,O=Ex\\, Inc");
  EXPECT_EQ(certificate->issuer(), certificate->subject());
  EXPECT_EQ(certificate->serial_number(), "0123456789abcdef");
  const std::vector<std::string> names = {"example.com", "*.example.com", "192.0.2.1", "2001:db8::1"};
  EXPECT_EQ(certificate->subject_alternative_names(), names);
  EXPECT_EQ(certificate->pin(), "sha256/It+acBRSXDSxx5i7ElSI031G28VryTAv7QwybiH6iSE=");
}

TEST(CertificateTest, SurvivesBothForms) {
  const auto certificate = Certificate::from_pem(kPem);
  ASSERT_TRUE(certificate);
  EXPECT_EQ(certificate->pem(), kPem);
  EXPECT_EQ(Certificate::from_der(certificate->der()), certificate);
}

TEST(CertificateTest, NoCertificateIsNothing) {
  EXPECT_FALSE(Certificate::from_pem(""));
  EXPECT_FALSE(Certificate::from_pem("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"));
  EXPECT_FALSE(Certificate::from_der({}));
  const auto certificate = Certificate::from_pem(kPem);
  std::vector<std::byte> der(certificate->der().begin(), certificate->der().end());
  EXPECT_FALSE(Certificate::from_der(std::span(der).first(der.size() - 1)));
  der.push_back(std::byte{0});
  EXPECT_FALSE(Certificate::from_der(der));
}

TEST(CertificateTest, NamesThatNoHostCanHaveAreLeftOut) {
  const HeldCertificate held = HeldCertificate::Builder()
                                   .add_subject_alternative_name(std::string("good.example\0.evil.example", 26))
                                   .add_subject_alternative_name("line\nbreak.example")
                                   .add_subject_alternative_name("good.example")
                                   .build();
  EXPECT_EQ(held.certificate().subject_alternative_names(), std::vector<std::string>{"good.example"});
}

TEST(CertificateTest, DatesReachBeyondTheClock) {
  using std::chrono::system_clock;
  const auto from = std::chrono::sys_days(std::chrono::year(1970) / 1 / 2);
  const auto to = std::chrono::sys_days(std::chrono::year(2049) / 12 / 31) + std::chrono::seconds(86399);
  const HeldCertificate held = HeldCertificate::Builder().validity(from, to).build();
  EXPECT_EQ(held.certificate().not_before(), from);
  EXPECT_EQ(held.certificate().not_after(), to);
}

}  // namespace
}  // namespace okhttp

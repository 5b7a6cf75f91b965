#include <okhttp/certificate_pinner.hpp>
#include <okhttp/error.hpp>
#include <okhttp/mockwebserver/held_certificate.hpp>

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <vector>

#include "support/public_key_pem.hpp"

namespace okhttp {
namespace {

using Builder = CertificatePinner::Builder;
using Pins = std::vector<std::string>;

const std::string kA = "sha256/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
const std::string kB = "sha256/BAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
const std::string kC = "sha256/CAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

bool fits(const std::string& pattern, const std::string& host) {
  return !Builder().add(pattern, kA).build().pins_of(host).empty();
}

TEST(CertificatePinnerTest, PinsNothingByDefault) {
  const CertificatePinner none;
  EXPECT_TRUE(none.is_empty());
  EXPECT_TRUE(none.pins_of("example.com").empty());
  none.check("example.com", {});
  EXPECT_EQ(none, Builder().build());
}

TEST(CertificatePinnerTest, ANameIsThatNameAlone) {
  EXPECT_TRUE(fits("example.com", "example.com"));
  EXPECT_FALSE(fits("example.com", "www.example.com"));
  EXPECT_FALSE(fits("example.com", "example.org"));
  EXPECT_FALSE(fits("example.com", "notexample.com"));
  EXPECT_FALSE(fits("www.example.com", "example.com"));
}

TEST(CertificatePinnerTest, OneAsteriskIsOneLabel) {
  EXPECT_TRUE(fits("*.example.com", "a.example.com"));
  EXPECT_FALSE(fits("*.example.com", "example.com"));
  EXPECT_FALSE(fits("*.example.com", "b.a.example.com"));
  EXPECT_FALSE(fits("*.example.com", "aexample.com"));
  EXPECT_FALSE(fits("*.example.com", ".example.com"));
  EXPECT_FALSE(fits("*.example.com", "a.example.com.evil"));
}

TEST(CertificatePinnerTest, TwoAsterisksAreAnyLabels) {
  EXPECT_TRUE(fits("**.example.com", "example.com"));
  EXPECT_TRUE(fits("**.example.com", "a.example.com"));
  EXPECT_TRUE(fits("**.example.com", "c.b.a.example.com"));
  EXPECT_FALSE(fits("**.example.com", "aexample.com"));
  EXPECT_FALSE(fits("**.example.com", "com"));
  EXPECT_TRUE(fits("**", "example.com"));
  EXPECT_TRUE(fits("**", "192.0.2.1"));
}

TEST(CertificatePinnerTest, HostsAreComparedInOneForm) {
  EXPECT_TRUE(fits("EXAMPLE.com", "example.com"));
  EXPECT_TRUE(fits("example.com", "EXAMPLE.COM"));
  EXPECT_TRUE(fits("example.com", "example.com.")) << "else a dot would evade the pin";
  EXPECT_TRUE(fits("example.com.", "example.com"));
  EXPECT_TRUE(fits("*.example.com", "a.example.com."));
  EXPECT_TRUE(
      fits("**.b\xC3\xBC"
           "cher.example",
           "www.xn--bcher-kva.example"));
  EXPECT_TRUE(fits("192.0.2.1", "192.0.2.1"));
  EXPECT_TRUE(fits("2001:DB8:0::1", "2001:db8::1"));
  EXPECT_TRUE(fits("[2001:db8::1]", "2001:db8::1"));
}

TEST(CertificatePinnerTest, RefusesOtherPatterns) {
  for (const char* pattern : {"", "*", "*.", "**.", "***.example.com", "a.*.example.com", "*a.example.com",
                              "a*.example", "*.*.example.com", "**.*.example.com", "*.192.0.2.1", "**.0.0.1",
                              "example.com:443", "https://example.com", "a b", "exa/mple.com", "*.[::1]"}) {
    EXPECT_THROW(Builder().add(pattern, kA), std::invalid_argument) << pattern;
  }
}

TEST(CertificatePinnerTest, RefusesWhatIsNoPin) {
  for (const std::string& pin :
       {std::string(), std::string("sha256/"), kA.substr(7), "SHA256/" + kA.substr(7), "sha1/" + kA.substr(7),
        "sha256/" + kA, kA + " ", kA.substr(0, kA.size() - 1), std::string("sha256/AAAA"), "sha256//" + kA.substr(7),
        kA.substr(0, kA.size() - 2) + "B="}) {
    EXPECT_THROW(Builder().add("example.com", pin), std::invalid_argument) << pin;
  }
  EXPECT_THROW(Builder().add("example.com", std::initializer_list<std::string_view>{}), std::invalid_argument);
  try {
    Builder().add("example.com", "sha1/AAAA");
    FAIL();
  } catch (const std::invalid_argument& error) {
    EXPECT_EQ(std::string(error.what()), "CertificatePinner: 'sha1/AAAA' is not sha256/ and the base64 of 32 bytes");
  }
}

TEST(CertificatePinnerTest, ThePinsOfAllPatternsThatFitCount) {
  const CertificatePinner pinner =
      Builder().add("a.example.com", {kA, kB}).add("*.example.com", kC).add("**.example.com", kA).build();
  EXPECT_EQ(pinner.pins_of("a.example.com"), (Pins{kA, kB, kC}));
  EXPECT_EQ(pinner.pins_of("b.example.com"), (Pins{kC, kA}));
  EXPECT_EQ(pinner.pins_of("example.com"), Pins{kA});
  EXPECT_EQ(pinner.new_builder().add("example.com", kB).build().pins_of("example.com"), (Pins{kA, kB}));
}

TEST(CertificatePinnerTest, EqualMeansEqualContent) {
  const CertificatePinner a = Builder().add("example.com", kA).build();
  EXPECT_EQ(a, Builder().add("EXAMPLE.com", kA).build());
  EXPECT_FALSE(a == Builder().add("example.com", kB).build());
  EXPECT_FALSE(a == Builder().add("*.example.com", kA).build());
  EXPECT_FALSE(a == CertificatePinner());
}

TEST(CertificatePinnerTest, APinIsThatOfThePublicKey) {
  const HeldCertificate held = HeldCertificate::localhost();
  const std::string pin = CertificatePinner::pin(held.certificate());
  EXPECT_EQ(pin, held.certificate().pin());
  EXPECT_EQ(CertificatePinner::pin_of_public_key(public_key_pem(held)), pin);
  EXPECT_EQ(CertificatePinner::pin_of_public_key(public_key_der(held)), pin);
  EXPECT_THROW((void)CertificatePinner::pin_of_public_key("no key"), std::invalid_argument);
  EXPECT_THROW((void)CertificatePinner::pin_of_public_key(held.private_key_pem()), std::invalid_argument);
}

TEST(CertificatePinnerTest, OneKeyOfTheChainIsEnough) {
  const HeldCertificate root = HeldCertificate::Builder().common_name("root").certificate_authority(0).build();
  const HeldCertificate own = HeldCertificate::Builder().common_name("own").signed_by(root).build();
  const std::vector<Certificate> chain{own.certificate(), root.certificate()};
  for (const Certificate& pinned : chain) {
    const CertificatePinner pinner = Builder().add("a.example", {kA, pinned.pin()}).build();
    EXPECT_TRUE(pinner.holds("a.example", chain));
    EXPECT_FALSE(pinner.holds("a.example", {}));
    pinner.check("a.example", chain);
  }
}

TEST(CertificatePinnerTest, AFailureShowsThePinsOfBothSides) {
  const HeldCertificate own = HeldCertificate::Builder().common_name("own").build();
  const std::vector<Certificate> chain{own.certificate()};
  const CertificatePinner pinner = Builder().add("a.example", {kA, kB}).build();
  try {
    pinner.check("a.example", chain);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.errc(), Errc::pin_mismatch);
    EXPECT_EQ(error.blame(), Blame::peer);
    EXPECT_EQ(std::string(error.what()), "no key of a.example is pinned: it has " + own.certificate().pin() +
                                             " (CN=own); pinned are " + kA + ", " + kB);
  }
}

}  // namespace
}  // namespace okhttp

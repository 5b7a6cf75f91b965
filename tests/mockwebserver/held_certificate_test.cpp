#include <okhttp/mockwebserver/held_certificate.hpp>

#include <gtest/gtest.h>

#include <openssl/pem.h>
#include <openssl/x509_vfy.h>

#include <chrono>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "wire/certificate_state.hpp"

namespace okhttp {
namespace {

using std::chrono::hours;
using std::chrono::system_clock;

X509* native(const HeldCertificate& held) { return held.certificate().state().x509.get(); }

bool signed_by(const HeldCertificate& held, const HeldCertificate& issuer) {
  return X509_verify(native(held), X509_get0_pubkey(native(issuer))) == 1;
}

bool key_fits(const HeldCertificate& held) {
  const std::string pem = held.private_key_pem();
  const internal::BioPtr memory(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  const internal::KeyPtr key(PEM_read_bio_PrivateKey(memory.get(), nullptr, nullptr, nullptr));
  return key != nullptr && X509_check_private_key(native(held), key.get()) == 1;
}

std::size_t count_of(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

TEST(HeldCertificateTest, DefaultIsASelfSignedEcdsaCertificateForADay) {
  const HeldCertificate held = HeldCertificate::Builder().build();
  EXPECT_TRUE(held.is_self_signed());
  EXPECT_TRUE(signed_by(held, held));
  EXPECT_TRUE(key_fits(held));
  EXPECT_EQ(EVP_PKEY_get_base_id(X509_get0_pubkey(native(held))), EVP_PKEY_EC);
  EXPECT_LT(held.certificate().not_before(), system_clock::now());
  EXPECT_GT(held.certificate().not_after(), system_clock::now() + hours(23));
  EXPECT_EQ(X509_check_ca(native(held)), 0);
}

TEST(HeldCertificateTest, EveryCertificateHasItsOwnKeyNameAndSerialNumber) {
  std::set<std::string> pins;
  std::set<std::string> serials;
  std::set<std::string> subjects;
  for (int i = 0; i < 10; ++i) {
    const HeldCertificate held = HeldCertificate::Builder().build();
    pins.insert(held.certificate().pin());
    serials.insert(held.certificate().serial_number());
    subjects.insert(held.certificate().subject());
  }
  EXPECT_EQ(pins.size(), 10U);
  EXPECT_EQ(serials.size(), 10U);
  EXPECT_EQ(subjects.size(), 10U);
}

TEST(HeldCertificateTest, SaysWhatTheBuilderWasTold) {
  const auto from = std::chrono::time_point_cast<system_clock::duration>(
      std::chrono::floor<std::chrono::seconds>(system_clock::now()) - hours(5));
  const HeldCertificate held = HeldCertificate::Builder()
                                   .common_name("me")
                                   .add_subject_alternative_name("*.example.com")
                                   .add_subject_alternative_name("192.0.2.1")
                                   .add_subject_alternative_name("2001:db8::1")
                                   .validity(from, from + hours(2))
                                   .serial_number(0x1234)
                                   .build();
  EXPECT_EQ(held.certificate().subject(), "CN=me");
  const std::vector<std::string> names = {"*.example.com", "192.0.2.1", "2001:db8::1"};
  EXPECT_EQ(held.certificate().subject_alternative_names(), names);
  EXPECT_EQ(held.certificate().not_before(), from);
  EXPECT_EQ(held.certificate().not_after(), from + hours(2));
  EXPECT_EQ(held.certificate().serial_number(), "1234");
}

TEST(HeldCertificateTest, RsaKeyHas2048Bits) {
  const HeldCertificate held = HeldCertificate::Builder().rsa_2048().build();
  EXPECT_EQ(EVP_PKEY_get_base_id(X509_get0_pubkey(native(held))), EVP_PKEY_RSA);
  EXPECT_EQ(EVP_PKEY_get_bits(X509_get0_pubkey(native(held))), 2048);
  EXPECT_TRUE(key_fits(held));
}

TEST(HeldCertificateTest, ChainHoldsTheIntermediatesButNotTheRoot) {
  const HeldCertificate root = HeldCertificate::Builder().common_name("root").certificate_authority(1).build();
  const HeldCertificate middle =
      HeldCertificate::Builder().common_name("middle").certificate_authority(0).signed_by(root).build();
  const HeldCertificate leaf = HeldCertificate::Builder().common_name("leaf").signed_by(middle).build();
  EXPECT_TRUE(signed_by(leaf, middle));
  EXPECT_TRUE(signed_by(middle, root));
  EXPECT_EQ(leaf.certificate().issuer(), "CN=middle");
  EXPECT_EQ(leaf.issuer().certificate(), middle.certificate());
  EXPECT_EQ(leaf.issuer().issuer().certificate(), root.certificate());
  EXPECT_EQ(leaf.chain_pem(), leaf.certificate_pem() + middle.certificate_pem());
  EXPECT_EQ(count_of(root.chain_pem(), "BEGIN CERTIFICATE"), 1U);
}

TEST(HeldCertificateTest, OnlyAuthoritiesSign) {
  const HeldCertificate leaf = HeldCertificate::Builder().build();
  EXPECT_THROW((void)HeldCertificate::Builder().signed_by(leaf).build(), std::invalid_argument);
}

TEST(HeldCertificateTest, CommonNameThatIsTooLongIsRefused) {
  EXPECT_THROW((void)HeldCertificate::Builder().common_name(std::string(65, 'x')).build(), std::invalid_argument);
}

TEST(HeldCertificateTest, LocalhostCoversTheLoopback) {
  const std::vector<std::string> names = {"localhost", "127.0.0.1", "::1"};
  EXPECT_EQ(HeldCertificate::localhost().certificate().subject_alternative_names(), names);
}

}  // namespace
}  // namespace okhttp

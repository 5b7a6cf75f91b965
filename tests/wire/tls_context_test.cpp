#include "wire/tls_context.hpp"

#include <okhttp/error.hpp>
#include <okhttp/mockwebserver/held_certificate.hpp>
#include <okhttp/tls.hpp>

#include <gtest/gtest.h>

#include <openssl/pem.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "wire/openssl.hpp"
#include "wire/tls_trust.hpp"

namespace okhttp::internal {
namespace {

constexpr const char* kDamagedCertificate = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
constexpr const char* kDamagedKey = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";

void expect_callers_fault(const TlsConfig& config, std::string_view what) {
  try {
    (void)TlsContext::for_client(config);
    FAIL() << what;
  } catch (const Error& error) {
    EXPECT_EQ(error.errc(), Errc::tls_handshake);
    EXPECT_EQ(error.blame(), Blame::caller);
    EXPECT_NE(std::string(error.what()).find(what), std::string::npos) << error.what();
  }
}

std::string encrypted(const std::string& key_pem, std::string password) {
  const BioPtr in(BIO_new_mem_buf(key_pem.data(), static_cast<int>(key_pem.size())));
  const KeyPtr key(PEM_read_bio_PrivateKey(in.get(), nullptr, nullptr, nullptr));
  const BioPtr out(BIO_new(BIO_s_mem()));
  PEM_write_bio_PKCS8PrivateKey(out.get(), key.get(), EVP_aes_128_cbc(), password.data(),
                                static_cast<int>(password.size()), nullptr, nullptr);
  char* begin = nullptr;
  const long size = BIO_get_mem_data(out.get(), &begin);
  return std::string(begin, static_cast<std::size_t>(size));
}

TEST(TlsContextTest, DamagedTrustIsTheCallersFault) {
  const std::string good = HeldCertificate::localhost().certificate_pem();
  expect_callers_fault(TlsConfig::Builder().trust_certificates(kDamagedCertificate).build(), "CA certificates");
  expect_callers_fault(TlsConfig::Builder().trust_certificates(good).trust_certificates(kDamagedCertificate).build(),
                       "CA certificates");
}

TEST(TlsContextTest, DamagedClientCertificateIsTheCallersFault) {
  const HeldCertificate me = HeldCertificate::localhost();
  const HeldCertificate other = HeldCertificate::localhost();
  const auto with = [](const std::string& chain, const std::string& key) {
    return TlsConfig::Builder().client_certificate(chain, key).build();
  };
  expect_callers_fault(with(kDamagedCertificate, me.private_key_pem()), "the client certificate cannot be used");
  expect_callers_fault(with(me.chain_pem(), kDamagedKey), "the key of the client certificate cannot be used");
  expect_callers_fault(with(me.chain_pem(), other.private_key_pem()), "the key of the client certificate");
}

TEST(TlsContextTest, EncryptedKeyNeedsItsPassword) {
  const HeldCertificate me = HeldCertificate::localhost();
  const std::string key = encrypted(me.private_key_pem(), "open sesame");
  const auto with = [&](std::string_view password) {
    return TlsConfig::Builder().client_certificate(me.chain_pem(), key, password).build();
  };
  EXPECT_NE(TlsContext::for_client(with("open sesame")), nullptr);
  expect_callers_fault(with("wrong"), "the key of the client certificate");
  // It must not ask on the terminal.
  expect_callers_fault(with(""), "the key of the client certificate");
}

TEST(TlsContextTest, LazyContextIsMadeOnceForAllThreads) {
  LazyTlsContext lazy{TlsConfig()};
  std::vector<std::shared_ptr<const TlsContext>> seen(8);
  std::vector<std::thread> threads;
  for (auto& place : seen) threads.emplace_back([&lazy, &place] { place = lazy.get(); });
  for (std::thread& thread : threads) thread.join();
  for (const auto& context : seen) EXPECT_EQ(context, seen.front());
}

TEST(TlsContextTest, LazyContextThatFailsIsTriedAgain) {
  LazyTlsContext lazy(TlsConfig::Builder().trust_certificates(kDamagedCertificate).build());
  EXPECT_THROW((void)lazy.get(), Error);
  EXPECT_THROW((void)lazy.get(), Error);
}

TEST(TlsContextTest, AlpnNamesOnlyWhatHasAName) {
  const std::vector<Protocol> all = {Protocol::http_2, Protocol::http_1_1, Protocol::http_1_0,
                                     Protocol::h2_prior_knowledge};
  EXPECT_EQ(alpn_wire_form(all), "\x02h2\x08http/1.1");
  EXPECT_EQ(alpn_wire_form({}), "");
}

TEST(TlsContextTest, SystemTrustPrefersTheDirectoryThatLoadsOnDemand) {
  if (!std::filesystem::exists("/etc/ssl/certs/ca-certificates.crt")) GTEST_SKIP() << "no Debian-like system";
  ::unsetenv("SSL_CERT_FILE");
  ::unsetenv("SSL_CERT_DIR");
  const SystemTrust trust = find_system_trust();
  EXPECT_EQ(trust.directories.size(), 1U);
  EXPECT_TRUE(trust.files.empty());
}

}  // namespace
}  // namespace okhttp::internal

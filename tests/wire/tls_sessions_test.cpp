#include "wire/tls_sessions.hpp"

#include <okhttp/mockwebserver/held_certificate.hpp>
#include <okhttp/tls.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "support/memory_stream.hpp"
#include "wire/tls_context.hpp"
#include "wire/tls_stream.hpp"

namespace okhttp::internal {
namespace {

const HeldCertificate& root() {
  static const HeldCertificate made = HeldCertificate::Builder().common_name("root").certificate_authority(0).build();
  return made;
}

HeldCertificate::Builder certificate_for(const std::string& host) {
  HeldCertificate::Builder builder;
  builder.add_subject_alternative_name(host).signed_by(root());
  return builder;
}

/// A client and a server that connect again and again.
class TlsSessionsTest : public testing::TestWithParam<TlsVersion> {
 protected:
  void serve(const HeldCertificate& held, unsigned tickets = 2, const std::string& stray = {}) {
    TlsServerConfig config;
    config.certificate_chain = held.chain_pem() + stray;
    config.private_key = held.private_key_pem();
    config.max_version = GetParam();
    config.session_tickets = tickets;
    server_context_ = TlsContext::for_server(config);
  }
  [[nodiscard]] static std::shared_ptr<const TlsContext> trusting_root() {
    return TlsContext::for_client(
        TlsConfig::Builder().system_trust(false).trust_certificates(root().certificate_pem()).build());
  }

  /// A client's end after the handshake, with all read that came with it; null when the handshake failed.
  std::unique_ptr<TlsStream> connect(const std::string& host = "example.com", bool keeps = true) {
    auto ends = MemorySocket::make_pair();
    auto client = TlsStream::client(client_context_, std::move(ends.first), host, {}, sessions_);
    server_ = TlsStream::server(server_context_, std::move(ends.second));
    for (int turn = 0; turn < 1000; ++turn) {
      const IoResult ours = client->try_handshake();
      if (!ours.ok() && !ours.would_block()) return nullptr;
      const IoResult theirs = server_->try_handshake();
      if (ours.ok()) {
        if (keeps) client->keep_sessions();
        if (theirs.ok() && client->is_quiet()) return client;
        (void)client->is_quiet();
      }
    }
    ADD_FAILURE() << "the handshake hangs";
    return nullptr;
  }
  /// Whether a connection that is made now resumes a session.
  bool resumes() {
    const auto client = connect();
    return client != nullptr && client->is_resumed() && client->handshake().is_resumed();
  }
  [[nodiscard]] bool is_tls_1_3() const { return GetParam() == TlsVersion::tls_1_3; }
  static std::time_t now() { return std::time(nullptr); }

  std::shared_ptr<const TlsContext> client_context_ = trusting_root();
  std::shared_ptr<const TlsContext> server_context_;
  std::shared_ptr<TlsSessions> sessions_ = std::make_shared<TlsSessions>();
  std::unique_ptr<TlsStream> server_;
};

INSTANTIATE_TEST_SUITE_P(Versions, TlsSessionsTest, testing::Values(TlsVersion::tls_1_2, TlsVersion::tls_1_3));

TEST_P(TlsSessionsTest, AreTakenOnceWithTls13AndSharedWithTls12) {
  serve(certificate_for("example.com").build(), 3);
  ASSERT_NE(connect(), nullptr);
  int count = 0;
  for (; count < 5; ++count) {
    if (!sessions_->take(now()).has_value()) break;
  }
  EXPECT_EQ(count, is_tls_1_3() ? 3 : 5);
}

TEST_P(TlsSessionsTest, AreReplacedBeyondTheMost) {
  serve(certificate_for("example.com").build(), 4);
  for (int i = 0; i < 4; ++i) ASSERT_NE(connect(), nullptr);
  const auto one = sessions_->take(now());
  ASSERT_TRUE(one.has_value());
  for (std::size_t i = 0; i < TlsSessions::kMost; ++i) sessions_->keep(one->native.get(), one->proof);
  const auto last = std::make_shared<const HandshakeProof>(*one->proof);
  sessions_->keep(one->native.get(), last);
  EXPECT_EQ(sessions_->take(now())->proof, last);
  if (!is_tls_1_3()) return;
  std::size_t left = 0;
  while (sessions_->take(now()).has_value()) ++left;
  EXPECT_EQ(left, TlsSessions::kMost - 1);
}

TEST_P(TlsSessionsTest, ExpireWithTheirOwnTime) {
  serve(certificate_for("example.com").build());
  ASSERT_NE(connect(), nullptr);
  EXPECT_FALSE(sessions_->take(now() + TlsSessions::kLongest).has_value());
  EXPECT_FALSE(sessions_->take(now()).has_value()) << "what has expired is dropped";
}

TEST_P(TlsSessionsTest, AreOfNoUseBeforeTheyWereMade) {
  serve(certificate_for("example.com").build());
  ASSERT_NE(connect(), nullptr);
  EXPECT_FALSE(sessions_->take(now() - 3600).has_value()) << "the clock was set back";
}

TEST_P(TlsSessionsTest, ExpireWithTheCertificateThatBeganThem) {
  serve(certificate_for("example.com").duration(std::chrono::seconds(60)).build());
  ASSERT_NE(connect(), nullptr);
  EXPECT_FALSE(sessions_->take(now() + 61).has_value());
}

// CVE-2024-0853: until the caller is content, too, nothing is kept.
TEST_P(TlsSessionsTest, AreKeptOnlyWhenThePeerWasAccepted) {
  serve(certificate_for("example.com").build());
  ASSERT_NE(connect("example.com", false), nullptr);
  EXPECT_FALSE(sessions_->take(now()).has_value());
}

TEST_P(TlsSessionsTest, OfAConnectionThatWasDroppedWithoutAnEndAreGood) {
  serve(certificate_for("example.com").build(), 1);
  connect().reset();
  EXPECT_TRUE(resumes()) << "OpenSSL spoils the session of such a connection, but not our copy";
  EXPECT_TRUE(resumes());
}

TEST_P(TlsSessionsTest, AreDroppedWhenAHandshakeThatOffersOneFails) {
  serve(certificate_for("example.com").build());
  ASSERT_NE(connect(), nullptr);
  auto ends = MemorySocket::make_pair();
  const auto client = TlsStream::client(client_context_, std::move(ends.first), "example.com", {}, sessions_);
  (void)client->try_handshake();
  ends.second.reset();
  EXPECT_FALSE(client->try_handshake().would_block());
  EXPECT_FALSE(sessions_->take(now()).has_value());
}

// CVE-2024-0853, CVE-2026-11564: whoever mixed sessions up would be stopped here.
TEST_P(TlsSessionsTest, DoNotProveAnotherHost) {
  serve(certificate_for("example.com").build());
  ASSERT_NE(connect(), nullptr);
  EXPECT_EQ(connect("other.example"), nullptr);
}

TEST_P(TlsSessionsTest, OfAnUnverifiedPeerDoNotProveIt) {
  serve(certificate_for("example.com").build());
  client_context_ = TlsContext::for_client(TlsConfig::Builder().insecure().build());
  ASSERT_NE(connect(), nullptr);
  EXPECT_TRUE(resumes());
  client_context_ = TlsContext::for_client(TlsConfig());
  EXPECT_EQ(connect(), nullptr);
}

// CVE-2016-2402: what a server sends along is in no verified chain, be it resumed or not.
TEST_P(TlsSessionsTest, HoldTheVerifiedChainWithoutStrayCertificates) {
  const HeldCertificate held = certificate_for("example.com").build();
  const HeldCertificate stray = HeldCertificate::Builder().common_name("stray").build();
  serve(held, 2, stray.certificate_pem() + root().certificate_pem() + held.certificate_pem());
  const std::vector<Certificate> clean{held.certificate(), root().certificate()};
  for (const bool resumed : {false, true}) {
    const auto client = connect();
    ASSERT_NE(client, nullptr);
    EXPECT_EQ(client->handshake().is_resumed(), resumed);
    EXPECT_EQ(client->handshake().peer_certificates(), clean);
  }
}

TEST_P(TlsSessionsTest, ServeThreadsAtOnce) {
  serve(certificate_for("example.com").build(), 4);
  ASSERT_NE(connect(), nullptr);
  const auto given = sessions_->take(now());
  ASSERT_TRUE(given.has_value());
  std::vector<std::thread> threads;
  threads.reserve(4);
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int turn = 0; turn < 200; ++turn) {
        sessions_->keep(given->native.get(), given->proof);
        const auto taken = sessions_->take(now());
        EXPECT_TRUE(!taken.has_value() || taken->proof->peer->certificates().size() == 2);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace okhttp::internal

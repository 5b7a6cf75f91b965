#include "wire/tls_stream.hpp"

#include <okhttp/error.hpp>
#include <okhttp/mockwebserver/held_certificate.hpp>
#include <okhttp/tls.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

#include "support/memory_stream.hpp"
#include "wire/certificate_state.hpp"
#include "wire/tls_context.hpp"

namespace okhttp::internal {
namespace {

using std::chrono::hours;
using std::chrono::system_clock;

const HeldCertificate& root() {
  static const HeldCertificate made =
      HeldCertificate::Builder().common_name("Test Root").certificate_authority(1).build();
  return made;
}

HeldCertificate::Builder certificate_for(const std::string& host) {
  HeldCertificate::Builder builder;
  builder.common_name("server").add_subject_alternative_name(host).signed_by(root());
  return builder;
}

const HeldCertificate& example() {
  static const HeldCertificate made = certificate_for("example.com").build();
  return made;
}

TlsServerConfig serving(const HeldCertificate& certificate) {
  TlsServerConfig config;
  config.certificate_chain = certificate.chain_pem();
  config.private_key = certificate.private_key_pem();
  config.protocols = {Protocol::http_2, Protocol::http_1_1};
  return config;
}

TlsConfig::Builder trusting_root() {
  TlsConfig::Builder builder;
  builder.system_trust(false).trust_certificates(root().certificate_pem());
  return builder;
}

std::string pattern(std::size_t size) {
  std::string text(size, '\0');
  for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>('a' + (i * 31 + i / 256) % 26);
  return text;
}

/// A client's and a server's TlsStream over a connection in memory.
class Pair {
 public:
  explicit Pair(const TlsConfig& client_config, const TlsServerConfig& server_config = serving(example()),
                std::string_view host = "example.com",
                const std::vector<Protocol>& protocols = {Protocol::http_2, Protocol::http_1_1})
      : Pair(TlsContext::for_client(client_config), TlsContext::for_server(server_config), host, protocols) {}

  Pair(std::shared_ptr<const TlsContext> client_context, std::shared_ptr<const TlsContext> server_context,
       std::string_view host = "example.com",
       const std::vector<Protocol>& protocols = {Protocol::http_2, Protocol::http_1_1}) {
    auto ends = MemorySocket::make_pair();
    below_client = ends.first.get();
    below_server = ends.second.get();
    client = TlsStream::client(std::move(client_context), std::move(ends.first), host, protocols);
    server = TlsStream::server(std::move(server_context), std::move(ends.second));
  }

  /// Lets both shake hands until neither gets on. True when the two have agreed.
  bool shake_hands() {
    for (int turn = 0; turn < 200'000; ++turn) {
      client_outcome = client->try_handshake();
      server_outcome = server->try_handshake();
      if (client_outcome.ok() && !server_outcome.ok() && server_outcome.would_block()) {
        // The client keeps the end of its handshake back until it writes, reads or is looked at.
        [[maybe_unused]] const bool quiet = client->is_quiet();
      }
      const bool client_done = !client_outcome.would_block();
      if (client_done && !client_outcome.ok()) return false;
      if (client_done && !server_outcome.would_block()) return server_outcome.ok();
    }
    ADD_FAILURE() << "the handshake hangs";
    return false;
  }

  MemorySocket* below_client = nullptr;
  MemorySocket* below_server = nullptr;
  std::unique_ptr<TlsStream> client;
  std::unique_ptr<TlsStream> server;
  IoResult client_outcome;
  IoResult server_outcome;
};

class Reader {
 public:
  std::string text;
  IoResult last;

  void read(TlsStream& from, std::size_t size = 100'000) {
    if (buffer_.size() < size) buffer_.resize(size);
    last = from.try_read(Bytes(buffer_).first(size));
    if (last.ok()) text += as_text(ConstBytes(buffer_).first(last.bytes));
  }

 private:
  std::vector<std::byte> buffer_;
};

/// Sends `text` in pieces from one to the other and returns what arrived.
std::string carry(TlsStream& from, TlsStream& to, std::string_view text, std::size_t head_size = 0,
                  std::size_t read_size = 100'000) {
  Reader reader;
  ConstBytes pieces[2] = {as_bytes(text.substr(0, head_size)), as_bytes(text.substr(head_size))};
  std::size_t idle_turns = 0;  // a record may take many
  while (reader.text.size() < text.size() && idle_turns < 100'000) {
    ++idle_turns;
    if (!pieces[0].empty() || !pieces[1].empty()) {
      const IoResult sent = from.try_write(pieces);
      if (sent.ok()) {
        const std::size_t of_head = std::min(sent.bytes, pieces[0].size());
        pieces[0] = pieces[0].subspan(of_head);
        pieces[1] = pieces[1].subspan(sent.bytes - of_head);
      } else if (!sent.would_block()) {
        ADD_FAILURE() << from.failure_text();
        break;
      }
    }
    const std::size_t before = reader.text.size();
    reader.read(to, read_size);
    if (reader.text.size() > before) idle_turns = 0;
    if (!reader.last.ok() && !reader.last.would_block()) break;
  }
  return reader.text;
}

std::string why(const Pair& pair) { return pair.client->handshake_error(pair.client_outcome).what(); }
Errc errc(const Pair& pair) { return pair.client->handshake_error(pair.client_outcome).errc(); }

TEST(TlsStreamTest, CarriesBytesBothWaysAfterTheHandshake) {
  Pair pair(trusting_root().build());
  ASSERT_TRUE(pair.shake_hands()) << why(pair);
  EXPECT_EQ(carry(*pair.client, *pair.server, "GET / HTTP/1.1\r\n\r\n"), "GET / HTTP/1.1\r\n\r\n");
  EXPECT_EQ(carry(*pair.server, *pair.client, "HTTP/1.1 200 OK\r\n\r\n"), "HTTP/1.1 200 OK\r\n\r\n");
}

TEST(TlsStreamTest, TellsWhatTheHandshakeAgreedUpon) {
  Pair pair(trusting_root().build());
  ASSERT_TRUE(pair.shake_hands()) << why(pair);
  EXPECT_EQ(pair.client->protocol(), Protocol::http_2);
  EXPECT_EQ(pair.server->protocol(), Protocol::http_2);
  EXPECT_EQ(pair.server->server_name(), "example.com");
  const Handshake& handshake = pair.client->handshake();
  EXPECT_EQ(handshake.tls_version(), TlsVersion::tls_1_3);
  EXPECT_EQ(handshake.cipher_suite().substr(0, 4), "TLS_");
  // The verified chain goes up to the root, which the server did not send.
  const std::vector<Certificate> chain = {example().certificate(), root().certificate()};
  EXPECT_EQ(handshake.peer_certificates(), chain);
  EXPECT_TRUE(handshake.local_certificates().empty());
  EXPECT_EQ(pair.server->handshake().local_certificates(), std::vector<Certificate>{example().certificate()});
  EXPECT_TRUE(pair.server->handshake().peer_certificates().empty());
}

TEST(TlsStreamTest, SpeaksTls12WhenThatIsTheNewestThatThePeerHas) {
  TlsServerConfig config = serving(example());
  config.max_version = TlsVersion::tls_1_2;
  Pair pair(trusting_root().build(), config);
  ASSERT_TRUE(pair.shake_hands()) << why(pair);
  EXPECT_EQ(pair.client->handshake().tls_version(), TlsVersion::tls_1_2);
  EXPECT_EQ(pair.client->handshake().cipher_suite(), "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256");
  EXPECT_EQ(carry(*pair.client, *pair.server, "ping"), "ping");
  EXPECT_EQ(carry(*pair.server, *pair.client, "pong"), "pong");
}

TEST(TlsStreamTest, WithoutAVersionInCommonTheHandshakeFails) {
  TlsServerConfig config = serving(example());
  config.max_version = TlsVersion::tls_1_2;
  Pair pair(trusting_root().min_version(TlsVersion::tls_1_3).build(), config);
  EXPECT_FALSE(pair.shake_hands());
  EXPECT_EQ(errc(pair), Errc::tls_handshake);
  EXPECT_NE(why(pair).find("alert \"protocol version\""), std::string::npos) << why(pair);
}

TEST(TlsStreamTest, ServerPrefersItsFirstProtocolThatTheClientOffers) {
  Pair pair(trusting_root().build(), serving(example()), "example.com", {Protocol::http_1_1});
  ASSERT_TRUE(pair.shake_hands()) << why(pair);
  EXPECT_EQ(pair.client->protocol(), Protocol::http_1_1);
}

TEST(TlsStreamTest, WithoutAlpnThereIsNoProtocol) {
  TlsServerConfig config = serving(example());
  config.protocols.clear();
  Pair pair(trusting_root().build(), config);
  ASSERT_TRUE(pair.shake_hands()) << why(pair);
  EXPECT_EQ(pair.client->protocol(), std::nullopt);
}

TEST(TlsStreamTest, AddressesAreVerifiedButNotNamedToTheServer) {
  for (const char* address : {"127.0.0.1", "::1"}) {
    Pair pair(trusting_root().build(), serving(certificate_for(address).build()), address);
    ASSERT_TRUE(pair.shake_hands()) << why(pair);
    EXPECT_EQ(pair.server->server_name(), "");
  }
  Pair wrong(trusting_root().build(), serving(certificate_for("127.0.0.2").build()), "127.0.0.1");
  EXPECT_FALSE(wrong.shake_hands());
  EXPECT_EQ(errc(wrong), Errc::peer_unverified);
  EXPECT_NE(why(wrong).find("covers 127.0.0.2 but not 127.0.0.1"), std::string::npos) << why(wrong);
}

TEST(TlsStreamTest, NameLookingLikeAnAddressInTheCertificateIsNoAddress) {
  const HeldCertificate held = HeldCertificate::Builder().common_name("127.0.0.1").signed_by(root()).build();
  Pair pair(trusting_root().build(), serving(held), "127.0.0.1");
  EXPECT_FALSE(pair.shake_hands());
  EXPECT_EQ(errc(pair), Errc::peer_unverified);
}

TEST(TlsStreamTest, CertificateForAnotherHostIsRefused) {
  Pair pair(trusting_root().build(), serving(example()), "example.org");
  EXPECT_FALSE(pair.shake_hands());
  EXPECT_EQ(errc(pair), Errc::peer_unverified);
  EXPECT_NE(why(pair).find("covers example.com but not example.org"), std::string::npos) << why(pair);
}

TEST(TlsStreamTest, CommonNameDoesNotCount) {
  const HeldCertificate held = HeldCertificate::Builder().common_name("example.com").signed_by(root()).build();
  Pair pair(trusting_root().build(), serving(held));
  EXPECT_FALSE(pair.shake_hands());
  EXPECT_EQ(errc(pair), Errc::peer_unverified);
  EXPECT_NE(why(pair).find("no subject alternative names"), std::string::npos) << why(pair);
}

TEST(TlsStreamTest, WildcardStandsForTheWholeLeftMostLabelOnly) {
  const auto matches = [](const std::string& name, const std::string& host) {
    Pair pair(trusting_root().build(), serving(certificate_for(name).build()), host);
    return pair.shake_hands();
  };
  EXPECT_TRUE(matches("*.example.com", "www.example.com"));
  EXPECT_TRUE(matches("*.example.com", "WWW.Example.COM"));
  EXPECT_TRUE(matches("*.example.com", "www.example.com."));
  EXPECT_FALSE(matches("*.example.com", "example.com"));
  EXPECT_FALSE(matches("*.example.com", "a.b.example.com"));
  EXPECT_FALSE(matches("w*.example.com", "www.example.com"));
  EXPECT_FALSE(matches("*w.example.com", "www.example.com"));
  EXPECT_FALSE(matches("www.*.com", "www.example.com"));
  EXPECT_FALSE(matches("*.com", "example.com"));
  EXPECT_FALSE(matches("*", "example"));
  EXPECT_FALSE(matches("*.1.1.1", "1.1.1.1"));
  // CVE-2023-28321
  EXPECT_FALSE(matches("xn--*.example.com", "xn--bcher-kva.example.com"));
}

TEST(TlsStreamTest, HostOutsideAsciiIsNeverVerified) {
  for (const std::string host : {"b\xc3\xbc"
                                 "cher.example",
                                 "example.com\n", "exam ple.com", ""}) {
    Pair pair(trusting_root().build(), serving(example()), host);
    EXPECT_FALSE(pair.shake_hands()) << host;
    EXPECT_EQ(errc(pair), Errc::peer_unverified);
  }
  Pair nul(trusting_root().build(), serving(example()), std::string_view("example.com\0.evil", 17));
  EXPECT_FALSE(nul.shake_hands());
}

TEST(TlsStreamTest, ExpiredCertificateIsRefusedWithItsDate) {
  const auto now = system_clock::now();
  Pair expired(trusting_root().build(),
               serving(certificate_for("example.com").validity(now - hours(48), now - hours(24)).build()));
  EXPECT_FALSE(expired.shake_hands());
  EXPECT_EQ(errc(expired), Errc::peer_unverified);
  EXPECT_NE(why(expired).find("'CN=server' expired on "), std::string::npos) << why(expired);

  Pair early(trusting_root().build(),
             serving(certificate_for("example.com").validity(now + hours(24), now + hours(48)).build()));
  EXPECT_FALSE(early.shake_hands());
  EXPECT_NE(why(early).find("is not valid before "), std::string::npos) << why(early);
}

TEST(TlsStreamTest, SelfSignedCertificateIsRefusedUnlessItIsTrusted) {
  const HeldCertificate held =
      HeldCertificate::Builder().common_name("alone").add_subject_alternative_name("example.com").build();
  Pair refused(trusting_root().build(), serving(held));
  EXPECT_FALSE(refused.shake_hands());
  EXPECT_EQ(errc(refused), Errc::peer_unverified);
  EXPECT_NE(why(refused).find("'CN=alone' is self-signed"), std::string::npos) << why(refused);

  Pair trusted(trusting_root().trust_certificates(held.certificate_pem()).build(), serving(held));
  EXPECT_TRUE(trusted.shake_hands()) << why(trusted);
}

TEST(TlsStreamTest, UnknownIssuerIsNamed) {
  const HeldCertificate stranger = HeldCertificate::Builder().common_name("Stranger").certificate_authority(0).build();
  const HeldCertificate held =
      HeldCertificate::Builder().add_subject_alternative_name("example.com").signed_by(stranger).build();
  Pair pair(trusting_root().build(), serving(held));
  EXPECT_FALSE(pair.shake_hands());
  EXPECT_EQ(errc(pair), Errc::peer_unverified);
  EXPECT_NE(why(pair).find("issued by 'CN=Stranger', which is unknown"), std::string::npos) << why(pair);
}

TEST(TlsStreamTest, SystemTrustDoesNotKnowTheTestRoot) {
  Pair pair{TlsConfig()};
  EXPECT_FALSE(pair.shake_hands());
  EXPECT_EQ(errc(pair), Errc::peer_unverified);
}

TEST(TlsStreamTest, IntermediateIsSentAndVerified) {
  const HeldCertificate intermediate =
      HeldCertificate::Builder().common_name("Middle").certificate_authority(0).signed_by(root()).build();
  const HeldCertificate held =
      HeldCertificate::Builder().add_subject_alternative_name("example.com").signed_by(intermediate).build();
  Pair pair(trusting_root().build(), serving(held));
  ASSERT_TRUE(pair.shake_hands()) << why(pair);
  EXPECT_EQ(pair.client->handshake().peer_certificates().size(), 3U);

  // CVE-2025-14819: trust in an intermediate alone ends no chain.
  const TlsConfig partial =
      TlsConfig::Builder().system_trust(false).trust_certificates(intermediate.certificate_pem()).build();
  Pair refused(partial, serving(held));
  EXPECT_FALSE(refused.shake_hands());
  EXPECT_EQ(errc(refused), Errc::peer_unverified);
}

TEST(TlsStreamTest, CertificateThatIsNoAuthorityCannotSignOthers) {
  const HeldCertificate too_deep =
      HeldCertificate::Builder().common_name("Deep").certificate_authority(0).signed_by(root()).build();
  const HeldCertificate deeper =
      HeldCertificate::Builder().common_name("Deeper").certificate_authority(0).signed_by(too_deep).build();
  const HeldCertificate held =
      HeldCertificate::Builder().add_subject_alternative_name("example.com").signed_by(deeper).build();
  Pair pair(trusting_root().build(), serving(held));
  EXPECT_FALSE(pair.shake_hands());
  EXPECT_EQ(errc(pair), Errc::peer_unverified);
}

TEST(TlsStreamTest, InsecureAcceptsAnything) {
  const HeldCertificate held = HeldCertificate::Builder().common_name("anybody").build();
  Pair pair(TlsConfig::Builder().insecure().build(), serving(held));
  ASSERT_TRUE(pair.shake_hands()) << why(pair);
  EXPECT_EQ(pair.client->handshake().peer_certificates(), std::vector<Certificate>{held.certificate()});
}

TEST(TlsStreamTest, InsecureHostIsThatHostAlone) {
  const TlsConfig config = trusting_root().add_insecure_host("Example.COM").build();
  const HeldCertificate held = HeldCertificate::Builder().add_subject_alternative_name("example.org").build();
  Pair insecure(config, serving(held), "example.com");
  EXPECT_TRUE(insecure.shake_hands()) << why(insecure);
  Pair secure(config, serving(held), "example.org");
  EXPECT_FALSE(secure.shake_hands());
}

TEST(TlsStreamTest, InsecureMayStillAskForTheRightName) {
  const TlsConfig config = TlsConfig::Builder().insecure().verify_host_name(true).build();
  const HeldCertificate held = HeldCertificate::Builder().add_subject_alternative_name("example.com").build();
  Pair right(config, serving(held), "example.com");
  EXPECT_TRUE(right.shake_hands()) << why(right);
  Pair wrong(config, serving(held), "example.org");
  EXPECT_FALSE(wrong.shake_hands());
  EXPECT_EQ(errc(wrong), Errc::peer_unverified);
}

TEST(TlsStreamTest, ClientCertificateIsShownWhenAskedFor) {
  const HeldCertificate me = HeldCertificate::Builder().common_name("me").signed_by(root()).build();
  const TlsConfig config = trusting_root().client_certificate(me.chain_pem(), me.private_key_pem()).build();
  for (const TlsVersion version : {TlsVersion::tls_1_2, TlsVersion::tls_1_3}) {
    TlsServerConfig server = serving(example());
    server.max_version = version;
    server.trusted_clients = root().certificate_pem();
    server.client_certificate = TlsServerConfig::ClientCertificate::required;
    Pair asked(config, server);
    ASSERT_TRUE(asked.shake_hands()) << why(asked);
    EXPECT_EQ(asked.server->handshake().peer_certificates().front(), me.certificate());
    EXPECT_EQ(asked.client->handshake().local_certificates(), std::vector<Certificate>{me.certificate()});

    server.client_certificate = TlsServerConfig::ClientCertificate::ignored;
    Pair not_asked(config, server);
    ASSERT_TRUE(not_asked.shake_hands()) << why(not_asked);
    EXPECT_TRUE(not_asked.client->handshake().local_certificates().empty());
  }
}

TEST(TlsStreamTest, MissingClientCertificateIsToldInWords) {
  TlsServerConfig server = serving(example());
  server.trusted_clients = root().certificate_pem();
  server.client_certificate = TlsServerConfig::ClientCertificate::required;
  // With TLS 1.3 the client has finished when the server finds out: the first read tells.
  Pair pair(trusting_root().build(), server);
  EXPECT_FALSE(pair.shake_hands());
  ASSERT_TRUE(pair.client_outcome.ok());
  Reader reader;
  reader.read(*pair.client);
  EXPECT_EQ(reader.last.status, IoStatus::failed);
  EXPECT_EQ(reader.last.error, make_error_code(TlsErrc::certificate_refused));
  EXPECT_NE(pair.client->failure_text().find("certificate required"), std::string::npos) << pair.client->failure_text();

  server.max_version = TlsVersion::tls_1_2;
  Pair older(trusting_root().build(), server);
  EXPECT_FALSE(older.shake_hands());
  EXPECT_EQ(errc(older), Errc::tls_handshake);
}

TEST(TlsStreamTest, UnwantedClientCertificateIsOptional) {
  TlsServerConfig server = serving(example());
  server.trusted_clients = root().certificate_pem();
  server.client_certificate = TlsServerConfig::ClientCertificate::wanted;
  Pair pair(trusting_root().build(), server);
  EXPECT_TRUE(pair.shake_hands()) << why(pair);
  EXPECT_TRUE(pair.server->handshake().peer_certificates().empty());
}

TEST(TlsStreamTest, ServerCanRefuseTheHandshake) {
  Pair pair(trusting_root().build());
  pair.server->refuse_handshake();
  EXPECT_FALSE(pair.shake_hands());
  EXPECT_EQ(errc(pair), Errc::tls_handshake);
  EXPECT_NE(why(pair).find("handshake failure"), std::string::npos) << why(pair);
}

TEST(TlsStreamTest, PeerThatSpeaksClearTextIsNamedSo) {
  Pair pair(trusting_root().build());
  pair.below_client->unread() = "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n";
  while (pair.client_outcome = pair.client->try_handshake(), pair.client_outcome.would_block()) {
  }
  EXPECT_EQ(errc(pair), Errc::tls_handshake);
  EXPECT_NE(why(pair).find("does not speak TLS"), std::string::npos) << why(pair);
}

TEST(TlsStreamTest, HandshakeSurvivesEveryWayOfDribbling) {
  for (const TlsVersion version : {TlsVersion::tls_1_2, TlsVersion::tls_1_3}) {
    for (const std::size_t size : {1U, 2U, 3U, 5U, 7U, 64U, 1000U}) {
      TlsServerConfig config = serving(example());
      config.max_version = version;
      Pair pair(trusting_root().build(), config);
      for (MemorySocket* end : {pair.below_client, pair.below_server}) {
        end->script.read_size = size;
        end->script.write_size = size;
        end->script.capacity = size;
        end->script.every_other_blocks = true;
      }
      ASSERT_TRUE(pair.shake_hands()) << why(pair) << " at " << size;
      EXPECT_EQ(carry(*pair.client, *pair.server, "ping"), "ping");
    }
  }
}

TEST(TlsStreamTest, EveryChunkSizeCarriesTheSameBytes) {
  const std::string text = pattern(70'000);
  for (const std::size_t size : {17U, 100U, 1460U, 16'384U, 16'406U, 40'000U, 1'000'000U}) {
    for (const std::size_t head : {0U, 1U, 300U, 16'383U, 16'384U, 20'000U, 70'000U}) {
      if (size < 1000 && head != 300) continue;
      Pair pair(trusting_root().build());
      ASSERT_TRUE(pair.shake_hands()) << why(pair);
      for (MemorySocket* end : {pair.below_client, pair.below_server}) {
        end->script.read_size = size;
        end->script.write_size = size;
        end->script.capacity = size;
        end->script.every_other_blocks = true;
      }
      EXPECT_TRUE(carry(*pair.client, *pair.server, text, head) == text) << size << ", " << head;
      EXPECT_TRUE(carry(*pair.server, *pair.client, text, head, size) == text) << size << ", " << head;
    }
  }
}

TEST(TlsStreamTest, HeadAndSmallBodyTravelInOneWriteWithTheEndOfTheHandshake) {
  Pair pair(trusting_root().build());
  while (!pair.client->try_handshake().ok()) {
    pair.server_outcome = pair.server->try_handshake();
  }
  // ClientHello; the rest waits for the request.
  EXPECT_EQ(pair.below_client->writes, 1U);
  const ConstBytes pieces[2] = {as_bytes("POST / HTTP/1.1\r\n\r\n"), as_bytes("{}")};
  EXPECT_EQ(pair.client->try_write(pieces).bytes, 21U);
  EXPECT_EQ(pair.below_client->writes, 2U);
  ASSERT_TRUE(pair.server->try_handshake().ok());
  Reader reader;
  reader.read(*pair.server);
  EXPECT_EQ(reader.text, "POST / HTTP/1.1\r\n\r\n{}");
  EXPECT_EQ(pair.below_server->reads, 2U);
}

TEST(TlsStreamTest, ManySmallRecordsComeInOneRead) {
  Pair pair(trusting_root().build());
  ASSERT_TRUE(pair.shake_hands()) << why(pair);
  for (int i = 0; i < 10; ++i) {
    const ConstBytes piece = as_bytes("chunk");
    ASSERT_TRUE(pair.server->try_write(std::span(&piece, 1)).ok());
  }
  Reader reader;
  reader.read(*pair.client);
  EXPECT_EQ(reader.text.size(), 50U);
}

TEST(TlsStreamTest, BlockedWriteReportsItsBytesOnceTheyAreTaken) {
  Pair pair(trusting_root().build());
  ASSERT_TRUE(pair.shake_hands()) << why(pair);
  pair.below_client->script.capacity = 10;
  const ConstBytes piece = as_bytes("hello");
  EXPECT_EQ(pair.client->try_write(std::span(&piece, 1)).status, IoStatus::would_block_write);
  EXPECT_EQ(pair.client->try_write(std::span(&piece, 1)).status, IoStatus::would_block_write);
  pair.below_client->script.capacity = MemoryScript::kUnlimited;
  EXPECT_EQ(pair.client->try_write(std::span(&piece, 1)).bytes, 5U);
  Reader reader;
  reader.read(*pair.server);
  EXPECT_EQ(reader.text, "hello");
}

TEST(TlsStreamTest, CloseNotifyIsAnOrderlyEnd) {
  Pair pair(trusting_root().build());
  ASSERT_TRUE(pair.shake_hands()) << why(pair);
  const ConstBytes piece = as_bytes("last words");
  ASSERT_TRUE(pair.server->try_write(std::span(&piece, 1)).ok());
  pair.server->shut_down_write();
  Reader reader;
  reader.read(*pair.client);
  EXPECT_EQ(reader.text, "last words");
  for (int i = 0; i < 3; ++i) {
    reader.read(*pair.client);
    EXPECT_EQ(reader.last.status, IoStatus::end);
  }
  // The other direction is still open.
  EXPECT_EQ(carry(*pair.client, *pair.server, "and yours?"), "and yours?");
}

TEST(TlsStreamTest, EndWithoutCloseNotifyIsATruncation) {
  Pair pair(trusting_root().build());
  ASSERT_TRUE(pair.shake_hands()) << why(pair);
  const ConstBytes piece = as_bytes("half of it");
  ASSERT_TRUE(pair.server->try_write(std::span(&piece, 1)).ok());
  pair.below_server->shut_down_write();
  Reader reader;
  reader.read(*pair.client);
  EXPECT_EQ(reader.text, "half of it");
  reader.read(*pair.client);
  EXPECT_EQ(reader.last.status, IoStatus::failed);
  EXPECT_EQ(reader.last.error, make_error_code(TlsErrc::truncated));
  EXPECT_EQ(reader.last.error, std::errc::connection_reset);
  EXPECT_FALSE(pair.client->failure_text().empty());
}

/// The client's view of connections that break after so many bytes: they must end, never hang, never make bytes up.
class BreakingConnections {
 public:
  BreakingConnections(TlsVersion version, std::error_code error) : error_(error) {
    TlsServerConfig config = serving(example());
    config.max_version = version;
    server_ = TlsContext::for_server(config);
  }

  /// True when the break came too late to be noticed.
  bool survives(std::size_t cut) {
    SCOPED_TRACE(cut);
    Pair pair(client_, server_);
    pair.below_client->script.cut_after = cut;
    pair.below_client->script.cut_error = error_;
    if (!pair.shake_hands()) {
      EXPECT_EQ(pair.client_outcome.status, IoStatus::failed);
      EXPECT_EQ(errc(pair), Errc::tls_handshake);
      EXPECT_EQ(pair.client->try_handshake().status, IoStatus::failed);
      return false;
    }
    const ConstBytes piece = as_bytes(text_);
    std::ignore = pair.server->try_write(std::span(&piece, 1));
    pair.server->shut_down_write();
    Reader reader;
    do {
      reader.read(*pair.client, 700);
    } while (reader.last.ok());
    EXPECT_EQ(reader.text, text_.substr(0, reader.text.size()));
    if (reader.last.status == IoStatus::end) {
      EXPECT_EQ(reader.text, text_);
      return true;
    }
    EXPECT_EQ(reader.last.status, IoStatus::failed);
    EXPECT_EQ(reader.last.error, error_ ? error_ : make_error_code(TlsErrc::truncated));
    EXPECT_FALSE(pair.client->is_quiet());
    return false;
  }

 private:
  const std::string text_ = pattern(100);
  const std::error_code error_;
  const std::shared_ptr<const TlsContext> client_ = TlsContext::for_client(trusting_root().build());
  std::shared_ptr<const TlsContext> server_;
};

TEST(TlsStreamTest, ConnectionMayEndAfterAnyByte) {
  for (const TlsVersion version : {TlsVersion::tls_1_2, TlsVersion::tls_1_3}) {
    BreakingConnections connections(version, {});
    for (std::size_t cut = 0; !connections.survives(cut); ++cut) ASSERT_FALSE(HasFailure() || cut > 10'000);
  }
}

TEST(TlsStreamTest, ConnectionMayBeResetAnywhere) {
  for (const TlsVersion version : {TlsVersion::tls_1_2, TlsVersion::tls_1_3}) {
    BreakingConnections connections(version, std::make_error_code(std::errc::connection_reset));
    for (std::size_t cut = 0; !connections.survives(cut); cut += 13) ASSERT_FALSE(HasFailure() || cut > 10'000);
  }
}

TEST(TlsStreamTest, DamagedRecordIsRefused) {
  Pair pair(trusting_root().build());
  ASSERT_TRUE(pair.shake_hands()) << why(pair);
  ASSERT_TRUE(pair.client->is_quiet());
  const ConstBytes piece = as_bytes("hello");
  ASSERT_TRUE(pair.server->try_write(std::span(&piece, 1)).ok());
  pair.below_client->unread().back() ^= 1;
  Reader reader;
  reader.read(*pair.client);
  EXPECT_EQ(reader.last.error, make_error_code(TlsErrc::failed));
  EXPECT_EQ(reader.text, "");
}

TEST(TlsStreamTest, SessionTicketsAreNoDisturbance) {
  for (const unsigned tickets : {0U, 1U, 2U, 5U}) {
    for (const std::size_t size : {std::size_t{1000}, MemoryScript::kUnlimited}) {
      TlsServerConfig config = serving(example());
      config.session_tickets = tickets;
      Pair pair(trusting_root().build(), config);
      ASSERT_TRUE(pair.shake_hands()) << why(pair);
      pair.below_client->script.read_size = size;
      ASSERT_EQ(pair.below_client->unread().empty(), tickets == 0);
      EXPECT_TRUE(pair.client->is_quiet());
      EXPECT_TRUE(pair.below_client->unread().empty());
      EXPECT_EQ(carry(*pair.server, *pair.client, "still here"), "still here");
    }
  }
}

TEST(TlsStreamTest, QuietLookIsOneReadBelow) {
  Pair pair(trusting_root().build());
  ASSERT_TRUE(pair.shake_hands()) << why(pair);
  ASSERT_TRUE(pair.client->is_quiet());
  const std::size_t before = pair.below_client->looks;
  EXPECT_TRUE(pair.client->is_quiet());
  EXPECT_EQ(pair.below_client->looks, before + 1);
}

TEST(TlsStreamTest, DataEndAndCloseAreNotQuiet) {
  const auto after = [](auto&& disturb) {
    Pair pair(trusting_root().build());
    EXPECT_TRUE(pair.shake_hands()) << why(pair);
    disturb(pair);
    return pair.client->is_quiet();
  };
  EXPECT_TRUE(after([](Pair&) {}));
  EXPECT_FALSE(after([](Pair& pair) { pair.server->shut_down_write(); }));
  EXPECT_FALSE(after([](Pair& pair) { pair.below_server->shut_down_write(); }));
  EXPECT_FALSE(after([](Pair& pair) {
    const ConstBytes piece = as_bytes("HTTP/1.1 408 Request Timeout\r\n\r\n");
    std::ignore = pair.server->try_write(std::span(&piece, 1));
  }));
  // Data that had been read ahead.
  EXPECT_FALSE(after([](Pair& pair) {
    const ConstBytes piece = as_bytes("excess");
    std::ignore = pair.server->try_write(std::span(&piece, 1));
    Reader reader;
    reader.read(*pair.client, 1);
  }));
}

TEST(TlsStreamTest, UnexpectedDataIsStillThereAfterTheLook) {
  Pair pair(trusting_root().build());
  ASSERT_TRUE(pair.shake_hands()) << why(pair);
  const ConstBytes piece = as_bytes("early");
  ASSERT_TRUE(pair.server->try_write(std::span(&piece, 1)).ok());
  EXPECT_FALSE(pair.client->is_quiet());
  Reader reader;
  reader.read(*pair.client);
  EXPECT_EQ(reader.text, "early");
}

TEST(TlsStreamTest, OneContextServesManyThreads) {
  const auto client_context = TlsContext::for_client(trusting_root().build());
  const auto server_context = TlsContext::for_server(serving(example()));
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < 10; ++round) {
        Pair pair(client_context, server_context);
        EXPECT_TRUE(pair.shake_hands()) << why(pair);
        EXPECT_EQ(carry(*pair.client, *pair.server, "ping"), "ping");
        EXPECT_TRUE(pair.client->handshake() == pair.client->handshake());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST(TlsStreamTest, RunsAboveAnotherTlsStream) {
  Pair outer(trusting_root().build(), serving(certificate_for("proxy.example").build()), "proxy.example");
  ASSERT_TRUE(outer.shake_hands()) << why(outer);
  const auto client =
      TlsStream::client(TlsContext::for_client(trusting_root().build()), std::move(outer.client), "example.com", {});
  const auto server = TlsStream::server(TlsContext::for_server(serving(example())), std::move(outer.server));
  IoResult client_outcome;
  IoResult server_outcome;
  for (int turn = 0; turn < 100 && !(client_outcome.ok() && server_outcome.ok() && turn > 0); ++turn) {
    client_outcome = client->try_handshake();
    if (client_outcome.ok()) {
      EXPECT_TRUE(client->is_quiet());
    }
    server_outcome = server->try_handshake();
  }
  ASSERT_TRUE(client_outcome.ok() && server_outcome.ok());
  const std::string text = pattern(70'000);
  EXPECT_TRUE(carry(*client, *server, text, 200) == text);
  EXPECT_TRUE(carry(*server, *client, text, 200) == text);
}

/// Sets an environment variable for a test's life.
class Variable {
 public:
  Variable(const char* name, const std::string& value) : name_(name) { ::setenv(name, value.c_str(), 1); }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;
  ~Variable() { ::unsetenv(name_); }

 private:
  const char* name_;
};

class TlsFilesTest : public ::testing::Test {
 protected:
  TlsFilesTest() { std::filesystem::create_directories(folder_); }
  ~TlsFilesTest() override { std::filesystem::remove_all(folder_); }

  std::string write(const std::string& name, const std::string& text) {
    std::ofstream(folder_ / name) << text;
    return (folder_ / name).string();
  }
  std::string read(const std::string& name) {
    std::ifstream file(folder_ / name);
    return std::string(std::istreambuf_iterator<char>(file), {});
  }

  const std::filesystem::path folder_ =
      std::filesystem::path(::testing::TempDir()) /
      ("okhttp_tls_" + std::string(::testing::UnitTest::GetInstance()->current_test_info()->name()));
};

TEST_F(TlsFilesTest, KeyLogReceivesTheSecretsOfEveryConnection) {
  const Variable variable("SSLKEYLOGFILE", (folder_ / "keys").string());
  Pair pair(trusting_root().build());
  ASSERT_TRUE(pair.shake_hands()) << why(pair);
  const std::string log = read("keys");
  EXPECT_EQ(log.find("SERVER_HANDSHAKE_TRAFFIC_SECRET "), 0U) << log;
  EXPECT_NE(log.find("\nCLIENT_TRAFFIC_SECRET_0 "), std::string::npos);
  EXPECT_EQ(log.back(), '\n');
  const auto mode = std::filesystem::status(folder_ / "keys").permissions();
  EXPECT_EQ(mode & std::filesystem::perms(0077), std::filesystem::perms::none);
}

TEST_F(TlsFilesTest, KeyLogThatCannotBeWrittenStopsNothing) {
  const Variable variable("SSLKEYLOGFILE", (folder_ / "missing" / "keys").string());
  Pair pair(trusting_root().build());
  EXPECT_TRUE(pair.shake_hands()) << why(pair);
}

TEST_F(TlsFilesTest, CertificateFileVariableIsTrusted) {
  const Variable variable("SSL_CERT_FILE", write("ca.pem", root().certificate_pem()));
  Pair pair{TlsConfig()};
  EXPECT_TRUE(pair.shake_hands()) << why(pair);
}

TEST_F(TlsFilesTest, CertificateFileVariableThatNamesNothingIsToldByName) {
  const Variable variable("SSL_CERT_FILE", (folder_ / "nothing.pem").string());
  try {
    (void)TlsContext::for_client(TlsConfig());
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.blame(), Blame::caller);
    EXPECT_NE(std::string(error.what()).find("nothing.pem"), std::string::npos) << error.what();
  }
  // Who trusts nothing of the system does not care.
  Pair pair(trusting_root().build());
  EXPECT_TRUE(pair.shake_hands()) << why(pair);
}

TEST_F(TlsFilesTest, CertificateDirectoryVariableIsTrusted) {
  char name[20];
  std::snprintf(
      name, sizeof name, "%08lx.0",
      X509_NAME_hash_ex(X509_get_subject_name(root().certificate().state().x509.get()), nullptr, nullptr, nullptr));
  write(name, root().certificate_pem());
  const Variable variable("SSL_CERT_DIR", folder_.string());
  Pair pair{TlsConfig()};
  EXPECT_TRUE(pair.shake_hands()) << why(pair);
}

TEST_F(TlsFilesTest, TrustAndClientCertificateComeFromFiles) {
  const HeldCertificate me = HeldCertificate::Builder().common_name("me").signed_by(root()).build();
  const std::string both = write("me.pem", me.chain_pem() + me.private_key_pem());
  const TlsConfig config = TlsConfig::Builder()
                               .system_trust(false)
                               .trust_file(write("ca.pem", root().certificate_pem()))
                               .client_certificate_files(both, both)
                               .build();
  TlsServerConfig server = serving(example());
  server.trusted_clients = root().certificate_pem();
  server.client_certificate = TlsServerConfig::ClientCertificate::required;
  Pair pair(config, server);
  EXPECT_TRUE(pair.shake_hands()) << why(pair);
}

TEST_F(TlsFilesTest, MissingFileIsNamedWhenTheConfigurationIsMade) {
  try {
    TlsConfig::Builder().trust_file((folder_ / "nothing.pem").string());
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.errc(), Errc::io);
    EXPECT_NE(std::string(error.what()).find("nothing.pem"), std::string::npos);
  }
}

}  // namespace
}  // namespace okhttp::internal

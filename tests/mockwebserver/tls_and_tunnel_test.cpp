#include <okhttp/error.hpp>
#include <okhttp/mockwebserver/mock_web_server.hpp>

#include <gtest/gtest.h>

#include <array>
#include <stdexcept>
#include <string>

#include "support/raw_client.hpp"

namespace okhttp {
namespace {

using testing::RawClient;
using testing::RawTls;
using Builder = MockResponse::Builder;

constexpr std::string_view kGet = "GET /a HTTP/1.1\r\nHost: localhost\r\n\r\n";

class MockServerTlsTest : public ::testing::Test {
 protected:
  MockServerTlsTest() { server_.use_https(certificate_); }

  [[nodiscard]] RawTls trusting() const { return RawTls(certificate_.certificate_pem()); }

  HeldCertificate certificate_ = HeldCertificate::localhost();
  MockWebServer server_;
};

TEST_F(MockServerTlsTest, ServesOverTlsAndRecordsTheHandshake) {
  server_.enqueue(MockResponse("secret"));
  RawClient client(server_.port());
  client.start_tls(trusting());
  EXPECT_EQ(client.tls_version(), "TLSv1.3");
  EXPECT_EQ(client.alpn(), "http/1.1");
  client.send(kGet);
  client.read_head();
  EXPECT_EQ(client.read_exactly(6), "secret");
  const auto request = server_.take_request();
  ASSERT_TRUE(request.has_value());
  ASSERT_TRUE(request->handshake().has_value());
  EXPECT_EQ(request->handshake()->tls_version(), TlsVersion::tls_1_3);
  EXPECT_TRUE(request->handshake()->peer_certificates().empty());
  EXPECT_EQ(request->server_name(), "localhost");
  EXPECT_FALSE(request->session_resumed());
  EXPECT_EQ(request->url()->to_string(), "https://localhost/a");
  EXPECT_EQ(server_.url("/").scheme(), "https");
}

TEST_F(MockServerTlsTest, ABodyLargerThanASocketBufferArrivesWhole) {
  constexpr std::size_t kSize = 5000000;
  server_.enqueue(Builder().generated_body(kSize).build());
  RawClient client(server_.port());
  client.start_tls(trusting());
  client.send("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000\r\n\r\n" + std::string(1000000, 'x'));
  client.read_head();
  const std::string body = client.read_exactly(kSize);
  ASSERT_EQ(body.size(), kSize);
  EXPECT_EQ(body.back(), Builder::generated_byte(kSize - 1));
  EXPECT_EQ(server_.take_request()->body_size(), 1000000U);
}

TEST_F(MockServerTlsTest, VersionsAndProtocolsAreTheTests) {
  server_.set_tls_versions(TlsVersion::tls_1_2, TlsVersion::tls_1_2);
  server_.set_protocols({});
  RawClient client(server_.port());
  client.start_tls(trusting());
  EXPECT_EQ(client.tls_version(), "TLSv1.2");
  EXPECT_EQ(client.alpn(), "");
}

TEST_F(MockServerTlsTest, AClientCertificateIsRecorded) {
  const HeldCertificate root = HeldCertificate::Builder().certificate_authority(0).build();
  const HeldCertificate alice = HeldCertificate::Builder().common_name("alice").signed_by(root).build();
  server_.request_client_certificate(root);
  server_.enqueue(MockResponse());
  server_.enqueue(MockResponse());
  RawTls with_certificate = trusting();
  with_certificate.certificate = alice.certificate_pem();
  with_certificate.private_key = alice.private_key_pem();
  RawClient known(server_.port());
  known.start_tls(with_certificate);
  known.send(kGet);
  known.read_head();
  const auto request = server_.take_request();
  ASSERT_EQ(request->handshake()->peer_certificates().empty(), false);
  EXPECT_EQ(request->handshake()->peer_certificates().front().subject(), "CN=alice");
  RawClient unknown(server_.port());
  unknown.start_tls(trusting());
  unknown.send(kGet);
  EXPECT_EQ(unknown.read_until("\r\n"), "HTTP/1.1 200 OK\r\n");
}

TEST_F(MockServerTlsTest, ARequiredClientCertificateIsInsistedOn) {
  server_.require_client_certificate(HeldCertificate::Builder().certificate_authority(0).build());
  server_.set_tls_versions(TlsVersion::tls_1_2, TlsVersion::tls_1_2);  // where the client hears of it in the handshake
  RawClient client(server_.port());
  EXPECT_THROW(client.start_tls(trusting()), std::runtime_error);
}

TEST_F(MockServerTlsTest, AHandshakeFailsByScriptAndTheNextSucceeds) {
  server_.enqueue(Builder().fail_handshake().build());
  server_.enqueue(MockResponse("ok"));
  RawClient refused(server_.port());
  try {
    refused.start_tls(trusting());
    FAIL() << "the handshake succeeded";
  } catch (const std::runtime_error& error) {
    EXPECT_NE(std::string(error.what()).find("alert handshake failure"), std::string::npos) << error.what();
  }
  RawClient client(server_.port());
  client.start_tls(trusting());
  client.send(kGet);
  client.read_head();
  EXPECT_EQ(client.read_exactly(2), "ok");
  EXPECT_EQ(server_.request_count(), 2U);
}

TEST_F(MockServerTlsTest, AnOrderlyCloseSaysSoAndAnAttackersDoesNot) {
  server_.enqueue(Builder().body_until_close("whole").build());
  RawClient orderly(server_.port());
  orderly.start_tls(trusting());
  orderly.send(kGet);
  EXPECT_TRUE(orderly.read_to_end().ends_with("whole"));
  EXPECT_EQ(orderly.end(), RawClient::End::closed);
  server_.enqueue(Builder().body_until_close("ha").on_response_end(SocketEffect::close_without_notify()).build());
  RawClient cut(server_.port());
  cut.start_tls(trusting());
  cut.send(kGet);
  EXPECT_TRUE(cut.read_to_end().ends_with("ha"));
  EXPECT_EQ(cut.end(), RawClient::End::cut);
}

TEST_F(MockServerTlsTest, ClearTextIsRefused) {
  server_.enqueue(MockResponse("secret"));
  RawClient client(server_.port());
  client.send(kGet);
  EXPECT_EQ(client.read_until("\r\n"), "HTTP/1.1 400 Bad Request\r\n");
  EXPECT_EQ(server_.queued_response_count(), 1U);
  EXPECT_NE(server_.take_request()->failure(), "");
}

TEST_F(MockServerTlsTest, ATunnelLeadsToTheServerItself) {
  server_.enqueue(Builder().code(407).add_header("Proxy-Authenticate", "Basic realm=x").build());
  server_.enqueue(Builder().in_tunnel().build());
  server_.enqueue(MockResponse("inside"));
  RawClient client(server_.port());
  client.send("CONNECT localhost:443 HTTP/1.1\r\nHost: localhost:443\r\n\r\n");
  EXPECT_EQ(client.read_until("\r\n"), "HTTP/1.1 407 Proxy Authentication Required\r\n");
  client.read_head();
  client.send("CONNECT localhost:443 HTTP/1.1\r\nHost: localhost:443\r\nProxy-Authorization: x\r\n\r\n");
  EXPECT_EQ(client.read_head(), "HTTP/1.1 200 OK\r\n\r\n");
  client.start_tls(trusting());
  client.send(kGet);
  client.read_head();
  EXPECT_EQ(client.read_exactly(6), "inside");
  EXPECT_EQ(server_.take_request()->method(), "CONNECT");
  const auto connect = server_.take_request();
  EXPECT_EQ(connect->target(), "localhost:443");
  EXPECT_FALSE(connect->handshake().has_value());
  const auto inside = server_.take_request();
  EXPECT_TRUE(inside->handshake().has_value());
  EXPECT_EQ(inside->connection_index(), 0U);
  EXPECT_EQ(inside->exchange_index(), 2U);
}

TEST(MockServerTunnelTest, ATunnelMayStayInClearText) {
  MockWebServer server;
  server.enqueue(Builder().in_tunnel().build());
  server.enqueue(MockResponse("inside"));
  RawClient client(server.port());
  client.send("CONNECT h:80 HTTP/1.1\r\nHost: h:80\r\n\r\n");
  EXPECT_EQ(client.read_head(), "HTTP/1.1 200 OK\r\n\r\n");
  client.send(kGet);
  client.read_head();
  EXPECT_EQ(client.read_exactly(6), "inside");
}

TEST(MockServerProxyTest, RequestsToAProxyAreRecordedWithTheirUrl) {
  MockWebServer server;
  server.enqueue(MockResponse());
  RawClient client(server.port());
  client.send("GET http://example.com/x HTTP/1.1\r\nHost: example.com\r\n\r\n");
  client.read_head();
  const auto request = server.take_request();
  EXPECT_EQ(request->target(), "http://example.com/x");
  EXPECT_EQ(request->url()->to_string(), "http://example.com/x");
}

TEST(MockServerUpgradeTest, AnUpgradedConnectionBelongsToTheHandler) {
  MockWebServer server;
  const UpgradeHandler echo = [](UpgradedSocket& socket) -> Task<void> {
    std::string word = co_await socket.read_exactly(4);
    co_await socket.write("<" + word + ">");
    std::array<std::byte, 16> buffer{};
    const std::size_t at_end = co_await socket.read_some(buffer);
    const std::string last = at_end == 0 ? "end" : "more";
    co_await socket.write(last);
  };
  server.enqueue(Builder().upgrade("echo", echo).build());
  RawClient client(server.port());
  client.send("GET / HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\nping");
  EXPECT_EQ(client.read_head(), "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n");
  EXPECT_EQ(client.read_exactly(6), "<ping>");
  client.shut_down_write();
  EXPECT_EQ(client.read_to_end(), "end");
}

TEST(MockServerUpgradeTest, AHandlerThatWaitsEndsWithTheServer) {
  MockWebServer server;
  bool has_failed = false;
  const UpgradeHandler wait = [&has_failed](UpgradedSocket& socket) -> Task<void> {
    try {
      co_await socket.read_exactly(1);
    } catch (const Error& error) {
      has_failed = error.errc() == Errc::connection_closed;
    }
  };
  server.enqueue(Builder().upgrade("x", wait).build());
  RawClient client(server.port());
  client.send(kGet);
  client.read_head();
  server.close();
  EXPECT_TRUE(has_failed);
  EXPECT_EQ(client.read_to_end(), "");
}

}  // namespace
}  // namespace okhttp

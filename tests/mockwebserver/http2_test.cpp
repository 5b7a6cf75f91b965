#include <okhttp/mockwebserver/mock_web_server.hpp>

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "support/frame_client.hpp"

namespace okhttp {
namespace {

using std::chrono::milliseconds;
using testing::Fields;
using testing::Frame;
using testing::FrameClient;
using testing::FrameType;
using testing::Http2Message;
using testing::RawTls;
using Builder = MockResponse::Builder;

class MockServerHttp2Test : public ::testing::Test {
 protected:
  MockServerHttp2Test() { server_.set_protocols({Protocol::h2_prior_knowledge}); }

  MockWebServer server_;
};

TEST_F(MockServerHttp2Test, ADefaultResponseIs200WithNothingButItsLength) {
  server_.enqueue(MockResponse());
  FrameClient client(server_.port());
  client.get(1, "/");
  const Http2Message response = client.response(1);
  EXPECT_EQ(response.head, (Fields{{":status", "200"}, {"content-length", "0"}}));
  EXPECT_EQ(response.body, "");
}

TEST_F(MockServerHttp2Test, ARequestIsRecordedWithAllThatWasSent) {
  server_.enqueue(MockResponse("hello"));
  FrameClient client(server_.port());
  const Fields fields = {{"x-a", "1"}, {"x-a", "2"}, {"trailer", "x-sum"}};
  client.send(client.request(1, "POST", "/path?q=1", false, fields));
  client.send(testing::data_frame(1, "he") + testing::data_frame(1, "llo"));
  client.send(client.peer().headers(1, {{"x-sum", "5"}}, true));
  EXPECT_EQ(client.response(1).body, "hello");
  const auto request = server_.take_request();
  ASSERT_TRUE(request.has_value());
  EXPECT_EQ(request->method(), "POST");
  EXPECT_EQ(request->target(), "/path?q=1");
  EXPECT_EQ(request->request_line(), "POST /path?q=1 HTTP/2");
  ASSERT_TRUE(request->url().has_value());
  EXPECT_EQ(request->url()->to_string(), "http://localhost/path?q=1");
  EXPECT_EQ(request->headers(), Headers::of({{"Host", "localhost"}, {"x-a", "1"}, {"x-a", "2"}, {"trailer", "x-sum"}}));
  EXPECT_EQ(request->body(), "hello");
  EXPECT_EQ(request->trailers(), Headers::of({{"x-sum", "5"}}));
  EXPECT_EQ(request->protocol(), Protocol::h2_prior_knowledge);
  EXPECT_EQ(request->stream_id(), 1U);
  EXPECT_FALSE(request->handshake().has_value());
  EXPECT_EQ(request->failure(), "");
}

TEST_F(MockServerHttp2Test, RequestsOfOneConnectionAreServedAtOnce) {
  FrameClient client(server_.port());
  client.get(1, "/1");
  client.get(3, "/3");
  ASSERT_TRUE(server_.take_request());
  ASSERT_TRUE(server_.take_request());
  server_.enqueue(Builder().body("first").header_delay(std::chrono::hours(1)).build());
  server_.enqueue(MockResponse("second"));
  EXPECT_EQ(client.response(3).body, "second");
  EXPECT_EQ(server_.connection_count(), 1U);
}

TEST_F(MockServerHttp2Test, AHeadRequestGetsTheHeadAlone) {
  server_.enqueue(MockResponse("hello"));
  FrameClient client(server_.port());
  client.send(client.request(1, "HEAD", "/"));
  const Frame head = client.expect(FrameType::headers);
  EXPECT_TRUE(head.has(testing::kEndStream));
  EXPECT_EQ(testing::value_of(client.response(1).head, "content-length"), "5");
}

TEST_F(MockServerHttp2Test, AChunkedBodyGoesWithoutItsCoding) {
  server_.enqueue(
      Builder().chunked_body("0123456789ab", 10).trailers(Headers::of({{"X-Sum", "12"}})).add_header("A", "1").build());
  FrameClient client(server_.port());
  client.get(1, "/");
  const Http2Message response = client.response(1);
  EXPECT_EQ(response.head, (Fields{{":status", "200"}, {"a", "1"}}));
  EXPECT_EQ(response.body, "0123456789ab");
  EXPECT_EQ(response.trailers, (Fields{{"x-sum", "12"}}));
}

TEST_F(MockServerHttp2Test, AGeneratedBodyFollowsTheClientsWindows) {
  constexpr std::size_t kSize = 3000001;
  server_.enqueue(Builder().generated_body(kSize).build());
  FrameClient client(server_.port());
  client.get(1, "/");
  const std::string body = client.response(1).body;
  ASSERT_EQ(body.size(), kSize);
  for (std::size_t i = 0; i < kSize; ++i) ASSERT_EQ(body[i], Builder::generated_byte(i)) << i;
}

TEST_F(MockServerHttp2Test, FieldsOfAnHttp1ConnectionAreLeftOut) {
  server_.enqueue(Builder()
                      .status("HTTP/1.0 299 Strange")
                      .add_header("Connection", "close")
                      .add_header("Keep-Alive", "timeout=1")
                      .add_header("X-Kept", "yes")
                      .build());
  FrameClient client(server_.port());
  client.get(1, "/");
  EXPECT_EQ(client.response(1).head, (Fields{{":status", "299"}, {"x-kept", "yes"}, {"content-length", "0"}}));
}

TEST_F(MockServerHttp2Test, InformationalResponsesComeFirst) {
  server_.enqueue(
      Builder().add_informational(103, Headers::of({{"Link", "</s.css>"}})).add_informational(102).body("x").build());
  FrameClient client(server_.port());
  client.get(1, "/");
  const Http2Message response = client.response(1);
  const std::vector<Fields> early = {{{":status", "103"}, {"link", "</s.css>"}}, {{":status", "102"}}};
  EXPECT_EQ(response.informational, early);
  EXPECT_EQ(response.body, "x");
}

TEST_F(MockServerHttp2Test, AnExpectedContinueIsSentBeforeTheBodyIsThere) {
  server_.enqueue(MockResponse("ok"));
  FrameClient client(server_.port());
  client.send(client.request(1, "PUT", "/", false, {{"expect", "100-continue"}, {"content-length", "4"}}));
  const Frame early = client.expect(FrameType::headers);
  EXPECT_FALSE(early.has(testing::kEndStream));
  client.send(testing::data_frame(1, "body", true));
  const Http2Message response = client.response(1);
  EXPECT_EQ(response.informational, (std::vector<Fields>{{{":status", "100"}}}));
  EXPECT_EQ(response.body, "ok");
  EXPECT_EQ(server_.take_request()->body(), "body");
}

TEST_F(MockServerHttp2Test, ContinueFollowsTheScriptsRule) {
  server_.enqueue(Builder().continue_rule(ContinueRule::never).build());
  server_.enqueue(Builder().continue_rule(ContinueRule::always).build());
  FrameClient client(server_.port());
  client.send(client.request(1, "PUT", "/", true, {{"expect", "100-continue"}}));
  EXPECT_TRUE(client.response(1).informational.empty());
  client.get(3, "/");
  EXPECT_EQ(client.response(3).informational.size(), 1U);
}

TEST_F(MockServerHttp2Test, AnEarlyAnswerAsksTheClientToStopSending) {
  server_.enqueue(Builder().code(413).answer_before_body().build());
  server_.enqueue(MockResponse("next"));
  FrameClient client(server_.port());
  client.send(client.request(1, "PUT", "/", false, {{"content-length", "4"}}));
  EXPECT_EQ(client.response(1).status(), "413");
  EXPECT_EQ(client.expect(FrameType::rst_stream).error_code(), 0U);
  EXPECT_EQ(server_.take_request()->body_size(), 0U);
  client.get(3, "/");
  EXPECT_EQ(client.response(3).body, "next");
}

TEST_F(MockServerHttp2Test, DelaysAndPausesChangeNothingOfTheContent) {
  server_.enqueue(Builder()
                      .chunked_body("0123456789", 3)
                      .trailers(Headers::of({{"T", "1"}}))
                      .header_delay(milliseconds(1))
                      .body_delay(milliseconds(1))
                      .trailers_delay(milliseconds(1))
                      .throttle_body(7, milliseconds(1))
                      .throttle_request_body(4, milliseconds(1))
                      .build());
  FrameClient client(server_.port());
  client.send(client.request(1, "PUT", "/", false) + testing::data_frame(1, "abcdefghi", true));
  const Http2Message response = client.response(1);
  EXPECT_EQ(response.body, "0123456789");
  EXPECT_EQ(response.trailers, (Fields{{"t", "1"}}));
  EXPECT_EQ(server_.take_request()->body(), "abcdefghi");
}

TEST_F(MockServerHttp2Test, AThrottledBodyPausesAfterEachPeriod) {
  server_.enqueue(Builder().body("0123456789").throttle_body(4, std::chrono::hours(1)).build());
  FrameClient client(server_.port());
  client.get(1, "/");
  EXPECT_EQ(client.expect(FrameType::data).payload, "0123");
  server_.close();
  EXPECT_TRUE(client.read_to_end().empty());  // nothing more came
}

TEST_F(MockServerHttp2Test, ABodyBeyondTheLimitIsCountedAndCut) {
  server_.set_body_limit(10);
  server_.enqueue(MockResponse());
  FrameClient client(server_.port());
  client.send(client.request(1, "PUT", "/", false));
  for (int i = 0; i < 20; ++i) client.send(testing::data_frame(1, std::string(1000, 'x'), i == 19));
  client.response(1);
  const auto request = server_.take_request();
  EXPECT_EQ(request->body(), std::string(10, 'x'));
  EXPECT_EQ(request->body_size(), 20000U);
}

TEST_F(MockServerHttp2Test, ADispatcherAnswersByTheRequest) {
  server_.set_dispatcher(
      [](const RecordedRequest& request) { return MockResponse("you asked for " + request.target()); });
  FrameClient client(server_.port());
  client.get(1, "/x");
  client.get(3, "/y");
  EXPECT_EQ(client.response(3).body, "you asked for /y");
  EXPECT_EQ(client.response(1).body, "you asked for /x");
}

TEST_F(MockServerHttp2Test, RequestsAreCountedOnTheirConnection) {
  for (int i = 0; i < 3; ++i) server_.enqueue(MockResponse());
  FrameClient first(server_.port());
  first.get(1, "/0/0");
  first.response(1);
  first.get(3, "/0/1");
  first.response(3);
  FrameClient second(server_.port());
  second.get(1, "/1/0");
  second.response(1);
  for (const auto* const expected : {"/0/0", "/0/1", "/1/0"}) {
    const auto request = server_.take_request();
    EXPECT_EQ("/" + std::to_string(request->connection_index()) + "/" + std::to_string(request->exchange_index()),
              expected);
    EXPECT_EQ(request->target(), expected);
  }
}

TEST_F(MockServerHttp2Test, ConnectIsRecordedByItsAuthority) {
  server_.enqueue(MockResponse());
  FrameClient client(server_.port());
  client.send(client.peer().headers(1, {{":method", "CONNECT"}, {":authority", "example.com:443"}}, true));
  client.response(1);
  const auto request = server_.take_request();
  EXPECT_EQ(request->method(), "CONNECT");
  EXPECT_EQ(request->target(), "example.com:443");
}

TEST_F(MockServerHttp2Test, ARequestThatTheClientResetsIsRecordedAsFailed) {
  server_.enqueue(MockResponse("for the next"));
  FrameClient client(server_.port());
  client.send(client.request(1, "PUT", "/half", false) + testing::data_frame(1, "12345"));
  client.send(testing::rst_stream_frame(1, 8));
  const auto request = server_.take_request();
  ASSERT_TRUE(request.has_value());
  EXPECT_EQ(request->target(), "/half");
  EXPECT_EQ(request->failure(), "the stream was reset with code 8");
  client.get(3, "/");
  EXPECT_EQ(client.response(3).body, "for the next");
}

TEST_F(MockServerHttp2Test, AMalformedRequestIsResetAndRecorded) {
  server_.enqueue(MockResponse("for the next"));
  FrameClient client(server_.port());
  client.send(client.request(1, "GET", "/", true, {{"connection", "close"}}));
  EXPECT_EQ(client.response(1).reset, 1U);
  const auto request = server_.take_request();
  ASSERT_TRUE(request.has_value());
  EXPECT_NE(request->failure(), "");
  client.get(3, "/");
  EXPECT_EQ(client.response(3).body, "for the next");
}

TEST_F(MockServerHttp2Test, AClientThatBreaksTheProtocolIsToldAndClosed) {
  FrameClient client(server_.port());
  client.get(1, "/");
  ASSERT_TRUE(server_.take_request());
  client.send(testing::ping_frame("short"));
  EXPECT_EQ(client.expect(FrameType::goaway).error_code(), 6U);  // FRAME_SIZE_ERROR
  EXPECT_TRUE(client.read_to_end().empty());
}

TEST_F(MockServerHttp2Test, AClientThatSpeaksHttp1IsClosed) {
  testing::RawClient client(server_.port());
  client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  client.read_to_end();
  EXPECT_EQ(client.end(), testing::RawClient::End::closed);
  EXPECT_EQ(server_.request_count(), 0U);
}

TEST_F(MockServerHttp2Test, IdleConnectionsAreClosedAndBusyOnesAreNot) {
  server_.enqueue(MockResponse());
  FrameClient idle(server_.port());
  idle.get(1, "/");
  idle.response(1);
  ASSERT_TRUE(server_.take_request());
  FrameClient busy(server_.port());
  busy.get(1, "/busy");
  ASSERT_TRUE(server_.take_request());
  // The first is idle once the server's loop has come round.
  while (server_.open_connection_count() > 1) server_.close_idle_connections();
  EXPECT_TRUE(idle.read_to_end().empty());
  server_.enqueue(MockResponse("still here"));
  EXPECT_EQ(busy.response(1).body, "still here");
}

TEST_F(MockServerHttp2Test, ClosingTheServerEndsWhatWaits) {
  server_.enqueue(Builder().header_delay(std::chrono::hours(1)).build());
  FrameClient client(server_.port());
  // First, so that it has begun when the two after it are there.
  client.send(client.request(1, "PUT", "/unfinished", false));
  client.get(3, "/delayed");
  client.get(5, "/unanswered");
  ASSERT_TRUE(server_.take_request());
  ASSERT_TRUE(server_.take_request());
  server_.close();
  EXPECT_EQ(server_.open_connection_count(), 0U);
  client.read_to_end();
  EXPECT_EQ(server_.take_request()->target(), "/unfinished");
}

TEST_F(MockServerHttp2Test, ServesManyRequestsAtOnce) {
  constexpr std::uint32_t kRequests = 500;
  FrameClient client(server_.port());
  for (std::uint32_t i = 0; i < kRequests; ++i) client.get(2 * i + 1, "/" + std::to_string(i));
  for (std::uint32_t i = 0; i < kRequests; ++i) ASSERT_TRUE(server_.take_request());
  for (std::uint32_t i = 0; i < kRequests; ++i) server_.enqueue(MockResponse("ok"));
  for (std::uint32_t i = kRequests; i > 0; --i) ASSERT_EQ(client.response(2 * i - 1).body, "ok");
}

TEST_F(MockServerHttp2Test, RawBytesStandBetweenFrames) {
  server_.enqueue(Builder().raw(testing::ping_frame("01234567")).build());
  FrameClient client(server_.port());
  client.get(1, "/");
  EXPECT_EQ(client.expect(FrameType::ping).payload, "01234567");
}

TEST_F(MockServerHttp2Test, AnUpgradeIsRefused) {
  server_.enqueue(Builder().upgrade("echo", [](UpgradedSocket&) -> Task<void> { co_return; }).build());
  FrameClient client(server_.port());
  client.get(1, "/");
  EXPECT_EQ(client.response(1).status(), "500");
}

class MockServerHttp2OverTlsTest : public ::testing::Test {
 protected:
  MockServerHttp2OverTlsTest() { server_.use_https(certificate_); }

  [[nodiscard]] RawTls trusting(std::string alpn) const {
    RawTls tls(certificate_.certificate_pem());
    tls.alpn = std::move(alpn);
    return tls;
  }

  HeldCertificate certificate_ = HeldCertificate::localhost();
  MockWebServer server_;
};

TEST_F(MockServerHttp2OverTlsTest, AlpnDecides) {
  server_.enqueue(MockResponse("two"));
  server_.enqueue(MockResponse("one"));
  FrameClient client(server_.port(), trusting("h2"));
  EXPECT_EQ(client.raw().alpn(), "h2");
  client.get(1, "/");
  EXPECT_EQ(client.response(1).body, "two");
  const auto request = server_.take_request();
  EXPECT_EQ(request->protocol(), Protocol::http_2);
  EXPECT_TRUE(request->handshake().has_value());
  EXPECT_EQ(request->server_name(), "localhost");
  testing::RawClient old(server_.port());
  old.start_tls(trusting("http/1.1"));
  old.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(old.read_until("\r\n"), "HTTP/1.1 200 OK\r\n");
}

TEST_F(MockServerHttp2OverTlsTest, ALargeBodyGoesBothWays) {
  constexpr std::size_t kSize = 2000000;
  Http2Settings settings;
  settings.initial_window_size = settings.connection_window_size = 1 << 20;
  server_.set_http2_settings(settings);
  server_.enqueue(Builder().generated_body(kSize).build());
  FrameClient client(server_.port(), trusting("h2"));
  client.expect(FrameType::settings);
  client.send(client.request(1, "PUT", "/", false));
  for (int i = 0; i < 60; ++i) client.send(testing::data_frame(1, std::string(16384, 'x'), i == 59));
  EXPECT_EQ(client.response(1).body.size(), kSize);
  EXPECT_EQ(server_.take_request()->body_size(), 60U * 16384U);
}

TEST_F(MockServerHttp2OverTlsTest, ATunnelLeadsToHttp2) {
  server_.enqueue(Builder().in_tunnel().build());
  server_.enqueue(MockResponse("inside"));
  auto client = std::make_unique<testing::RawClient>(server_.port());
  client->send("CONNECT localhost:443 HTTP/1.1\r\nHost: localhost:443\r\n\r\n");
  EXPECT_EQ(client->read_head(), "HTTP/1.1 200 OK\r\n\r\n");
  client->start_tls(trusting("h2"));
  FrameClient inside(std::move(client));
  inside.get(1, "/");
  EXPECT_EQ(inside.response(1).body, "inside");
  EXPECT_EQ(server_.take_request()->method(), "CONNECT");
  const auto request = server_.take_request();
  EXPECT_EQ(request->connection_index(), 0U);
  EXPECT_EQ(request->exchange_index(), 1U);
  EXPECT_EQ(request->protocol(), Protocol::http_2);
}

TEST(MockServerProtocolsTest, ATunnelThroughAServerOfPriorKnowledgeLeadsToHttp2) {
  MockWebServer server;
  server.set_protocols({Protocol::h2_prior_knowledge});
  server.enqueue(Builder().in_tunnel().build());
  server.enqueue(MockResponse("inside"));
  auto client = std::make_unique<testing::RawClient>(server.port());
  client->send("CONNECT h:80 HTTP/1.1\r\nHost: h:80\r\n\r\n");
  EXPECT_EQ(client->read_head(), "HTTP/1.1 200 OK\r\n\r\n");
  FrameClient inside(std::move(client));
  inside.get(1, "/");
  EXPECT_EQ(inside.response(1).body, "inside");
}

TEST(MockServerProtocolsTest, PriorKnowledgeStandsAlone) {
  MockWebServer server;
  EXPECT_THROW(server.set_protocols({Protocol::h2_prior_knowledge, Protocol::http_1_1}), std::invalid_argument);
}

}  // namespace
}  // namespace okhttp

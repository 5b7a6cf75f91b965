#include <okhttp/mockwebserver/mock_web_server.hpp>

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "support/frame_client.hpp"

namespace okhttp {
namespace {

using testing::Frame;
using testing::FrameClient;
using testing::FrameType;
using testing::Http2Message;
using testing::RawClient;
using Builder = MockResponse::Builder;

constexpr std::uint32_t kNoticeId = 0x7fffffff;

class MockServerHttp2EffectTest : public ::testing::Test {
 protected:
  MockServerHttp2EffectTest() { server_.set_protocols({Protocol::h2_prior_knowledge}); }

  /// A request with a body of ten bytes.
  static void put(FrameClient& client, std::uint32_t stream) {
    client.send(client.request(stream, "PUT", "/", false, {{"content-length", "10"}}) +
                testing::data_frame(stream, "0123456789", true));
  }

  static Builder ten() {
    Builder builder;
    builder.body("0123456789");
    return builder;
  }

  MockWebServer server_;
};

TEST_F(MockServerHttp2EffectTest, RequestStartResetsTheStreamAlone) {
  server_.enqueue(Builder().on_request_start(SocketEffect::reset_stream(Http2ErrorCode::refused_stream)).build());
  server_.enqueue(MockResponse("next"));
  FrameClient client(server_.port());
  client.get(1, "/refused");
  EXPECT_EQ(client.response(1).reset, 7U);
  const auto request = server_.take_request();
  EXPECT_EQ(request->target(), "/refused");
  EXPECT_NE(request->failure(), "");
  client.get(3, "/");
  EXPECT_EQ(client.response(3).body, "next");
}

TEST_F(MockServerHttp2EffectTest, RequestStartClosesAFreshConnectionUnread) {
  server_.enqueue(Builder().on_request_start(SocketEffect::close_socket()).build());
  RawClient client(server_.port());
  EXPECT_EQ(client.read_to_end(), "");
  EXPECT_EQ(server_.take_request()->method(), "");
}

TEST_F(MockServerHttp2EffectTest, RequestStartClosesAConnectionInUse) {
  server_.enqueue(MockResponse("first"));
  FrameClient client(server_.port());
  client.get(1, "/");
  client.response(1);
  server_.enqueue(Builder().on_request_start(SocketEffect::reset_socket()).build());
  client.get(3, "/");
  client.read_to_end();
  EXPECT_EQ(client.raw().end(), RawClient::End::reset);
  EXPECT_EQ(server_.queued_response_count(), 0U);
}

TEST_F(MockServerHttp2EffectTest, RequestBodyIsReadToItsHalf) {
  server_.enqueue(Builder().on_request_body(SocketEffect::reset_stream(Http2ErrorCode::internal_error)).build());
  FrameClient client(server_.port());
  put(client, 1);
  EXPECT_EQ(client.response(1).reset, 2U);
  const auto request = server_.take_request();
  EXPECT_EQ(request->body(), "01234");
  EXPECT_NE(request->failure(), "");
}

TEST_F(MockServerHttp2EffectTest, RequestBodyOfUnknownLengthIsReadToItsFirstPiece) {
  server_.enqueue(Builder().on_request_body(SocketEffect::close_socket()).build());
  FrameClient client(server_.port());
  client.send(client.request(1, "PUT", "/", false) + testing::data_frame(1, "abc"));
  client.read_to_end();
  EXPECT_EQ(server_.take_request()->body(), "abc");
}

TEST_F(MockServerHttp2EffectTest, ResponseStartResetsTheStreamWithItsCode) {
  server_.enqueue(Builder().on_response_start(SocketEffect::reset_stream()).build());
  FrameClient client(server_.port());
  client.get(1, "/");
  const Http2Message response = client.response(1);
  EXPECT_EQ(response.reset, 8U);
  EXPECT_TRUE(response.head.empty());
  EXPECT_EQ(server_.take_request()->failure(), "");
}

TEST_F(MockServerHttp2EffectTest, ResponseBodyIsCutInItsHalf) {
  server_.enqueue(ten().on_response_body(SocketEffect::reset_stream(Http2ErrorCode::internal_error)).build());
  server_.enqueue(ten().on_response_body(SocketEffect::close_socket()).build());
  FrameClient client(server_.port());
  client.peer().answers = false;  // it might be too late
  client.get(1, "/");
  const Http2Message reset = client.response(1);
  EXPECT_EQ(reset.body, "01234");
  EXPECT_EQ(reset.reset, 2U);
  client.get(3, "/");
  EXPECT_EQ(client.expect(FrameType::data).payload, "01234");
  EXPECT_TRUE(client.read_to_end().empty());
  EXPECT_EQ(client.raw().end(), RawClient::End::closed);
}

TEST_F(MockServerHttp2EffectTest, ResponseEndCloses) {
  server_.enqueue(ten().on_response_end(SocketEffect::close_socket()).build());
  FrameClient client(server_.port());
  client.peer().answers = false;  // it might be too late
  client.get(1, "/");
  EXPECT_EQ(client.response(1).body, "0123456789");
  EXPECT_TRUE(client.read_to_end().empty());
}

TEST_F(MockServerHttp2EffectTest, GoAwayLetsThisRequestFinishAndCloses) {
  server_.enqueue(ten().on_response_start(SocketEffect::go_away()).build());
  FrameClient client(server_.port());
  client.get(1, "/");
  const Frame goaway = client.expect(FrameType::goaway);
  EXPECT_EQ(goaway.number_at(0), 1U);
  EXPECT_EQ(goaway.error_code(), 0U);
  EXPECT_EQ(client.response(1).body, "0123456789");
  EXPECT_TRUE(client.read_to_end().empty());
  EXPECT_EQ(client.raw().end(), RawClient::End::closed);
}

TEST_F(MockServerHttp2EffectTest, GoAwayMayRefuseTheRequestThatItBelongsTo) {
  FrameClient client(server_.port());
  client.get(1, "/waits");
  ASSERT_TRUE(server_.take_request());
  client.get(3, "/refused");
  ASSERT_TRUE(server_.take_request());
  server_.enqueue(Builder().body("answered").header_delay(std::chrono::milliseconds(1)).build());
  server_.enqueue(
      Builder()
          .on_response_start(SocketEffect::go_away(LastProcessed::the_one_before, Http2ErrorCode::enhance_your_calm))
          .build());
  const Frame goaway = client.expect(FrameType::goaway);
  EXPECT_EQ(goaway.number_at(0), 1U);
  EXPECT_EQ(goaway.error_code(), 11U);
  EXPECT_EQ(client.response(1).body, "answered");
  for (const Frame& frame : client.read_to_end()) EXPECT_NE(frame.stream_id, 3U);
}

TEST_F(MockServerHttp2EffectTest, AGoAwayNoticeRefusesNothingYet) {
  server_.enqueue(Builder().body("1").on_response_end(SocketEffect::go_away(LastProcessed::any_to_come)).build());
  server_.enqueue(Builder().body("3").on_response_end(SocketEffect::go_away()).build());
  FrameClient client(server_.port());
  client.get(1, "/");
  EXPECT_EQ(client.expect(FrameType::goaway).number_at(0), kNoticeId);
  client.get(3, "/");
  EXPECT_EQ(client.response(3).body, "3");
  EXPECT_EQ(client.expect(FrameType::goaway).number_at(0), 3U);
  EXPECT_TRUE(client.read_to_end().empty());
}

TEST_F(MockServerHttp2EffectTest, AStallConcernsOneRequest) {
  server_.enqueue(Builder().on_response_start(SocketEffect::stall()).build());
  server_.enqueue(MockResponse("other"));
  FrameClient client(server_.port());
  client.get(1, "/");
  client.get(3, "/");
  EXPECT_EQ(client.response(3).body, "other");
  server_.close();
  EXPECT_TRUE(client.read_to_end().empty());
}

TEST_F(MockServerHttp2EffectTest, AStallEndsWithItsRequest) {
  server_.enqueue(Builder().on_response_start(SocketEffect::stall()).build());
  server_.enqueue(MockResponse("other"));
  FrameClient client(server_.port());
  client.get(1, "/");
  ASSERT_TRUE(server_.take_request());
  client.send(testing::rst_stream_frame(1, 8));
  client.get(3, "/");
  EXPECT_EQ(client.response(3).body, "other");
  while (server_.open_connection_count() > 0) server_.close_idle_connections();
  EXPECT_TRUE(client.read_to_end().empty());
}

TEST_F(MockServerHttp2EffectTest, TheConnectionEndsAfterSoManyBytes) {
  server_.enqueue(ten().disconnect_after(5).build());
  FrameClient client(server_.port());
  client.get(1, "/");
  const std::string received = client.raw().read_to_end();
  // The server's SETTINGS, its acknowledgement of the client's, and five bytes of HEADERS.
  ASSERT_EQ(received.size(), 2 * testing::kFrameHead + 5);
  EXPECT_EQ(received[2 * testing::kFrameHead + 3], static_cast<char>(FrameType::headers));
}

TEST_F(MockServerHttp2EffectTest, HalfClosedTheServerStillReads) {
  server_.enqueue(ten().on_response_end(SocketEffect::half_close()).build());
  server_.enqueue(MockResponse("never seen"));
  FrameClient client(server_.port());
  client.get(1, "/");
  EXPECT_EQ(client.response(1).body, "0123456789");
  EXPECT_TRUE(client.read_to_end().empty());
  client.get(3, "/");
  ASSERT_TRUE(server_.take_request());
  EXPECT_TRUE(server_.take_request().has_value());
}

TEST_F(MockServerHttp2EffectTest, ClosingTheServersInputLetsItAnswer) {
  server_.enqueue(ten().on_response_start(SocketEffect::close_socket(CloseSide::in)).build());
  FrameClient client(server_.port());
  client.peer().answers = false;  // nobody would read it
  client.get(1, "/");
  EXPECT_EQ(client.response(1).body, "0123456789");
  EXPECT_TRUE(client.read_to_end().empty());
}

TEST_F(MockServerHttp2EffectTest, ADispatchersForesightIsObeyed) {
  server_.set_dispatcher([](const RecordedRequest&) { return MockResponse(); },
                         [] { return Builder().on_request_body(SocketEffect::reset_stream()).build(); });
  FrameClient client(server_.port());
  put(client, 1);
  EXPECT_EQ(client.response(1).reset, 8U);
  EXPECT_EQ(server_.take_request()->body(), "01234");
}

TEST(MockServerHttp1EffectTest, WhatHttp2DoesToARequestClosesAnHttp1Connection) {
  MockWebServer server;
  for (const SocketEffect effect : {SocketEffect::reset_stream(), SocketEffect::go_away()}) {
    server.enqueue(Builder().on_response_start(effect).build());
    RawClient client(server.port());
    client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_EQ(client.read_to_end(), "");
    EXPECT_EQ(client.end(), RawClient::End::closed);
  }
}

}  // namespace
}  // namespace okhttp

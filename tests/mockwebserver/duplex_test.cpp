#include <okhttp/error.hpp>
#include <okhttp/mockwebserver/mock_web_server.hpp>

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

#include "support/frame_client.hpp"

namespace okhttp {
namespace {

using testing::FrameClient;
using testing::FrameType;
using testing::Http2Message;
using Builder = MockResponse::Builder;

class MockServerDuplexTest : public ::testing::Test {
 protected:
  MockServerDuplexTest() { server_.set_protocols({Protocol::h2_prior_knowledge}); }

  MockWebServer server_;
};

TEST_F(MockServerDuplexTest, BodiesTakeTurns) {
  DuplexScript script;
  script.receive_request("ping\n").send_response("pong\n").receive_request("again").send_response("!");
  script.exhaust_request().exhaust_response();
  server_.enqueue(Builder().add_header("A", "1").duplex(script.handler()).build());
  FrameClient client(server_.port());
  client.send(client.request(1, "POST", "/", false) + testing::data_frame(1, "ping\n"));
  EXPECT_EQ(client.expect(FrameType::data).payload, "pong\n");
  client.send(testing::data_frame(1, "aga") + testing::data_frame(1, "in"));
  EXPECT_EQ(client.expect(FrameType::data).payload, "!");
  client.send(testing::data_frame(1, "", true));
  const Http2Message response = client.response(1);
  EXPECT_TRUE(response.has_ended);
  EXPECT_EQ(response.head, (testing::Fields{{":status", "200"}, {"a", "1"}}));
  EXPECT_EQ(response.body, "pong\n!");
  script.await_success();
}

TEST_F(MockServerDuplexTest, TheResponseMayComeFirst) {
  DuplexScript script;
  script.send_head().send_response("done").exhaust_response().receive_request("late").exhaust_request();
  server_.enqueue(Builder().duplex(script.handler()).build());
  FrameClient client(server_.port());
  client.send(client.request(1, "POST", "/", false));
  EXPECT_EQ(client.response(1).body, "done");
  client.send(testing::data_frame(1, "late", true));
  script.await_success();
  EXPECT_EQ(server_.take_request()->body_size(), 0U);
}

TEST_F(MockServerDuplexTest, TheScriptMayCancel) {
  DuplexScript script;
  script.receive_request("x").send_response("y").cancel_stream(Http2ErrorCode::internal_error);
  server_.enqueue(Builder().duplex(script.handler()).build());
  FrameClient client(server_.port());
  client.send(client.request(1, "POST", "/", false) + testing::data_frame(1, "x"));
  const Http2Message response = client.response(1);
  EXPECT_EQ(response.body, "y");
  EXPECT_EQ(response.reset, 2U);
  script.await_success();
}

TEST_F(MockServerDuplexTest, TheClientMayCancel) {
  DuplexScript script;
  script.receive_request("x").send_head().expect_canceled();
  server_.enqueue(Builder().duplex(script.handler()).build());
  FrameClient client(server_.port());
  client.send(client.request(1, "POST", "/", false) + testing::data_frame(1, "x"));
  client.expect(FrameType::headers);
  client.send(testing::rst_stream_frame(1, 8));
  script.await_success();
}

TEST_F(MockServerDuplexTest, WhatGoesDifferentlyIsTold) {
  DuplexScript script;
  script.receive_request("yes");
  server_.enqueue(Builder().duplex(script.handler()).build());
  FrameClient client(server_.port());
  client.send(client.request(1, "POST", "/", false) + testing::data_frame(1, "no!", true));
  EXPECT_EQ(client.response(1).reset, 2U);  // INTERNAL_ERROR
  EXPECT_THROW(script.await_success(), std::runtime_error);
  EXPECT_THROW(DuplexScript().await_success(std::chrono::milliseconds(1)), std::runtime_error);
}

TEST_F(MockServerDuplexTest, AHandlerSeesTheRequestAndEndsWithTrailers) {
  server_.enqueue(Builder()
                      .trailers(Headers::of({{"sum", "3"}}))
                      .duplex([](DuplexStream& stream) -> Task<void> {
                        std::string body = co_await stream.read_to_end();
                        body += stream.request().target();
                        body += stream.request_trailers().get("t").value();
                        co_await stream.write(std::move(body));
                      })
                      .build());
  FrameClient client(server_.port());
  client.send(client.request(1, "POST", "/path", false) + testing::data_frame(1, "abc"));
  client.send(client.peer().headers(1, {{"t", "!"}}, true));
  const Http2Message response = client.response(1);
  EXPECT_EQ(response.body, "abc/path!");
  EXPECT_EQ(response.trailers, (testing::Fields{{"sum", "3"}}));
}

TEST_F(MockServerDuplexTest, AHandlerIsToldWhenTheServerCloses) {
  std::string failure;
  server_.enqueue(Builder()
                      .duplex([&failure](DuplexStream& stream) -> Task<void> {
                        try {
                          co_await stream.read_exactly(1);
                        } catch (const Error& error) {
                          failure = error.what();
                          throw;
                        }
                      })
                      .build());
  FrameClient client(server_.port());
  client.send(client.request(1, "POST", "/", false));
  ASSERT_TRUE(server_.take_request());
  server_.close();
  EXPECT_NE(failure, "");
}

TEST(MockServerDuplexOverHttp1Test, IsRefused) {
  MockWebServer server;
  server.enqueue(Builder().duplex(DuplexScript().handler()).build());
  testing::RawClient client(server.port());
  client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(client.read_until("\r\n"), "HTTP/1.1 500 Internal Server Error\r\n");
}

}  // namespace
}  // namespace okhttp

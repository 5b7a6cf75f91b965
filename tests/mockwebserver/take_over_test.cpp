#include <okhttp/mockwebserver/mock_web_server.hpp>

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "runtime/calling_thread.hpp"
#include "support/frame_client.hpp"
#include "support/memory_stream.hpp"

namespace okhttp {
namespace {

using testing::Frame;
using testing::FrameClient;
using testing::FramePeer;
using testing::FrameType;
using testing::Http2Message;
using testing::RawTls;
using Builder = MockResponse::Builder;

/// Answers one request with a DATA frame whose padding is longer than the frame.
Task<void> answer_badly(UpgradedSocket& socket) {
  FramePeer peer(socket);
  co_await peer.open_as_server();
  const Frame request = co_await peer.expect(FrameType::headers);
  const testing::Fields head = {{":status", "200"}};
  std::string bytes = peer.headers(request.stream_id, head, false);
  bytes += testing::padded_data_frame(request.stream_id, "x", 200, 0);
  co_await peer.write(std::move(bytes));
}

void expect_bad_answer(FrameClient& client) {
  client.get(1, "/");
  EXPECT_EQ(client.head(1).status(), "200");
  const std::optional<Frame> data = client.read();
  ASSERT_TRUE(data.has_value());
  EXPECT_TRUE(data->has(testing::kPadded));
  EXPECT_EQ(data->payload, "\xc8x");
  EXPECT_FALSE(client.read().has_value());
}

TEST(TakeOverTest, ATestSpeaksForTheServerInClearText) {
  MockWebServer server;
  server.enqueue(Builder().take_over(answer_badly).build());
  server.enqueue(MockResponse("by the server"));
  FrameClient client(server.port());
  expect_bad_answer(client);
  testing::RawClient next(server.port());
  next.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  next.read_head();
  EXPECT_EQ(next.read_exactly(13), "by the server");
  EXPECT_EQ(server.request_count(), 1U);
}

TEST(TakeOverTest, ATestSpeaksForTheServerBehindTls) {
  const HeldCertificate certificate = HeldCertificate::localhost();
  MockWebServer server;
  server.use_https(certificate);
  server.enqueue(Builder().take_over(answer_badly).build());
  RawTls tls(certificate.certificate_pem());
  tls.alpn = "h2";
  FrameClient client(server.port(), tls);
  EXPECT_EQ(client.raw().alpn(), "h2");
  expect_bad_answer(client);
}

TEST(TakeOverTest, ATestSpeaksForTheServerInATunnel) {
  MockWebServer server;
  server.enqueue(Builder().in_tunnel().build());
  server.enqueue(Builder().take_over(answer_badly).build());
  auto raw = std::make_unique<testing::RawClient>(server.port());
  raw->send("CONNECT h:80 HTTP/1.1\r\nHost: h:80\r\n\r\n");
  EXPECT_EQ(raw->read_head(), "HTTP/1.1 200 OK\r\n\r\n");
  FrameClient client(std::move(raw));
  expect_bad_answer(client);
}

TEST(FramePeerTest, SpeaksOverAStreamInMemory) {
  internal::CallingThread engine;
  auto [left, right] = internal::MemorySocket::make_pair();
  testing::StreamSocket client_socket(engine, *left);
  testing::StreamSocket server_socket(engine, *right);
  FramePeer client(client_socket);
  FramePeer server(server_socket);
  const auto converse = [&]() -> Task<void> {
    co_await client.open_as_client();
    co_await server.open_as_server();
    // More than one frame can hold.
    const testing::Fields head = {{":method", "GET"}, {"long", std::string(40'000, '|')}};
    co_await client.write(client.headers(1, head, true));
    const Http2Message request = co_await server.message(1);
    EXPECT_EQ(request.head, head);
    EXPECT_TRUE(request.has_ended);
    const testing::Fields response_head = {{":status", "200"}};
    std::string response = server.headers(1, response_head, false);
    response += testing::padded_data_frame(1, "hello", 3, 3, true);
    co_await server.write(std::move(response));
    const Http2Message response_message = co_await client.message(1);
    EXPECT_EQ(response_message.body, "hello");
  };
  engine.run(converse());
}

}  // namespace
}  // namespace okhttp

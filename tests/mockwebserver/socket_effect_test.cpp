#include <okhttp/mockwebserver/mock_web_server.hpp>

#include <gtest/gtest.h>

#include <string>

#include "support/raw_client.hpp"

namespace okhttp {
namespace {

using std::chrono::milliseconds;
using testing::RawClient;

constexpr std::string_view kGet = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
constexpr std::string_view kHead = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n";

using Builder = MockResponse::Builder;

class SocketEffectTest : public ::testing::Test {
 protected:
  /// What a client that sends `request` receives until the server closes.
  std::string ask(std::string_view request = kGet) {
    RawClient client(server_.port());
    client.send(request);
    std::string received = client.read_to_end();
    end_ = client.end();
    return received;
  }

  MockWebServer server_;
  RawClient::End end_ = RawClient::End::open;
};

TEST_F(SocketEffectTest, RequestStartClosesAFreshConnectionUnread) {
  server_.enqueue(Builder().on_request_start(SocketEffect::close_socket()).build());
  server_.enqueue(MockResponse("second"));
  {
    RawClient client(server_.port());
    EXPECT_EQ(client.read_to_end(), "");
    EXPECT_EQ(client.end(), RawClient::End::closed);
  }
  const auto unread = server_.take_request();
  ASSERT_TRUE(unread.has_value());
  EXPECT_EQ(unread->method(), "");
  EXPECT_NE(unread->failure(), "");
  RawClient next(server_.port());
  next.send(kGet);
  next.read_head();
  EXPECT_EQ(next.read_exactly(6), "second");
  EXPECT_EQ(server_.take_request()->connection_index(), 1U);
}

TEST_F(SocketEffectTest, RequestStartClosesAConnectionThatWasKeptAlive) {
  server_.enqueue(MockResponse("first"));
  RawClient client(server_.port());
  client.send(kGet);
  client.read_head();
  EXPECT_EQ(client.read_exactly(5), "first");
  server_.enqueue(Builder().on_request_start(SocketEffect::reset_socket()).build());
  client.send(kGet);
  EXPECT_EQ(client.read_to_end(), "");
  EXPECT_EQ(client.end(), RawClient::End::reset);
  EXPECT_EQ(server_.queued_response_count(), 0U);
}

TEST_F(SocketEffectTest, RequestBodyIsReadToItsHalf) {
  server_.enqueue(Builder().on_request_body(SocketEffect::close_socket()).build());
  ask("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\n0123456789");
  const auto request = server_.take_request();
  ASSERT_TRUE(request.has_value());
  EXPECT_EQ(request->body(), "01234");
  EXPECT_NE(request->failure(), "");
  EXPECT_EQ(server_.queued_response_count(), 0U);
}

TEST_F(SocketEffectTest, RequestBodyOfUnknownLengthIsReadToItsFirstPiece) {
  server_.enqueue(Builder().on_request_body(SocketEffect::reset_socket()).build());
  RawClient client(server_.port());
  client.send("PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
  EXPECT_EQ(client.read_to_end(), "");
  EXPECT_EQ(client.end(), RawClient::End::reset);
  EXPECT_EQ(server_.take_request()->body(), "abc");
}

TEST_F(SocketEffectTest, ResponseStartClosesAfterTheRequest) {
  server_.enqueue(Builder().on_response_start(SocketEffect::close_socket()).build());
  EXPECT_EQ(ask(), "");
  EXPECT_EQ(end_, RawClient::End::closed);
  EXPECT_EQ(server_.take_request()->method(), "GET");
}

TEST_F(SocketEffectTest, ResponseStartResets) {
  server_.enqueue(Builder().on_response_start(SocketEffect::reset_socket()).build());
  EXPECT_EQ(ask(), "");
  EXPECT_EQ(end_, RawClient::End::reset);
}

TEST_F(SocketEffectTest, ResponseBodyIsCutInItsHalf) {
  server_.enqueue(Builder().body("0123456789").on_response_body(SocketEffect::close_socket()).build());
  EXPECT_EQ(ask(), std::string(kHead) + "01234");
  EXPECT_EQ(end_, RawClient::End::closed);
}

TEST_F(SocketEffectTest, ResponseBodyInChunksIsCutInItsHalf) {
  server_.enqueue(Builder().chunked_body("0123456789", 5).on_response_body(SocketEffect::close_socket()).build());
  EXPECT_TRUE(ask().ends_with("\r\n\r\n5\r\n01234\r\n"));
}

TEST_F(SocketEffectTest, ResponseEndCloses) {
  server_.enqueue(Builder().body("0123456789").on_response_end(SocketEffect::close_socket()).build());
  EXPECT_EQ(ask(), std::string(kHead) + "0123456789");
  EXPECT_EQ(end_, RawClient::End::closed);
}

TEST_F(SocketEffectTest, ResponseEndsAfterSoManyBytes) {
  server_.enqueue(Builder().body("0123456789").disconnect_after(kHead.size() + 3).build());
  EXPECT_EQ(ask(), std::string(kHead) + "012");
  server_.enqueue(Builder().body("0123456789").disconnect_after(4).build());
  EXPECT_EQ(ask(), "HTTP");
  server_.enqueue(Builder().body("0123456789").disconnect_after(0).build());
  EXPECT_EQ(ask(), "");
}

TEST_F(SocketEffectTest, StallLastsUntilTheServerIsClosed) {
  server_.enqueue(Builder().on_response_start(SocketEffect::stall()).build());
  RawClient client(server_.port());
  client.send(kGet);
  ASSERT_TRUE(server_.take_request());
  server_.close_idle_connections();
  EXPECT_EQ(server_.open_connection_count(), 1U);  // stalled is not idle
  server_.close();
  EXPECT_EQ(client.read_to_end(), "");
}

TEST_F(SocketEffectTest, HalfClosedTheServerStillReads) {
  server_.enqueue(Builder().body("0123456789").on_response_end(SocketEffect::half_close()).build());
  server_.enqueue(MockResponse("never seen"));
  RawClient client(server_.port());
  client.send(kGet);
  EXPECT_EQ(client.read_to_end(), std::string(kHead) + "0123456789");
  EXPECT_EQ(client.end(), RawClient::End::closed);
  client.send(kGet);
  ASSERT_TRUE(server_.take_request());
  EXPECT_TRUE(server_.take_request().has_value());
}

TEST_F(SocketEffectTest, ClosingTheServersInputLetsItAnswer) {
  server_.enqueue(Builder().body("0123456789").on_response_start(SocketEffect::close_socket(CloseSide::in)).build());
  EXPECT_EQ(ask(), std::string(kHead) + "0123456789");
  EXPECT_EQ(end_, RawClient::End::closed);
}

TEST_F(SocketEffectTest, ADispatchersForesightIsObeyed) {
  server_.set_dispatcher([](const RecordedRequest&) { return MockResponse(); },
                         [] { return Builder().on_request_body(SocketEffect::close_socket()).build(); });
  ask("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nabcd");
  EXPECT_EQ(server_.take_request()->body(), "ab");
}

TEST_F(SocketEffectTest, DelaysAndPausesChangeNothingOfTheContent) {
  server_.enqueue(Builder()
                      .chunked_body("0123456789", 3)
                      .trailers(Headers::of({{"T", "1"}}))
                      .header_delay(milliseconds(1))
                      .body_delay(milliseconds(1))
                      .trailers_delay(milliseconds(1))
                      .throttle_body(7, milliseconds(1))
                      .throttle_request_body(4, milliseconds(1))
                      .set_header("Connection", "close")
                      .build());
  EXPECT_EQ(ask("PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nabcdef\r\n3\r\nghi\r\n0\r\n\r\n"),
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
            "3\r\n012\r\n3\r\n345\r\n3\r\n678\r\n1\r\n9\r\n0\r\nT: 1\r\n\r\n");
  const auto request = server_.take_request();
  EXPECT_EQ(request->body(), "abcdefghi");
  EXPECT_EQ(request->chunk_sizes(), (std::vector<std::uint64_t>{6, 3}));
}

TEST_F(SocketEffectTest, ADelayEndsWhenTheServerIsClosed) {
  server_.enqueue(Builder().header_delay(std::chrono::hours(1)).build());
  RawClient client(server_.port());
  client.send(kGet);
  ASSERT_TRUE(server_.take_request());
  server_.close();
  EXPECT_EQ(client.read_to_end(), "");
}

TEST_F(SocketEffectTest, AThrottledBodyPausesAfterEachPeriod) {
  server_.enqueue(Builder().body("0123456789").throttle_body(4, std::chrono::hours(1)).build());
  RawClient client(server_.port());
  client.send(kGet);
  EXPECT_EQ(client.read_exactly(kHead.size() + 4), std::string(kHead) + "0123");
  server_.close();
  EXPECT_EQ(client.read_to_end(), "");  // nothing more came
}

}  // namespace
}  // namespace okhttp

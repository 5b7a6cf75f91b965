#include <okhttp/mockwebserver/mock_web_server.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "support/frame_client.hpp"

namespace okhttp {
namespace {

using testing::Frame;
using testing::FrameClient;
using testing::FrameType;
using testing::SettingsList;
using Type = RecordedFrame::Type;

constexpr std::size_t kFirstWindow = 65'535;

/// What a server says of itself and how it treats windows and PINGs; and what it tells of the client's frames.
class MockServerHttp2ControlTest : public ::testing::Test {
 protected:
  MockServerHttp2ControlTest() { server_.set_protocols({Protocol::h2_prior_knowledge}); }

  /// A request's body until the windows are used up.
  static void fill_windows(FrameClient& client, std::uint32_t stream) {
    std::string bytes = client.request(stream, "PUT", "/", false);
    for (std::size_t left = kFirstWindow; left > 0;) {
      const std::size_t size = std::min<std::size_t>(left, 16'384);
      bytes += testing::data_frame(stream, std::string(size, 'x'));
      left -= size;
    }
    client.send(bytes);
  }

  /// The types of the frames up to the answer to a PING, which comes after what the server had to say before.
  static std::vector<FrameType> frames_until_pong(FrameClient& client) {
    // Twice: the first has been answered when all before it was read, the second when that was acted upon.
    std::vector<FrameType> types;
    for (int i = 0; i < 2; ++i) {
      client.send(testing::ping_frame("pingpong"));
      for (;;) {
        const std::optional<Frame> frame = client.read();
        if (!frame.has_value()) return types;
        types.push_back(frame->type);
        if (frame->type == FrameType::ping) break;
      }
    }
    return types;
  }

  /// Reads nothing of the request's body and answers nothing.
  static MockResponse stalled() {
    return MockResponse::Builder().answer_before_body().on_response_start(SocketEffect::stall()).build();
  }

  MockWebServer server_;
};

TEST_F(MockServerHttp2ControlTest, NothingIsAnnouncedByDefault) {
  FrameClient client(server_.port());
  EXPECT_TRUE(client.expect(FrameType::settings).payload.empty());
}

TEST_F(MockServerHttp2ControlTest, SettingsAreAnnounced) {
  Http2Settings settings;
  settings.header_table_size = 0;
  settings.max_concurrent_streams = 7;
  settings.initial_window_size = 100;
  settings.max_frame_size = 20'000;
  settings.max_header_list_size = 1000;
  settings.connection_window_size = 100'000;
  server_.set_http2_settings(settings);
  FrameClient client(server_.port());
  const SettingsList announced = {{1, 0}, {3, 7}, {4, 100}, {5, 20'000}, {6, 1000}};
  EXPECT_EQ(client.expect(FrameType::settings).settings(), announced);
  EXPECT_EQ(client.expect(FrameType::window_update).number_at(0), 100'000 - kFirstWindow);
}

TEST_F(MockServerHttp2ControlTest, SettingsOfAnOpenConnectionChange) {
  FrameClient client(server_.port());
  client.expect(FrameType::settings);
  ASSERT_TRUE(server_.take_frame(Type::settings));  // the client's own
  ASSERT_TRUE(server_.take_frame(Type::settings)->is_ack());
  Http2Settings settings;
  settings.max_concurrent_streams = 0;
  server_.set_http2_settings(settings);
  for (;;) {
    const Frame frame = client.expect(FrameType::settings);
    if (frame.has(testing::kAck)) continue;
    EXPECT_EQ(frame.settings(), (SettingsList{{3, 0}}));
    break;
  }
  EXPECT_TRUE(server_.take_frame(Type::settings)->is_ack());
}

TEST_F(MockServerHttp2ControlTest, SettingsThatTheProtocolForbidsAreRefused) {
  Http2Settings settings;
  settings.max_frame_size = 16'383;
  EXPECT_THROW(server_.set_http2_settings(settings), std::invalid_argument);
  settings = Http2Settings();
  settings.initial_window_size = 0x80000000;
  EXPECT_THROW(server_.set_http2_settings(settings), std::invalid_argument);
}

TEST_F(MockServerHttp2ControlTest, WindowsAreReturnedAsTheServerReads) {
  FrameClient client(server_.port());
  fill_windows(client, 1);
  std::size_t of_stream = 0;
  std::size_t of_connection = 0;
  while (of_stream < kFirstWindow / 2 || of_connection < kFirstWindow / 2) {
    const Frame frame = client.expect(FrameType::window_update);
    (frame.stream_id == 0 ? of_connection : of_stream) += frame.number_at(0);
  }
}

TEST_F(MockServerHttp2ControlTest, WindowsMayBeHeldBack) {
  server_.hold_http2_windows();
  server_.enqueue(MockResponse("whole"));
  FrameClient client(server_.port());
  fill_windows(client, 1);
  for (const FrameType type : frames_until_pong(client)) EXPECT_NE(type, FrameType::window_update);
  server_.hold_http2_windows(false);
  client.expect(FrameType::window_update);
  client.expect(FrameType::window_update);
  client.send(testing::data_frame(1, "end", true));
  EXPECT_EQ(client.response(1).body, "whole");
  EXPECT_EQ(server_.take_request()->body_size(), kFirstWindow + 3);
}

TEST_F(MockServerHttp2ControlTest, ARequestThatIsNotReadHoldsBackItsOwnWindowOnly) {
  Http2Settings settings;
  settings.connection_window_size = 1'000'000;
  server_.set_http2_settings(settings);
  server_.enqueue(stalled());
  server_.enqueue(MockResponse("other"));
  FrameClient client(server_.port());
  fill_windows(client, 1);
  fill_windows(client, 3);
  client.send(testing::data_frame(3, "", true));
  EXPECT_EQ(client.response(3).body, "other");
}

TEST_F(MockServerHttp2ControlTest, TheConnectionsWindowSurvivesUnreadRequests) {
  FrameClient client(server_.port());
  std::uint32_t stream = 1;
  std::size_t window = kFirstWindow;
  // Far more than the window, on requests that are reset before anybody has read them.
  for (int i = 0; i < 20; ++i, stream += 2) {
    server_.enqueue(stalled());
    client.send(client.request(stream, "PUT", "/", false));
    for (std::size_t left = 30'000; left > 0;) {
      const std::size_t size = std::min<std::size_t>(left, 15'000);
      while (window < size) {
        const Frame frame = client.expect(FrameType::window_update);
        if (frame.stream_id == 0) window += frame.number_at(0);
      }
      client.send(testing::data_frame(stream, std::string(size, 'x')));
      window -= size;
      left -= size;
    }
    ASSERT_TRUE(server_.take_request());
    client.send(testing::rst_stream_frame(stream, 8));
  }
  server_.enqueue(MockResponse("still there"));
  client.get(stream, "/");
  EXPECT_EQ(client.response(stream).body, "still there");
}

TEST_F(MockServerHttp2ControlTest, PingsAreAnsweredUnlessIgnored) {
  FrameClient client(server_.port());
  client.send(testing::ping_frame("abcdefgh"));
  const Frame pong = client.expect(FrameType::ping);
  EXPECT_TRUE(pong.has(testing::kAck));
  EXPECT_EQ(pong.payload, "abcdefgh");
  ASSERT_TRUE(server_.take_frame(Type::ping).has_value());
  server_.ignore_http2_pings();
  client.send(testing::ping_frame("ignored!"));
  ASSERT_TRUE(server_.take_frame(Type::ping).has_value());
  server_.ignore_http2_pings(false);
  client.send(testing::ping_frame("answered"));
  EXPECT_EQ(client.expect(FrameType::ping).payload, "answered");
}

TEST_F(MockServerHttp2ControlTest, TheClientsFramesAreRecorded) {
  server_.enqueue(MockResponse::Builder().on_response_start(SocketEffect::stall()).build());
  const SettingsList settings = {{testing::kInitialWindowSize, 1000}};
  FrameClient client(server_.port(), settings);
  client.send(client.request(1, "PUT", "/", false) + testing::data_frame(1, "abc", true) +
              testing::window_update_frame(1, 500));
  ASSERT_TRUE(server_.take_request());
  client.send(testing::rst_stream_frame(1, 8) + testing::goaway_frame(0, 11));
  const auto goaway = server_.take_frame(Type::goaway);
  ASSERT_TRUE(goaway.has_value());
  EXPECT_EQ(goaway->error_code, Http2ErrorCode::enhance_your_calm);
  EXPECT_EQ(goaway->last_stream_id, 0U);
  const auto reset = server_.take_frame(Type::rst_stream);
  EXPECT_EQ(reset->stream_id, 1U);
  EXPECT_EQ(reset->error_code, Http2ErrorCode::cancel);
  const std::vector<RecordedFrame> frames = server_.frames(0);
  ASSERT_EQ(frames.size(), 6U);
  EXPECT_EQ(frames[0].type, Type::settings);
  EXPECT_EQ(frames[0].settings, (std::vector<std::pair<std::uint16_t, std::uint32_t>>{{4, 1000}}));
  EXPECT_EQ(frames[1].type, Type::headers);
  EXPECT_FALSE(frames[1].ends_stream());
  EXPECT_EQ(frames[2].type, Type::data);
  EXPECT_EQ(frames[2].length, 3U);
  EXPECT_TRUE(frames[2].ends_stream());
  EXPECT_EQ(frames[3].window_increment, 500U);
  EXPECT_EQ(frames[4].type, Type::rst_stream);
  // A client that says goodbye and has no requests left is let go.
  EXPECT_TRUE(server_.take_frame(Type::goaway, std::chrono::milliseconds(1)) == std::nullopt);
  client.read_to_end();
  EXPECT_EQ(client.raw().end(), testing::RawClient::End::closed);
}

}  // namespace
}  // namespace okhttp

#include <okhttp/mockwebserver/mock_web_server.hpp>

#include <gtest/gtest.h>

#include <string>
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

}  // namespace
}  // namespace okhttp

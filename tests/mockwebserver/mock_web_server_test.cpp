#include <okhttp/mockwebserver/mock_web_server.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <string>
#include <thread>
#include <vector>

#include "support/raw_client.hpp"

namespace okhttp {
namespace {

using std::chrono::milliseconds;
using testing::RawClient;

std::string get(std::string_view path) { return "GET " + std::string(path) + " HTTP/1.1\r\nHost: localhost\r\n\r\n"; }

class MockWebServerTest : public ::testing::Test {
 protected:
  MockWebServer server_;
};

TEST_F(MockWebServerTest, ADefaultResponseIs200WithNothingButItsLength) {
  server_.enqueue(MockResponse());
  RawClient client(server_.port());
  client.send(get("/"));
  EXPECT_EQ(client.read_head(), "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
}

TEST_F(MockWebServerTest, ResponsesAreGivenInTheOrderOfTheQueue) {
  server_.enqueue(MockResponse("one"));
  server_.enqueue(MockResponse(404, "two"));
  RawClient client(server_.port());
  client.send(get("/a"));
  EXPECT_EQ(client.read_head(), "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n");
  EXPECT_EQ(client.read_exactly(3), "one");
  client.send(get("/b"));
  EXPECT_EQ(client.read_head(), "HTTP/1.1 404 Not Found\r\nContent-Length: 3\r\n\r\n");
  EXPECT_EQ(client.read_exactly(3), "two");
  EXPECT_EQ(server_.request_count(), 2U);
  EXPECT_EQ(server_.connection_count(), 1U);
}

TEST_F(MockWebServerTest, ARequestWaitsUntilAResponseIsEnqueued) {
  RawClient client(server_.port());
  client.send(get("/early"));
  ASSERT_TRUE(server_.take_request().has_value());  // it was read, and nothing was there to answer it with
  server_.enqueue(MockResponse("late"));
  client.read_head();
  EXPECT_EQ(client.read_exactly(4), "late");
}

TEST_F(MockWebServerTest, RequestsThatWaitAreAnsweredInTheirOrder) {
  RawClient first(server_.port());
  first.send(get("/1"));
  ASSERT_TRUE(server_.take_request());
  RawClient second(server_.port());
  second.send(get("/2"));
  ASSERT_TRUE(server_.take_request());
  server_.enqueue(MockResponse("for the first"));
  server_.enqueue(MockResponse("for the second"));
  first.read_head();
  second.read_head();
  EXPECT_EQ(first.read_exactly(13), "for the first");
  EXPECT_EQ(second.read_exactly(14), "for the second");
}

TEST_F(MockWebServerTest, PipelinedRequestsAreAnsweredInOrder) {
  server_.enqueue(MockResponse("a"));
  server_.enqueue(MockResponse("b"));
  RawClient client(server_.port());
  client.send(get("/a") + get("/b"));
  client.read_head();
  EXPECT_EQ(client.read_exactly(1), "a");
  client.read_head();
  EXPECT_EQ(client.read_exactly(1), "b");
}

TEST_F(MockWebServerTest, ARequestIsRecordedWithAllThatWasSent) {
  server_.enqueue(MockResponse());
  RawClient client(server_.port());
  client.send("POST /path?q=1 HTTP/1.1\r\nHost: example.com:81\r\nX-A: 1\r\nX-A: 2\r\nContent-Length: 5\r\n\r\nhello");
  client.read_head();
  const auto request = server_.take_request();
  ASSERT_TRUE(request.has_value());
  EXPECT_EQ(request->method(), "POST");
  EXPECT_EQ(request->target(), "/path?q=1");
  EXPECT_EQ(request->request_line(), "POST /path?q=1 HTTP/1.1");
  ASSERT_TRUE(request->url().has_value());
  EXPECT_EQ(request->url()->to_string(), "http://example.com:81/path?q=1");
  EXPECT_EQ(request->headers().values("X-A"), (std::vector<std::string_view>{"1", "2"}));
  EXPECT_EQ(request->header("x-a"), "2");
  EXPECT_EQ(request->body(), "hello");
  EXPECT_EQ(request->body_size(), 5U);
  EXPECT_TRUE(request->chunk_sizes().empty());
  EXPECT_EQ(request->protocol(), Protocol::http_1_1);
  EXPECT_FALSE(request->handshake().has_value());
  EXPECT_EQ(request->failure(), "");
}

TEST_F(MockWebServerTest, ConnectionsAndExchangesAreCounted) {
  for (int i = 0; i < 3; ++i) server_.enqueue(MockResponse());
  RawClient first(server_.port());
  first.send(get("/0/0"));
  first.read_head();
  first.send(get("/0/1"));
  first.read_head();
  RawClient second(server_.port());
  second.send(get("/1/0"));
  second.read_head();
  for (const auto* const expected : {"/0/0", "/0/1", "/1/0"}) {
    const auto request = server_.take_request();
    ASSERT_TRUE(request.has_value());
    EXPECT_EQ("/" + std::to_string(request->connection_index()) + "/" + std::to_string(request->exchange_index()),
              expected);
    EXPECT_EQ(request->target(), expected);
  }
  EXPECT_EQ(server_.connection_count(), 2U);
}

TEST_F(MockWebServerTest, ChunksAndTrailersOfARequestAreRecorded) {
  server_.enqueue(MockResponse());
  RawClient client(server_.port());
  client.send("PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n");
  client.send("5\r\nhel");
  client.send("lo\r\nA;x=y\r\n0123456789\r\n0\r\nX-Sum: 15\r\n\r\n");
  client.read_head();
  const auto request = server_.take_request();
  ASSERT_TRUE(request.has_value());
  EXPECT_EQ(request->body(), "hello0123456789");
  EXPECT_EQ(request->chunk_sizes(), (std::vector<std::uint64_t>{5, 10}));
  EXPECT_EQ(request->trailers().get("X-Sum"), "15");
}

TEST_F(MockWebServerTest, ABodyBeyondTheLimitIsCountedAndCut) {
  server_.set_body_limit(10);
  server_.enqueue(MockResponse());
  RawClient client(server_.port());
  client.send("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 200000\r\n\r\n" + std::string(200000, 'x'));
  client.read_head();
  const auto request = server_.take_request();
  ASSERT_TRUE(request.has_value());
  EXPECT_EQ(request->body(), std::string(10, 'x'));
  EXPECT_EQ(request->body_size(), 200000U);
}

TEST_F(MockWebServerTest, ADispatcherAnswersByTheRequest) {
  server_.set_dispatcher(
      [](const RecordedRequest& request) { return MockResponse("you asked for " + request.target()); });
  RawClient client(server_.port());
  client.send(get("/x"));
  client.read_head();
  EXPECT_EQ(client.read_exactly(16), "you asked for /x");
}

TEST_F(MockWebServerTest, ADispatcherMayBlockWhileOtherConnectionsGoOn) {
  std::promise<void> release;
  std::shared_future<void> released = release.get_future().share();
  server_.set_dispatcher([released](const RecordedRequest&) {
    released.wait();
    return MockResponse("done");
  });
  RawClient blocked(server_.port());
  blocked.send(get("/"));
  ASSERT_TRUE(server_.take_request());
  RawClient other(server_.port());
  other.send(get("/other"));
  EXPECT_TRUE(server_.take_request());  // received although the dispatcher is busy
  release.set_value();
  blocked.read_head();
  EXPECT_EQ(blocked.read_exactly(4), "done");
}

TEST_F(MockWebServerTest, AnExceptionFromADispatcherBecomesA500) {
  server_.set_dispatcher([](const RecordedRequest&) -> MockResponse { throw std::runtime_error("no idea"); });
  RawClient client(server_.port());
  client.send(get("/"));
  EXPECT_EQ(client.read_until("\r\n"), "HTTP/1.1 500 Internal Server Error\r\n");
}

TEST_F(MockWebServerTest, CloseWaitsForADispatcherThatIsRunning) {
  std::promise<void> entered;
  std::promise<void> release;
  std::atomic<bool> returned = false;
  server_.set_dispatcher([&](const RecordedRequest&) {
    entered.set_value();
    release.get_future().wait();
    returned = true;
    return MockResponse();
  });
  RawClient client(server_.port());
  client.send(get("/"));
  entered.get_future().wait();
  std::thread closer([&] { server_.close(); });
  EXPECT_EQ(client.read_to_end(), "");  // the connection is closed at once
  release.set_value();
  closer.join();
  EXPECT_TRUE(returned);
}

TEST_F(MockWebServerTest, AHeadRequestGetsTheHeadAlone) {
  server_.enqueue(MockResponse("hello"));
  server_.enqueue(MockResponse("next"));
  RawClient client(server_.port());
  client.send("HEAD / HTTP/1.1\r\nHost: h\r\n\r\n" + get("/"));
  EXPECT_EQ(client.read_head(), "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n");
  EXPECT_EQ(client.read_head(), "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n");
}

TEST_F(MockWebServerTest, AResponseWithoutContentHasNoLengthByDefault) {
  server_.enqueue(MockResponse(204));
  server_.enqueue(MockResponse(304));
  server_.enqueue(MockResponse::Builder().code(204).body("five!").build());
  RawClient client(server_.port());
  client.send(get("/") + get("/") + get("/"));
  EXPECT_EQ(client.read_head(), "HTTP/1.1 204 No Content\r\n\r\n");
  EXPECT_EQ(client.read_head(), "HTTP/1.1 304 Not Modified\r\n\r\n");
  EXPECT_EQ(client.read_head(), "HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n");
  EXPECT_EQ(client.read_exactly(5), "five!");
}

TEST_F(MockWebServerTest, AChunkedBodyIsSentInChunksWithTrailers) {
  server_.enqueue(
      MockResponse::Builder().chunked_body("0123456789ab", 10).trailers(Headers::of({{"X-Sum", "12"}})).build());
  server_.enqueue(MockResponse("next"));
  RawClient client(server_.port());
  client.send(get("/"));
  EXPECT_EQ(client.read_head(), "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
  EXPECT_EQ(client.read_until("\r\n\r\n"), "a\r\n0123456789\r\n2\r\nab\r\n0\r\nX-Sum: 12\r\n\r\n");
  client.send(get("/"));
  client.read_head();
  EXPECT_EQ(client.read_exactly(4), "next");
}

TEST_F(MockWebServerTest, AGeneratedBodyNeedsNoMemoryOfItsSize) {
  constexpr std::size_t kSize = 3000001;
  server_.enqueue(MockResponse::Builder().generated_body(kSize).build());
  RawClient client(server_.port());
  client.send(get("/"));
  client.read_head();
  const std::string body = client.read_exactly(kSize);
  ASSERT_EQ(body.size(), kSize);
  for (std::size_t i = 0; i < kSize; ++i) ASSERT_EQ(body[i], MockResponse::Builder::generated_byte(i)) << i;
}

TEST_F(MockWebServerTest, AGeneratedBodyCanBeChunked) {
  server_.enqueue(MockResponse::Builder().generated_chunked_body(70, 64).build());
  RawClient client(server_.port());
  client.send(get("/"));
  client.read_head();
  EXPECT_EQ(client.read_exactly(4), "40\r\n");
  const std::string first = client.read_exactly(64);
  EXPECT_EQ(first.front(), MockResponse::Builder::generated_byte(0));
  EXPECT_EQ(client.read_exactly(5), "\r\n6\r\n");
  EXPECT_EQ(client.read_exactly(6), first.substr(0, 6));
  EXPECT_EQ(client.read_exactly(7), "\r\n0\r\n\r\n");
}

TEST_F(MockWebServerTest, ABodyWithoutLengthEndsWithTheConnection) {
  server_.enqueue(MockResponse::Builder().body_until_close("all there is").build());
  RawClient client(server_.port());
  client.send(get("/"));
  EXPECT_EQ(client.read_to_end(), "HTTP/1.1 200 OK\r\n\r\nall there is");
  EXPECT_EQ(client.end(), RawClient::End::closed);
}

TEST_F(MockWebServerTest, ConnectionCloseIsObeyedFromEitherSide) {
  server_.enqueue(MockResponse::Builder().set_header("Connection", "close").build());
  RawClient told(server_.port());
  told.send(get("/"));
  EXPECT_EQ(told.read_to_end(), "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
  server_.enqueue(MockResponse());
  RawClient asking(server_.port());
  asking.send("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(asking.read_to_end(), "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  server_.enqueue(MockResponse());
  RawClient old(server_.port());
  old.send("GET / HTTP/1.0\r\n\r\n");
  EXPECT_EQ(old.read_to_end(), "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
}

TEST_F(MockWebServerTest, RawBytesAreSentAsTheyAre) {
  server_.enqueue(MockResponse::Builder()
                      .raw(std::string_view("HTTP/9 what\0ever\n\n", 18))
                      .on_response_end(SocketEffect::close_socket())
                      .build());
  RawClient client(server_.port());
  client.send(get("/"));
  EXPECT_EQ(client.read_to_end(), std::string("HTTP/9 what\0ever\n\n", 18));
}

TEST_F(MockWebServerTest, StatusLineAndHeadersAreTheScripts) {
  server_.enqueue(MockResponse::Builder()
                      .status("HTTP/1.0 299 Strange")
                      .add_header("A", "1")
                      .add_header("A", "2")
                      .set_header("B", "3")
                      .build());
  RawClient client(server_.port());
  client.send(get("/"));
  EXPECT_EQ(client.read_head(), "HTTP/1.0 299 Strange\r\nA: 1\r\nA: 2\r\nB: 3\r\nContent-Length: 0\r\n\r\n");
}

TEST_F(MockWebServerTest, InformationalResponsesComeFirst) {
  server_.enqueue(MockResponse::Builder()
                      .add_informational(103, Headers::of({{"Link", "</s.css>"}}))
                      .add_informational(102)
                      .body("x")
                      .build());
  RawClient client(server_.port());
  client.send(get("/"));
  EXPECT_EQ(client.read_head(), "HTTP/1.1 103 Early Hints\r\nLink: </s.css>\r\n\r\n");
  EXPECT_EQ(client.read_head(), "HTTP/1.1 102 Processing\r\n\r\n");
  EXPECT_EQ(client.read_head(), "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n");
}

constexpr std::string_view kExpecting =
    "PUT / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n";

TEST_F(MockWebServerTest, AnExpectedContinueIsSentBeforeTheBodyIsRead) {
  server_.enqueue(MockResponse("ok"));
  RawClient client(server_.port());
  client.send(kExpecting);
  EXPECT_EQ(client.read_head(), "HTTP/1.1 100 Continue\r\n\r\n");
  client.send("body");
  client.read_head();
  EXPECT_EQ(client.read_exactly(2), "ok");
  EXPECT_EQ(server_.take_request()->body(), "body");
}

TEST_F(MockWebServerTest, ContinueFollowsTheScriptsRule) {
  server_.enqueue(MockResponse::Builder().continue_rule(ContinueRule::never).build());
  server_.enqueue(MockResponse::Builder().continue_rule(ContinueRule::always).build());
  RawClient client(server_.port());
  client.send(std::string(kExpecting) + "body");
  EXPECT_EQ(client.read_head(), "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  client.send(get("/"));
  EXPECT_EQ(client.read_head(), "HTTP/1.1 100 Continue\r\n\r\n");
  EXPECT_EQ(client.read_head(), "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
}

TEST_F(MockWebServerTest, AnEarlyAnswerDoesNotWaitForTheBody) {
  server_.enqueue(MockResponse::Builder().code(413).answer_before_body().build());
  RawClient client(server_.port());
  client.send(kExpecting);
  EXPECT_EQ(client.read_head(), "HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\n\r\n");
  client.send("body");  // is taken and ignored, so that the answer is not lost to a reset
  EXPECT_EQ(client.read_to_end(), "");
  EXPECT_EQ(client.end(), RawClient::End::closed);
  EXPECT_EQ(server_.take_request()->body_size(), 0U);
}

TEST_F(MockWebServerTest, AMalformedRequestIsRefusedAndRecorded) {
  server_.enqueue(MockResponse("for the next"));
  RawClient client(server_.port());
  client.send("GET / HTTP/1.1\r\nBad Name: x\r\n\r\n");
  EXPECT_EQ(client.read_until("\r\n"), "HTTP/1.1 400 Bad Request\r\n");
  const auto request = server_.take_request();
  ASSERT_TRUE(request.has_value());
  EXPECT_NE(request->failure(), "");
  EXPECT_EQ(server_.queued_response_count(), 1U);  // not used up
}

TEST_F(MockWebServerTest, ARequestThatTheClientBreaksOffIsRecordedAsFailed) {
  server_.enqueue(MockResponse("for the next"));
  {
    RawClient client(server_.port());
    client.send("PUT /half HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\n12345");
  }
  const auto request = server_.take_request();
  ASSERT_TRUE(request.has_value());
  EXPECT_EQ(request->target(), "/half");
  EXPECT_EQ(request->body(), "12345");
  EXPECT_NE(request->failure(), "");
  RawClient next(server_.port());
  next.send(get("/"));
  next.read_head();
  EXPECT_EQ(next.read_exactly(12), "for the next");
}

TEST_F(MockWebServerTest, TakeRequestGivesUpWhenNoneComes) {
  server_.start();
  EXPECT_FALSE(server_.take_request(milliseconds(1)).has_value());
}

TEST_F(MockWebServerTest, UrlsNameTheServer) {
  const Url url = server_.url("/a?b=c");
  EXPECT_EQ(url.to_string(), "http://localhost:" + std::to_string(server_.port()) + "/a?b=c");
  EXPECT_EQ(server_.host_name(), "localhost");
}

TEST_F(MockWebServerTest, StartingTwiceIsRefused) {
  server_.start();
  EXPECT_THROW(server_.start(), std::logic_error);
}

TEST_F(MockWebServerTest, ItListensOnOneAddressWhenToldSo) {
  server_.start(IpAddress::loopback_v4());
  server_.enqueue(MockResponse());
  RawClient client(server_.port());
  client.send(get("/"));
  client.read_head();
  EXPECT_THROW(RawClient(server_.port(), IpAddress::loopback_v6()), std::system_error);
}

TEST_F(MockWebServerTest, ClosingEndsConnectionsAndRefusesNewOnes) {
  RawClient idle(server_.port());
  RawClient waiting(server_.port());
  waiting.send(get("/"));
  ASSERT_TRUE(server_.take_request());
  server_.close();
  server_.close();
  EXPECT_EQ(idle.read_to_end(), "");
  EXPECT_EQ(waiting.read_to_end(), "");
  EXPECT_EQ(server_.open_connection_count(), 0U);
  EXPECT_THROW(RawClient(server_.port()), std::system_error);
}

TEST_F(MockWebServerTest, IdleConnectionsAreClosedAndBusyOnesAreNot) {
  server_.enqueue(MockResponse());
  RawClient idle(server_.port());
  idle.send(get("/"));
  idle.read_head();
  ASSERT_TRUE(server_.take_request());
  RawClient busy(server_.port());
  busy.send(get("/busy"));
  ASSERT_TRUE(server_.take_request());
  server_.close_idle_connections();
  EXPECT_EQ(server_.open_connection_count(), 1U);
  EXPECT_EQ(idle.read_to_end(), "");
  server_.enqueue(MockResponse("still here"));
  busy.read_head();
  EXPECT_EQ(busy.read_exactly(10), "still here");
}

TEST_F(MockWebServerTest, ARestartedServerListensAtTheSamePort) {
  server_.enqueue(MockResponse("before"));
  const std::uint16_t port = server_.port();
  RawClient before(port);
  before.send(get("/"));
  before.read_head();
  EXPECT_EQ(before.read_exactly(6), "before");
  server_.restart();
  EXPECT_EQ(server_.port(), port);
  EXPECT_EQ(before.read_to_end(), "");
  server_.enqueue(MockResponse("after"));
  RawClient after(port);
  after.send(get("/"));
  after.read_head();
  EXPECT_EQ(after.read_exactly(5), "after");
}

TEST_F(MockWebServerTest, ServesManyConnectionsAtOnce) {
  constexpr std::size_t kClients = 300;
  std::vector<std::unique_ptr<RawClient>> clients;
  for (std::size_t i = 0; i < kClients; ++i) {
    clients.push_back(std::make_unique<RawClient>(server_.port()));
    clients.back()->send(get("/" + std::to_string(i)));
  }
  for (std::size_t i = 0; i < kClients; ++i) ASSERT_TRUE(server_.take_request());
  for (std::size_t i = 0; i < kClients; ++i) server_.enqueue(MockResponse("ok"));
  for (const auto& client : clients) {
    client->read_head();
    EXPECT_EQ(client->read_exactly(2), "ok");
  }
  EXPECT_EQ(server_.open_connection_count(), kClients);
}

TEST(MockResponseTest, TellsWhatItWillSay) {
  const MockResponse response = MockResponse::Builder().code(301).add_header("Location", "/b").build();
  EXPECT_EQ(response.code(), 301);
  EXPECT_EQ(response.status(), "HTTP/1.1 301 Moved Permanently");
  EXPECT_EQ(response.headers().get("Location"), "/b");
  EXPECT_EQ(response.new_builder().code(302).build().status(), "HTTP/1.1 302 Found");
}

TEST(MockResponseTest, RefusesWhatCannotBeSent) {
  EXPECT_THROW(MockResponse::Builder().code(99), std::invalid_argument);
  EXPECT_THROW(MockResponse::Builder().add_informational(200), std::invalid_argument);
  EXPECT_THROW(MockResponse::Builder().chunked_body("x", 0), std::invalid_argument);
  EXPECT_THROW(MockResponse::Builder().add_header("a b", "c"), std::invalid_argument);
  EXPECT_THROW((void)MockResponse::Builder().body("x").trailers(Headers::of({{"a", "b"}})).build(), std::logic_error);
}

}  // namespace
}  // namespace okhttp

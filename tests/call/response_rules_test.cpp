#include <okhttp/client.hpp>
#include <okhttp/mockwebserver/mock_web_server.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "support/call_styles.hpp"
#include "support/event_log.hpp"
#include "support/gzipped.hpp"
#include "support/protocols.hpp"

namespace okhttp {
namespace {

class ResponseRules : public ProtocolTest<CallStyle> {
 protected:
  ResponseRules() { client_ = builder().event_listener(log_).build(); }

  [[nodiscard]] Response send(const Request& request) { return run(how(), client_.new_call(request)); }
  [[nodiscard]] Request get() { return Request::get(server_.url("/")); }
  [[nodiscard]] static MockResponse coded(const std::string& body) {
    return MockResponse::Builder().body(body).set_header("Content-Encoding", "gzip").build();
  }

  const std::shared_ptr<EventLog> log_ = std::make_shared<EventLog>();
};

INSTANTIATE_TEST_SUITE_P(Protocols, ResponseRules, over_both_protocols(both_call_styles()), ParameterName());

// Gzip.

TEST_P(ResponseRules, GzipIsAskedForAndTakenOff) {
  server_.enqueue(coded(gzipped("plain text")));
  const Response response = send(get());
  EXPECT_EQ(response.body().content_length(), std::nullopt);
  EXPECT_EQ(response.body().string(), "plain text");
  EXPECT_FALSE(response.headers().contains("Content-Encoding"));
  EXPECT_FALSE(response.headers().contains("Content-Length"));
  EXPECT_EQ(response.network_response()->header("Content-Encoding"), "gzip");
  EXPECT_EQ(server_.take_request()->header("Accept-Encoding"), "gzip");
  EXPECT_EQ(client_.connection_pool().idle_connection_count(), 1U);
}

TEST_P(ResponseRules, GzipThatTheCallerAskedForIsTheCallers) {
  const std::string bytes = gzipped("plain text");
  server_.enqueue(coded(bytes));
  const Response response = send(get().new_builder().header("Accept-Encoding", "gzip").build());
  EXPECT_EQ(response.header("Content-Encoding"), "gzip");
  EXPECT_EQ(response.body().string(), bytes);
}

TEST_P(ResponseRules, GzipWithoutABodyIsLeftAlone) {
  server_.enqueue(
      MockResponse::Builder().set_header("Content-Encoding", "gzip").set_header("Content-Length", "50").build());
  const Response head = send(Request::head(server_.url("/").to_string()));
  EXPECT_EQ(head.header("Content-Length"), "50");
  EXPECT_EQ(head.header("Content-Encoding"), "gzip");
  EXPECT_EQ(head.body().string(), "");
  for (const int code : {204, 304}) {
    server_.enqueue(MockResponse(code, Headers::of({{"Content-Encoding", "gzip"}})));
    const Response response = send(get());
    EXPECT_EQ(response.code(), code);
    EXPECT_EQ(response.body().string(), "");
  }
  server_.enqueue(coded(""));
  EXPECT_EQ(send(get()).body().string(), "");
  EXPECT_EQ(server_.connection_count(), 1U);
}

TEST_P(ResponseRules, GzipOfNoContentIsEmptyHoweverItsEndIsTold) {
  server_.enqueue(MockResponse::Builder().chunked_body("").set_header("Content-Encoding", "gzip").build());
  EXPECT_EQ(send(get()).body().string(), "");
  EXPECT_EQ(client_.connection_pool().idle_connection_count(), 1U);
}

TEST_P(ResponseRules, ATruncatedGzipBodyIsAnError) {
  const std::string bytes = gzipped("plain text");
  server_.enqueue(coded(bytes.substr(0, bytes.size() - 1)));
  const Response response = send(get());
  try {
    (void)response.body().string();
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.errc(), Errc::decode_failed);
  }
}

TEST_P(ResponseRules, AChunkedGzipBodyLeavesItsConnectionInThePool) {
  server_.enqueue(MockResponse::Builder()
                      .chunked_body(gzipped(std::string(100'000, 'x')), 10)
                      .set_header("Content-Encoding", "gzip")
                      .trailers(Headers::of({{"Checksum", "7"}}))
                      .build());
  const Response response = send(get());
  EXPECT_EQ(response.body().string(), std::string(100'000, 'x'));
  EXPECT_EQ(response.trailers().get("Checksum"), "7");
  EXPECT_EQ(client_.connection_pool().idle_connection_count(), 1U);
}

// A body that is dropped on another thread.

TEST_P(ResponseRules, AConnectionGivenBackByAnotherThreadServesTheNextCall) {
  for (int i = 0; i < 3; ++i) {
    server_.enqueue(MockResponse("text"));
    std::optional<Response> response = send(get());
    std::thread([&response] { response.reset(); }).join();
  }
  EXPECT_EQ(server_.connection_count(), 1U);
  EXPECT_EQ(server_.request_count(), 3U);
}

// Rules of HTTP.

TEST_P(ResponseRules, NoContentWithALengthIsAProtocolError) {
  for (const int code : {204, 205}) {
    log_->clear();
    server_.enqueue(MockResponse(code, "hello"));
    EXPECT_EQ(failure_of(how(), client_.new_call(get())), Errc::protocol_error);
    EXPECT_EQ(client_.connection_pool().connection_count(), 0U);
    log_->wait_for_end();
    EXPECT_EQ(log_->text(),
              "call_start acquired request_headers_start request_headers_end response_headers_start "
              "response_failed(protocol_error) released retry(no) call_failed(protocol_error)");
  }
  server_.enqueue(MockResponse::Builder().code(204).set_header("Content-Length", "0").build());
  EXPECT_EQ(send(get()).code(), 204);
}

TEST_P(ResponseRules, ASwitchOfProtocolsThatNobodyAskedForIsAProtocolError) {
  server_.enqueue(MockResponse::Builder().code(101).set_header("Upgrade", "x").build());
  EXPECT_EQ(failure_of(how(), client_.new_call(get())), Errc::protocol_error);
}

TEST_P(ResponseRules, InformationalAnswersAreEvents) {
  server_.enqueue(MockResponse::Builder()
                      .add_informational(103, Headers::of({{"Link", "</a.css>"}}))
                      .add_informational(102)
                      .body("done")
                      .build());
  EXPECT_EQ(send(get()).body().string(), "done");
  EXPECT_NE(log_->text().find("response_headers_start informational(103) informational(102) response_headers_end(200)"),
            std::string::npos)
      << log_->text();
}

// Events.

TEST_P(ResponseRules, APlainExchangeTellsItsStepsInOrder) {
  server_.enqueue(MockResponse("text"));
  EXPECT_EQ(send(get()).body().string(), "text");
  log_->wait_for_end();
  EXPECT_EQ(log_->text(),
            "call_start acquired request_headers_start request_headers_end response_headers_start "
            "response_headers_end(200) follow_up(200,no) response_body_start response_body_end(4) released call_end");
}

TEST_P(ResponseRules, ARedirectKeepsItsConnection) {
  server_.enqueue(MockResponse::Builder().code(302).set_header("Location", "/x").build());
  server_.enqueue(MockResponse("text"));
  EXPECT_EQ(send(get()).body().string(), "text");
  log_->wait_for_end();
  EXPECT_EQ(log_->text(),
            "call_start acquired request_headers_start request_headers_end response_headers_start "
            "response_headers_end(302) response_body_start response_body_end(0) follow_up(302,yes) "
            "request_headers_start request_headers_end response_headers_start response_headers_end(200) "
            "follow_up(200,no) response_body_start response_body_end(4) released call_end");
}

/// What only the bytes of HTTP/1.1 can show.
class ResponseRulesOfHttp1 : public ResponseRules {};

INSTANTIATE_TEST_SUITE_P(Protocols, ResponseRulesOfHttp1, over_http_1_1(both_call_styles()), ParameterName());

TEST_P(ResponseRulesOfHttp1, ABodyThatIsDiscardedIsToldWithItsSize) {
  // In one piece, so that the body is there when its head is.
  const std::string head = "HTTP/1.1 302 Found\r\nLocation: /x\r\n";
  server_.enqueue(MockResponse::Builder().raw(head + "Content-Length: 5\r\n\r\nmoved").build());
  const std::string chunks = "Transfer-Encoding: chunked\r\n\r\n6\r\nmoved \r\n5\r\nagain\r\n0\r\n\r\n";
  server_.enqueue(MockResponse::Builder().raw(head + chunks).build());
  server_.enqueue(MockResponse("text"));
  (void)send(get());
  log_->wait_for_end();
  EXPECT_THAT(log_->text(), testing::HasSubstr("follow_up(302,yes) response_body_start response_body_end(5) request"));
  EXPECT_THAT(log_->text(), testing::HasSubstr("follow_up(302,yes) response_body_start response_body_end(11) request"));
}

TEST_P(ResponseRules, ARetryTellsOfTheFailureFirst) {
  server_.enqueue(MockResponse("warm"));
  EXPECT_EQ(send(get()).body().string(), "warm");
  log_->wait_for_end();
  log_->clear();
  server_.enqueue(MockResponse::Builder().on_response_start(SocketEffect::close_socket()).build());
  server_.enqueue(MockResponse("again"));
  EXPECT_EQ(send(get()).body().string(), "again");
  log_->wait_for_end();
  EXPECT_EQ(log_->text(),
            "call_start acquired request_headers_start request_headers_end response_headers_start "
            "response_failed(connection_closed) released retry(yes) acquired request_headers_start "
            "request_headers_end response_headers_start response_headers_end(200) follow_up(200,no) "
            "response_body_start response_body_end(5) released call_end");
}

TEST_P(ResponseRules, ABodyThatBreaksOffEndsTheCall) {
  server_.enqueue(
      MockResponse::Builder().generated_body(100'000).on_response_body(SocketEffect::close_socket()).build());
  const Response response = send(get());
  EXPECT_THROW((void)response.body().string(), Error);
  log_->wait_for_end();
  EXPECT_EQ(log_->text(),
            "call_start acquired request_headers_start request_headers_end response_headers_start "
            "response_headers_end(200) follow_up(200,no) response_body_start response_failed(connection_closed) "
            "released call_failed(connection_closed)");
}

}  // namespace
}  // namespace okhttp

#include <okhttp/client.hpp>
#include <okhttp/gzip.hpp>
#include <okhttp/mockwebserver/mock_web_server.hpp>

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>

#include "interceptors/content_decoding.hpp"
#include "support/call_styles.hpp"
#include "support/codings.hpp"
#include "support/event_log.hpp"
#include "support/protocols.hpp"

namespace okhttp {
namespace {

class Upload : public ProtocolTest<CallStyle> {
 protected:
  Upload() { client_ = builder().event_listener(log_).build(); }

  [[nodiscard]] Request post(RequestBodyPtr body) {
    return Request::post(server_.url("/").to_string(), std::move(body));
  }
  [[nodiscard]] Request expecting(const std::string& body) {
    return post(RequestBody::create(body)).new_builder().header("Expect", "100-continue").build();
  }
  /// Of an upload whose connection breaks without an answer.
  [[nodiscard]] Error failure_of_broken_upload() {
    server_.start(IpAddress::parse("127.0.0.1").value());
    server_.enqueue(MockResponse::Builder().on_request_body(SocketEffect::reset_socket()).build());
    try {
      (void)send(post(RequestBody::create(std::string(64U << 20, 'x'))));
    } catch (const Error& error) {
      return error;
    }
    throw std::logic_error("the upload did not break");
  }
  [[nodiscard]] Response send(const Request& request) { return run(how(), client_.new_call(request)); }

  const std::shared_ptr<EventLog> log_ = std::make_shared<EventLog>();
};

INSTANTIATE_TEST_SUITE_P(Protocols, Upload, over_both_protocols(both_call_styles()), ParameterName());

TEST_P(Upload, ExpectContinueWaitsForTheServersWord) {
  server_.enqueue(MockResponse("thanks"));
  EXPECT_EQ(send(expecting("text")).body().string(), "thanks");
  EXPECT_EQ(server_.take_request()->body(), "text");
  log_->wait_for_end();
  EXPECT_EQ(log_->text(),
            "call_start acquired request_headers_start request_headers_end response_headers_start informational(100) "
            "request_body_start request_body_end(4) response_headers_end(200) follow_up(200,no) response_body_start "
            "response_body_end(6) released call_end");
}

TEST_P(Upload, ExpectContinueSendsNoBodyAfterAFinalAnswer) {
  server_.enqueue(MockResponse::Builder().code(413).body("too much").answer_before_body().build());
  EXPECT_EQ(send(expecting("text")).body().string(), "too much");
  EXPECT_EQ(server_.take_request()->body_size(), 0U);
  EXPECT_EQ(client_.connection_pool().connection_count(), left_after_giving_up());
  log_->wait_for_end();
  EXPECT_EQ(log_->text(),
            "call_start acquired request_headers_start request_headers_end response_headers_start "
            "response_headers_end(413) follow_up(413,no) response_body_start response_body_end(8) released call_end");
}

TEST_P(Upload, AContinueThatNobodyAskedForIsPassedOver) {
  server_.enqueue(MockResponse::Builder().body("thanks").continue_rule(ContinueRule::always).build());
  EXPECT_EQ(send(post(RequestBody::create("text"))).body().string(), "thanks");
}

TEST_P(Upload, AnEarlyAnswerToALargeUploadIsRead) {
  server_.enqueue(MockResponse::Builder().code(413).body("too much").answer_before_body().build());
  const Response response = send(post(RequestBody::create(std::string(64U << 20, 'x'))));
  EXPECT_EQ(response.code(), 413);
  EXPECT_EQ(response.body().string(), "too much");
}

/// Over HTTP/2 a server says that it wants no more; over HTTP/1.1 all that it can do is to break the connection.
class UploadOverHttp1 : public Upload {};

INSTANTIATE_TEST_SUITE_P(Protocols, UploadOverHttp1, over_http_1_1(both_call_styles()), ParameterName());

TEST_P(UploadOverHttp1, AnEarlyAnswerIsReadAlthoughTheUploadBroke) {
  server_.enqueue(MockResponse::Builder()
                      .code(413)
                      .body("too much")
                      .answer_before_body()
                      .on_response_end(SocketEffect::reset_socket())
                      .build());
  const Response response = send(post(RequestBody::create(std::string(64U << 20, 'x'))));
  EXPECT_EQ(response.code(), 413);
  EXPECT_EQ(response.body().string(), "too much");
  EXPECT_EQ(client_.connection_pool().connection_count(), 0U);
  log_->wait_for_end();
  EXPECT_EQ(log_->text(),
            "call_start acquired request_headers_start request_headers_end request_body_start request_failed "
            "response_headers_start response_headers_end(413) follow_up(413,no) response_body_start "
            "response_body_end(8) released call_end");
}

TEST_P(UploadOverHttp1, AFailureToSendIsToldAsSuch) {
  const std::string what = failure_of_broken_upload().what();
  EXPECT_NE(what.find("sending the request"), std::string::npos) << what;
}

TEST_P(Upload, WithoutAnEarlyAnswerTheFailureToSendIsThrown) {
  EXPECT_EQ(failure_of_broken_upload().errc(), Errc::connection_closed);
  log_->wait_for_end();
  EXPECT_EQ(log_->text(),
            "call_start acquired request_headers_start request_headers_end request_body_start request_failed "
            "response_headers_start response_failed(connection_closed) released retry(no) "
            "call_failed(connection_closed)");
}

TEST_P(Upload, ABodyThatBreaksItsPromiseNamesBothNumbers) {
  for (const std::uint64_t promised : {3U, 5U}) {
    server_.enqueue(MockResponse("not reached"));
    auto given = std::make_shared<bool>(false);
    const RequestBodyPtr body = RequestBody::one_shot(
        [given] { return std::exchange(*given, true) ? std::nullopt : std::optional<std::string>("text"); },
        std::nullopt, promised);
    try {
      (void)send(post(body));
      FAIL() << "no error";
    } catch (const Error& error) {
      EXPECT_EQ(error.errc(), Errc::body_length_mismatch);
      const std::string text = error.what();
      EXPECT_NE(text.find(std::to_string(promised)), std::string::npos) << text;
      EXPECT_NE(text.find('4'), std::string::npos) << text;
    }
  }
  EXPECT_EQ(client_.connection_pool().connection_count(), left_after_giving_up());
}

TEST_P(Upload, ACompressedBodyGoesWithoutALength) {
  server_.enqueue(MockResponse("thanks"));
  const std::string text(100'000, 'x');
  EXPECT_EQ(send(gzip(post(RequestBody::create(text)))).body().string(), "thanks");
  const RecordedRequest request = *server_.take_request();
  EXPECT_EQ(request.header("Content-Encoding"), "gzip");
  EXPECT_EQ(request.header("Transfer-Encoding"), unknown_length_coding());
  EXPECT_FALSE(request.headers().contains("Content-Length"));
  EXPECT_LT(request.body_size(), 1000U);
  const auto plain = internal::decode(request.headers(), ResponseBody::create(request.body()), {ContentCoding::gzip()});
  EXPECT_EQ(plain.value().string(), text);
}

TEST_P(Upload, ABodyInAnyCodingIsSentAgainWhereARedirectAsksForThat) {
  const std::string text(100'000, 'x');
  for (const auto& coding : built_in_codings()) {
    server_.enqueue(MockResponse(308, Headers::of({{"Location", "/elsewhere"}})));
    server_.enqueue(MockResponse("thanks"));
    EXPECT_EQ(send(compressed(post(RequestBody::create(text)), coding)).body().string(), "thanks");
    for (int i = 0; i < 2; ++i) {
      const RecordedRequest request = *server_.take_request();
      EXPECT_EQ(request.header("Content-Encoding"), coding->name());
      EXPECT_EQ(request.header("Transfer-Encoding"), unknown_length_coding());
      EXPECT_FALSE(request.headers().contains("Content-Length"));
      const auto plain = internal::decode(request.headers(), ResponseBody::create(request.body()), {coding});
      EXPECT_EQ(plain.value().string(), text);
    }
  }
}

}  // namespace
}  // namespace okhttp

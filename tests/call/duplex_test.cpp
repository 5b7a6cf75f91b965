#include <okhttp/client.hpp>
#include <okhttp/gzip.hpp>
#include <okhttp/mockwebserver/mock_web_server.hpp>
#include <okhttp/pipe_body.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

#include "support/call_styles.hpp"
#include "support/event_log.hpp"

namespace okhttp {
namespace {

/// Calls whose request is written while their response is read.
class Duplex : public testing::TestWithParam<CallStyle> {
 protected:
  Duplex() : log_(std::make_shared<EventLog>()), client_(builder().event_listener(log_).build()) {
    server_.set_protocols({Protocol::h2_prior_knowledge});
  }
  ~Duplex() override {
    if (!is_scripted_) return;
    EXPECT_NO_THROW(script_.await_success());
  }

  static Client::Builder builder() {
    Client::Builder builder;
    builder.protocols({Protocol::h2_prior_knowledge});
    return builder;
  }
  void serve_script() {
    is_scripted_ = true;
    server_.enqueue(MockResponse::Builder().duplex(script_.handler()).build());
  }
  [[nodiscard]] Request post(RequestBodyPtr body) {
    return Request::post(server_.url("/").to_string(), std::move(body));
  }
  [[nodiscard]] Response send(RequestBodyPtr body) { return run(GetParam(), client_.new_call(post(std::move(body)))); }

  static std::string read(const Response& response, std::size_t count) {
    std::string text(count, '\0');
    std::size_t filled = 0;
    while (filled < count) {
      const std::size_t read = response.body().read_some(std::as_writable_bytes(std::span(text)).subspan(filled));
      if (read == 0) break;
      filled += read;
    }
    text.resize(filled);
    return text;
  }

  MockWebServer server_;
  DuplexScript script_;
  bool is_scripted_ = false;
  std::shared_ptr<EventLog> log_;
  Client client_;
};

INSTANTIATE_TEST_SUITE_P(Styles, Duplex, both_call_styles(), call_style_name);

TEST_P(Duplex, ClientReadsAndWritesInTurn) {
  script_.receive_request("request A\n")
      .send_response("response B\n")
      .receive_request("request C\n")
      .send_response("response D\n")
      .exhaust_request()
      .exhaust_response();
  serve_script();
  const auto pipe = std::make_shared<PipeBody>();
  pipe->write("request A\n");
  const Response response = send(pipe);
  EXPECT_EQ(read(response, 11), "response B\n");
  pipe->write("request C\n");
  EXPECT_EQ(read(response, 11), "response D\n");
  pipe->close();
  EXPECT_EQ(response.body().string(), "");
}

TEST_P(Duplex, ServerSpeaksFirst) {
  script_.send_response("response A\n").receive_request("request B\n").exhaust_request().exhaust_response();
  serve_script();
  const auto pipe = std::make_shared<PipeBody>();
  const Response response = send(pipe);
  EXPECT_EQ(read(response, 11), "response A\n");
  pipe->write("request B\n");
  pipe->close();
  EXPECT_EQ(response.body().string(), "");
}

TEST_P(Duplex, TheHeadAloneIsSentAtOnce) {
  script_.send_head().exhaust_request().exhaust_response();
  serve_script();
  const auto pipe = std::make_shared<PipeBody>();
  const Response response = send(pipe);
  EXPECT_EQ(response.code(), 200);
  pipe->close();
  EXPECT_EQ(response.body().string(), "");
  log_->wait_for_end();
  EXPECT_EQ(log_->text(),
            "call_start acquired request_headers_start request_headers_end request_body_start "
            "response_headers_start response_headers_end(200) follow_up(200,no) response_body_start "
            "request_body_end(0) response_body_end(0) released call_end");
}

TEST_P(Duplex, AResponseMayBeCompleteBeforeItsRequest) {
  script_.send_response("done").exhaust_response().receive_request("still\n").exhaust_request();
  serve_script();
  const auto pipe = std::make_shared<PipeBody>();
  const Response response = send(pipe);
  EXPECT_EQ(response.body().string(), "done");
  pipe->write("still\n");
  pipe->close();
  script_.await_success();
}

TEST_P(Duplex, ACoroutineMayWriteTheBody) {
  script_.receive_request("one two").exhaust_request().send_response("three").exhaust_response();
  serve_script();
  const RequestBodyPtr body = RequestBody::duplex([](BodySink& sink) -> Task<void> {
    co_await sink.write("one ");
    co_await sink.flush();
    co_await sink.write("two");
  });
  EXPECT_EQ(send(body).body().string(), "three");
}

TEST_P(Duplex, ABodyLargerThanAllWindowsFlowsBothWays) {
  const DuplexHandler echo = [](DuplexStream& stream) -> Task<void> {
    co_await stream.send_head();
    for (;;) {
      std::string piece = co_await stream.read_exactly(10'000);
      if (piece.empty()) break;
      co_await stream.write(std::move(piece));
    }
  };
  server_.enqueue(MockResponse::Builder().duplex(echo).build());
  const auto pipe = std::make_shared<PipeBody>();
  const Response response = send(pipe);
  std::string sent;
  for (int i = 0; i < 300; ++i) sent += std::string(10'000, static_cast<char>('a' + i % 26));
  std::thread writer([&] {
    for (std::size_t at = 0; at < sent.size(); at += 33'333) pipe->write(std::string_view(sent).substr(at, 33'333));
    pipe->close();
  });
  EXPECT_EQ(response.body().string() == sent, true);
  writer.join();
}

TEST_P(Duplex, WhatTheBodyThrowsIsThrownToTheReader) {
  // The server may come to see nothing of the first request.
  server_.set_dispatcher([this](const RecordedRequest& request) {
    if (request.method() == "GET") return MockResponse("next");
    return MockResponse::Builder().duplex(script_.handler()).build();
  });
  script_.send_head().expect_canceled();
  const RequestBodyPtr body = RequestBody::duplex([](BodySink& sink) -> Task<void> {
    co_await sink.write("some");
    throw std::range_error("the body's own");
  });
  EXPECT_THROW((void)send(body).body().string(), std::range_error);
  // The connection is none the worse for it.
  EXPECT_EQ(run(GetParam(), client_.new_call(Request::get(server_.url("/")))).body().string(), "next");
  EXPECT_EQ(server_.connection_count(), 1U);
}

TEST_P(Duplex, ACanceledPipeEndsItsCall) {
  script_.receive_request("some").send_head().expect_canceled();
  serve_script();
  const auto pipe = std::make_shared<PipeBody>();
  pipe->write("some");
  const Response response = send(pipe);
  pipe->cancel();
  try {
    (void)response.body().string();
    ADD_FAILURE() << "it was read to its end";
  } catch (const Error& error) {
    EXPECT_EQ(error.errc(), Errc::canceled);
  }
}

TEST_P(Duplex, AResetByTheServerEndsWriterAndReader) {
  script_.send_head().cancel_stream(Http2ErrorCode::internal_error);
  serve_script();
  const auto pipe = std::make_shared<PipeBody>();
  const Response response = send(pipe);
  try {
    (void)response.body().string();
    ADD_FAILURE() << "it was read to its end";
  } catch (const Error& error) {
    EXPECT_EQ(error.errc(), Errc::stream_reset);
  }
  EXPECT_THROW(for (int i = 0; i < 100; ++i) pipe->write(std::string(10'000, 'x')), Error);
}

TEST_P(Duplex, DroppingTheResponseEndsTheRequest) {
  script_.send_head().expect_canceled();
  serve_script();
  const auto pipe = std::make_shared<PipeBody>();
  { const Response response = send(pipe); }
  EXPECT_THROW(for (int i = 0; i < 100; ++i) pipe->write(std::string(10'000, 'x')), Error);
  log_->wait_for_end();
  EXPECT_NE(log_->text().find("request_failed"), std::string::npos) << log_->text();
}

TEST_P(Duplex, CancelEndsAWriterThatWaitsForRoom) {
  script_.send_head().expect_canceled();
  serve_script();
  server_.hold_http2_windows();
  const auto pipe = std::make_shared<PipeBody>();
  const Call call = client_.new_call(post(pipe));
  const Response response = run(GetParam(), call);
  std::promise<void> ended;
  std::thread writer([&] {
    try {
      for (;;) pipe->write(std::string(10'000, 'x'));
    } catch (const Error& error) {
      EXPECT_EQ(error.errc(), Errc::canceled);
    }
    ended.set_value();
  });
  call.cancel();
  ended.get_future().wait();
  writer.join();
  EXPECT_THROW((void)response.body().string(), Error);
}

TEST_P(Duplex, ACallThatNeverConnectsLeavesNoWriterWaiting) {
  const auto pipe = std::make_shared<PipeBody>(std::nullopt, 10);
  const Request request = post(pipe);
  server_.close();
  EXPECT_THROW((void)run(GetParam(), client_.new_call(request)), Error);
  EXPECT_THROW(pipe->write("more than fits into the pipe"), Error);
}

TEST_P(Duplex, ARedirectIsNotFollowed) {
  server_.enqueue(MockResponse::Builder().code(307).set_header("Location", "/there").answer_before_body().build());
  const auto pipe = std::make_shared<PipeBody>();
  const Response response = send(pipe);
  EXPECT_EQ(response.code(), 307);
  pipe->close();
  (void)response.body().string();
}

TEST_P(Duplex, ACompressedBodyIsFlushedPieceByPiece) {
  const DuplexHandler first_piece = [](DuplexStream& stream) -> Task<void> {
    (void)co_await stream.read_exactly(10);  // a gzip header: something came although the request is not complete
    co_await stream.write("got some");
    co_await stream.read_to_end();
  };
  server_.enqueue(MockResponse::Builder().duplex(first_piece).build());
  const auto pipe = std::make_shared<PipeBody>();
  pipe->write("some");
  const Response response = run(GetParam(), client_.new_call(gzip(post(pipe))));
  EXPECT_EQ(read(response, 8), "got some");
  pipe->close();
  EXPECT_EQ(response.body().string(), "");
}

TEST(DuplexOverHttp1, IsRefusedWithAClearError) {
  MockWebServer server;
  const Client client;
  try {
    (void)client.new_call(Request::post(server.url("/"), std::make_shared<PipeBody>())).execute();
    ADD_FAILURE() << "it was sent";
  } catch (const Error& error) {
    EXPECT_EQ(error.errc(), Errc::protocol_error);
    EXPECT_EQ(error.blame(), Blame::caller);
    EXPECT_NE(std::string(error.what()).find("HTTP/2"), std::string::npos) << error.what();
  }
}

TEST(PipeBodyTest, IsForOneCall) {
  MockWebServer server;
  server.set_protocols({Protocol::h2_prior_knowledge});
  server.set_dispatcher([](const RecordedRequest&) { return MockResponse("ok"); });
  Client::Builder builder;
  builder.protocols({Protocol::h2_prior_knowledge});
  const Client client = builder.build();
  const auto pipe = std::make_shared<PipeBody>();
  pipe->close();
  EXPECT_EQ(client.new_call(Request::post(server.url("/"), pipe)).execute().body().string(), "ok");
  EXPECT_THROW((void)client.new_call(Request::post(server.url("/"), pipe)).execute().body().string(), std::logic_error);
}

TEST(PipeBodyTest, TakesNothingAfterItsEnd) {
  PipeBody pipe;
  pipe.close();
  EXPECT_THROW(pipe.write("late"), std::logic_error);
  EXPECT_THROW(PipeBody(std::nullopt, 0), std::invalid_argument);
}

}  // namespace
}  // namespace okhttp

#include <okhttp/client.hpp>
#include <okhttp/dns.hpp>
#include <okhttp/mockwebserver/mock_web_server.hpp>

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "support/call_styles.hpp"
#include "support/protocols.hpp"

namespace okhttp {
namespace {

/// Reads the request and closes without an answer.
MockResponse no_answer() { return MockResponse::Builder().on_response_start(SocketEffect::close_socket()).build(); }

class RecoveryCall : public ProtocolTest<CallStyle> {
 protected:
  [[nodiscard]] Call call(const Request& request) { return client_.new_call(request); }
  [[nodiscard]] Request get() { return Request::get(server_.url("/")); }
  [[nodiscard]] Request post() { return Request::post(server_.url("/").to_string(), RequestBody::create("text")); }

  /// Leaves an idle connection in the pool, whose route is known to work.
  void warm_up() {
    server_.enqueue(MockResponse("warm"));
    EXPECT_EQ(run(how(), call(get())).body().string(), "warm");
    (void)server_.take_request();
    ASSERT_EQ(client_.connection_pool().idle_connection_count(), 1U);
  }
};

INSTANTIATE_TEST_SUITE_P(Protocols, RecoveryCall, over_both_protocols(both_call_styles()), ParameterName());

TEST_P(RecoveryCall, AGetDoesNotSeeThatItsConnectionWasClosed) {
  warm_up();
  server_.close_idle_connections();
  server_.enqueue(MockResponse("again"));
  EXPECT_EQ(run(how(), call(get())).body().string(), "again");
  EXPECT_EQ(server_.connection_count(), 2U);
}

TEST_P(RecoveryCall, AGetDoesNotSeeThatItsServerWasRestarted) {
  warm_up();
  server_.restart();
  server_.enqueue(MockResponse("again"));
  EXPECT_EQ(run(how(), call(get())).body().string(), "again");
}

TEST_P(RecoveryCall, APostLooksBeforeItLeaps) {
  warm_up();
  server_.close_idle_connections();
  server_.enqueue(MockResponse("posted"));
  EXPECT_EQ(run(how(), call(post())).body().string(), "posted");
  EXPECT_EQ(server_.request_count(), 2U);
}

TEST_P(RecoveryCall, AGetIsSentAgainWhenNoAnswerComes) {
  warm_up();
  server_.enqueue(no_answer());
  server_.enqueue(MockResponse("again"));
  EXPECT_EQ(run(how(), call(get())).body().string(), "again");
  EXPECT_EQ(server_.request_count(), 3U);
}

TEST_P(RecoveryCall, APostIsNotSentTwice) {
  warm_up();
  server_.enqueue(no_answer());
  try {
    (void)run(how(), call(post()));
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.errc(), Errc::connection_closed);
    EXPECT_NE(std::string(error.what()).find("Idempotency-Key"), std::string::npos) << error.what();
    EXPECT_NE(error.cause(), nullptr);
  }
  EXPECT_EQ(server_.request_count(), 2U);
}

TEST_P(RecoveryCall, APostWithAnIdempotencyKeyIsSentAgain) {
  warm_up();
  server_.enqueue(no_answer());
  server_.enqueue(MockResponse("posted"));
  const Request keyed = post().new_builder().header("Idempotency-Key", "7").build();
  EXPECT_EQ(run(how(), call(keyed)).body().string(), "posted");
  EXPECT_EQ(server_.request_count(), 3U);
}

TEST_P(RecoveryCall, AOneShotBodyIsNotSentTwice) {
  warm_up();
  server_.enqueue(no_answer());
  auto given = std::make_shared<bool>(false);
  const RequestBodyPtr once = RequestBody::one_shot(
      [given] { return std::exchange(*given, true) ? std::nullopt : std::optional<std::string>("one"); });
  EXPECT_EQ(failure_of(how(), call(Request::put(server_.url("/").to_string(), once))), Errc::connection_closed);
  EXPECT_EQ(server_.request_count(), 2U);
}

TEST_P(RecoveryCall, NothingIsRetriedWhenThatIsOff) {
  warm_up();
  client_ = client_.new_builder().retry_on_connection_failure(false).build();
  server_.enqueue(no_answer());
  EXPECT_EQ(failure_of(how(), call(get())), Errc::connection_closed);
  EXPECT_EQ(server_.request_count(), 2U);
}

TEST_P(RecoveryCall, TheFailureTellsOfTheAttemptsBefore) {
  server_.start(IpAddress::parse("127.0.0.1").value());
  warm_up();
  // On the idle connection, on a new one by the same route, and on one by whatever routes there are.
  for (int i = 0; i < 3; ++i) server_.enqueue(no_answer());
  try {
    (void)run(how(), call(get()));
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.errc(), Errc::connection_closed);
    ASSERT_EQ(error.attempts().size(), 2U);
    EXPECT_NE(error.attempts()[0].route.find(std::to_string(server_.port())), std::string::npos);
    EXPECT_FALSE(error.attempts()[0].failure.empty());
  }
}

// RFC 9113 §6.8: a peer that refuses in going away answers, so that its route is no worse for it.
TEST_P(RecoveryCall, AGoawayOnANewConnectionHasARefusedPostSentAgain) {
  server_.enqueue(
      MockResponse::Builder().on_request_start(SocketEffect::go_away(LastProcessed::the_one_before)).build());
  server_.enqueue(MockResponse("posted"));
  if (is_http_2()) {
    EXPECT_EQ(run(how(), call(post())).body().string(), "posted");
    EXPECT_EQ(server_.connection_count(), 2U);
  } else {
    EXPECT_EQ(failure_of(how(), call(post())), Errc::connection_closed);
  }
}

TEST_P(RecoveryCall, TwentyAreMadeAndNoMore) {
  server_.start(IpAddress::parse("0.0.0.0").value());
  std::vector<IpAddress> addresses;
  for (std::uint8_t i = 1; i <= 30; ++i) addresses.push_back(IpAddress::v4({127, 0, 0, i}));
  const std::shared_ptr<Dns> dns = Dns::fixed({FixedHost("many.test", addresses)});
  const auto call_of = [&] {
    client_ = client_.new_builder().dns(dns).fast_fallback(false).connection_pool(ConnectionPool()).build();
    return call(Request::get("http://many.test:" + std::to_string(server_.port()) + "/"));
  };
  for (int i = 0; i < 20; ++i) server_.enqueue(no_answer());
  server_.enqueue(MockResponse("at last"));
  EXPECT_EQ(run(how(), call_of()).body().string(), "at last");
  EXPECT_EQ(server_.request_count(), 21U);

  for (int i = 0; i < 21; ++i) server_.enqueue(no_answer());
  EXPECT_EQ(failure_of(how(), call_of()), Errc::connection_closed);
  EXPECT_EQ(server_.request_count(), 42U);
}

TEST_P(RecoveryCall, ABrokenResponseIsNotRetried) {
  warm_up();
  server_.enqueue(MockResponse::Builder().raw("HTTP/1.1 two hundred\r\n\r\n").build());
  EXPECT_EQ(failure_of(how(), call(get())), Errc::protocol_error);
  EXPECT_EQ(server_.request_count(), 2U);
}

TEST_P(RecoveryCall, ABodyThatBreaksOffIsTheReadersFailure) {
  warm_up();
  server_.enqueue(
      MockResponse::Builder().generated_body(1U << 20).on_response_body(SocketEffect::close_socket()).build());
  const Response response = run(how(), call(get()));
  try {
    (void)response.body().string();
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.errc(), Errc::connection_closed);
  }
  EXPECT_EQ(server_.request_count(), 2U);
  EXPECT_EQ(client_.connection_pool().connection_count(), 0U);
}

TEST_P(RecoveryCall, AnExceptionOfTheBodysOwnIsThrownAsItIs) {
  warm_up();
  server_.enqueue(MockResponse("not reached"));
  const RequestBodyPtr body = RequestBody::writer([](BodySink& sink) -> Task<void> {
    co_await sink.write("begun");
    throw std::runtime_error("no more ink");
  });
  try {
    (void)run(how(), call(Request::put(server_.url("/").to_string(), body)));
    FAIL() << "no error";
  } catch (const std::runtime_error& error) {
    EXPECT_STREQ(error.what(), "no more ink");
  }
  EXPECT_EQ(client_.connection_pool().connection_count(), left_after_giving_up());
}

TEST_P(RecoveryCall, AnErrorOfTheBodysOwnIsNoReasonToTryAgain) {
  warm_up();
  server_.enqueue(MockResponse("not reached"));
  auto writes = std::make_shared<int>(0);
  const RequestBodyPtr body = RequestBody::writer([writes](BodySink& sink) -> Task<void> {
    ++*writes;
    co_await sink.write("begun");
    throw Error(Errc::connection_closed, Blame::peer, "what the body is copied from has ended");
  });
  const Request put = Request::put(server_.url("/").to_string(), body);
  EXPECT_EQ(failure_of(how(), call(put)), Errc::connection_closed);
  EXPECT_EQ(*writes, 1);
}

}  // namespace
}  // namespace okhttp

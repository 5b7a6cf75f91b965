#include "interceptors/recovery.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string>

namespace okhttp::internal {
namespace {

AttemptFacts sent_with_another_way() {
  AttemptFacts facts;
  facts.has_another_way = true;
  facts.may_have_reached_peer = true;
  return facts;
}

Error failure(Errc code) { return Error(code, "reading the response from a.example:80: the peer closed"); }

Request get() { return Request::get("http://a.example/"); }
Request post() { return Request::post("http://a.example/", RequestBody::create("x")); }

Recovery recover_with(Errc code, const Request& request, const AttemptFacts& facts) {
  return recover(failure(code), request, FollowUpPolicy(), facts);
}

TEST(RecoveryTest, ALostConnectionIsReplaced) {
  EXPECT_EQ(recover_with(Errc::connection_closed, get(), sent_with_another_way()), Recovery::retry);
}

TEST(RecoveryTest, NothingIsRetriedWhenRetriesAreOff) {
  FollowUpPolicy policy;
  policy.retry_on_connection_failure = false;
  EXPECT_EQ(recover(failure(Errc::connection_closed), get(), policy, sent_with_another_way()),
            Recovery::retries_are_off);
}

TEST(RecoveryTest, WhatWouldFailAgainIsNotRetried) {
  for (const Errc code : {Errc::canceled, Errc::timeout, Errc::read_timeout, Errc::write_timeout, Errc::unknown_host,
                          Errc::peer_unverified, Errc::pin_mismatch, Errc::cleartext_not_permitted,
                          Errc::protocol_error, Errc::too_many_follow_ups, Errc::body_length_mismatch,
                          Errc::decode_failed, Errc::limit_exceeded, Errc::address_refused, Errc::rejected, Errc::io}) {
    EXPECT_EQ(recover_with(code, get(), sent_with_another_way()), Recovery::would_fail_again) << to_string(code);
  }
}

TEST(RecoveryTest, AConnectTimeoutIsRetriedOnlyBeforeAnythingWasSent) {
  AttemptFacts facts;
  facts.has_another_way = true;
  EXPECT_EQ(recover_with(Errc::connect_timeout, post(), facts), Recovery::retry);
  facts.may_have_reached_peer = true;
  EXPECT_EQ(recover_with(Errc::connect_timeout, get(), facts), Recovery::would_fail_again);
}

TEST(RecoveryTest, WithoutAnotherWayTheFailureStands) {
  AttemptFacts facts = sent_with_another_way();
  facts.has_another_way = false;
  EXPECT_EQ(recover_with(Errc::connection_closed, get(), facts), Recovery::no_other_way);
  EXPECT_EQ(recover_with(Errc::connection_closed, post(), facts), Recovery::no_other_way);
}

TEST(RecoveryTest, OnlyIdempotentMethodsAreSentTwice) {
  for (const char* method : {"GET", "HEAD", "OPTIONS", "DELETE", "TRACE"}) {
    const Request request = Request::Builder().url("http://a.example/").method(method, nullptr).build();
    EXPECT_EQ(recover_with(Errc::connection_closed, request, sent_with_another_way()), Recovery::retry) << method;
  }
  for (const char* method : {"PUT", "PROPFIND", "QUERY"}) {
    const Request request =
        Request::Builder().url("http://a.example/").method(method, RequestBody::create("x")).build();
    EXPECT_EQ(recover_with(Errc::connection_closed, request, sent_with_another_way()), Recovery::retry) << method;
  }
  for (const char* method : {"POST", "PATCH", "MKCOL"}) {
    const Request request =
        Request::Builder().url("http://a.example/").method(method, RequestBody::create("x")).build();
    EXPECT_EQ(recover_with(Errc::connection_closed, request, sent_with_another_way()), Recovery::may_be_processed)
        << method;
  }
}

TEST(RecoveryTest, AnIdempotencyKeyAllowsAPostTwice) {
  const Request keyed = post().new_builder().header("Idempotency-Key", "1").build();
  EXPECT_EQ(recover_with(Errc::connection_closed, keyed, sent_with_another_way()), Recovery::retry);
}

TEST(RecoveryTest, APostOfWhichNothingWasSentIsSent) {
  AttemptFacts facts;
  facts.has_another_way = true;
  EXPECT_EQ(recover_with(Errc::connection_closed, post(), facts), Recovery::retry);
}

TEST(RecoveryTest, APostThatThePeerProvedUnprocessedIsSentAgain) {
  AttemptFacts facts;  // as after RST_STREAM with REFUSED_STREAM, or GOAWAY with a lower stream
  facts.has_another_way = true;
  facts.body_begun = true;
  EXPECT_EQ(recover_with(Errc::stream_reset, post(), facts), Recovery::retry);
  facts.may_have_reached_peer = true;
  EXPECT_EQ(recover_with(Errc::stream_reset, post(), facts), Recovery::may_be_processed);
}

TEST(RecoveryTest, AOneShotBodyIsSpentOnceItWasAskedToWrite) {
  const Request put =
      Request::put("http://a.example/", RequestBody::one_shot([] { return std::optional<std::string>(); }));
  AttemptFacts facts;
  facts.has_another_way = true;
  EXPECT_EQ(recover_with(Errc::connection_closed, put, facts), Recovery::retry);
  facts.body_begun = true;
  EXPECT_EQ(recover_with(Errc::connection_closed, put, facts), Recovery::body_is_spent);
}

TEST(RecoveryTest, AFailureOfTheBodyItselfIsNotRetried) {
  AttemptFacts facts = sent_with_another_way();
  facts.body_begun = true;
  facts.body_failed = true;
  EXPECT_EQ(recover_with(Errc::connection_closed, Request::put("http://a.example/", RequestBody::create("x")), facts),
            Recovery::would_fail_again);
}

TEST(RecoveryTest, WhatIsNotSentAgainSaysSoAndHowToAllowIt) {
  const Error told = not_sent_again(failure(Errc::stream_reset), post());
  EXPECT_EQ(told.errc(), Errc::connection_closed);
  const std::string text = told.what();
  EXPECT_NE(text.find("the POST was not sent again"), std::string::npos) << text;
  EXPECT_NE(text.find("Idempotency-Key"), std::string::npos) << text;
  ASSERT_NE(told.cause(), nullptr);
  try {
    std::rethrow_exception(told.cause());
  } catch (const Error& cause) {
    EXPECT_EQ(cause.errc(), Errc::stream_reset);
  }
}

}  // namespace
}  // namespace okhttp::internal

#include <okhttp/cache_control.hpp>
#include <okhttp/cookie.hpp>
#include <okhttp/cookie_jar.hpp>
#include <okhttp/handshake.hpp>
#include <okhttp/tls.hpp>

#include <gmock/gmock.h>

#include <mutex>
#include <stdexcept>
#include <thread>

#include "cache/caching_calls.hpp"
#include "support/fronts.hpp"
#include "support/gzipped.hpp"

namespace okhttp {
namespace {

INSTANTIATE_TEST_SUITE_P(Protocols, CachingCalls, over_both_protocols(both_call_styles()), ParameterName());

TEST_P(CachingCalls, AFreshResponseIsServedWithoutTheNetwork) {
  server_.enqueue(answer("kept", "max-age=60"));
  const Response first = get();
  EXPECT_EQ(read(first), "kept");
  EXPECT_NE(first.network_response(), nullptr);
  EXPECT_EQ(first.cache_response(), nullptr);
  EXPECT_EQ(events(), "cache_miss(nothing_stored)");

  pass(seconds(30));
  const Response second = get();
  EXPECT_EQ(second.code(), 200);
  EXPECT_EQ(second.protocol(), first.protocol());
  EXPECT_EQ(second.body().content_length(), 4U);
  EXPECT_EQ(read(second), "kept");
  EXPECT_EQ(second.network_response(), nullptr);
  ASSERT_NE(second.cache_response(), nullptr);
  EXPECT_EQ(second.cache_response()->code(), 200);
  EXPECT_EQ(second.sent_request_at(), first.sent_request_at());
  EXPECT_GE(std::stoi(std::string(*second.header("Age"))), 30);  // RFC 9111 §5.1
  EXPECT_EQ(events(), "cache_hit(fresh)");
  EXPECT_EQ(server_.request_count(), 1U);
  EXPECT_EQ(cache_.request_count(), 2U);
  EXPECT_EQ(cache_.network_count(), 1U);
  EXPECT_EQ(cache_.hit_count(), 1U);
  EXPECT_EQ(cache_.write_success_count(), 1U);
}

// RFC 9111 §4.3.3
TEST_P(CachingCalls, AConfirmedResponseIsServedWithWhatTheConfirmationChanged) {
  server_.enqueue(answer("kept", "max-age=60", {{"ETag", "\"v1\""}, {"X-A", "old"}}));
  server_.enqueue(not_modified({{"ETag", "\"v1\""}, {"X-A", "new"}, {"Cache-Control", "max-age=600"}}));
  EXPECT_EQ(text(), "kept");
  pass(seconds(61));
  const Response response = get();
  EXPECT_EQ(response.code(), 200);
  EXPECT_EQ(response.header("X-A"), "new");
  ASSERT_NE(response.network_response(), nullptr);
  ASSERT_NE(response.cache_response(), nullptr);
  EXPECT_EQ(response.network_response()->code(), 304);
  EXPECT_EQ(response.cache_response()->code(), 200);
  EXPECT_EQ(read(response), "kept");
  EXPECT_EQ(events(), "cache_miss(nothing_stored) cache_conditional_hit(expired) cache_hit(not_modified)");
  (void)server_.take_request();
  EXPECT_EQ(server_.take_request()->headers().get("If-None-Match"), "\"v1\"");
  EXPECT_EQ(cache_.hit_count(), 1U);
  EXPECT_EQ(cache_.network_count(), 2U);
  EXPECT_EQ(text(), "kept") << "it is fresh again";
  EXPECT_EQ(server_.request_count(), 2U);
}

TEST_P(CachingCalls, TheStoreIsUpdatedBeforeTheConfirmedBodyIsRead) {
  server_.enqueue(answer("kept", "max-age=60", {{"ETag", "\"v1\""}}));
  server_.enqueue(not_modified({{"Cache-Control", "max-age=600"}}));
  (void)text();
  pass(seconds(61));
  const Response unread = get();
  EXPECT_EQ(text(), "kept");
  EXPECT_EQ(server_.request_count(), 2U);
  EXPECT_EQ(read(unread), "kept");
}

TEST_P(CachingCalls, AChangedResponseReplacesWhatWasStored) {
  server_.enqueue(answer("old", "max-age=60", {{"ETag", "\"v1\""}}));
  server_.enqueue(answer("new", "max-age=60", {{"ETag", "\"v2\""}}));
  (void)text();
  pass(seconds(61));
  const Response response = get();
  EXPECT_EQ(read(response), "new");
  ASSERT_NE(response.cache_response(), nullptr);
  EXPECT_EQ(response.cache_response()->header("ETag"), "\"v1\"");
  EXPECT_EQ(response.network_response()->code(), 200);
  EXPECT_EQ(events(), "cache_miss(nothing_stored) cache_conditional_hit(expired) cache_miss(modified)");
  EXPECT_EQ(cache_.hit_count(), 0U);
}

TEST_P(CachingCalls, WhatTheOriginReplacedAndForbidsToKeepIsDropped) {
  server_.enqueue(answer("old", "max-age=60", {{"ETag", "\"v1\""}}));
  server_.enqueue(answer("new", "no-store"));
  (void)text();
  pass(seconds(61));
  EXPECT_EQ(text(), "new");
  EXPECT_TRUE(cache_.urls().empty());
}

// RFC 9111 §5.2.2.5: of an answer with no-store nothing is kept, and so not that it confirmed.
TEST_P(CachingCalls, AConfirmationThatForbidsToKeepIsServedAndDropsWhatIsStored) {
  server_.enqueue(
      answer("old", "max-age=60", {{"ETag", "\"v1\""}, {"Last-Modified", "Sun, 06 Nov 1994 08:49:37 GMT"}}));
  server_.enqueue(not_modified({{"ETag", "\"v1\""}, {"Cache-Control", "no-store"}}));
  server_.enqueue(answer("new", "max-age=60"));
  (void)text();
  pass(seconds(61));
  EXPECT_EQ(text(), "old");
  EXPECT_TRUE(cache_.urls().empty());
  EXPECT_EQ(text(), "new");
}

TEST_P(CachingCalls, AnAnswerToHeadThatForbidsToKeepDropsWhatIsStored) {
  server_.enqueue(answer("old", "max-age=60", {{"ETag", "\"v1\""}}));
  server_.enqueue(answer("old", "no-store", {{"ETag", "\"v1\""}}));
  (void)text();
  pass(seconds(61));
  (void)read(send(Request::head(server_.url("/").to_string())));
  EXPECT_TRUE(cache_.urls().empty());
}

// RFC 9111 §4.1, §3.2: it confirms for the fields of the request that it answers.
TEST_P(CachingCalls, AConfirmationThatVariesByMoreIsForRequestsLikeItsOwn) {
  server_.enqueue(answer("kept", "max-age=60", {{"ETag", "\"v1\""}}));
  server_.enqueue(not_modified({{"ETag", "\"v1\""}, {"Vary", "X-A"}, {"Cache-Control", "max-age=600"}}));
  server_.enqueue(answer("other", "max-age=600", {{"ETag", "\"v2\""}, {"Vary", "X-A"}}));
  (void)text();
  pass(seconds(61));
  EXPECT_EQ(text({{"X-A", "1"}}), "kept");
  EXPECT_EQ(text({{"X-A", "1"}}), "kept") << "it is fresh again";
  EXPECT_EQ(server_.request_count(), 2U);
  EXPECT_EQ(text({{"X-A", "2"}}), "other");
  EXPECT_EQ(text({{"X-A", "1"}}), "kept") << "and a variant of its own";
  EXPECT_EQ(server_.request_count(), 3U);
}

// RFC 9111 §4.3.3: what tells of the exchange says nothing of what is stored.
TEST_P(CachingCalls, AnAnswerAboutTheExchangeLeavesWhatIsStored) {
  server_.enqueue(answer("kept", "max-age=60", {{"ETag", "\"v1\""}}));
  server_.enqueue(answer("slower", "no-store", {}, 429));
  server_.enqueue(not_modified());
  (void)text();
  pass(seconds(61));
  EXPECT_EQ(text(), "slower");
  EXPECT_EQ(text(), "kept");
}

// RFC 9111 §4.2.4
TEST_P(CachingCalls, StaleIsNotServedForAnOriginThatFailsUnlessThatIsAllowed) {
  server_.enqueue(answer("kept", "max-age=60", {{"ETag", "\"v1\""}}));
  server_.enqueue(answer("broken", "no-store", {}, 500));
  (void)text();
  pass(seconds(61));
  EXPECT_EQ(get().code(), 500);
}

// RFC 9111 §5.4
TEST_P(CachingCalls, PragmaNoCacheHasWhatIsFreshConfirmed) {
  server_.enqueue(answer("kept", "max-age=60", {{"ETag", "\"v1\""}}));
  server_.enqueue(not_modified());
  (void)text();
  const Response response = get({{"Pragma", "no-cache"}});
  ASSERT_NE(response.network_response(), nullptr);
  EXPECT_EQ(response.network_response()->code(), 304);
  EXPECT_EQ(read(response), "kept");
}

// RFC 9111 §4.3.4
TEST_P(CachingCalls, A304AboutAnotherVersionHasTheRequestSentWithoutCondition) {
  server_.enqueue(answer("old", "max-age=60", {{"ETag", "\"v1\""}}));
  server_.enqueue(not_modified({{"ETag", "\"v9\""}}));
  server_.enqueue(answer("new", "max-age=600", {{"ETag", "\"v9\""}}));
  (void)text();
  pass(seconds(61));
  EXPECT_EQ(text(), "new");
  (void)server_.take_request();
  (void)server_.take_request();
  EXPECT_FALSE(server_.take_request()->headers().contains("If-None-Match"));
  EXPECT_EQ(text(), "new");
  EXPECT_EQ(server_.request_count(), 3U);
}

// RFC 8246 §2
TEST_P(CachingCalls, AReloadOfWhatIsImmutableDoesNotTouchTheNetwork) {
  server_.enqueue(answer("kept", "max-age=60, immutable", {{"ETag", "\"v1\""}}));
  (void)text();
  EXPECT_EQ(text({{"Cache-Control", "max-age=0"}}), "kept");
  EXPECT_EQ(server_.request_count(), 1U);
}

// RFC 9111 §2, RFC 9110 §7.1
TEST_P(CachingCalls, ARequestForAnotherHostNeitherFillsNorUsesTheCache) {
  server_.enqueue(answer("another's", "max-age=60"));
  server_.enqueue(answer("its own", "max-age=60"));
  server_.enqueue(answer("another's, later", "max-age=60"));
  const Fields another = {{"Host", "another.example"}};
  EXPECT_EQ(text(another), "another's");
  EXPECT_EQ(text(), "its own");
  EXPECT_EQ(text(another), "another's, later");
  EXPECT_EQ(text(), "its own");
}

TEST_P(CachingCalls, WhatIsStoredSetsNoCookiesAnew) {
  const std::shared_ptr<CookieJar> jar = CookieJar::in_memory();
  client_ = client_.new_builder().cookie_jar(jar).build();
  const auto kept = [&] {
    std::string all;
    for (const Cookie& cookie : jar->load_for_request(server_.url("/"))) all += cookie.name_and_value() + ";";
    return all;
  };
  server_.enqueue(answer("page", "max-age=60", {{"ETag", "\"v1\""}, {"Set-Cookie", "a=first"}}));
  (void)text();
  EXPECT_EQ(kept(), "a=first;");
  jar->save_from_response(server_.url("/"), {Cookie::parse(server_.url("/"), "a=second").value()});
  EXPECT_EQ(text(), "page");
  EXPECT_EQ(kept(), "a=second;") << "the hit is no answer of the server";

  pass(seconds(61));
  server_.enqueue(not_modified({{"ETag", "\"v1\""}, {"Set-Cookie", "a=third"}}));
  EXPECT_EQ(text(), "page");
  EXPECT_EQ(kept(), "a=third;") << "what confirms is one";
}

TEST_P(CachingCalls, WhatA304DoesNotConfirmIsDropped) {
  server_.enqueue(answer("old", "max-age=60", {{"ETag", "\"v1\""}}));
  server_.enqueue(not_modified({{"ETag", "\"v9\""}}));
  server_.enqueue(answer("new", "no-store"));
  (void)text();
  pass(seconds(61));
  EXPECT_EQ(text(), "new");
  EXPECT_TRUE(cache_.urls().empty());
}

// RFC 9111 §5.2.1.7
TEST_P(CachingCalls, OnlyIfCachedIs504WithoutTheNetwork) {
  const Response response = get({{"Cache-Control", "only-if-cached"}});
  EXPECT_EQ(response.code(), 504);
  EXPECT_EQ(response.network_response(), nullptr);
  EXPECT_EQ(response.cache_response(), nullptr);
  EXPECT_EQ(read(response), "");
  EXPECT_EQ(events(), "satisfaction_failure(nothing_stored)");
  EXPECT_EQ(server_.connection_count(), 0U);
  EXPECT_EQ(cache_.network_count(), 0U);
}

// What is not served

TEST_P(CachingCalls, ABodyThatIsDroppedHalfWayIsNotKept) {
  server_.enqueue(MockResponse::Builder().generated_body(1 << 19).set_header("Cache-Control", "max-age=60").build());
  server_.enqueue(answer("again", "max-age=60"));
  {
    const Response response = get();
    std::byte some[10];
    if (how() == CallStyle::blocking) {
      EXPECT_GT(response.body().read_some(some), 0U);
    } else {
      EXPECT_GT(sync_wait(response.body().async().read_some(some)), 0U);
    }
  }
  log_->wait_for_end();
  EXPECT_EQ(text(), "again");
  EXPECT_EQ(cache_.write_abort_count(), 1U);
}

TEST_P(CachingCalls, ABodyThatBreaksOffIsNotKept) {
  server_.enqueue(MockResponse::Builder()
                      .body(std::string(1000, 'x'))
                      .set_header("Cache-Control", "max-age=60")
                      .on_response_body(SocketEffect::close_socket())
                      .build());
  server_.enqueue(answer("whole", "max-age=60"));
  const Response broken = get();
  EXPECT_THROW((void)read(broken), Error);
  EXPECT_EQ(text(), "whole");
  EXPECT_EQ(cache_.write_abort_count(), 1U);
  EXPECT_EQ(cache_.write_success_count(), 1U);
}

TEST_P(CachingCalls, ASmallBodyThatNobodyReadsIsKeptAllTheSame) {
  server_.enqueue(answer("unread", "max-age=60"));
  get().body().close();
  log_->wait_for_end();
  EXPECT_EQ(text(), "unread");
  EXPECT_EQ(server_.request_count(), 1U);
}

// Where a loop runs, what is dropped is cleared there.

class CachingCallsOnTheLoop : public CachingCalls {};
INSTANTIATE_TEST_SUITE_P(Protocols, CachingCallsOnTheLoop,
                         over_both_protocols(::testing::Values(CallStyle::on_the_loop)), ParameterName());

TEST_P(CachingCallsOnTheLoop, ABodyThatComesSoonAfterItWasDroppedIsKept) {
  server_.enqueue(MockResponse::Builder()
                      .body("late")
                      .set_header("Cache-Control", "max-age=60")
                      .body_delay(std::chrono::milliseconds(5))
                      .build());
  get().body().close();
  log_->wait_for_end();
  EXPECT_EQ(cache_.write_success_count(), 1U);
  EXPECT_EQ(text(), "late");
  EXPECT_EQ(server_.request_count(), 1U);
}

TEST_P(CachingCallsOnTheLoop, ABodyThatComesTooLateForThatIsNotAndFailsNoCall) {
  server_.enqueue(MockResponse::Builder()
                      .body("too late")
                      .set_header("Cache-Control", "max-age=60")
                      .body_delay(std::chrono::hours(1))
                      .build());
  get().body().close();
  log_->wait_for_end();
  EXPECT_EQ(cache_.write_abort_count(), 1U);
  EXPECT_THAT(log_->text(), ::testing::EndsWith("call_end"));
}

TEST_P(CachingCalls, ARedirectIsKeptAlthoughItsBodyIsNotRead) {
  server_.enqueue(answer("moved", "max-age=60", {{"Location", "/there"}}, 301));
  server_.enqueue(answer("here", "max-age=60"));
  EXPECT_EQ(text(), "here");
  EXPECT_EQ(text(), "here");
  EXPECT_EQ(server_.request_count(), 2U);
  EXPECT_EQ(cache_.hit_count(), 2U);
}

TEST_P(CachingCalls, AnEmptyBodyIsKept) {
  server_.enqueue(answer("", "max-age=60"));
  EXPECT_EQ(text(), "");
  EXPECT_EQ(text(), "");
  EXPECT_EQ(server_.request_count(), 1U);
}

TEST_P(CachingCalls, ABodyWithoutLengthIsKept) {
  server_.enqueue(
      MockResponse::Builder().chunked_body("in pieces", 2).set_header("Cache-Control", "max-age=60").build());
  EXPECT_EQ(text(), "in pieces");
  EXPECT_EQ(text(), "in pieces");
  EXPECT_EQ(server_.request_count(), 1U);
}

TEST_P(CachingCalls, ACodedBodyIsKeptCodedAndServedDecoded) {
  server_.enqueue(
      answer(gzipped("plain text"), "max-age=60", {{"Content-Encoding", "gzip"}, {"Vary", "Accept-Encoding"}}));
  EXPECT_EQ(text(), "plain text");
  const Response second = get();
  EXPECT_FALSE(second.headers().contains("Content-Encoding"));
  EXPECT_EQ(read(second), "plain text");
  EXPECT_EQ(server_.request_count(), 1U);
}

TEST_P(CachingCalls, ABodyLargerThanTheCachePassesThrough) {
  server_.enqueue(MockResponse::Builder()
                      .generated_chunked_body(std::uint64_t{2} << 20)
                      .set_header("Cache-Control", "max-age=60")
                      .build());
  EXPECT_EQ(text().size(), std::size_t{2} << 20);
  EXPECT_TRUE(cache_.urls().empty());
}

// RFC 9111 §4.1
TEST_P(CachingCalls, SeveralVariantsAreKept) {
  for (const char* language : {"de", "fr"}) {
    server_.enqueue(answer(language, "max-age=60", {{"Vary", "Accept-Language"}}));
    EXPECT_EQ(text({{"Accept-Language", language}}), language);
  }
  EXPECT_EQ(text({{"Accept-Language", "de"}}), "de");
  EXPECT_EQ(text({{"Accept-Language", "fr"}}), "fr");
  EXPECT_EQ(server_.request_count(), 2U);
  server_.enqueue(answer("en", "max-age=60", {{"Vary", "Accept-Language"}}));
  (void)events();
  EXPECT_EQ(text({{"Accept-Language", "en"}}), "en");
  EXPECT_EQ(events(), "cache_miss(no_variant)");
}

TEST_P(CachingCalls, ResponsesToAnAuthorisedRequestAreForTheSameCredentialAlone) {
  for (const char* who : {"me", "you"}) {
    server_.enqueue(answer(who, "max-age=60"));
    EXPECT_EQ(text({{"Authorization", who}}), who);
  }
  server_.enqueue(answer("anybody", "max-age=60"));
  EXPECT_EQ(text(), "anybody");
  EXPECT_EQ(text({{"Authorization", "me"}}), "me");
  EXPECT_EQ(text({{"Authorization", "you"}}), "you");
  EXPECT_EQ(text(), "anybody");
  EXPECT_EQ(server_.request_count(), 3U);
}

// RFC 9111 §4.4
TEST_P(CachingCalls, AnUnsafeMethodThatSucceedsInvalidates) {
  for (const char* path : {"/", "/other"}) {
    server_.enqueue(answer("old", "max-age=60"));
    (void)text({}, path);
  }
  server_.enqueue(MockResponse(201, Headers::of({{"Location", "/other"}})));
  (void)read(send(Request::post(server_.url("/"), RequestBody::create("change"))));
  EXPECT_TRUE(cache_.urls().empty());
}

TEST_P(CachingCalls, AnUnsafeMethodThatFailsDoesNot) {
  server_.enqueue(answer("old", "max-age=60"));
  (void)text();
  server_.enqueue(MockResponse(500));
  (void)read(send(Request::post(server_.url("/"), RequestBody::create("change"))));
  EXPECT_EQ(text(), "old");
}

TEST_P(CachingCalls, WhatWasOnItsWayWhenItWasInvalidatedIsNotKept) {
  server_.enqueue(answer("old", "max-age=60"));
  server_.enqueue(MockResponse("changed"));
  const Response early = get();
  (void)read(send(Request::post(server_.url("/"), RequestBody::create("change"))));
  EXPECT_EQ(read(early), "old");
  EXPECT_TRUE(cache_.urls().empty());
}

// RFC 9111 §4, §4.3.5

TEST_P(CachingCalls, HeadIsAnsweredByWhatAnsweredGet) {
  server_.enqueue(answer("kept", "max-age=60"));
  (void)text();
  const Response head = send(Request::head(server_.url("/").to_string()));
  EXPECT_EQ(head.header("Content-Length"), "4");
  EXPECT_EQ(read(head), "");
  EXPECT_EQ(server_.request_count(), 1U);
}

TEST_P(CachingCalls, AnAnswerToHeadRenewsWhatIsStored) {
  server_.enqueue(answer("kept", "max-age=60", {{"ETag", "\"v1\""}}));
  server_.enqueue(answer("kept", "max-age=600", {{"ETag", "\"v1\""}}));
  (void)text();
  pass(seconds(61));
  (void)read(send(Request::head(server_.url("/").to_string())));
  EXPECT_EQ(text(), "kept");
  EXPECT_EQ(server_.request_count(), 2U);
}

TEST_P(CachingCalls, AnAnswerToHeadThatDisagreesDropsWhatIsStored) {
  server_.enqueue(answer("kept", "max-age=60", {{"ETag", "\"v1\""}}));
  server_.enqueue(answer("other", "max-age=60", {{"ETag", "\"v2\""}}));
  (void)text();
  const Request head =
      Request::head(server_.url("/").to_string()).new_builder().header("Cache-Control", "no-store").build();
  (void)read(send(head));
  EXPECT_TRUE(cache_.urls().empty());
}

// RFC 9111 §3.3, §3.4

TEST_P(CachingCalls, ARangeIsServedFromACompleteResponse) {
  server_.enqueue(answer("0123456789", "max-age=60"));
  (void)text();
  const Response part = get({{"Range", "bytes=2-4"}});
  EXPECT_EQ(part.code(), 206);
  EXPECT_EQ(part.header("Content-Range"), "bytes 2-4/10");
  EXPECT_EQ(part.header("Content-Length"), "3");
  EXPECT_EQ(read(part), "234");
  EXPECT_EQ(server_.request_count(), 1U);
}

TEST_P(CachingCalls, PartsAreKeptAndCombinedToTheCompleteResponse) {
  const auto part = [](std::string_view body, const std::string& range) {
    return answer(body, "max-age=60", {{"ETag", "\"v1\""}, {"Content-Range", range}}, 206);
  };
  server_.enqueue(part("3456", "bytes 3-6/10"));
  server_.enqueue(part("789", "bytes 7-9/10"));
  server_.enqueue(part("0123", "bytes 0-3/10"));
  EXPECT_EQ(text({{"Range", "bytes=3-6"}}), "3456");
  EXPECT_EQ(text({{"Range", "bytes=4-5"}}), "45");
  EXPECT_EQ(text({{"Range", "bytes=7-"}}), "789");
  EXPECT_EQ(text({{"Range", "bytes=3-9"}}), "3456789");
  EXPECT_EQ(text({{"Range", "bytes=0-3"}}), "0123");
  const Response whole = get();
  EXPECT_EQ(whole.code(), 200);
  EXPECT_FALSE(whole.headers().contains("Content-Range"));
  EXPECT_EQ(read(whole), "0123456789");
  EXPECT_EQ(server_.request_count(), 3U);
}

// RFC 5861 §4

TEST_P(CachingCalls, StaleIsServedWhenTheOriginFails) {
  server_.enqueue(answer("kept", "max-age=60, stale-if-error=600", {{"ETag", "\"v1\""}}));
  server_.enqueue(MockResponse(503, "overloaded"));
  (void)text();
  pass(seconds(61));
  const Response response = get();
  EXPECT_EQ(response.code(), 200);
  ASSERT_NE(response.network_response(), nullptr);
  EXPECT_EQ(response.network_response()->code(), 503);
  EXPECT_EQ(read(response), "kept");
  EXPECT_EQ(events(), "cache_miss(nothing_stored) cache_conditional_hit(expired) cache_hit(stale_if_error)");
}

TEST_P(CachingCalls, StaleIsServedWhenTheOriginCannotBeReached) {
  server_.enqueue(answer("kept", "max-age=60, stale-if-error=600", {{"ETag", "\"v1\""}}));
  (void)text();
  pass(seconds(61));
  server_.close();
  const Response response = get();
  EXPECT_EQ(response.network_response(), nullptr);
  EXPECT_EQ(read(response), "kept");
  pass(seconds(600));
  EXPECT_THROW((void)get(), Error);
}

// RFC 5861 §3

TEST_P(CachingCalls, StaleWhileRevalidateIsRenewedOnceInTheBackground) {
  server_.enqueue(answer("old", "max-age=60, stale-while-revalidate=600", {{"ETag", "\"v1\""}}));
  (void)text();
  pass(seconds(61));
  (void)events();
  EXPECT_EQ(text(), "old");
  EXPECT_EQ(text(), "old");
  EXPECT_EQ(events(), "cache_hit(stale_while_revalidate) cache_hit(stale_while_revalidate)");
  (void)server_.take_request();
  ASSERT_TRUE(server_.take_request().has_value());
  EXPECT_EQ(server_.request_count(), 2U) << "one renewal for both";
  server_.enqueue(answer("new", "max-age=600", {{"ETag", "\"v2\""}}));
  while (cache_.write_success_count() < 2) std::this_thread::yield();
  EXPECT_EQ(text(), "new");
  EXPECT_EQ(server_.request_count(), 2U);
}

TEST_P(CachingCalls, ARenewalSeesNeitherInterceptorsNorListenersOfTheApplication) {
  std::atomic<int> seen{0};
  client_ = client_.new_builder()
                .add_interceptor([&seen](Chain& chain) -> Task<Response> {
                  ++seen;
                  Task<Response> rest = chain.proceed(chain.request());
                  co_return co_await std::move(rest);
                })
                .build();
  server_.enqueue(answer("old", "max-age=60, stale-while-revalidate=600", {{"ETag", "\"v1\""}}));
  (void)text();
  pass(seconds(61));
  EXPECT_EQ(text(), "old");
  (void)server_.take_request();
  ASSERT_TRUE(server_.take_request().has_value());
  server_.enqueue(not_modified());
  EXPECT_EQ(seen, 2);
}

// Requests

TEST_P(CachingCalls, PostIsKeptUnderTheUrlThatTheRequestGives) {
  const Request post = Request::post(server_.url("/search"), RequestBody::create("query"))
                           .new_builder()
                           .cache_url_override(server_.url("/search?query"))
                           .build();
  server_.enqueue(answer("found", "max-age=60"));
  EXPECT_EQ(read(send(post)), "found");
  EXPECT_EQ(read(send(post)), "found");
  EXPECT_EQ(server_.request_count(), 1U);
  EXPECT_EQ(cache_.urls(), std::vector<std::string>{server_.url("/search?query").to_string()});
}

TEST_P(CachingCalls, AChosenUrlDoesNotFollowARedirect) {
  const Request get = request().new_builder().cache_url_override(server_.url("/chosen")).build();
  server_.enqueue(MockResponse(302, Headers::of({{"Location", "/there"}})));
  server_.enqueue(answer("there", "max-age=60"));
  (void)read(send(get));
  EXPECT_EQ(cache_.urls(), std::vector<std::string>{server_.url("/there").to_string()});
}

TEST_P(CachingCalls, AClosedCacheIsLeftOut) {
  server_.enqueue(answer("one", "max-age=60"));
  server_.enqueue(answer("two", "max-age=60"));
  (void)text();
  cache_.close();
  const Response response = get();
  EXPECT_EQ(read(response), "two");
  EXPECT_NE(response.network_response(), nullptr);
  EXPECT_TRUE(cache_.is_closed());
}

TEST_P(CachingCalls, RemovedAndEvictedResponsesAreGone) {
  for (const char* path : {"/a", "/b", "/c"}) {
    server_.enqueue(answer(path, "max-age=60"));
    (void)text({}, path);
  }
  cache_.remove(server_.url("/b").to_string());
  EXPECT_EQ(cache_.urls(), (std::vector<std::string>{server_.url("/c").to_string(), server_.url("/a").to_string()}));
  EXPECT_THROW(cache_.remove("no url"), std::invalid_argument);
  cache_.evict_all();
  EXPECT_EQ(cache_.size(), 0U);
}

TEST_P(CachingCalls, ConditionsOfTheCallersOwnGetTheirOwnAnswer) {
  server_.enqueue(answer("kept", "max-age=60", {{"ETag", "\"v1\""}}));
  server_.enqueue(not_modified({{"ETag", "\"v1\""}}));
  (void)text();
  const Response response = get({{"If-None-Match", "\"v1\""}});
  EXPECT_EQ(response.code(), 304);
  EXPECT_EQ(response.cache_response(), nullptr);
}

// Over TLS

class CachingTlsCalls : public CachingCalls {};
INSTANTIATE_TEST_SUITE_P(Protocols, CachingTlsCalls, over_both_protocols_by_alpn(both_call_styles()), ParameterName());

TEST_P(CachingTlsCalls, AStoredResponseKeepsItsHandshake) {
  const HeldCertificate root = HeldCertificate::Builder().certificate_authority(0).build();
  const HeldCertificate own =
      HeldCertificate::Builder().add_subject_alternative_name("localhost").signed_by(root).build();
  server_.use_https(own);
  client_ = client_.new_builder()
                .handshake_certificates(HandshakeCertificates::Builder().trust_certificate(root.certificate()).build())
                .build();
  server_.enqueue(answer("kept", "max-age=60"));
  (void)text();
  const Response second = get();
  EXPECT_EQ(second.network_response(), nullptr);
  ASSERT_NE(second.handshake(), nullptr);
  EXPECT_EQ(second.handshake()->peer_certificates().front(), own.certificate());
  EXPECT_EQ(read(second), "kept");
}

// Equal requests at once

TEST_P(CachingCalls, EqualRequestsShareOneFetchWhenToldTo) {
  client_ = client_.new_builder().collapse_requests(true).build();
  auto first = start(Front::callback, client_.new_call(request()));
  ASSERT_TRUE(server_.take_request().has_value());
  auto second = start(Front::blocking, client_.new_call(request()));
  auto third = start(Front::awaited, client_.new_call(request()));
  while (cache_.request_count() < 3) std::this_thread::yield();
  server_.enqueue(answer("shared", "max-age=60"));
  EXPECT_EQ(first.get().value().body().string(), "shared");
  EXPECT_EQ(second.get().value().body().string(), "shared");
  EXPECT_EQ(third.get().value().body().string(), "shared");
  EXPECT_EQ(server_.request_count(), 1U);
}

TEST_P(CachingCalls, RequestsThatWaitedForWhatIsNotKeptGoOutThemselves) {
  client_ = client_.new_builder().collapse_requests(true).build();
  auto first = start(Front::callback, client_.new_call(request()));
  ASSERT_TRUE(server_.take_request().has_value());
  auto second = start(Front::blocking, client_.new_call(request()));
  while (cache_.request_count() < 2) std::this_thread::yield();
  server_.enqueue(answer("mine", "no-store"));
  server_.enqueue(answer("yours", "no-store"));
  EXPECT_EQ(first.get().value().body().string(), "mine");
  EXPECT_EQ(second.get().value().body().string(), "yours");
}

// A store that is out of order

class BrokenStore final : public CacheStore {
 public:
  bool may_block() const noexcept override { return true; }
  std::vector<Found> find(const CacheKey&) override { throw std::runtime_error("the disk is gone"); }
  std::unique_ptr<Reader> open(EntryId, std::uint64_t) override { throw std::runtime_error("open"); }
  std::unique_ptr<Writer> begin(const CacheKey&, const CachedResponse&) override { throw std::runtime_error("begin"); }
  void update(EntryId, const CachedResponse&) override { throw std::runtime_error("update"); }
  void remove(EntryId) override { throw std::runtime_error("remove"); }
  void remove_url(const std::string&) override { throw std::runtime_error("remove_url"); }
  void remove_all() override { throw std::runtime_error("remove_all"); }
  std::vector<std::string> urls() override { throw std::runtime_error("urls"); }
  std::uint64_t size() override { return 0; }
  std::uint64_t max_size() const noexcept override { return 0; }
  void close() override {}
};

TEST_P(CachingCalls, AStoreThatFailsCostsNoCallAndIsReportedOnce) {
  const Cache broken(std::make_shared<BrokenStore>());
  std::vector<std::string> told;
  std::mutex mutex;
  broken.set_failure_handler([&](const std::string& what) {
    const std::lock_guard lock(mutex);
    told.push_back(what);
  });
  client_ = client_.new_builder().cache(broken).build();
  for (const char* body : {"one", "two"}) {
    server_.enqueue(answer(body, "max-age=60"));
    EXPECT_EQ(text(), body);
  }
  server_.enqueue(MockResponse("three"));
  EXPECT_EQ(read(send(Request::post(server_.url("/"), RequestBody::create("x")))), "three");
  EXPECT_EQ(events(), "cache_miss(store_failed) cache_miss(store_failed) cache_miss(method)");
  const std::lock_guard lock(mutex);
  EXPECT_EQ(told, std::vector<std::string>{"the disk is gone"});
}

}  // namespace
}  // namespace okhttp

#include "cache/cache_strategy.hpp"

#include <gtest/gtest.h>

#include <ostream>
#include <string>

#include "cache/stored.hpp"

namespace okhttp {

void PrintTo(CacheReason reason, std::ostream* out) { *out << to_string(reason); }

namespace internal {

void PrintTo(CacheStrategy::Action action, std::ostream* out) {
  constexpr const char* kNames[] = {"serve", "validate", "network", "unsatisfiable"};
  *out << kNames[static_cast<int>(action)];
}

namespace {

using Action = CacheStrategy::Action;
using Found = CacheStore::Found;

void expect(const CacheStrategy& strategy, Action action, CacheReason reason) {
  EXPECT_EQ(strategy.action, action);
  EXPECT_EQ(strategy.reason, reason);
}

Fields control(const std::string& value) { return {{"Cache-Control", value}, {"ETag", "\"v1\""}}; }

// RFC 9111 §4

TEST(CacheStrategyTest, NothingStoredGoesToTheNetworkAsItIs) {
  const CacheStrategy strategy = decide(get(), {});
  expect(strategy, Action::network, CacheReason::nothing_stored);
  EXPECT_FALSE(strategy.network_request.has_value());
}

TEST(CacheStrategyTest, FreshIsServedAndTheMomentOfExpiryIsNot) {
  const auto found = stored(control("max-age=60"));
  expect(decide(get(), {found}, Seconds(59)), Action::serve, CacheReason::fresh);
  expect(decide(get(), {found}, Seconds(60)), Action::validate, CacheReason::expired);
}

TEST(CacheStrategyTest, OtherMethodsAreNotAnswered) {
  const Request put = Request::put("http://example.com/", RequestBody::create("x"));
  expect(decide(put, {stored(control("max-age=60"))}), Action::network, CacheReason::method);
  const Request only = put.new_builder().header("Cache-Control", "only-if-cached").build();
  expect(decide(only, {}), Action::unsatisfiable, CacheReason::method);
}

// RFC 9111 §4: the method of what is stored allows it.
TEST(CacheStrategyTest, WhatAnsweredGetAnswersHead) {
  expect(decide(Request::head("http://example.com/"), {stored(control("max-age=60"))}), Action::serve,
         CacheReason::fresh);
}

TEST(CacheStrategyTest, PostUnderAChosenUrlIsAnsweredButNeverValidated) {
  const Request post = Request::post("http://example.com/", RequestBody::create("x"))
                           .new_builder()
                           .cache_url_override(Url::parse("http://example.com/?body=x"))
                           .build();
  expect(decide(post, {stored(control("max-age=60"))}), Action::serve, CacheReason::fresh);
  expect(decide(post, {stored(control("max-age=60"))}, Seconds(61)), Action::network, CacheReason::no_validator);
}

// RFC 9111 §4.1

TEST(CacheStrategyTest, OneOfSeveralVariantsIsChosenByTheFieldsThatVaryNames) {
  const Fields fields = {{"Cache-Control", "max-age=60"}, {"Vary", "Accept-Language, X-Mode"}};
  const std::vector<Found> all = {stored(fields, 200, {{"Accept-Language", "de"}}, 1),
                                  stored(fields, 200, {{"Accept-Language", "fr"}, {"X-Mode", "a"}}, 2),
                                  stored(fields, 200, {{"Accept-Language", "fr"}, {"X-Mode", ""}}, 3)};
  EXPECT_EQ(decide(get({{"accept-language", "fr"}, {"x-mode", "a"}}), all).stored->id, 2U);
  EXPECT_EQ(decide(get({{"Accept-Language", "de"}}), all).stored->id, 1U);
  EXPECT_EQ(decide(get({{"Accept-Language", "fr"}, {"X-Mode", ""}}), all).stored->id, 3U);
  expect(decide(get({{"Accept-Language", "fr"}}), all), Action::network, CacheReason::no_variant);
  expect(decide(get(), all), Action::network, CacheReason::no_variant);
}

TEST(CacheStrategyTest, FieldsThatVaryNamesTwiceOrInAnotherCaseAreOne) {
  const Fields fields = {{"Cache-Control", "max-age=60"}, {"Vary", "X-A"}, {"vary", "x-a, x-b"}};
  EXPECT_EQ(decide(get({{"x-a", "1"}}), {stored(fields, 200, {{"X-A", "1"}})}).action, Action::serve);
}

TEST(CacheStrategyTest, VaryByEverythingIsNeverChosen) {
  const auto found = stored({{"Cache-Control", "max-age=60"}, {"Vary", "Accept, *"}});
  expect(decide(get(), {found}), Action::network, CacheReason::no_variant);
}

TEST(CacheStrategyTest, OfSeveralThatMatchTheLatestIsChosen) {
  const auto older = stored({{"Cache-Control", "max-age=600"}, {"Date", date(Seconds(-20))}}, 200, {}, 1);
  const auto newer = stored({{"Cache-Control", "max-age=600"}, {"Date", date(Seconds(-10))}}, 200, {}, 2);
  EXPECT_EQ(decide(get(), {older, newer}).stored->id, 2U);
  EXPECT_EQ(decide(get(), {newer, older}).stored->id, 2U);
}

// RFC 9111 §4.2.4

TEST(CacheStrategyTest, StaleIsServedOnlyIfTheRequestOrTheResponseAllowsIt) {
  const auto found = [](const std::string& more) { return stored(control("max-age=60" + more)); };
  const CacheStrategy strategy = decide(get(), {found("")}, Seconds(61));
  expect(strategy, Action::validate, CacheReason::expired);
  EXPECT_FALSE(strategy.serves_on_error) << "that the origin fails is no reason by itself";
  expect(decide(get({{"Cache-Control", "max-stale=9"}}), {found("")}, Seconds(61)), Action::serve,
         CacheReason::accepted_stale);
  expect(decide(get(), {found(", stale-while-revalidate=9")}, Seconds(61)), Action::serve,
         CacheReason::stale_while_revalidate);
  EXPECT_TRUE(decide(get(), {found(", stale-if-error=9")}, Seconds(61)).serves_on_error);
}

TEST(CacheStrategyTest, DirectivesOfSharedCachesDoNotForbidStale) {
  const Request any = get({{"Cache-Control", "max-stale"}});
  for (const char* control_value : {"max-age=60, proxy-revalidate", "max-age=60, s-maxage=1"}) {
    expect(decide(any, {stored(control(control_value))}, Seconds(70)), Action::serve, CacheReason::accepted_stale);
  }
}

TEST(CacheStrategyTest, WhatStaysStaleForeverIsServedWithItsAge) {
  const CacheStrategy strategy =
      decide(get({{"Cache-Control", "max-stale"}}), {stored(control("max-age=1"))}, Seconds(2000000000));
  expect(strategy, Action::serve, CacheReason::accepted_stale);
  EXPECT_EQ(strategy.age, Seconds(2000000000));
}

// RFC 9111 §5.2.1: what requests say

// RFC 9111 §5.2.1.1

TEST(CacheStrategyTest, RequestMaxAgeWithMaxStaleAcceptsWhatIsOlder) {
  const auto found = stored(control("max-age=60"));
  const Request request = get({{"Cache-Control", "max-age=20, max-stale=10"}});
  expect(decide(request, {found}, Seconds(29)), Action::serve, CacheReason::fresh);
  expect(decide(request, {found}, Seconds(30)), Action::validate, CacheReason::request_max_age);
}

TEST(CacheStrategyTest, RequestMaxAgeDoesNotMakeAStaleOneFresh) {
  expect(decide(get({{"Cache-Control", "max-age=600"}}), {stored(control("max-age=60"))}, Seconds(60)),
         Action::validate, CacheReason::expired);
}

TEST(CacheStrategyTest, RequestDirectivesThatAreNoNumbersAreTakenForTheStricterOne) {
  const auto found = stored(control("max-age=60"));
  expect(decide(get({{"Cache-Control", "max-age=soon"}}), {found}), Action::validate, CacheReason::request_max_age);
  expect(decide(get({{"Cache-Control", "max-stale=long"}}), {found}, Seconds(61)), Action::validate,
         CacheReason::expired);
}

TEST(CacheStrategyTest, OfARequestDirectiveGivenTwiceTheFirstCounts) {
  const auto found = stored(control("max-age=60"));
  expect(decide(get({{"Cache-Control", "max-age=5, max-age=50"}}), {found}, Seconds(10)), Action::validate,
         CacheReason::request_max_age);
  expect(decide(get({{"Cache-Control", "max-stale=50"}, {"Cache-Control", "max-stale=5"}}), {found}, Seconds(70)),
         Action::serve, CacheReason::accepted_stale);
}

TEST(CacheStrategyTest, RequestMaxAgeAsksForAYoungerOne) {
  const auto found = stored(control("max-age=60"));
  expect(decide(get({{"Cache-Control", "max-age=20"}}), {found}, Seconds(10)), Action::serve, CacheReason::fresh);
  expect(decide(get({{"Cache-Control", "max-age=20"}}), {found}, Seconds(20)), Action::validate,
         CacheReason::request_max_age);
  expect(decide(get({{"Cache-Control", "max-age=0"}}), {found}), Action::validate, CacheReason::request_max_age);
}

// RFC 9111 §5.2.1.3

TEST(CacheStrategyTest, RequestMinFreshIsNotOutweighedByImmutable) {
  expect(decide(get({{"Cache-Control", "min-fresh=30"}}), {stored(control("max-age=60, immutable"))}, Seconds(40)),
         Action::validate, CacheReason::request_min_fresh);
}

TEST(CacheStrategyTest, RequestMinFreshAsksForOneThatStaysFresh) {
  const auto found = stored(control("max-age=60"));
  expect(decide(get({{"Cache-Control", "min-fresh=30"}}), {found}, Seconds(29)), Action::serve, CacheReason::fresh);
  expect(decide(get({{"Cache-Control", "min-fresh=30"}}), {found}, Seconds(30)), Action::validate,
         CacheReason::request_min_fresh);
}

// RFC 9111 §5.2.1.2
TEST(CacheStrategyTest, RequestMaxStaleAcceptsAStaleOneWithinBounds) {
  const auto found = stored(control("max-age=60"));
  const Request within = get({{"Cache-Control", "max-stale=10"}});
  expect(decide(within, {found}, Seconds(69)), Action::serve, CacheReason::accepted_stale);
  expect(decide(within, {found}, Seconds(70)), Action::validate, CacheReason::expired);
  expect(decide(get({{"Cache-Control", "max-stale"}}), {found}, Seconds(1000000)), Action::serve,
         CacheReason::accepted_stale);
}

// RFC 9111 §5.2.1.4
TEST(CacheStrategyTest, RequestNoCacheValidatesWhatIsFresh) {
  const CacheStrategy strategy = decide(get({{"Cache-Control", "no-cache"}}), {stored(control("max-age=60"))});
  expect(strategy, Action::validate, CacheReason::request_no_cache);
  EXPECT_EQ(strategy.network_request->header("If-None-Match"), "\"v1\"");
  expect(decide(get({{"Pragma", "no-cache"}}), {stored(control("max-age=60"))}), Action::validate,
         CacheReason::request_no_cache);
}

// RFC 9111 §5.2.1.4, §5.2.1.2: the stricter one counts.
TEST(CacheStrategyTest, RequestNoCacheOutweighsMaxStale) {
  expect(decide(get({{"Cache-Control", "max-stale, no-cache"}}), {stored(control("max-age=60"))}, Seconds(61)),
         Action::validate, CacheReason::request_no_cache);
}

// RFC 9111 §5.4

TEST(CacheStrategyTest, PragmaNoCacheIsNoCache) {
  const auto fresh = stored(control("max-age=60"));
  expect(decide(get({{"Pragma", "no-cache"}}), {fresh}), Action::validate, CacheReason::request_no_cache);
  expect(decide(get({{"Pragma", "NO-CACHE"}, {"Cache-Control", "max-stale"}}), {fresh}), Action::validate,
         CacheReason::request_no_cache);
  const auto old_style = stored({{"Pragma", "no-cache"}, {"ETag", "\"v1\""}, {"Last-Modified", date(Seconds(-1000))}});
  expect(decide(get(), {old_style}), Action::validate, CacheReason::response_no_cache);
}

TEST(CacheStrategyTest, PragmaThatSaysSomethingElseIsIgnored) {
  const auto found = stored({{"Pragma", "x-private, x=\"no-cache\""}, {"Cache-Control", "max-age=60"}});
  expect(decide(get({{"Pragma", "x-debug"}}), {found}), Action::serve, CacheReason::fresh);
}

// RFC 9111 §5.2.1.5
TEST(CacheStrategyTest, RequestNoStoreHasNothingToDoWithTheCache) {
  expect(decide(get({{"Cache-Control", "no-store"}}), {stored(control("max-age=60"))}), Action::network,
         CacheReason::request_no_store);
}

// RFC 9111 §5.2.1.6, §5.2.3
TEST(CacheStrategyTest, NoTransformAndUnknownDirectivesChangeNothing) {
  const auto found = stored(control("max-age=60, no-transform, community=\"UCI\""));
  expect(decide(get({{"Cache-Control", "no-transform, x-mode=1"}}), {found}), Action::serve, CacheReason::fresh);
}

// RFC 9111 §5.2.1.7
TEST(CacheStrategyTest, OnlyIfCachedNeverGoesToTheNetwork) {
  const Fields only = {{"Cache-Control", "only-if-cached"}};
  const auto found = stored(control("max-age=60"));
  expect(decide(get(only), {found}), Action::serve, CacheReason::fresh);
  expect(decide(get(only), {found}, Seconds(60)), Action::unsatisfiable, CacheReason::expired);
  expect(decide(get(only), {}), Action::unsatisfiable, CacheReason::nothing_stored);
  expect(decide(get({{"Cache-Control", CacheControl::force_cache().to_string()}}), {found}, Seconds(9999)),
         Action::serve, CacheReason::accepted_stale);
}

// RFC 9111 §4.3.2: conditions of the request's own
TEST(CacheStrategyTest, ARequestWithConditionsOfItsOwnGoesToTheNetwork) {
  for (const char* name : {"If-None-Match", "If-Modified-Since", "If-Match", "If-Unmodified-Since"}) {
    expect(decide(get({{name, "\"x\""}}), {stored(control("max-age=60"))}), Action::network,
           CacheReason::request_conditional);
  }
}

// RFC 9111 §5.2.2: what responses say

// RFC 9111 §5.2.2.4

TEST(CacheStrategyTest, ResponseNoCacheValidatesEveryTime) {
  expect(decide(get(), {stored(control("no-cache, max-age=60"))}), Action::validate, CacheReason::response_no_cache);
  expect(decide(get({{"Cache-Control", "max-stale"}}), {stored(control("no-cache, max-age=60"))}), Action::validate,
         CacheReason::response_no_cache);
}

TEST(CacheStrategyTest, ResponseNoCacheForSomeFieldsLeavesTheRestUsable) {
  expect(decide(get(), {stored(control("no-cache=\"Set-Cookie\", max-age=60"))}), Action::serve, CacheReason::fresh);
}

// RFC 9111 §5.2.2.2
TEST(CacheStrategyTest, MustRevalidateForbidsEverythingStale) {
  const Request any = get({{"Cache-Control", "max-stale, stale-if-error=9999"}});
  const auto found = stored(control("max-age=60, must-revalidate, stale-while-revalidate=99, stale-if-error=99"));
  expect(decide(any, {found}, Seconds(59)), Action::serve, CacheReason::fresh);
  const CacheStrategy strategy = decide(any, {found}, Seconds(61));
  expect(strategy, Action::validate, CacheReason::expired);
  EXPECT_FALSE(strategy.serves_on_error);
}

// RFC 8246 §2
TEST(CacheStrategyTest, ImmutableIsNotReloadedWhileItIsFresh) {
  const auto found = stored(control("max-age=60, immutable"));
  const Request reload = get({{"Cache-Control", "max-age=0"}});
  expect(decide(reload, {found}, Seconds(59)), Action::serve, CacheReason::immutable);
  expect(decide(reload, {found}, Seconds(60)), Action::validate, CacheReason::expired);
  expect(decide(get({{"Cache-Control", "no-cache"}}), {found}), Action::validate, CacheReason::request_no_cache);
}

// RFC 8246 §2: it says nothing without a lifetime, and nothing to who asks for what is new.
TEST(CacheStrategyTest, ImmutableGivesNoLifetime) {
  expect(decide(get(), {stored(control("immutable"))}), Action::validate, CacheReason::expired);
  expect(decide(get(), {stored(control("max-age=60, immutable, no-cache"))}), Action::validate,
         CacheReason::response_no_cache);
}

// RFC 5861 §3
TEST(CacheStrategyTest, StaleWhileRevalidateServesAndRefreshesWithinItsWindow) {
  const auto found = stored(control("max-age=60, stale-while-revalidate=30"));
  EXPECT_FALSE(decide(get(), {found}, Seconds(59)).refreshes);
  const CacheStrategy strategy = decide(get(), {found}, Seconds(89));
  expect(strategy, Action::serve, CacheReason::stale_while_revalidate);
  EXPECT_TRUE(strategy.refreshes);
  EXPECT_FALSE(decide(get({{"Cache-Control", "only-if-cached"}}), {found}, Seconds(89)).refreshes);
  expect(decide(get(), {found}, Seconds(90)), Action::validate, CacheReason::expired);
  expect(decide(get({{"Cache-Control", "max-age=600"}}), {found}, Seconds(70)), Action::validate, CacheReason::expired);
}

TEST(CacheStrategyTest, TheRefreshItselfIsNeverAnsweredByTheStore) {
  const auto found = stored(control("max-age=60, stale-while-revalidate=30"));
  const CacheStrategy strategy = CacheStrategy::decide(get(), {found}, kReceived, true);
  expect(strategy, Action::validate, CacheReason::background_refresh);
}

TEST(CacheStrategyTest, StaleWhileRevalidateThatIsNoNumberAllowsNothing) {
  for (const char* value : {"max-age=60, stale-while-revalidate", "max-age=60, stale-while-revalidate=long"}) {
    expect(decide(get(), {stored(control(value))}, Seconds(61)), Action::validate, CacheReason::expired);
  }
}

// RFC 5861 §4
TEST(CacheStrategyTest, StaleIfErrorHoldsWithinItsWindow) {
  const auto found = stored(control("max-age=60, stale-if-error=30"));
  EXPECT_TRUE(decide(get(), {found}, Seconds(89)).serves_on_error);
  EXPECT_FALSE(decide(get(), {found}, Seconds(90)).serves_on_error);
  EXPECT_TRUE(decide(get({{"Cache-Control", "stale-if-error=50"}}), {found}, Seconds(109)).serves_on_error);
  EXPECT_FALSE(decide(get({{"Cache-Control", "no-cache"}}), {found}).serves_on_error);
  EXPECT_FALSE(decide(get(), {stored(control("no-cache, stale-if-error=30"))}).serves_on_error);
}

TEST(CacheStrategyTest, CodesOfAnOriginThatFailsAreThoseOfTheRfc) {
  for (const int code : {500, 502, 503, 504}) EXPECT_TRUE(is_origin_error(code)) << code;
  for (const int code : {200, 304, 404, 429, 501, 505}) EXPECT_FALSE(is_origin_error(code)) << code;
}

TEST(CacheStrategyTest, StaleIfErrorHoldsForWhatCannotBeValidated) {
  auto found = stored({{"Cache-Control", "max-age=60, stale-if-error=30"}, {"Date", "yesterday"}});
  const CacheStrategy strategy = decide(get(), {found}, Seconds(70));
  expect(strategy, Action::network, CacheReason::no_validator);
  EXPECT_TRUE(strategy.serves_on_error);
  EXPECT_EQ(strategy.stored->id, 1U);
}

// RFC 9111 §4.3.1
TEST(CacheStrategyTest, TheConditionIsTheETagElseTheModificationElseTheDate) {
  const std::string modified = date(Seconds(-1000));
  const auto condition = [](const Fields& fields) { return *decide(get(), {stored(fields)}).network_request; };
  const Request by_tag = condition({{"Cache-Control", "no-cache"}, {"ETag", "W/\"v\""}, {"Last-Modified", modified}});
  EXPECT_EQ(by_tag.header("If-None-Match"), "W/\"v\"");
  EXPECT_FALSE(by_tag.headers().contains("If-Modified-Since"));
  const Request by_modification = condition({{"Cache-Control", "no-cache"}, {"Last-Modified", modified}});
  EXPECT_EQ(by_modification.header("If-Modified-Since"), modified);
  EXPECT_EQ(condition({{"Cache-Control", "no-cache"}}).header("If-Modified-Since"), date(Seconds(0)));
}

// RFC 9111 §4.2.3: a clock that was set back says nothing of the age.
TEST(CacheStrategyTest, WhatWasReceivedInTheFutureIsValidated) {
  const auto found = stored(control("max-age=600, stale-while-revalidate=600, stale-if-error=600"));
  expect(decide(get(), {found}, Seconds(-3)), Action::serve, CacheReason::fresh);
  const CacheStrategy strategy = decide(get({{"Cache-Control", "max-stale"}}), {found}, Seconds(-3600));
  expect(strategy, Action::validate, CacheReason::clock_went_back);
  EXPECT_FALSE(strategy.serves_on_error);
}

TEST(CacheStrategyTest, AResponseOverTlsWithoutItsHandshakeIsDropped) {
  const CacheStrategy strategy = decide(get({}, "https://example.com/"), {stored(control("max-age=60"))});
  expect(strategy, Action::network, CacheReason::no_handshake);
  EXPECT_EQ(strategy.useless, std::vector<CacheStore::EntryId>{1});
}

// RFC 9110 §14, RFC 9111 §3.3, §3.4

Found part(std::uint64_t begin, std::uint64_t length) {
  Found found = stored(control("max-age=60"), 206);
  auto head = std::make_shared<CachedResponse>(*found.head);
  head->part.emplace();
  head->part->begin = begin;
  head->part->length = length;
  head->part->complete_length = 10;
  return Found(1, length, std::move(head));
}

TEST(CacheStrategyTest, ARangeIsCutOutOfACompleteResponse) {
  const auto found = stored(control("max-age=60"));
  const CacheStrategy strategy = decide(get({{"Range", "bytes=2-5"}}), {found});
  expect(strategy, Action::serve, CacheReason::fresh);
  EXPECT_EQ(strategy.slice->begin, 2U);
  EXPECT_EQ(strategy.slice->end, 6U);
  EXPECT_EQ(decide(get({{"Range", "bytes=-3"}}), {found}).slice->begin, 7U);
  EXPECT_EQ(decide(get({{"Range", "bytes=8-100"}}), {found}).slice->end, 10U);
}

TEST(CacheStrategyTest, RangesThatTheStoreCannotCutGoToTheNetwork) {
  for (const char* range : {"bytes=10-", "bytes=1-2,4-5", "lines=1-2", "bytes=-0", "bytes=5-4"}) {
    expect(decide(get({{"Range", range}}), {stored(control("max-age=60"))}), Action::network, CacheReason::range);
  }
  const auto coded = stored({{"Cache-Control", "max-age=60"}, {"Content-Encoding", "gzip"}});
  expect(decide(get({{"Range", "bytes=2-5"}}), {coded}), Action::network, CacheReason::range);
}

TEST(CacheStrategyTest, APartAnswersOnlyRangesWithinIt) {
  expect(decide(get({{"Range", "bytes=4-6"}}), {part(4, 3)}), Action::serve, CacheReason::fresh);
  expect(decide(get({{"Range", "bytes=4-7"}}), {part(4, 3)}), Action::network, CacheReason::range);
  expect(decide(get({{"Range", "bytes=3-6"}}), {part(4, 3)}), Action::network, CacheReason::range);
  expect(decide(get(), {part(4, 3)}), Action::network, CacheReason::incomplete);
}

// RFC 9110 §13.1.5
TEST(CacheStrategyTest, IfRangeThatDoesNotMatchIsLeftToTheOrigin) {
  const auto found = stored(control("max-age=60"));
  EXPECT_EQ(decide(get({{"Range", "bytes=2-5"}, {"If-Range", "\"v1\""}}), {found}).action, Action::serve);
  expect(decide(get({{"Range", "bytes=2-5"}, {"If-Range", "\"v2\""}}), {found}), Action::network, CacheReason::range);
}

// RFC 9110 §13.1.5, §8.8.2.2: a date that is no strong validator matches nothing.
TEST(CacheStrategyTest, IfRangeByDateNeedsADateThatTellsVersionsApart) {
  const auto asked_for = [](Seconds modified, const Fields& more) {
    Fields fields = {{"Cache-Control", "max-age=60"}, {"Last-Modified", date(modified)}};
    fields.insert(fields.end(), more.begin(), more.end());
    return decide(get({{"Range", "bytes=2-5"}, {"If-Range", date(Seconds(-9))}}), {stored(fields)});
  };
  EXPECT_EQ(asked_for(Seconds(-9), {}).action, Action::serve);
  expect(asked_for(Seconds(-8), {}), Action::network, CacheReason::range);
  expect(asked_for(Seconds(-9), {{"ETag", "\"v1\""}}), Action::network, CacheReason::range);
  expect(asked_for(Seconds(-9), {{"Date", date(Seconds(-9))}}), Action::network, CacheReason::range);
  expect(asked_for(Seconds(-9), {{"Date", "yesterday"}}), Action::network, CacheReason::range);
}

// RFC 9110 §13.1.5: a weak ETag does not say that the bytes are the same.
TEST(CacheStrategyTest, IfRangeByAWeakETagMatchesNothing) {
  const auto found = stored({{"Cache-Control", "max-age=60"}, {"ETag", "W/\"v1\""}});
  expect(decide(get({{"Range", "bytes=2-5"}, {"If-Range", "W/\"v1\""}}), {found}), Action::network, CacheReason::range);
}

}  // namespace
}  // namespace internal
}  // namespace okhttp

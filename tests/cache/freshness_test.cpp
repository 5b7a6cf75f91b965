#include "cache/freshness.hpp"

#include <okhttp/cache_control.hpp>

#include <gtest/gtest.h>

#include "cache/stored.hpp"

namespace okhttp::internal {
namespace {

Seconds age_of(const Fields& fields, Seconds after) { return *current_age(*stored(fields).head, kReceived + after); }

Seconds lifetime_of(const Fields& fields, int code = 200, bool may_guess = true) {
  const auto found = stored(fields, code);
  return freshness_lifetime(*found.head, CacheControl::parse(found.head->headers), may_guess);
}

// RFC 9111 §4.2.3

TEST(FreshnessTest, AgeIsTheTimeSinceTheResponseCame) { EXPECT_EQ(age_of({}, Seconds(7)), Seconds(7)); }

TEST(FreshnessTest, AgeAddsWhatOtherCachesTell) {
  EXPECT_EQ(age_of({{"Age", "30"}}, Seconds(7)), Seconds(37));
  EXPECT_EQ(age_of({{"Age", "30, 40"}}, Seconds(0)), Seconds(30));
  EXPECT_EQ(age_of({{"Age", "30"}, {"Age", "40"}}, Seconds(0)), Seconds(30));
  EXPECT_EQ(age_of({{"Age", "-1"}}, Seconds(0)), Seconds(0));
  EXPECT_EQ(age_of({{"Age", "99999999999999999999"}}, Seconds(9)), Seconds(2147483647));
}

TEST(FreshnessTest, AgeIsAtLeastWhatTheDateShows) {
  EXPECT_EQ(age_of({{"Date", date(Seconds(-50))}, {"Age", "30"}}, Seconds(7)), Seconds(57));
  EXPECT_EQ(age_of({{"Date", date(Seconds(50))}}, Seconds(7)), Seconds(7)) << "a clock that is ahead";
  EXPECT_EQ(age_of({{"Date", "Mon, 01 Jan 0001 00:00:00 GMT"}}, Seconds(7)), Seconds(2147483647));
}

TEST(FreshnessTest, AgeCountsTheTimeThatTheExchangeTook) {
  CachedResponse slow = *stored({{"Age", "30"}}).head;
  slow.sent_request_at = kReceived - Seconds(4);
  EXPECT_EQ(current_age(slow, kReceived), Seconds(34));
  slow.sent_request_at = kReceived + Seconds(4);
  EXPECT_EQ(current_age(slow, kReceived), Seconds(30)) << "the clock went back meanwhile";
}

TEST(FreshnessTest, AgeIsUnknownOnceTheClockWasSetBack) {
  EXPECT_EQ(current_age(*stored({}).head, kReceived - Seconds(6)), std::nullopt);
  EXPECT_EQ(current_age(*stored({}).head, kReceived - Seconds(2)), Seconds(0));
}

// RFC 9111 §4.2.1

TEST(FreshnessTest, MaxAgeOutweighsExpires) {
  EXPECT_EQ(lifetime_of({{"Cache-Control", "max-age=5"}, {"Expires", date(Seconds(100))}}), Seconds(5));
  EXPECT_EQ(lifetime_of({{"Expires", date(Seconds(100))}}), Seconds(100));
  EXPECT_EQ(lifetime_of({{"Date", date(Seconds(-20))}, {"Expires", date(Seconds(100))}}), Seconds(120));
}

TEST(FreshnessTest, SharedLifetimesAreNotForAPrivateCache) {
  EXPECT_EQ(lifetime_of({{"Cache-Control", "s-maxage=5"}}), Seconds(0));
  EXPECT_EQ(lifetime_of({{"Cache-Control", "s-maxage=5, max-age=7"}}), Seconds(7));
}

TEST(FreshnessTest, TheFirstOfDuplicatesCounts) {
  EXPECT_EQ(lifetime_of({{"Expires", date(Seconds(10))}, {"Expires", date(Seconds(100))}}), Seconds(10));
  EXPECT_EQ(lifetime_of({{"Cache-Control", "max-age=1"}, {"Cache-Control", "max-age=2"}}), Seconds(1));
}

// RFC 9111 §5.3
TEST(FreshnessTest, ExpiresThatIsNoDateIsInThePast) {
  const std::string modified = date(Seconds(-1000));
  EXPECT_EQ(lifetime_of({{"Expires", "0"}, {"Last-Modified", modified}}), Seconds(0));
  EXPECT_EQ(lifetime_of({{"Expires", date(Seconds(-1))}}), Seconds(0));
}

// RFC 9111 §4.2.2

TEST(FreshnessTest, ATenthOfTheTimeSinceModificationIsGuessed) {
  EXPECT_EQ(lifetime_of({{"Last-Modified", date(Seconds(-1000))}}), Seconds(100));
  EXPECT_EQ(lifetime_of({{"Last-Modified", date(Seconds(1000))}}), Seconds(0));
  EXPECT_EQ(lifetime_of({}), Seconds(0));
}

TEST(FreshnessTest, NothingIsGuessedForQueriesAndUnusualCodes) {
  const Fields modified = {{"Last-Modified", date(Seconds(-1000))}};
  EXPECT_EQ(lifetime_of(modified, 200, false), Seconds(0));
  EXPECT_EQ(lifetime_of(modified, 302), Seconds(0));
  EXPECT_EQ(lifetime_of({{"Last-Modified", date(Seconds(-1000))}, {"Cache-Control", "public"}}, 302), Seconds(100));
  for (const int code : {203, 204, 300, 301, 308, 404, 405, 410, 414, 501}) {
    EXPECT_EQ(lifetime_of(modified, code), Seconds(100)) << code;
  }
}

}  // namespace
}  // namespace okhttp::internal

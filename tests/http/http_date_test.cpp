#include <okhttp/http_date.hpp>

#include <gtest/gtest.h>

#include <cstdint>

namespace okhttp {
namespace {

std::optional<std::int64_t> seconds(std::string_view text) {
  const auto moment = parse_http_date(text);
  if (!moment) return std::nullopt;
  return std::chrono::floor<std::chrono::seconds>(*moment).time_since_epoch().count();
}

TEST(HttpDateTest, ParseStandardFormats) {
  EXPECT_EQ(seconds("Thu, 01 Jan 1970 00:00:00 GMT"), 0);
  EXPECT_EQ(seconds("Fri, 06 Jun 2014 12:30:30 GMT"), 1402057830);
  EXPECT_EQ(seconds("Sun, 06 Nov 1994 08:49:37 GMT"), 784111777);
  EXPECT_EQ(seconds("Sunday, 06-Nov-94 08:49:37 GMT"), 784111777);
  EXPECT_EQ(seconds("Sun Nov  6 08:49:37 1994"), 784111777);
  EXPECT_EQ(seconds("Sun Nov 16 08:49:37 1994"), 784975777);
}

TEST(HttpDateTest, ParseBrowserFormats) {
  for (const char* text :
       {"Sun, 06-Nov-1994 08:49:37 GMT", "Sun, 06-Nov-1994 08-49-37 GMT", "Sun, 06 Nov 94 08:49:37 GMT",
        "Sun 06-Nov-1994 08:49:37 GMT", "Sun 06 Nov 1994 08:49:37 GMT", "Sun 06-Nov-1994 08-49-37 GMT",
        "Sun 06-Nov-94 08:49:37 GMT", "Sun 06 Nov 94 08:49:37 GMT", "Sun,06-Nov-94 08:49:37 GMT",
        "Sun,06-Nov-1994 08:49:37 GMT", "Sun, 06-11-1994 08:49:37 GMT", "Sun Nov 6 1994 08:49:37 GMT",
        "06 Nov 1994 08:49:37 GMT", "Nov 6 1994 08:49:37 GMT", "sun, 06 nov 1994 08:49:37 gmt",
        "Sun, 6 Nov 1994 8:49:37 UTC", "  Sun, 06 November 1994  08:49:37 Z"}) {
    EXPECT_EQ(seconds(text), 784111777) << text;
  }
}

TEST(HttpDateTest, ParseZones) {
  EXPECT_EQ(seconds("Thu, 01 Jan 1970 00:00:00 GMT-01:00"), 3600);
  EXPECT_EQ(seconds("Thu, 01 Jan 1970 00:00:00 GMT+0130"), -5400);
  EXPECT_EQ(seconds("Thu, 01 Jan 1970 00:00:00 -0800"), 28800);
  EXPECT_EQ(seconds("Thu, 01 Jan 1970 00:00:00 PST"), 28800);
  EXPECT_EQ(seconds("Thu, 01 Jan 1970 00:00:00 EDT"), 14400);
  EXPECT_EQ(seconds("Thu, 01 Jan 1970 00:00:00 PST-01:00"), std::nullopt);
  EXPECT_EQ(seconds("Thu, 01 Jan 1970 00:00:00 CET"), std::nullopt);
}

TEST(HttpDateTest, TrailingJunkIsIgnored) { EXPECT_EQ(seconds("Thu, 01 Jan 1970 00:00:00 GMT JUNK"), 0); }

TEST(HttpDateTest, RefusesWhatIsNoDate) {
  for (const char* text : {"",
                           "0",
                           "-1",
                           "soon",
                           "Thu",
                           "Thu, 01 Jan 1970 00:00:00",
                           "Thu, 01 Jan 1970 00:00 GMT",
                           "Thu, 32 Jan 1970 00:00:00 GMT",
                           "Thu, 30 Feb 2000 00:00:00 GMT",
                           "Thu, 29 Feb 1900 00:00:00 GMT",
                           "Thu, 01 Foo 1970 00:00:00 GMT",
                           "Foo, 01 Jan 1970 00:00:00 GMT",
                           "Thu, 01 Jan 1970 24:00:00 GMT",
                           "Thu, 01 Jan 1970 00:60:00 GMT",
                           "Thu, 01 Jan 1970 00:00:61 GMT",
                           "Thu, 01 Jan 197 00:00:00 GMT",
                           "Thu, 01 Jan 19700 00:00:00 GMT",
                           "Thu, 001 Jan 1970 00:00:00 GMT",
                           "Thu, 00 Jan 1970 00:00:00 GMT",
                           "Thu, 01-13-1970 00:00:00 GMT",
                           "Thu, 01 Jan 1970 00:00:00 GMT+",
                           "Thu, 01 Jan 1970 00:00:00 +01:60",
                           "Thu, 01 Jan 1970 00:00:00 GMTJUNK",
                           "Sun Nov  6 08:49:37 1994 GMT",
                           "Thu, 01 Jan 1970 00:00-00 GMT"}) {
    EXPECT_EQ(seconds(text), std::nullopt) << text;
  }
}

TEST(HttpDateTest, TwoDigitYearsTurnAt70) {
  EXPECT_EQ(seconds("Thu, 01-Jan-70 00:00:00 GMT"), 0);
  EXPECT_EQ(seconds("Tue, 01-Jan-69 00:00:00 GMT"), 3124224000);
  EXPECT_EQ(seconds("Sat, 01-Jan-00 00:00:00 GMT"), 946684800);
}

TEST(HttpDateTest, LeapYearsAndLeapSecondsCount) {
  EXPECT_EQ(seconds("Tue, 29 Feb 2000 00:00:00 GMT"), 951782400);
  EXPECT_EQ(seconds("Sat, 31 Dec 2016 23:59:60 GMT"), 1483228800);
}

TEST(HttpDateTest, YearsBeyondTheClockBecomeItsEnds) {
  const auto far_away = parse_http_date("Fri, 31 Dec 9999 23:59:59 GMT");
  const auto long_ago = parse_http_date("Sat, 01 Jan 0000 00:00:00 GMT");
  ASSERT_TRUE(far_away && long_ago);
  EXPECT_GT(*far_away, *parse_http_date("Fri, 31 Dec 2261 23:59:59 GMT"));
  EXPECT_LT(*long_ago, *parse_http_date("Sat, 01 Jan 1678 00:00:00 GMT"));
}

TEST(HttpDateTest, FormatsTheFixedForm) {
  using std::chrono::system_clock;
  EXPECT_EQ(format_http_date(system_clock::time_point()), "Thu, 01 Jan 1970 00:00:00 GMT");
  EXPECT_EQ(format_http_date(system_clock::time_point(std::chrono::milliseconds(784111777999))),
            "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(format_http_date(system_clock::time_point(std::chrono::milliseconds(-1))), "Wed, 31 Dec 1969 23:59:59 GMT");
}

TEST(HttpDateTest, WhatIsFormattedIsReadBack) {
  for (std::int64_t moment = -5'000'000'000; moment < 8'000'000'000; moment += 86'399'777) {
    const std::chrono::system_clock::time_point date{std::chrono::seconds(moment)};
    ASSERT_EQ(parse_http_date(format_http_date(date)), date) << format_http_date(date);
  }
}

}  // namespace
}  // namespace okhttp

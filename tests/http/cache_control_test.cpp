#include <okhttp/cache_control.hpp>

#include <gtest/gtest.h>

#include <stdexcept>

namespace okhttp {
namespace {

using std::chrono::seconds;

CacheControl parse(std::string value) {
  return CacheControl::parse(Headers::of({{"Cache-Control", std::move(value)}}));
}

TEST(CacheControlTest, EmptyBuilderIsEmpty) {
  const CacheControl empty = CacheControl::Builder().build();
  EXPECT_EQ(empty.to_string(), "");
  EXPECT_EQ(empty, CacheControl());
  EXPECT_EQ(empty, CacheControl::parse(Headers()));
  EXPECT_EQ(empty.max_age(), std::nullopt);
}

TEST(CacheControlTest, CompleteBuilder) {
  const CacheControl built = CacheControl::Builder()
                                 .no_cache()
                                 .no_store()
                                 .max_age(seconds(1))
                                 .max_stale(seconds(2))
                                 .min_fresh(seconds(3))
                                 .only_if_cached()
                                 .no_transform()
                                 .immutable()
                                 .stale_if_error(seconds(4))
                                 .build();
  EXPECT_EQ(built.to_string(),
            "no-cache, no-store, max-age=1, max-stale=2, min-fresh=3, only-if-cached, no-transform, immutable, "
            "stale-if-error=4");
  EXPECT_EQ(parse(built.to_string()), built);
}

TEST(CacheControlTest, BuilderRefusesNegativeAndCutsHugeDurations) {
  EXPECT_THROW(CacheControl::Builder().max_age(seconds(-1)), std::invalid_argument);
  EXPECT_EQ(CacheControl::Builder().max_stale(seconds::max()).build().max_stale(), seconds(2147483647));
}

TEST(CacheControlTest, ReadsEveryResponseDirective) {
  const CacheControl all = parse(
      "no-cache, no-store, max-age=1, s-maxage=2, private, public, must-revalidate, must-understand, no-transform, "
      "immutable, stale-while-revalidate=3, stale-if-error=4");
  EXPECT_TRUE(all.no_cache() && all.no_store() && all.is_private() && all.is_public() && all.must_revalidate());
  EXPECT_TRUE(all.must_understand() && all.no_transform() && all.immutable());
  EXPECT_EQ(all.max_age(), seconds(1));
  EXPECT_EQ(all.s_maxage(), seconds(2));
  EXPECT_EQ(all.stale_while_revalidate(), seconds(3));
  EXPECT_EQ(all.stale_if_error(), seconds(4));
  EXPECT_FALSE(all.only_if_cached());
  EXPECT_EQ(all.min_fresh(), std::nullopt);
}

TEST(CacheControlTest, NamesIgnoreCaseAndArgumentsMayBeQuoted) {
  const CacheControl read = parse("NO-CACHE=\"Set-Cookie, X\", Private=\"a,no-store\", MAX-AGE=\"5\", min-fresh = 6");
  EXPECT_TRUE(read.no_cache() && read.is_private());
  EXPECT_FALSE(read.no_store()) << "a comma in a quoted string ends no directive";
  EXPECT_EQ(read.max_age(), seconds(5));
  EXPECT_EQ(read.min_fresh(), seconds(6));
}

// RFC 9111 §5.2.2.4, §5.2.2.7
TEST(CacheControlTest, FieldsThatADirectiveNamesAreListed) {
  const CacheControl read = parse("no-cache=\"Set-Cookie, X-A\", private=X-B, proxy-revalidate");
  EXPECT_EQ(read.no_cache_fields(), (std::vector<std::string>{"Set-Cookie", "X-A"}));
  EXPECT_EQ(read.private_fields(), (std::vector<std::string>{"X-B"}));
  EXPECT_TRUE(read.no_cache() && read.is_private() && read.proxy_revalidate());
  const CacheControl again =
      CacheControl::parse(Headers::of({{"Cache-Control", read.to_string()}, {"Cache-Control", "no-cache=\"X-C\""}}));
  EXPECT_EQ(again.to_string(), "no-cache=\"Set-Cookie, X-A, X-C\", private=\"X-B\", proxy-revalidate");
}

TEST(CacheControlTest, ADirectiveForTheWholeOutweighsOneForSomeFields) {
  for (const char* value :
       {"no-cache, no-cache=\"A\"", "no-cache=\"A\", no-cache", "no-cache=\"\"", "no-cache=\" , \""}) {
    EXPECT_TRUE(parse(value).no_cache()) << value;
    EXPECT_TRUE(parse(value).no_cache_fields().empty()) << value;
  }
}

TEST(CacheControlTest, ResponsesCanBeMadeToo) {
  const CacheControl built =
      CacheControl::Builder().make_private().make_public().must_revalidate().stale_while_revalidate(seconds(5)).build();
  EXPECT_EQ(built.to_string(), "private, public, must-revalidate, stale-while-revalidate=5");
}

TEST(CacheControlTest, UnknownAndDamagedElementsDoNotHideTheOthers) {
  const CacheControl read = parse(",, =1, foo=b\"ar, @@@, max-age=7;no-store, x=\"open, public");
  EXPECT_TRUE(read.no_store());
  EXPECT_TRUE(read.is_public());
  EXPECT_EQ(read.max_age(), seconds(7));
}

TEST(CacheControlTest, DamagedFreshnessCountsAsStale) {
  for (const char* value :
       {"max-age=", "max-age", "max-age=-1", "max-age=+5", "max-age=1.5", "max-age=1 0", "max-age=x"}) {
    EXPECT_EQ(parse(value).max_age(), seconds(0)) << value;
  }
  EXPECT_EQ(parse("s-maxage=x").s_maxage(), seconds(0));
}

TEST(CacheControlTest, DamagedAllowancesAreIgnored) {
  EXPECT_EQ(parse("max-stale=x").max_stale(), std::nullopt);
  EXPECT_EQ(parse("stale-if-error=x").stale_if_error(), std::nullopt);
  EXPECT_EQ(parse("min-fresh=-1").min_fresh(), std::nullopt);
}

TEST(CacheControlTest, MaxStaleWithoutArgumentIsAnyStaleness) {
  EXPECT_EQ(parse("max-stale").max_stale(), seconds(2147483647));
}

TEST(CacheControlTest, HugeDurationsAreCut) {
  EXPECT_EQ(parse("max-age=99999999999999999999999999").max_age(), seconds(2147483647));
  EXPECT_EQ(parse("max-age=2147483648").max_age(), seconds(2147483647));
}

TEST(CacheControlTest, FirstOfADirectiveGivenTwiceCounts) {
  EXPECT_EQ(parse("max-age=1, max-age=2").max_age(), seconds(1));
}

TEST(CacheControlTest, FieldsAndPragmaAreCombined) {
  const CacheControl read = CacheControl::parse(Headers::of({{"Cache-Control", "max-age=12"},
                                                             {"Pragma", "must-revalidate"},
                                                             {"Pragma", "public"},
                                                             {"cache-control", "private"}}));
  EXPECT_EQ(read.to_string(), "max-age=12, private, public, must-revalidate");
}

TEST(CacheControlTest, SingleFieldIsPrintedAsItWas) {
  EXPECT_EQ(parse("max-age=1,extension=2").to_string(), "max-age=1,extension=2");
  EXPECT_EQ(CacheControl::parse(Headers::of({{"Pragma", "no-cache"}})).to_string(), "no-cache");
}

TEST(CacheControlTest, ForceNetworkAndForceCache) {
  EXPECT_EQ(CacheControl::force_network().to_string(), "no-cache");
  EXPECT_EQ(CacheControl::force_cache().to_string(), "max-stale=2147483647, only-if-cached");
}

}  // namespace
}  // namespace okhttp

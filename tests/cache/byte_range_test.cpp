#include "cache/byte_range.hpp"

#include <gtest/gtest.h>

#include "cache/part_merge.hpp"
#include "cache/stored.hpp"

namespace okhttp::internal {
namespace {

// RFC 9110 §14.1.2

std::string slice(const std::string& value, std::uint64_t length) {
  const auto range = parse_range(value);
  if (!range.has_value()) return "no range";
  const auto found = slice_of(*range, length);
  return found.has_value() ? std::to_string(found->begin) + ".." + std::to_string(found->end) : "none of it";
}

TEST(ByteRangeTest, MeansWhatTheLengthMakesOfIt) {
  EXPECT_EQ(slice("bytes=0-0", 10), "0..1");
  EXPECT_EQ(slice("Bytes= 3-", 10), "3..10");
  EXPECT_EQ(slice("bytes=3-99", 10), "3..10");
  EXPECT_EQ(slice("bytes=-4", 10), "6..10");
  EXPECT_EQ(slice("bytes=-40", 10), "0..10");
  EXPECT_EQ(slice("bytes=10-", 10), "none of it");
  EXPECT_EQ(slice("bytes=-0", 10), "none of it");
  EXPECT_EQ(slice("bytes=-1", 0), "none of it");
  EXPECT_EQ(slice("bytes=0-18446744073709551615", 10), "0..10");
}

TEST(ByteRangeTest, DamagedAndSeveralRangesAreNone) {
  for (const char* value : {"", "bytes", "bytes=", "bytes=-", "bytes=a-b", "bytes=1-2,3-4", "bytes=2-1", "lines=1-2",
                            "bytes=1", "bytes=1-2 ,", "bytes=99999999999999999999-"}) {
    EXPECT_EQ(slice(value, 10), "no range") << value;
  }
}

// RFC 9110 §14.4

TEST(ByteRangeTest, ContentRangeIsReadIfItNamesTheCompleteLength) {
  const auto part = parse_content_range(Headers::of({{"Content-Range", "bytes 2-5/10"}}));
  ASSERT_TRUE(part.has_value());
  EXPECT_EQ(part->begin, 2U);
  EXPECT_EQ(part->length, 4U);
  EXPECT_EQ(part->complete_length, 10U);
  for (const char* value : {"bytes 2-5/*", "bytes */10", "bytes 5-2/10", "bytes 2-10/10", "bytes=2-5/10", "x 2-5/10"}) {
    EXPECT_FALSE(parse_content_range(Headers::of({{"Content-Range", value}})).has_value()) << value;
  }
  EXPECT_FALSE(
      parse_content_range(Headers::of({{"Content-Range", "bytes 2-5/10"}, {"Content-Range", "bytes 2-5/10"}})));
}

// RFC 9111 §3.4

CachedResponse part(std::uint64_t begin, std::uint64_t length, const std::string& etag = "\"v\"") {
  CachedResponse head = *stored({{"ETag", etag}, {"Content-Range", "x"}, {"X-Age", "old"}}, 206).head;
  head.part.emplace();
  head.part->begin = begin;
  head.part->length = length;
  head.part->complete_length = 10;
  return head;
}

CacheStore::Found as_stored(const CachedResponse& head) {
  return CacheStore::Found(1, head.part->length, std::make_shared<const CachedResponse>(head));
}

std::string merged(const CachedResponse& arriving, const CachedResponse& held) {
  const auto merge = find_merge(arriving, {as_stored(held)});
  if (!merge.has_value()) return "apart";
  const CachedResponse head = with_part_described(merged_head(arriving, *merge));
  return std::to_string(merge->prefix) + '+' + std::to_string(arriving.part->length) + '+' +
         std::to_string(merge->suffix) + '@' + std::to_string(merge->suffix_offset) + ' ' + std::to_string(head.code) +
         ' ' + std::string(head.headers.get("Content-Range").value_or("all")) + ' ' +
         std::string(*head.headers.get("Content-Length"));
}

TEST(PartMergeTest, PartsThatTouchOrOverlapBecomeOne) {
  EXPECT_EQ(merged(part(4, 3), part(0, 4)), "4+3+0@0 206 bytes 0-6/10 7");
  EXPECT_EQ(merged(part(0, 4), part(4, 3)), "0+4+3@0 206 bytes 0-6/10 7");
  EXPECT_EQ(merged(part(2, 3), part(1, 6)), "1+3+2@4 206 bytes 1-6/10 6");
  EXPECT_EQ(merged(part(1, 6), part(2, 3)), "0+6+0@0 206 bytes 1-6/10 6");
}

TEST(PartMergeTest, AllPartsTogetherAreTheCompleteResponse) {
  EXPECT_EQ(merged(part(5, 5), part(0, 5)), "5+5+0@0 200 all 10");
  EXPECT_EQ(with_part_described(part(0, 10)).code, 200);
}

TEST(PartMergeTest, PartsOfOtherVersionsOrFarApartAreNotCombined) {
  EXPECT_EQ(merged(part(5, 5), part(0, 4)), "apart");
  EXPECT_EQ(merged(part(5, 5, "\"w\""), part(0, 5)), "apart");
  EXPECT_EQ(merged(part(5, 5, "W/\"v\""), part(0, 5, "W/\"v\"")), "apart");
  CachedResponse longer = part(0, 5);
  longer.part->complete_length = 11;
  EXPECT_EQ(merged(part(5, 5), longer), "apart");
}

TEST(PartMergeTest, APartOfWhatIsCompleteIsHeldAlready) {
  EXPECT_TRUE(is_held_already(part(0, 5), {stored({{"ETag", "\"v\""}})}));
  EXPECT_FALSE(is_held_already(part(0, 5), {stored({{"ETag", "\"w\""}})}));
  EXPECT_FALSE(is_held_already(part(0, 5), {as_stored(part(0, 9))}));
}

}  // namespace
}  // namespace okhttp::internal

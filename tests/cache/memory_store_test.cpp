#include "cache/memory_store.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "cache/invalidations.hpp"
#include "cache/store_test.hpp"

namespace okhttp::internal {
namespace {

class MemoryStoreTest : public ::testing::Test, protected StoreVerbs {
 protected:
  MemoryStoreTest() : StoreVerbs(store_) {}
  static constexpr std::uint64_t kRoom = 8000;
  MemoryStore store_{kRoom};
};

TEST_F(MemoryStoreTest, WhatIsCommittedIsFoundWithItsHead) {
  put("http://a/", "body of a");
  EXPECT_EQ(bodies("http://a/"), "body of a ");
  const auto found = store_.find(CacheKey("http://a/", ""));
  EXPECT_EQ(found.front().body_size, 9U);
  EXPECT_EQ(found.front().head->headers.get("X-Field"), "x");
  EXPECT_TRUE(store_.find(CacheKey("http://b/", "")).empty());
}

TEST_F(MemoryStoreTest, WhatIsNotCommittedLeavesNothing) {
  {
    const auto writer = store_.begin(CacheKey("http://a/", ""), head_with());
    EXPECT_TRUE(writer->append(bytes_of("half of")));
    EXPECT_EQ(bodies("http://a/"), "");
  }
  EXPECT_EQ(store_.size(), 0U);
  EXPECT_TRUE(store_.urls().empty());
}

TEST_F(MemoryStoreTest, ABodyIsReadFromAnyPlace) {
  std::string large;
  for (int i = 0; i < 30000; ++i) large += std::to_string(i);
  MemoryStore roomy(10 * large.size());
  StoreVerbs(roomy).put("http://a/", large);
  const CacheStore::EntryId id = StoreVerbs(roomy).id("http://a/");
  for (const std::size_t offset :
       {std::size_t{0}, std::size_t{65535}, std::size_t{65536}, large.size() - 1, large.size()}) {
    EXPECT_TRUE(read_all(*roomy.open(id, offset)) == large.substr(offset)) << offset;
  }
}

TEST_F(MemoryStoreTest, AVariantTakesThePlaceOfTheSameOneAlone) {
  const CacheKey key("http://a/", "");
  put(key, "german", head_with("de"));
  put(key, "french", head_with("fr"));
  put(key, "deutsch", head_with("de"));
  EXPECT_EQ(bodies(key), "french deutsch ");
}

TEST_F(MemoryStoreTest, VariantsOfOneKeyAreBounded) {
  MemoryStore roomy(std::numeric_limits<std::uint64_t>::max());
  for (int i = 0; i < 100; ++i) StoreVerbs(roomy).put(CacheKey("http://a/", ""), "x", head_with(std::to_string(i)));
  EXPECT_EQ(roomy.find(CacheKey("http://a/", "")).size(), MemoryStore::kMaxVariants);
}

TEST_F(MemoryStoreTest, CredentialsHaveEntriesOfTheirOwn) {
  put(CacheKey("http://a/", "me"), "mine");
  put(CacheKey("http://a/", "you"), "yours");
  EXPECT_EQ(bodies(CacheKey("http://a/", "me")), "mine ");
  EXPECT_EQ(bodies("http://a/"), "");
  store_.remove_url("http://a/");
  EXPECT_EQ(bodies(CacheKey("http://a/", "me")), "");
  EXPECT_EQ(store_.size(), 0U);
}

TEST_F(MemoryStoreTest, WhatWasNotUsedForTheLongestTimeGoesFirst) {
  const std::string body(2000, 'x');
  put("http://a/", body);
  put("http://b/", body);
  put("http://c/", body);
  (void)bodies("http://a/");
  put("http://d/", body);
  EXPECT_EQ(store_.urls(), (std::vector<std::string>{"http://d/", "http://a/", "http://c/"}));
  EXPECT_LE(store_.size(), kRoom);
}

TEST_F(MemoryStoreTest, AnUpdateCountsAsUseAndIsSeenAtOnce) {
  const std::string body(2000, 'x');
  for (const char* url : {"http://a/", "http://b/", "http://c/"}) put(url, body);
  store_.update(id("http://a/"), head_with("", "new"));
  EXPECT_EQ(store_.find(CacheKey("http://a/", "")).front().head->headers.get("X-Field"), "new");
  put("http://d/", body);
  EXPECT_EQ(store_.urls(), (std::vector<std::string>{"http://d/", "http://a/", "http://c/"}));
}

TEST_F(MemoryStoreTest, ABodyThatIsBeingReadSurvivesItsEviction) {
  put("http://a/", "still here");
  const auto reader = store_.open(id("http://a/"), 0);
  store_.remove_all();
  EXPECT_EQ(bodies("http://a/"), "");
  EXPECT_EQ(read_all(*reader), "still here");
}

TEST_F(MemoryStoreTest, ABodyLargerThanTheStoreIsGivenUp) {
  const std::string half(kRoom / 2 + 1, 'x');
  put("http://a/", "small");
  const auto writer = store_.begin(CacheKey("http://b/", ""), head_with());
  EXPECT_TRUE(writer->append(bytes_of(half)));
  EXPECT_FALSE(writer->append(bytes_of(half)));
  EXPECT_FALSE(writer->append(bytes_of("x")));
  writer->commit(head_with());
  EXPECT_EQ(store_.urls(), std::vector<std::string>{"http://a/"}) << "and nothing makes room for it";
  CachedResponse announced = head_with();
  announced.headers = Headers::of({{"Content-Length", "8001"}});
  EXPECT_EQ(store_.begin(CacheKey("http://b/", ""), announced), nullptr);
}

TEST_F(MemoryStoreTest, HeadsCountToo) {
  CachedResponse head = head_with();
  head.headers = Headers::of({{"X-Large", std::string(kRoom, 'x')}});
  put(CacheKey("http://a/", ""), "x", head);
  EXPECT_EQ(store_.size(), 0U);
}

TEST_F(MemoryStoreTest, AWriterMayOutliveTheStore) {
  auto store = std::make_unique<MemoryStore>(kRoom);
  const auto writer = store->begin(CacheKey("http://a/", ""), head_with());
  store.reset();
  EXPECT_TRUE(writer->append(bytes_of("x")));
  writer->commit(head_with());
}

TEST_F(MemoryStoreTest, NothingIsKeptOnceItIsClosed) {
  put("http://a/", "x");
  const auto writer = store_.begin(CacheKey("http://b/", ""), head_with());
  store_.close();
  writer->commit(head_with());
  EXPECT_TRUE(store_.urls().empty());
  EXPECT_EQ(store_.open(1, 0), nullptr);
}

// RFC 9111 §4.4: also for what is on its way.

class InvalidationsTest : public ::testing::Test {
 protected:
  static Invalidations::Moment at(int second) { return Invalidations::Moment(std::chrono::seconds(second)); }
  Invalidations noted_;
};

TEST_F(InvalidationsTest, WhatWasAskedForBeforeIsOutOfDate) {
  noted_.note("http://a/", at(10));
  EXPECT_TRUE(noted_.happened("http://a/", at(9)));
  EXPECT_FALSE(noted_.happened("http://a/", at(11)));
  EXPECT_FALSE(noted_.happened("http://b/", at(9)));
  noted_.note_all(at(20));
  EXPECT_TRUE(noted_.happened("http://b/", at(19)));
  EXPECT_FALSE(noted_.happened("http://b/", at(21)));
}

TEST_F(InvalidationsTest, WhatIsForgottenCountsForAll) {
  for (int i = 0; i <= static_cast<int>(Invalidations::kMaxUrls); ++i)
    noted_.note("http://a/" + std::to_string(i), at(i));
  EXPECT_TRUE(noted_.happened("http://other/", at(0)));
  EXPECT_FALSE(noted_.happened("http://other/", at(1)));
  EXPECT_TRUE(noted_.happened("http://a/5", at(5)));
}

}  // namespace
}  // namespace okhttp::internal

#include <okhttp/cache.hpp>
#include <okhttp/handshake.hpp>
#include <okhttp/mockwebserver/held_certificate.hpp>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

#include "cache/cache_core.hpp"
#include "cache/sql.hpp"
#include "cache/store_test.hpp"

#include "support/temporary_folder.hpp"

namespace okhttp::internal {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kRoom = std::uint64_t{1} << 20;

std::string numbers(int count) {
  std::string text;
  for (int i = 0; i < count; ++i) text += std::to_string(i) + ' ';
  return text;
}

class DirectoryCacheTest : public ::testing::Test {
 protected:
  /// The store of a cache in the test's directory; each is like another process's.
  class Opened : public StoreVerbs {
   public:
    Opened(const std::string& directory, std::uint64_t room) : Opened(Cache(directory, room)) {}
    CacheStore* operator->() { return &store_; }
    CacheStore& operator*() { return store_; }

   private:
    explicit Opened(const Cache& cache)
        : StoreVerbs(CacheAccess::core(cache)->store()), cache_(cache), store_(CacheAccess::core(cache)->store()) {}
    const Cache cache_;
    CacheStore& store_;
  };
  [[nodiscard]] Opened open(std::uint64_t room = kRoom) const { return Opened(directory_, room); }
  /// As a program that keeps something and ends.
  void keep(const std::string& url, std::string_view body) const {
    Opened store = open();
    store.put(url, body);
    store->close();
  }
  [[nodiscard]] std::string database() const { return directory_ + "/okhttp-cache.db"; }

  const TemporaryFolder folder_;
  const std::string directory_ = folder_.path().string() + "/a/cache";
};

TEST_F(DirectoryCacheTest, WhatWasKeptIsThereForTheNextProgram) {
  const std::string large = numbers(100000);
  {
    Opened store = open(10 * kRoom);
    CachedResponse head = head_with("variant", "value");
    head.message = "Fine";
    head.protocol = Protocol::http_2;
    head.sent_request_at = std::chrono::system_clock::time_point(std::chrono::microseconds(1234567));
    head.received_response_at = head.sent_request_at + std::chrono::seconds(1);
    head.headers = Headers::of({{"X-A", "1"}, {"x-a", "2"}, {"Set-Cookie", "a=b"}});
    store.put(CacheKey("http://a/", "me"), large, head);
    store->close();
  }
  Opened store = open(10 * kRoom);
  const auto found = store->find(CacheKey("http://a/", "me"));
  ASSERT_EQ(found.size(), 1U);
  const CachedResponse& head = *found.front().head;
  EXPECT_EQ(found.front().body_size, large.size());
  EXPECT_EQ(head.code, 200);
  EXPECT_EQ(head.message, "Fine");
  EXPECT_EQ(head.protocol, Protocol::http_2);
  EXPECT_EQ(head.variant, "variant");
  EXPECT_EQ(head.headers, Headers::of({{"X-A", "1"}, {"x-a", "2"}, {"Set-Cookie", "a=b"}}));
  EXPECT_EQ(head.received_response_at - head.sent_request_at, std::chrono::seconds(1));
  EXPECT_EQ(head.sent_request_at.time_since_epoch(), std::chrono::microseconds(1234567));
  EXPECT_TRUE(store.bodies(CacheKey("http://a/", "me")) == large + ' ');
}

TEST_F(DirectoryCacheTest, WhatIsTooMuchForASmallerSizeIsEvictedWhenItIsOpened) {
  for (const char* url : {"http://a/", "http://b/", "http://c/"}) keep(url, std::string(20000, 'x'));
  Opened store = open(30000);
  EXPECT_EQ(store->find(CacheKey("http://none/", "")).size(), 0U);
  store->flush();
  Sql sql(database());
  EXPECT_EQ(sql.value("SELECT group_concat(url) FROM entries"), "http://c/");
  EXPECT_EQ(sql.value("PRAGMA freelist_count"), "0");
}

TEST_F(DirectoryCacheTest, WhatItHasToKeepWithinNoRoomIsNothing) {
  keep("http://a/", "body");
  EXPECT_EQ(open(0)->size(), 0U);
}

TEST_F(DirectoryCacheTest, WhatIsKeptIsFoundWhenAllKeysAreKnownAlready) {
  Opened store = open();
  Opened other = open();
  for (int i = 0; i < 5; ++i) {
    const std::string number = std::to_string(i);
    // Enough to make it worth while to learn the keys, with what is written next.
    for (int asked = 0; asked < 200; ++asked) EXPECT_TRUE(store->find(CacheKey("http://none/", "")).empty());
    store.put("http://mine/" + number, "mine");
    store->flush();
    store.put("http://mine/too/" + number, "mine");
    EXPECT_EQ(store.bodies("http://mine/" + number), "mine ");
    EXPECT_EQ(store.bodies("http://mine/too/" + number), "mine ");
    EXPECT_EQ(store.bodies("http://others/" + number), "");
    other.put("http://others/" + number, "theirs");
    other->flush();
    EXPECT_EQ(store.bodies("http://others/" + number), "theirs ");
    EXPECT_EQ(other.bodies("http://mine/" + number), "mine ");
  }
}

TEST_F(DirectoryCacheTest, APartAndAHandshakeAreKept) {
  const HeldCertificate certificate = HeldCertificate::localhost();
  Opened store = open();
  CachedResponse head = head_with();
  head.part.emplace();
  head.part->begin = 2;
  head.part->length = 3;
  head.part->complete_length = 10;
  head.handshake = std::make_shared<const Handshake>(TlsVersion::tls_1_3, "TLS_AES_128_GCM_SHA256",
                                                     std::vector<Certificate>{certificate.certificate()},
                                                     std::vector<Certificate>());
  store.put(CacheKey("https://a/", ""), "234", head);
  store->flush();
  const auto found = open()->find(CacheKey("https://a/", ""));
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found.front().head->part->begin, 2U);
  EXPECT_EQ(found.front().head->part->complete_length, 10U);
  EXPECT_EQ(*found.front().head->handshake, *head.handshake);
}

TEST_F(DirectoryCacheTest, ABodyIsReadFromAnyPlace) {
  const std::string body = numbers(50000);
  Opened store = open();
  store.put("http://a/", body);
  for (const std::size_t offset :
       {std::size_t{0}, std::size_t{65535}, std::size_t{65536}, body.size() - 1, body.size()}) {
    EXPECT_TRUE(read_all(*store->open(store.id("http://a/"), offset)) == body.substr(offset)) << offset;
  }
  store.put("http://empty/", "");
  EXPECT_EQ(store.bodies("http://empty/"), " ");
  store.put("http://chunk/", body.substr(0, 65536));
  EXPECT_TRUE(store.bodies("http://chunk/") == body.substr(0, 65536) + ' ');
}

TEST_F(DirectoryCacheTest, WhatIsNotCommittedLeavesNothing) {
  Opened store = open();
  {
    const auto writer = store->begin(CacheKey("http://a/", ""), head_with());
    EXPECT_TRUE(writer->append(bytes_of(numbers(30000))));
    EXPECT_EQ(store.bodies("http://a/"), "");
  }
  store->flush();
  EXPECT_EQ(store->size(), 0U);
  EXPECT_EQ(Sql(database()).value("SELECT count(*) FROM chunks"), "0");
}

TEST_F(DirectoryCacheTest, VariantsAndCredentialsHaveEntriesOfTheirOwn) {
  Opened store = open();
  const CacheKey key("http://a/", "");
  store.put(key, "german", head_with("de"));
  store.put(key, "french", head_with("fr"));
  store.put(CacheKey("http://a/", "me"), "mine", head_with("de"));
  store.put(key, "deutsch", head_with("de"));
  EXPECT_EQ(store.bodies(key), "french deutsch ");
  EXPECT_EQ(store.bodies(CacheKey("http://a/", "me")), "mine ");
  for (int i = 0; i < 100; ++i) store.put(key, "x", head_with(std::to_string(i)));
  EXPECT_EQ(store->find(key).size(), 32U);
  store->remove_url("http://a/");
  EXPECT_EQ(store->size(), 0U);
}

TEST_F(DirectoryCacheTest, VariantsOfOneKeyAreBoundedAndTheLastUsedStay) {
  Opened store = open();
  const CacheKey key("http://a/", "");
  for (int i = 100; i < 140; ++i) store.put(key, std::to_string(i), head_with(std::to_string(i)));
  const std::string all = store.bodies(key);
  EXPECT_EQ(store->find(key).size(), 32U);
  EXPECT_EQ(all.substr(0, 4), "108 ");
  EXPECT_EQ(all.substr(all.size() - 4), "139 ");
}

TEST_F(DirectoryCacheTest, WhatWasNotUsedForTheLongestTimeGoesFirst) {
  const std::string body(kRoom / 4, 'x');
  Opened store = open();
  for (const char* url : {"http://a/", "http://b/", "http://c/"}) store.put(url, body);
  (void)store.bodies("http://a/");
  store.put("http://d/", body);
  EXPECT_EQ(store->urls(), (std::vector<std::string>{"http://d/", "http://a/", "http://c/"}));
  EXPECT_LE(store->size(), kRoom);
  EXPECT_LT(fs::file_size(database()), 2 * kRoom);
}

TEST_F(DirectoryCacheTest, AnUpdateIsSeenAtOnce) {
  Opened store = open();
  store.put("http://a/", "body");
  store->update(store.id("http://a/"), head_with("", "new"));
  EXPECT_EQ(store->find(CacheKey("http://a/", "")).front().head->headers.get("X-Field"), "new");
  EXPECT_EQ(store.bodies("http://a/"), "body ");
}

TEST_F(DirectoryCacheTest, ABodyThatIsBeingReadSurvivesItsRemovalByAnyone) {
  const std::string body = numbers(100000);
  Opened store = open();
  Opened other = open();
  store.put("http://a/", body);
  const auto reader = store->open(store.id("http://a/"), 0);
  other->remove_all();
  for (int i = 0; i < 5; ++i) other.put("http://b/", body);
  EXPECT_EQ(store.bodies("http://a/"), "");
  EXPECT_TRUE(read_all(*reader) == body);
}

TEST_F(DirectoryCacheTest, SeveralUseOneDirectory) {
  Opened one = open();
  Opened other = open();
  one.put("http://a/", "of one");
  one->flush();
  EXPECT_EQ(other.bodies("http://a/"), "of one ");
  other.put("http://a/", "of the other");
  other->flush();
  EXPECT_EQ(one.bodies("http://a/"), "of the other ");
}

TEST_F(DirectoryCacheTest, NothingIsKeptOnceItIsClosed) {
  Opened store = open();
  const auto writer = store->begin(CacheKey("http://a/", ""), head_with());
  store->close();
  EXPECT_TRUE(writer->append(bytes_of("x")));
  writer->commit(head_with());
  EXPECT_TRUE(store->urls().empty());
  EXPECT_EQ(store->begin(CacheKey("http://a/", ""), head_with()), nullptr);
  EXPECT_EQ(open().bodies("http://a/"), "");
}

// CVE-2022-32207 and its kind: responses are for their owner's eyes.
TEST_F(DirectoryCacheTest, FilesAreForTheirOwnerAloneWhateverTheUmaskSays) {
  const mode_t before = ::umask(0);
  Opened store = open();
  store.put("http://a/", "secret");
  store->flush();
  ::umask(before);
  struct stat status {};
  ASSERT_EQ(::stat(directory_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0700U);
  int files = 0;
  for (const fs::directory_entry& file : fs::directory_iterator(directory_)) {
    ASSERT_EQ(::stat(file.path().c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0600U) << file.path();
    ++files;
  }
  EXPECT_EQ(files, 6);
}

TEST_F(DirectoryCacheTest, RightsOfOthersAreTakenFromAnExistingDatabase) {
  keep("http://a/", "secret");
  ASSERT_EQ(::chmod(database().c_str(), 0666), 0);
  keep("http://b/", "secret");
  struct stat status {};
  ASSERT_EQ(::stat(database().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
}

TEST_F(DirectoryCacheTest, ASymbolicLinkInItsPlaceIsNotFollowed) {
  fs::create_directories(directory_);
  const std::string target = folder_.path().string() + "/target";
  std::ofstream(target).close();
  fs::create_symlink(target, database());
  EXPECT_THROW((void)open().bodies("http://a/"), std::exception);
  EXPECT_EQ(fs::file_size(target), 0U);
}

// Damage

TEST_F(DirectoryCacheTest, ADamagedBodyIsDroppedAndNeverGiven) {
  keep("http://a/", "as it was written");
  {
    Opened store = open();
    store->flush();
    Sql(database()).run("UPDATE chunks SET data = CAST('as it was WRITTEN' AS BLOB)");
    EXPECT_THROW((void)store->open(store.id("http://a/"), 0), std::exception);
    store->flush();
    EXPECT_EQ(store.bodies("http://a/"), "");
  }
}

TEST_F(DirectoryCacheTest, AChunkThatIsDamagedFurtherBehindEndsTheReading) {
  const std::string body = numbers(100000);
  Opened store = open();
  store.put("http://a/", body);
  store->flush();
  Sql(database()).run("UPDATE chunks SET data = zeroblob(65536) WHERE id % 1048576 = 2");
  const auto reader = store->open(store.id("http://a/"), 0);
  std::string got;
  const auto read_on = [&] {
    std::array<std::byte, 65536> piece{};
    for (std::size_t count = 1; count > 0;) {
      count = reader->read_some(piece);
      got.append(reinterpret_cast<const char*>(piece.data()), count);
    }
  };
  EXPECT_THROW(read_on(), std::exception);
  EXPECT_TRUE(got == body.substr(0, 131072));
  store->flush();
  EXPECT_EQ(store.bodies("http://a/"), "");
}

TEST_F(DirectoryCacheTest, AHeadThatIsDamagedOrAnothersIsDropped) {
  Opened store = open();
  for (const char* damage : {"UPDATE entries SET head = CAST(head || 'x' AS BLOB)",
                             "UPDATE entries SET url = 'http://b/'", "UPDATE entries SET credential = 'me'",
                             "UPDATE entries SET body_size = 3", "UPDATE entries SET variant = 'x'"}) {
    store.put("http://a/", "body");
    store->flush();
    Sql(database()).run(damage);
    EXPECT_TRUE(store->find(CacheKey("http://a/", "")).empty()) << damage;
    EXPECT_TRUE(store->find(CacheKey("http://b/", "")).empty()) << damage;
    EXPECT_TRUE(store->find(CacheKey("http://a/", "me")).empty()) << damage;
    store->remove_all();
  }
}

TEST_F(DirectoryCacheTest, ADatabaseWithDamagedPagesIsMadeAnew) {
  keep("http://a/", numbers(1000));
  {
    std::fstream file(database(), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(4096);
    file << std::string(static_cast<std::size_t>(fs::file_size(database())) - 4096, '\xee');
  }
  Opened store = open();
  try {
    EXPECT_EQ(store.bodies("http://a/"), "");
  } catch (const std::exception&) {
    // It is said once.
  }
  store.put("http://b/", "new");
  try {
    store->flush();
  } catch (const std::exception&) {
  }
  store.put("http://b/", "new");
  EXPECT_EQ(store.bodies("http://b/"), "new ");
}

TEST_F(DirectoryCacheTest, AForeignFileInItsPlaceIsLeftAlone) {
  fs::create_directories(directory_);
  const std::string text =
      "my diary, of more than a hundred characters, which is what the head of a database has: " + numbers(50);
  std::ofstream(database()) << text;
  Opened store = open();
  EXPECT_THROW((void)store.bodies("http://a/"), std::exception);
  EXPECT_THROW((void)store->urls(), std::exception);
  std::ifstream file(database());
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(file), {}), text);
}

TEST_F(DirectoryCacheTest, AForeignDatabaseInItsPlaceIsLeftAlone) {
  fs::create_directories(directory_);
  Sql(database()).run("CREATE TABLE entries(x); INSERT INTO entries VALUES(1)");
  EXPECT_THROW((void)open().bodies("http://a/"), std::exception);
  EXPECT_EQ(Sql(database()).value("SELECT x FROM entries"), "1");
}

TEST_F(DirectoryCacheTest, AFileInPlaceOfTheDirectoryFails) {
  fs::create_directories(folder_.path().string() + "/a");
  std::ofstream(directory_) << "x";
  EXPECT_THROW((void)open().bodies("http://a/"), std::exception);
}

TEST_F(DirectoryCacheTest, DeletedFilesAreSaidOnceAndBegunAnew) {
  Opened store = open();
  store.put("http://a/", "old");
  store->flush();
  fs::remove_all(directory_);
  EXPECT_THROW((void)store.bodies("http://a/"), std::exception);
  EXPECT_EQ(store.bodies("http://a/"), "");
  store.put("http://a/", "new");
  EXPECT_EQ(store.bodies("http://a/"), "new ");
}

// RFC 9111 §4.3.4: between the search and the answer that confirms, anything may happen to the directory.
TEST_F(DirectoryCacheTest, ADatabaseThatTookTheOthersPlaceKnowsNoneOfItsNumbers) {
  Opened store = open();
  store.put("http://a/", "old");
  const CacheStore::EntryId before = store.id("http://a/");
  store->flush();
  fs::remove_all(directory_);
  EXPECT_THROW((void)store.bodies("http://a/"), std::exception);
  for (const char* url : {"http://b/", "http://c/", "http://d/"}) store.put(url, "of another URL");
  store->flush();
  EXPECT_EQ(store->open(before, 0), nullptr);
}

// What a process locks in a file is lost when it closes the file anywhere; then others take a log that is in use for
// one that nobody needs.
TEST_F(DirectoryCacheTest, ASecondCacheOfTheProcessLeavesTheLocksOfTheFirst) {
  const auto is_locked = [this] {
    const pid_t child = ::fork();
    if (child == 0) {
      struct flock lock {};
      lock.l_type = F_WRLCK;
      lock.l_whence = SEEK_SET;
      lock.l_start = 0x40000002;  // where SQLite has readers hold on to the file
      lock.l_len = 510;
      const int file = ::open(database().c_str(), O_RDWR);
      ::_exit(::fcntl(file, F_GETLK, &lock) == 0 && lock.l_type == F_RDLCK ? 0 : 1);
    }
    int status = 1;
    EXPECT_EQ(::waitpid(child, &status, 0), child);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
  };
  Opened first = open();
  first.put("http://a/", "a");
  first->flush();
  EXPECT_TRUE(is_locked());
  {
    Opened second = open();
    EXPECT_EQ(second.bodies("http://a/"), "a ");
    EXPECT_TRUE(is_locked());
    second->close();
  }
  EXPECT_TRUE(is_locked());
}

TEST_F(DirectoryCacheTest, WhatAChildOfTheProcessInheritsIsOfNoUseToItAndStaysTheParents) {
  const std::string large = numbers(40000);
  Opened store = open();
  store.put("http://a/", large);
  const auto id = store.id("http://a/");
  std::unique_ptr<CacheStore::Reader> reader = store->open(id, 0);
  std::array<std::byte, 10> begin{};
  EXPECT_EQ(reader->read_some(begin), begin.size());
  std::unique_ptr<CacheStore::Writer> writer = store->begin(CacheKey("http://b/", ""), head_with());
  EXPECT_TRUE(writer->append(bytes_of(numbers(20000))));
  store->flush();
  const pid_t child = ::fork();
  if (child == 0) {
    bool is_refused = !writer->append(bytes_of(numbers(20000)));
    try {
      (void)store->find(CacheKey("http://a/", ""));
      is_refused = false;
    } catch (const std::exception&) {
      // So it should be.
    }
    reader.reset();
    writer.reset();
    ::_exit(is_refused ? 0 : 1);
  }
  int status = 1;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  EXPECT_TRUE(read_all(*reader) == large.substr(begin.size()));
  EXPECT_TRUE(writer->append(bytes_of(numbers(20000))));
  writer->commit(head_with());
  EXPECT_TRUE(store.bodies("http://b/") == numbers(20000) + numbers(20000) + ' ');
}

TEST_F(DirectoryCacheTest, AnEntryThatWasSweptAwayWhileItWasWrittenLeavesNothing) {
  Opened store = open();
  const auto writer = store->begin(CacheKey("http://a/", ""), head_with());
  EXPECT_TRUE(writer->append(bytes_of(numbers(20000))));
  store->flush();
  Sql other(database());
  EXPECT_EQ(other.value("SELECT count(*) FROM chunks"), "1");
  other.run("DELETE FROM entries");
  (void)writer->append(bytes_of(numbers(20000)));
  store->flush();
  EXPECT_FALSE(writer->append(bytes_of(numbers(20000))));
  writer->commit(head_with());
  EXPECT_EQ(store.bodies("http://a/"), "");
  EXPECT_EQ(other.value("SELECT count(*) FROM chunks"), "0");
}

TEST_F(DirectoryCacheTest, WhatCannotBeCompletedLeavesNothing) {
  Opened store = open();
  auto writer = store->begin(CacheKey("http://a/", ""), head_with());
  EXPECT_TRUE(writer->append(bytes_of(numbers(20000))));
  store->flush();
  Sql other(database());
  EXPECT_EQ(other.value("SELECT count(*) FROM entries"), "1");
  other.run("CREATE TRIGGER refuse BEFORE UPDATE OF complete ON entries BEGIN SELECT RAISE(ABORT, 'no'); END");
  writer->commit(head_with());
  store->flush();
  other.run("DROP TRIGGER refuse");
  store.put("http://b/", "b");
  store->flush();
  EXPECT_EQ(other.value("SELECT group_concat(url) FROM entries"), "http://b/");
}

TEST_F(DirectoryCacheTest, WhatIsBeingWrittenCountsAndGoesInItsTurn) {
  Opened store = open();
  const std::string body(kRoom / 5 * 2, 'x');
  std::vector<std::unique_ptr<CacheStore::Writer>> writers;
  for (int i = 0; i < 4; ++i) {
    writers.push_back(store->begin(CacheKey("http://a/" + std::to_string(i), ""), head_with()));
    EXPECT_TRUE(writers.back()->append(bytes_of(body)));
    store->flush();
  }
  EXPECT_LE(store->size(), kRoom);
  for (const auto& writer : writers) writer->commit(head_with());
  EXPECT_LE(store->size(), kRoom);
  EXPECT_EQ(store.bodies("http://a/0") + store.bodies("http://a/1"), "") << "nothing came for the longest time";
  EXPECT_TRUE(store.bodies("http://a/2") == body + ' ');
  EXPECT_TRUE(store.bodies("http://a/3") == body + ' ');
}

TEST_F(DirectoryCacheTest, WhatAKilledProcessLeftHalfWrittenMakesRoomForTheOthers) {
  Opened store = open();
  store.put("http://a/", std::string(kRoom / 5 * 3, 'a'));
  store->flush();
  Sql(database()).run("UPDATE entries SET complete = 0");
  store.put("http://b/", std::string(kRoom / 5 * 3, 'b'));
  EXPECT_TRUE(store.bodies("http://b/") == std::string(kRoom / 5 * 3, 'b') + ' ');
  EXPECT_EQ(Sql(database()).value("SELECT count(*) FROM entries"), "1");
}

TEST_F(DirectoryCacheTest, ABodyOfMoreChunksThanHaveNumbersIsNotWanted) {
  Opened store = open(std::uint64_t{1} << 50);
  CachedResponse head = head_with();
  head.headers = Headers::of({{"Content-Length", std::to_string((std::uint64_t{64} << 30) + 1)}});
  EXPECT_EQ(store->begin(CacheKey("http://a/", ""), head), nullptr);
}

// Versions

TEST_F(DirectoryCacheTest, ADatabaseOfTheFirstVersionIsBroughtUpToDateWithWhatItHolds) {
  keep("http://a/", "kept");
  Sql(database()).run("DROP INDEX entries_by_use; DROP INDEX entries_begun; PRAGMA user_version = 1");
  EXPECT_EQ(open().bodies("http://a/"), "kept ");
  keep("http://b/", "more");
  EXPECT_EQ(Sql(database()).value("SELECT bytes - (SELECT sum(size) FROM entries) FROM total"), "0");
  EXPECT_EQ(Sql(database()).value("PRAGMA user_version"), "3");
  EXPECT_EQ(Sql(database()).value("SELECT count(*) FROM sqlite_schema WHERE name = 'entries_by_use'"), "1");
}

TEST_F(DirectoryCacheTest, ADatabaseOfANewerVersionIsLeftAlone) {
  keep("http://a/", "kept");
  Sql(database()).run("PRAGMA user_version = 4");
  EXPECT_THROW((void)open().bodies("http://a/"), std::exception);
  EXPECT_EQ(Sql(database()).value("SELECT count(*) FROM entries"), "1");
}

TEST_F(DirectoryCacheTest, WhatNobodyIsLeftToCompleteIsDropped) {
  keep("http://a/", "x");
  Sql(database()).run("UPDATE entries SET complete = 0");
  Opened store = open();
  EXPECT_EQ(store.bodies("http://a/"), "");
  EXPECT_EQ(store->size(), 0U);
}

TEST_F(DirectoryCacheTest, ADirectoryWithoutNameIsRefused) { EXPECT_THROW(Cache("", 1), std::invalid_argument); }

}  // namespace
}  // namespace okhttp::internal

#include <okhttp/cache.hpp>

#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "cache/cache_core.hpp"
#include "cache/sql.hpp"
#include "cache/store_test.hpp"
#include "support/seeded_random.hpp"
#include "support/temporary_folder.hpp"

extern char** environ;  // NOLINT(readability-redundant-declaration)

namespace okhttp::internal {
namespace {

constexpr std::uint64_t kRoom = std::uint64_t{2} << 20;
constexpr const char* kDirectory = "OKHTTP_TEST_CACHE_DIRECTORY";
constexpr unsigned kUrls = 40;
constexpr unsigned kThreads = 8;

std::string url(unsigned number) { return "http://example.com/" + std::to_string(number); }

/// What a body must be, from its URL and version alone: any mixture of two is noticed.
std::string body(unsigned number, const std::string& version) {
  const std::string line = url(number) + " of version " + version + '\n';
  std::string text;
  // From a few bytes to several chunks.
  while (text.size() < std::size_t{17} * number * number * number) text += line;
  return text + "end of " + line;
}

/// True for what a store says when others keep the database for longer than it waits.
bool is_locked(const std::exception& failure) {
  return std::string_view(failure.what()).find("locked") != std::string_view::npos;
}

/// The entries of a URL. A store may fail, as when others keep the database locked for long because the machine has
/// much else to do; a call would go to the network then. One that fails again and again is at fault.
std::vector<CacheStore::Found> entries_of(CacheStore& store, unsigned number) {
  constexpr int kTries = 10;
  for (int failed = 0;; ++failed) {
    try {
      return store.find(CacheKey(url(number), ""));
    } catch (const std::exception& failure) {
      if (!is_locked(failure) || failed == kTries) throw;
    }
  }
}

/// The body of an entry; nothing when it is gone, or the database is locked.
std::optional<std::string> body_of(CacheStore& store, CacheStore::EntryId id) {
  try {
    const std::unique_ptr<CacheStore::Reader> reader = store.open(id, 0);
    if (reader != nullptr) return read_all(*reader);
  } catch (const std::exception& failure) {
    if (!is_locked(failure)) throw;
  }
  return std::nullopt;
}

/// Reads every entry; how many there were. A body that cannot be read to its end counts as none.
unsigned check_all(CacheStore& store) {
  unsigned found = 0;
  for (unsigned number = 0; number < kUrls; ++number) {
    for (const CacheStore::Found& entry : entries_of(store, number)) {
      const std::optional<std::string> text = body_of(store, entry.id);
      if (!text.has_value()) continue;
      const std::string version(*entry.head->headers.get("X-Field"));
      EXPECT_TRUE(*text == body(number, version)) << url(number) << ' ' << version;
      ++found;
    }
  }
  return found;
}

/// Reads, writes, removes, and leaves writing half-way, until it is killed.
void work_for_ever(CacheStore& store, std::uint64_t seed) {
  SeededRandom random(seed);
  for (unsigned round = 0;; ++round) {
    const auto number = static_cast<unsigned>(random.below(kUrls));
    const std::string version = std::to_string(::getpid()) + '.' + std::to_string(seed) + '.' + std::to_string(round);
    const std::string text = body(number, version);
    const auto writer = store.begin(CacheKey(url(number), ""), head_with("", version));
    if (writer != nullptr) {
      const std::size_t half = text.size() / 2;
      if (!writer->has_room()) writer->wait_for_room();
      const bool fits = writer->append(bytes_of(text.substr(0, half))) && writer->append(bytes_of(text.substr(half)));
      if (fits && random.below(8) != 0) writer->commit(head_with("", version));
    }
    if (random.below(50) == 0) store.remove_url(url(static_cast<unsigned>(random.below(kUrls))));
    if (random.below(4) == 0) (void)check_all(store);
    if (::testing::Test::HasFailure()) ::_exit(1);
  }
}

/// Another process with this test's program, at work in the directory.
pid_t start_worker(const std::string& directory) {
  ::setenv(kDirectory, directory.c_str(), 1);
  std::string program = std::filesystem::read_symlink("/proc/self/exe").string();
  std::string filter = "--gtest_filter=KilledProcessTest.DISABLED_WorksUntilItIsKilled";
  std::string disabled = "--gtest_also_run_disabled_tests";
  std::string quiet = "--gtest_brief=1";
  std::array<char*, 5> arguments = {program.data(), filter.data(), disabled.data(), quiet.data(), nullptr};
  pid_t child = 0;
  EXPECT_EQ(::posix_spawn(&child, program.c_str(), nullptr, nullptr, arguments.data(), environ), 0);
  ::unsetenv(kDirectory);
  return child;
}

/// True when it was at work until then.
bool kill_worker(pid_t child) {
  if (child <= 0) return false;  // none was started; 0 would be all of this process's group
  ::kill(child, SIGKILL);
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
}

/// As many as a usual run has time for, or what OKHTTP_TEST_KILLS asks for.
int rounds(int usual) {
  const char* const asked_for = std::getenv("OKHTTP_TEST_KILLS");
  return asked_for != nullptr ? std::atoi(asked_for) : usual;
}

class KilledProcessTest : public ::testing::Test {
 protected:
  [[nodiscard]] std::string directory() const { return folder_.path().string() + "/cache"; }
  /// Waits until the workers have kept something, and a while more that is different each time.
  void let_them_work(CacheStore& store, SeededRandom& random) const {
    std::size_t before = 0;  // the first one has any number
    while ((before = entries_ever(store)) == 0) std::this_thread::yield();
    while (entries_ever(store) < before + 5 + random.below(40)) std::this_thread::yield();
  }
  /// The largest number of an entry.
  static std::size_t entries_ever(CacheStore& store) {
    CacheStore::EntryId last = 0;
    for (unsigned number = 0; number < kUrls; ++number) {
      for (const CacheStore::Found& entry : entries_of(store, number)) last = std::max(last, entry.id);
    }
    return last;
  }

  const TemporaryFolder folder_;
};

TEST_F(KilledProcessTest, DISABLED_WorksUntilItIsKilled) {
  const char* const directory = std::getenv(kDirectory);
  if (directory == nullptr) GTEST_SKIP() << "it is started by the others";
  const Cache cache(directory, kRoom);
  CacheStore& store = CacheAccess::core(cache)->store();
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < kThreads; ++i) threads.emplace_back([&store, i] { work_for_ever(store, i); });
  for (std::thread& thread : threads) thread.join();
}

TEST_F(KilledProcessTest, NoWrongBodyIsEverServedAfterIt) {
  SeededRandom random(1);
  unsigned found = 0;
  for (int round = 0; round < rounds(12); ++round) {
    const pid_t worker = start_worker(directory());
    {
      const Cache cache(directory(), kRoom);
      let_them_work(CacheAccess::core(cache)->store(), random);
    }
    EXPECT_TRUE(kill_worker(worker));
    const Cache cache(directory(), kRoom);
    CacheStore& store = CacheAccess::core(cache)->store();
    found += check_all(store);
    expect_consistent(directory() + "/okhttp-cache.db");
    EXPECT_LE(store.size(), kRoom);
    StoreVerbs(store).put("http://example.com/after", "it goes on");
    EXPECT_EQ(StoreVerbs(store).bodies("http://example.com/after"), "it goes on ");
    cache.close();
  }
  EXPECT_GT(found, 0U);
}

TEST_F(KilledProcessTest, ProcessesThatShareADirectorySurviveEachOther) {
  SeededRandom random(2);
  const Cache cache(directory(), kRoom);
  CacheStore& store = CacheAccess::core(cache)->store();
  std::vector<pid_t> workers;
  for (int i = 0; i < 4; ++i) workers.push_back(start_worker(directory()));
  for (int round = 0; round < rounds(8); ++round) {
    let_them_work(store, random);
    pid_t& victim = workers[static_cast<std::size_t>(random.below(workers.size()))];
    EXPECT_TRUE(kill_worker(victim));
    victim = start_worker(directory());
    (void)check_all(store);
  }
  for (const pid_t worker : workers) EXPECT_TRUE(kill_worker(worker));
  EXPECT_GT(check_all(store), 0U);
  EXPECT_LE(store.size(), kRoom);
  expect_consistent(directory() + "/okhttp-cache.db");
  std::uintmax_t bytes = 0;
  for (const auto& file : std::filesystem::directory_iterator(directory())) bytes += file.file_size();
  EXPECT_LT(bytes, std::uintmax_t{48} << 20) << "mostly the log, which is begun anew when nobody reads";
  cache.close();
}

}  // namespace
}  // namespace okhttp::internal

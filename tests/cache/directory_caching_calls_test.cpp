#include <fcntl.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>

#include "cache/caching_calls.hpp"
#include "cache/sql.hpp"
#include "support/temporary_folder.hpp"

namespace okhttp {
namespace {

/// The folder comes before the cache in it.
struct InFolder {
  const internal::TemporaryFolder folder;
  const std::string directory = folder.path().string() + "/cache";
};

/// What the system says meanwhile of a write is what it says when the disk is full.
class NoFileGrows {
 public:
  NoFileGrows() : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    EXPECT_EQ(::getrlimit(RLIMIT_FSIZE, &before_), 0);
    rlimit none = before_;
    none.rlim_cur = 1;
    EXPECT_EQ(::setrlimit(RLIMIT_FSIZE, &none), 0);
  }
  NoFileGrows(const NoFileGrows&) = delete;
  NoFileGrows& operator=(const NoFileGrows&) = delete;
  ~NoFileGrows() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }

 private:
  void (*handler_)(int);
  rlimit before_{};
};

class DirectoryCachingCalls : private InFolder, public CachingCalls {
 protected:
  DirectoryCachingCalls() : CachingCalls(Cache(InFolder::directory, std::uint64_t{32} << 20)) {
    cache_.set_failure_handler([told = told_](const std::string&) { ++*told; });
  }
  ~DirectoryCachingCalls() override { cache_.close(); }

  [[nodiscard]] const std::string& directory() const { return InFolder::directory; }
  [[nodiscard]] std::size_t failures_told() const { return *told_; }
  [[nodiscard]] std::optional<Errc> failure_of(const Request& request) {
    try {
      (void)read(send(request));
    } catch (const Error& error) {
      return error.errc();
    }
    return std::nullopt;
  }
  /// Two calls that get their answers, from the network.
  void expect_that_calls_succeed() {
    for (const char* body : {"one", "two", "three"}) {
      server_.enqueue(answer(body, "no-cache"));
      EXPECT_EQ(text({}, "/broken"), body);
    }
  }

 private:
  const std::shared_ptr<std::atomic<std::size_t>> told_ = std::make_shared<std::atomic<std::size_t>>(0);
};

INSTANTIATE_TEST_SUITE_P(Protocols, DirectoryCachingCalls, over_both_protocols(both_call_styles()), ParameterName());

TEST_P(DirectoryCachingCalls, AResponseIsServedToTheNextProgram) {
  server_.enqueue(answer("kept", "max-age=60", {{"ETag", "\"v1\""}}));
  EXPECT_EQ(text(), "kept");
  cache_.close();
  client_ = client_.new_builder().cache(Cache(directory(), 1 << 20)).build();
  const Response response = get();
  EXPECT_EQ(response.network_response(), nullptr);
  EXPECT_EQ(read(response), "kept");
  EXPECT_EQ(failures_told(), 0U);
}

TEST_P(DirectoryCachingCalls, WhatWasJustReadIsServed) {
  for (int i = 0; i < 20; ++i) {
    const std::string path = "/" + std::to_string(i);
    server_.enqueue(answer(path, "max-age=60"));
    EXPECT_EQ(text({}, path), path);
    EXPECT_EQ(text({}, path), path);
  }
  EXPECT_EQ(server_.request_count(), 20U);
  EXPECT_EQ(cache_.hit_count(), 20U);
}

TEST_P(DirectoryCachingCalls, ALargeBodyIsStreamedBothWays) {
  constexpr std::uint64_t kSize = std::uint64_t{9} << 20;
  server_.enqueue(MockResponse::Builder().generated_body(kSize).set_header("Cache-Control", "max-age=60").build());
  const std::string first = text();
  EXPECT_EQ(first.size(), kSize);
  EXPECT_TRUE(text() == first);
  EXPECT_EQ(text({{"Range", "bytes=1000000-1000009"}}), first.substr(1000000, 10));
  EXPECT_EQ(server_.request_count(), 1U);
}

TEST_P(DirectoryCachingCalls, AConfirmationIsWrittenDownBeforeTheBodyIsGiven) {
  server_.enqueue(answer("kept", "max-age=60", {{"ETag", "\"v1\""}}));
  server_.enqueue(not_modified({{"Cache-Control", "max-age=600"}}));
  (void)text();
  pass(seconds(61));
  const Response unread = get();
  EXPECT_EQ(text(), "kept");
  EXPECT_EQ(server_.request_count(), 2U);
  EXPECT_EQ(read(unread), "kept");
}

TEST_P(DirectoryCachingCalls, AnInvalidationIsDoneBeforeItsAnswerIsGiven) {
  server_.enqueue(answer("old", "max-age=60"));
  server_.enqueue(MockResponse("changed"));
  server_.enqueue(answer("new", "max-age=60"));
  (void)text();
  (void)read(send(Request::post(server_.url("/"), RequestBody::create("change"))));
  EXPECT_EQ(text(), "new");
}

TEST_P(DirectoryCachingCalls, PartsAreCombined) {
  const auto part = [](std::string_view body, const std::string& range) {
    return answer(body, "max-age=60", {{"ETag", "\"v1\""}, {"Content-Range", range}}, 206);
  };
  server_.enqueue(part("01234", "bytes 0-4/10"));
  server_.enqueue(part("56789", "bytes 5-9/10"));
  EXPECT_EQ(text({{"Range", "bytes=0-4"}}), "01234");
  EXPECT_EQ(text({{"Range", "bytes=5-"}}), "56789");
  EXPECT_EQ(text(), "0123456789");
  EXPECT_EQ(server_.request_count(), 2U);
}

// When something is wrong with the directory

TEST_P(DirectoryCachingCalls, AFileInPlaceOfTheDirectoryCostsNoCall) {
  std::ofstream(directory()) << "x";
  expect_that_calls_succeed();
  EXPECT_EQ(failures_told(), 1U);
}

TEST_P(DirectoryCachingCalls, AForeignFileInPlaceOfTheDatabaseCostsNoCall) {
  std::filesystem::create_directory(directory());
  std::ofstream(directory() + "/okhttp-cache.db") << std::string(5000, 'x');
  expect_that_calls_succeed();
  EXPECT_EQ(failures_told(), 1U);
}

TEST_P(DirectoryCachingCalls, DeletedFilesCostNoCall) {
  server_.enqueue(answer("kept", "max-age=60"));
  (void)text();
  cache_.flush();
  std::filesystem::remove_all(directory());
  expect_that_calls_succeed();
  EXPECT_EQ(failures_told(), 1U);
}

TEST_P(DirectoryCachingCalls, AFullDiskCostsNoCall) {
  server_.enqueue(answer("kept", "max-age=60"));
  (void)text();
  cache_.flush();
  const NoFileGrows full;
  for (int i = 0; i < 3; ++i) {
    const std::string path = "/" + std::to_string(i);
    server_.enqueue(answer(std::string(100000, 'x'), "max-age=60"));
    EXPECT_EQ(text({}, path).size(), 100000U);
  }
  EXPECT_EQ(text(), "kept") << "what is there can still be read";
  server_.enqueue(MockResponse("after"));
  EXPECT_EQ(text({}, "/after"), "after");
  cache_.flush();
  EXPECT_EQ(failures_told(), 1U);
}

TEST_P(DirectoryCachingCalls, ADirectoryThatCannotBeMadeCostsNoCall) {
  const Cache nowhere("/proc/self/cache", 1 << 20);
  std::atomic<int> told{0};
  nowhere.set_failure_handler([&told](const std::string&) { ++told; });
  client_ = client_.new_builder().cache(nowhere).build();
  expect_that_calls_succeed();
  nowhere.close();
  EXPECT_EQ(told, 1);
}

TEST_P(DirectoryCachingCalls, ADirectoryThatMayNotBeWrittenToCostsNoCall) {
  if (::geteuid() == 0) GTEST_SKIP() << "root may write anywhere";
  std::filesystem::create_directory(directory());
  ASSERT_EQ(::chmod(directory().c_str(), 0500), 0);
  expect_that_calls_succeed();
  EXPECT_EQ(failures_told(), 1U);
  ASSERT_EQ(::chmod(directory().c_str(), 0700), 0);
}

// When another process holds it

TEST_P(DirectoryCachingCalls, ACallEndsInTimeWhileAnotherProcessOpensTheDirectory) {
  std::filesystem::create_directory(directory());
  const int held = ::open((directory() + "/okhttp-cache.opening").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  ASSERT_EQ(::flock(held, LOCK_EX), 0);
  client_ = client_.new_builder().call_timeout(std::chrono::milliseconds(50)).build();
  EXPECT_EQ(failure_of(request()), Errc::timeout);
  ::close(held);
}

TEST_P(DirectoryCachingCalls, ACallEndsInTimeWhileAnotherProcessWrites) {
  server_.enqueue(answer("kept", "max-age=60"));
  server_.enqueue(MockResponse("changed"));
  (void)text();
  cache_.flush();
  internal::Sql other(directory() + "/okhttp-cache.db");
  other.run("BEGIN IMMEDIATE");
  client_ = client_.new_builder().call_timeout(std::chrono::milliseconds(500)).build();
  EXPECT_EQ(failure_of(Request::post(server_.url("/"), RequestBody::create("change"))), Errc::timeout);
  EXPECT_EQ(server_.request_count(), 2U);
  EXPECT_EQ(failures_told(), 0U) << "it was the writing that gave up first";
  other.run("ROLLBACK");
}

}  // namespace
}  // namespace okhttp

// okcurl with --cache: the program itself, run several times on one folder.

#include <okhttp/mockwebserver/mock_web_server.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <vector>

#include "okcurl/cache_choice.hpp"
#include "okcurl/okcurl_process.hpp"
#include "support/temporary_folder.hpp"

namespace okcurl {
namespace {

using okhttp::MockResponse;
using okhttp::MockWebServer;
using ::testing::HasSubstr;
using ::testing::Not;

class CacheEndToEndTest : public ::testing::Test {
 protected:
  RunResult run(std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"--cache", directory_, server_.url("/").to_string()});
    return okcurl(std::move(arguments));
  }
  void enqueue(const std::string& body, const std::string& control) {
    server_.enqueue(MockResponse::Builder().body(body).set_header("Cache-Control", control).build());
  }

  const okhttp::internal::TemporaryFolder folder_;
  const std::string directory_ = folder_.path().string() + "/cache";
  MockWebServer server_;
};

TEST_F(CacheEndToEndTest, TheNextRunIsAnsweredFromTheFolder) {
  enqueue("kept", "max-age=600");
  const RunResult first = run({"-v"});
  EXPECT_EQ(first.out, "kept");
  EXPECT_THAT(first.err, HasSubstr("* Not answered from the cache: nothing_stored"));
  const RunResult second = run({"-v"});
  EXPECT_EQ(second.exit_code, 0);
  EXPECT_EQ(second.out, "kept");
  EXPECT_THAT(second.err, HasSubstr("* Answered from the cache: fresh"));
  EXPECT_THAT(second.err, HasSubstr("< Age: "));
  EXPECT_THAT(second.err, Not(HasSubstr("Trying")));
  EXPECT_EQ(server_.request_count(), 1U);
}

TEST_F(CacheEndToEndTest, VerboseTellsWhyTheServerIsAsked) {
  server_.enqueue(MockResponse(200, okhttp::Headers::of({{"Cache-Control", "no-cache"}, {"ETag", "\"1\""}}), "kept"));
  server_.enqueue(MockResponse(304));
  (void)run({});
  const RunResult second = run({"-v"});
  EXPECT_EQ(second.out, "kept");
  EXPECT_THAT(second.err, HasSubstr("* In the cache, to be confirmed: response_no_cache"));
  EXPECT_THAT(second.err, HasSubstr("* Answered from the cache: not_modified"));
}

TEST_F(CacheEndToEndTest, OfflineTakesWhatIsThereHoweverOldAndFailsWithoutIt) {
  const RunResult nothing = run({"--offline"});
  EXPECT_EQ(nothing.exit_code, 22);
  EXPECT_THAT(nothing.err, HasSubstr("Not in the cache"));
  enqueue("old", "max-age=0");
  (void)run({});
  const RunResult result = run({"--offline"});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(result.out, "old");
  EXPECT_EQ(server_.request_count(), 1U);
}

TEST_F(CacheEndToEndTest, StatisticsAreToldAtTheEnd) {
  enqueue("kept", "max-age=600");
  const RunResult result = run({"--cache-stats", "--cache-size", "2M", server_.url("/").to_string()});
  EXPECT_EQ(result.out, "keptkept");
  EXPECT_THAT(result.err, HasSubstr("Cache: 2 requests, 1 to the network, 1 answered from the cache"));
  EXPECT_THAT(result.err, HasSubstr("of 2097152 bytes in use for 1 URLs"));
}

TEST_F(CacheEndToEndTest, AFolderThatIsOfNoUseIsToldOnceAndCostsNothingElse) {
  std::ofstream(directory_) << "x";
  enqueue("one", "max-age=600");
  enqueue("two", "max-age=600");
  const RunResult result = run({server_.url("/").to_string()});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(result.out, "onetwo");
  EXPECT_EQ(result.err.find("Warning: goes on without the cache"), result.err.rfind("Warning"));
  EXPECT_THAT(result.err, HasSubstr("Warning: goes on without the cache"));
}

TEST_F(CacheEndToEndTest, WhatCannotBeMeantIsRefused) {
  EXPECT_EQ(okcurl({"--offline", "http://localhost/"}).exit_code, 2);
  EXPECT_EQ(okcurl({"--cache-size", "1M", "http://localhost/"}).exit_code, 2);
  EXPECT_EQ(okcurl({"--cache-stats", "http://localhost/"}).exit_code, 2);
  EXPECT_EQ(run({"--cache-size", "many"}).exit_code, 2);
}

TEST(ParseSizeTest, UnitsArePowersOf1024) {
  EXPECT_EQ(parse_size("0"), 0U);
  EXPECT_EQ(parse_size("10"), 10U);
  EXPECT_EQ(parse_size("10k"), 10240U);
  EXPECT_EQ(parse_size("3M"), 3145728U);
  EXPECT_EQ(parse_size("1G"), 1073741824U);
  for (const char* text : {"", "M", "-1", "1.5M", "1MB", "9999999999G", "1 M"}) {
    EXPECT_EQ(parse_size(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace okcurl

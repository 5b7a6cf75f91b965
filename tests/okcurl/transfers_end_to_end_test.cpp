// -C, --retry, --limit-rate and where files go: the program itself against a MockWebServer.

#include <okhttp/mockwebserver/mock_web_server.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "okcurl/okcurl_process.hpp"
#include "okcurl/scratch_folder.hpp"

namespace okcurl {
namespace {

using okhttp::MockResponse;
using ::testing::HasSubstr;

class TransfersEndToEndTest : public ::testing::Test {
 protected:
  std::string url(std::string_view path = "/") { return server_.url(path).to_string(); }
  RunResult run(std::vector<std::string> arguments) {
    arguments.push_back(url());
    return OkcurlProcess(std::move(arguments)).in_folder(folder_.path()).run();
  }
  void put(std::string_view name, std::string_view content) { static_cast<void>(folder_.write(name, content)); }
  void answer_part(const std::string& range, std::string_view body) {
    server_.enqueue(MockResponse::Builder().code(206).set_header("Content-Range", range).body(body).build());
  }
  std::string asked_range() { return std::string(server_.take_request().value().header("Range").value_or("nothing")); }

  ScratchFolder folder_;
  okhttp::MockWebServer server_;
};

TEST_F(TransfersEndToEndTest, AFileIsContinuedWhereItEnds) {
  put("file", "hello ");
  answer_part("bytes 6-10/11", "world");
  const RunResult result = run({"-C", "-", "-o", "file"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(asked_range(), "bytes=6-");
  EXPECT_EQ(folder_.read("file"), "hello world");
}

TEST_F(TransfersEndToEndTest, WhatIsNotThereIsFetchedWhole) {
  server_.enqueue(MockResponse("hello world"));
  const RunResult result = run({"-C", "-", "-o", "file"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(asked_range(), "nothing");
  EXPECT_EQ(folder_.read("file"), "hello world");
}

TEST_F(TransfersEndToEndTest, WhatDoesNotBeginWhereTheFileEndsIsNotWrittenToIt) {
  put("file", "hello ");
  server_.enqueue(MockResponse("hello world"));
  RunResult result = run({"-C", "-", "-o", "file"});
  EXPECT_EQ(result.exit_code, 33);
  EXPECT_THAT(result.err, HasSubstr("from byte 6 on (code 200)"));
  answer_part("bytes 5-10/11", " world");
  result = run({"-C", "-", "-o", "file"});
  EXPECT_EQ(result.exit_code, 33);
  server_.enqueue(MockResponse::Builder().code(404).body("no such page").build());
  result = run({"-f", "-C", "-", "-o", "file"});
  EXPECT_EQ(result.exit_code, 22);
  EXPECT_EQ(folder_.read("file"), "hello ");
}

TEST_F(TransfersEndToEndTest, AFileThatIsWholeIsLeftAsItIs) {
  put("file", "hello");
  server_.enqueue(MockResponse::Builder().code(416).body("no such part").build());
  EXPECT_EQ(run({"-f", "-C", "-", "-o", "file"}).exit_code, 0);
  server_.enqueue(MockResponse("hello"));
  EXPECT_EQ(run({"-C", "-", "-o", "file"}).exit_code, 0);
  EXPECT_EQ(folder_.read("file"), "hello");
}

TEST_F(TransfersEndToEndTest, AnOffsetIsForStandardOutputToo) {
  answer_part("bytes 6-10/11", "world");
  const RunResult result = run({"--continue-at", "6"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(result.out, "world");
}

TEST_F(TransfersEndToEndTest, ThePartIsAskedForAfterARedirectToo) {
  put("file", "hello ");
  server_.enqueue(MockResponse::Builder().code(302).set_header("Location", "/there").body("it moved").build());
  answer_part("bytes 6-10/11", "world");
  EXPECT_EQ(run({"-L", "-C", "-", "-o", "file"}).exit_code, 0);
  EXPECT_EQ(asked_range(), "bytes=6-");
  EXPECT_EQ(asked_range(), "bytes=6-");
  EXPECT_EQ(folder_.read("file"), "hello world");
}

TEST_F(TransfersEndToEndTest, ATransientAnswerIsTriedAgainAndItsPageIsGone) {
  for (int i = 0; i < 2; ++i)
    server_.enqueue(MockResponse::Builder().code(502).body("a long page of an error").build());
  server_.enqueue(MockResponse("done"));
  const RunResult result = run({"--retry", "3", "--retry-delay", "0.001", "-d", "a=1", "-o", "file"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(folder_.read("file"), "done");
  EXPECT_THAT(result.err, HasSubstr("Problem: HTTP code 502. Will retry in 0.001 seconds. 2 more after that."));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(server_.take_request().value().body(), "a=1");
}

TEST_F(TransfersEndToEndTest, ThePageOfAnErrorIsNotContinued) {
  server_.enqueue(MockResponse::Builder().code(502).body("a long page of an error").build());
  server_.enqueue(MockResponse("hello world"));
  const RunResult result = run({"-C", "-", "--retry", "1", "--retry-delay", "0.001", "-o", "file"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(folder_.read("file"), "hello world");
}

TEST_F(TransfersEndToEndTest, EveryTryContinuesAtTheSamePlace) {
  put("file", "hello ");
  server_.enqueue(MockResponse::Builder()
                      .code(206)
                      .set_header("Content-Range", "bytes 6-10/11")
                      .body("world")
                      .on_response_body(okhttp::SocketEffect::close_socket())
                      .build());
  answer_part("bytes 6-10/11", "world");
  const RunResult result =
      run({"-C", "-", "--retry", "1", "--retry-delay", "0.001", "--retry-all-errors", "-o", "file"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(asked_range(), "bytes=6-");
  EXPECT_EQ(asked_range(), "bytes=6-");
  EXPECT_EQ(folder_.read("file"), "hello world");
}

TEST_F(TransfersEndToEndTest, WhatIsBehindTheGivenPlaceIsWrittenAnew) {
  put("file", "hello damage");
  answer_part("bytes 6-10/11", "world");
  EXPECT_EQ(run({"-C", "6", "-o", "file"}).exit_code, 0);
  EXPECT_EQ(folder_.read("file"), "hello world");
}

TEST_F(TransfersEndToEndTest, TheLastAnswerCountsWhenNoTryIsLeft) {
  for (int i = 0; i < 4; ++i) server_.enqueue(MockResponse::Builder().code(502).body("sorry").build());
  const RunResult shown = run({"-s", "--retry", "1", "--retry-delay", "0.001", "-o", "file"});
  EXPECT_EQ(shown.exit_code, 0);
  EXPECT_EQ(shown.err, "");
  EXPECT_EQ(folder_.read("file"), "sorry");
  EXPECT_EQ(run({"-f", "--retry", "1", "--retry-delay", "0.001"}).exit_code, 22);
  EXPECT_EQ(server_.request_count(), 4U);
}

TEST_F(TransfersEndToEndTest, ARefusedConnectionIsTriedAgain) {
  const std::string address = url();
  server_.close();
  const RunResult result =
      OkcurlProcess({"--retry", "2", "--retry-delay", "0.001", "--retry-connrefused", address}).run();
  EXPECT_EQ(result.exit_code, 7);
  EXPECT_THAT(result.err, HasSubstr("1 more after that"));
  EXPECT_THAT(result.err, HasSubstr("0 more after that"));
}

TEST_F(TransfersEndToEndTest, NothingIsLostToALimitOfTheRate) {
  const std::string data(300'000, 'x');
  server_.enqueue(MockResponse(data));
  const RunResult result = OkcurlProcess({"--limit-rate", "20M", "--data-binary", "@-", url()}).input(data).run();
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_TRUE(result.out == data);
  const auto request = server_.take_request().value();
  EXPECT_TRUE(request.body() == data);
  EXPECT_EQ(request.header("Content-Length"), "300000");
}

TEST_F(TransfersEndToEndTest, FilesGoToTheFolderThatIsMadeForThem) {
  server_.enqueue(MockResponse("one"));
  server_.enqueue(MockResponse("two"));
  const RunResult result =
      OkcurlProcess({"--remote-name-all", "--output-dir", "new/deep", "--create-dirs", "-o", "1", url("/a"), url("/b")})
          .in_folder(folder_.path())
          .run();
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(folder_.read("new/deep/1"), "one");
  EXPECT_EQ(folder_.read("new/deep/b"), "two");
}

TEST_F(TransfersEndToEndTest, TheFirstFailureIsTheLastWhereThatIsAsked) {
  for (int i = 0; i < 2; ++i) server_.enqueue(MockResponse::Builder().code(404).build());
  EXPECT_EQ(OkcurlProcess({"-s", "-f", "--fail-early", url(), url()}).run().exit_code, 22);
  EXPECT_EQ(server_.request_count(), 1U);
}

}  // namespace
}  // namespace okcurl

// What okcurl sends: the program itself against a MockWebServer.

#include <okhttp/mockwebserver/mock_web_server.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "okcurl/okcurl_process.hpp"
#include "okcurl/scratch_folder.hpp"
#include "support/codings.hpp"
#include "support/unix_server.hpp"

namespace okcurl {
namespace {

using okhttp::MockResponse;
using okhttp::RecordedRequest;
using ::testing::ElementsAre;
using ::testing::StartsWith;

class RequestsEndToEndTest : public ::testing::Test {
 protected:
  void SetUp() override {
    server_.set_dispatcher([](const RecordedRequest&) { return MockResponse("ok"); });
  }
  std::string url(std::string_view path = "/") { return server_.url(path).to_string(); }

  /// The one request that these arguments, and the URL, lead to.
  RecordedRequest sent(std::vector<std::string> arguments, std::string_view input = {}, std::string_view path = "/") {
    arguments.push_back(url(path));
    const RunResult run = OkcurlProcess(std::move(arguments)).input(input).run();
    EXPECT_EQ(run.exit_code, 0) << run.err;
    EXPECT_EQ(run.err, "");
    return server_.take_request().value();
  }
  static std::vector<std::string> names(const RecordedRequest& request) {
    std::vector<std::string> names;
    for (const auto field : request.headers()) names.emplace_back(field.name);
    return names;
  }

  okhttp::MockWebServer server_;
};

TEST_F(RequestsEndToEndTest, AGetSendsWhatCurlSends) {
  const RecordedRequest request = sent({});
  EXPECT_EQ(request.request_line(), "GET / HTTP/1.1");
  EXPECT_THAT(names(request), ElementsAre("Host", "User-Agent", "Accept"));
  EXPECT_THAT(std::string(request.header("User-Agent").value()), StartsWith("okcurl/"));
  EXPECT_EQ(request.header("Accept"), "*/*");
}

TEST_F(RequestsEndToEndTest, MethodHeadersAgentAndRefererAreThoseGiven) {
  const RecordedRequest request =
      sent({"-X", "DELETE", "-H", "X-One: 1", "-H", "X-Empty;", "-H", "Accept:", "-A", "me/1", "-e", "http://from/"});
  EXPECT_EQ(request.method(), "DELETE");
  EXPECT_THAT(names(request), ElementsAre("Host", "User-Agent", "Referer", "X-One", "X-Empty"));
  EXPECT_EQ(request.header("User-Agent"), "me/1");
  EXPECT_EQ(request.header("Referer"), "http://from/");
  EXPECT_EQ(request.header("X-Empty"), "");
}

TEST_F(RequestsEndToEndTest, HeadersMayBeRemovedAndReplaced) {
  const RecordedRequest request = sent({"-H", "User-Agent:", "-H", "Accept: text/plain", "-H", "Connection: close"});
  EXPECT_THAT(names(request), ElementsAre("Host", "Accept", "Connection"));
  EXPECT_EQ(sent({"-A", ""}).header("User-Agent"), std::nullopt);
}

TEST_F(RequestsEndToEndTest, HeadersMayStandInAFile) {
  const ScratchFolder folder;
  const RecordedRequest request = sent({"-H", "@" + folder.write("headers", "X-One: 1\r\nX-Two: 2\n")});
  EXPECT_EQ(request.header("X-One"), "1");
  EXPECT_EQ(request.header("X-Two"), "2");
}

TEST_F(RequestsEndToEndTest, DataIsPostedAsAForm) {
  const RecordedRequest request = sent({"-d", "a=1", "-d", "b=2"});
  EXPECT_EQ(request.method(), "POST");
  EXPECT_EQ(request.body(), "a=1&b=2");
  EXPECT_EQ(request.header("Content-Type"), "application/x-www-form-urlencoded");
  EXPECT_EQ(request.header("Content-Length"), "7");
}

TEST_F(RequestsEndToEndTest, DataComesFromFilesAndStandardInput) {
  const ScratchFolder folder;
  const std::string path = folder.write("data", "one\ntwo\n");
  EXPECT_EQ(sent({"-d", "@" + path}).body(), "onetwo");
  EXPECT_EQ(sent({"--data-binary", "@" + path}).body(), "one\ntwo\n");
  EXPECT_EQ(sent({"--data-raw", "@" + path}).body(), "@" + path);
  EXPECT_EQ(sent({"-d", "@-"}, "from\nstdin").body(), "fromstdin");
  EXPECT_EQ(sent({"--data-binary", "@-"}, "from\nstdin").body(), "from\nstdin");
  EXPECT_EQ(sent({"--data-urlencode", "q=a b"}).body(), "q=a%20b");
}

TEST_F(RequestsEndToEndTest, DataMayBePutOrSentInChunks) {
  const RecordedRequest request =
      sent({"-X", "PUT", "-H", "Content-Type: text/plain", "-H", "Transfer-Encoding: chunked", "-d", "hello"});
  EXPECT_EQ(request.method(), "PUT");
  EXPECT_EQ(request.body(), "hello");
  EXPECT_EQ(request.header("Content-Type"), "text/plain");
  EXPECT_EQ(request.header("Content-Length"), std::nullopt);
  EXPECT_THAT(request.chunk_sizes(), ElementsAre(5U));
}

TEST_F(RequestsEndToEndTest, GetMovesDataIntoTheQuery) {
  const RecordedRequest request = sent({"-G", "-d", "b=2"}, {}, "/p?a=1");
  EXPECT_EQ(request.request_line(), "GET /p?a=1&b=2 HTTP/1.1");
  EXPECT_EQ(request.body(), "");
}

TEST_F(RequestsEndToEndTest, UserAndUserInfoBecomeBasicAuthentication) {
  EXPECT_EQ(sent({"-u", "user:pass"}).header("Authorization"), "Basic dXNlcjpwYXNz");
  const std::string with_user = "http://us%40er:pass@localhost:" + std::to_string(server_.port()) + "/";
  EXPECT_EQ(okcurl({with_user}).exit_code, 0);
  const RecordedRequest request = server_.take_request().value();
  EXPECT_EQ(request.header("Authorization"), "Basic dXNAZXI6cGFzcw==");
  EXPECT_EQ(request.header("Host"), "localhost:" + std::to_string(server_.port()));
}

TEST_F(RequestsEndToEndTest, ARangeIsAskedFor) { EXPECT_EQ(sent({"-r", "0-9"}).header("Range"), "bytes=0-9"); }

TEST_F(RequestsEndToEndTest, CompressionIsAskedForOnlyWhenWanted) {
  EXPECT_EQ(sent({}).header("Accept-Encoding"), std::nullopt);
  std::string all;
  for (const auto& coding : okhttp::built_in_codings()) all += (all.empty() ? "" : ", ") + std::string(coding->name());
  EXPECT_EQ(sent({"--compressed"}).header("Accept-Encoding"), all);
  EXPECT_EQ(sent({"--compressed", "-r", "0-9"}).header("Accept-Encoding"), std::nullopt);
  EXPECT_EQ(sent({"-H", "Accept-Encoding: br"}).header("Accept-Encoding"), "br");
}

TEST_F(RequestsEndToEndTest, SeveralUrlsShareOneConnection) {
  EXPECT_EQ(okcurl({"-s", url("/1"), url("/2"), url("/3")}).out, "okokok");
  EXPECT_EQ(server_.connection_count(), 1U);
  EXPECT_EQ(server_.request_count(), 3U);
}

TEST_F(RequestsEndToEndTest, AnAddressOfOursMayBeDialledFrom) {
  EXPECT_EQ(okcurl({"-s", "--interface", "127.0.0.9", "http://127.0.0.1:" + std::to_string(server_.port())}).out, "ok");
  EXPECT_EQ(okcurl({"-s", "--interface", "if!lo", "http://127.0.0.1:" + std::to_string(server_.port())}).out, "ok");
}

TEST_F(RequestsEndToEndTest, AUnixSocketTakesThePlaceOfTheHost) {
  const ScratchFolder folder;
  const std::string path = folder.path_of("socket");
  const okhttp::UnixServer server(path);
  const RunResult run = okcurl({"-sv", "--unix-socket", path, "http://nowhere.invalid/path"});
  EXPECT_THAT(run.out, StartsWith("GET /path HTTP/1.1\r\nHost: nowhere.invalid\r\n"));
  EXPECT_THAT(run.err, ::testing::HasSubstr("unix:" + path));
  EXPECT_EQ(okcurl({"--unix-socket", path + ".not", "http://nowhere.invalid/"}).exit_code, 7);
  EXPECT_EQ(okcurl({"--unix-socket", std::string(200, 'x'), "http://nowhere.invalid/"}).exit_code, 2);
}

TEST_F(RequestsEndToEndTest, HeadAsksForTheHeadOnly) {
  const std::vector<std::string> arguments = {"-I", url()};
  const RunResult run = okcurl(arguments);
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_EQ(run.out, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n");
  EXPECT_EQ(server_.take_request()->method(), "HEAD");
}

}  // namespace
}  // namespace okcurl

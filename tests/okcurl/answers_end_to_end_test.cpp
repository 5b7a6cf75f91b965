// What okcurl makes of answers: the program itself against a MockWebServer.

#include <okhttp/mockwebserver/held_certificate.hpp>
#include <okhttp/mockwebserver/mock_web_server.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "okcurl/okcurl_process.hpp"
#include "support/codings.hpp"

namespace okcurl {
namespace {

using okhttp::HeldCertificate;
using okhttp::MockResponse;
using okhttp::MockWebServer;
using okhttp::RecordedRequest;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr char kGzippedHello[] =
    "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff\xcb\x48\xcd\xc9\xc9\x07\x00\x86\xa6\x10\x36\x05\x00\x00\x00";

MockResponse redirect_to(const std::string& location, int code = 302) {
  return MockResponse::Builder().code(code).set_header("Location", location).body("it moved").build();
}

MockResponse gzipped(std::string_view bytes) {
  return MockResponse::Builder().body(bytes).set_header("Content-Encoding", "gzip").build();
}

class AnswersEndToEndTest : public ::testing::Test {
 protected:
  std::string url(std::string_view path = "/") { return server_.url(path).to_string(); }
  /// Runs okcurl with these arguments and the server's URL.
  RunResult run(std::vector<std::string> arguments, std::string_view path = "/") {
    arguments.push_back(url(path));
    return okcurl(std::move(arguments));
  }

  MockWebServer server_;
};

TEST_F(AnswersEndToEndTest, TheBodyGoesToStandardOutput) {
  server_.enqueue(MockResponse("hello\n"));
  const RunResult result = run({});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(result.out, "hello\n");
  EXPECT_EQ(result.err, "");
}

TEST_F(AnswersEndToEndTest, ALargeBodyArrivesWhole) {
  constexpr std::uint64_t kSize = 3U << 20;
  server_.enqueue(MockResponse::Builder().generated_chunked_body(kSize).build());
  const RunResult result = run({});
  EXPECT_EQ(result.exit_code, 0);
  ASSERT_EQ(result.out.size(), kSize);
  for (const std::uint64_t offset : {std::uint64_t{0}, std::uint64_t{70000}, kSize - 1}) {
    EXPECT_EQ(result.out[offset], MockResponse::Builder::generated_byte(offset));
  }
}

TEST_F(AnswersEndToEndTest, OutputsArePairedWithUrls) {
  server_.enqueue(MockResponse("one"));
  server_.enqueue(MockResponse("two"));
  server_.enqueue(MockResponse("three"));
  const ScratchFolder folder;
  const RunResult result = OkcurlProcess({"-o", "first", "-O", url("/1"), url("/dir/second.txt?x"), url("/3")})
                               .in_folder(folder.path())
                               .run();
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(folder.read("first"), "one");
  EXPECT_EQ(folder.read("second.txt"), "two");
  EXPECT_EQ(result.out, "three");
}

TEST_F(AnswersEndToEndTest, AFileIsMadeForAnEmptyBodyButNotForAFailure) {
  const ScratchFolder folder;
  server_.enqueue(MockResponse());
  EXPECT_EQ(run({"-o", folder.path_of("empty")}).exit_code, 0);
  EXPECT_TRUE(folder.has("empty"));
  server_.enqueue(MockResponse(404));
  EXPECT_EQ(run({"-f", "-o", folder.path_of("failed")}).exit_code, 22);
  EXPECT_FALSE(folder.has("failed"));
}

TEST_F(AnswersEndToEndTest, IncludeShowsTheHeadAsItCame) {
  server_.enqueue(MockResponse::Builder().code(404).set_header("X-Mixed-Case", "Yes").body("gone").build());
  const RunResult result = run({"-i"});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.out, StartsWith("HTTP/1.1 404 Not Found\r\n"));
  EXPECT_THAT(result.out, HasSubstr("X-Mixed-Case: Yes\r\n"));
  EXPECT_THAT(result.out, HasSubstr("\r\n\r\ngone"));
}

TEST_F(AnswersEndToEndTest, ARedirectIsNotFollowedUnlessAskedFor) {
  server_.enqueue(redirect_to("/2"));
  EXPECT_EQ(run({}).out, "it moved");
  EXPECT_EQ(server_.request_count(), 1U);
}

TEST_F(AnswersEndToEndTest, LocationFollowsRedirectsAndShowsEveryHead) {
  server_.enqueue(redirect_to("/2", 303));
  server_.enqueue(MockResponse("there"));
  const RunResult result = run({"-iL", "-d", "form"});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.out, StartsWith("HTTP/1.1 303 See Other\r\n"));
  EXPECT_THAT(result.out, HasSubstr("\r\n\r\nHTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(result.out, Not(HasSubstr("it moved")));
  EXPECT_THAT(result.out, HasSubstr("\r\n\r\nthere"));
  EXPECT_EQ(server_.take_request()->method(), "POST");
  const auto second = server_.take_request();
  EXPECT_EQ(second->request_line(), "GET /2 HTTP/1.1");
  EXPECT_EQ(second->body(), "");
  EXPECT_EQ(server_.connection_count(), 1U);
}

TEST_F(AnswersEndToEndTest, ATemporaryRedirectKeepsTheBody) {
  server_.enqueue(redirect_to("/2", 307));
  server_.enqueue(MockResponse());
  EXPECT_EQ(run({"-L", "-d", "form"}).exit_code, 0);
  (void)server_.take_request();
  const auto second = server_.take_request();
  EXPECT_EQ(second->request_line(), "POST /2 HTTP/1.1");
  EXPECT_EQ(second->body(), "form");
}

TEST_F(AnswersEndToEndTest, RedirectsMayGoOnAsLongAsTheyMay) {
  for (int i = 0; i < 30; ++i) server_.enqueue(redirect_to("/again"));
  server_.enqueue(MockResponse("at last"));
  EXPECT_EQ(run({"-L"}).out, "at last");  // curl follows 50 unless told otherwise
}

TEST_F(AnswersEndToEndTest, TooManyRedirectsAre47) {
  server_.set_dispatcher([](const RecordedRequest&) { return redirect_to("/again"); });
  const RunResult result = run({"-L", "--max-redirs", "3"});
  EXPECT_EQ(result.exit_code, 47);
  EXPECT_EQ(result.err, "okcurl: (47) Maximum (3) redirects followed\n");
  EXPECT_EQ(server_.request_count(), 4U);
}

TEST_F(AnswersEndToEndTest, SecretsDoNotFollowARedirectToAnotherOrigin) {
  MockWebServer other;
  other.enqueue(MockResponse("other"));
  server_.enqueue(redirect_to(other.url("/").to_string()));
  EXPECT_EQ(run({"-L", "-u", "a:b", "-H", "Cookie: c=1"}).out, "other");
  EXPECT_EQ(server_.take_request()->header("Authorization"), "Basic YTpi");
  const auto away = other.take_request();
  EXPECT_EQ(away->header("Authorization"), std::nullopt);
  EXPECT_EQ(away->header("Cookie"), std::nullopt);
}

TEST_F(AnswersEndToEndTest, ARedirectToAnotherProtocolIs1) {
  server_.enqueue(redirect_to("ftp://localhost/"));
  EXPECT_EQ(run({"-L"}).exit_code, 1);
}

TEST_F(AnswersEndToEndTest, FailHidesThePageOfAnError) {
  server_.enqueue(MockResponse(404, "a long page"));
  const RunResult result = run({"-f"});
  EXPECT_EQ(result.exit_code, 22);
  EXPECT_EQ(result.out, "");
  EXPECT_EQ(result.err, "okcurl: (22) The requested URL returned error: 404\n");
}

TEST_F(AnswersEndToEndTest, SilentHidesMessagesAndShowErrorBringsThemBack) {
  server_.enqueue(MockResponse(500));
  EXPECT_EQ(run({"-sf"}).err, "");
  server_.enqueue(MockResponse(500));
  EXPECT_THAT(run({"-sSf"}).err, HasSubstr("(22)"));
}

TEST_F(AnswersEndToEndTest, CompressedBodiesAreDecodedOnlyWhenAskedFor) {
  const std::string coded(kGzippedHello, sizeof kGzippedHello - 1);
  server_.enqueue(gzipped(coded));
  EXPECT_EQ(run({}).out, coded);
  server_.enqueue(gzipped(coded));
  const RunResult result = run({"--compressed", "-i"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("Content-Encoding: gzip\r\n"));
  EXPECT_THAT(result.out, HasSubstr("\r\n\r\nhello"));
}

TEST_F(AnswersEndToEndTest, EveryCodingThatIsBuiltInIsDecoded) {
  for (const auto& coding : okhttp::built_in_codings()) {
    server_.enqueue(MockResponse::Builder()
                        .body(okhttp::encoded(*coding, "hello"))
                        .set_header("Content-Encoding", coding->name())
                        .build());
    EXPECT_EQ(run({"--compressed"}).out, "hello") << coding->name();
  }
}

TEST_F(AnswersEndToEndTest, VerboseTellsWhatHappensAndHidesSecrets) {
  server_.enqueue(MockResponse::Builder().set_header("Set-Cookie", "session=hidden").body("1").build());
  server_.enqueue(MockResponse("2"));
  const RunResult result = okcurl({"-sv", "-u", "user:password", "-H", "Cookie: crumb=hidden", url("/1"), url("/2")});
  EXPECT_EQ(result.out, "12");
  EXPECT_THAT(result.err, HasSubstr("* Connected to localhost"));
  EXPECT_THAT(result.err, HasSubstr("> GET /1 HTTP/1.1\n> Host: localhost:"));
  EXPECT_THAT(result.err, HasSubstr("> Authorization: <redacted>\n"));
  EXPECT_THAT(result.err, HasSubstr("> Cookie: <redacted>\n"));
  EXPECT_THAT(result.err, HasSubstr("< HTTP/1.1 200 OK\n"));
  EXPECT_THAT(result.err, HasSubstr("< Set-Cookie: <redacted>\n"));
  EXPECT_THAT(result.err, HasSubstr("* Re-using existing connection #0 with host localhost\n"));
  EXPECT_THAT(result.err, Not(HasSubstr("hidden")));
  EXPECT_THAT(result.err, Not(HasSubstr("dXNlcjpwYXNzd29yZA")));
  EXPECT_THAT(result.err, Not(HasSubstr("\x1b")));  // no colours in a file
}

TEST_F(AnswersEndToEndTest, HttpsIsVerifiedUnlessToldOtherwise) {
  const HeldCertificate certificate = HeldCertificate::localhost();
  server_.use_https(certificate);
  server_.set_dispatcher([](const RecordedRequest&) { return MockResponse("secure"); });
  const RunResult refused = run({});
  EXPECT_EQ(refused.exit_code, 60);
  EXPECT_THAT(refused.err, StartsWith("okcurl: (60) "));
  EXPECT_EQ(run({"-k"}).out, "secure");

  const ScratchFolder folder;
  const RunResult trusted = run({"-v", "--http1.1", "--cacert", folder.write("ca.pem", certificate.certificate_pem())});
  EXPECT_EQ(trusted.out, "secure");
  EXPECT_THAT(trusted.err, HasSubstr("* SSL connection using TLSv1.3 / TLS_"));
  EXPECT_THAT(trusted.err, HasSubstr("* Server certificate:\n"));
}

TEST_F(AnswersEndToEndTest, TheExitCodeIsThatOfTheLastUrl) {
  server_.enqueue(MockResponse(404));
  server_.enqueue(MockResponse("fine"));
  const RunResult result = okcurl({"-f", url("/1"), url("/2")});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(result.out, "fine");
  EXPECT_THAT(result.err, HasSubstr("(22)"));
}

}  // namespace
}  // namespace okcurl

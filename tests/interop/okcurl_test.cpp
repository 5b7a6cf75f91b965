// okcurl against real servers, compared with curl: the same output, files and exit code for the same arguments.

#include "places.hpp"

#ifdef OKCURL_PATH

#include "interop/support/run_program.hpp"
#include "interop/support/server_test.hpp"

namespace okhttp::interop {
namespace {

using Arguments = std::vector<std::string>;

/// A program's output without the header fields in which two answers to one request differ.
std::string without_dates(const std::string& output) {
  std::string kept;
  for (std::size_t at = 0; at < output.size();) {
    std::size_t end = output.find('\n', at);
    end = end == std::string::npos ? output.size() : end + 1;
    const std::string_view line(output.data() + at, end - at);
    if (!line.starts_with("Date: ") && !line.starts_with("date: ")) kept += line;
    at = end;
  }
  return kept;
}

class OkcurlTest : public EachServerTest {
 protected:
  [[nodiscard]] static ProgramResult run(const std::string& program, const Arguments& arguments) {
    std::vector<std::string> command = {program};
    command.insert(command.end(), arguments.begin(), arguments.end());
    return run_program(command);
  }
  [[nodiscard]] static ProgramResult okcurl(const Arguments& arguments) { return run(OKCURL_PATH, arguments); }

  /// Runs both, which are told to trust the site's root.
  void expect_what_curl_does(const Arguments& arguments) {
    std::string shown;
    for (const std::string& argument : arguments) shown += " " + argument.substr(0, 100);
    SCOPED_TRACE(shown);
    Arguments all = {"--cacert", Site::get().root_file().string(), "--http1.1", "-s"};
    all.insert(all.end(), arguments.begin(), arguments.end());
    const ProgramResult expected = run("/usr/bin/curl", all);
    ASSERT_NE(expected.status, 127) << "curl is not installed. Please run: apt-get install curl";
    const ProgramResult actual = okcurl(all);
    EXPECT_EQ(actual.status, expected.status) << actual.err;
    EXPECT_EQ(without_dates(actual.out), without_dates(expected.out));
    EXPECT_EQ(actual.files, expected.files);
  }
};

INSTANTIATE_TEST_SUITE_P(Servers, OkcurlTest, ::testing::Combine(kAllServers, kHttp1Ways), name_of);

TEST_P(OkcurlTest, FetchesWhatCurlFetches) {
  expect_what_curl_does({url("/1k")});
  expect_what_curl_does({url("/chunked")});
  expect_what_curl_does({url("/close"), url("/1k")});
  expect_what_curl_does({url("/until-close")});
  expect_what_curl_does({url("/http10/1k")});
  expect_what_curl_does({url("/missing")});
  expect_what_curl_does({"-f", url("/missing")});
  expect_what_curl_does({"-o", "file", url("/64m")});
  expect_what_curl_does({"-O", url("/1k"), "-O", url("/text")});
}

TEST_P(OkcurlTest, ShowsTheHeadsThatCurlShows) {
  expect_what_curl_does({"-i", url("/1k")});
  expect_what_curl_does({"-I", url("/1k")});
  expect_what_curl_does({"-I", url("/64m")});
  expect_what_curl_does({"-i", url("/redirect")});
  expect_what_curl_does({"-L", "-i", url("/redirect")});
  expect_what_curl_does({"-L", "-I", url("/redirect")});
  expect_what_curl_does({"-i", url("/discard")});
  expect_what_curl_does({"-i", url("/big-headers")});
}

TEST_P(OkcurlTest, FollowsWhereCurlFollows) {
  expect_what_curl_does({"-L", url("/redirect")});
  expect_what_curl_does({"-L", url("/absolute-redirect")});
  expect_what_curl_does({"-L", url("/to-https")});
  expect_what_curl_does({"-L", url("/to-http")});
  expect_what_curl_does({"-L", "-d", "body", url("/redirect-308")});
  expect_what_curl_does({"-L", "--max-redirs", "3", "-o", "file", url("/loop")});
}

TEST_P(OkcurlTest, AsksForRangesAndCodingsAsCurlDoes) {
  expect_what_curl_does({"-r", "10-19", url("/1k")});
  expect_what_curl_does({"-r", "-24", url("/1k")});
  expect_what_curl_does({"-r", "1000-", url("/1k")});
  expect_what_curl_does({"-i", "-r", "5000-", url("/1k")});
  expect_what_curl_does({"--compressed", url("/text")});
  expect_what_curl_does({url("/text")});
}

TEST_P(OkcurlTest, SendsWhatCurlSends) {
  expect_what_curl_does({"-i", "-d", "a=1", "-d", "b=2", url("/discard")});
  expect_what_curl_does({"-i", "-X", "DELETE", url("/discard")});
  expect_what_curl_does({"-i", "-H", "X-Large: " + std::string(30000, 'x'), url("/1k")});
}

TEST_P(OkcurlTest, FailsAsCurlFails) {
  const std::string other = RealServer::url(Scheme::https, server().ports().other_name, "/1k");
  expect_what_curl_does({other});
  expect_what_curl_does({"-k", other});
  expect_what_curl_does({RealServer::url(Scheme::https, server().ports().http, "/1k")});
  expect_what_curl_does({"http://localhost:1/"});
  EXPECT_EQ(okcurl({"-s", server().url(Scheme::https, "/1k")}).status, 60);
}

class OkcurlApacheTest : public OkcurlTest {};

INSTANTIATE_TEST_SUITE_P(Servers, OkcurlApacheTest,
                         ::testing::Combine(::testing::Values(ServerKind::apache), kHttp1Ways), name_of);

TEST_P(OkcurlApacheTest, ProvesWhoItIsAsCurlDoes) {
  const Arguments who = {"-f", "-u", "jane:open sesame"};
  for (const char* path : {"/basic", "/digest"}) {
    for (const Arguments& how : {Arguments{}, {"--basic"}, {"--digest"}, {"--anyauth"}, {"--basic", "--digest"}}) {
      Arguments all = who;
      all.insert(all.end(), how.begin(), how.end());
      all.push_back(url(path));
      expect_what_curl_does(all);
    }
  }
  expect_what_curl_does({"-i", "--anyauth", "-u", "jane:open sesame", url("/basic")});
  expect_what_curl_does({"--digest", "-f", "-u", "jane:wrong", url("/digest")});
}

class OkcurlNodeTest : public OkcurlTest {};

INSTANTIATE_TEST_SUITE_P(Servers, OkcurlNodeTest, ::testing::Combine(::testing::Values(ServerKind::node), kHttp1Ways),
                         name_of);

TEST_P(OkcurlNodeTest, PostsAreEchoed) {
  const std::string file = (Site::get().documents() / "64m").string();
  expect_what_curl_does({"-d", "a=1", url("/echo")});
  expect_what_curl_does({"-d", "a=1", "-H", "Content-Type: text/x", url("/echo")});
  expect_what_curl_does({"--data-binary", "@" + file, url("/sha256")});
  expect_what_curl_does({"-L", "-d", "a=1", url("/redirect-303-echo")});
  expect_what_curl_does({"-L", "-d", "a=1", url("/redirect-307-echo")});
}

TEST_P(OkcurlNodeTest, OddAnswersEndAsInCurl) {
  expect_what_curl_does({url("/trailers")});
  expect_what_curl_does({url("/early-hints")});
  expect_what_curl_does({url("/slow")});
  expect_what_curl_does({url("/truncated")});
  expect_what_curl_does({url("/truncated-chunked")});
  expect_what_curl_does({"-m", "0.3", url("/stall-head")});
  expect_what_curl_does({"-m", "0.3", url("/stall-body")});
}

}  // namespace
}  // namespace okhttp::interop

#endif  // OKCURL_PATH

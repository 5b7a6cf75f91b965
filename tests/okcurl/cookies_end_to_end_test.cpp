// -b, -c and -j: the program itself against a MockWebServer.

#include <okhttp/mockwebserver/mock_web_server.hpp>

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "okcurl/okcurl_process.hpp"
#include "okcurl/scratch_folder.hpp"

namespace okcurl {
namespace {

using okhttp::MockResponse;

constexpr std::string_view kHeading = "# Netscape HTTP Cookie File\n";

class CookiesEndToEndTest : public ::testing::Test {
 protected:
  std::string url(std::string_view path = "/") { return server_.url(path).to_string(); }
  static RunResult okcurl(std::vector<std::string> arguments, std::string_view input = {}) {
    RunResult result = OkcurlProcess(std::move(arguments)).input(input).run();
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return result;
  }
  std::optional<std::string> received() {
    const auto request = server_.take_request().value();
    const auto field = request.header("Cookie");
    return field.has_value() ? std::optional<std::string>(*field) : std::nullopt;
  }
  void answer(const std::vector<std::string>& cookies) {
    MockResponse::Builder response;
    for (const std::string& cookie : cookies) response.add_header("Set-Cookie", cookie);
    server_.enqueue(response.build());
  }
  void redirect(const std::string& to, const std::string& cookie) {
    server_.enqueue(
        MockResponse::Builder().code(302).add_header("Set-Cookie", cookie).set_header("Location", to).build());
  }

  ScratchFolder folder_;
  okhttp::MockWebServer server_;
};

TEST_F(CookiesEndToEndTest, DataIsSentAsItStands) {
  answer({"a=1"});
  okcurl({"-b", "name=value; n2=v2", "--cookie", "third=3", url()});
  EXPECT_EQ(received(), "name=value; n2=v2; third=3");
}

TEST_F(CookiesEndToEndTest, NoneAreKeptUnlessAsked) {
  answer({"a=1"});
  answer({});
  okcurl({url(), url()});
  EXPECT_EQ(received(), std::nullopt);
  EXPECT_EQ(received(), std::nullopt);
}

TEST_F(CookiesEndToEndTest, AnEmptyFileNameKeepsThemFromUrlToUrl) {
  answer({"a=1"});
  answer({});
  okcurl({"-b", "", url(), url()});
  EXPECT_EQ(received(), std::nullopt);
  EXPECT_EQ(received(), "a=1");
}

TEST_F(CookiesEndToEndTest, KeptOnesGoBeforeThoseGivenAlsoAlongRedirects) {
  redirect("/there", "hop=1");
  answer({});
  okcurl({"-L", "-b", "", "-b", "own=2", url()});
  EXPECT_EQ(received(), "own=2");
  EXPECT_EQ(received(), "hop=1; own=2");
}

TEST_F(CookiesEndToEndTest, ThoseGivenDoNotFollowARedirectToAnotherHost) {
  redirect(server_.url("/").new_builder().host("127.0.0.1").build().to_string(), "hop=1");
  answer({});
  okcurl({"-L", "-b", "", "-b", "own=2", url()});
  EXPECT_EQ(received(), "own=2");
  EXPECT_EQ(received(), std::nullopt);
}

TEST_F(CookiesEndToEndTest, AreReadFromAFile) {
  const std::string host(server_.url("/").host());
  const std::string file = folder_.write("in.txt", host + "\tFALSE\t/\tFALSE\t0\tsession\t1\n" + host +
                                                       "\tFALSE\t/\tFALSE\t99999999999\tlasting\t2\n" +
                                                       "other.example\tFALSE\t/\tFALSE\t0\tother\t3\n");
  for (int i = 0; i < 4; ++i) answer({});
  okcurl({"-b", file, url()});
  EXPECT_EQ(received(), "session=1; lasting=2");
  okcurl({"-j", "-b", file, url()});
  EXPECT_EQ(received(), "lasting=2");
  okcurl({"-b", "-", url()}, host + "\tFALSE\t/\tFALSE\t0\tpiped\t1\n");
  EXPECT_EQ(received(), "piped=1");
  okcurl({"-b", folder_.path_of("missing"), url()});
  EXPECT_EQ(received(), std::nullopt);
}

TEST_F(CookiesEndToEndTest, AreWrittenToAFile) {
  const std::string host(server_.url("/").host());
  const std::string file = folder_.path_of("out.txt");
  answer({"a=1; HttpOnly"});
  okcurl({"-c", file, url()});
  const std::string line = "#HttpOnly_" + host + "\tFALSE\t/\tFALSE\t0\ta\t1\n";
  EXPECT_EQ(folder_.read("out.txt"), std::string(kHeading) + line);
  answer({"b=2"});
  okcurl({"-b", file, "-c", file, url()});
  EXPECT_EQ(folder_.read("out.txt"), std::string(kHeading) + line + host + "\tFALSE\t/\tFALSE\t0\tb\t2\n");
}

TEST_F(CookiesEndToEndTest, AreWrittenToStandardOutput) {
  const std::string host(server_.url("/").host());
  answer({"a=1"});
  EXPECT_EQ(okcurl({"-c", "-", url()}).out, std::string(kHeading) + host + "\tFALSE\t/\tFALSE\t0\ta\t1\n");
}

TEST_F(CookiesEndToEndTest, WhatIsNoRegularFileIsWrittenToAndStays) {
  answer({"a=1"});
  answer({});
  EXPECT_EQ(okcurl({"-c", "/dev/null", "-b", "/dev/null", url(), url()}).err, "");
  EXPECT_EQ(received(), std::nullopt);
  EXPECT_EQ(received(), "a=1");
}

TEST_F(CookiesEndToEndTest, AFileThatCannotBeWrittenIsAWarning) {
  answer({"a=1"});
  const std::string file = folder_.path_of("no/such/folder");
  const RunResult result = okcurl({"-c", file, url()});
  EXPECT_NE(result.err.find("Warning: the cookies were not saved"), std::string::npos) << result.err;
  EXPECT_NE(result.err.find(file), std::string::npos) << result.err;
  answer({"a=1"});
  EXPECT_EQ(okcurl({"-s", "-c", file, url()}).err, "");
}

TEST_F(CookiesEndToEndTest, AHeaderOfTheUsersOwnIsSentAlone) {
  answer({"a=1"});
  answer({});
  okcurl({"-b", "", "-b", "own=2", "-H", "Cookie: hand=3", url(), url()});
  EXPECT_EQ(received(), "hand=3");
  EXPECT_EQ(received(), "hand=3");
}

}  // namespace
}  // namespace okcurl

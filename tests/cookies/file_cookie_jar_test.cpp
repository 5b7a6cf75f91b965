#include <okhttp/cookie_jar.hpp>
#include <okhttp/error.hpp>

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "support/temporary_folder.hpp"

namespace okhttp {
namespace {

using internal::TemporaryFolder;

constexpr std::string_view kHeading = "# Netscape HTTP Cookie File\n";

class FileCookieJarTest : public ::testing::Test {
 protected:
  [[nodiscard]] std::string path() const { return (folder_.path() / "cookies.txt").string(); }
  [[nodiscard]] std::string content() const { return TemporaryFolder::read(path()); }
  void put(std::string_view text) { (void)folder_.file("cookies.txt", text); }
  [[nodiscard]] CookieJarOptions options() const {
    CookieJarOptions options;
    options.clock = [] { return Cookie::TimePoint(std::chrono::seconds(1767225600)); };
    return options;
  }
  [[nodiscard]] FileCookieJar jar() const { return FileCookieJar(path(), options()); }
  static void receive(FileCookieJar& jar, std::string_view url, std::string_view text) {
    const Url from = Url::parse(url);
    jar.save_from_response(from,
                           {Cookie::parse(Cookie::TimePoint(std::chrono::seconds(1767225600)), from, text).value()});
  }
  [[nodiscard]] unsigned mode() const {
    struct stat status {};
    EXPECT_EQ(::stat(path().c_str(), &status), 0);
    return status.st_mode & 0777;
  }

  TemporaryFolder folder_;
};

TEST_F(FileCookieJarTest, KeepsCookiesForTheNextProgram) {
  {
    FileCookieJar first = jar();
    receive(first, "https://www.example.com/a/", "a=1; Domain=example.com; Path=/; Secure; HttpOnly; Max-Age=60");
    receive(first, "http://www.example.com/a/", "b=2");
    receive(first, "http://www.example.com/", "nameless");
    receive(first, "http://www.example.com/", "empty=");
    first.flush();
  }
  EXPECT_EQ(content(), std::string(kHeading) +
                           "#HttpOnly_.example.com\tTRUE\t/\tTRUE\t1767225660\ta\t1\n"
                           "www.example.com\tFALSE\t/a\tFALSE\t0\tb\t2\n"
                           "www.example.com\tFALSE\t/\tFALSE\t0\t\tnameless\n"
                           "www.example.com\tFALSE\t/\tFALSE\t0\tempty\t\n");
  FileCookieJar second = jar();
  const auto cookies = second.load_for_request(Url::parse("https://www.example.com/a/"));
  ASSERT_EQ(cookies.size(), 4U);
  EXPECT_EQ(cookies[0].name_and_value(), "b=2");
  EXPECT_EQ(cookies[1],
            Cookie::parse(Cookie::TimePoint(std::chrono::seconds(1767225600)), Url::parse("https://www.example.com/"),
                          "a=1; Domain=example.com; Path=/; Secure; HttpOnly; Max-Age=60"));
  EXPECT_EQ(cookies[2].name_and_value(), "nameless");
  EXPECT_EQ(cookies[3].name_and_value(), "empty=");
}

TEST_F(FileCookieJarTest, WritesWhatAJarThatIsGoneHadToWrite) {
  {
    FileCookieJar one = jar();
    receive(one, "http://h.example/", "a=1");
  }
  while (!std::filesystem::exists(path())) std::this_thread::yield();
  EXPECT_EQ(content(), std::string(kHeading) + "h.example\tFALSE\t/\tFALSE\t0\ta\t1\n");
}

TEST_F(FileCookieJarTest, ReadsWhatOtherProgramsWrite) {
  put("# Netscape HTTP Cookie File\n# https://curl.se/docs/http-cookies.html\n\n"
      "example.com\tTRUE\t/\tFALSE\t1767225601\tno_dot\t1\r\n"
      ".example.com\ttrue\t/\tfalse\t99999999999999999999999\tfar\t2\n"
      "example.com\tFALSE\t/\tFALSE\t0\tno_value\n"
      "example.com\tFALSE\t/\tFALSE\t1767225600\texpired\t4\n"
      "example.com\tFALSE\t/\tFALSE\t0\tlast\t5");
  FileCookieJar one = jar();
  std::vector<std::string> names;
  for (const Cookie& cookie : one.cookies()) names.push_back(cookie.name());
  EXPECT_EQ(names, (std::vector<std::string>{"no_dot", "far", "no_value", "last"}));
  EXPECT_EQ(one.load_for_request(Url::parse("http://www.example.com/")).size(), 2U);
}

TEST_F(FileCookieJarTest, KeepsLinesThatAreNoCookies) {
  const std::vector<std::string> lines = {"# a comment",
                                          "nonsense",
                                          "h.example\tFALSE\t/\tFALSE\tsoon\ta\tb",
                                          "h.example\tMAYBE\t/\tFALSE\t0\ta\tb",
                                          "h.example\tFALSE\tpath\tFALSE\t0\ta\tb",
                                          "h.example\tFALSE\t/\tFALSE\t0\ta\tb\tc",
                                          "h.example\tFALSE\t/\tFALSE\t0\ta;\tb",
                                          ".com\tTRUE\t/\tFALSE\t0\tsuper\tcookie",
                                          "h.example\tFALSE\t/\tFALSE\t0\t__Host-a\tb",
                                          "#HttpOnly_"};
  std::string text(kHeading);
  for (const std::string& line : lines) text += line + "\n";
  put(text);
  FileCookieJar one = jar();
  EXPECT_EQ(one.size(), 0U);
  receive(one, "http://h.example/", "a=1");
  one.flush();
  EXPECT_EQ(content(), text + "h.example\tFALSE\t/\tFALSE\t0\ta\t1\n");
}

TEST_F(FileCookieJarTest, ANewFileIsForItsOwnerAlone) {
  FileCookieJar one = jar();
  receive(one, "http://h.example/", "a=1");
  one.flush();
  EXPECT_EQ(mode(), 0600U);
  EXPECT_EQ(folder_.count(), 1);
}

TEST_F(FileCookieJarTest, AFileThatIsThereKeepsItsPermissions) {
  put(kHeading);
  ASSERT_EQ(::chmod(path().c_str(), 0640), 0);
  FileCookieJar one = jar();
  receive(one, "http://h.example/", "a=1");
  one.flush();
  EXPECT_EQ(mode(), 0640U);
}

TEST_F(FileCookieJarTest, WhatDoesNotChangeIsNotWritten) {
  put("h.example\tFALSE\t/\tFALSE\t0\ta\t1\n");
  FileCookieJar one = jar();
  receive(one, "http://h.example/", "a=1");
  receive(one, "http://h.example/", "b=1; Max-Age=0");
  one.flush();
  EXPECT_EQ(content(), "h.example\tFALSE\t/\tFALSE\t0\ta\t1\n");
}

TEST_F(FileCookieJarTest, AFailureToWriteIsToldByFlushAndMadeUpForLater) {
  const std::filesystem::path inner = folder_.path() / "inner";
  FileCookieJar one((inner / "cookies.txt").string(), options());
  receive(one, "http://h.example/", "a=1");
  EXPECT_EQ(one.size(), 1U);
  try {
    one.flush();
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.errc(), Errc::io);
    EXPECT_NE(std::string(error.what()).find(inner.string()), std::string::npos);
  }
  std::filesystem::create_directory(inner);
  one.flush();
  EXPECT_EQ(TemporaryFolder::read(inner / "cookies.txt"),
            std::string(kHeading) + "h.example\tFALSE\t/\tFALSE\t0\ta\t1\n");
}

TEST_F(FileCookieJarTest, AFileThatCannotBeReadIsNotOverwritten) {
  std::filesystem::create_directory(path());
  try {
    (void)jar();
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.errc(), Errc::io);
  }
}

TEST_F(FileCookieJarTest, ForgetsAndHasTheFileForget) {
  put("h.example\tFALSE\t/\tFALSE\t0\ta\t1\nh.example\tFALSE\t/\tFALSE\t1767225660\tb\t2\n");
  FileCookieJar one = jar();
  one.clear_session();
  one.flush();
  EXPECT_EQ(content(), std::string(kHeading) + "h.example\tFALSE\t/\tFALSE\t1767225660\tb\t2\n");
  one.clear();
  one.flush();
  EXPECT_EQ(content(), kHeading);
}

TEST_F(FileCookieJarTest, ServesManyThreads) {
  const Url url = Url::parse("http://h.example/");
  FileCookieJar one = jar();
  std::vector<std::thread> threads;
  threads.reserve(4);
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 10; ++i) {
        receive(one, "http://h.example/", "t" + std::to_string(t) + "-" + std::to_string(i) + "=v");
        if (i % 5 == 0) one.flush();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  one.flush();
  EXPECT_EQ(jar().load_for_request(url).size(), 40U);
}

}  // namespace
}  // namespace okhttp

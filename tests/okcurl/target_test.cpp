#include "okcurl/target.hpp"

#include <gtest/gtest.h>

#include <string>

#include "okcurl/exit_code.hpp"

namespace okcurl {
namespace {

std::string url_of(std::string_view text) { return parse_target(text).url.to_string(); }

template <class F>
ExitCode code_of(F run) {
  try {
    run();
  } catch (const Failure& failure) {
    return failure.code();
  }
  return ExitCode::ok;
}

ExitCode code_of_url(std::string_view text, bool no_globbing = true) {
  return code_of([&] { (void)parse_target(text, no_globbing); });
}

TEST(TargetTest, AUrlWithoutASchemeIsHttp) {
  EXPECT_EQ(url_of("example.com"), "http://example.com/");
  EXPECT_EQ(url_of("localhost:8080/a?u=http://x"), "http://localhost:8080/a?u=http://x");
  EXPECT_EQ(url_of("HTTPS://example.com"), "https://example.com/");
}

TEST(TargetTest, UserInfoIsTakenOutOfTheUrl) {
  const Target target = parse_target("http://us%40er:p%3Aw@h/x");
  EXPECT_EQ(target.url.to_string(), "http://h/x");
  EXPECT_EQ(target.user, "us@er");
  EXPECT_EQ(target.password, "p:w");
  EXPECT_EQ(parse_target("http://h/").user, std::nullopt);
}

TEST(TargetTest, OtherSchemesAreUnsupported) {
  for (const char* url : {"ftp://h/", "foo://h/", "ws://h/", "file:///etc/passwd"}) {
    EXPECT_EQ(code_of_url(url), ExitCode::unsupported_protocol) << url;
  }
}

TEST(TargetTest, MalformedUrlsAreRefused) {
  for (const char* url : {"", "http://", "http://a b/", "http://h:99999/", "http://h/\n", "http://[::1/"}) {
    EXPECT_EQ(code_of_url(url), ExitCode::url_malformed) << url;
  }
}

TEST(TargetTest, PatternsAreRefusedUnlessGlobbingIsOff) {
  EXPECT_EQ(code_of_url("http://h/{a,b}", false), ExitCode::url_malformed);
  EXPECT_EQ(code_of_url("http://h/[1-3]", false), ExitCode::url_malformed);
  EXPECT_EQ(code_of_url("http://[::1]:80/", false), ExitCode::ok);
  EXPECT_EQ(code_of_url("http://h/[1-3]", true), ExitCode::ok);
}

TEST(TargetTest, ALocationIsResolvedAndInheritsTheFragment) {
  const okhttp::Url from = okhttp::Url::parse("http://h/a/b#top");
  EXPECT_EQ(resolve_target(from, "../c").url.to_string(), "http://h/c#top");
  EXPECT_EQ(resolve_target(from, "//other/#x").url.to_string(), "http://other/#x");
  EXPECT_EQ(code_of([&] { (void)resolve_target(from, "ftp://h/"); }), ExitCode::unsupported_protocol);
  EXPECT_EQ(code_of([&] { (void)resolve_target(from, "http://h:x/"); }), ExitCode::url_malformed);
}

TEST(TargetTest, TheRemoteNameIsTheLastPartOfThePathAsItStands) {
  EXPECT_EQ(remote_name("http://h/a/b%20c.txt?q=/x#/y"), "b%20c.txt");
  EXPECT_EQ(remote_name("h/file"), "file");
  for (const char* url : {"http://h/", "http://h", "h"}) {
    EXPECT_EQ(code_of([&] { (void)remote_name(url); }), ExitCode::write_error) << url;
  }
}

}  // namespace
}  // namespace okcurl

#include "okcurl/options.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "okcurl/exit_code.hpp"

namespace okcurl {
namespace {

Options parse(const std::vector<std::string_view>& arguments) { return parse_options(arguments); }

std::string refusal(const std::vector<std::string_view>& arguments) {
  try {
    parse(arguments);
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.code(), ExitCode::usage);
    return failure.what();
  }
  return "accepted";
}

TEST(OptionsTest, LettersMayBeWrittenTogether) {
  const Options options = parse({"-sSLk", "http://h/"});
  EXPECT_TRUE(options.silent && options.show_error && options.follow && options.insecure);
  EXPECT_EQ(options.urls, (std::vector<std::string>{"http://h/"}));
}

TEST(OptionsTest, AValueMayFollowItsLetterAtOnce) {
  const Options options = parse({"-sXPUT", "-H", "A: b", "-m2.5", "http://h/"});
  EXPECT_TRUE(options.silent);
  EXPECT_EQ(options.method, "PUT");
  EXPECT_EQ(options.headers, (std::vector<std::string>{"A: b"}));
  EXPECT_EQ(options.max_time, std::chrono::milliseconds(2500));
}

TEST(OptionsTest, WhatFollowsAnOptionIsItsValueWhateverItLooksLike) {
  const Options options = parse({"-d", "-5", "-d", "[1,2]", "-d", "--data", "u"});
  ASSERT_EQ(options.data.size(), 3U);
  EXPECT_EQ(options.data[0].value, "-5");
  EXPECT_EQ(options.data[1].value, "[1,2]");
  EXPECT_EQ(options.data[2].value, "--data");
}

TEST(OptionsTest, LongFormsMeanTheSame) {
  const Options options = parse({"--request",
                                 "PUT",
                                 "--header",
                                 "A: b",
                                 "--data",
                                 "x",
                                 "--output",
                                 "f",
                                 "--include",
                                 "--location",
                                 "--verbose",
                                 "--silent",
                                 "--insecure",
                                 "--user-agent",
                                 "ua",
                                 "--referer",
                                 "r",
                                 "--user",
                                 "u:p",
                                 "--range",
                                 "0-1",
                                 "--fail",
                                 "--remote-name",
                                 "--max-time",
                                 "3",
                                 "--connect-timeout",
                                 "4",
                                 "--max-redirs",
                                 "-1",
                                 "--compressed",
                                 "--http1.1",
                                 "--cacert",
                                 "ca",
                                 "--url",
                                 "http://h/"});
  EXPECT_EQ(options.method, "PUT");
  EXPECT_EQ(options.destinations.size(), 2U);
  EXPECT_TRUE(options.include_heads && options.follow && options.verbose && options.silent && options.insecure);
  EXPECT_TRUE(options.fail && options.compressed);
  EXPECT_EQ(options.http_version, HttpVersion::http_1_1);
  EXPECT_EQ(options.user_agent, "ua");
  EXPECT_EQ(options.referer, "r");
  EXPECT_EQ(options.user, "u:p");
  EXPECT_EQ(options.range, "0-1");
  EXPECT_EQ(options.ca_file, "ca");
  EXPECT_EQ(options.max_redirects, -1);
  EXPECT_EQ(options.max_time, std::chrono::seconds(3));
  EXPECT_EQ(options.connect_timeout, std::chrono::seconds(4));
  EXPECT_EQ(options.urls.size(), 1U);
}

TEST(OptionsTest, OutputsKeepTheirOrder) {
  const Options options = parse({"-o", "a", "-O", "-o", "-", "u1", "u2", "u3"});
  ASSERT_EQ(options.destinations.size(), 3U);
  EXPECT_EQ(options.destinations[0].path, "a");
  EXPECT_EQ(options.destinations[1].kind, Destination::Kind::remote_name);
  EXPECT_EQ(options.destinations[2].kind, Destination::Kind::standard_output);
}

TEST(OptionsTest, HeadShowsTheHeadAndTheSwitchCanBeTurnedOff) {
  EXPECT_TRUE(parse({"-I", "u"}).include_heads);
  EXPECT_FALSE(parse({"-L", "--no-location", "u"}).follow);
}

TEST(OptionsTest, TheLastProxyCountsWhateverItsKind) {
  EXPECT_EQ(parse({"-x", "h:1", "u"}).proxy, "h:1");
  EXPECT_EQ(parse({"-x", "h:1", "--socks5", "s:2", "u"}).proxy, "socks5://s:2");
  EXPECT_EQ(parse({"--socks4a", "s:2", "--proxy", "http://h:1", "u"}).proxy, "http://h:1");
  EXPECT_EQ(parse({"--socks5-hostname", "s", "u"}).proxy, "socks5h://s");
  EXPECT_EQ(parse({"--socks4", "socks5://s", "u"}).proxy, "socks5://s");
  EXPECT_EQ(parse({"-x", "", "u"}).proxy, "");
  const Options options = parse({"-U", "a:b", "--noproxy", "x,y", "u"});
  EXPECT_EQ(options.proxy_user, "a:b");
  EXPECT_EQ(options.no_proxy, "x,y");
}

TEST(OptionsTest, TheLastAddressFamilyCounts) {
  EXPECT_EQ(parse({"u"}).family, AddressFamily::any);
  EXPECT_EQ(parse({"-4", "u"}).family, AddressFamily::ipv4);
  EXPECT_EQ(parse({"-4", "--ipv6", "u"}).family, AddressFamily::ipv6);
}

TEST(OptionsTest, AfterTwoDashesEverythingIsAUrl) {
  EXPECT_EQ(parse({"--", "-s"}).urls, (std::vector<std::string>{"-s"}));
}

TEST(OptionsTest, AnOptionThatIsNotSupportedIsNamed) {
  EXPECT_EQ(refusal({"--preproxy", "p", "u"}), "option --preproxy: is not supported");
  EXPECT_EQ(refusal({"-sJ", "u"}), "option -J: is not supported");
  EXPECT_EQ(refusal({"--data=x", "u"}), "option --data=x: is not supported");
  EXPECT_EQ(refusal({"--no-request", "u"}), "option --no-request: is not supported");
  EXPECT_EQ(refusal({"-", "u"}), "option -: is not supported");
}

TEST(OptionsTest, ValuesAreChecked) {
  EXPECT_EQ(refusal({"u", "-d"}), "option -d: requires parameter");
  EXPECT_EQ(refusal({"--max-time", "soon", "u"}), "option --max-time: expected a proper numerical parameter");
  EXPECT_EQ(refusal({"-m", "-1", "u"}), "option -m: expected a proper numerical parameter");
  EXPECT_EQ(refusal({"--max-redirs", "3x", "u"}), "option --max-redirs: expected a proper numerical parameter");
}

TEST(OptionsTest, ATimeAboveNothingNeverBecomesForEver) {
  EXPECT_EQ(parse({"-m", "0.0001", "u"}).max_time, std::chrono::milliseconds(1));
}

TEST(OptionsTest, AUrlIsRequiredUnlessHelpIsAskedFor) {
  EXPECT_EQ(refusal({}), "no URL specified");
  EXPECT_EQ(parse({"--help"}).action, Options::Action::help);
  EXPECT_EQ(parse({"-V"}).action, Options::Action::version);
}

TEST(OptionsTest, HeadAndDataExcludeEachOther) {
  EXPECT_NE(refusal({"-I", "-d", "x", "u"}), "accepted");
  EXPECT_TRUE(parse({"-I", "-G", "-d", "x", "u"}).head);
}

TEST(OptionsTest, APlaceToContinueAtIsANumberOrTheEndOfTheFile) {
  EXPECT_EQ(parse({"-C", "-", "u"}).continue_at, "-");
  EXPECT_EQ(parse({"-C", "5", "u"}).continue_at, "5");
  for (const auto* bad : {"-5", "x", "5-", ""}) EXPECT_NE(refusal({"-C", bad, "u"}), "accepted") << bad;
  EXPECT_EQ(refusal({"-C", "-", "-r", "0-5", "u"}), "option -C: excludes -r");
  EXPECT_EQ(refusal({"-C", "-", "-d", "x", "u"}), "option -C: continues downloads, and excludes -d");
}

TEST(OptionsTest, TriesAndRatesAreNumbers) {
  const Options options =
      parse({"--retry", "3", "--retry-delay", "0.5", "--retry-max-time", "9", "--limit-rate", "2k", "u"});
  EXPECT_EQ(options.retries, 3);
  EXPECT_EQ(options.retry_delay, std::chrono::milliseconds(500));
  EXPECT_EQ(options.retry_max_time, std::chrono::seconds(9));
  EXPECT_EQ(options.limit_rate, 2048U);
  EXPECT_NE(refusal({"--retry", "-1", "u"}), "accepted");
  EXPECT_NE(refusal({"--limit-rate", "fast", "u"}), "accepted");
}

}  // namespace
}  // namespace okcurl

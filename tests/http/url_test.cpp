#include <gtest/gtest.h>
#include <okhttp/url.hpp>

#include <stdexcept>
#include <string>
#include <thread>
#include <unordered_set>
#include <utility>
#include <vector>

// How texts become URLs is in tests/conformance/url_cases.txt; here is what a Url tells once it is one.

namespace okhttp {
namespace {

using Segments = std::vector<std::string>;
using Values = std::vector<std::optional<std::string>>;

std::string parse_error(std::string_view text) {
  try {
    (void)Url::parse(text);
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "parsed";
}

TEST(UrlTest, ComponentsOfACompleteUrl) {
  const Url url = Url::parse("https://us%65r:p%40ss@Example.COM:8443/a/b%20c;p?q=1&r#t%6Fp");
  EXPECT_EQ(url.scheme(), "https");
  EXPECT_TRUE(url.is_tls());
  EXPECT_EQ(url.encoded_username(), "us%65r");
  EXPECT_EQ(url.username(), "user");
  EXPECT_EQ(url.encoded_password(), "p%40ss");
  EXPECT_EQ(url.password(), "p@ss");
  EXPECT_EQ(url.host(), "example.com");
  EXPECT_FALSE(url.host_is_ip());
  EXPECT_EQ(url.port(), 8443);
  EXPECT_EQ(url.host_header(), "example.com:8443");
  EXPECT_EQ(url.encoded_path(), "/a/b%20c;p");
  EXPECT_EQ(url.path_segments(), (Segments{"a", "b c;p"}));
  EXPECT_EQ(url.encoded_query(), "q=1&r");
  EXPECT_EQ(url.encoded_fragment(), "t%6Fp");
  EXPECT_EQ(url.fragment(), "top");
  EXPECT_EQ(url.request_target(), "/a/b%20c;p?q=1&r");
  EXPECT_EQ(url.to_string(), "https://us%65r:p%40ss@example.com:8443/a/b%20c;p?q=1&r#t%6Fp");
}

TEST(UrlTest, ComponentsOfABareHost) {
  const Url url = Url::parse("ws://example.com");
  EXPECT_EQ(url.scheme(), "ws");
  EXPECT_FALSE(url.is_tls());
  EXPECT_EQ(url.username(), "");
  EXPECT_EQ(url.password(), "");
  EXPECT_EQ(url.port(), 80);
  EXPECT_EQ(url.host_header(), "example.com");
  EXPECT_EQ(url.encoded_path(), "/");
  EXPECT_EQ(url.path_segments(), Segments{""});
  EXPECT_EQ(url.encoded_query(), std::nullopt);
  EXPECT_EQ(url.query(), std::nullopt);
  EXPECT_EQ(url.encoded_fragment(), std::nullopt);
  EXPECT_EQ(url.fragment(), std::nullopt);
  EXPECT_EQ(url.request_target(), "/");
}

TEST(UrlTest, EmptyQueryAndFragmentDifferFromNone) {
  const Url url = Url::parse("http://h/?#");
  EXPECT_EQ(url.encoded_query(), "");
  EXPECT_EQ(url.query(), "");
  EXPECT_EQ(url.encoded_fragment(), "");
  EXPECT_EQ(url.request_target(), "/?");
  EXPECT_NE(url, Url::parse("http://h/"));
}

TEST(UrlTest, UserInfoWithoutUserNameOrPassword) {
  const Url password_only = Url::parse("http://:secret@h/");
  EXPECT_EQ(password_only.username(), "");
  EXPECT_EQ(password_only.password(), "secret");
  EXPECT_EQ(password_only.host_header(), "h");
  const Url name_only = Url::parse("http://name:@h/");
  EXPECT_EQ(name_only.username(), "name");
  EXPECT_EQ(name_only.password(), "");
  EXPECT_EQ(name_only.host_header(), "h");
  EXPECT_EQ(Url::parse("http://@h:81/").host_header(), "h:81");
}

TEST(UrlTest, Ipv6HostHasBracketsOnlyWhereItIsWritten) {
  const Url url = Url::parse("https://user@[2001:DB8::0:1]:8443/");
  EXPECT_EQ(url.host(), "2001:db8::1");
  EXPECT_TRUE(url.host_is_ip());
  EXPECT_EQ(url.host_header(), "[2001:db8::1]:8443");
  EXPECT_EQ(Url::parse("https://[::1]/").host_header(), "[::1]");
}

TEST(UrlTest, Ipv4HostIsSeenInEveryNotation) {
  for (const char* text :
       {"http://127.0.0.1", "http://0x7f.1", "http://2130706433", "http://%31%32%37.1", "http://017700000001."}) {
    const Url url = Url::parse(text);
    EXPECT_EQ(url.host(), "127.0.0.1") << text;
    EXPECT_TRUE(url.host_is_ip()) << text;
  }
}

TEST(UrlTest, DefaultPorts) {
  EXPECT_EQ(Url::default_port("http"), 80);
  EXPECT_EQ(Url::default_port("ws"), 80);
  EXPECT_EQ(Url::default_port("https"), 443);
  EXPECT_EQ(Url::default_port("WSS"), 443);
  EXPECT_EQ(Url::default_port("ftp"), 0);
  EXPECT_EQ(Url::default_port(""), 0);
  EXPECT_EQ(Url::parse("wss://h").port(), 443);
  EXPECT_EQ(Url::parse("wss://h:80").port(), 80);
}

TEST(UrlTest, PathSegmentsAreDecodedOneByOne) {
  const Url url = Url::parse("http://h/a%2Fb//c%00d/%/%4/%zz/%E2%98%83/");
  const std::vector<std::string_view> encoded{"a%2Fb", "", "c%00d", "%", "%4", "%zz", "%E2%98%83", ""};
  EXPECT_EQ(url.encoded_path_segments(), encoded);
  EXPECT_EQ(url.path_segments(), (Segments{"a/b", "", std::string("c\0d", 3), "%", "%4", "%zz", "\xe2\x98\x83", ""}));
  EXPECT_EQ(url.path_size(), 8U);
}

TEST(UrlTest, DecodingYieldsTheBytesThatWereEncoded) {
  EXPECT_EQ(Url::parse("http://h/%ff%fe").path_segments(), Segments{"\xff\xfe"});
  EXPECT_EQ(Url::parse("http://h/%%30%30").path_segments(), Segments{"%00"});
}

TEST(UrlTest, QueryParameters) {
  const Url url = Url::parse("http://h/?a=1&b=2&a=3&c&d=&%61=4&x%20y=z+w%2B&=n&&e=f=g");
  EXPECT_EQ(url.query_size(), 10U);
  EXPECT_EQ(url.query_parameter("a"), "1");
  EXPECT_EQ(url.query_parameter_values("a"), (Values{"1", "3", "4"}));
  EXPECT_EQ(url.query_parameter("c"), std::nullopt);
  EXPECT_EQ(url.query_parameter_values("c"), Values{std::nullopt});
  EXPECT_EQ(url.query_parameter("d"), "");
  EXPECT_EQ(url.query_parameter("x y"), "z w+");
  EXPECT_EQ(url.query_parameter("e"), "f=g");
  EXPECT_EQ(url.query_parameter("absent"), std::nullopt);
  EXPECT_TRUE(url.query_parameter_values("absent").empty());
  EXPECT_EQ(url.query_parameter_names(), (Segments{"a", "b", "c", "d", "x y", "", "e"}));
  EXPECT_EQ(url.query_parameter_name(5), "a");
  EXPECT_EQ(url.query_parameter_value(5), "4");
  EXPECT_EQ(url.query_parameter_name(7), "");
  EXPECT_EQ(url.query_parameter_value(7), "n");
  EXPECT_EQ(url.query_parameter_name(8), "");
  EXPECT_EQ(url.query_parameter_value(8), std::nullopt);
  EXPECT_EQ(url.query(), "a=1&b=2&a=3&c&d=&a=4&x y=z w+&=n&&e=f=g");
}

TEST(UrlTest, QueryParameterIndexOutOfRangeThrows) {
  EXPECT_THROW((void)Url::parse("http://h/?a").query_parameter_name(1), std::out_of_range);
  EXPECT_THROW((void)Url::parse("http://h/").query_parameter_value(0), std::out_of_range);
}

TEST(UrlTest, AbsentQueryIsZeroNameValuePairs) {
  EXPECT_EQ(Url::parse("http://h/").query_size(), 0U);
  EXPECT_TRUE(Url::parse("http://h/").query_parameter_names().empty());
}

TEST(UrlTest, EmptyQueryIsSingleNameValuePairWithEmptyKey) {
  const Url url = Url::parse("http://h/?");
  EXPECT_EQ(url.query_size(), 1U);
  EXPECT_EQ(url.query_parameter_name(0), "");
  EXPECT_EQ(url.query_parameter_value(0), std::nullopt);
}

TEST(UrlTest, AmpersandQueryIsTwoNameValuePairsWithEmptyKeys) {
  const Url url = Url::parse("http://h/?&");
  EXPECT_EQ(url.query_size(), 2U);
  EXPECT_EQ(url.query_parameter_name(1), "");
  EXPECT_EQ(url.query_parameter_value(1), std::nullopt);
}

TEST(UrlTest, RedactShowsHostAndPortAlone) {
  EXPECT_EQ(Url::parse("https://user:secret@h.example:8443/a?token=x#f").redact(), "https://h.example:8443/...");
  EXPECT_EQ(Url::parse("http://user@[::1]/").redact(), "http://[::1]/...");
}

TEST(UrlTest, TopPrivateDomain) {
  EXPECT_EQ(Url::parse("https://www.example.co.uk/").top_private_domain(), "example.co.uk");
  EXPECT_EQ(Url::parse("https://example.com").top_private_domain(), "example.com");
  EXPECT_EQ(Url::parse("https://a.b.Example.com.").top_private_domain(), "example.com");
  EXPECT_EQ(Url::parse("https://co.uk").top_private_domain(), std::nullopt);
  EXPECT_EQ(Url::parse("https://localhost").top_private_domain(), std::nullopt);
  EXPECT_EQ(Url::parse("https://127.0.0.1").top_private_domain(), std::nullopt);
  EXPECT_EQ(Url::parse("https://[::1]").top_private_domain(), std::nullopt);
  EXPECT_EQ(Url::parse("https://./").top_private_domain(), std::nullopt);
  EXPECT_EQ(Url::parse("https://www.xn--85x722f.xn--55qx5d.cn").top_private_domain(), "xn--85x722f.xn--55qx5d.cn");
}

TEST(UrlTest, ResolveRefusesWhatParseWould) {
  const Url base = Url::parse("https://h/a");
  EXPECT_EQ(base.resolve("ftp://h/"), std::nullopt);
  EXPECT_EQ(base.resolve("//h:99999/"), std::nullopt);
  EXPECT_EQ(base.resolve("b")->to_string(), "https://h/b");
}

TEST(UrlTest, CopiesShareTheTextAndOutliveTheOriginal) {
  std::optional<Url> original = Url::parse("http://example.com/a/path/that/is/too/long/for/the/small/string");
  const Url copy = *original;
  EXPECT_EQ(&copy.to_string(), &original->to_string());
  const std::string_view host = original->host();
  original.reset();
  EXPECT_EQ(host, "example.com");
  EXPECT_EQ(host.data(), copy.host().data());
}

TEST(UrlTest, EqualUrlsHashAlike) {
  std::unordered_set<Url> urls;
  urls.insert(Url::parse("http://EXAMPLE.com:80"));
  urls.insert(Url::parse("http://example.com/"));
  urls.insert(Url::parse("http://example.com/?"));
  EXPECT_EQ(urls.size(), 2U);
  EXPECT_NE(Url::parse("http://h/"), Url::parse("https://h/"));
  EXPECT_NE(Url::parse("http://a@h/"), Url::parse("http://h/"));
}

TEST(UrlTest, OneUrlIsReadByManyThreads) {
  const Url url = Url::parse("https://example.com/a/b?c=d");
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([url] {
      for (int k = 0; k < 200; ++k) {
        const Url copy = url;
        EXPECT_EQ(copy.query_parameter("c"), "d");
        EXPECT_EQ(copy.resolve("../x")->encoded_path(), "/x");
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST(UrlTest, ErrorsNameWhatIsWrong) {
  EXPECT_EQ(parse_error("example.com/a"), "URL has no scheme; expected http, https, ws or wss");
  EXPECT_EQ(parse_error("ftp://example.com"), "URL has a scheme other than http, https, ws or wss: \"ftp\"");
  EXPECT_EQ(parse_error("http:///"), "URL has no host");
  EXPECT_EQ(parse_error("http://a b/"), "URL has a forbidden character in its host: \"a b\"");
  EXPECT_EQ(parse_error("http://a\x01\x62/"), "URL has a forbidden character in its host: \"a\\x01b\"");
  EXPECT_EQ(parse_error("http://a%2Fb/"), "URL has a forbidden character in its host: \"a%2Fb\"");
  EXPECT_EQ(parse_error("http://\xff/"), "URL has an invalid international domain name as host: \"\\xff\"");
  EXPECT_EQ(parse_error("http://1.2.3.256/"), "URL has an invalid IPv4 host: \"1.2.3.256\"");
  EXPECT_EQ(parse_error("http://[::g]/"), "URL has an invalid IPv6 host: \"[::g]\"");
  EXPECT_EQ(parse_error("http://h:65536/"), "URL has a port that is not a number from 0 to 65535");
  EXPECT_EQ(parse_error("http://" + std::string(100, '<') + "/"),
            "URL has a forbidden character in its host: \"" + std::string(64, '<') + "...\"");
}

TEST(UrlTest, ErrorsNeverShowUserInformation) {
  for (const char* text : {
           "http://user:secret@/",
           "http://user:secret@h:x/",
           "http://user:secret@a b/",
           "http://user:s@secret b/",
           "http://user:secret",
           "http://user:secret/p@h/",
           "ftp://user:secret@h/",
           "user:secret@h",
           "secret:x@h",
           "http://user:secret#@[::1",
           "http://[secret@[h/",
           "http://u:secret@[::1/",
       }) {
    EXPECT_EQ(parse_error(text).find("secret"), std::string::npos) << text;
    EXPECT_NE(parse_error(text), "parsed") << text;
  }
}

TEST(UrlTest, EncodedDelimitersInTheHostAreRefused) {
  // CVE-2022-27780: a host that names another one once it is decoded.
  for (const char* host : {"good.example%2f.evil.example", "good.example%2F", "%2f", "a%5Cb", "a%3Ab", "a%40b", "a%3Fb",
                           "a%23b", "a%00b", "a%0d%0ab", "a%20b", "a%25b", "a%5Bb", "a%5Db"}) {
    EXPECT_EQ(Url::try_parse("https://" + std::string(host) + "/"), std::nullopt) << host;
  }
}

TEST(UrlTest, PolicyAndDiallingSeeTheSameHost) {
  // What comes before the last '@' is user information, and '\' ends the authority, however it is dressed up.
  EXPECT_EQ(Url::parse("https://good.example\\@evil.example/").host(), "good.example");
  EXPECT_EQ(Url::parse("https://good.example%2f@evil.example/").host(), "evil.example");
  EXPECT_EQ(Url::parse("https://good.example:443@evil.example/").host(), "evil.example");
  EXPECT_EQ(Url::parse("https://a@good.example@evil.example/").host(), "evil.example");
  EXPECT_EQ(Url::parse("https:evil.example").host(), "evil.example");
  EXPECT_EQ(Url::parse("https:////evil.example").host(), "evil.example");
  EXPECT_EQ(Url::parse("https://good.example").resolve("/\\evil.example")->host(), "evil.example");
  EXPECT_EQ(Url::parse("https://good.example").resolve("\t//evil.example")->host(), "evil.example");
  EXPECT_EQ(Url::parse("https://\xe2\x84\xaa"
                       "elvin.example/")
                .host(),
            "kelvin.example");
}

TEST(UrlTest, RequestTargetNeverHoldsWhiteSpaceOrControls) {
  std::string text = "http://h/";
  for (int c = 0; c < 256; ++c) text += static_cast<char>(c);
  text += '?';
  for (int c = 0; c < 256; ++c) text += static_cast<char>(c);
  for (const char* prefix : {"http://h/?", "http://h/#"}) text += prefix;
  const Url url = Url::parse(text);
  for (const char c : url.to_string()) {
    EXPECT_GT(c, ' ');
    EXPECT_LT(c, 0x7f);
  }
}

TEST(UrlTest, LengthLimitIsOneMebibyte) {
  constexpr std::size_t kLimit = 1 << 20;
  const std::string prefix = "http://h/";
  const Url longest = Url::parse(prefix + std::string(kLimit - prefix.size(), 'a'));
  EXPECT_EQ(longest.to_string().size(), kLimit);
  EXPECT_EQ(parse_error(prefix + std::string(kLimit - prefix.size() + 1, 'a')), "URL is longer than 1 MiB");
  // Encoding makes it too long; so does a long base with a long reference.
  EXPECT_EQ(parse_error(prefix + std::string(kLimit / 2, ' ') + 'a'), "URL is longer than 1 MiB");
  EXPECT_EQ(longest.resolve("?a"), std::nullopt);
  EXPECT_TRUE(longest.resolve("/a"));
}

TEST(UrlTest, LongAndDegenerateInputsAreRead) {
  constexpr std::size_t kSize = 1000000;
  EXPECT_EQ(Url::parse("http://" + std::string(kSize, '/') + "h").host(), "h");
  EXPECT_EQ(Url::parse("http://" + std::string(kSize, '.') + "/").host().size(), kSize);
  EXPECT_EQ(Url::parse("http://" + std::string(kSize, '0') + "/").host(), "0.0.0.0");
  EXPECT_EQ(Url::try_parse("http://" + std::string(kSize, '9') + "/"), std::nullopt);
  EXPECT_EQ(Url::try_parse("http://[" + std::string(kSize, ':') + "]/"), std::nullopt);
  EXPECT_EQ(Url::parse("http://h:" + std::string(kSize, '0') + "81/").port(), 81);
  EXPECT_EQ(Url::parse("http://" + std::string(300000, '@') + "h/").username(), std::string(299999, '@'));
  std::string dots;
  while (dots.size() < kSize) dots += "/a/..";
  EXPECT_EQ(Url::parse("http://h" + dots).encoded_path(), "/");
  std::string international;
  while (international.size() < kSize) international += "\xc3\xa9";
  EXPECT_EQ(Url::try_parse("http://" + international + "/"), std::nullopt);
  std::string labels;
  while (labels.size() < 100000) labels += "\xc3\xa9.";
  EXPECT_TRUE(Url::try_parse("http://" + labels + "/"));
}

}  // namespace
}  // namespace okhttp

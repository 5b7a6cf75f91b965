#include <gtest/gtest.h>
#include <okhttp/url.hpp>

#include <stdexcept>
#include <string>
#include <vector>

namespace okhttp {
namespace {

using Segments = std::vector<std::string>;

Url::Builder builder() {
  Url::Builder builder;
  builder.scheme("http").host("host");
  return builder;
}

Url::Builder builder_of(std::string_view url) { return Url::parse(url).new_builder(); }

TEST(UrlBuilderTest, ComposeFromUnencodedComponents) {
  const Url url = Url::Builder()
                      .scheme("http")
                      .username("a:\x01@/\\?#%b")
                      .password("c:\x01@/\\?#%d")
                      .host("ef")
                      .port(8080)
                      .add_path_segment("g:\x01@/\\?#%h")
                      .query("i:\x01@/\\?#%j")
                      .fragment("k:\x01@/\\?#%l")
                      .build();
  EXPECT_EQ(url.to_string(),
            "http://a%3A%01%40%2F%5C%3F%23%25b:c%3A%01%40%2F%5C%3F%23%25d@ef:8080/"
            "g:%01@%2F%5C%3F%23%25h?i:%01@/\\?%23%25j#k:%01@/\\?#%25l");
  EXPECT_EQ(url.username(), "a:\x01@/\\?#%b");
  EXPECT_EQ(url.password(), "c:\x01@/\\?#%d");
  EXPECT_EQ(url.path_segments(), Segments{"g:\x01@/\\?#%h"});
  EXPECT_EQ(url.query(), "i:\x01@/\\?#%j");
  EXPECT_EQ(url.fragment(), "k:\x01@/\\?#%l");
}

TEST(UrlBuilderTest, ComposeFromEncodedComponents) {
  const Url url = Url::Builder()
                      .scheme("http")
                      .encoded_username("a:\x01@/\\?#%25b")
                      .encoded_password("c:\x01@/\\?#%25d")
                      .host("ef")
                      .port(8080)
                      .add_encoded_path_segment("g:\x01@/\\?#%25h")
                      .encoded_query("i:\x01@/\\?#%25j")
                      .encoded_fragment("k:\x01@/\\?#%25l")
                      .build();
  EXPECT_EQ(url.to_string(),
            "http://a%3A%01%40%2F%5C%3F%23%25b:c%3A%01%40%2F%5C%3F%23%25d@ef:8080/"
            "g:%01@%2F%5C%3F%23%25h?i:%01@/\\?%23%25j#k:%01@/\\?#%25l");
}

TEST(UrlBuilderTest, EveryByteSurvivesEveryUnencodedComponent) {
  std::string bytes;
  for (int c = 0; c < 256; ++c) bytes += static_cast<char>(c);
  const Url url = builder()
                      .username(bytes)
                      .password(bytes)
                      .add_path_segment(bytes)
                      .add_query_parameter(bytes, bytes)
                      .fragment(bytes)
                      .build();
  EXPECT_EQ(url.username(), bytes);
  EXPECT_EQ(url.password(), bytes);
  EXPECT_EQ(url.path_segments(), Segments{bytes});
  EXPECT_EQ(url.query_size(), 1U);
  EXPECT_EQ(url.query_parameter(bytes), bytes);
  EXPECT_EQ(url.fragment(), bytes);
  EXPECT_EQ(builder().query(bytes).build().query(), bytes);
  EXPECT_EQ(Url::parse(url.to_string()), url);
}

TEST(UrlBuilderTest, ComposeEncodesWhitespace) {
  const Url url = builder().username("a\r\n\f\t b").add_path_segment("e\r\n\f\t f").query("g\r\n\f\t h").build();
  EXPECT_EQ(url.to_string(), "http://a%0D%0A%0C%09%20b@host/e%0D%0A%0C%09%20f?g%0D%0A%0C%09%20h");
}

TEST(UrlBuilderTest, EncodedComponentsLoseTabsAndNewlinesAndKeepTheirEncodings) {
  const Url url = builder()
                      .encoded_username("%6d\t%6D")
                      .add_encoded_path_segment("%6d\n%6D%")
                      .encoded_query("%6d\r%6D")
                      .encoded_fragment("%6d\n%6D")
                      .build();
  EXPECT_EQ(url.to_string(), "http://%6d%6D@host/%6d%6D%?%6d%6D#%6d%6D");
}

TEST(UrlBuilderTest, RoundTrip) {
  for (const char* text :
       {"http://h/", "https://u:p@h:8443/a//b/?q&r=#f", "ws://:p@[::1]:81/?", "wss://u@1.2.3.4/%6d%6D?%6d=%6D#%6d",
        "http://h/a|b[c]^?a[]=b|c#d", "http://h/?#", "http://h/?&&=", "http://xn--n3h.example./%/%zz"}) {
    EXPECT_EQ(builder_of(text).build(), Url::parse(text)) << text;
    EXPECT_EQ(builder_of(text).to_string(), Url::parse(text).to_string()) << text;
  }
}

TEST(UrlBuilderTest, IncompleteComposition) {
  EXPECT_THROW((void)Url::Builder().host("h").build(), std::invalid_argument);
  EXPECT_THROW((void)Url::Builder().scheme("http").build(), std::invalid_argument);
  EXPECT_EQ(Url::Builder().scheme("https").encoded_path("/path").to_string(), "https:///path");
  EXPECT_EQ(Url::Builder().host("host.com").encoded_path("/path").port(8080).to_string(), "//host.com:8080/path");
}

TEST(UrlBuilderTest, SchemeIsOneOfOurs) {
  EXPECT_EQ(builder().scheme("WSS").build().to_string(), "wss://host/");
  EXPECT_THROW(builder().scheme("ftp"), std::invalid_argument);
  EXPECT_THROW(builder().scheme(""), std::invalid_argument);
  EXPECT_THROW(builder().scheme("http:"), std::invalid_argument);
}

TEST(UrlBuilderTest, ChangingSchemeChangesDefaultPort) {
  EXPECT_EQ(builder_of("http://example.com").scheme("https").build().port(), 443);
  EXPECT_EQ(builder_of("https://example.com").scheme("http").build().port(), 80);
  EXPECT_EQ(builder_of("https://example.com:1234").scheme("http").build().port(), 1234);
  EXPECT_EQ(builder_of("https://example.com:80").scheme("http").build().to_string(), "http://example.com/");
}

TEST(UrlBuilderTest, HostTakesEveryNotation) {
  const auto host = [](std::string_view text) { return builder().host(text).build(); };
  EXPECT_EQ(host("EXAMPLE.com").host(), "example.com");
  EXPECT_EQ(host("b\xc3\xbc"
                 "cher.example")
                .host(),
            "xn--bcher-kva.example");
  EXPECT_EQ(host("%65xample.com").host(), "example.com");
  EXPECT_EQ(host("0x7f.1").host(), "127.0.0.1");
  EXPECT_EQ(host("::1").host(), "::1");
  EXPECT_EQ(host("[::0001]").to_string(), "http://[::1]/");
  EXPECT_TRUE(host("::1").host_is_ip());
}

TEST(UrlBuilderTest, HostRefusesWhatCannotBeOne) {
  for (const char* text : {"", "a b", "a/b", "a%2fb", "a?b", "a#b", "a\\b", "user@host", "host:80", "[::1", "::1]",
                           "[::1]:80", ":", "1.2.3.256", "a\nb", "%", "fe80::1%eth0"}) {
    EXPECT_THROW(builder().host(text), std::invalid_argument) << text;
  }
}

TEST(UrlBuilderTest, HostErrorDoesNotShowUserInformation) {
  try {
    builder().host("user:secret@host");
    ADD_FAILURE() << "accepted";
  } catch (const std::invalid_argument& error) {
    EXPECT_EQ(std::string(error.what()).find("secret"), std::string::npos);
  }
}

TEST(UrlBuilderTest, RefusedValueLeavesTheBuilderUnchanged) {
  Url::Builder unchanged = builder_of("http://h:81/a");
  EXPECT_THROW(unchanged.host("a b"), std::invalid_argument);
  EXPECT_THROW(unchanged.port(0), std::invalid_argument);
  EXPECT_THROW(unchanged.scheme("x"), std::invalid_argument);
  EXPECT_THROW(unchanged.encoded_path("b"), std::invalid_argument);
  EXPECT_THROW(unchanged.set_path_segment(0, ".."), std::invalid_argument);
  EXPECT_EQ(unchanged.build().to_string(), "http://h:81/a");
}

TEST(UrlBuilderTest, PortIsFrom1To65535) {
  EXPECT_EQ(builder().port(1).build().to_string(), "http://host:1/");
  EXPECT_EQ(builder().port(65535).build().port(), 65535);
  EXPECT_EQ(builder().port(80).build().to_string(), "http://host/");
  EXPECT_THROW(builder().port(0), std::invalid_argument);
  EXPECT_THROW(builder().port(65536), std::invalid_argument);
  EXPECT_THROW(builder().port(-1), std::invalid_argument);
}

TEST(UrlBuilderTest, AddPathSegment) {
  const auto add = [](std::string_view base, std::string_view segment) {
    return std::string(builder_of(base).add_path_segment(segment).build().encoded_path());
  };
  EXPECT_EQ(add("http://h/", "a"), "/a");
  EXPECT_EQ(add("http://h/a/b", ""), "/a/b/");
  EXPECT_EQ(add("http://h/a/b", "c"), "/a/b/c");
  EXPECT_EQ(add("http://h/a/b/", "c"), "/a/b/c");
  EXPECT_EQ(add("http://h/a/b", "/"), "/a/b/%2F");
  EXPECT_EQ(add("http://h/a/b", "\\"), "/a/b/%5C");
  EXPECT_EQ(add("http://h/a/b", "%2e"), "/a/b/%252e");
  EXPECT_EQ(add("http://h/a/b", ".\n"), "/a/b/.%0A");
  EXPECT_EQ(add("http://h/a/b", "."), "/a/b");
  EXPECT_EQ(add("http://h/a/b", ".."), "/a/");
  EXPECT_EQ(add("http://h/a/b/", ".."), "/a/");
  EXPECT_EQ(add("http://h/", ".."), "/");
}

TEST(UrlBuilderTest, AddEncodedPathSegment) {
  const auto add = [](std::string_view segment) {
    return std::string(builder_of("http://h/a/b").add_encoded_path_segment(segment).build().encoded_path());
  };
  EXPECT_EQ(add("%2F"), "/a/b/%2F");
  EXPECT_EQ(add("c/d"), "/a/b/c%2Fd");
  EXPECT_EQ(add(".\n"), "/a/b");
  EXPECT_EQ(add("%2e"), "/a/b");
  EXPECT_EQ(add("%2E.\n"), "/a/");
}

TEST(UrlBuilderTest, AddPathSegments) {
  const auto add = [](std::string_view base, std::string_view segments) {
    return std::string(builder_of(base).add_path_segments(segments).build().encoded_path());
  };
  EXPECT_EQ(add("http://h/a", ""), "/a/");
  EXPECT_EQ(add("http://h/a", "d"), "/a/d");
  EXPECT_EQ(add("http://h/a", "/"), "/a//");
  EXPECT_EQ(add("http://h/a", "d/"), "/a/d/");
  EXPECT_EQ(add("http://h/a", "/d"), "/a//d");
  EXPECT_EQ(add("http://h/a", "//d"), "/a///d");
  EXPECT_EQ(add("http://h/a", "d//"), "/a/d//");
  EXPECT_EQ(add("http://h/a", "d\\e%"), "/a/d/e%25");
  EXPECT_EQ(add("http://h/a", "b/./../c"), "/a/c");
  EXPECT_EQ(add("http://h/a/", ""), "/a/");
  EXPECT_EQ(add("http://h/a/", "/d/"), "/a//d/");
  EXPECT_EQ(builder_of("http://h/a").add_encoded_path_segments("d\\%20/\n").build().encoded_path(), "/a/d/%20/");
}

TEST(UrlBuilderTest, SetPathSegment) {
  const auto set = [](std::size_t index, std::string_view segment) {
    return std::string(builder_of("http://h/a/b/c").set_path_segment(index, segment).build().encoded_path());
  };
  EXPECT_EQ(set(0, "d"), "/d/b/c");
  EXPECT_EQ(set(2, ""), "/a/b/");
  EXPECT_EQ(set(0, ""), "//b/c");
  EXPECT_EQ(set(1, "/%"), "/a/%2F%25/c");
  EXPECT_THROW(set(0, "."), std::invalid_argument);
  EXPECT_THROW(set(0, ".."), std::invalid_argument);
  EXPECT_THROW(set(3, "d"), std::out_of_range);
  EXPECT_EQ(builder_of("http://h/a/b").set_encoded_path_segment(0, "%25/").build().encoded_path(), "/%25%2F/b");
  EXPECT_THROW(builder().set_encoded_path_segment(0, "%2e\n."), std::invalid_argument);
}

TEST(UrlBuilderTest, RemovePathSegment) {
  Url::Builder shrinking = builder_of("http://h/a/b/c");
  EXPECT_EQ(shrinking.remove_path_segment(1).build().encoded_path(), "/a/c");
  EXPECT_EQ(shrinking.remove_path_segment(0).remove_path_segment(0).build().encoded_path(), "/");
  EXPECT_EQ(shrinking.remove_path_segment(0).build().encoded_path(), "/");
  EXPECT_THROW(shrinking.remove_path_segment(1), std::out_of_range);
}

TEST(UrlBuilderTest, EncodedPathReplacesThePath) {
  const auto path = [](std::string_view text) {
    return std::string(builder_of("http://h/a/b").encoded_path(text).build().encoded_path());
  };
  EXPECT_EQ(path("/a%2Fb/c"), "/a%2Fb/c");
  EXPECT_EQ(path("/"), "/");
  EXPECT_EQ(path("//"), "//");
  EXPECT_EQ(path("/c/../d/."), "/d/");
  EXPECT_EQ(path("/c?d#e"), "/c%3Fd%23e");
  EXPECT_THROW(path(""), std::invalid_argument);
  EXPECT_THROW(path("a"), std::invalid_argument);
}

TEST(UrlBuilderTest, QueryCharactersEncodedWhenComposed) {
  const Url url = builder().add_query_parameter("a", "!$(),/:;?@[]\\^`{|}~").build();
  EXPECT_EQ(url.to_string(), "http://host/?a=%21%24%28%29%2C%2F%3A%3B%3F%40%5B%5D%5C%5E%60%7B%7C%7D%7E");
  EXPECT_EQ(url.query_parameter("a"), "!$(),/:;?@[]\\^`{|}~");
}

TEST(UrlBuilderTest, QueryCharactersNotReencodedWhenComposedWithAddEncoded) {
  const Url url = builder().add_encoded_query_parameter("a", "!$(),/:;?@[]\\^`{|}~").build();
  EXPECT_EQ(url.to_string(), "http://host/?a=!$(),/:;?@[]\\^`{|}~");
}

TEST(UrlBuilderTest, ComposeQueryWithComponents) {
  const Url url = builder().add_query_parameter("a+=& b", "c+=& d").add_query_parameter("e").build();
  EXPECT_EQ(url.to_string(), "http://host/?a%2B%3D%26%20b=c%2B%3D%26%20d&e");
  EXPECT_EQ(url.query_parameter("a+=& b"), "c+=& d");
  EXPECT_EQ(builder().add_encoded_query_parameter("a+=& b", "c+=& d").build().encoded_query(),
            "a+%3D%26%20b=c+%3D%26%20d");
}

TEST(UrlBuilderTest, SetQueryParameterReplacesAllOfThatNameHoweverEncoded) {
  EXPECT_EQ(builder_of("http://h/?~a=1&b=2&%7ea=3&%7E%61").set_query_parameter("~a", "x").build().encoded_query(),
            "b=2&%7Ea=x");
  EXPECT_EQ(builder_of("http://h/?a%20b=1&a+b=2").set_encoded_query_parameter("a+b", "x").build().encoded_query(),
            "a+b=x");
  EXPECT_EQ(builder_of("http://h/?a=1").set_query_parameter("a").build().encoded_query(), "a");
}

TEST(UrlBuilderTest, RemovingTheLastParameterRemovesTheQuery) {
  EXPECT_EQ(builder_of("http://h/?a=1&a").remove_all_query_parameters("a").build().to_string(), "http://h/");
  EXPECT_EQ(builder_of("http://h/?a=1&b").remove_all_encoded_query_parameters("%61").build().to_string(),
            "http://h/?b");
}

TEST(UrlBuilderTest, RemoveAllDoesNotRemoveQueryIfNoParametersWereRemoved) {
  EXPECT_EQ(builder().query("").remove_all_query_parameters("a").build().to_string(), "http://host/?");
  EXPECT_EQ(builder().remove_all_query_parameters("a").build().to_string(), "http://host/");
}

TEST(UrlBuilderTest, QueryAndFragmentCanBeCleared) {
  const Url url = Url::parse("http://h/?q#f");
  EXPECT_EQ(url.new_builder().query(std::nullopt).build().to_string(), "http://h/#f");
  EXPECT_EQ(url.new_builder().encoded_query(std::nullopt).fragment(std::nullopt).build().to_string(), "http://h/");
  EXPECT_EQ(url.new_builder().encoded_fragment("").query("").build().to_string(), "http://h/?#");
}

TEST(UrlBuilderTest, PlusInUnencodedQueryIsNotASpace) {
  EXPECT_EQ(builder().query("a+b=c&d e").build().encoded_query(), "a%2Bb=c&d%20e");
  EXPECT_EQ(builder().encoded_query("a+b").build().query(), "a b");
}

TEST(UrlBuilderTest, NewBuilderResolves) {
  const Url base = Url::parse("http://host/a/b");
  EXPECT_EQ(base.new_builder("?query")->build().to_string(), "http://host/a/b?query");
  EXPECT_EQ(base.new_builder("//host2")->add_path_segment("c").build().to_string(), "http://host2/c");
  EXPECT_FALSE(base.new_builder("ftp://b"));
  EXPECT_FALSE(base.new_builder("ht+tp://b"));
}

TEST(UrlBuilderTest, CopiesOfABuilderAreIndependent) {
  const Url::Builder original = builder_of("http://h/a");
  Url::Builder copy = original;
  copy.add_path_segment("b").scheme("https");
  EXPECT_EQ(original.build().to_string(), "http://h/a");
  EXPECT_EQ(copy.build().to_string(), "https://h/a/b");
}

TEST(UrlBuilderTest, BuildRefusesMoreThanOneMebibyte) {
  EXPECT_THROW((void)builder().add_path_segment(std::string(1 << 20, 'a')).build(), std::invalid_argument);
}

}  // namespace
}  // namespace okhttp

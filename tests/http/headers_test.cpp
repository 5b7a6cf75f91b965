#include <okhttp/headers.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <stdexcept>
#include <string>

namespace okhttp {
namespace {

std::string message_of(const auto& action) {
  try {
    action();
  } catch (const std::invalid_argument& e) {
    return e.what();
  }
  return "nothing was thrown";
}

TEST(HeadersTest, KeepsOrderCaseAndDuplicates) {
  const Headers headers = Headers::of({{"Accept", "a"}, {"X-One", "1"}, {"accept", "b"}});
  ASSERT_EQ(headers.size(), 3U);
  EXPECT_EQ(headers.name(0), "Accept");
  EXPECT_EQ(headers.value(1), "1");
  EXPECT_EQ(headers.name(2), "accept");
  EXPECT_EQ(headers.values("ACCEPT"), (std::vector<std::string_view>{"a", "b"}));
  EXPECT_EQ(headers.names(), (std::vector<std::string_view>{"Accept", "X-One"}));
}

TEST(HeadersTest, LastValueWins) {
  const Headers headers = Headers::of({{"A", "1"}, {"a", "2"}});
  EXPECT_EQ(headers.get("A"), "2");
  EXPECT_EQ(headers.get("b"), std::nullopt);
  EXPECT_TRUE(headers.contains("a"));
  EXPECT_FALSE(headers.contains("aa"));
}

TEST(HeadersTest, FindGoesFromFieldToField) {
  const Headers headers = Headers::of({{"A", "1"}, {"b", "2"}, {"a", "3"}});
  EXPECT_EQ(headers.find("a"), 0U);
  EXPECT_EQ(headers.find("a", 1), 2U);
  EXPECT_EQ(headers.find("a", 3), 3U);
  EXPECT_EQ(headers.find("a", 9), 3U);
  EXPECT_EQ(headers.find("c"), 3U);
  EXPECT_EQ(Headers().find("a"), 0U);
}

TEST(HeadersTest, WireLinesAreTakenOverAsTheyStand) {
  Headers::Builder builder;
  builder.add("First", "1");
  const std::vector<Headers::Builder::WireLine> lines = {{1, 6}, {10, 16}};
  builder.add_wire_lines("a: b\r\nLong: xy\r\n", lines);
  builder.add("Last", "2");
  EXPECT_EQ(std::move(builder).build(), Headers::of({{"First", "1"}, {"a", "b"}, {"Long", "xy"}, {"Last", "2"}}));
}

TEST(HeadersTest, EmptyHeadersAnswerEverything) {
  const Headers headers;
  EXPECT_TRUE(headers.empty());
  EXPECT_EQ(headers.get("a"), std::nullopt);
  EXPECT_TRUE(headers.values("a").empty());
  EXPECT_EQ(headers.byte_count(), 0U);
  EXPECT_EQ(headers.begin(), headers.end());
  EXPECT_EQ(headers, Headers::Builder().build());
}

TEST(HeadersTest, WireTextIsTheHeadOfAMessage) {
  const Headers headers = Headers::of({{"Host", "example.com"}, {"X-Empty", ""}});
  EXPECT_EQ(headers.wire_text(), "Host: example.com\r\nX-Empty: \r\n");
  EXPECT_EQ(headers.byte_count(), headers.wire_text().size());
  EXPECT_EQ(headers.get("x-empty"), "");
}

TEST(HeadersTest, SurroundingWhiteSpaceOfAValueIsDropped) {
  EXPECT_EQ(Headers::Builder().add("a", " \t b c \t").build().get("a"), "b c");
}

TEST(HeadersTest, AddLineSplitsAtTheFirstColon) {
  const Headers headers = Headers::Builder().add_line("foo: bar").add_line(" foo: baz").add_line("ping:a:b").build();
  EXPECT_EQ(headers.values("foo"), (std::vector<std::string_view>{"bar", "baz"}));
  EXPECT_EQ(headers.get("ping"), "a:b");
  EXPECT_THROW(Headers::Builder().add_line("no colon"), std::invalid_argument);
  EXPECT_THROW(Headers::Builder().add_line(": value"), std::invalid_argument);
}

TEST(HeadersTest, RefusesNamesThatAreNotTokens) {
  for (const char* name : {"", "a b", "a:", "a\r\n", "\x80", "(x)", "a\x7f"}) {
    EXPECT_THROW(Headers::Builder().add(name, "v"), std::invalid_argument) << name;
  }
}

TEST(HeadersTest, RefusesValuesThatCouldSplitTheHead) {
  for (const std::string& value : {std::string("a\r\nb"), std::string("a\nb"), std::string("a\rb"),
                                   std::string("a\0b", 3), std::string("a\x01z"), std::string("a\x7fz")}) {
    EXPECT_THROW(Headers::Builder().add("a", value), std::invalid_argument);
    EXPECT_THROW(Headers::Builder().set("a", value), std::invalid_argument);
    EXPECT_THROW(Headers::Builder().add_line("a:" + value), std::invalid_argument);
  }
  EXPECT_EQ(Headers::Builder().add("a", "b\tc \xc3\xa9").build().get("a"), "b\tc \xc3\xa9");
}

TEST(HeadersTest, RefusalShowsNameAndPositionButNeverTheValue) {
  const std::string message = message_of([] { Headers::Builder().add("X-Key", "secret\n"); });
  EXPECT_NE(message.find("X-Key"), std::string::npos) << message;
  EXPECT_NE(message.find('6'), std::string::npos) << message;
  EXPECT_EQ(message.find("secret"), std::string::npos) << message;
  EXPECT_EQ(message_of([] { Headers::Builder().add("a\nb", ""); }).find('\n'), std::string::npos);
}

TEST(HeadersTest, SetReplacesEveryFieldOfThatName) {
  const Headers headers = Headers::Builder().add("a", "1").add("B", "2").add("A", "3").set("a", "4").build();
  EXPECT_EQ(headers, Headers::of({{"B", "2"}, {"a", "4"}}));
}

TEST(HeadersTest, RemoveAllIgnoresCase) {
  Headers::Builder builder = Headers::of({{"a", "1"}, {"b", "2"}, {"A", "3"}}).new_builder();
  EXPECT_EQ(builder.remove_all("A").build(), Headers::of({{"b", "2"}}));
  EXPECT_TRUE(builder.remove_all("b").remove_all("absent").build().empty());
}

TEST(HeadersTest, ValuesTakenFromTheBuilderItselfSurviveItsChanges) {
  Headers::Builder builder;
  builder.add("first", std::string(200, 'x'));
  for (int i = 0; i < 20; ++i) builder.add("copy", *builder.get("first"));
  builder.set("first", *builder.get("copy"));
  builder.remove_all(builder.build().name(0));
  builder.add_all(builder.build());
  EXPECT_EQ(builder.get("first"), std::string(200, 'x'));

  Headers::Builder short_one;
  short_one.add("a", "1");
  short_one.add("b", *short_one.get("a")).add("a-long-name-for-a-short-value", *short_one.get("b"));
  EXPECT_EQ(short_one.get("a-long-name-for-a-short-value"), "1");
}

TEST(HeadersTest, BuiltValuesAreNotTouchedByTheBuilder) {
  Headers::Builder builder;
  builder.add("a", "1");
  const Headers before = builder.build();
  const std::string_view view = before.value(0);
  builder.set("a", "2").add("b", "3");
  EXPECT_EQ(before, Headers::of({{"a", "1"}}));
  EXPECT_EQ(view, "1");
  Headers::Builder copy = builder;
  copy.add("c", "4");
  EXPECT_EQ(builder.size(), 2U);
  EXPECT_EQ(std::move(copy).build().size(), 3U);
}

TEST(HeadersTest, BuilderIsEmptyAfterHandingItsStorageOver) {
  Headers::Builder builder;
  builder.add("a", "1");
  const Headers first = std::move(builder).build();
  EXPECT_EQ(builder.size(), 0U);
  EXPECT_EQ(builder.add("b", "2").build(), Headers::of({{"b", "2"}}));
  EXPECT_EQ(first, Headers::of({{"a", "1"}}));
}

TEST(HeadersTest, EqualityComparesNamesWithoutCaseAndValuesWithIt) {
  EXPECT_EQ(Headers::of({{"Ab", "x"}}), Headers::of({{"aB", "x"}}));
  EXPECT_FALSE(Headers::of({{"a", "x"}}) == Headers::of({{"a", "X"}}));
  EXPECT_FALSE(Headers::of({{"a", "1"}, {"b", "2"}}) == Headers::of({{"b", "2"}, {"a", "1"}}));
}

TEST(HeadersTest, PrintingHidesCredentials) {
  const Headers headers = Headers::of({{"Accept", "text/html"},
                                       {"authorization", "Basic c2VjcmV0"},
                                       {"Cookie", "id=secret"},
                                       {"Set-Cookie", "id=secret"},
                                       {"Proxy-Authorization", "secret"},
                                       {"X-Api-Key", "secret"}});
  const std::string text = headers.to_string();
  EXPECT_EQ(text.find("secret"), std::string::npos);
  EXPECT_EQ(text.find("c2Vj"), std::string::npos);
  EXPECT_NE(text.find("Accept: text/html\nauthorization: ██\nCookie: ██\n"), std::string::npos) << text;
}

TEST(HeadersTest, DatesAreReadAndWritten) {
  const std::chrono::system_clock::time_point date(std::chrono::seconds(784111777));
  const Headers headers = Headers::Builder().add("Date", date).set("Expires", date).add("Bad", "soon").build();
  EXPECT_EQ(headers.get("date"), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(headers.get_date("expires"), date);
  EXPECT_EQ(headers.get_date("bad"), std::nullopt);
  EXPECT_EQ(headers.get_date("absent"), std::nullopt);
}

TEST(HeadersTest, NamesCompareIgnoringOnlyAsciiCase) {
  EXPECT_TRUE(equals_ignore_case("", ""));
  EXPECT_TRUE(equals_ignore_case("Content-Length", "cONTENT-lENGTH"));
  EXPECT_FALSE(equals_ignore_case("Content-Length", "Content-Lengtg"));
  EXPECT_FALSE(equals_ignore_case("a", "ab"));
  // Every pair of bytes in every position of a word, against the plain definition.
  for (int a = 0; a < 256; ++a) {
    for (int b = 0; b < 256; ++b) {
      std::string left = "abcdefghijk";
      std::string right = "ABCDEFGHIJK";
      left[static_cast<std::size_t>(a % 11)] = static_cast<char>(a);
      right[static_cast<std::size_t>(a % 11)] = static_cast<char>(b);
      const auto lower = [](int c) { return c >= 'A' && c <= 'Z' ? c + 32 : c; };
      ASSERT_EQ(equals_ignore_case(left, right), lower(a) == lower(b)) << a << ' ' << b;
    }
  }
}

}  // namespace
}  // namespace okhttp

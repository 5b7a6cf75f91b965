#include <okhttp/media_type.hpp>

#include <gtest/gtest.h>

#include <stdexcept>

namespace okhttp {
namespace {

TEST(MediaTypeTest, Parse) {
  const MediaType type = MediaType::parse("Text/PLAIN;boundary=foo;charset=utf-8");
  EXPECT_EQ(type.type(), "text");
  EXPECT_EQ(type.subtype(), "plain");
  EXPECT_EQ(type.charset(), "utf-8");
  EXPECT_EQ(type.parameter("Boundary"), "foo");
  EXPECT_EQ(type.parameter("absent"), std::nullopt);
  EXPECT_EQ(type.to_string(), "Text/PLAIN;boundary=foo;charset=utf-8");
}

TEST(MediaTypeTest, ValidParse) {
  for (const char* text :
       {"text/plain", "application/atom+xml; charset=utf-8", "application/atom+xml; a=1; a=2; b=3",
        "image/gif; foo=bar", "text/plain; charset=utf-16", "text/plain; \t a=b", "text/plain;", "text/plain; ",
        "text/plain; a=1;", "text/plain; a=1; ", "text/plain; a=1;; b=2", "text/plain;;", "text/plain; ;",
        "text/plain ; a=1 ; b=2", "*/*", "x/y;a=\"\"", "text/plain; charset=\"!@#$%^&*{}/[]()\""}) {
    EXPECT_TRUE(MediaType::try_parse(text)) << text;
  }
}

TEST(MediaTypeTest, InvalidParse) {
  for (const char* text : {"",
                           "/",
                           "/plain",
                           "text",
                           "text/",
                           "te<t/plain",
                           " text/plain",
                           "te xt/plain",
                           "text /plain",
                           "text/ plain",
                           "text/pl@in",
                           "text/plain; a",
                           "text/plain; a=",
                           "text/plain; a=@",
                           "text/plain; a=\"@",
                           "text/plain; a=1, b=2",
                           "text/plain; a=1 b=2",
                           "text/plain; =b",
                           "text/plain; a=\"b\"c",
                           "text/plain; a=\"b\\",
                           "text/plain; a=\"\n\"",
                           "text/plain\r\nX: y",
                           "text/plain; a = b"}) {
    EXPECT_FALSE(MediaType::try_parse(text)) << text;
    EXPECT_THROW((void)MediaType::parse(text), std::invalid_argument) << text;
  }
}

TEST(MediaTypeTest, RefusalShowsTheText) {
  try {
    (void)MediaType::parse("te xt/plain\n");
    FAIL();
  } catch (const std::invalid_argument& e) {
    EXPECT_STREQ(e.what(), "not a media type: \"te xt/plain?\"");
  }
}

TEST(MediaTypeTest, DoubleQuotesAreSpecial) {
  EXPECT_EQ(MediaType::parse("text/plain;a=\";charset=utf-8;b=\"").charset(), std::nullopt);
  EXPECT_EQ(MediaType::parse("text/plain;a=\"x\\\"y\\\\\"").parameter("a"), "x\"y\\");
}

TEST(MediaTypeTest, SingleQuotesAreNotSpecial) {
  EXPECT_EQ(MediaType::parse("text/plain;a=';charset=utf-8;b='").charset(), "utf-8");
}

TEST(MediaTypeTest, FirstCharsetWins) {
  EXPECT_EQ(MediaType::parse("text/plain; charset=utf-8; charset=utf-16").charset(), "utf-8");
}

TEST(MediaTypeTest, EqualityIgnoresWhiteSpaceQuotesAndCaseOfNames) {
  EXPECT_EQ(MediaType::parse("text/html;charset=utf-8"), MediaType::parse("TEXT/html; CharSet=\"utf-8\""));
  EXPECT_FALSE(MediaType::parse("text/html") == MediaType::parse("text/plain"));
  EXPECT_FALSE(MediaType::parse("text/html;a=b") == MediaType::parse("text/html;a=B"));
  EXPECT_FALSE(MediaType::parse("text/html;a=b") == MediaType::parse("text/html"));
}

}  // namespace
}  // namespace okhttp

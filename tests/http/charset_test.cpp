#include "http/charset.hpp"

#include <gtest/gtest.h>

#include <string>

namespace okhttp::internal {
namespace {

std::string bytes(std::string_view text) { return std::string(text); }

TEST(CharsetTest, Utf8IsGivenAsItIs) {
  EXPECT_EQ(to_utf8("gr\xc3\xbc\xc3\x9f", "utf-8"), "gr\xc3\xbc\xc3\x9f");
  EXPECT_EQ(to_utf8("\xff\x80", std::nullopt), "\xff\x80");
  EXPECT_EQ(to_utf8("", "utf-16"), "");
}

TEST(CharsetTest, ByteOrderMarksDecideAndAreDropped) {
  EXPECT_EQ(to_utf8("\xef\xbb\xbf"
                    "a",
                    "iso-8859-1"),
            "a");
  EXPECT_EQ(to_utf8(bytes({"\xfe\xff\0a", 4}), "utf-8"), "a");
  EXPECT_EQ(to_utf8(bytes({"\xff\xfe"
                           "a\0",
                           4}),
                    std::nullopt),
            "a");
  EXPECT_EQ(to_utf8(bytes({"\0\0\xfe\xff\0\0\0a", 8}), std::nullopt), "a");
  EXPECT_EQ(to_utf8(bytes({"\xff\xfe\0\0"
                           "a\0\0\0",
                           8}),
                    "utf-16le"),
            "a");
  EXPECT_EQ(to_utf8("\xef\xbb", "utf-8"), "\xef\xbb") << "half a mark is none";
}

TEST(CharsetTest, CharsetDecidesWithoutAMark) {
  EXPECT_EQ(to_utf8("caf\xe9", "ISO-8859-1"), "caf\xc3\xa9");
  EXPECT_EQ(to_utf8("caf\xe9", "Latin1"), "caf\xc3\xa9");
  EXPECT_EQ(to_utf8("caf\xe9", "us-ascii"), "caf\xef\xbf\xbd");
  EXPECT_EQ(to_utf8(bytes({"\0a", 2}), "utf-16"), "a");
  EXPECT_EQ(to_utf8(bytes({"\0a", 2}), "UTF-16BE"), "a");
  EXPECT_EQ(to_utf8(bytes({"a\0", 2}), "utf-16le"), "a");
  EXPECT_EQ(to_utf8(bytes({"\x20\xac", 2}), "utf-16be"), "\xe2\x82\xac");
  EXPECT_EQ(to_utf8(bytes({"\0\0\0a", 4}), "utf-32"), "a");
  EXPECT_EQ(to_utf8(bytes({"a\0\0\0", 4}), "utf-32le"), "a");
  EXPECT_EQ(to_utf8("\xe9", "windows-1252"), "\xe9") << "unknown ones are left alone";
}

TEST(CharsetTest, SurrogatePairsBecomeOneCharacter) {
  EXPECT_EQ(to_utf8("\xd8\x3c\xdf\x55", "utf-16be"), "\xf0\x9f\x8d\x95");
  EXPECT_EQ(to_utf8(bytes({"\0\x01\xf3\x55", 4}), "utf-32be"), "\xf0\x9f\x8d\x95");
}

TEST(CharsetTest, MalformedUnitsAreReplaced) {
  const std::string replacement = "\xef\xbf\xbd";
  EXPECT_EQ(to_utf8(bytes({"\xd8\x3c\0a", 4}), "utf-16be"), replacement + "a") << "a lone high surrogate";
  EXPECT_EQ(to_utf8("\xdf\x55", "utf-16be"), replacement) << "a lone low surrogate";
  EXPECT_EQ(to_utf8("\xd8\x3c", "utf-16be"), replacement) << "a high surrogate at the end";
  EXPECT_EQ(to_utf8(bytes({"\0a\0", 3}), "utf-16be"), "a" + replacement) << "half a unit";
  EXPECT_EQ(to_utf8(bytes({"\0\x11\0\0", 4}), "utf-32be"), replacement) << "beyond U+10FFFF";
  EXPECT_EQ(to_utf8(bytes({"\0\0\xd8\0", 4}), "utf-32be"), replacement) << "a surrogate in UTF-32";
  EXPECT_EQ(to_utf8(bytes({"\0\0\0a\0\0", 6}), "utf-32be"), "a" + replacement);
}

}  // namespace
}  // namespace okhttp::internal

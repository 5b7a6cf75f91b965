#include "http/percent_encoding.hpp"

#include <gtest/gtest.h>

#include <string>

namespace okhttp::internal {
namespace {

/// The printable ASCII characters that `set` encodes.
std::string encoded_characters(EncodeSet set) {
  std::string characters;
  for (char c = ' '; c <= '~'; ++c) {
    std::string out;
    append_percent_encoded(out, std::string(1, c), set);
    if (out.size() > 1) characters += c;
  }
  return characters;
}

TEST(PercentEncodingTest, SetsAreThoseOfTheUrlStandard) {
  EXPECT_EQ(encoded_characters(EncodeSet::fragment), " \"<>`");
  EXPECT_EQ(encoded_characters(EncodeSet::query), " \"#'<>");
  EXPECT_EQ(encoded_characters(EncodeSet::path), " \"#<>?^`{}");
  EXPECT_EQ(encoded_characters(EncodeSet::userinfo), " \"#/:;<=>?@[\\]^`{|}");
}

TEST(PercentEncodingTest, ControlsAndHighBytesAreEncodedInEverySet) {
  for (const EncodeSet set : {EncodeSet::fragment, EncodeSet::query, EncodeSet::path, EncodeSet::userinfo,
                              EncodeSet::path_segment, EncodeSet::query_component, EncodeSet::query_component_text}) {
    std::string out;
    append_percent_encoded(out, std::string("\0\x1f\x7f\x80\xff", 5), set);
    EXPECT_EQ(out, "%00%1F%7F%80%FF");
  }
}

TEST(PercentEncodingTest, PercentIsEncodedInPlainTextOnly) {
  EXPECT_EQ(percent_encode("%41", EncodeSet::path), "%2541");
  EXPECT_EQ(reencode("%41%\t%", EncodeSet::path), "%41%%");
}

TEST(PercentEncodingTest, PlusIsEncodedInPlainQueriesOnly) {
  EXPECT_EQ(percent_encode("+", EncodeSet::query), "%2B");
  EXPECT_EQ(percent_encode("+", EncodeSet::query_component_text), "%2B");
  EXPECT_EQ(percent_encode("+", EncodeSet::path_segment), "+");
  EXPECT_EQ(reencode("+", EncodeSet::query), "+");
}

TEST(PercentEncodingTest, DecodeLeavesMalformedEncodingsAlone) {
  EXPECT_EQ(percent_decode("%41%6a%6A"), "Ajj");
  EXPECT_EQ(percent_decode("%"), "%");
  EXPECT_EQ(percent_decode("%4"), "%4");
  EXPECT_EQ(percent_decode("%4g%g4%%41"), "%4g%g4%A");
  EXPECT_EQ(percent_decode("%00"), std::string(1, '\0'));
  EXPECT_EQ(percent_decode("a+b"), "a+b");
  EXPECT_EQ(percent_decode("a+b%2B", true), "a b+");
}

}  // namespace
}  // namespace okhttp::internal

#include "http/punycode.hpp"

#include <gtest/gtest.h>

#include <string>

namespace okhttp::internal {
namespace {

std::string punycode(std::u32string_view label) {
  std::string out;
  EXPECT_TRUE(append_punycode(out, label));
  return out;
}

TEST(PunycodeTest, SamplesOfRfc3492) {
  // RFC 3492 §7.1: (A) Arabic, (B) Chinese, (L) 3年B組金八先生, (S) -> $1.00 <-.
  EXPECT_EQ(punycode(U"\u0644\u064a\u0647\u0645\u0627\u0628\u062a\u0643\u0644\u0645\u0648\u0634\u0639\u0631\u0628\u064a"
                     U"\u061f"),
            "egbpdaj6bu4bxfgehfvwxn");
  EXPECT_EQ(punycode(U"\u4ed6\u4eec\u4e3a\u4ec0\u4e48\u4e0d\u8bf4\u4e2d\u6587"), "ihqwcrb4cv8a8dqg056pqjye");
  EXPECT_EQ(punycode(U"3\u5e74B\u7d44\u91d1\u516b\u5148\u751f"), "3B-ww4c5e180e575a65lsy2b");
  EXPECT_EQ(punycode(U"-> $1.00 <-"), "-> $1.00 <--");
}

TEST(PunycodeTest, Pictographs) {
  EXPECT_EQ(punycode(U"\u2603"), "n3h");
  EXPECT_EQ(punycode(U"i\u2764"), "i-7iq");
  EXPECT_EQ(punycode(U"\U0001f369"), "gj8h");
}

TEST(PunycodeTest, LabelOfMoreThan63CodePointsIsRefused) {
  std::string out;
  EXPECT_FALSE(append_punycode(out, std::u32string(kMaxLabelSize + 1, U'\u2603')));
  EXPECT_TRUE(append_punycode(out, std::u32string(kMaxLabelSize, U'\U0010ffff')));
}

}  // namespace
}  // namespace okhttp::internal

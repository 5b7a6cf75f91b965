#include "http/shell_quote.hpp"

#include <gtest/gtest.h>

#include <cstdio>
#include <stdexcept>
#include <string>
#include <vector>

namespace okhttp::internal {
namespace {

std::string output_of(const std::string& command) {
  FILE* const pipe = ::popen(command.c_str(), "r");
  if (pipe == nullptr) throw std::runtime_error("popen failed");
  std::string output;
  char piece[4096];
  while (const std::size_t count = std::fread(piece, 1, sizeof piece, pipe)) output.append(piece, count);
  if (::pclose(pipe) != 0) throw std::runtime_error("the shell failed");
  return output;
}

/// What a program gets as its argument.
std::string through_sh(const std::string& word) { return output_of("printf %s " + word); }

// Every sh takes single quotes; dollar-single-quotes are too new for some.
std::string through_bash(const std::string& word) {
  return output_of("/bin/bash -c " + shell_quoted("printf %s " + word));
}

TEST(ShellQuoteTest, PlainTextIsInSingleQuotes) {
  EXPECT_EQ(shell_quoted(""), "''");
  EXPECT_EQ(shell_quoted("a b"), "'a b'");
  EXPECT_EQ(shell_quoted("it's"), "'it'\\''s'");
  EXPECT_EQ(shell_quoted("\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"), "'\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80'");
}

TEST(ShellQuoteTest, ControlCharactersAreWrittenOut) {
  EXPECT_EQ(shell_quoted("a\tb\r\n"), R"($'a\tb\r\n')");
  EXPECT_EQ(shell_quoted("\x1b[0m'\\!"), R"($'\033[0m\'\\\041')");
  EXPECT_EQ(shell_quoted("\x7f"), R"($'\177')");
  EXPECT_EQ(shell_quoted("\xc2\x9b"
                         "31m\xc3\xa9"),
            "$'\\302\\23331m\xc3\xa9'");
}

TEST(ShellQuoteTest, WhatIsNoUtf8IsWrittenOut) {
  EXPECT_EQ(shell_quoted("\x9b"), R"($'\233')");
  EXPECT_EQ(shell_quoted("\xc3"), R"($'\303')");
  EXPECT_EQ(shell_quoted("\xc0\xaf"), R"($'\300\257')");
  EXPECT_EQ(shell_quoted("\xed\xa0\x80"), R"($'\355\240\200')");
  EXPECT_EQ(shell_quoted("\xf4\x90\x80\x80"), R"($'\364\220\200\200')");
}

TEST(ShellQuoteTest, AShellGivesBackEveryPrintableText) {
  std::string all;
  for (char c = 0x20; c < 0x7f; ++c) all += c;
  const std::vector<std::string> texts = {all, "",  "'",  "''",    "$(id)`id`$HOME",      "\"; id #",
                                          "*", "~", "-n", "a\\'b", "\xc3\xa9\xe2\x82\xac"};
  for (const std::string& text : texts) {
    EXPECT_EQ(through_sh(shell_quoted(text)), text);
    EXPECT_EQ(through_bash(shell_quoted(text)), text);
  }
}

TEST(ShellQuoteTest, AShellGivesBackEveryByteWithNoControlOnTheWay) {
  for (int byte = 1; byte < 256; ++byte) {
    const std::string text = "7" + std::string(1, static_cast<char>(byte)) + "7'";
    const std::string word = shell_quoted(text);
    for (const char c : word) {
      const auto shown = static_cast<unsigned char>(c);
      EXPECT_TRUE(shown >= 0x20 && shown < 0x7f) << byte;
    }
  }
  // One shell for all of them.
  std::string all;
  for (int byte = 1; byte < 256; ++byte) all += static_cast<char>(byte);
  for (int byte = 0x80; byte < 0xa0; ++byte) (all += '\xc2') += static_cast<char>(byte);
  EXPECT_EQ(through_bash(shell_quoted(all)), all);
}

}  // namespace
}  // namespace okhttp::internal

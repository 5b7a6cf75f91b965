#include <gtest/gtest.h>
#include <okhttp/url.hpp>

#include <algorithm>
#include <cstddef>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>

#include "places.hpp"

namespace okhttp {
namespace {

constexpr std::string_view kArrow = " => ";

/// The bytes that an input of the data file stands for.
std::string unescape(std::string_view text) {
  if (text == "<empty>") return {};
  std::string bytes;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') {
      bytes += text[i];
      continue;
    }
    const char kind = text.at(++i);
    if (kind == 'x') {
      bytes += static_cast<char>(std::stoi(std::string(text.substr(i + 1, 2)), nullptr, 16));
      i += 2;
    } else {
      constexpr std::string_view kLetters = "tnrf\\";
      bytes += std::string_view("\t\n\r\f\\").at(kLetters.find(kind));
    }
  }
  return bytes;
}

/// What must hold of every Url, wherever it came from.
void expect_invariants(const Url& url) {
  EXPECT_EQ(Url::parse(url.to_string()), url);
  EXPECT_TRUE(url.encoded_path().starts_with('/'));
  EXPECT_FALSE(url.host().empty());
  EXPECT_TRUE(std::all_of(url.to_string().begin(), url.to_string().end(), [](char c) { return c > ' ' && c < 0x7f; }));
  if (url.port() != 0) {
    EXPECT_EQ(url.new_builder().build(), url);
  }
}

TEST(UrlConformanceTest, TextsParseAsTheUrlStandardSays) {
  std::ifstream file(OKHTTP_SOURCE_DIR "/tests/conformance/url_cases.txt");
  ASSERT_TRUE(file.is_open());
  std::optional<Url> base;
  int cases = 0;
  int number = 0;
  for (std::string line; std::getline(file, line);) {
    SCOPED_TRACE("url_cases.txt:" + std::to_string(++number) + ": " + line);
    const std::size_t arrow = line.find(kArrow);
    if (line.starts_with("[base ")) {
      base = Url::parse(line.substr(6, line.size() - 7));
    } else if (arrow != std::string::npos) {
      const std::string input = unescape(std::string_view(line).substr(0, arrow));
      const std::optional<Url> url = base ? base->resolve(input) : Url::try_parse(input);
      EXPECT_EQ(url ? url->to_string() : "failure", line.substr(arrow + kArrow.size()));
      if (url) expect_invariants(*url);
      ++cases;
    } else {
      ASSERT_TRUE(line.empty() || line.starts_with('#'));
      base.reset();
    }
  }
  EXPECT_GT(cases, 600);
}

}  // namespace
}  // namespace okhttp

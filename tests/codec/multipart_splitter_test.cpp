#include "codec/multipart_splitter.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace okhttp::internal {
namespace {

using State = MultipartSplitter::Step::State;

struct Outcome {
  std::vector<std::string> parts;  ///< "headers|content", and "..." behind one that did not end
  bool is_complete = false;
  Errc error = Errc();
  std::string message;
  std::size_t most_held = 0;  ///< bytes that were shown and not consumed

  friend bool operator==(const Outcome& a, const Outcome& b) {
    return a.parts == b.parts && a.is_complete == b.is_complete && a.error == b.error && a.message == b.message;
  }
};

std::ostream& operator<<(std::ostream& out, const Outcome& outcome) {
  for (const std::string& part : outcome.parts) out << '<' << part << '>';
  return out << " complete: " << outcome.is_complete << " error: " << to_string(outcome.error) << ' '
             << outcome.message;
}

/// Shows the text in such pieces.
class Splitting {
 public:
  explicit Splitting(std::string_view boundary = "b", MultipartLimits limits = {}) : splitter_(boundary, limits) {}

  Splitting& max_data(std::size_t count) {
    max_data_ = count;
    return *this;
  }

  Outcome split(const std::vector<std::string_view>& pieces) {
    for (std::size_t i = 0; i <= pieces.size() && !is_over_; ++i) {
      if (i < pieces.size()) held_ += pieces[i];
      while (take_step(i == pieces.size())) continue;
      outcome_.most_held = std::max(outcome_.most_held, held_.size());
    }
    return outcome_;
  }

 private:
  /// False when more has to be shown, or nothing more comes.
  bool take_step(bool is_whole) {
    const MultipartSplitter::Step step = splitter_.next(held_, is_whole, max_data_);
    switch (step.state) {
      case State::part:
        outcome_.parts.push_back(std::string(splitter_.take_headers().wire_text()) + "|...");
        break;
      case State::data:
        EXPECT_FALSE(step.data.empty());
        EXPECT_LE(step.data.size(), max_data_);
        outcome_.parts.back().insert(outcome_.parts.back().size() - 3, step.data);
        break;
      case State::part_end:
        outcome_.parts.back().resize(outcome_.parts.back().size() - 3);
        break;
      case State::end:
        outcome_.is_complete = is_over_ = true;
        return false;
      case State::error:
        outcome_.error = step.error;
        outcome_.message = step.message;
        is_over_ = true;
        EXPECT_EQ(splitter_.next(held_, is_whole).state, State::error);
        return false;
      case State::need_more:
        break;
    }
    held_.erase(0, step.consumed);
    return step.state != State::need_more || step.consumed > 0;
  }

  MultipartSplitter splitter_;
  std::size_t max_data_ = SIZE_MAX;
  std::string held_;
  Outcome outcome_;
  bool is_over_ = false;
};

std::vector<std::string_view> pieces_of(std::string_view text, std::size_t size) {
  std::vector<std::string_view> pieces;
  for (std::size_t at = 0; at < text.size(); at += size) pieces.push_back(text.substr(at, size));
  return pieces;
}

/// What the text is split into, in whatever pieces it comes: whole, in two at every byte, and in pieces of one size.
Outcome split(std::string_view text, std::string_view boundary = "b") {
  Outcome whole = Splitting(boundary).split({text});
  for (std::size_t cut = 1; cut < text.size(); ++cut) {
    EXPECT_EQ(Splitting(boundary).split({text.substr(0, cut), text.substr(cut)}), whole) << "cut at " << cut;
  }
  for (std::size_t size = 1; size < 8; ++size) {
    EXPECT_EQ(Splitting(boundary).split(pieces_of(text, size)), whole) << "in pieces of " << size;
    EXPECT_EQ(Splitting(boundary).max_data(size).split({text}), whole) << "data of " << size;
  }
  return whole;
}

std::vector<std::string> parts_of(std::string_view text, std::string_view boundary = "b") {
  const Outcome outcome = split(text, boundary);
  EXPECT_TRUE(outcome.is_complete) << outcome;
  return outcome.parts;
}

Errc error_of(std::string_view text, std::string_view boundary = "b") {
  const Outcome outcome = split(text, boundary);
  EXPECT_FALSE(outcome.is_complete);
  EXPECT_FALSE(outcome.message.empty());
  return outcome.error;
}

using Parts = std::vector<std::string>;

TEST(MultipartSplitterTest, PartsHaveHeadersAndContent) {
  EXPECT_EQ(parts_of("--b\r\nA: 1\r\nB: 2\r\n\r\none\r\n--b\r\n\r\ntwo\r\n--b--\r\n"),
            (Parts{"A: 1\r\nB: 2\r\n|one", "|two"}));
}

TEST(MultipartSplitterTest, ContentMayBeEmptyWithOrWithoutItsLineEnd) {
  EXPECT_EQ(parts_of("--b\r\n\r\n\r\n--b\r\nA: 1\r\n\r\n--b--"), (Parts{"|", "A: 1\r\n|"}));
}

TEST(MultipartSplitterTest, ContentKeepsItsLineEnds) {
  EXPECT_EQ(parts_of("--b\r\n\r\n\r\n\r\n\r\r\n\n\r\n--b--"), (Parts{"|\r\n\r\n\r\r\n\n"}));
}

TEST(MultipartSplitterTest, PreambleAndEpilogueArePassedOver) {
  EXPECT_EQ(parts_of("preamble --b\r\n--a\r\n--b\r\n\r\none\r\n--b--\r\nepilogue\r\n--b\r\n\r\n"), (Parts{"|one"}));
  EXPECT_EQ(parts_of("\r\n--b\r\n\r\none\r\n--b--"), (Parts{"|one"}));
}

TEST(MultipartSplitterTest, WhiteSpaceMayFollowABoundary) {
  EXPECT_EQ(parts_of("--b \t \r\n\r\none\r\n--b\t\r\n\r\ntwo\r\n--b-- \t\r\n"), (Parts{"|one", "|two"}));
  EXPECT_EQ(parts_of("--b\r\n\r\none\r\n--b-- \t"), (Parts{"|one"}));
}

TEST(MultipartSplitterTest, WhatOnlyLooksLikeABoundaryIsContent) {
  const std::string content =
      "--b is not at a line's begin\r\n-- b\r\n-b\r\n--\r\n\n--b\r\n--ab\r\n --b\r\r\n\r\n--a\r\n--B--\r\n";
  EXPECT_EQ(parts_of("--b\r\n\r\nx" + content + "\r\n--b--"), (Parts{"|x" + content}));
}

TEST(MultipartSplitterTest, BoundariesThatRepeatThemselvesAreFound) {
  EXPECT_EQ(parts_of("----\r\n\r\n---\r\n---\r\n------", "--"), (Parts{"|---\r\n---"}));
  EXPECT_EQ(parts_of("--a a\r\n\r\n\r\n--a \r\n--a a--", "a a"), (Parts{"|\r\n--a "}));
}

TEST(MultipartSplitterTest, TheLongestBoundaryIsFound) {
  const std::string boundary(70, '-');
  EXPECT_EQ(parts_of("--" + boundary + "\r\n\r\none\r\n--" + boundary + "--", boundary), (Parts{"|one"}));
}

TEST(MultipartSplitterTest, PartsOfAPartAreItsContent) {
  const std::string inner = "--i\r\n\r\none\r\n--i\r\n\r\ntwo\r\n--i--";
  EXPECT_EQ(parts_of("--b\r\n\r\n" + inner + "\r\n--b--"), (Parts{"|" + inner}));
  EXPECT_EQ(parts_of(inner, "i"), (Parts{"|one", "|two"}));
}

// RFC 2046 §5.1.1: it is sufficient that the boundary appears after the line end. Those that take such a line for
// content and those that take it for a boundary would see other parts.
TEST(MultipartSplitterTest, ALineThatBeginsWithTheBoundaryIsNoContent) {
  for (const char* line : {"--bx\r\n", "--b-\r\n", "--b-x", "--b\n", "--b\r\r\n", "--b \v\r\n", "--b--x\r\n", "--b--\n",
                           "--b--\rx", "--b---"}) {
    EXPECT_EQ(error_of("--b\r\n\r\none\r\n" + std::string(line)), Errc::protocol_error) << line;
  }
}

TEST(MultipartSplitterTest, ATruncatedBodyIsAnErrorWhereverItEnds) {
  const std::string text = "x\r\n--b\r\nA: 1\r\n\r\none\r\n--b--";
  for (std::size_t size = 0; size < text.size(); ++size) {
    EXPECT_EQ(error_of(text.substr(0, size)), Errc::protocol_error) << size;
  }
  EXPECT_EQ(error_of(text + "\r"), Errc::protocol_error);
}

TEST(MultipartSplitterTest, ABodyWithoutPartsIsAnError) {
  EXPECT_EQ(error_of("--b--\r\n"), Errc::protocol_error);
  EXPECT_EQ(error_of("--c\r\n\r\none\r\n--c--"), Errc::protocol_error);
}

TEST(MultipartSplitterTest, HeadersAreAsStrictAsThoseOfHttp) {
  for (const char* headers : {"A : 1\r\n", " A: 1\r\n", "A: 1\r\n 2\r\n", "A: 1\n", "A\r\n", ": 1\r\n", "A: \x01\r\n",
                              "--b\r\n", "A: 1\rB: 2\r\n"}) {
    EXPECT_EQ(error_of("--b\r\n" + std::string(headers) + "\r\none\r\n--b--"), Errc::protocol_error) << headers;
  }
}

TEST(MultipartSplitterTest, MessagesShowNothingOfTheBody) {
  const Outcome outcome = split("--b\r\nSecret secret\r\n\r\n");
  EXPECT_EQ(outcome.message.find("ecret"), std::string::npos) << outcome.message;
  EXPECT_NE(outcome.message.find("part 1"), std::string::npos) << outcome.message;
}

class MultipartSplitterLimitsTest : public ::testing::Test {
 protected:
  MultipartSplitterLimitsTest() {
    limits_.max_header_bytes = 20;
    limits_.max_headers = 2;
    limits_.max_parts = 2;
    limits_.max_preamble_bytes = 10;
  }
  [[nodiscard]] Outcome split(std::string_view text, std::size_t size) {
    Splitting splitting("b", limits_);
    return splitting.split(pieces_of(text, size));
  }
  /// Of the text alone, and with one more byte where it is marked with '#'.
  void expect_limit_at_mark(const std::string& text, const std::string& more) {
    std::string within = text;
    within.erase(within.find('#'), 1);
    std::string beyond = text;
    beyond.replace(beyond.find('#'), 1, more);
    for (const std::size_t size : {std::size_t{1}, std::size_t{3}, std::size_t{1000}}) {
      EXPECT_TRUE(split(within, size).is_complete) << split(within, size);
      EXPECT_EQ(split(beyond, size).error, Errc::limit_exceeded) << split(beyond, size);
    }
  }

  MultipartLimits limits_;
};

TEST_F(MultipartSplitterLimitsTest, EachIsReachedAndNotPassed) {
  expect_limit_at_mark("--b\r\nA: 3456789012345#\r\n\r\n\r\n--b--", "6");
  expect_limit_at_mark("--b\r\nA: 1\r\nB: 2\r\n#\r\n\r\n--b--", "C: 3\r\n");
  expect_limit_at_mark("--b\r\n\r\n\r\n--b\r\n\r\n#\r\n--b--", "\r\n--b\r\n\r\n");
  expect_limit_at_mark("0123456789#\r\n--b\r\n\r\n\r\n--b--", "a");
  expect_limit_at_mark("--b" + std::string(256, ' ') + "#\r\n\r\n\r\n--b--", " ");
}

TEST_F(MultipartSplitterLimitsTest, HostileInputIsNotHeld) {
  limits_.max_preamble_bytes = std::size_t{10} << 20;
  const std::size_t size = std::size_t{1} << 20;
  std::string delimiters;
  while (delimiters.size() < size) delimiters += "\r\n--";
  for (const std::string& text :
       {std::string(size, 'x'), std::string(size, '\r'), std::string(size, '-'), delimiters}) {
    for (const char* begin : {"", "--b\r\n\r\n"}) {
      const Outcome outcome = split(begin + text, 1000);
      EXPECT_EQ(outcome.error, Errc::protocol_error);
      EXPECT_LT(outcome.most_held, 2000U);
    }
    EXPECT_LT(split("--b\r\n" + text, 1000).most_held, 2000U);
    EXPECT_LT(split("--b\r\nA: " + text, 1000).most_held, 2000U);
  }
  EXPECT_LT(split("--b" + std::string(size, ' '), 1000).most_held, 2000U);
  EXPECT_LT(split("--b\r\n\r\n\r\n--b--" + std::string(size, ' '), 1000).most_held, 2000U);
}

}  // namespace
}  // namespace okhttp::internal

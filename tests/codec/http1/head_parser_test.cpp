#include "codec/http1/head_parser.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace okhttp::internal {
namespace {

using std::string_literals::operator""s;

// Shows `parser` the pieces of `text` one after the other, keeping what it did not consume, as a connection does.
// `consumed` counts the bytes that the head took.
template <typename Parser>
ParseResult feed(Parser& parser, const std::vector<std::string_view>& pieces) {
  std::string buffered;
  std::size_t consumed = 0;
  ParseResult result;
  for (const std::string_view piece : pieces) {
    buffered += piece;
    result = parser.parse(buffered);
    consumed += result.consumed;
    buffered.erase(0, result.consumed);
    if (result.state != ParseResult::State::need_more) break;
  }
  result.consumed = consumed;
  return result;
}

template <typename Parser>
ParseResult feed_bytes(Parser& parser, std::string_view text) {
  std::vector<std::string_view> pieces;
  for (std::size_t i = 0; i < text.size(); ++i) pieces.push_back(text.substr(i, 1));
  return feed(parser, pieces);
}

// The error of a whole text, which must be the same when the bytes come one by one.
template <typename Parser>
ParseErrc error_of(const std::string& text, HeadLimits limits = {}) {
  Parser at_once(limits);
  const ParseResult result = at_once.parse(text);
  Parser dribbled(limits);
  const ParseResult slow = feed_bytes(dribbled, text);
  EXPECT_EQ(slow.state, result.state) << text;
  EXPECT_EQ(slow.error.code, result.error.code) << text;
  EXPECT_EQ(slow.error.message, result.error.message);
  EXPECT_EQ(result.error.message.find("secret"), std::string::npos) << result.error.message;
  return result.error.code;
}

ParseErrc response_error(const std::string& text, HeadLimits limits = {}) {
  return error_of<ResponseHeadParser>(text, limits);
}
ParseErrc request_error(const std::string& text) { return error_of<RequestHeadParser>(text); }
// The error of a response whose status line is in order.
ParseErrc field_error(const std::string& fields) { return response_error("HTTP/1.1 200 OK\r\n" + fields); }

const std::string kResponse =
    "HTTP/1.1 404 Not Found\r\nContent-Length: 5\r\nSet-Cookie:a=b\r\nX-Empty:\r\nset-cookie: \tc=d \t\r\n\r\n";

void expect_response(ResponseHeadParser& parser) {
  EXPECT_EQ(parser.status_line().protocol, Protocol::http_1_1);
  EXPECT_EQ(parser.status_line().code, 404);
  EXPECT_EQ(parser.status_line().reason, "Not Found");
  EXPECT_EQ(parser.bytes_parsed(), kResponse.size());
  EXPECT_EQ(parser.take_headers(),
            Headers::of({{"Content-Length", "5"}, {"Set-Cookie", "a=b"}, {"X-Empty", ""}, {"set-cookie", "c=d"}}));
}

TEST(ResponseHeadParserTest, ParsesAWholeHead) {
  ResponseHeadParser parser;
  const ParseResult result = parser.parse(kResponse + "hello");
  ASSERT_TRUE(result.is_complete());
  EXPECT_EQ(result.consumed, kResponse.size());
  expect_response(parser);
}

TEST(ResponseHeadParserTest, ParsesByteByByte) {
  ResponseHeadParser parser;
  const ParseResult result = feed_bytes(parser, kResponse);
  ASSERT_TRUE(result.is_complete());
  EXPECT_EQ(result.consumed, kResponse.size());
  expect_response(parser);
}

TEST(ResponseHeadParserTest, ParsesTheSameWhereverTheBytesAreSplit) {
  const std::string text = kResponse + "body";
  for (std::size_t first = 0; first <= kResponse.size(); ++first) {
    for (std::size_t second = first; second <= kResponse.size(); second += 7) {
      const std::string_view all = text;
      ResponseHeadParser parser;
      const ParseResult result =
          feed(parser, {all.substr(0, first), all.substr(first, second - first), all.substr(second)});
      ASSERT_TRUE(result.is_complete()) << first << ' ' << second;
      ASSERT_EQ(result.consumed, kResponse.size());
      expect_response(parser);
    }
  }
}

TEST(ResponseHeadParserTest, EveryProperPrefixNeedsMore) {
  for (std::size_t size = 0; size < kResponse.size(); ++size) {
    ResponseHeadParser parser;
    const ParseResult result = parser.parse(std::string_view(kResponse).substr(0, size));
    ASSERT_EQ(result.state, ParseResult::State::need_more) << size;
    ASSERT_LE(result.consumed, size);
  }
}

TEST(ResponseHeadParserTest, ReasonMayBeEmptyOrAbsent) {
  for (const char* line : {"HTTP/1.1 200", "HTTP/1.1 200 ", "HTTP/1.0 200 "}) {
    ResponseHeadParser parser;
    ASSERT_TRUE(parser.parse(line + "\r\n\r\n"s).is_complete()) << line;
    EXPECT_EQ(parser.status_line().code, 200);
    EXPECT_EQ(parser.status_line().reason, "");
    EXPECT_TRUE(parser.take_headers().empty());
  }
}

TEST(ResponseHeadParserTest, ReasonMayHoldSpacesTabsAndForeignBytes) {
  ResponseHeadParser parser;
  ASSERT_TRUE(parser.parse("HTTP/1.0 200  \xc3\xa9\t x \r\n\r\n").is_complete());
  EXPECT_EQ(parser.status_line().reason, " \xc3\xa9\t x ");
  EXPECT_EQ(parser.status_line().protocol, Protocol::http_1_0);
}

TEST(ResponseHeadParserTest, RefusesOtherVersions) {
  for (const char* version : {"HTTP/1.2", "HTTP/1.10", "HTTP/1.9", "HTTP/1.x", "HTTP/1.", "HTTP/1. "}) {
    EXPECT_NE(response_error(version + " 200 OK\r\n\r\n"s), ParseErrc::none) << version;
  }
  EXPECT_EQ(response_error("HTTP/1.2 200 OK\r\n\r\n"), ParseErrc::bad_version);
}

TEST(ResponseHeadParserTest, RefusesAForeignProtocolAtItsFirstBytes) {
  for (const std::string& bytes : {"SSH-2.0"s, "HTTP/2"s, "http/1.1"s, "\x15\x03\x01"s, "\0\0\x12\4"s, " "s, "\r\n"s,
                                   "\n"s, "HTTQ"s, "ICY 200 OK\r\n"s}) {
    ResponseHeadParser parser;
    const ParseResult result = parser.parse(bytes);
    EXPECT_EQ(result.error.code, ParseErrc::bad_start_line) << bytes;
  }
}

TEST(ResponseHeadParserTest, RefusesBadStatusCodes) {
  for (const char* rest : {"", " ", "  200 OK", " 20 OK", " 2000 OK", " 2x0 OK", " 099 OK", " +20 OK", " -20 OK",
                           "\t200 OK", " 200\tOK", " 200OK", "200"}) {
    EXPECT_EQ(response_error("HTTP/1.1"s + rest + "\r\n\r\n"), ParseErrc::bad_start_line) << rest;
  }
}

TEST(ResponseHeadParserTest, RefusesControlCharactersInTheReason) {
  EXPECT_EQ(response_error("HTTP/1.1 200 O\0K\r\n\r\n"s), ParseErrc::bad_character);
  EXPECT_EQ(response_error("HTTP/1.1 200 O\x7fK\r\n\r\n"), ParseErrc::bad_character);
  EXPECT_EQ(response_error("HTTP/1.1 200 O\rK\r\n\r\n"), ParseErrc::bad_line_end);
}

TEST(ResponseHeadParserTest, RefusesLineEndsOtherThanCrLf) {
  EXPECT_EQ(response_error("HTTP/1.1 200 OK\n\n"), ParseErrc::bad_line_end);
  EXPECT_EQ(field_error("A: b\n\r\n"), ParseErrc::bad_line_end);
  EXPECT_EQ(field_error("A: b\r\n\n"), ParseErrc::bad_line_end);
  EXPECT_EQ(field_error("A: b\rC: d\r\n\r\n"), ParseErrc::bad_line_end);
  EXPECT_EQ(field_error("A: b\r\r\n\r\n"), ParseErrc::bad_line_end);
  EXPECT_EQ(field_error("\r\r\n"), ParseErrc::bad_character);
}

TEST(ResponseHeadParserTest, RefusesObsFold) {
  EXPECT_EQ(field_error("A: b\r\n c\r\n\r\n"), ParseErrc::obs_fold);
  EXPECT_EQ(field_error("A: b\r\n\tc: d\r\n\r\n"), ParseErrc::obs_fold);
  EXPECT_EQ(field_error(" A: b\r\n\r\n"), ParseErrc::obs_fold) << "also in front of the first field";
  EXPECT_EQ(field_error("A: b\r\n \r\n\r\n"), ParseErrc::obs_fold);
}

TEST(ResponseHeadParserTest, RefusesBadNames) {
  for (const char* field :
       {"A : b", "A\t: b", ": b", ":", "A", "A b: c", "A\"B: c", "(A): b", "\xc3\xa9: b", "A,B: c"}) {
    EXPECT_EQ(field_error(field + "\r\n\r\n"s), ParseErrc::bad_field) << field;
  }
  EXPECT_EQ(field_error("A\0B: c\r\n\r\n"s), ParseErrc::bad_character);
  EXPECT_EQ(field_error("A\x7f: c\r\n\r\n"), ParseErrc::bad_character);
}

TEST(ResponseHeadParserTest, RefusesControlCharactersAnywhereInAValue) {
  for (int c = 0; c < 256; ++c) {
    if (c == '\n') continue;  // ends the line: a case of its own
    const bool allowed = c == '\t' || (c >= 0x20 && c != 0x7f);
    for (std::size_t at = 0; at < 19; ++at) {
      std::string value = "secret-0123456789ab";
      value[at] = static_cast<char>(c);
      ResponseHeadParser parser;
      const ParseResult result = parser.parse("HTTP/1.1 200 OK\r\nA: " + value + "\r\n\r\n");
      ASSERT_EQ(result.is_complete(), allowed) << c << " at " << at;
    }
  }
}

TEST(ResponseHeadParserTest, ErrorsTellLineAndByteButNoValue) {
  ResponseHeadParser parser;
  const ParseResult result = parser.parse("HTTP/1.1 200 OK\r\nSet-Cookie: secret\r\nX-Key: secret\x01\r\n\r\n");
  EXPECT_EQ(result.error.message, "a control character in a field (line 3, byte 50)");
  ResponseHeadParser other;
  EXPECT_EQ(other.parse("HTTP/1.1 200 OK\r\nA : b\r\n").error.message, "white space in a field name (line 2, byte 18)");
}

TEST(ResponseHeadParserTest, LimitsTheBytesOfAHead) {
  HeadLimits limits;
  limits.max_bytes = kResponse.size();
  EXPECT_EQ(response_error(kResponse, limits), ParseErrc::none);
  --limits.max_bytes;
  EXPECT_EQ(response_error(kResponse, limits), ParseErrc::head_too_large);
  EXPECT_EQ(errc_of(ParseErrc::head_too_large), Errc::limit_exceeded);
  limits.max_bytes = 0;
  EXPECT_EQ(response_error(kResponse, limits), ParseErrc::head_too_large);
}

TEST(ResponseHeadParserTest, ALineWithoutEndIsCutOffAtTheLimit) {
  HeadLimits limits;
  limits.max_bytes = 100;
  ResponseHeadParser parser(limits);
  EXPECT_EQ(parser.parse("HTTP/1.1 200 " + std::string(87, 'x')).state, ParseResult::State::need_more);
  EXPECT_EQ(parser.parse("HTTP/1.1 200 " + std::string(88, 'x')).error.code, ParseErrc::head_too_large);
}

TEST(ResponseHeadParserTest, LimitsTheNumberOfFields) {
  HeadLimits limits;
  limits.max_fields = 2;
  EXPECT_EQ(response_error("HTTP/1.1 200 OK\r\na:1\r\nb:2\r\n\r\n", limits), ParseErrc::none);
  EXPECT_EQ(response_error("HTTP/1.1 200 OK\r\na:1\r\nb:2\r\nc:3\r\n\r\n", limits), ParseErrc::too_many_fields);
  EXPECT_EQ(response_error("HTTP/1.1 200 OK\r\na: 1\r\nb: 2\r\n\r\n", limits), ParseErrc::none);
  EXPECT_EQ(response_error("HTTP/1.1 200 OK\r\na: 1\r\nb: 2\r\nc: 3\r\n\r\n", limits), ParseErrc::too_many_fields);
}

TEST(ResponseHeadParserTest, AnUnusualLineMayStandAnywhereAmongUsualOnes) {
  const std::vector<std::pair<std::string, std::string>> unusual = {
      {"X-Tight:v\r\n", "v"}, {"X-Empty: \r\n", ""}, {"X-Wide:  \tv \r\n", "v"}, {"X-Tab: a\tb\r\n", "a\tb"}};
  for (const auto& [line, value] : unusual) {
    for (const int before : {0, 1, 63, 64, 65, 130}) {
      std::string text = "HTTP/1.1 200 OK\r\n";
      const auto add = [&](int i) { text += "Field-" + std::to_string(i) + ": value " + std::to_string(i) + "\r\n"; };
      for (int i = 0; i < before; ++i) add(i);
      text += line;
      for (int i = before; i < 140; ++i) add(i);
      text += "\r\n";
      ResponseHeadParser parser;
      ASSERT_TRUE(parser.parse(text).is_complete()) << line << before;
      EXPECT_EQ(parser.bytes_parsed(), text.size());
      const Headers headers = parser.take_headers();
      ASSERT_EQ(headers.size(), 141U);
      EXPECT_EQ(headers.value(static_cast<std::size_t>(before)), value);
      EXPECT_EQ(headers.get("field-139"), "value 139");
      EXPECT_EQ(headers.name(140), "Field-139");
    }
  }
}

TEST(ResponseHeadParserTest, ErrorsBehindUsualLinesCountTheseToo) {
  ResponseHeadParser parser;
  const ParseResult result = parser.parse("HTTP/1.1 200 OK\r\na: 1\r\nb: 2\r\nc : 3\r\n\r\n");
  EXPECT_EQ(result.error.code, ParseErrc::bad_field);
  EXPECT_NE(result.error.message.find("line 4, byte 30"), std::string::npos) << result.error.message;
}

TEST(ResponseHeadParserTest, TheLimitHoldsForUsualLinesToo) {
  const std::string text = "HTTP/1.1 200 OK\r\na: 1\r\nb: 2\r\n\r\n";
  HeadLimits limits;
  for (limits.max_bytes = 0; limits.max_bytes < text.size(); ++limits.max_bytes) {
    EXPECT_EQ(response_error(text, limits), ParseErrc::head_too_large) << limits.max_bytes;
  }
  EXPECT_EQ(response_error(text, limits), ParseErrc::none);
}

TEST(ResponseHeadParserTest, LargeHeadDribblesIn) {
  std::string text = "HTTP/1.1 200 OK\r\nX-Long: " + std::string(100'000, 'v') + "\r\n";
  for (int i = 0; i < 4000; ++i) text += "x-field-" + std::to_string(i) + ": some value here\r\n";
  text += "\r\n";
  ResponseHeadParser parser;
  ASSERT_TRUE(feed_bytes(parser, text).is_complete());
  const Headers headers = parser.take_headers();
  EXPECT_EQ(headers.size(), 4001U);
  EXPECT_EQ(headers.get("X-Long")->size(), 100'000U);
}

const std::string kRequest = "POST /a?b=c HTTP/1.1\r\nHost: example.com\r\nContent-Length: 0\r\n\r\n";

void expect_request(RequestHeadParser& parser) {
  EXPECT_EQ(parser.request_line().method, "POST");
  EXPECT_EQ(parser.request_line().target, "/a?b=c");
  EXPECT_EQ(parser.request_line().protocol, Protocol::http_1_1);
  EXPECT_EQ(parser.take_headers(), Headers::of({{"Host", "example.com"}, {"Content-Length", "0"}}));
}

TEST(RequestHeadParserTest, ParsesTheSameWhereverTheBytesAreSplit) {
  for (const std::string& text : {kRequest, "\r\n" + kRequest}) {
    for (std::size_t split = 0; split <= text.size(); ++split) {
      RequestHeadParser parser;
      const ParseResult result =
          feed(parser, {std::string_view(text).substr(0, split), std::string_view(text).substr(split)});
      ASSERT_TRUE(result.is_complete()) << split;
      ASSERT_EQ(result.consumed, text.size());
      expect_request(parser);
    }
    RequestHeadParser dribbled;
    ASSERT_TRUE(feed_bytes(dribbled, text).is_complete());
    expect_request(dribbled);
  }
}

TEST(RequestHeadParserTest, KnowsAllFourFormsOfTarget) {
  for (const char* target : {"/", "http://example.com/a", "example.com:443", "*"}) {
    RequestHeadParser parser;
    ASSERT_TRUE(parser.parse("GET "s + target + " HTTP/1.0\r\n\r\n").is_complete());
    EXPECT_EQ(parser.request_line().target, target);
    EXPECT_EQ(parser.request_line().protocol, Protocol::http_1_0);
  }
}

TEST(RequestHeadParserTest, SkipsOneEmptyLineOnly) {
  EXPECT_EQ(request_error("\r\n" + kRequest), ParseErrc::none);
  EXPECT_EQ(request_error("\r\n\r\n" + kRequest), ParseErrc::bad_start_line);
  EXPECT_EQ(request_error("\n" + kRequest), ParseErrc::bad_line_end);
}

TEST(RequestHeadParserTest, RefusesBadRequestLines) {
  for (const char* line :
       {"GET", "GET ", "GET /", "GET  / HTTP/1.1", " GET / HTTP/1.1", "G@T / HTTP/1.1", "GET /a b HTTP/1.1",
        "GET\t/ HTTP/1.1", "GET /\xc3\xa9 HTTP/1.1", "GET /\x7f HTTP/1.1", "GET /\tHTTP/1.1"}) {
    const ParseErrc code = request_error(line + "\r\n\r\n"s);
    EXPECT_TRUE(code == ParseErrc::bad_start_line || code == ParseErrc::bad_version) << line;
  }
  for (const char* version : {"HTTP/2.0", "HTTP/0.9", "http/1.1", "HTTP/1.1 ", "HTTP/1.2", ""}) {
    EXPECT_EQ(request_error("GET / "s + version + "\r\n\r\n"), ParseErrc::bad_version) << version;
  }
  EXPECT_NE(request_error("GET /\0 HTTP/1.1\r\n\r\n"s), ParseErrc::none);
  EXPECT_NE(request_error("GET / HTTP/1.1\r\nA: b\r\n c\r\n\r\n"), ParseErrc::none);
}

}  // namespace
}  // namespace okhttp::internal

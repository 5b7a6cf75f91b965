#include "codec/http1/head_writer.hpp"

#include <gtest/gtest.h>

#include "codec/http1/head_parser.hpp"

namespace okhttp::internal {
namespace {

TEST(HeadWriterTest, WritesARequestHead) {
  std::string out = "before";
  append_request_head(out, "POST", "/a?b", Headers::of({{"Host", "example.com"}, {"X-Empty", ""}}));
  EXPECT_EQ(out, "beforePOST /a?b HTTP/1.1\r\nHost: example.com\r\nX-Empty: \r\n\r\n");
}

TEST(HeadWriterTest, WritesAResponseHead) {
  std::string out;
  append_response_head(out, Protocol::http_1_0, 404, "Not Found", Headers::of({{"Content-Length", "0"}}));
  append_response_head(out, Protocol::http_1_1, 200, "", Headers());
  EXPECT_EQ(out, "HTTP/1.0 404 Not Found\r\nContent-Length: 0\r\n\r\nHTTP/1.1 200 \r\n\r\n");
}

TEST(HeadWriterTest, WhatIsWrittenIsParsed) {
  const Headers headers = Headers::of({{"Host", "example.com"}, {"Cookie", "a=b; c=d"}, {"X", "\t\xc3\xa9"}});
  std::string out;
  append_request_head(out, "GET", "*", headers);
  RequestHeadParser parser;
  ASSERT_TRUE(parser.parse(out).is_complete());
  EXPECT_EQ(parser.request_line().method, "GET");
  EXPECT_EQ(parser.request_line().target, "*");
  EXPECT_EQ(parser.take_headers(), headers);
}

#ifndef NDEBUG
TEST(HeadWriterDeathTest, RefusesWhatWentAroundTheBuilders) {
  std::string out;
  EXPECT_DEATH(append_request_head(out, "GET", "/a b", Headers()), "target");
  EXPECT_DEATH(append_request_head(out, "GET / HTTP/1.1\r\nX", "/", Headers()), "method");
  EXPECT_DEATH(append_request_head(out, "GET", "/", Headers::Builder().add_unchecked("A", "b\r\nC: d").build()),
               "has_a_line_a_field");
}
#endif

}  // namespace
}  // namespace okhttp::internal

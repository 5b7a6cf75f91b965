#include "codec/http1/chunked_decoder.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "codec/http1/chunked_encoder.hpp"

namespace okhttp::internal {
namespace {

using std::string_literals::operator""s;
using StepState = ChunkedDecoder::Step::State;

struct Decoded {
  StepState state = StepState::need_more;
  std::string data;
  std::string rest;  // behind the end of the body
  ParseError error;
};

// Shows the decoder `pieces` one after the other, keeping what it did not consume, as a connection does.
Decoded decode(ChunkedDecoder& decoder, const std::vector<std::string_view>& pieces) {
  Decoded decoded;
  std::string buffered;
  for (const std::string_view piece : pieces) {
    buffered += piece;
    while (decoded.state == StepState::need_more) {
      ChunkedDecoder::Step step = decoder.decode(std::as_bytes(std::span(buffered)));
      decoded.data.append(reinterpret_cast<const char*>(step.data.data()), step.data.size());
      buffered.erase(0, step.consumed);
      if (step.state == StepState::need_more) break;
      if (step.state == StepState::data) continue;
      decoded.state = step.state;
      decoded.error = step.error;
    }
  }
  decoded.rest = buffered;
  return decoded;
}

std::vector<std::string_view> bytes_of(std::string_view text) {
  std::vector<std::string_view> pieces;
  for (std::size_t i = 0; i < text.size(); ++i) pieces.push_back(text.substr(i, 1));
  return pieces;
}

ParseErrc error_of(const std::string& text, ChunkedDecoder::Limits limits = {}) {
  ChunkedDecoder at_once(limits);
  const Decoded decoded = decode(at_once, {text});
  ChunkedDecoder dribbled(limits);
  const Decoded slow = decode(dribbled, bytes_of(text));
  EXPECT_EQ(slow.state, decoded.state) << text;
  EXPECT_EQ(slow.error.code, decoded.error.code) << text;
  EXPECT_EQ(slow.error.message, decoded.error.message);
  EXPECT_EQ(slow.data, decoded.data);
  return decoded.error.code;
}

const std::string kBody =
    "5\r\nhello\r\n00A;name=\"va;lue\" ;x\r\n0123456789\r\n1 \t\r\n!\r\n0;last\r\nX-Sum: abc\r\nx-empty:\r\n\r\n";
const std::string kContent = "hello0123456789!";

void expect_decoded(ChunkedDecoder& decoder, const Decoded& decoded, const std::string& rest) {
  ASSERT_EQ(decoded.state, StepState::done) << decoded.error.message;
  EXPECT_EQ(decoded.data, kContent);
  EXPECT_EQ(decoded.rest, rest);
  EXPECT_TRUE(decoder.is_done());
  EXPECT_EQ(decoder.take_trailers(), Headers::of({{"X-Sum", "abc"}, {"x-empty", ""}}));
}

TEST(ChunkedDecoderTest, DecodesAWholeBodyAndLeavesTheNextMessageAlone) {
  ChunkedDecoder decoder;
  const Decoded decoded = decode(decoder, {kBody + "HTTP/1.1"});
  expect_decoded(decoder, decoded, "HTTP/1.1");
}

TEST(ChunkedDecoderTest, DecodesByteByByte) {
  ChunkedDecoder decoder;
  expect_decoded(decoder, decode(decoder, bytes_of(kBody)), "");
}

TEST(ChunkedDecoderTest, DecodesTheSameWhereverTheBytesAreSplit) {
  const std::string text = kBody + "next";
  const std::string_view all = text;
  for (std::size_t first = 0; first <= kBody.size(); ++first) {
    for (std::size_t second = first; second <= kBody.size(); ++second) {
      ChunkedDecoder decoder;
      const Decoded decoded =
          decode(decoder, {all.substr(0, first), all.substr(first, second - first), all.substr(second)});
      ASSERT_NO_FATAL_FAILURE(expect_decoded(decoder, decoded, "next")) << first << ' ' << second;
    }
  }
}

TEST(ChunkedDecoderTest, EveryProperPrefixNeedsMore) {
  for (std::size_t size = 0; size < kBody.size(); ++size) {
    ChunkedDecoder decoder;
    const Decoded decoded = decode(decoder, {std::string_view(kBody).substr(0, size)});
    ASSERT_EQ(decoded.state, StepState::need_more) << size;
    ASSERT_FALSE(decoder.is_done());
    ASSERT_TRUE(kContent.starts_with(decoded.data));
  }
}

TEST(ChunkedDecoderTest, DataIsDeliveredWithoutACopy) {
  const std::string text = "5\r\nhello\r\n";
  ChunkedDecoder decoder;
  const ChunkedDecoder::Step step = decoder.decode(std::as_bytes(std::span(text)));
  EXPECT_EQ(step.state, StepState::data);
  EXPECT_EQ(step.consumed, 8U);
  EXPECT_EQ(reinterpret_cast<const char*>(step.data.data()), text.data() + 3);
  EXPECT_EQ(step.data.size(), 5U);
}

TEST(ChunkedDecoderTest, ChunkDataMayBypassTheDecoder) {
  ChunkedDecoder decoder;
  EXPECT_EQ(decoder.bytes_left_in_chunk(), 0U);
  Decoded decoded = decode(decoder, {"a\r\n012"});
  EXPECT_EQ(decoded.data, "012");
  EXPECT_EQ(decoder.bytes_left_in_chunk(), 7U);
  decoder.skip_data(5);
  EXPECT_EQ(decoder.bytes_left_in_chunk(), 2U);
  decoder.skip_data(2);
  EXPECT_EQ(decoder.bytes_left_in_chunk(), 0U);
  decoded = decode(decoder, {"\r\n0\r\n\r\nx"});
  EXPECT_EQ(decoded.state, StepState::done);
  EXPECT_EQ(decoded.rest, "x");
}

TEST(ChunkedDecoderTest, EmptyBody) {
  ChunkedDecoder decoder;
  EXPECT_EQ(decode(decoder, {"0\r\n\r\n"}).state, StepState::done);
  EXPECT_TRUE(decoder.take_trailers().empty());
  ChunkedDecoder zeros;
  EXPECT_EQ(decode(zeros, {"0000000000000000\r\n\r\n"}).state, StepState::done);
}

TEST(ChunkedDecoderTest, GreatestChunkSize) {
  ChunkedDecoder decoder;
  EXPECT_EQ(decode(decoder, {"7FFFFFFFFFFFFFFF\r\n"}).state, StepState::need_more);
  EXPECT_EQ(decoder.bytes_left_in_chunk(), 0x7fffffffffffffffU);
}

TEST(ChunkedDecoderTest, RejectsBadChunkSizes) {
  for (const char* size : {"", "-1", "+1", " 1", "\t1", "x", "0x1", "g", ";a=b", "8000000000000000", "FFFFFFFFFFFFFFFF",
                           "10000000000000000", "00000000000000001", "1x", "1,", "1:", "5\"", "\"5\"", "5-"}) {
    EXPECT_EQ(error_of(size + "\r\na\r\n0\r\n\r\n"s), ParseErrc::bad_chunk) << size;
  }
}

TEST(ChunkedDecoderTest, RejectsBadLineEndsOfAChunkSize) {
  EXPECT_EQ(error_of("1\na\r\n0\r\n\r\n"), ParseErrc::bad_chunk);
  EXPECT_EQ(error_of("1;x\na\r\n0\r\n\r\n"), ParseErrc::bad_line_end);
  EXPECT_EQ(error_of("1 \na\r\n0\r\n\r\n"), ParseErrc::bad_line_end);
  EXPECT_EQ(error_of("1\ra\r\n0\r\n\r\n"), ParseErrc::bad_line_end);
  EXPECT_EQ(error_of("1;x\ry\r\na\r\n0\r\n\r\n"), ParseErrc::bad_line_end);
  EXPECT_EQ(error_of("1\r\r\na\r\n0\r\n\r\n"), ParseErrc::bad_line_end);
  EXPECT_EQ(error_of("1;\0\r\na\r\n0\r\n\r\n"s), ParseErrc::bad_character);
}

TEST(ChunkedDecoderTest, RejectsDataThatIsNotFollowedByCrLf) {
  EXPECT_EQ(error_of("1\r\nab\r\n0\r\n\r\n"), ParseErrc::bad_chunk);
  EXPECT_EQ(error_of("1\r\na0\r\n\r\n"), ParseErrc::bad_chunk);
  EXPECT_EQ(error_of("1\r\na\n0\r\n\r\n"), ParseErrc::bad_chunk);
  EXPECT_EQ(error_of("1\r\na\r0\r\n\r\n"), ParseErrc::bad_chunk);
}

TEST(ChunkedDecoderTest, RejectsBadTrailers) {
  EXPECT_EQ(error_of("0\r\nA : b\r\n\r\n"), ParseErrc::bad_field);
  EXPECT_EQ(error_of("0\r\n A: b\r\n\r\n"), ParseErrc::obs_fold);
  EXPECT_EQ(error_of("0\r\nA: b\n\r\n"), ParseErrc::bad_line_end);
  EXPECT_EQ(error_of("0\r\n\n"), ParseErrc::bad_line_end);
  EXPECT_EQ(error_of("0\r\nA: \0\r\n\r\n"s), ParseErrc::bad_character);
  EXPECT_EQ(error_of("0\r\nHTTP/1.1 200 OK\r\n\r\n"), ParseErrc::bad_field);
}

TEST(ChunkedDecoderTest, LimitsTheExtensionsOfAllChunksTogether) {
  ChunkedDecoder::Limits limits;
  limits.max_extension_bytes = 20;
  std::string text;
  for (int i = 0; i < 5; ++i) text += "1;abc\r\nx\r\n";
  EXPECT_EQ(error_of(text + "0\r\n\r\n", limits), ParseErrc::none);
  EXPECT_EQ(error_of(text + "0;\r\n\r\n", limits), ParseErrc::chunk_extension_too_long);
  EXPECT_EQ(error_of("1;" + std::string(20000, 'x'), ChunkedDecoder::Limits()), ParseErrc::chunk_extension_too_long);
}

TEST(ChunkedDecoderTest, LimitsTheTrailers) {
  ChunkedDecoder::Limits limits;
  limits.trailers.max_bytes = 10;
  EXPECT_EQ(error_of("0\r\nA: bcde\r\n\r\n", limits), ParseErrc::head_too_large);
  EXPECT_EQ(error_of("0\r\nA: bcd\r\n\r\n", limits), ParseErrc::none);
  limits.trailers.max_fields = 1;
  EXPECT_EQ(error_of("0\r\na:\r\nb:\r\n\r\n", limits), ParseErrc::too_many_fields);
}

TEST(ChunkedDecoderTest, ErrorsTellThePosition) {
  ChunkedDecoder decoder;
  const Decoded decoded = decode(decoder, {"5\r\nhello\r\n", "x\r\n"});
  EXPECT_EQ(decoded.error.message,
            "a chunk size does not begin with a hexadecimal digit (byte 10 of the chunked body)");
  EXPECT_EQ(errc_of(decoded.error.code), Errc::protocol_error);
}

TEST(ChunkedDecoderTest, AnErrorStays) {
  ChunkedDecoder decoder;
  decode(decoder, {"x"});
  const std::string good = "1\r\na\r\n0\r\n\r\n";
  EXPECT_EQ(decoder.decode(std::as_bytes(std::span(good))).state, StepState::error);
  EXPECT_FALSE(decoder.is_done());
}

TEST(ChunkedEncoderTest, WhatIsEncodedIsDecoded) {
  for (const std::size_t size : {1U, 9U, 10U, 15U, 16U, 255U, 4096U, 100'000U}) {
    const std::string chunk(size, 'x');
    char buffer[20];
    std::string text;
    for (int i = 0; i < 3; ++i) {
      text.append(chunk_header(size, buffer)).append(chunk).append(kChunkEnd);
    }
    append_last_chunk(text, Headers::of({{"X-Sum", "abc"}}));
    ChunkedDecoder decoder;
    const Decoded decoded = decode(decoder, {text});
    ASSERT_EQ(decoded.state, StepState::done);
    EXPECT_EQ(decoded.data, chunk + chunk + chunk);
    EXPECT_EQ(decoder.take_trailers(), Headers::of({{"X-Sum", "abc"}}));
  }
}

TEST(ChunkedEncoderTest, WritesLowerCaseHexadecimal) {
  char buffer[20];
  EXPECT_EQ(chunk_header(0xabc, buffer), "abc\r\n");
  EXPECT_EQ(chunk_header(SIZE_MAX, buffer), "ffffffffffffffff\r\n");
  std::string end;
  append_last_chunk(end, Headers());
  EXPECT_EQ(end, kLastChunk);
}

}  // namespace
}  // namespace okhttp::internal

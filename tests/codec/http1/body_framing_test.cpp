#include "codec/http1/body_framing.hpp"

#include <gtest/gtest.h>

#include <string>

namespace okhttp::internal {
namespace {

using Kind = BodyFraming::Kind;
using Fields = std::vector<std::pair<std::string, std::string>>;

BodyFraming response(const Fields& fields, int status = 200, const char* method = "GET",
                     Protocol protocol = Protocol::http_1_1) {
  return response_framing(method, status, Headers::of(fields), protocol);
}

BodyFraming request(const Fields& fields, Protocol protocol = Protocol::http_1_1) {
  return request_framing(Headers::of(fields), protocol);
}

void expect_framing(const BodyFraming& framing, Kind kind, std::uint64_t length, bool reusable) {
  EXPECT_TRUE(framing.ok()) << framing.error.message;
  EXPECT_EQ(framing.kind, kind);
  EXPECT_EQ(framing.length, length);
  EXPECT_EQ(framing.reusable, reusable);
}

TEST(ResponseFramingTest, ContentLengthGivesTheLength) {
  expect_framing(response({{"Content-Length", "5"}}), Kind::length, 5, true);
  expect_framing(response({{"content-length", "0"}}), Kind::length, 0, true);
  expect_framing(response({{"Content-Length", "9223372036854775807"}}), Kind::length, 9223372036854775807U, true);
  expect_framing(response({{"Content-Length", "5"}}, 200, "GET", Protocol::http_1_0), Kind::length, 5, true);
}

TEST(ResponseFramingTest, EqualContentLengthsAreOne) {
  expect_framing(response({{"Content-Length", "5"}, {"Content-Length", "5"}}), Kind::length, 5, true);
  expect_framing(response({{"Content-Length", "5, 5"}}), Kind::length, 5, true);
  expect_framing(response({{"Content-Length", "5,5"}, {"Content-Length", "05"}}), Kind::length, 5, true);
}

TEST(ResponseFramingTest, RejectsContentLengthsThatDiffer) {
  EXPECT_EQ(response({{"Content-Length", "5"}, {"Content-Length", "6"}}).error.code, ParseErrc::bad_content_length);
  EXPECT_EQ(response({{"Content-Length", "5, 6"}}).error.code, ParseErrc::bad_content_length);
}

TEST(ResponseFramingTest, RejectsMalformedContentLengths) {
  for (const char* value : {"", "+5", "-5", "5 5", "0x5", "5;", "5.0", "1e3", "five", ",5", "5,", "5,,5", "\"5\"",
                            "9223372036854775808", "18446744073709551616", "99999999999999999999999999", "\xd9\xa5"}) {
    const BodyFraming framing = response({{"Content-Length", value}});
    EXPECT_EQ(framing.error.code, ParseErrc::bad_content_length) << value;
    EXPECT_FALSE(framing.reusable);
    EXPECT_EQ(request({{"Content-Length", value}}).error.code, ParseErrc::bad_content_length) << value;
  }
}

TEST(ResponseFramingTest, ResponsesWithoutABodyEndWithTheirHead) {
  const Fields length = {{"Content-Length", "5"}};
  expect_framing(response(length, 200, "HEAD"), Kind::none, 0, true);
  expect_framing(response({{"Transfer-Encoding", "chunked"}}, 200, "HEAD"), Kind::none, 0, true);
  for (const int status : {100, 101, 103, 199, 204, 304}) expect_framing(response(length, status), Kind::none, 0, true);
  for (const int status : {205, 206, 301, 404, 500}) {
    expect_framing(response(length, status), Kind::length, 5, true);
  }
}

TEST(ResponseFramingTest, DoubtfulFieldsOfAResponseWithoutBodyRetireTheConnection) {
  expect_framing(response({{"Content-Length", "x"}}, 304), Kind::none, 0, false);
  expect_framing(response({{"Content-Length", "5"}, {"Transfer-Encoding", "chunked"}}, 200, "HEAD"), Kind::none, 0,
                 false);
}

TEST(ResponseFramingTest, TunnelIgnoresFramingFields) {
  expect_framing(response({{"Content-Length", "x"}, {"Transfer-Encoding", "y"}}, 200, "CONNECT"), Kind::none, 0, true);
  expect_framing(response({{"Content-Length", "5"}}, 407, "CONNECT"), Kind::length, 5, true);
}

TEST(ResponseFramingTest, ChunkedIsKnown) {
  for (const char* value : {"chunked", "Chunked", " chunked ", ",chunked,", "identity, chunked"}) {
    expect_framing(response({{"Transfer-Encoding", value}}), Kind::chunked, 0, true);
  }
}

TEST(ResponseFramingTest, TransferEncodingWinsOverContentLengthAndRetiresTheConnection) {
  expect_framing(response({{"Content-Length", "5"}, {"Transfer-Encoding", "chunked"}}), Kind::chunked, 0, false);
  expect_framing(response({{"Transfer-Encoding", "chunked"}, {"Content-Length", "x"}}), Kind::chunked, 0, false);
}

TEST(ResponseFramingTest, TransferEncodingInHttp10RetiresTheConnection) {
  expect_framing(response({{"Transfer-Encoding", "chunked"}}, 200, "GET", Protocol::http_1_0), Kind::chunked, 0, false);
}

TEST(ResponseFramingTest, WithoutChunkedTheBodyLastsUntilClose) {
  expect_framing(response({}), Kind::until_close, 0, false);
  expect_framing(response({{"Transfer-Encoding", "identity"}}), Kind::until_close, 0, false);
  expect_framing(response({{"Transfer-Encoding", "identity"}, {"Content-Length", "5"}}), Kind::until_close, 0, false);
}

TEST(ResponseFramingTest, RejectsTransferCodingsItCannotUndo) {
  for (const char* value : {"", ",", "chunked, chunked", "chunked, identity", "chunked, gzip", "gzip", "gzip, chunked",
                            "xchunked", "chunked;a=b", "\"chunked\"", "chunked chunked", "chunked\x0b"}) {
    const Headers headers = Headers::Builder().add_unchecked("Transfer-Encoding", value).build();
    EXPECT_EQ(response_framing("GET", 200, headers, Protocol::http_1_1).error.code, ParseErrc::bad_transfer_encoding)
        << value;
  }
  EXPECT_EQ(response({{"Transfer-Encoding", "chunked"}, {"Transfer-Encoding", "chunked"}}).error.code,
            ParseErrc::bad_transfer_encoding);
}

TEST(RequestFramingTest, FollowsTheFieldsAndNeverTheClose) {
  expect_framing(request({}), Kind::none, 0, true);
  expect_framing(request({{"Content-Length", "7"}}), Kind::length, 7, true);
  expect_framing(request({{"Transfer-Encoding", "chunked"}}), Kind::chunked, 0, true);
  expect_framing(request({{"Transfer-Encoding", "chunked"}, {"Content-Length", "7"}}), Kind::chunked, 0, false);
  expect_framing(request({{"Transfer-Encoding", "chunked"}}, Protocol::http_1_0), Kind::chunked, 0, false);
  EXPECT_EQ(request({{"Transfer-Encoding", "identity"}}).error.code, ParseErrc::bad_transfer_encoding);
  EXPECT_EQ(request({{"Content-Length", "7"}, {"Content-Length", "8"}}).error.code, ParseErrc::bad_content_length);
}

TEST(ConnectionPersistsTest, FollowsVersionAndOptions) {
  const auto persists = [](Protocol protocol, const Fields& fields) {
    return connection_persists(protocol, Headers::of(fields));
  };
  EXPECT_TRUE(persists(Protocol::http_1_1, {}));
  EXPECT_TRUE(persists(Protocol::http_1_1, {{"Connection", "keep-alive"}}));
  EXPECT_TRUE(persists(Protocol::http_1_1, {{"Connection", "upgrade, closed, not-close"}}));
  EXPECT_FALSE(persists(Protocol::http_1_1, {{"Connection", "close"}}));
  EXPECT_FALSE(persists(Protocol::http_1_1, {{"Connection", "Upgrade ,\tCLOSE"}}));
  EXPECT_FALSE(persists(Protocol::http_1_1, {{"Connection", "keep-alive"}, {"connection", "close"}}));
  EXPECT_FALSE(persists(Protocol::http_1_0, {}));
  EXPECT_TRUE(persists(Protocol::http_1_0, {{"Connection", "Keep-Alive"}}));
  EXPECT_FALSE(persists(Protocol::http_1_0, {{"Connection", "keep-alive, close"}}));
}

TEST(KeepAliveTimeoutTest, ReadsTheTimeout) {
  const auto timeout = [](const char* value) { return keep_alive_timeout(Headers::of({{"Keep-Alive", value}})); };
  using std::chrono::seconds;
  EXPECT_EQ(timeout("timeout=5"), seconds(5));
  EXPECT_EQ(timeout("max=100, Timeout = 7"), seconds(7));
  EXPECT_EQ(timeout("timeout=0"), seconds(0));
  EXPECT_EQ(timeout("timeout=4000000000000"), seconds(86400));
  EXPECT_EQ(timeout("timeout"), std::nullopt);
  EXPECT_EQ(timeout("timeout=-5, max=3"), std::nullopt);
  EXPECT_EQ(timeout("xtimeout=5"), std::nullopt);
  EXPECT_EQ(keep_alive_timeout(Headers()), std::nullopt);
}

}  // namespace
}  // namespace okhttp::internal

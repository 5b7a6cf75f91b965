// What only Node can be told to answer, and the bodies without a length that some of the others send too.

#include "interop/support/server_test.hpp"

namespace okhttp::interop {
namespace {

class NodeTest : public EachServerTest {
 protected:
  [[nodiscard]] static std::string header(const Response& response, std::string_view name) {
    return std::string(response.header(name).value_or("none"));
  }
};

INSTANTIATE_TEST_SUITE_P(Servers, NodeTest, ::testing::Combine(::testing::Values(ServerKind::node), kAllWays), name_of);

TEST_P(NodeTest, PostIsEchoed) {
  const Response response = client_.post(url("/echo"), RequestBody::json(R"({"a": 1})"));
  EXPECT_EQ(header(response, "X-Method"), "POST");
  EXPECT_EQ(header(response, "X-Framing"), "length 8");
  EXPECT_EQ(header(response, "Content-Type"), "application/json");
  EXPECT_EQ(response.body().string(), R"({"a": 1})");
}

TEST_P(NodeTest, EmptyPostIsEchoed) {
  const Response response = client_.post(url("/echo"), RequestBody::empty());
  EXPECT_EQ(header(response, "X-Framing"), "length 0");
  EXPECT_EQ(response.body().string(), "");
}

TEST_P(NodeTest, PostOfPiecesIsEchoed) {
  const auto pieces = [] {
    return RequestBody::Pieces([left = 3]() mutable -> std::optional<std::string> {
      if (left-- == 0) return std::nullopt;
      return "piece ";
    });
  };
  const Response response = client_.post(url("/echo"), RequestBody::generator(pieces));
  EXPECT_EQ(header(response, "X-Framing"), over_http2() ? "length undefined" : "chunked");
  EXPECT_EQ(response.body().string(), "piece piece piece ");
}

TEST_P(NodeTest, LargePostIsEchoed) {
  const Response response = client_.post(url("/echo"), RequestBody::file(Site::get().documents() / "64m"));
  EXPECT_EQ(sha256(response.body().bytes()), Site::get().large_sha256());
}

TEST_P(NodeTest, RedirectedPostKeepsOrLosesItsBody) {
  const Response kept = client_.post(url("/redirect-307-echo"), RequestBody::create("body"));
  EXPECT_EQ(header(kept, "X-Method"), "POST");
  EXPECT_EQ(kept.body().string(), "body");
  const Response lost = client_.post(url("/redirect-303-echo"), RequestBody::create("body"));
  EXPECT_EQ(header(lost, "X-Method"), "GET");
  EXPECT_EQ(header(lost, "X-Framing"), "length undefined");
  EXPECT_EQ(lost.body().string(), "");
}

TEST_P(NodeTest, LargeRequestHeadersArriveWhole) {
  // Over HTTP/2, Node takes 64 KiB in all.
  const std::size_t size = over_http2() ? 60000 : 200000;
  const Request request = Request::get(url("/header-bytes")).new_builder().header("X", std::string(size, 'x')).build();
  EXPECT_GT(std::stoul(client_.execute(request).body().string()), size);
}

TEST_P(NodeTest, EarlyHintsAreEvents) {
  const Response response = client_.get(url("/early-hints"));
  EXPECT_EQ(response.code(), 200);
  EXPECT_EQ(response.body().string(), "hinted");
  const auto informational = tally_->informational();
  ASSERT_EQ(informational.size(), 3U);
  EXPECT_EQ(informational[0].first, 103);
  EXPECT_EQ(informational[0].second.get("Link"), "</style.css>; rel=preload");
  EXPECT_EQ(informational[1].first, 102);
  EXPECT_EQ(informational[2].second.get("Link"), "</code.js>; rel=preload");
}

TEST_P(NodeTest, SlowBodyArrivesPieceByPiece) {
  const Response response = client_.get(url("/slow"));
  std::vector<std::byte> piece(1000);
  std::size_t total = 0;
  int reads = 0;
  for (std::size_t count = 0; (count = response.body().read_some(piece)) != 0; ++reads) total += count;
  EXPECT_EQ(total, 50 * std::string_view("piece\n").size());
  EXPECT_GT(reads, 1);
}

TEST_P(NodeTest, SilenceEndsInAReadTimeout) {
  const Client impatient = client_.new_builder().read_timeout(std::chrono::milliseconds(100)).build();
  EXPECT_EQ(failure_of(impatient.new_call(Request::get(url("/stall-head")))), Errc::read_timeout);
  EXPECT_EQ(failure_of(impatient.new_call(Request::get(url("/stall-body")))), Errc::read_timeout);
  EXPECT_EQ(impatient.connection_pool().connection_count(), 0U);
}

TEST_P(NodeTest, SilenceEndsInTheTimeoutOfTheCall) {
  const Call call = client_.new_call(Request::get(url("/stall-body")));
  call.timeout(std::chrono::milliseconds(100));
  EXPECT_EQ(failure_of(call), Errc::timeout);
}

TEST_P(NodeTest, ABodyBrokenOffIsNoBody) {
  const Errc expected = over_http2() ? Errc::stream_reset : Errc::connection_closed;
  EXPECT_EQ(failure_of(client_.new_call(Request::get(url("/truncated")))), expected);
  EXPECT_EQ(failure_of(client_.new_call(Request::get(url("/truncated-chunked")))), expected);
  EXPECT_EQ(client_.connection_pool().connection_count(), 0U);
}

class NoLengthTest : public EachServerTest {};

INSTANTIATE_TEST_SUITE_P(Servers, NoLengthTest,
                         ::testing::Combine(::testing::Values(ServerKind::nginx, ServerKind::apache, ServerKind::node),
                                            kHttp1Ways),
                         name_of);

TEST_P(NoLengthTest, TheBodyEndsWithTheConnection) {
  for (int i = 0; i < 3; ++i) {
    const Response response = client_.get(url("/until-close"));
    EXPECT_EQ(response.header("Transfer-Encoding"), std::nullopt);
    EXPECT_EQ(response.body().content_length(), std::nullopt);
    EXPECT_EQ(response.body().string(), Site::get().text());
  }
  EXPECT_EQ(tally_->connections(), 3);
}

class Http10Test : public EachServerTest {};

INSTANTIATE_TEST_SUITE_P(Servers, Http10Test,
                         ::testing::Combine(::testing::Values(ServerKind::apache, ServerKind::node), kHttp1Ways),
                         name_of);

TEST_P(Http10Test, AnswersOfHttp10Work) {
  const Response sized = client_.get(url("/http10/1k"));
  EXPECT_EQ(sized.protocol(), Protocol::http_1_0);
  EXPECT_EQ(sized.body().string(), Site::get().small());
  EXPECT_EQ(client_.get(url("/http10/until-close")).body().string(), Site::get().text());
  EXPECT_EQ(tally_->connections(), 2);
}

}  // namespace
}  // namespace okhttp::interop

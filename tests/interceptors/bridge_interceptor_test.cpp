#include "interceptors/bridge_interceptor.hpp"

#include <okhttp/error.hpp>
#include <okhttp/gzip.hpp>
#include <okhttp/version.hpp>

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>

#include "runtime/calling_thread.hpp"

namespace okhttp::internal {
namespace {

Headers sent_for(const Request& request) { return BridgeInterceptor().outgoing(request).request.headers(); }

TEST(BridgeTest, AddsWhatHttpNeeds) {
  const Headers headers = sent_for(Request::get("http://a.example:8080/x?y"));
  EXPECT_EQ(headers.at(0).name, "Host");
  EXPECT_EQ(headers.get("Host"), "a.example:8080");
  EXPECT_EQ(headers.get("Connection"), "Keep-Alive");
  EXPECT_EQ(headers.get("Accept-Encoding"), "gzip");
  EXPECT_EQ(headers.get("User-Agent"), "okhttp-cpp/" + std::string(kVersion));
  EXPECT_EQ(headers.size(), 4U);
}

TEST(BridgeTest, KeepsWhatTheCallerSet) {
  const Request request = Request::get("http://a.example/")
                              .new_builder()
                              .header("host", "b.example")
                              .header("CONNECTION", "close")
                              .header("accept-encoding", "identity")
                              .header("User-agent", "mine")
                              .header("Accept", "text/html")
                              .build();
  EXPECT_EQ(sent_for(request), request.headers());
  EXPECT_FALSE(BridgeInterceptor().outgoing(request).asked_for_codings);
}

TEST(BridgeTest, ARangeIsAskedForWithoutCodings) {
  const Request request = Request::get("http://a.example/").new_builder().header("Range", "bytes=0-9").build();
  EXPECT_FALSE(sent_for(request).contains("Accept-Encoding"));
}

TEST(BridgeTest, TheBodyDescribesItself) {
  const Request request =
      Request::post("http://a.example/", RequestBody::create("12345", MediaType::parse("text/plain")))
          .new_builder()
          .header("Content-Type", "image/png")
          .header("Content-Length", "99")
          .header("Transfer-Encoding", "chunked")
          .build();
  const Headers headers = sent_for(request);
  EXPECT_EQ(headers.values("Content-Length"), std::vector<std::string_view>{"5"});
  EXPECT_EQ(headers.values("Content-Type").size(), 1U);
  EXPECT_EQ(headers.get("Content-Type")->substr(0, 10), "text/plain");
  EXPECT_FALSE(headers.contains("Transfer-Encoding"));
}

TEST(BridgeTest, ABodyWithoutTypeLeavesTheCallers) {
  const Request request =
      Request::post("http://a.example/", RequestBody::create("1")).new_builder().header("Content-Type", "x/y").build();
  EXPECT_EQ(sent_for(request).get("Content-Type"), "x/y");
}

TEST(BridgeTest, ABodyOfUnknownLengthGoesInChunks) {
  const RequestBodyPtr body = RequestBody::one_shot([] { return std::optional<std::string>(); });
  const Request request = Request::post("http://a.example/", body).new_builder().header("Content-Length", "4").build();
  const Headers headers = sent_for(request);
  EXPECT_EQ(headers.get("Transfer-Encoding"), "chunked");
  EXPECT_FALSE(headers.contains("Content-Length"));
}

TEST(BridgeTest, WithoutABodyNoneIsAnnounced) {
  const Request request = Request::get("http://a.example/")
                              .new_builder()
                              .header("Content-Length", "5")
                              .header("Transfer-Encoding", "chunked")
                              .build();
  const Headers headers = sent_for(request);
  EXPECT_FALSE(headers.contains("Content-Length"));
  EXPECT_FALSE(headers.contains("Transfer-Encoding"));
}

Response answer(const Request& request, int code, const std::string& body) {
  return Response::Builder()
      .request(request)
      .code(code)
      .header("Content-Encoding", "gzip")
      .header("Content-Length", std::to_string(body.size()))
      .body(ResponseBody::create(body))
      .build();
}

TEST(BridgeTest, LooksAtBothSidesOfAResponse) {
  const BridgeInterceptor bridge;
  const Request request = Request::get("http://a.example/");
  const Request on_wire = bridge.outgoing(request).request;
  const Response got = bridge.incoming(request, true, answer(on_wire, 200, "not read"));
  EXPECT_FALSE(got.headers().contains("Content-Encoding"));
  EXPECT_FALSE(got.headers().contains("Content-Length"));
  EXPECT_FALSE(got.request().headers().contains("User-Agent"));
  ASSERT_NE(got.network_response(), nullptr);
  EXPECT_TRUE(got.network_response()->request().headers().contains("User-Agent"));
  EXPECT_EQ(got.network_response()->header("Content-Encoding"), "gzip");
}

TEST(BridgeTest, DecodesOnlyWhatItAskedForAndWhereABodyCanBe) {
  const BridgeInterceptor bridge;
  const Request get = Request::get("http://a.example/");
  EXPECT_EQ(bridge.incoming(get, false, answer(get, 200, "raw")).body().string(), "raw");
  for (const int code : {204, 304}) {
    EXPECT_TRUE(bridge.incoming(get, true, answer(get, code, "")).headers().contains("Content-Encoding")) << code;
  }
  const Request head = Request::head("http://a.example/");
  EXPECT_TRUE(bridge.incoming(head, true, answer(head, 200, "")).headers().contains("Content-Encoding"));
  EXPECT_EQ(bridge.incoming(get, true, answer(get, 200, "")).body().string(), "");
}

// gzip(request)

class StringSink final : public BodySink {
 public:
  using BodySink::write;
  Task<void> write(std::span<const std::byte> bytes) override {
    text.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    co_return;
  }
  Task<void> flush() override {
    flushed = text.size();
    co_return;
  }
  std::string text;
  std::size_t flushed = 0;
};

std::string written_by(const RequestBody& body) {
  StringSink sink;
  CallingThread().run(body.write_to(sink));
  return sink.text;
}

std::string decoded(const std::string& coded) {
  return decode(Headers::of({{"Content-Encoding", "gzip"}}), ResponseBody::create(coded), {gzip_coding()})
      .value()
      .string();
}

TEST(GzipRequestTest, CompressesTheBodyWhileItIsSent) {
  std::string large;
  for (int i = 0; i < 100'000; ++i) large += std::to_string(i * 7919 % 100'003);
  for (const std::string& plain : {std::string(), std::string("text"), large}) {
    const Request request = gzip(Request::post("http://a.example/", RequestBody::create(plain)));
    EXPECT_EQ(request.header("Content-Encoding"), "gzip");
    EXPECT_FALSE(request.body()->content_length().has_value());
    const std::string coded = written_by(*request.body());
    EXPECT_EQ(decoded(coded), plain);
    EXPECT_EQ(written_by(*request.body()), coded);
  }
}

TEST(GzipRequestTest, KeepsTypeAndOneShot) {
  const RequestBodyPtr once =
      RequestBody::one_shot([] { return std::optional<std::string>(); }, MediaType::parse("text/plain"));
  const Request request = gzip(Request::post("http://a.example/", once));
  EXPECT_TRUE(request.body()->is_one_shot());
  EXPECT_TRUE(request.body()->content_type().has_value());
}

TEST(GzipRequestTest, RefusesWhatIsNotThereOrCodedAlready) {
  EXPECT_THROW((void)gzip(Request::get("http://a.example/")), std::invalid_argument);
  const Request once = gzip(Request::post("http://a.example/", RequestBody::create("x")));
  EXPECT_THROW((void)gzip(once), std::invalid_argument);
}

TEST(GzipRequestTest, TellsOfABodyThatBreaksItsPromise) {
  const RequestBodyPtr shorter = RequestBody::one_shot([] { return std::optional<std::string>(); }, std::nullopt, 3);
  const Request request = gzip(Request::post("http://a.example/", shorter));
  try {
    (void)written_by(*request.body());
    FAIL() << "nothing was thrown";
  } catch (const Error& error) {
    EXPECT_EQ(error.errc(), Errc::body_length_mismatch);
  }
}

}  // namespace
}  // namespace okhttp::internal

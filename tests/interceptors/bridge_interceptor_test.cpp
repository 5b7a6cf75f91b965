#include "interceptors/bridge_interceptor.hpp"

#include <okhttp/error.hpp>
#include <okhttp/version.hpp>

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>

#include "support/codings.hpp"

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

TEST(BridgeTest, AsksForWhatWasAddedAndDecodesIt) {
  const BridgeInterceptor bridge(nullptr, built_in_codings());
  const Request request = Request::get("http://a.example/");
  std::string names;
  for (const auto& coding : built_in_codings()) names += (names.empty() ? "" : ", ") + std::string(coding->name());
  EXPECT_EQ(bridge.outgoing(request).request.header("Accept-Encoding"), names);
  for (const auto& coding : built_in_codings()) {
    const Response coded = answer(request, 200, encoded(*coding, "text"))
                               .new_builder()
                               .header("Content-Encoding", std::string(coding->name()))
                               .build();
    EXPECT_EQ(bridge.incoming(request, true, coded).body().string(), "text");
  }
}

TEST(BridgeTest, DeflateIsDecodedThoughNotAskedFor) {
  const BridgeInterceptor bridge;
  const Request request = Request::get("http://a.example/");
  EXPECT_EQ(bridge.outgoing(request).request.header("Accept-Encoding"), "gzip");
  const Response coded = answer(request, 200, encoded(*ContentCoding::deflate(), "text"))
                             .new_builder()
                             .header("Content-Encoding", "deflate")
                             .build();
  EXPECT_EQ(bridge.incoming(request, true, coded).body().string(), "text");
}

}  // namespace
}  // namespace okhttp::internal

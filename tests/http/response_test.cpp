#include <okhttp/cache_control.hpp>
#include <okhttp/challenge.hpp>
#include <okhttp/error.hpp>
#include <okhttp/response.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

namespace okhttp {
namespace {

using testing::HasSubstr;
using testing::Not;

Response::Builder builder_of(int code) {
  Response::Builder builder;
  builder.request(Request::get("http://user:hunter2@host/path?key=hunter3")).code(code);
  return builder;
}

TEST(ResponseTest, BuilderSetsEverything) {
  const auto sent = std::chrono::system_clock::time_point(std::chrono::seconds(1));
  const auto received = std::chrono::system_clock::time_point(std::chrono::seconds(2));
  const Response response = builder_of(200)
                                .protocol(Protocol::http_2)
                                .message("Fine")
                                .header("A", "1")
                                .add_header("A", "2")
                                .body(ResponseBody::create("text"))
                                .sent_request_at(sent)
                                .received_response_at(received)
                                .build();
  EXPECT_EQ(response.request().url().host(), "host");
  EXPECT_EQ(response.protocol(), Protocol::http_2);
  EXPECT_EQ(response.code(), 200);
  EXPECT_EQ(response.message(), "Fine");
  EXPECT_EQ(response.headers().values("a"), (std::vector<std::string_view>{"1", "2"}));
  EXPECT_EQ(response.header("A"), "2");
  EXPECT_EQ(response.body().string(), "text");
  EXPECT_EQ(response.handshake(), nullptr);
  EXPECT_EQ(response.sent_request_at(), sent);
  EXPECT_EQ(response.received_response_at(), received);
  EXPECT_EQ(response.network_response(), nullptr);
  EXPECT_EQ(response.cache_response(), nullptr);
  EXPECT_EQ(response.prior_response(), nullptr);
}

TEST(ResponseTest, BodyIsEmptyUnlessSet) {
  const Response response = builder_of(204).build();
  EXPECT_EQ(response.body().string(), "");
  EXPECT_EQ(response.body().content_length(), 0U);
  EXPECT_TRUE(response.trailers().empty());
}

TEST(ResponseTest, BuildNeedsARequestAndACode) {
  EXPECT_THROW((void)Response::Builder().build(), std::logic_error);
  EXPECT_THROW((void)Response::Builder().code(200).build(), std::logic_error);
  EXPECT_THROW((void)Response::Builder().request(Request::get("http://a/")).build(), std::logic_error);
  EXPECT_THROW((void)builder_of(99).build(), std::logic_error);
  EXPECT_THROW((void)builder_of(1000).build(), std::logic_error);
  EXPECT_NO_THROW((void)builder_of(100).build());
  EXPECT_NO_THROW((void)builder_of(999).build());
}

TEST(ResponseTest, CodesTellSuccessAndRedirect) {
  EXPECT_FALSE(builder_of(199).build().is_successful());
  EXPECT_TRUE(builder_of(200).build().is_successful());
  EXPECT_TRUE(builder_of(299).build().is_successful());
  EXPECT_FALSE(builder_of(300).build().is_successful());
  for (const int code : {300, 301, 302, 303, 307, 308}) EXPECT_TRUE(builder_of(code).build().is_redirect()) << code;
  for (const int code : {200, 304, 305, 306, 309, 400}) EXPECT_FALSE(builder_of(code).build().is_redirect()) << code;
}

TEST(ResponseTest, BuilderStaysUsableAndLeavesWhatItBuiltAlone) {
  Response::Builder builder = builder_of(200);
  builder.header("A", "1");
  const Response first = builder.build();
  const Response second = builder.code(404).remove_header("A").build();
  EXPECT_EQ(first.code(), 200);
  EXPECT_EQ(first.header("A"), "1");
  EXPECT_EQ(second.code(), 404);
  EXPECT_EQ(second.header("A"), std::nullopt);
  EXPECT_EQ(second.new_builder().headers(first.headers()).build().header("A"), "1");
}

TEST(ResponseTest, CopiesOfABuilderAreIndependent) {
  Response::Builder builder = builder_of(200);
  builder.header("A", "1");
  Response::Builder copy = builder;
  copy.header("A", "2").code(500);
  EXPECT_EQ(builder.build().header("A"), "1");
  EXPECT_EQ(builder.build().code(), 200);
  EXPECT_EQ(copy.build().header("A"), "2");
}

TEST(ResponseTest, CopiesShareTheBody) {
  const Response response = builder_of(200).body(ResponseBody::create("text")).build();
  const Response copy = response.new_builder().header("A", "1").build();
  EXPECT_EQ(copy.body().string(), "text");
  EXPECT_EQ(response.body().string(), "");
}

TEST(ResponseTest, RelatedResponsesCarryNoBody) {
  const Response other = builder_of(200).header("A", "1").body(ResponseBody::create("text")).build();
  const Response response = builder_of(200).network_response(other).cache_response(other).prior_response(other).build();
  for (const Response* related : {response.network_response(), response.cache_response(), response.prior_response()}) {
    ASSERT_NE(related, nullptr);
    EXPECT_EQ(related->header("A"), "1");
    EXPECT_EQ(related->body().string(), "");
  }
  EXPECT_EQ(other.body().string(), "text");
}

TEST(ResponseTest, PriorResponseKeepsItsOwnPrior) {
  const Response first = builder_of(301).build();
  const Response second = builder_of(302).prior_response(first).network_response(builder_of(302).build()).build();
  const Response third = builder_of(200).prior_response(second).network_response(second).build();
  ASSERT_NE(third.prior_response()->prior_response(), nullptr);
  EXPECT_EQ(third.prior_response()->prior_response()->code(), 301);
  EXPECT_NE(third.prior_response()->network_response(), nullptr);
  EXPECT_EQ(third.network_response()->prior_response(), nullptr);
  EXPECT_EQ(third.network_response()->network_response(), nullptr);
}

TEST(ResponseTest, ChallengesComeFromTheFieldOfTheCode) {
  const Headers headers =
      Headers::of({{"WWW-Authenticate", "Basic realm=\"a\""}, {"Proxy-Authenticate", "Digest realm=\"b\""}});
  ASSERT_EQ(builder_of(401).headers(headers).build().challenges().size(), 1U);
  EXPECT_EQ(builder_of(401).headers(headers).build().challenges()[0].scheme(), "Basic");
  EXPECT_EQ(builder_of(407).headers(headers).build().challenges()[0].scheme(), "Digest");
  EXPECT_TRUE(builder_of(403).headers(headers).build().challenges().empty());
}

TEST(ResponseTest, CacheControlIsRead) {
  EXPECT_TRUE(builder_of(200).header("Cache-Control", "no-store").build().cache_control().no_store());
}

TEST(ResponseTest, ThrowIfErrorPassesWhatIsNoError) {
  const Response response = builder_of(399).build();
  EXPECT_EQ(&response.throw_if_error(), &response);
}

TEST(ResponseTest, ThrowIfErrorShowsCodeAndUrlWithoutSecrets) {
  try {
    builder_of(404).message("Not Found").build().throw_if_error();
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.errc(), Errc::rejected);
    EXPECT_EQ(error.blame(), Blame::peer);
    EXPECT_STREQ(error.what(), "GET http://host/path got 404 Not Found");
  }
}

TEST(ResponseTest, ToStringShowsNoSecrets) {
  const std::string text = builder_of(200).message("OK").header("Set-Cookie", "hunter4").build().to_string();
  EXPECT_EQ(text, "http/1.1 200 OK http://host/path");
}

}  // namespace
}  // namespace okhttp

#include <okhttp/cache_control.hpp>
#include <okhttp/request.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

namespace okhttp {
namespace {

using testing::HasSubstr;
using testing::Not;

RequestBodyPtr some_body() { return RequestBody::create("text"); }

std::string message_of(const auto& action) {
  try {
    action();
  } catch (const std::invalid_argument& e) {
    return e.what();
  }
  return "nothing was thrown";
}

TEST(RequestTest, ShortFormsSetMethodUrlAndBody) {
  const RequestBodyPtr body = some_body();
  EXPECT_EQ(Request::get("http://a/").method(), "GET");
  EXPECT_EQ(Request::get("http://a/").body(), nullptr);
  EXPECT_EQ(Request::head("http://a/").method(), "HEAD");
  EXPECT_EQ(Request::post("http://a/", body).method(), "POST");
  EXPECT_EQ(Request::post("http://a/", body).body(), body);
  EXPECT_EQ(Request::put("http://a/", body).method(), "PUT");
  EXPECT_EQ(Request::patch("http://a/", body).method(), "PATCH");
  EXPECT_EQ(Request::delete_("http://a/").method(), "DELETE");
  EXPECT_EQ(Request::delete_("http://a/").body(), nullptr);
  EXPECT_EQ(Request::delete_("http://a/b", body).url().encoded_path(), "/b");
}

TEST(RequestTest, WebSocketUrlsAreReadAsHttp) {
  EXPECT_EQ(Request::get("ws://host/p?q").url().to_string(), "http://host/p?q");
  EXPECT_EQ(Request::get("wss://host:8443/").url().to_string(), "https://host:8443/");
  EXPECT_TRUE(Request::get("wss://host/").is_https());
  EXPECT_EQ(Request::Builder().url(Url::parse("ws://host/")).build().url().port(), 80);
}

TEST(RequestTest, MalformedUrlIsRefusedAndLeavesTheBuilderAsItWas) {
  Request::Builder builder;
  builder.url("http://first/");
  EXPECT_THROW(builder.url("no url"), std::invalid_argument);
  EXPECT_THROW(builder.url("ftp://host/"), std::invalid_argument);
  EXPECT_EQ(builder.build().url().host(), "first");
}

TEST(RequestTest, BuildWithoutUrlIsRefused) {
  EXPECT_THROW((void)Request::Builder().build(), std::invalid_argument);
  EXPECT_THROW((void)Request::Builder().header("A", "1").build(), std::invalid_argument);
}

TEST(RequestTest, MethodMustBeAToken) {
  Request::Builder builder;
  EXPECT_THROW(builder.method("", nullptr), std::invalid_argument);
  EXPECT_THROW(builder.method("GET /admin", nullptr), std::invalid_argument);
  EXPECT_THROW(builder.method("GET\r\nX: y", nullptr), std::invalid_argument);
  EXPECT_EQ(builder.url("http://a/").method("M-SEARCH", nullptr).build().method(), "M-SEARCH");
}

TEST(RequestTest, GetAndHeadTakeNoBody) {
  EXPECT_THAT(message_of([] { Request::Builder().method("GET", some_body()); }), HasSubstr("GET must not have"));
  EXPECT_THAT(message_of([] { Request::Builder().method("HEAD", some_body()); }), HasSubstr("HEAD must not have"));
}

TEST(RequestTest, MethodsThatAreAboutTheirBodyRequireOne) {
  for (const char* method : {"POST", "PUT", "PATCH", "QUERY", "PROPPATCH", "REPORT"}) {
    EXPECT_THAT(message_of([&] { Request::Builder().method(method, nullptr); }), HasSubstr("must have a request body"));
    EXPECT_NO_THROW(Request::Builder().method(method, some_body()));
  }
  for (const char* method : {"DELETE", "OPTIONS", "PROPFIND", "CUSTOM"}) {
    EXPECT_NO_THROW(Request::Builder().method(method, nullptr));
    EXPECT_NO_THROW(Request::Builder().method(method, some_body()));
  }
}

TEST(RequestTest, HeaderReplacesAndAddHeaderAppends) {
  Request::Builder builder;
  builder.url("http://a/").add_header("X", "1").add_header("x", "2").header("X", "3").add_header("X", "4");
  EXPECT_EQ(builder.build().headers().values("x"), (std::vector<std::string_view>{"3", "4"}));
  EXPECT_EQ(builder.build().header("X"), "4");
  EXPECT_EQ(builder.remove_header("x").build().headers().size(), 0U);
}

TEST(RequestTest, HeaderRefusesLineBreaks) {
  EXPECT_THROW(Request::Builder().header("X", "a\r\nEvil: 1"), std::invalid_argument);
  EXPECT_THROW(Request::Builder().add_header("X\r\nEvil", "1"), std::invalid_argument);
}

TEST(RequestTest, HeadersReplaceWhatWasCollected) {
  const Headers headers = Headers::of({{"B", "2"}});
  const Request request =
      Request::Builder().url("http://a/").header("A", "1").headers(headers).header("C", "3").build();
  EXPECT_EQ(request.headers().wire_text(), "B: 2\r\nC: 3\r\n");
  EXPECT_EQ(headers.size(), 1U);
}

TEST(RequestTest, BuilderStaysUsableAndLeavesWhatItBuiltAlone) {
  Request::Builder builder;
  builder.url("http://a/").header("X", "1");
  const Request first = builder.build();
  const Request second = builder.header("X", "2").url("http://b/").post(some_body()).build();
  EXPECT_EQ(first.header("X"), "1");
  EXPECT_EQ(first.url().host(), "a");
  EXPECT_EQ(first.method(), "GET");
  EXPECT_EQ(second.header("X"), "2");
  EXPECT_EQ(second.url().host(), "b");
}

TEST(RequestTest, CopiesOfABuilderAreIndependent) {
  Request::Builder builder;
  builder.url("http://a/").header("X", "1");
  Request::Builder copy = builder;
  copy.header("X", "2");
  EXPECT_EQ(builder.build().header("X"), "1");
  EXPECT_EQ(copy.build().header("X"), "2");
  copy = builder;
  builder.header("X", "3");
  EXPECT_EQ(copy.build().header("X"), "1");
}

TEST(RequestTest, NewBuilderSharesHeadersUntilTheyChange) {
  const Request request = Request::Builder().url("http://a/").header("X", "1").build();
  const Request elsewhere = request.new_builder().url("http://b/").remove_header("Absent").build();
  EXPECT_EQ(elsewhere.headers().wire_text().data(), request.headers().wire_text().data());
  EXPECT_EQ(elsewhere.url().host(), "b");
  const Request changed = request.new_builder().header("Y", "2").build();
  EXPECT_EQ(changed.headers().size(), 2U);
  EXPECT_EQ(request.headers().size(), 1U);
}

TEST(RequestTest, NewBuilderWithoutChangesGivesTheSameRequest) {
  const Request request = Request::post("http://a/", some_body());
  const Request again = request.new_builder().build();
  EXPECT_EQ(&again.url(), &request.url());
  EXPECT_EQ(again.body(), request.body());
}

TEST(RequestTest, GetDropsTheBodyOfAnEarlierPost) {
  const Request post = Request::post("http://a/", some_body());
  EXPECT_EQ(post.new_builder().get().build().body(), nullptr);
}

TEST(RequestTest, CacheControlIsSetReadAndRemoved) {
  Request::Builder builder;
  const Request request = builder.url("http://a/").cache_control(CacheControl::force_network()).build();
  EXPECT_TRUE(request.cache_control().no_cache());
  EXPECT_FALSE(builder.cache_control(CacheControl()).build().headers().contains("Cache-Control"));
}

TEST(RequestTest, TagsAreFoundByTheirTypeAndTravelWithTheRequest) {
  Request::Builder builder;
  builder.url("http://a/").tag<int>(std::make_shared<int>(7)).tag<std::string>(std::make_shared<std::string>("t"));
  const Request request = builder.build().new_builder().url("http://b/").build();
  ASSERT_NE(request.tag<int>(), nullptr);
  EXPECT_EQ(*request.tag<int>(), 7);
  EXPECT_EQ(*request.tag<std::string>(), "t");
  EXPECT_EQ(request.tag<double>(), nullptr);
}

TEST(RequestTest, TagReplacesTheOneOfItsTypeAndNullRemovesIt) {
  Request::Builder builder;
  builder.url("http://a/").tag<int>(std::make_shared<int>(7)).tag<int>(std::make_shared<int>(8));
  EXPECT_EQ(*builder.build().tag<int>(), 8);
  EXPECT_EQ(builder.tag<int>(nullptr).build().tag<int>(), nullptr);
}

TEST(RequestTest, ToStringShowsNoSecrets) {
  const std::string text = Request::Builder()
                               .url("https://user:hunter2@host:8443/path?token=hunter3#hunter4")
                               .header("Authorization", "Bearer hunter5")
                               .header("Cookie", "sid=hunter6")
                               .header("Accept", "text/plain")
                               .build()
                               .to_string();
  EXPECT_EQ(text, "GET https://host:8443/path [Authorization: ██, Cookie: ██, Accept: text/plain]");
  EXPECT_THAT(text, Not(HasSubstr("hunter")));
}

TEST(RequestTest, ToStringWithoutHeadersHasNoBrackets) {
  EXPECT_EQ(Request::get("http://host/a").to_string(), "GET http://host/a");
}

}  // namespace
}  // namespace okhttp

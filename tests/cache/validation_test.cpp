#include "cache/validation.hpp"

#include <gtest/gtest.h>

#include "cache/invalidation.hpp"
#include "cache/stored.hpp"
#include "cache/stored_headers.hpp"

namespace okhttp::internal {
namespace {

// RFC 9111 §3.1
TEST(StoredHeadersTest, FieldsForOneConnectionAreNotKept) {
  const Headers kept = storable_headers(Headers::of({{"Connection", "close, X-Hop"},
                                                     {"X-Hop", "1"},
                                                     {"Keep-Alive", "timeout=1"},
                                                     {"Transfer-Encoding", "chunked"},
                                                     {"Proxy-Authenticate", "Basic"},
                                                     {"Upgrade", "h2c"},
                                                     {"ETag", "\"v\""},
                                                     {"Set-Cookie", "a=b"}}));
  EXPECT_EQ(kept, Headers::of({{"ETag", "\"v\""}, {"Set-Cookie", "a=b"}}));
}

// RFC 9111 §3.2

TEST(StoredHeadersTest, FieldsOfA304ReplaceAllOfTheirName) {
  const Headers merged = merge_headers(
      Headers::of({{"X-A", "1"}, {"X-B", "2"}, {"x-a", "3"}, {"Cache-Control", "max-age=1"}}),
      Headers::of({{"X-A", "4"}, {"X-A", "5"}, {"Cache-Control", "max-age=9"}, {"Connection", "X-C"}, {"X-C", "6"}}));
  EXPECT_EQ(merged, Headers::of({{"X-B", "2"}, {"X-A", "4"}, {"X-A", "5"}, {"Cache-Control", "max-age=9"}}));
}

TEST(StoredHeadersTest, FieldsThatDescribeTheStoredBodyStay) {
  const Fields body = {{"Content-Length", "10"}, {"Content-Encoding", "gzip"}, {"Content-Type", "text/plain"}};
  const Headers merged = merge_headers(
      Headers::of(body), Headers::of({{"Content-Length", "0"}, {"Content-Encoding", "br"}, {"Content-Type", "x/y"}}));
  EXPECT_EQ(merged, Headers::of(body));
}

TEST(StoredHeadersTest, TheAgeOfTheFirstAnswerDoesNotOutliveAConfirmation) {
  EXPECT_FALSE(merge_headers(Headers::of({{"Age", "100"}}), Headers()).contains("Age"));
  EXPECT_EQ(merge_headers(Headers::of({{"Age", "100"}}), Headers::of({{"Age", "3"}})).get("Age"), "3");
}

// RFC 9111 §5.2.2.4
TEST(StoredHeadersTest, FieldsThatNoCacheNamesAreNotServedUnvalidated) {
  const Headers rest = without_unvalidated(Headers::of(
      {{"Cache-Control", "no-cache=\"set-cookie, X-A\""}, {"Set-Cookie", "a=b"}, {"X-A", "1"}, {"X-B", "2"}}));
  EXPECT_EQ(rest, Headers::of({{"Cache-Control", "no-cache=\"set-cookie, X-A\""}, {"X-B", "2"}}));
}

// RFC 9111 §4.3.4

TEST(ValidationTest, A304AboutAnotherVersionConfirmsNothing) {
  const auto found = stored({{"ETag", "\"v1\""}});
  EXPECT_TRUE(confirms(response(304, {{"ETag", "\"v1\""}}), *found.head));
  EXPECT_TRUE(confirms(response(304, {{"ETag", "W/\"v1\""}}), *found.head));
  EXPECT_TRUE(confirms(response(304, {}), *found.head));
  EXPECT_FALSE(confirms(response(304, {{"ETag", "\"v2\""}}), *found.head));
  EXPECT_FALSE(confirms(response(200, {{"ETag", "\"v1\""}}), *found.head));
}

// Of two validators the ETag decides; one that is not stored is of something else.
TEST(ValidationTest, A304ConfirmsOnlyWhatHasItsValidators) {
  const Fields nine_before = {{"Last-Modified", date(Seconds(-9))}};
  const auto by_date = stored(nine_before);
  EXPECT_TRUE(confirms(response(304, {}), *by_date.head));
  EXPECT_TRUE(confirms(response(304, nine_before), *by_date.head));
  EXPECT_TRUE(confirms(response(304, {{"ETag", "\"v1\""}, nine_before.front()}), *by_date.head));
  EXPECT_FALSE(confirms(response(304, {{"Last-Modified", date(Seconds(-8))}}), *by_date.head));
  EXPECT_FALSE(confirms(response(304, {{"ETag", "\"v1\""}}), *by_date.head));
  EXPECT_FALSE(confirms(response(304, nine_before), *stored({}).head));
  const auto by_both = stored({{"ETag", "\"v1\""}, nine_before.front()});
  EXPECT_TRUE(confirms(response(304, {{"ETag", "\"v1\""}, {"Last-Modified", date(Seconds(-8))}}), *by_both.head));
}

TEST(ValidationTest, AConfirmationRenewsTheTimes) {
  const Response by = response(304, {{"Date", date(Seconds(100))}})
                          .new_builder()
                          .sent_request_at(kReceived + Seconds(99))
                          .received_response_at(kReceived + Seconds(100))
                          .build();
  const CachedResponse fresh = freshened(*stored({{"Cache-Control", "max-age=60"}, {"Age", "50"}}).head, get(), by);
  EXPECT_EQ(current_age(fresh, kReceived + Seconds(101)), Seconds(2));
}

// RFC 9111 §4.3.5
TEST(ValidationTest, AResponseToHeadAgreesOnlyIfItDescribesTheSameBody) {
  const auto found = stored({{"ETag", "\"v1\""}, {"Last-Modified", date(Seconds(-9))}});
  EXPECT_TRUE(agrees(response(200, {{"ETag", "\"v1\""}, {"Content-Length", "10"}}), *found.head, 10));
  EXPECT_TRUE(agrees(response(200, {}), *found.head, 10));
  EXPECT_FALSE(agrees(response(200, {{"Content-Length", "11"}}), *found.head, 10));
  EXPECT_FALSE(agrees(response(200, {{"ETag", "\"v2\""}}), *found.head, 10));
  EXPECT_FALSE(agrees(response(200, {{"Last-Modified", date(Seconds(-8))}}), *found.head, 10));
}

// RFC 9111 §4.4

std::vector<std::string> invalidated(const std::string& method, int code, const Fields& fields) {
  const Request request = Request::get("http://example.com/a/b?q#f")
                              .new_builder()
                              .method(method, method == "DELETE" ? nullptr : RequestBody::create("x"))
                              .build();
  return invalidated_urls(request, response(code, fields, request));
}

TEST(InvalidationTest, UnsafeMethodsThatSucceedInvalidateTheirUrl) {
  const std::vector<std::string> own = {"http://example.com/a/b?q"};
  for (const char* method : {"POST", "PUT", "PATCH", "DELETE", "FROB"}) {
    EXPECT_EQ(invalidated(method, 200, {}), own) << method;
    EXPECT_EQ(invalidated(method, 303, {}), own) << method;
    EXPECT_TRUE(invalidated(method, 404, {}).empty()) << method;
    EXPECT_TRUE(invalidated(method, 500, {}).empty()) << method;
  }
  EXPECT_TRUE(invalidated_urls(get(), response(200, {})).empty());
  EXPECT_TRUE(invalidated("QUERY", 200, {}).empty());
}

TEST(InvalidationTest, LocationAndContentLocationOfTheSameOriginGoToo) {
  EXPECT_EQ(
      invalidated("POST", 201, {{"Location", "/new"}, {"Content-Location", "http://EXAMPLE.com:80/other#x"}}),
      (std::vector<std::string>{"http://example.com/a/b?q", "http://example.com/new", "http://example.com/other"}));
}

TEST(InvalidationTest, AnotherOriginIsNoneOfTheirBusiness) {
  for (const char* url : {"https://example.com/x", "http://example.com:81/x", "http://www.example.com/x", "//evil/x"}) {
    EXPECT_EQ(invalidated("POST", 201, {{"Location", url}, {"Content-Location", url}}).size(), 1U) << url;
  }
}

// RFC 9111 §2

TEST(CacheKeyTest, FragmentAndUserInformationAreNotPartOfTheKey) {
  EXPECT_EQ(cache_key(get({}, "http://me:secret@example.com/a@b?c#d"))->url, "http://example.com/a@b?c");
  EXPECT_EQ(cache_key(get({}, "http://example.com/a@b"))->url, "http://example.com/a@b");
}

TEST(CacheKeyTest, OnlyReadingMethodsHaveOne) {
  EXPECT_TRUE(cache_key(Request::head("http://example.com/")).has_value());
  EXPECT_FALSE(cache_key(Request::delete_("http://example.com/")).has_value());
  EXPECT_FALSE(cache_key(get({{"Upgrade", "websocket"}})).has_value());
}

// RFC 9110 §7.1: the target is what Host names, and not what the URL was made of.
TEST(CacheKeyTest, ARequestThatIsMeantForAnotherHostHasNone) {
  EXPECT_FALSE(cache_key(get({{"Host", "bank.example"}})).has_value());
  EXPECT_FALSE(cache_key(get({{"Host", "example.com:81"}})).has_value());
  EXPECT_FALSE(cache_key(get({{"Host", "example.com"}, {"Host", "bank.example"}})).has_value());
  EXPECT_TRUE(cache_key(get({{"host", "EXAMPLE.com"}})).has_value());
  EXPECT_TRUE(cache_key(get({{"Host", "example.com:81"}}, "http://example.com:81/")).has_value());
}

TEST(CacheKeyTest, PostAndQueryHaveTheOneThatTheyAreGiven) {
  for (const char* method : {"POST", "QUERY", "PUT"}) {
    const Request request = Request::get("http://example.com/")
                                .new_builder()
                                .method(method, RequestBody::create("x"))
                                .cache_url_override(Url::parse("http://example.com/?x"))
                                .build();
    const std::string url = cache_key(request).value_or(CacheKey()).url;
    EXPECT_EQ(url, std::string(method) != "PUT" ? "http://example.com/?x" : "") << method;
  }
}

TEST(CacheKeyTest, CredentialsAreToldApartAndNotKept) {
  const CacheKey none = *cache_key(get());
  const CacheKey one = *cache_key(get({{"Authorization", "Basic secret"}}));
  const CacheKey other = *cache_key(get({{"Authorization", "Basic other"}}));
  EXPECT_EQ(none.credential, "");
  EXPECT_NE(one.credential, other.credential);
  EXPECT_EQ(one, *cache_key(get({{"authorization", "Basic secret"}})));
  EXPECT_EQ(one.credential.find("secret"), std::string::npos);
  EXPECT_EQ(variant_of(get({{"Cookie", "secret"}}), Headers::of({{"Vary", "Cookie"}})).find("secret"),
            std::string::npos);
}

}  // namespace
}  // namespace okhttp::internal

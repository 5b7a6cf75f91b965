#include "interceptors/follow_up.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace okhttp::internal {
namespace {

RequestBodyPtr text_body() { return RequestBody::create("body", MediaType::parse("text/plain")); }

RequestBodyPtr one_shot_body() {
  return RequestBody::one_shot([] { return std::optional<std::string>(); });
}

Request request_with(const std::string& method, const std::string& url = "http://a.example/dir/page") {
  Request::Builder builder;
  const bool has_body = method != "GET" && method != "HEAD" && method != "DELETE" && method != "OPTIONS";
  builder.url(url).method(method, has_body ? text_body() : nullptr);
  if (has_body) builder.header("Content-Type", "text/plain").header("Content-Length", "4");
  return builder.build();
}

Response answer(const Request& request, int code, const std::string& location = {}) {
  Response::Builder builder;
  builder.request(request).code(code);
  if (!location.empty()) builder.header("Location", location);
  return builder.build();
}

Response answer_with(const Request& request, int code, const std::string& name, const std::string& value) {
  return answer(request, code).new_builder().header(name, value).build();
}

std::optional<Request> follow(const Response& response, const FollowUpPolicy& policy = FollowUpPolicy()) {
  return follow_up(response, policy);
}

std::string url_after(const std::string& from, const std::string& location) {
  const auto next = follow(answer(Request::get(from), 302, location));
  return next ? next->url().to_string() : "none";
}

struct MethodCase {
  int code;
  std::string before;
  std::string after;
  bool keeps_body;
};

class RedirectMethod : public testing::TestWithParam<MethodCase> {};

TEST_P(RedirectMethod, IsWhatTheCodeSays) {
  const MethodCase& expected = GetParam();
  const auto next = follow(answer(request_with(expected.before), expected.code, "/next"));
  ASSERT_TRUE(next.has_value());
  EXPECT_EQ(next->method(), expected.after);
  EXPECT_EQ(next->body() != nullptr, expected.keeps_body);
  EXPECT_EQ(next->headers().contains("Content-Type"), expected.keeps_body);
  EXPECT_EQ(next->headers().contains("Content-Length"), expected.keeps_body);
  EXPECT_EQ(next->url().to_string(), "http://a.example/next");
}

std::vector<MethodCase> method_cases() {
  std::vector<MethodCase> cases;
  for (const int code : {300, 301, 302, 303, 307, 308}) {
    const bool keeps = code >= 307;
    for (const std::string safe : {"GET", "HEAD"}) cases.push_back({code, safe, safe, false});
    for (const std::string with_body : {"POST", "PUT", "PATCH"}) {
      cases.push_back({code, with_body, keeps ? with_body : "GET", keeps});
    }
    for (const std::string without_body : {"DELETE", "OPTIONS"}) {
      cases.push_back({code, without_body, keeps ? without_body : "GET", false});
    }
    cases.push_back({code, "PROPFIND", "PROPFIND", true});
    cases.push_back({code, "QUERY", code == 303 ? "GET" : "QUERY", code != 303});
  }
  return cases;
}

INSTANTIATE_TEST_SUITE_P(Codes, RedirectMethod, testing::ValuesIn(method_cases()),
                         [](const auto& test) { return std::to_string(test.param.code) + test.param.before; });

TEST(FollowUpTest, OtherCodesAreTheCallers) {
  for (const int code : {200, 201, 204, 206, 304, 305, 306, 400, 401, 403, 404, 407, 421, 429, 500, 502, 504}) {
    EXPECT_FALSE(follow(answer(Request::get("http://a.example/"), code, "/next")).has_value()) << code;
  }
}

TEST(FollowUpTest, A407IsFollowedUpOnlyWhenTheProxyGetsAnAnswer) {
  const Request request = Request::get("http://a.example/");
  EXPECT_FALSE(follow(answer(request, 407)).has_value());
  ConnectionFacts facts;
  facts.answers_proxy = true;
  const auto next = follow_up(answer(request, 407), FollowUpPolicy(), facts);
  ASSERT_TRUE(next.has_value());
  EXPECT_EQ(next->url(), request.url());
  EXPECT_FALSE(next->headers().contains("Proxy-Authorization"));
  const Request one_shot = Request::post("http://a.example/", one_shot_body());
  EXPECT_FALSE(follow_up(answer(one_shot, 407), FollowUpPolicy(), facts).has_value());
}

TEST(FollowUpTest, A401IsFollowedUpWithWhatTheAuthenticatorAnswered) {
  const Request request = Request::get("http://a.example/");
  const Request shows = request.new_builder().header("Authorization", "Basic abc").build();
  ConnectionFacts facts;
  facts.answer = &shows;
  const auto next = follow_up(answer(request, 401), FollowUpPolicy(), facts);
  ASSERT_TRUE(next.has_value());
  EXPECT_EQ(next->header("Authorization"), "Basic abc");
  const Request one_shot = Request::post("http://a.example/", one_shot_body());
  facts.answer = &one_shot;
  EXPECT_FALSE(follow_up(answer(request, 401), FollowUpPolicy(), facts).has_value());
}

TEST(FollowUpTest, CredentialsForOneRequestStayBehindOnEveryRedirect) {
  const auto shown_after = [](const std::string& credentials) {
    const Request request =
        Request::get("http://a.example/").new_builder().header("Authorization", credentials).build();
    return follow(answer(request, 302, "/next"))->headers().contains("Authorization");
  };
  EXPECT_FALSE(shown_after("Digest username=\"jane\""));
  EXPECT_TRUE(shown_after("Basic abc"));
  EXPECT_TRUE(shown_after("Bearer abc"));
}

TEST(FollowUpTest, ARedirectWithoutLocationIsTheCallers) {
  EXPECT_FALSE(follow(answer(Request::get("http://a.example/"), 302)).has_value());
}

TEST(FollowUpTest, LocationIsResolvedAgainstTheRequest) {
  EXPECT_EQ(url_after("http://a.example/dir/page?q", "other"), "http://a.example/dir/other");
  EXPECT_EQ(url_after("http://a.example/dir/page", "//b.example/x"), "http://b.example/x");
  EXPECT_EQ(url_after("http://a.example/dir/page", "?y"), "http://a.example/dir/page?y");
  EXPECT_EQ(url_after("http://a.example/", "https://a.example:8443/"), "https://a.example:8443/");
}

TEST(FollowUpTest, OnlyHttpAndHttpsAreFollowed) {
  for (const std::string location : {"ftp://a.example/", "file:///etc/passwd", "ws://a.example/", "wss://a.example/",
                                     "javascript:alert(1)", "http://", "http://a b/"}) {
    EXPECT_EQ(url_after("http://a.example/", location), "none") << location;
  }
}

TEST(FollowUpTest, AFragmentIsInheritedUnlessLocationHasOne) {
  EXPECT_EQ(url_after("http://a.example/#top", "/x"), "http://a.example/x#top");
  EXPECT_EQ(url_after("http://a.example/#top", "/x#end"), "http://a.example/x#end");
  EXPECT_EQ(url_after("http://a.example/", "/x#end"), "http://a.example/x#end");
}

TEST(FollowUpTest, PolicySwitchesRedirectsOff) {
  FollowUpPolicy none;
  none.follow_redirects = false;
  EXPECT_FALSE(follow(answer(Request::get("http://a.example/"), 302, "/x"), none).has_value());

  FollowUpPolicy no_ssl;
  no_ssl.follow_ssl_redirects = false;
  EXPECT_FALSE(follow(answer(Request::get("http://a.example/"), 302, "https://a.example/"), no_ssl).has_value());
  EXPECT_FALSE(follow(answer(Request::get("https://a.example/"), 302, "http://a.example/"), no_ssl).has_value());
  EXPECT_TRUE(follow(answer(Request::get("https://a.example/"), 302, "https://b.example/"), no_ssl).has_value());
}

TEST(FollowUpTest, AOneShotBodyEndsTheLoopUnlessItIsDropped) {
  const Request post = Request::post("http://a.example/", one_shot_body());
  EXPECT_FALSE(follow(answer(post, 307, "/x")).has_value());
  EXPECT_FALSE(follow(answer(post, 408)).has_value());
  EXPECT_FALSE(follow(answer_with(post, 503, "Retry-After", "0")).has_value());
  ConnectionFacts coalesced;
  coalesced.is_coalesced = true;
  EXPECT_FALSE(follow_up(answer(post, 421), FollowUpPolicy(), coalesced).has_value());
  EXPECT_TRUE(follow(answer(post, 303, "/x")).has_value());
}

TEST(FollowUpTest, NoRefererIsInvented) {
  const auto next = follow(answer(Request::get("http://a.example/secret?token=1"), 302, "http://b.example/"));
  EXPECT_FALSE(next->headers().contains("Referer"));
}

TEST(FollowUpTest, TagsTravel) {
  const Request tagged = Request::get("http://a.example/")
                             .new_builder()
                             .tag<std::string>(std::make_shared<const std::string>("t"))
                             .build();
  const auto next = follow(answer(tagged, 302, "http://b.example/"));
  ASSERT_NE(next->tag<std::string>(), nullptr);
  EXPECT_EQ(*next->tag<std::string>(), "t");
}

// Request time-out.

TEST(FollowUpTest, RequestTimeoutIsTriedOnceMoreAlsoForPost) {
  for (const std::string method : {"GET", "POST"}) {
    const Request request = request_with(method);
    const auto next = follow(answer(request, 408));
    ASSERT_TRUE(next.has_value()) << method;
    EXPECT_EQ(next->method(), method);
    const Response again = answer(*next, 408).new_builder().prior_response(answer(request, 408)).build();
    EXPECT_FALSE(follow(again).has_value()) << method;
    const Response after_redirect = answer(*next, 408).new_builder().prior_response(answer(request, 302)).build();
    EXPECT_TRUE(follow(after_redirect).has_value()) << method;
  }
}

TEST(FollowUpTest, RequestTimeoutHeedsRetryAfterAndThePolicy) {
  const Request get = Request::get("http://a.example/");
  EXPECT_TRUE(follow(answer_with(get, 408, "Retry-After", "0")).has_value());
  EXPECT_FALSE(follow(answer_with(get, 408, "Retry-After", "1")).has_value());
  EXPECT_FALSE(follow(answer_with(get, 408, "Retry-After", "Wed, 21 Oct 2015 07:28:00 GMT")).has_value());
  FollowUpPolicy no_retry;
  no_retry.retry_on_connection_failure = false;
  EXPECT_FALSE(follow(answer(get, 408), no_retry).has_value());
}

TEST(FollowUpTest, UnavailableIsTriedOnceMoreOnlyWhenToldAtOnce) {
  const Request get = Request::get("http://a.example/");
  EXPECT_FALSE(follow(answer(get, 503)).has_value());
  EXPECT_FALSE(follow(answer_with(get, 503, "Retry-After", "1")).has_value());
  EXPECT_FALSE(follow(answer_with(get, 503, "Retry-After", "99999999999999999999")).has_value());
  EXPECT_FALSE(follow(answer_with(get, 503, "Retry-After", "Wed, 21 Oct 2015 07:28:00 GMT")).has_value());
  const Response at_once = answer_with(get, 503, "Retry-After", "0");
  EXPECT_TRUE(follow(at_once).has_value());
  EXPECT_FALSE(follow(at_once.new_builder().prior_response(at_once).build()).has_value());
}

TEST(FollowUpTest, MisdirectedRequestGoesAgainOnlyFromACoalescedConnection) {
  const Request get = Request::get("http://a.example/");
  EXPECT_FALSE(follow(answer(get, 421)).has_value());
  ConnectionFacts facts;
  facts.is_coalesced = true;
  EXPECT_TRUE(follow_up(answer(get, 421), FollowUpPolicy(), facts).has_value());
}

// Credentials.

Request with_credentials(const std::string& url) {
  return Request::get(url)
      .new_builder()
      .header("Authorization", "Bearer t")
      .header("Cookie", "a=b")
      .header("Proxy-Authorization", "Basic x")
      .header("X-Api-Key", "k")
      .header("Host", "virtual.example")
      .header("Accept", "text/html")
      .build();
}

struct OriginCase {
  std::string from;
  std::string to;
  bool keeps;
};

class RedirectOrigin : public testing::TestWithParam<OriginCase> {};

TEST_P(RedirectOrigin, CredentialsStayWithTheirOrigin) {
  const OriginCase& expected = GetParam();
  const auto next = follow(answer(with_credentials(expected.from), 302, expected.to));
  ASSERT_TRUE(next.has_value());
  for (const char* name : {"Authorization", "Cookie", "Proxy-Authorization", "X-Api-Key", "Host"}) {
    EXPECT_EQ(next->headers().contains(name), expected.keeps) << name;
  }
  EXPECT_TRUE(next->headers().contains("Accept"));
}

INSTANTIATE_TEST_SUITE_P(Origins, RedirectOrigin,
                         testing::Values(OriginCase{"https://a.example/", "https://a.example/x", true},
                                         OriginCase{"https://a.example/", "https://A.EXAMPLE:443/x", true},
                                         OriginCase{"https://a.example/", "https://b.example/", false},
                                         OriginCase{"https://a.example/", "https://a.example./", false},
                                         OriginCase{"https://a.example/", "https://sub.a.example/", false},
                                         OriginCase{"https://a.example/", "https://a.example:8443/", false},
                                         OriginCase{"https://a.example/", "http://a.example:443/", false},
                                         OriginCase{"http://a.example/", "https://a.example/", false}));

TEST(FollowUpTest, FurtherSensitiveHeadersAreConfigurable) {
  FollowUpPolicy policy;
  policy.sensitive_headers = {"x-my-secret"};
  const Request request =
      Request::get("http://a.example/").new_builder().header("X-My-Secret", "1").header("X-Api-Key", "2").build();
  const auto next = follow(answer(request, 302, "http://b.example/"), policy);
  EXPECT_FALSE(next->headers().contains("X-My-Secret"));
  EXPECT_TRUE(next->headers().contains("X-Api-Key"));
}

}  // namespace
}  // namespace okhttp::internal

#include <okhttp/cookie.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

#include "http/cookie_date.hpp"

namespace okhttp {
namespace {

using namespace std::chrono_literals;
using SameSite = Cookie::SameSite;

// 2026-01-01 00:00:00 UTC
constexpr std::chrono::seconds kNow(1767225600);
Cookie::TimePoint now() { return Cookie::TimePoint(kNow); }

std::optional<Cookie> parse(std::string_view url, std::string_view text) {
  return Cookie::parse(now(), Url::parse(url), text);
}
std::optional<Cookie> parse(std::string_view text) { return parse("https://www.example.com/a/b", text); }
bool matches(const Cookie& cookie, std::string_view url) { return cookie.matches(Url::parse(url)); }
/// Seconds from now until the cookie expires.
std::optional<long long> lives(std::string_view text) {
  const auto cookie = parse(text);
  if (!cookie.has_value() || !cookie->expires_at().has_value()) return std::nullopt;
  return std::chrono::duration_cast<std::chrono::seconds>(*cookie->expires_at() - now()).count();
}
std::optional<long long> date(std::string_view text) {
  const auto time = internal::parse_cookie_date(text);
  if (!time.has_value()) return std::nullopt;
  return std::chrono::duration_cast<std::chrono::seconds>(time->time_since_epoch()).count();
}

TEST(CookieTest, HasNameValueAndDefaults) {
  const Cookie cookie = parse("SID=31d4d96e407aad42").value();
  EXPECT_EQ(cookie.name(), "SID");
  EXPECT_EQ(cookie.value(), "31d4d96e407aad42");
  EXPECT_EQ(cookie.domain(), "www.example.com");
  EXPECT_TRUE(cookie.host_only());
  EXPECT_EQ(cookie.path(), "/a");
  EXPECT_FALSE(cookie.is_persistent());
  EXPECT_FALSE(cookie.is_secure());
  EXPECT_FALSE(cookie.is_http_only());
  EXPECT_EQ(cookie.same_site(), SameSite::unspecified);
}

TEST(CookieTest, HasWhatItsAttributesSayInAnyCaseAndSpacing) {
  const Cookie cookie =
      parse(" a = b c ;DOMAIN = .Example.COM; path=/x ;secure=yes; HTTPONLY; SameSite=sTRICT; Other=1;;").value();
  EXPECT_EQ(cookie.name(), "a");
  EXPECT_EQ(cookie.value(), "b c");
  EXPECT_EQ(cookie.domain(), "example.com");
  EXPECT_FALSE(cookie.host_only());
  EXPECT_EQ(cookie.path(), "/x");
  EXPECT_TRUE(cookie.is_secure());
  EXPECT_TRUE(cookie.is_http_only());
  EXPECT_EQ(cookie.same_site(), SameSite::strict);
  EXPECT_EQ(parse("a=b; SameSite=Lax")->same_site(), SameSite::lax);
  EXPECT_EQ(parse("a=b; SameSite=None")->same_site(), SameSite::none);
  EXPECT_EQ(parse("a=b; SameSite=Lax; SameSite=Odd")->same_site(), SameSite::unspecified);
}

TEST(CookieTest, TheLastOfEqualAttributesCounts) {
  const Cookie cookie = parse("a=b; Path=/x; Path=/y; Domain=www.example.com; Domain=example.com").value();
  EXPECT_EQ(cookie.path(), "/y");
  EXPECT_EQ(cookie.domain(), "example.com");
  EXPECT_EQ(parse("a=b; Path=/x; Path=y")->path(), "/a");
}

TEST(CookieTest, QuotesAndEqualsSignsBelongToTheValue) {
  EXPECT_EQ(parse("a=\"b\"")->value(), "\"b\"");
  EXPECT_EQ(parse("a=b=c=")->value(), "b=c=");
  EXPECT_EQ(parse("a=")->value(), "");
}

TEST(CookieTest, MayLackAName) {
  for (const char* text : {"text", "=text", " = text"}) {
    const Cookie cookie = parse(text).value();
    EXPECT_EQ(cookie.name(), "");
    EXPECT_EQ(cookie.value(), "text");
    EXPECT_EQ(cookie.name_and_value(), "text");
  }
  for (const char* text : {"", "=", " ", ";Path=/", "=;Secure"}) EXPECT_EQ(parse(text), std::nullopt) << text;
}

TEST(CookieTest, NameAndValueHave4096BytesAtMost) {
  const std::string long_value(4095, 'v');
  EXPECT_EQ(parse("n=" + long_value)->value(), long_value);
  EXPECT_EQ(parse("nn=" + long_value), std::nullopt);
}

TEST(CookieTest, AnAttributeOfMoreThan1024BytesIsPassedOver) {
  const std::string path = "/" + std::string(1023, 'p');
  EXPECT_EQ(parse("a=b; Path=" + path)->path(), path);
  EXPECT_EQ(parse("a=b; Path=" + path + "p")->path(), "/a");
}

TEST(CookieTest, MaxAgeCountsBeforeExpires) {
  EXPECT_EQ(lives("a=b; Max-Age=60; Expires=Wed, 21 Oct 2015 07:28:00 GMT"), 60);
  EXPECT_EQ(lives("a=b; Expires=Thu, 01 Jan 2026 00:02:00 GMT; Max-Age=x"), 120);
  EXPECT_EQ(lives("a=b; Max-Age=1; Max-Age=2"), 2);
}

TEST(CookieTest, MaxAgeOfZeroOrBelowHasExpired) {
  for (const char* text : {"a=b; Max-Age=0", "a=b; max-age=-1", "a=b; Max-Age=-99999999999999999999999999"}) {
    EXPECT_TRUE(parse(text)->is_expired(now())) << text;
  }
}

TEST(CookieTest, LivesFor400DaysAtMost) {
  constexpr long long kMost = 400LL * 24 * 60 * 60;
  EXPECT_EQ(lives("a=b; Max-Age=99999999999999999999999999999999"), kMost);
  EXPECT_EQ(lives("a=b; Max-Age=34560001"), kMost);
  EXPECT_EQ(lives("a=b; Expires=Fri, 31 Dec 9999 23:59:59 GMT"), kMost);
  EXPECT_EQ(lives("a=b; Max-Age=34559999"), kMost - 1);
}

TEST(CookieTest, AMaxAgeThatIsNoNumberMakesASessionCookie) {
  for (const char* text : {"a=b; Max-Age=", "a=b; Max-Age", "a=b; Max-Age=+1", "a=b; Max-Age=1.5", "a=b; Max-Age=1s"}) {
    EXPECT_FALSE(parse(text)->is_persistent()) << text;
  }
}

TEST(CookieTest, DatesAreReadAsBrowsersDo) {
  constexpr long long kExpected = 784111777;
  for (const char* text :
       {"Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994",
        "06 Nov 1994 8:49:37", "08:49:37 6 november 94", "1994 Nov 06 08:49:37 PST", "6/Nov/1994 08:49:37+0100",
        "x,06.Novx.1994,08:49:37", "06 Nov 1994 08:49:37x", "06th Nov 94 08:49:37"}) {
    EXPECT_EQ(date(text).value_or(-1), kExpected) << text;
  }
  EXPECT_EQ(date("Thu, 01 Jan 70 00:00:00"), 0);
  EXPECT_EQ(date("01 Jan 69 00:00:00"), 3124224000);
  EXPECT_EQ(date("29 Feb 2024 00:00:00"), 1709164800);
}

TEST(CookieTest, WhatIsNoDateIsPassedOver) {
  for (const char* text :
       {"", "06 Nov 1994", "Nov 1994 08:49:37", "06 Nov 08:49:37", "06 1994 08:49:37", "00 Nov 1994 08:49:37",
        "31 Nov 1994 08:49:37", "29 Feb 2023 00:00:00", "06 Nov 1994 24:00:00", "06 Nov 1994 08:60:00",
        "06 Nov 1994 08:49:60", "06 Nov 1600 08:49:37", "06 Nov 19940 08:49:37", "006 Nov 1994 008:49:37",
        "06 Nov 1994 08:49", "06 No 1994 08:49:37"}) {
    EXPECT_EQ(date(text), std::nullopt) << text;
  }
  EXPECT_FALSE(parse("a=b; Expires=soon")->is_persistent());
}

TEST(CookieTest, TheDefaultPathIsThatOfTheUrlsFolder) {
  EXPECT_EQ(parse("https://h.example/", "a=b")->path(), "/");
  EXPECT_EQ(parse("https://h.example/x", "a=b")->path(), "/");
  EXPECT_EQ(parse("https://h.example/x/", "a=b")->path(), "/x");
  EXPECT_EQ(parse("https://h.example/x;y/z", "a=b")->path(), "/x;y");
  EXPECT_EQ(parse("https://h.example/x/y/z?q=/w", "a=b; Path=relative")->path(), "/x/y");
}

TEST(CookieTest, MatchesPathsByWholeSegments) {
  const Cookie cookie = parse("a=b; Path=/foo").value();
  for (const char* path : {"/foo", "/foo/", "/foo/bar", "/foo?q"}) {
    EXPECT_TRUE(matches(cookie, std::string("https://www.example.com") + path)) << path;
  }
  for (const char* path : {"/", "/fo", "/foobar", "/Foo", "/bar/foo"}) {
    EXPECT_FALSE(matches(cookie, std::string("https://www.example.com") + path)) << path;
  }
  EXPECT_TRUE(matches(parse("a=b; Path=/foo/").value(), "https://www.example.com/foo/bar"));
  EXPECT_FALSE(matches(parse("a=b; Path=/foo/").value(), "https://www.example.com/foo"));
}

TEST(CookieTest, OneForADomainMatchesItsSubdomains) {
  const Cookie cookie = parse("a=b; Domain=example.com; Path=/").value();
  for (const char* host : {"example.com", "www.example.com", "a.b.example.com"}) {
    EXPECT_TRUE(matches(cookie, std::string("http://") + host + ":8080/")) << host;
  }
  for (const char* host : {"badexample.com", "example.org", "com", "example.com.evil.org", "example.com."}) {
    EXPECT_FALSE(matches(cookie, std::string("http://") + host + "/")) << host;
  }
}

TEST(CookieTest, OneForAHostMatchesThatHostAlone) {
  const Cookie cookie = parse("https://example.com/", "a=b").value();
  EXPECT_TRUE(matches(cookie, "http://example.com/"));
  EXPECT_FALSE(matches(cookie, "http://www.example.com/"));
}

TEST(CookieTest, ADomainMustBeThatOfTheHost) {
  EXPECT_TRUE(parse("a=b; Domain=www.example.com").has_value());
  EXPECT_TRUE(parse("a=b; Domain=").value().host_only());
  for (const char* domain : {"other.com", "sub.www.example.com", "ample.com", "example.com.", "..example.com", "."}) {
    const auto cookie = parse(std::string("a=b; Domain=") + domain);
    EXPECT_TRUE(!cookie.has_value() || cookie->host_only()) << domain;
    EXPECT_TRUE(std::string_view(domain) == "." || !cookie.has_value()) << domain;
  }
}

TEST(CookieTest, OfAnAddressIsForThatAddressAlone) {
  const Cookie v4 = parse("http://127.0.0.1/", "a=b; Domain=127.0.0.1").value();
  EXPECT_TRUE(v4.host_only());
  EXPECT_TRUE(matches(v4, "http://127.0.0.1/"));
  EXPECT_EQ(parse("http://127.0.0.1/", "a=b; Domain=0.0.1"), std::nullopt);
  EXPECT_EQ(parse("http://127.0.0.1/", "a=b; Domain=1"), std::nullopt);
  EXPECT_EQ(parse("http://[::1]/", "a=b")->domain(), "::1");
  EXPECT_TRUE(matches(parse("http://[::1]/", "a=b").value(), "http://[0:0::1]/"));
}

TEST(CookieTest, AHostThatIsAPublicSuffixMayHaveCookiesOfItsOwn) {
  const Cookie cookie = parse("http://localhost/", "a=b; Domain=localhost").value();
  EXPECT_TRUE(cookie.host_only());
  EXPECT_FALSE(matches(cookie, "http://x.localhost/"));
}

TEST(CookieTest, ASecureOneIsForTlsAlone) {
  const Cookie cookie = parse("a=b; Secure; Path=/").value();
  EXPECT_TRUE(matches(cookie, "https://www.example.com/"));
  EXPECT_TRUE(matches(cookie, "wss://www.example.com/"));
  EXPECT_FALSE(matches(cookie, "http://www.example.com/"));
}

TEST(CookieTest, ParsesAllFieldsOfAResponse) {
  const Headers headers =
      Headers::of({{"Set-Cookie", "a=1"}, {"Other", "x=y"}, {"set-cookie", "b=2; Domain=com"}, {"SET-COOKIE", "c=3"}});
  const auto cookies = Cookie::parse_all(now(), Url::parse("http://example.com/"), headers);
  ASSERT_EQ(cookies.size(), 2U);
  EXPECT_EQ(cookies[0].name(), "a");
  EXPECT_EQ(cookies[1].name(), "c");
}

TEST(CookieTest, IsPrintedAsItWasSetAndForLogsWithoutItsValue) {
  const Cookie cookie = parse(
                            "a=secret; Expires=Thu, 01 Jan 2026 00:02:00 GMT; Domain=example.com; Path=/x; Secure; "
                            "HttpOnly; SameSite=Lax")
                            .value();
  const std::string rest =
      "; Expires=Thu, 01 Jan 2026 00:02:00 GMT; Domain=example.com; Path=/x; Secure; HttpOnly; SameSite=Lax";
  EXPECT_EQ(cookie.to_set_cookie(), "a=secret" + rest);
  EXPECT_EQ(cookie.to_string(), "a=██" + rest);
  EXPECT_EQ(parse(cookie.to_set_cookie()), cookie);
  EXPECT_EQ(parse("=a=b; Path=/")->to_set_cookie(), "=a=b; Path=/");
}

TEST(CookieTest, ABuilderMakesTheSameAsParsing) {
  const Cookie built = Cookie::Builder()
                           .name("a")
                           .value("b")
                           .domain("Example.com")
                           .path("/x")
                           .expires_at(now() + 60s)
                           .secure()
                           .http_only()
                           .same_site(SameSite::lax)
                           .build();
  EXPECT_EQ(built, parse("a=b; Domain=example.com; Path=/x; Max-Age=60; Secure; HttpOnly; SameSite=Lax"));
  EXPECT_EQ(Cookie::Builder(built).value("c").build().value(), "c");
  EXPECT_EQ(Cookie::Builder().name("a").host_only_domain("bücher.example").build().domain(), "xn--bcher-kva.example");
  EXPECT_TRUE(Cookie::Builder().name("a").domain("127.0.0.1").build().host_only());
}

TEST(CookieTest, ABuilderRefusesWhatBreaksTheRules) {
  const auto good = [] { return Cookie::Builder().name("a").value("b").host_only_domain("h.example"); };
  EXPECT_NO_THROW((void)good().build());
  EXPECT_THROW((void)Cookie::Builder().name("a").build(), std::invalid_argument);
  EXPECT_THROW((void)Cookie::Builder().host_only_domain("h.example").build(), std::invalid_argument);
  EXPECT_THROW((void)good().value(std::string(4096, 'v')).build(), std::invalid_argument);
  for (const char* name : {"a=b", "a;b", " a", "a\n", "a\tb"}) {
    EXPECT_THROW(good().name(name), std::invalid_argument) << name;
  }
  for (const char* value : {"a;b", "a ", "a\r\nX: y", "\x7f"}) {
    EXPECT_THROW(good().value(value), std::invalid_argument) << value;
  }
  for (const char* path : {"", "x", "/\t", "/x "}) EXPECT_THROW(good().path(path), std::invalid_argument) << path;
  for (const char* domain : {"com", "co.uk", "", "a b"}) {
    EXPECT_THROW(good().domain(domain), std::invalid_argument) << domain;
  }
  EXPECT_THROW((void)good().name("__Secure-a").build(), std::invalid_argument);
  EXPECT_THROW((void)good().name("__host-a").secure().path("/x").build(), std::invalid_argument);
  EXPECT_NO_THROW((void)good().name("__Host-a").secure().build());
}

TEST(CookieTest, AComplaintOfABuilderDoesNotShowTheValue) {
  try {
    Cookie::Builder().value("secret\n");
    FAIL();
  } catch (const std::invalid_argument& error) {
    EXPECT_EQ(std::string(error.what()).find("secret"), std::string::npos);
  }
}

}  // namespace
}  // namespace okhttp

#include <okhttp/client.hpp>
#include <okhttp/cookie_jar.hpp>
#include <okhttp/dns.hpp>
#include <okhttp/mockwebserver/mock_web_server.hpp>

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "support/protocols.hpp"
#include "support/temporary_folder.hpp"

// What servers must not do with cookies: set them for others (CVE-2023-46218, CVE-2022-27779, CVE-2026-8924), have them
// sent to others (CVE-2022-27774, CVE-2022-27776, CVE-2026-6276), take over Secure ones (CVE-2025-9086), break requests
// with them (CVE-2022-35252, CVE-2022-32205), or have a file hold what they did not set (CVE-2023-38546,
// CVE-2022-32207).

namespace okhttp {
namespace {

Cookie::TimePoint now() { return Cookie::TimePoint(std::chrono::seconds(1767225600)); }

std::optional<Cookie> parse(std::string_view url, std::string_view text) {
  return Cookie::parse(now(), Url::parse(url), text);
}

TEST(CookieSecurity, NoCookieIsSetForAPublicSuffixInAnyCase) {  // CVE-2023-46218
  for (const char* domain : {"co.uk", "CO.UK", "Co.Uk", ".co.uk", "uk", "UK"}) {
    EXPECT_EQ(parse("https://curl.co.uk/", std::string("a=b; Domain=") + domain), std::nullopt) << domain;
    EXPECT_EQ(parse("https://CURL.CO.UK/", std::string("a=b; Domain=") + domain), std::nullopt) << domain;
  }
}

TEST(CookieSecurity, ATrailingDotMakesNoOtherDomainOfAPublicSuffix) {  // CVE-2022-27779, CVE-2026-8924
  for (const char* domain : {"co.uk", "co.uk.", "uk.", ".", "..", "com."}) {
    const auto cookie = parse("https://me.co.uk./", std::string("a=b; Domain=") + domain);
    EXPECT_TRUE(!cookie.has_value() || cookie->host_only()) << domain;
  }
  EXPECT_EQ(parse("https://me.co.uk/", "a=b; Domain=me.co.uk."), std::nullopt);
  EXPECT_FALSE(parse("https://me.co.uk./", "a=b")->matches(Url::parse("https://me.co.uk/")));
}

TEST(CookieSecurity, ASuffixOfAnAddressIsNoDomain) {
  EXPECT_EQ(parse("https://10.0.0.1/", "a=b; Domain=0.0.1"), std::nullopt);
  EXPECT_FALSE(parse("https://10.0.0.1/", "a=b; Domain=10.0.0.1")->matches(Url::parse("https://10.0.0.2/")));
}

TEST(CookieSecurity, ControlCharactersAreRefusedWhereverTheyAre) {  // CVE-2022-35252
  for (int byte = 0; byte < 0x20; ++byte) {
    if (byte == '\t') continue;
    const std::string bad(1, static_cast<char>(byte));
    for (const std::string& text : {"a" + bad + "=b", "a=b" + bad, "a=b" + bad + "c", "a=b; Path=/" + bad,
                                    "a=b; Secur" + bad + "e", bad + "a=b"}) {
      EXPECT_EQ(parse("https://h.example/", text), std::nullopt) << byte;
    }
  }
  EXPECT_EQ(parse("https://h.example/", "a=b\x7f"), std::nullopt);
}

TEST(CookieSecurity, ATabMakesNoOtherColumnsInAFile) {  // CVE-2023-38546
  EXPECT_EQ(parse("https://h.example/", "a\tb=c"), std::nullopt);
  EXPECT_EQ(parse("https://h.example/", "a=b\tc"), std::nullopt);
  EXPECT_EQ(parse("https://h.example/", "a=b; Path=/\tTRUE"), std::nullopt);
  EXPECT_EQ(parse("https://h.example/", "a=\tb\t")->value(), "b");
}

TEST(CookieSecurity, ASecureCookieNeedsTls) {
  EXPECT_EQ(parse("http://h.example/", "a=b; Secure"), std::nullopt);
  EXPECT_TRUE(parse("https://h.example/", "a=b; Secure").has_value());
}

TEST(CookieSecurity, APrefixKeepsItsPromiseInAnyCase) {
  for (const char* name : {"__Secure-", "__secure-", "__SECURE-a"}) {
    EXPECT_EQ(parse("https://h.example/", std::string(name) + "=b"), std::nullopt) << name;
    EXPECT_EQ(parse("http://h.example/", std::string(name) + "=b; Secure"), std::nullopt) << name;
    EXPECT_TRUE(parse("https://h.example/", std::string(name) + "=b; Secure").has_value()) << name;
  }
  for (const char* name : {"__Host-a", "__host-a", "__HOST-"}) {
    for (const char* rest : {"", "; Secure", "; Path=/", "; Secure; Path=/x", "; Secure; Path=/; Domain=h.example"}) {
      EXPECT_EQ(parse("https://h.example/", std::string(name) + "=b" + rest), std::nullopt) << name << rest;
    }
    EXPECT_TRUE(parse("https://h.example/x/y", std::string(name) + "=b; Secure; Path=/").has_value()) << name;
  }
}

TEST(CookieSecurity, ACookieWithoutANameCannotLookLikeOneWithAPrefix) {
  for (const char* text : {"=__Host-a=b", "__Host-a", "=__secure-a=b", "__Secure-"}) {
    EXPECT_EQ(parse("https://h.example/", std::string(text) + "; Secure; Path=/"), std::nullopt) << text;
  }
}

/// The cookies that a request carries after a response over https, and one over http.
std::string after(std::string_view https_url, std::string_view secure, std::string_view http_url,
                  std::string_view clear, std::string_view asked) {
  MemoryCookieJar jar;
  const Url first = Url::parse(https_url);
  const Url second = Url::parse(http_url);
  jar.save_from_response(first, {Cookie::parse(first, secure).value()});
  jar.save_from_response(second, {Cookie::parse(second, clear).value()});
  std::string field;
  for (const Cookie& cookie : jar.load_for_request(Url::parse(asked))) field += cookie.name_and_value() + ";";
  return field;
}

TEST(CookieSecurity, WithoutTlsASecureCookieIsNeitherReplacedNorHidden) {  // CVE-2025-9086
  const char* const https = "https://www.example.com/";
  const char* const http = "http://www.example.com/";
  EXPECT_EQ(after(https, "a=1; Secure; Path=/", http, "a=2; Path=/", https), "a=1;");
  EXPECT_EQ(after(https, "a=1; Secure; Path=/", http, "a=; Path=/; Max-Age=0", https), "a=1;");
  EXPECT_EQ(after(https, "a=1; Secure; Path=/", http, "a=2; Path=/x", "https://www.example.com/x"), "a=1;");
  EXPECT_EQ(after(https, "a=1; Secure; Path=/", http, "a=2; Path=/; Domain=example.com", https), "a=1;");
  EXPECT_EQ(after("https://example.com/", "a=1; Secure; Path=/; Domain=example.com", http, "a=2; Path=/", https),
            "a=1;");
  // What cannot be taken for it may be set.
  EXPECT_EQ(after(https, "a=1; Secure; Path=/x", http, "a=2; Path=/", "https://www.example.com/x"), "a=1;a=2;");
  EXPECT_EQ(after(https, "a=1; Secure; Path=/", http, "b=2; Path=/", https), "a=1;b=2;");
  EXPECT_EQ(after(https, "a=1; Secure; Path=/", "http://other.com/", "a=2", "http://other.com/"), "a=2;");
  EXPECT_EQ(after(https, "a=1; Secure; Path=/", https, "a=2; Path=/", https), "a=2;");
}

TEST(CookieSecurity, AFileDoesNotHoldMoreThanTheCookiesSaid) {  // CVE-2023-38546
  std::string text = "h.example\tFALSE\t/\tFALSE\t0\ta\tb\tmore\n.com\tTRUE\t/\tFALSE\t0\ta\tb\n";
  text += "h.example\tFALSE\t/\tFALSE\t0\ta\tb;c=d\n";
  EXPECT_TRUE(parse_cookies_txt(text, now()).empty());
}

TEST(CookieSecurity, AFileOfCookiesIsForItsOwnerAlone) {  // CVE-2022-32207
  const internal::TemporaryFolder folder;
  const std::string path = (folder.path() / "cookies.txt").string();
  write_cookies_txt(path, {parse("https://h.example/", "a=b").value()});
  struct stat status {};
  ASSERT_EQ(::stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600U);
}

class CookieSecurityCall : public ProtocolTest<> {
 protected:
  CookieSecurityCall() {
    const std::vector<IpAddress> here = {IpAddress::loopback_v4()};
    auto dns = Dns::fixed(
        {FixedHost("a.example.com", here), FixedHost("b.example.com", here), FixedHost("evil.example.org", here)},
        Dns::system());
    client_ = client_.new_builder().dns(std::move(dns)).proxy(Proxy::direct()).cookie_jar(jar_).build();
  }
  [[nodiscard]] Url at(std::string_view host) { return server_.url("/").new_builder().host(host).build(); }
  [[nodiscard]] static MockResponse redirect(const Url& url, const std::vector<std::string>& cookies) {
    MockResponse::Builder response;
    for (const std::string& cookie : cookies) response.add_header("Set-Cookie", cookie);
    return response.code(302).set_header("Location", url.to_string()).build();
  }
  [[nodiscard]] std::string received() {
    const RecordedRequest request = *server_.take_request();
    return std::string(request.header("Cookie").value_or("none"));
  }

  const std::shared_ptr<MemoryCookieJar> jar_ = CookieJar::in_memory();
};

INSTANTIATE_TEST_SUITE_P(Protocols, CookieSecurityCall, both_protocols(), ParameterName());

TEST_P(CookieSecurityCall, CookiesOfTheJarDoNotFollowARedirectToAnotherHost) {  // CVE-2022-27774, CVE-2022-27776
  server_.enqueue(redirect(at("b.example.com"), {"host=1", "both=2; Domain=example.com"}));
  server_.enqueue(redirect(at("evil.example.org"), {}));
  server_.enqueue(redirect(at("a.example.com"), {"evil=3; Domain=example.com", "own=4"}));
  server_.enqueue(MockResponse("done"));
  const Request request = Request::get(at("a.example.com")).new_builder().header("Cookie", "hand=1").build();
  EXPECT_EQ(client_.execute(request).body().string(), "done");
  EXPECT_EQ(received(), "hand=1");
  EXPECT_EQ(received(), "both=2");
  EXPECT_EQ(received(), "none");
  EXPECT_EQ(received(), "host=1; both=2");
}

TEST_P(CookieSecurityCall, AHostSetByHandDoesNotDecideWhoseTheCookiesAre) {  // CVE-2026-6276
  jar_->add(Cookie::Builder().name("a").value("1").host_only_domain("a.example.com").build());
  server_.enqueue(MockResponse::Builder().add_header("Set-Cookie", "b=2; Domain=a.example.com").build());
  const Request request = Request::get(at("evil.example.org")).new_builder().header("Host", "a.example.com").build();
  EXPECT_EQ(client_.execute(request).code(), 200);
  EXPECT_EQ(received(), "none");
  EXPECT_EQ(jar_->size(), 1U);
}

TEST_P(CookieSecurityCall, NoServerCanHaveTheClientSendCookiesWithoutEnd) {  // CVE-2022-32205
  MockResponse::Builder many;
  for (int i = 0; i < 20; ++i) {
    many.add_header("Set-Cookie", "n" + std::to_string(i) + "=" + std::string(4000, 'v') + "; Domain=example.com");
  }
  server_.enqueue(many.build());
  MockResponse::Builder small;
  for (int i = 0; i < 400; ++i) small.add_header("Set-Cookie", "s" + std::to_string(i) + "=v; Path=/small");
  server_.enqueue(small.build());
  server_.enqueue(MockResponse("large"));
  server_.enqueue(MockResponse("small"));
  EXPECT_EQ(client_.execute(Request::get(at("a.example.com"))).code(), 200);
  EXPECT_EQ(client_.execute(Request::get(at("b.example.com"))).code(), 200);
  EXPECT_EQ(client_.execute(Request::get(at("a.example.com"))).code(), 200);
  const Url url = at("b.example.com").new_builder().encoded_path("/small").build();
  EXPECT_EQ(client_.execute(Request::get(url)).code(), 200);
  EXPECT_EQ(received(), "none");
  EXPECT_LE(received().size(), 8190U);
  const std::string large = received();
  EXPECT_GT(large.size(), 4000U);
  EXPECT_LE(large.size(), 8190U);
  const std::string many_small = received();
  EXPECT_LE(many_small.size(), 8190U);
  EXPECT_LE(std::count(many_small.begin(), many_small.end(), ';'), 149);
  EXPECT_LE(jar_->size(), 170U);
}

}  // namespace
}  // namespace okhttp

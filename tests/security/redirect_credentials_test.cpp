#include <okhttp/client.hpp>
#include <okhttp/mockwebserver/mock_web_server.hpp>

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "support/gzipped.hpp"
#include "support/protocols.hpp"

// What a redirect must not carry to another origin (CVE-2022-27774, CVE-2022-27776, CVE-2025-14524, CVE-2021-22876,
// CVE-2026-6276, CVE-2026-33745, CVE-2026-44431), and what its body must not cost (CVE-2026-21441).

namespace okhttp {
namespace {

// Proxy-Authorization never reaches a server, redirected or not: see proxy_test.cpp.
const std::vector<std::string> kSecrets = {"Authorization", "Cookie", "X-Api-Key", "X-Auth-Token"};

MockResponse redirect_to(const Url& url) {
  return MockResponse::Builder().code(302).set_header("Location", url.to_string()).build();
}

class RedirectCredentials : public ProtocolTest<> {
 protected:
  RedirectCredentials() { speak(second_); }

  [[nodiscard]] Request with_secrets(const Url& url) {
    Request::Builder builder = Request::get(url).new_builder();
    for (const std::string& name : kSecrets) builder.header(name, "secret");
    return builder.header("Accept", "text/plain").build();
  }
  static void expect_secrets(const RecordedRequest& request, bool there) {
    for (const std::string& name : kSecrets) EXPECT_EQ(request.headers().contains(name), there) << name;
    EXPECT_EQ(request.header("Accept"), "text/plain");
  }

  MockWebServer& first_ = server_;
  MockWebServer second_;
};

INSTANTIATE_TEST_SUITE_P(Protocols, RedirectCredentials, both_protocols(), ParameterName());

TEST_P(RedirectCredentials, StayOnTheSameOrigin) {
  first_.enqueue(redirect_to(first_.url("/b")));
  first_.enqueue(MockResponse("done"));
  EXPECT_EQ(client_.execute(with_secrets(first_.url("/a"))).body().string(), "done");
  expect_secrets(*first_.take_request(), true);
  expect_secrets(*first_.take_request(), true);
}

TEST_P(RedirectCredentials, DoNotGoToAnotherPort) {
  first_.enqueue(redirect_to(second_.url("/b")));
  second_.enqueue(MockResponse("done"));
  EXPECT_EQ(client_.execute(with_secrets(first_.url("/a"))).body().string(), "done");
  expect_secrets(*first_.take_request(), true);
  expect_secrets(*second_.take_request(), false);
}

TEST_P(RedirectCredentials, DoNotGoToAnotherNameOfTheSameServer) {
  const Url other_name = first_.url("/b").new_builder().host("127.0.0.1").build();
  first_.enqueue(redirect_to(other_name));
  first_.enqueue(MockResponse("done"));
  EXPECT_EQ(client_.execute(with_secrets(first_.url("/a"))).body().string(), "done");
  (void)first_.take_request();
  expect_secrets(*first_.take_request(), false);
}

TEST_P(RedirectCredentials, DoNotComeBackWhenARedirectLeadsBack) {
  first_.enqueue(redirect_to(second_.url("/b")));
  second_.enqueue(redirect_to(first_.url("/c")));
  first_.enqueue(MockResponse("done"));
  EXPECT_EQ(client_.execute(with_secrets(first_.url("/a"))).body().string(), "done");
  (void)first_.take_request();
  expect_secrets(*second_.take_request(), false);
  expect_secrets(*first_.take_request(), false);
}

TEST_P(RedirectCredentials, DoNotTravelWithABodyThatIsKept) {
  first_.enqueue(MockResponse::Builder().code(307).set_header("Location", second_.url("/b").to_string()).build());
  second_.enqueue(MockResponse("done"));
  const Request post = Request::post(first_.url("/a").to_string(), RequestBody::create("text"))
                           .new_builder()
                           .header("Authorization", "Bearer secret")
                           .build();
  EXPECT_EQ(client_.execute(post).body().string(), "done");
  const RecordedRequest request = *second_.take_request();
  EXPECT_EQ(request.body(), "text");
  EXPECT_FALSE(request.headers().contains("Authorization"));
}

TEST_P(RedirectCredentials, NamesThatTheClientAddsAreKeptBackToo) {
  client_ = client_.new_builder().sensitive_headers({"X-House-Key"}).build();
  first_.enqueue(redirect_to(second_.url("/b")));
  second_.enqueue(MockResponse("done"));
  const Request request = Request::get(first_.url("/a")).new_builder().header("x-house-key", "secret").build();
  EXPECT_EQ(client_.execute(request).body().string(), "done");
  EXPECT_TRUE(first_.take_request()->headers().contains("X-House-Key"));
  EXPECT_FALSE(second_.take_request()->headers().contains("X-House-Key"));
}

TEST_P(RedirectCredentials, AHostSetByHandIsNotSentToAnotherServer) {
  first_.enqueue(redirect_to(second_.url("/b")));
  second_.enqueue(MockResponse("done"));
  const Request request = Request::get(first_.url("/a")).new_builder().header("Host", "virtual.example").build();
  EXPECT_EQ(client_.execute(request).body().string(), "done");
  EXPECT_EQ(first_.take_request()->header("Host"), "virtual.example");
  EXPECT_EQ(second_.take_request()->headers().values("Host"),
            std::vector<std::string_view>{second_.url("/").host_header()});
}

TEST_P(RedirectCredentials, UserInformationInAUrlIsNeverSent) {
  const Url with_user = second_.url("/b").new_builder().username("user").password("secret").build();
  first_.enqueue(redirect_to(with_user));
  second_.enqueue(MockResponse("done"));
  const Url from = first_.url("/a").new_builder().username("user").password("secret").build();
  EXPECT_EQ(client_.execute(Request::get(from)).body().string(), "done");
  for (MockWebServer* server : {&first_, &second_}) {
    const RecordedRequest request = *server->take_request();
    EXPECT_EQ(request.target().find("secret"), std::string::npos);
    for (const Headers::Field field : request.headers()) EXPECT_EQ(field.value.find("secret"), std::string::npos);
    EXPECT_FALSE(request.headers().contains("Authorization"));
  }
}

TEST_P(RedirectCredentials, NoRefererTellsWhereARedirectCameFrom) {
  first_.enqueue(redirect_to(second_.url("/b")));
  second_.enqueue(MockResponse("done"));
  EXPECT_EQ(client_.execute(Request::get(first_.url("/a?token=secret"))).body().string(), "done");
  EXPECT_FALSE(second_.take_request()->headers().contains("Referer"));
}

TEST_P(RedirectCredentials, AnErrorShowsNoneOfThem) {
  first_.enqueue(MockResponse::Builder().raw("HTTP/1.1 nonsense\r\n\r\n").build());
  const Url url = first_.url("/a?token=secret").new_builder().username("user").password("secret").build();
  try {
    (void)client_.execute(with_secrets(url));
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(std::string(error.what()).find("secret"), std::string::npos) << error.what();
  }
}

TEST_P(RedirectCredentials, TheBodyOfARedirectIsNotDecoded) {
  first_.enqueue(MockResponse::Builder()
                     .code(302)
                     .body(gzipped(std::string(256U << 20, '\0')))
                     .set_header("Content-Encoding", "gzip")
                     .set_header("Location", second_.url("/b").to_string())
                     .build());
  second_.enqueue(MockResponse("done"));
  EXPECT_EQ(client_.execute(Request::get(first_.url("/a"))).body().string(), "done");
}

}  // namespace
}  // namespace okhttp

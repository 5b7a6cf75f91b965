#include <okhttp/client.hpp>
#include <okhttp/cookie_jar.hpp>
#include <okhttp/mockwebserver/mock_web_server.hpp>

#include <gtest/gtest.h>

#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "support/call_styles.hpp"
#include "support/protocols.hpp"

namespace okhttp {
namespace {

/// Notes what it was asked and told.
class RecordingJar final : public CookieJar {
 public:
  void save_from_response(const Url& url, const std::vector<Cookie>& cookies) override {
    const std::lock_guard lock(mutex_);
    std::string entry = "save " + std::string(url.encoded_path());
    for (const Cookie& cookie : cookies) entry += " " + cookie.name_and_value();
    log_.push_back(entry);
  }
  std::vector<Cookie> load_for_request(const Url& url) override {
    const std::lock_guard lock(mutex_);
    log_.push_back("load " + std::string(url.encoded_path()));
    return {};
  }
  [[nodiscard]] std::vector<std::string> log() const {
    const std::lock_guard lock(mutex_);
    return log_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> log_;
};

class CookieCall : public ProtocolTest<CallStyle> {
 protected:
  CookieCall() { client_ = client_.new_builder().cookie_jar(jar_).build(); }

  [[nodiscard]] Response get(const std::string& path) { return execute(Request::get(server_.url(path))); }
  [[nodiscard]] Response execute(const Request& request) { return run(how(), client_.new_call(request)); }
  static MockResponse setting(const std::string& cookie, int code = 200) {
    return MockResponse::Builder().code(code).add_header("Set-Cookie", cookie).build();
  }
  [[nodiscard]] std::optional<std::string> received() {
    const RecordedRequest request = *server_.take_request();
    EXPECT_LE(request.headers().values("Cookie").size(), 1U);
    const auto field = request.header("Cookie");
    return field.has_value() ? std::optional<std::string>(*field) : std::nullopt;
  }

  const std::shared_ptr<MemoryCookieJar> jar_ = CookieJar::in_memory();
};

INSTANTIATE_TEST_SUITE_P(Protocols, CookieCall, over_both_protocols(both_call_styles()), ParameterName());

TEST_P(CookieCall, WhatAResponseSetsTheNextRequestsCarry) {
  server_.enqueue(
      MockResponse::Builder().add_header("Set-Cookie", "a=1; Path=/").add_header("Set-Cookie", "b=2; Path=/b").build());
  server_.enqueue(MockResponse("two"));
  server_.enqueue(MockResponse("three"));
  EXPECT_EQ(get("/").headers().values("Set-Cookie").size(), 2U);
  EXPECT_EQ(get("/b").body().string(), "two");
  EXPECT_EQ(get("/").body().string(), "three");
  EXPECT_EQ(received(), std::nullopt);
  EXPECT_EQ(received(), "b=2; a=1");
  EXPECT_EQ(received(), "a=1");
}

TEST_P(CookieCall, NoneAreKeptUnlessAsked) {
  client_ = builder().build();
  EXPECT_EQ(client_.cookie_jar(), CookieJar::none());
  server_.enqueue(setting("a=1"));
  server_.enqueue(MockResponse("two"));
  EXPECT_EQ(get("/").code(), 200);
  EXPECT_EQ(get("/").code(), 200);
  (void)received();
  EXPECT_EQ(received(), std::nullopt);
}

TEST_P(CookieCall, ThoseOfTheJarReplaceThoseSetByHand) {
  server_.enqueue(setting("a=1; Path=/a"));
  server_.enqueue(MockResponse("two"));
  server_.enqueue(MockResponse("three"));
  EXPECT_EQ(get("/a").code(), 200);
  const auto with_own = [&](const std::string& path) {
    return Request::get(server_.url(path)).new_builder().header("cookie", "own=1").build();
  };
  const Response response = execute(with_own("/a"));
  EXPECT_EQ(response.request().header("Cookie"), "own=1");
  EXPECT_EQ(response.network_response()->request().header("Cookie"), "a=1");
  EXPECT_EQ(execute(with_own("/b")).code(), 200);
  (void)received();
  EXPECT_EQ(received(), "a=1");
  EXPECT_EQ(received(), "own=1");
}

TEST_P(CookieCall, RedirectsSetAndGetCookiesByTheirOwnUrl) {
  server_.enqueue(MockResponse::Builder()
                      .code(302)
                      .add_header("Set-Cookie", "hop=1; Path=/there")
                      .add_header("Set-Cookie", "here=1")
                      .set_header("Location", "/there/x")
                      .build());
  server_.enqueue(setting("deep=2"));
  EXPECT_EQ(get("/start/x").code(), 200);
  EXPECT_EQ(received(), std::nullopt);
  EXPECT_EQ(received(), "hop=1");
  const auto cookies = jar_->cookies();
  ASSERT_EQ(cookies.size(), 3U);
  EXPECT_EQ(cookies[1].path(), "/start");
  EXPECT_EQ(cookies[2].path(), "/there");
}

TEST_P(CookieCall, AskedAndToldOnceForEachExchange) {
  const auto jar = std::make_shared<RecordingJar>();
  client_ = client_.new_builder().cookie_jar(jar).build();
  server_.enqueue(
      MockResponse::Builder().code(302).add_header("Set-Cookie", "a=1").set_header("Location", "/there").build());
  server_.enqueue(setting("com=1; Domain=com"));
  EXPECT_EQ(get("/start").code(), 200);
  EXPECT_EQ(jar->log(), (std::vector<std::string>{"load /start", "save /start a=1", "load /there"}));
}

TEST_P(CookieCall, InterimResponsesSetNone) {
  server_.enqueue(MockResponse::Builder()
                      .add_informational(103, Headers::of({{"Set-Cookie", "early=1"}}))
                      .add_header("Set-Cookie", "late=1")
                      .build());
  EXPECT_EQ(get("/").code(), 200);
  const auto cookies = jar_->cookies();
  ASSERT_EQ(cookies.size(), 1U);
  EXPECT_EQ(cookies[0].name(), "late");
}

TEST_P(CookieCall, ErrorResponsesSetThemToo) {
  server_.enqueue(setting("a=1", 404));
  EXPECT_EQ(get("/").code(), 404);
  EXPECT_EQ(jar_->size(), 1U);
}

TEST_P(CookieCall, ADerivedClientSharesTheJar) {
  server_.enqueue(setting("a=1"));
  server_.enqueue(MockResponse("two"));
  EXPECT_EQ(get("/").code(), 200);
  client_ = client_.new_builder().follow_redirects(false).build();
  EXPECT_EQ(client_.cookie_jar(), jar_);
  EXPECT_EQ(get("/").code(), 200);
  (void)received();
  EXPECT_EQ(received(), "a=1");
}

TEST_P(CookieCall, WhatAJarThrowsEndsTheCall) {
  struct Throwing final : CookieJar {
    void save_from_response(const Url&, const std::vector<Cookie>&) override {}
    std::vector<Cookie> load_for_request(const Url&) override { throw std::runtime_error("no cookies today"); }
  };
  client_ = client_.new_builder().cookie_jar(std::make_shared<Throwing>()).build();
  EXPECT_THROW((void)get("/"), std::runtime_error);
}

TEST(CookieJarSetting, NullIsRefused) { EXPECT_THROW(Client::Builder().cookie_jar(nullptr), std::invalid_argument); }

}  // namespace
}  // namespace okhttp

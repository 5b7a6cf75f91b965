#include <okhttp/cookie_jar.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace okhttp {
namespace {

using namespace std::chrono_literals;

class MemoryCookieJarTest : public ::testing::Test {
 protected:
  void receive(std::string_view url, std::string_view text) {
    const Url from = Url::parse(url);
    const auto cookie = Cookie::parse(now_, from, text);
    ASSERT_TRUE(cookie.has_value()) << text;
    jar_->save_from_response(from, {*cookie});
  }
  /// The Cookie field of a request.
  std::string sent(std::string_view url) {
    std::string field;
    for (const Cookie& cookie : jar_->load_for_request(Url::parse(url))) {
      field += (field.empty() ? "" : "; ") + cookie.name_and_value();
    }
    return field;
  }
  void bound(std::size_t per_domain, std::size_t total) {
    CookieJarOptions options;
    options.max_per_domain = per_domain;
    options.max_total = total;
    options.clock = [this] { return now_; };
    jar_ = std::make_shared<MemoryCookieJar>(options);
  }
  void SetUp() override { bound(150, 3000); }

  Cookie::TimePoint now_{std::chrono::seconds(1767225600)};
  std::shared_ptr<MemoryCookieJar> jar_;
};

TEST_F(MemoryCookieJarTest, GivesWhatItGotToWhomItIsFor) {
  receive("http://www.example.com/", "a=1; Domain=example.com");
  receive("http://www.example.com/x/y", "b=2");
  receive("https://example.com/", "c=3; Secure");
  EXPECT_EQ(sent("http://www.example.com/x/"), "b=2; a=1");
  EXPECT_EQ(sent("http://example.com/"), "a=1");
  EXPECT_EQ(sent("https://example.com/"), "a=1; c=3");
  EXPECT_EQ(sent("http://other.com/"), "");
}

TEST_F(MemoryCookieJarTest, LongerPathsComeFirstThenEarlierOnes) {
  receive("http://h.example/", "first=1; Path=/");
  receive("http://h.example/", "second=2; Path=/");
  receive("http://h.example/", "deep=3; Path=/a/b");
  receive("http://h.example/", "middle=4; Path=/a");
  EXPECT_EQ(sent("http://h.example/a/b"), "deep=3; middle=4; first=1; second=2");
}

TEST_F(MemoryCookieJarTest, AReplacementKeepsItsPlace) {
  receive("http://h.example/", "a=1");
  receive("http://h.example/", "b=2");
  receive("http://h.example/", "a=3");
  EXPECT_EQ(sent("http://h.example/"), "a=3; b=2");
  EXPECT_EQ(jar_->size(), 2U);
}

TEST_F(MemoryCookieJarTest, OtherPathsDomainsAndHostsAreOtherCookies) {
  receive("http://www.example.com/", "a=1; Path=/");
  receive("http://www.example.com/", "a=2; Path=/x");
  receive("http://www.example.com/", "a=3; Path=/; Domain=www.example.com");
  receive("http://www.example.com/", "a=4; Path=/; Domain=example.com");
  receive("http://www.example.com/", "A=5; Path=/");
  EXPECT_EQ(sent("http://www.example.com/x"), "a=2; a=1; a=3; a=4; A=5");
}

TEST_F(MemoryCookieJarTest, AnExpiredOneDeletesTheOther) {
  receive("http://h.example/", "a=1");
  receive("http://h.example/", "b=2");
  receive("http://h.example/", "a=; Max-Age=0");
  EXPECT_EQ(sent("http://h.example/"), "b=2");
  receive("http://h.example/", "c=; Max-Age=0");
  EXPECT_EQ(jar_->size(), 1U);
}

TEST_F(MemoryCookieJarTest, ExpiryFollowsTheClock) {
  receive("http://h.example/", "a=1; Max-Age=60");
  receive("http://h.example/", "b=2");
  now_ += 59s;
  EXPECT_EQ(sent("http://h.example/"), "a=1; b=2");
  now_ += 1s;
  EXPECT_EQ(sent("http://h.example/"), "b=2");
  EXPECT_EQ(jar_->cookies().size(), 1U);
}

TEST_F(MemoryCookieJarTest, ASecureOneIsLeftAloneForAsLongAsItLasts) {
  receive("https://h.example/", "a=1; Secure; Max-Age=60");
  receive("http://h.example/", "a=2");
  EXPECT_EQ(sent("https://h.example/"), "a=1");
  now_ += 60s;
  receive("http://h.example/", "a=2");
  EXPECT_EQ(sent("https://h.example/"), "a=2");
}

TEST_F(MemoryCookieJarTest, ForgetsSessionsOrEverything) {
  receive("http://h.example/", "a=1; Max-Age=60");
  receive("http://i.example/", "b=2");
  jar_->clear_session();
  EXPECT_EQ(sent("http://h.example/"), "a=1");
  EXPECT_EQ(sent("http://i.example/"), "");
  jar_->clear();
  EXPECT_EQ(jar_->size(), 0U);
}

TEST_F(MemoryCookieJarTest, OfADomainWithTooManyTheOneNotUsedForTheLongestGoes) {
  bound(3, 100);
  receive("http://h.example/", "a=1; Path=/a");
  receive("http://h.example/", "b=2; Path=/b");
  receive("http://h.example/", "c=3; Path=/c");
  EXPECT_EQ(sent("http://h.example/a"), "a=1");
  receive("http://h.example/", "d=4; Path=/d");
  EXPECT_EQ(sent("http://h.example/a"), "a=1");
  EXPECT_EQ(sent("http://h.example/b"), "");
  receive("http://other.example/", "e=5");
  EXPECT_EQ(jar_->size(), 4U);
}

TEST_F(MemoryCookieJarTest, SecureOnesOfADomainWithTooManyGoLast) {
  bound(2, 100);
  receive("https://h.example/", "a=1; Secure");
  receive("https://h.example/", "b=2");
  receive("https://h.example/", "c=3");
  EXPECT_EQ(sent("https://h.example/"), "a=1; c=3");
}

TEST_F(MemoryCookieJarTest, ExpiredOnesGoBeforeAll) {
  bound(2, 100);
  receive("http://h.example/", "a=1");
  receive("http://h.example/", "b=2; Max-Age=1");
  now_ += 1s;
  receive("http://h.example/", "c=3");
  EXPECT_EQ(sent("http://h.example/"), "a=1; c=3");
}

TEST_F(MemoryCookieJarTest, OfTooManyInAllTheOneNotUsedForTheLongestGoes) {
  bound(100, 3);
  receive("http://a.example/", "a=1");
  receive("http://b.example/", "b=2");
  receive("http://c.example/", "c=3");
  EXPECT_EQ(sent("http://a.example/"), "a=1");
  receive("http://d.example/", "d=4");
  EXPECT_EQ(sent("http://b.example/"), "");
  EXPECT_EQ(sent("http://a.example/"), "a=1");
  EXPECT_EQ(jar_->size(), 3U);
}

TEST_F(MemoryCookieJarTest, ABoundOfNothingIsRefused) {
  EXPECT_THROW(bound(0, 1), std::invalid_argument);
  EXPECT_THROW(bound(1, 0), std::invalid_argument);
}

TEST_F(MemoryCookieJarTest, ServesManyThreads) {
  const Url url = Url::parse("http://h.example/");
  std::vector<std::thread> threads;
  threads.reserve(4);
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 20; ++i) {
        const std::string text = "t" + std::to_string(t) + "-" + std::to_string(i) + "=v";
        jar_->save_from_response(url, {*Cookie::parse(url, text)});
        (void)jar_->load_for_request(url);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(jar_->load_for_request(url).size(), 80U);
}

TEST(CookieJarTest, NoneKeepsNothing) {
  const Url url = Url::parse("http://h.example/");
  CookieJar::none()->save_from_response(url, {*Cookie::parse(url, "a=b")});
  EXPECT_TRUE(CookieJar::none()->load_for_request(url).empty());
}

}  // namespace
}  // namespace okhttp

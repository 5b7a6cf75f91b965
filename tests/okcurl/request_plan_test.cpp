#include "okcurl/request_plan.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "okcurl/exit_code.hpp"

namespace okcurl {
namespace {

using okhttp::Request;
using ::testing::Contains;
using ::testing::Not;

Request first(const Options& options, std::string_view url) {
  const RequestPlan plan(options);
  return plan.request(plan.begin(parse_target(url)));
}

Options with_data(std::string value) {
  Options options;
  options.data.push_back(DataPart{DataPart::Kind::text, std::move(value)});
  return options;
}

/// The request after one redirect.
Request second(const Options& options, std::string_view from, int code, std::string_view to) {
  const RequestPlan plan(options);
  return plan.request(plan.follow(plan.begin(parse_target(from)), code, parse_target(to)));
}

TEST(RequestPlanTest, AGetAsksForAnything) {
  const Request request = first(Options(), "http://h/");
  EXPECT_EQ(request.method(), "GET");
  EXPECT_EQ(request.header("Accept"), "*/*");
  EXPECT_TRUE(request.header("User-Agent").value_or("").starts_with("okcurl/"));
  const RequestPlan plan{Options()};
  EXPECT_THAT(plan.unwanted_headers(), Contains("Connection"));
  EXPECT_THAT(plan.unwanted_headers(), Contains("Accept-Encoding"));
}

TEST(RequestPlanTest, DataMakesAFormThatIsPosted) {
  const Request request = first(with_data("a=1"), "http://h/");
  EXPECT_EQ(request.method(), "POST");
  EXPECT_EQ(request.header("Content-Type"), "application/x-www-form-urlencoded");
  EXPECT_EQ(request.body()->content_length(), 3U);
}

TEST(RequestPlanTest, AHeaderReplacesADefaultOneAndAnEmptyOneRemovesIt) {
  Options options = with_data("{}");
  options.headers = {"Content-Type: application/json", "Accept:", "X-Empty;", "Twice: 1", "Twice: 2"};
  const Request request = first(options, "http://h/");
  EXPECT_EQ(request.headers().values("Content-Type").size(), 1U);
  EXPECT_EQ(request.header("Content-Type"), "application/json");
  EXPECT_EQ(request.header("Accept"), std::nullopt);
  EXPECT_EQ(request.header("X-Empty"), "");
  EXPECT_EQ(request.headers().values("Twice").size(), 2U);
}

TEST(RequestPlanTest, AHeaderOfTheUsersOwnIsNotTakenAway) {
  Options options;
  options.headers = {"Connection: close", "accept-encoding: br", "User-Agent:"};
  const RequestPlan plan(options);
  EXPECT_THAT(plan.unwanted_headers(), Not(Contains("Connection")));
  EXPECT_THAT(plan.unwanted_headers(), Not(Contains("Accept-Encoding")));
  EXPECT_THAT(plan.unwanted_headers(), Contains("User-Agent"));
}

TEST(RequestPlanTest, AHeaderLineWithoutAColonIsRefused) {
  Options options;
  options.headers = {"secret"};
  try {
    const RequestPlan plan(options);
    FAIL();
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.code(), ExitCode::usage);
    EXPECT_EQ(std::string(failure.what()).find("secret"), std::string::npos);
  }
}

TEST(RequestPlanTest, GetPutsTheDataIntoTheQuery) {
  Options options = with_data("b=2");
  options.data_in_query = true;
  EXPECT_EQ(first(options, "http://h/?a=1").url().to_string(), "http://h/?a=1&b=2");
  EXPECT_EQ(first(options, "http://h/").url().to_string(), "http://h/?b=2");
  EXPECT_EQ(first(options, "http://h/").method(), "GET");
}

TEST(RequestPlanTest, CredentialsOfTheOptionCountMoreThanThoseOfTheUrl) {
  EXPECT_EQ(first(Options(), "http://a:b@h/").header("Authorization"), "Basic YTpi");
  Options options;
  options.user = "c:d:e";
  EXPECT_EQ(first(options, "http://a:b@h/").header("Authorization"), "Basic YzpkOmU=");
  options.headers = {"Authorization: Bearer x"};
  EXPECT_EQ(first(options, "http://h/").header("Authorization"), "Bearer x");
}

TEST(RequestPlanTest, ARangeOfOneNumberIsOpen) {
  Options options;
  options.range = "5";
  EXPECT_EQ(first(options, "http://h/").header("Range"), "bytes=5-");
  options.range = "0-1,-2";
  EXPECT_EQ(first(options, "http://h/").header("Range"), "bytes=0-1,-2");
}

TEST(RequestPlanTest, ARedirectedPostBecomesAGetUnlessTheCodeForbidsIt) {
  for (const int code : {301, 302, 303}) {
    const Request request = second(with_data("x"), "http://h/", code, "http://h/2");
    EXPECT_EQ(request.method(), "GET") << code;
    EXPECT_EQ(request.header("Content-Type"), std::nullopt) << code;
    EXPECT_EQ(request.body(), nullptr) << code;
  }
  for (const int code : {307, 308}) {
    EXPECT_EQ(second(with_data("x"), "http://h/", code, "http://h/2").method(), "POST") << code;
  }
}

TEST(RequestPlanTest, AMethodGivenByNameIsKeptAfterARedirect) {
  Options options = with_data("x");
  options.method = "PUT";
  const Request request = second(options, "http://h/", 302, "http://h/2");
  EXPECT_EQ(request.method(), "PUT");
  EXPECT_EQ(request.body()->content_length(), 0U);
}

TEST(RequestPlanTest, SecretsStayWithTheFirstOrigin) {
  Options options;
  options.user = "a:b";
  options.headers = {"Cookie: c=1", "X-Api-Key: k", "Host: other", "X-Plain: p"};
  const Request away = second(options, "http://h/", 302, "http://elsewhere/");
  for (const char* name : {"Authorization", "Cookie", "X-Api-Key", "Host"}) {
    EXPECT_EQ(away.header(name), std::nullopt) << name;
  }
  EXPECT_EQ(away.header("X-Plain"), "p");
  EXPECT_EQ(second(options, "http://h/", 302, "https://h/").header("Authorization"), std::nullopt);
  EXPECT_EQ(second(options, "http://h/", 302, "http://h:81/").header("Cookie"), std::nullopt);
  EXPECT_EQ(second(options, "http://h/", 302, "http://h/2").header("Cookie"), "c=1");
}

TEST(RequestPlanTest, CredentialsOfTheUrlComeBackHome) {
  const RequestPlan plan{Options()};
  const Hop start = plan.begin(parse_target("http://a:b@h/"));
  const Hop away = plan.follow(start, 302, parse_target("http://other/"));
  EXPECT_EQ(plan.request(away).header("Authorization"), std::nullopt);
  const Hop back = plan.follow(away, 302, parse_target("http://h/3"));
  EXPECT_EQ(plan.request(back).header("Authorization"), "Basic YTpi");
}

TEST(RequestPlanTest, TheRefererFollowsOnlyWhenAskedTo) {
  Options options;
  options.referer = "http://from/";
  EXPECT_EQ(second(options, "http://h/1", 302, "http://h/2").header("Referer"), "http://from/");
  options.referer = "http://from/;auto";
  EXPECT_EQ(first(options, "http://u:p@h/1#f").header("Referer"), "http://from/");
  EXPECT_EQ(second(options, "http://u:p@h/1#f", 302, "http://h/2").header("Referer"), "http://h/1");
}

TEST(RequestPlanTest, AGetWithABodyIsRefused) {
  Options options = with_data("x");
  options.method = "GET";
  EXPECT_THROW((void)first(options, "http://h/"), Failure);
}

}  // namespace
}  // namespace okcurl

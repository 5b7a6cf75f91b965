#include <okhttp/form_body.hpp>
#include <okhttp/multipart_body.hpp>
#include <okhttp/request.hpp>
#include <okhttp/version.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "http/redact_url.hpp"
#include "interceptors/follow_up.hpp"
#include "places.hpp"

// What a shell and curl make of these commands is in interop/curl_command_test.cpp.

namespace okhttp {
namespace {

using internal::is_sensitive_parameter;
using internal::redact_url;
using testing::HasSubstr;
using testing::Not;

const std::string kSecret = "s3cr3t";

/// With the fields that would else be spoken of in every command.
Request::Builder quiet(std::string_view url) {
  return std::move(Request::Builder().url(url).header("User-Agent", "u").header("Accept", "*/*"));
}

Request form(const std::string& text) {
  return quiet("https://example.com/")
      .post(RequestBody::create(text, MediaType::parse("application/x-www-form-urlencoded")))
      .build();
}

TEST(CurlCommandTest, AGetIsItsUrlAndHeaders) {
  EXPECT_EQ(quiet("https://example.com/a?b=c#d").build().to_curl(),
            "curl -H 'User-Agent: u' -H 'Accept: */*' 'https://example.com/a?b=c'");
}

TEST(CurlCommandTest, WhatCurlWouldAddIsReplaced) {
  EXPECT_EQ(Request::get("http://example.com/").to_curl(),
            "curl -A 'okhttp-cpp/" + std::string(kVersion) + "' -H 'Accept:' 'http://example.com/'");
  const auto no_type = quiet("http://example.com/").post(RequestBody::create("x")).build();
  EXPECT_THAT(no_type.to_curl(), HasSubstr(" -H 'Content-Type:' --data-raw 'x' "));
}

TEST(CurlCommandTest, TheMethodIsSaidWhereCurlWouldTakeAnother) {
  const auto with = [](std::string_view method, const RequestBodyPtr& body) {
    return quiet("http://example.com/").method(method, body).build().to_curl();
  };
  const RequestBodyPtr body = RequestBody::json("{}");
  EXPECT_THAT(with("GET", nullptr), Not(HasSubstr("-X")));
  EXPECT_THAT(with("POST", body), Not(HasSubstr("-X")));
  EXPECT_THAT(with("HEAD", nullptr), HasSubstr("curl -I "));
  EXPECT_THAT(with("PUT", body), HasSubstr("curl -X 'PUT' "));
  EXPECT_THAT(with("DELETE", nullptr), HasSubstr("curl -X 'DELETE' "));
  EXPECT_THAT(with("a'b", nullptr), HasSubstr("curl -X 'a'\\''b' "));
}

TEST(CurlCommandTest, BracketsOfAUrlAreNotPatterns) {
  EXPECT_THAT(quiet("http://[::1]/").build().to_curl(), HasSubstr(" -g 'http://[::1]/'"));
  EXPECT_THAT(quiet("http://h/?a={b,c}").build().to_curl(), HasSubstr(" -g 'http://h/?a={b,c}'"));
}

TEST(CurlCommandTest, AHeaderWithoutValueIsKept) {
  EXPECT_THAT(quiet("http://h/").header("X-Empty", "").build().to_curl(), HasSubstr(" -H 'X-Empty;' "));
}

TEST(CurlCommandTest, TheBodysOwnTypeCounts) {
  const auto request = quiet("http://h/").header("content-type", "text/plain").header("Content-Length", "7");
  EXPECT_THAT(Request::Builder(request).post(RequestBody::json("{}")).build().to_curl(),
              HasSubstr("*/*' -H 'Content-Type: application/json' --data-raw '{}' 'http"));
  EXPECT_THAT(Request::Builder(request).post(RequestBody::create("x")).build().to_curl(),
              HasSubstr("*/*' -H 'content-type: text/plain' --data-raw 'x' 'http"));
}

TEST(CurlCommandTest, ABodyThatIsNoTextInMemoryIsAFileToProvide) {
  const auto command_of = [](RequestBodyPtr body) {
    return quiet("https://h/").post(std::move(body)).build().to_curl(Secrets::shown);
  };
  const std::string placeholder = " --data-binary '@request-body' ";
  const auto one_piece = [] { return std::optional<std::string>(); };
  const auto nothing = [](BodySink&) -> Task<void> { co_return; };
  EXPECT_THAT(command_of(RequestBody::create(std::string(64 << 10, 'x'))), Not(HasSubstr(placeholder)));
  EXPECT_THAT(command_of(RequestBody::create(std::string((64 << 10) + 1, 'x'))), HasSubstr(placeholder));
  EXPECT_THAT(command_of(RequestBody::create(std::string("a\0b", 3))), HasSubstr(placeholder));
  EXPECT_THAT(command_of(RequestBody::create("\xff")), HasSubstr(placeholder));
  EXPECT_THAT(command_of(RequestBody::one_shot(one_piece)), HasSubstr(" -H 'Transfer-Encoding: chunked' "));
  EXPECT_THAT(command_of(RequestBody::one_shot(one_piece, std::nullopt, 3)), HasSubstr(placeholder));
  EXPECT_THAT(command_of(MultipartBody::Builder().add_form_data_part("a", "b").build()), HasSubstr(placeholder));
  EXPECT_THAT(command_of(RequestBody::file(OKHTTP_SOURCE_DIR "/LICENSE")), HasSubstr(placeholder));
  EXPECT_THAT(command_of(RequestBody::duplex(nothing)), HasSubstr(" --http2" + placeholder));
}

TEST(CurlCommandTest, ControlCharactersDoNotReachTheTerminal) {
  const auto request = quiet("http://h/").header("X", "a\tb\xc2\x9b").post(RequestBody::create("\x1b]0;x\a\n")).build();
  const std::string command = request.to_curl(Secrets::shown);
  EXPECT_THAT(command, HasSubstr(R"(-H $'X: a\tb\302\233')"));
  EXPECT_THAT(command, HasSubstr(R"(--data-raw $'\033]0;x\007\n')"));
}

TEST(CurlCommandTest, CredentialsAreLeftOutUnlessAskedFor) {
  std::vector<std::string> names = internal::FollowUpPolicy().sensitive_headers;
  names.insert(names.end(), {"Authorization", "proxy-authorization", "COOKIE", "Set-Cookie"});
  for (const std::string& name : names) {
    const Request request = quiet("http://h/").header(name, kSecret).build();
    EXPECT_THAT(request.to_curl(), HasSubstr("-H '" + name + ": ██'"));
    EXPECT_THAT(request.to_curl(), Not(HasSubstr(kSecret))) << name;
    EXPECT_THAT(request.to_curl(Secrets::shown), HasSubstr("-H '" + name + ": " + kSecret + "'"));
  }
}

TEST(CurlCommandTest, UserInformationIsNeverThere) {
  const Request request = quiet("http://user:" + kSecret + "@h/a").build();
  for (const Secrets secrets : {Secrets::redacted, Secrets::shown}) {
    EXPECT_THAT(request.to_curl(secrets), HasSubstr(" 'http://h/a'"));
  }
}

TEST(CurlCommandTest, ParametersOfTheUrlAreLeftOutHoweverTheyAreEncoded) {
  for (const char* name : {"access_token", "sig", "signature", "key", "token", "password", "s%69g", "access%5Ftok%65n",
                           "S%49G", "X-Amz-Signature", "user%5Bpassword%5D", "api+key", "a;sig"}) {
    const std::string query = "a=1&" + std::string(name) + "=" + kSecret + "&b=2";
    const Request request = quiet("http://h/p?" + query).build();
    EXPECT_THAT(request.to_curl(), HasSubstr("a=1&" + std::string(name) + "=██&b=2'"));
    EXPECT_THAT(request.to_curl(), Not(HasSubstr(kSecret)));
    EXPECT_THAT(request.to_curl(Secrets::shown), HasSubstr(kSecret));
  }
}

TEST(CurlCommandTest, AUrlInAHeaderIsTreatedAsTheRequestsOwn) {
  const std::string url = "https://user:" + kSecret + "@h/p?a=1&t%6Fken=" + kSecret;
  for (const char* name : {"Referer", "referer", "Destination"}) {
    const Request request = quiet("http://h/").header(name, url).build();
    EXPECT_THAT(request.to_curl(), HasSubstr(std::string(name) + ": https://h/p?a=1&t%6Fken=██'"));
    EXPECT_THAT(request.to_curl(), Not(HasSubstr(kSecret)));
    EXPECT_THAT(request.to_curl(Secrets::shown), HasSubstr(url));
  }
  EXPECT_THAT(quiet("http://h/").header("Referer", "/p?sig=" + kSecret).build().to_curl(),
              HasSubstr("Referer: /p?sig=██'"));
}

TEST(CurlCommandTest, AFormIsTreatedAsAQuery) {
  EXPECT_THAT(form("user=me&passw%6Frd=" + kSecret).to_curl(), HasSubstr("--data-raw 'user=me&passw%6Frd=██'"));
  EXPECT_THAT(form("password=a;" + kSecret).to_curl(), HasSubstr("--data-raw 'password=██'"));
  EXPECT_THAT(form("password=" + kSecret).to_curl(Secrets::shown), HasSubstr(kSecret));
  const auto fields = FormBody::Builder().add("client_secret", kSecret).build();
  EXPECT_THAT(quiet("http://h/").post(fields).build().to_curl(), HasSubstr("--data-raw 'client_secret=██'"));
  const Request by_header = quiet("http://h/")
                                .header("Content-Type", "Application/X-WWW-Form-Urlencoded ; charset=utf-8")
                                .post(RequestBody::create("token=" + kSecret))
                                .build();
  EXPECT_THAT(by_header.to_curl(), Not(HasSubstr(kSecret)));
}

TEST(CurlCommandTest, OtherBodiesAreShown) {
  EXPECT_THAT(quiet("http://h/").post(RequestBody::json(R"({"token":"x"})")).build().to_curl(),
              HasSubstr(R"(--data-raw '{"token":"x"}')"));
}

TEST(RedactUrlTest, HidesWhatIsSensitiveAndNothingElse) {
  EXPECT_EQ(redact_url("http://h/a;b=1/c?d=e&f"), "http://h/a;b=1/c?d=e&f");
  EXPECT_EQ(redact_url("http://a:b@c@h:1/#f"), "http://h:1/");
  EXPECT_EQ(redact_url("//u@h/x"), "//h/x");
  EXPECT_EQ(redact_url("http://u@h"), "http://h");
  EXPECT_EQ(redact_url("http://u@h?a@b"), "http://h?a@b");
  EXPECT_EQ(redact_url("/a//u@h/x"), "/a//u@h/x");
  EXPECT_EQ(redact_url("/a;jsessionid=1/b"), "/a;jsessionid=██/b");
  EXPECT_EQ(redact_url("?key"), "?key");
  EXPECT_EQ(redact_url("?key=&a"), "?key=██&a");
  EXPECT_EQ(redact_url("?next=http%3A%2F%2Fh%2F%3Fsig%3D1&a=b"), "?next=██&a=b");
  EXPECT_EQ(redact_url("?next=http%3A%2F%2Fh%2F%3Fpage%3D1"), "?next=http%3A%2F%2Fh%2F%3Fpage%3D1");
  EXPECT_EQ(redact_url("?next=http%3A%2F%2Fu%40h%2F&a=b"), "?next=██&a=b");
  EXPECT_EQ(redact_url("?next=http%3A%2F%2Fh%2Fu%40h"), "?next=http%3A%2F%2Fh%2Fu%40h");
  EXPECT_EQ(redact_url("?a=b;c=d;sig=e;f&g"), "?a=b;c=d;sig=██&g");
  EXPECT_EQ(redact_url(""), "");
}

TEST(RedactUrlTest, KnowsNamesWhateverTheirCaseAndSeparators) {
  for (const char* name : {"sig", "SIG", "api_key", "ApiKey", "x-goog-signature", "client_secret", "id_token", "code",
                           "SAMLResponse", "subscription-key", "Policy.Token"}) {
    EXPECT_TRUE(is_sensitive_parameter(name)) << name;
  }
  for (const char* name : {"", "design", "keyword", "page", "monkey", "q", "sort_key_order", "barcode"}) {
    EXPECT_FALSE(is_sensitive_parameter(name)) << name;
  }
}

}  // namespace
}  // namespace okhttp

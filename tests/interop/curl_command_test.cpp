// Request::to_curl() run by a shell: what arrives from curl is the request that was described.

#include <okhttp/mockwebserver/mock_web_server.hpp>
#include <okhttp/okhttp.hpp>

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <utility>

#include "interop/support/run_program.hpp"

namespace okhttp::interop {
namespace {

using Fields = std::multimap<std::string, std::string>;

/// The fields by name, equal names in the order sent; those of the connection are not the request's.
Fields fields_of(const Headers& headers) {
  Fields fields;
  for (const Headers::Field field : headers) {
    std::string name(field.name);
    for (char& c : name) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
    if (name == "connection" || name == "accept-encoding") continue;
    fields.emplace(std::move(name), field.value);
  }
  return fields;
}

class CurlCommandTest : public ::testing::Test {
 protected:
  [[nodiscard]] Request::Builder request(const std::string& path = "/") {
    return std::move(Request::Builder().url(server_.url(path)));
  }

  [[nodiscard]] RecordedRequest by_curl(const std::string& script) {
    server_.enqueue(MockResponse("thanks"));
    // dash, which is often sh, does not know $'..' yet.
    const ProgramResult run = run_program({"/bin/bash", "-c", script});
    EXPECT_EQ(run.status, 0) << run.err << "\nPlease make sure that it is installed: apt-get install curl";
    return server_.take_request().value();
  }

  /// Makes the request with the library and with curl, and compares.
  void expect_the_same(const Request& request, const std::string& body_file = "") {
    const std::string command = request.to_curl(Secrets::shown);
    SCOPED_TRACE(command);
    server_.enqueue(MockResponse("thanks"));
    (void)client_.new_call(request).execute().body().string();
    const RecordedRequest expected = server_.take_request().value();
    const RecordedRequest actual =
        by_curl(body_file.empty() ? command : "printf %s '" + body_file + "' > request-body; " + command);
    EXPECT_EQ(actual.method(), expected.method());
    EXPECT_EQ(actual.target(), expected.target());
    EXPECT_EQ(fields_of(actual.headers()), fields_of(expected.headers()));
    EXPECT_EQ(actual.body(), expected.body());
  }

  MockWebServer server_;
  Client client_;
};

TEST_F(CurlCommandTest, RequestsWithoutBody) {
  expect_the_same(request().build());
  expect_the_same(request("/a%20b/%2f?c=d&e={f,g}&h=[1-3]&i='j'&k=$l`m`!n").build());
  expect_the_same(request("/a#fragment").build());
  expect_the_same(request().head().build());
  expect_the_same(request().delete_().build());
  expect_the_same(request().method("a'b!c$d&e", nullptr).build());
}

TEST_F(CurlCommandTest, Headers) {
  expect_the_same(request()
                      .header("Accept", "text/*;q=0.5")
                      .header("User-Agent", "me 'and' you")
                      .header("Host", "example.com")
                      .header("Authorization", "Bearer $HOME")
                      .header("Cookie", "a=b; c=\"d\"")
                      .header("X-Empty", "")
                      .add_header("X-Twice", "1")
                      .add_header("X-Twice", "@2")
                      .header("X-Bytes", "tab\t\xc3\xa9\xc2\x9b\x9b\xff")
                      .build());
}

TEST_F(CurlCommandTest, BodiesOfText) {
  expect_the_same(request().post(RequestBody::json("{\n  \"it's\": \"@\\n$x\"\r\n}\n")).build());
  expect_the_same(request().post(RequestBody::create("@/etc/passwd")).build());
  expect_the_same(request().post(RequestBody::create("&a=b c+d", MediaType::parse("text/x; a=\"b c\""))).build());
  expect_the_same(request().post(RequestBody::empty()).build());
  expect_the_same(request().put(RequestBody::create("\x01\x1f\x7f\xc2\x80\xe2\x82\xac")).build());
  expect_the_same(request().delete_(RequestBody::create("x")).build());
  expect_the_same(request().post(RequestBody::create(std::string(64 << 10, 'x'))).build());
  expect_the_same(request().post(FormBody::Builder().add("a", "b c").add("password", "'").build()).build());
  expect_the_same(request().header("Content-Type", "a/b").post(RequestBody::create("x")).build());
}

TEST_F(CurlCommandTest, BodiesThatAreAFileToProvide) {
  const auto whole = [](BodySink& sink) -> Task<void> { co_await sink.write(std::string_view("text")); };
  expect_the_same(request().post(RequestBody::writer(whole, MediaType::parse("a/b"), 4)).build(), "text");
  expect_the_same(request().put(RequestBody::writer(whole)).build(), "text");
}

TEST_F(CurlCommandTest, ARequestFromTheNetworkIsWholeAndSoIsItsCommand) {
  server_.enqueue(MockResponse("thanks"));
  const Response response = client_.new_call(request().post(RequestBody::json("{}")).build()).execute();
  const RecordedRequest expected = server_.take_request().value();
  const RecordedRequest actual = by_curl(response.network_response()->request().to_curl(Secrets::shown));
  EXPECT_EQ(fields_of(actual.headers()), fields_of(expected.headers()));
  EXPECT_EQ(actual.header("Accept-Encoding"), expected.header("Accept-Encoding"));
  EXPECT_EQ(actual.header("Connection"), expected.header("Connection"));
}

TEST_F(CurlCommandTest, ARedactedCommandRunsToo) {
  const RecordedRequest came = by_curl(request().header("Authorization", "s3cr3t").build().to_curl());
  EXPECT_EQ(came.header("Authorization"), "██");
}

}  // namespace
}  // namespace okhttp::interop

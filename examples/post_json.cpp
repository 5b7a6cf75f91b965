// A POST of JSON.

#include <okhttp/mockwebserver/mock_web_server.hpp>
#include <okhttp/okhttp.hpp>

#include <iostream>

int main() {
  okhttp::MockWebServer server;
  server.enqueue(okhttp::MockResponse(201, R"({"id":1})"));

  okhttp::Client client;
  const auto body = okhttp::RequestBody::json(R"({"title":"milk"})");
  const auto request = okhttp::Request::Builder().url(server.url("/notes")).post(body).build();
  const okhttp::Response response = client.new_call(request).execute();
  response.throw_if_error();  // a code from 400 on becomes an okhttp::Error
  std::cout << response.code() << ' ' << response.body().string() << '\n';

  const auto received = server.take_request();
  return received && received->header("Content-Type") == "application/json" && received->body() == R"({"title":"milk"})"
             ? 0
             : 1;
}

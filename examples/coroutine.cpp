// A call awaited by a coroutine.

#include <okhttp/mockwebserver/mock_web_server.hpp>
#include <okhttp/okhttp.hpp>

#include <iostream>
#include <string>

namespace {

// Parameters of a coroutine are values: it may outlive the expression that called it.
okhttp::Task<std::string> fetch(okhttp::Client client, okhttp::Url url) {
  const okhttp::Response response = co_await client.new_call(okhttp::Request::get(url));
  std::string text = co_await response.body().async().string();
  co_return text;
}

okhttp::Task<std::string> fetch_both(okhttp::Client client, okhttp::Url first, okhttp::Url second) {
  std::string text = co_await fetch(client, first);
  text += co_await fetch(client, second);
  co_return text;
}

}  // namespace

int main() {
  okhttp::MockWebServer server;
  server.enqueue(okhttp::MockResponse("one, "));
  server.enqueue(okhttp::MockResponse("two"));

  okhttp::Client client;
  const std::string text = okhttp::sync_wait(fetch_both(client, server.url("/1"), server.url("/2")));
  std::cout << text << '\n';
  return text == "one, two" ? 0 : 1;
}

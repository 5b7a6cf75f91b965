// A GET that blocks.

#include <okhttp/mockwebserver/mock_web_server.hpp>
#include <okhttp/okhttp.hpp>

#include <iostream>

int main() {
  okhttp::MockWebServer server;  // stands in for a real one
  server.enqueue(okhttp::MockResponse("hello"));
  const okhttp::Url url = server.url("/greeting");

  okhttp::Client client;  // one for the whole program
  try {
    const okhttp::Response response = client.new_call(okhttp::Request::get(url)).execute();
    std::cout << response.code() << ' ' << response.message() << '\n' << response.body().string() << '\n';
    return response.is_successful() ? 0 : 1;
  } catch (const okhttp::Error& error) {
    std::cerr << error.what() << '\n';  // says what failed, where, and after which attempts
    return 1;
  }
}

// Headers of a request and of its response.

#include <okhttp/mockwebserver/mock_web_server.hpp>
#include <okhttp/okhttp.hpp>

#include <iostream>

int main() {
  okhttp::MockWebServer server;
  server.enqueue(okhttp::MockResponse::Builder()
                     .add_header("Vary", "Accept")
                     .add_header("Vary", "Accept-Language")
                     .add_header("Content-Language", "de")
                     .body("Guten Tag")
                     .build());

  const okhttp::Request request = okhttp::Request::Builder()
                                      .url(server.url("/greeting"))
                                      .header("User-Agent", "recipes/1.0")  // replaces what is there
                                      .add_header("Accept", "text/plain")   // adds another
                                      .add_header("Accept-Language", "de, en;q=0.5")
                                      .build();
  okhttp::Client client;
  const okhttp::Response response = client.new_call(request).execute();

  std::cout << "Content-Language: " << response.header("content-language").value_or("none") << '\n';  // any case
  for (const std::string_view value : response.headers().values("Vary")) std::cout << "Vary: " << value << '\n';

  const auto received = server.take_request();
  return received && received->header("User-Agent") == "recipes/1.0" && response.headers().values("Vary").size() == 2
             ? 0
             : 1;
}

// Many GETs at once, on one thread: when_all runs the tasks together and gives their results in order.

#include <okhttp/mockwebserver/mock_web_server.hpp>
#include <okhttp/okhttp.hpp>

#include <iostream>
#include <string>
#include <vector>

namespace {

okhttp::Task<std::string> fetch(okhttp::Client client, okhttp::Url url) {
  const okhttp::Response response = co_await client.new_call(okhttp::Request::get(url));
  std::string text = co_await response.body().async().string();
  co_return text;
}

}  // namespace

int main() {
  okhttp::MockWebServer server;
  server.set_dispatcher(
      [](const okhttp::RecordedRequest& request) { return okhttp::MockResponse("you asked for " + request.target()); });

  // Five calls to one host run at once unless the dispatcher is told otherwise; the others wait for their turn.
  okhttp::Client client;
  std::vector<okhttp::Task<std::string>> tasks;
  tasks.reserve(20);
  for (int i = 0; i < 20; ++i) tasks.push_back(fetch(client, server.url("/" + std::to_string(i))));
  const std::vector<std::string> texts = okhttp::sync_wait(okhttp::when_all(std::move(tasks)));

  for (const std::string& text : texts) std::cout << text << '\n';
  std::cout << texts.size() << " answers on " << server.connection_count() << " connections\n";
  return texts.size() == 20 && texts[19] == "you asked for /19" ? 0 : 1;
}

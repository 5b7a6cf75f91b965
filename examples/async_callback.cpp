// A call that calls back. The callback runs on a thread of the dispatcher's, so it may block.

#include <okhttp/mockwebserver/mock_web_server.hpp>
#include <okhttp/okhttp.hpp>

#include <future>
#include <iostream>
#include <memory>
#include <string>
#include <utility>

int main() {
  okhttp::MockWebServer server;
  server.enqueue(okhttp::MockResponse("later"));

  okhttp::Client client;
  const auto promise = std::make_shared<std::promise<std::string>>();
  client.new_call(okhttp::Request::get(server.url("/")))
      .enqueue([promise](const okhttp::Call& call, okhttp::Result<okhttp::Response> result) {
        if (result) {
          promise->set_value(result->body().string());
        } else {
          promise->set_value(call.request().url().redact() + ": " + result.error().what());
        }
      });

  std::cout << "the call runs, and this thread is free\n";
  const std::string text = promise->get_future().get();
  std::cout << text << '\n';
  return text == "later" ? 0 : 1;
}

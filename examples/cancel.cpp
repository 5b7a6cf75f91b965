// A call that is cancelled from another thread, here through a std::stop_token.

#include <okhttp/mockwebserver/mock_web_server.hpp>
#include <okhttp/okhttp.hpp>

#include <iostream>
#include <stop_token>
#include <thread>

int main() {
  okhttp::MockWebServer server;
  server.enqueue(okhttp::MockResponse::Builder().on_response_start(okhttp::SocketEffect::stall()).build());

  okhttp::Client client;
  std::stop_source stop;
  const okhttp::Call call = client.new_call(okhttp::Request::get(server.url("/")));
  call.stop_token(stop.get_token());

  std::jthread other([&] {
    (void)server.take_request();  // the server has the request and says nothing
    stop.request_stop();          // call.cancel() does the same
  });
  try {
    const okhttp::Response response = call.execute();
    std::cout << response.code() << " before it could be cancelled\n";
  } catch (const okhttp::Error& error) {
    std::cout << error.what() << '\n';
    return error.code() == okhttp::Errc::canceled ? 0 : 1;
  }
  return 1;
}

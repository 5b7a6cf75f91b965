// Timeouts: of a client, of one call, and what a call that ran out of time throws.

#include <okhttp/mockwebserver/mock_web_server.hpp>
#include <okhttp/okhttp.hpp>

#include <chrono>
#include <iostream>

int main() {
  using namespace std::chrono_literals;
  okhttp::MockWebServer server;
  server.enqueue(okhttp::MockResponse::Builder().on_response_start(okhttp::SocketEffect::stall()).build());

  const okhttp::Client client = okhttp::Client::Builder()
                                    .connect_timeout(5s)  // TCP connect of one address
                                    .read_timeout(30s)    // the longest silence
                                    .call_timeout(60s)    // everything, until the body is read
                                    .build();
  const okhttp::Call call = client.new_call(okhttp::Request::get(server.url("/slow")));
  call.timeout(100ms);  // this one is in a hurry
  try {
    const okhttp::Response response = call.execute();
    std::cout << response.code() << " in time\n";
  } catch (const okhttp::Error& error) {
    std::cout << error.what() << '\n';
    return error.code() == okhttp::Errc::timeout ? 0 : 1;
  }
  return 1;
}

// How long each part of a call takes: a listener per call, made by a factory.

#include <okhttp/mockwebserver/mock_web_server.hpp>
#include <okhttp/okhttp.hpp>

#include <atomic>
#include <chrono>
#include <iostream>
#include <memory>

namespace {

std::atomic<int> calls_ended{0};

class Stopwatch final : public okhttp::EventListener {
 public:
  void call_start(const okhttp::Call& call) override { print("call_start " + call.request().url().redact()); }
  void connect_start(const okhttp::Call&, AttemptId, const okhttp::Endpoint& to) override {
    print("connect_start " + to.to_string());
  }
  void connection_acquired(const okhttp::Call&, const okhttp::ConnectionInfo& connection) override {
    print("connection_acquired #" + std::to_string(connection.id()));
  }
  void response_headers_end(const okhttp::Call&, const okhttp::Response& response) override {
    print("response_headers_end " + std::to_string(response.code()));
  }
  void call_end(const okhttp::Call&) override {
    print("call_end");
    ++calls_ended;
  }
  void call_failed(const okhttp::Call&, const okhttp::Error& error) override { print(error.what()); }

 private:
  void print(const std::string& text) const {
    const std::chrono::duration<double, std::milli> since = std::chrono::steady_clock::now() - start_;
    std::cout << since.count() << " ms  " << text << '\n';
  }
  const std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace

int main() {
  okhttp::MockWebServer server;
  server.enqueue(okhttp::MockResponse("first"));
  server.enqueue(okhttp::MockResponse("second"));

  const okhttp::Client client =
      okhttp::Client::Builder()
          .event_listener_factory([](const okhttp::Call&) { return std::make_shared<Stopwatch>(); })
          .build();
  for (const char* path : {"/1", "/2"}) {  // the second connects to nothing: the connection is there
    std::cout << client.new_call(okhttp::Request::get(server.url(path))).execute().body().string() << '\n';
  }
  return calls_ended == 2 ? 0 : 1;
}

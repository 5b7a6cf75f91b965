#include <okhttp/call.hpp>
#include <okhttp/connection_info.hpp>
#include <okhttp/event_listener.hpp>
#include <okhttp/handshake.hpp>
#include <okhttp/headers.hpp>
#include <okhttp/proxy.hpp>
#include <okhttp/request.hpp>
#include <okhttp/response.hpp>
#include <okhttp/url.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace okhttp {
namespace {

/// Something of type T to refer to, for code that passes references on and never looks at what they refer to.
template <class T>
union Unborn {
  Unborn() {}   // NOLINT(modernize-use-equals-default)
  ~Unborn() {}  // NOLINT(modernize-use-equals-default)
  T value;
};

/// One of each argument that an event can have.
struct Arguments {
  Unborn<Call> call;
  Unborn<Handshake> handshake;
  Unborn<ConnectionInfo> connection;
  Unborn<Request> request;
  Unborn<Response> response;
  Headers headers;
  Endpoint peer;
  Url server = Url::parse("https://example.com/");
  std::vector<Proxy> proxies;
  std::vector<IpAddress> addresses;
  Error error{Errc::io, "of the test"};
};

Arguments& arguments() {
  static Arguments all;
  return all;
}

/// Writes down each event, and checks that its arguments are those of `arguments()`.
class RecordingListener final : public EventListener {
 public:
  RecordingListener(std::string name, std::vector<std::string>& log) : name_(std::move(name)), log_(log) {}

  void call_start(const Call& call) override { note("call_start", call); }
  void dispatcher_queue_start(const Call& call) override { note("dispatcher_queue_start", call); }
  void dispatcher_queue_end(const Call& call) override { note("dispatcher_queue_end", call); }
  void connection_wait_start(const Call& call) override { note("connection_wait_start", call); }
  void connection_wait_end(const Call& call, const Error* error) override {
    note("connection_wait_end", call, error == &all.error);
  }
  void proxy_select_start(const Call& call, const Url& server) override {
    note("proxy_select_start", call, &server == &all.server);
  }
  void proxy_select_end(const Call& call, const Url& server, const std::vector<Proxy>& proxies,
                        const Error* error) override {
    note("proxy_select_end", call, &server == &all.server && &proxies == &all.proxies && error == &all.error);
  }
  void dns_start(const Call& call, std::string_view host) override { note("dns_start", call, host == "example.com"); }
  void dns_end(const Call& call, std::string_view host, const std::vector<IpAddress>& addresses,
               const Error* error) override {
    note("dns_end", call, host == "example.com" && &addresses == &all.addresses && error == &all.error);
  }
  void connect_start(const Call& call, AttemptId attempt, const Endpoint& peer) override {
    note("connect_start", call, attempt == 7 && &peer == &all.peer);
  }
  void secure_connect_start(const Call& call, AttemptId attempt) override {
    note("secure_connect_start", call, attempt == 7);
  }
  void secure_connect_end(const Call& call, AttemptId attempt, const Handshake* handshake,
                          const Error* error) override {
    note("secure_connect_end", call, attempt == 7 && handshake == &all.handshake.value && error == &all.error);
  }
  void connect_end(const Call& call, AttemptId attempt, const Endpoint& peer, Protocol protocol) override {
    note("connect_end", call, attempt == 7 && &peer == &all.peer && protocol == Protocol::http_2);
  }
  void connect_failed(const Call& call, AttemptId attempt, const Endpoint& peer, const Error& error) override {
    note("connect_failed", call, attempt == 7 && &peer == &all.peer && &error == &all.error);
  }
  void connection_acquired(const Call& call, const ConnectionInfo& connection) override {
    note("connection_acquired", call, &connection == &all.connection.value);
  }
  void connection_released(const Call& call, const ConnectionInfo& connection) override {
    note("connection_released", call, &connection == &all.connection.value);
  }
  void request_headers_start(const Call& call) override { note("request_headers_start", call); }
  void request_headers_end(const Call& call, const Request& request) override {
    note("request_headers_end", call, &request == &all.request.value);
  }
  void request_body_start(const Call& call) override { note("request_body_start", call); }
  void request_body_end(const Call& call, std::uint64_t bytes) override {
    note("request_body_end", call, bytes == 1234);
  }
  void request_failed(const Call& call, const Error& error) override {
    note("request_failed", call, &error == &all.error);
  }
  void response_headers_start(const Call& call) override { note("response_headers_start", call); }
  void response_headers_end(const Call& call, const Response& response) override {
    note("response_headers_end", call, &response == &all.response.value);
  }
  void informational(const Call& call, int code, const Headers& headers) override {
    note("informational", call, code == 103 && &headers == &all.headers);
  }
  void response_body_start(const Call& call) override { note("response_body_start", call); }
  void response_body_end(const Call& call, std::uint64_t bytes) override {
    note("response_body_end", call, bytes == 1234);
  }
  void response_failed(const Call& call, const Error& error) override {
    note("response_failed", call, &error == &all.error);
  }
  void follow_up_decision(const Call& call, const Response& response, const Request* next) override {
    note("follow_up_decision", call, &response == &all.response.value && next == &all.request.value);
  }
  void retry_decision(const Call& call, const Error& error, bool retry) override {
    note("retry_decision", call, &error == &all.error && retry);
  }
  void call_end(const Call& call) override { note("call_end", call); }
  void call_failed(const Call& call, const Error& error) override { note("call_failed", call, &error == &all.error); }
  void canceled(const Call& call) override { note("canceled", call); }

 private:
  void note(const std::string& event, const Call& call, bool right_arguments = true) {
    EXPECT_EQ(&call, &all.call.value) << event;
    EXPECT_TRUE(right_arguments) << event;
    log_.push_back(name_ + " " + event);
  }

  Arguments& all = arguments();
  const std::string name_;
  std::vector<std::string>& log_;
};

struct Event {
  std::string name;
  std::function<void(EventListener&)> raise;
};

std::vector<Event> every_event() {
  Arguments& all = arguments();
  const Call& call = all.call.value;
  return {
      {"call_start", [&](EventListener& to) { to.call_start(call); }},
      {"dispatcher_queue_start", [&](EventListener& to) { to.dispatcher_queue_start(call); }},
      {"dispatcher_queue_end", [&](EventListener& to) { to.dispatcher_queue_end(call); }},
      {"connection_wait_start", [&](EventListener& to) { to.connection_wait_start(call); }},
      {"connection_wait_end", [&](EventListener& to) { to.connection_wait_end(call, &all.error); }},
      {"proxy_select_start", [&](EventListener& to) { to.proxy_select_start(call, all.server); }},
      {"proxy_select_end", [&](EventListener& to) { to.proxy_select_end(call, all.server, all.proxies, &all.error); }},
      {"dns_start", [&](EventListener& to) { to.dns_start(call, "example.com"); }},
      {"dns_end", [&](EventListener& to) { to.dns_end(call, "example.com", all.addresses, &all.error); }},
      {"connect_start", [&](EventListener& to) { to.connect_start(call, 7, all.peer); }},
      {"secure_connect_start", [&](EventListener& to) { to.secure_connect_start(call, 7); }},
      {"secure_connect_end",
       [&](EventListener& to) { to.secure_connect_end(call, 7, &all.handshake.value, &all.error); }},
      {"connect_end", [&](EventListener& to) { to.connect_end(call, 7, all.peer, Protocol::http_2); }},
      {"connect_failed", [&](EventListener& to) { to.connect_failed(call, 7, all.peer, all.error); }},
      {"connection_acquired", [&](EventListener& to) { to.connection_acquired(call, all.connection.value); }},
      {"connection_released", [&](EventListener& to) { to.connection_released(call, all.connection.value); }},
      {"request_headers_start", [&](EventListener& to) { to.request_headers_start(call); }},
      {"request_headers_end", [&](EventListener& to) { to.request_headers_end(call, all.request.value); }},
      {"request_body_start", [&](EventListener& to) { to.request_body_start(call); }},
      {"request_body_end", [&](EventListener& to) { to.request_body_end(call, 1234); }},
      {"request_failed", [&](EventListener& to) { to.request_failed(call, all.error); }},
      {"response_headers_start", [&](EventListener& to) { to.response_headers_start(call); }},
      {"response_headers_end", [&](EventListener& to) { to.response_headers_end(call, all.response.value); }},
      {"informational", [&](EventListener& to) { to.informational(call, 103, all.headers); }},
      {"response_body_start", [&](EventListener& to) { to.response_body_start(call); }},
      {"response_body_end", [&](EventListener& to) { to.response_body_end(call, 1234); }},
      {"response_failed", [&](EventListener& to) { to.response_failed(call, all.error); }},
      {"follow_up_decision",
       [&](EventListener& to) { to.follow_up_decision(call, all.response.value, &all.request.value); }},
      {"retry_decision", [&](EventListener& to) { to.retry_decision(call, all.error, true); }},
      {"call_end", [&](EventListener& to) { to.call_end(call); }},
      {"call_failed", [&](EventListener& to) { to.call_failed(call, all.error); }},
      {"canceled", [&](EventListener& to) { to.canceled(call); }},
  };
}

class EventListenerTest : public testing::Test {
 protected:
  std::shared_ptr<EventListener> recorder(std::string name) {
    return std::make_shared<RecordingListener>(std::move(name), log);
  }

  std::vector<std::string> log;
};

TEST_F(EventListenerTest, AComposedListenerTellsEveryEventToTheFirstAndThenToTheSecond) {
  const auto composed = EventListener::compose(recorder("first"), recorder("second"));
  for (const Event& event : every_event()) {
    log.clear();
    event.raise(*composed);
    EXPECT_THAT(log, testing::ElementsAre("first " + event.name, "second " + event.name));
  }
}

TEST_F(EventListenerTest, ComposedListenersCompose) {
  const auto composed = EventListener::compose(EventListener::compose(recorder("1"), recorder("2")), recorder("3"));
  composed->call_end(arguments().call.value);
  EXPECT_THAT(log, testing::ElementsAre("1 call_end", "2 call_end", "3 call_end"));
}

TEST_F(EventListenerTest, ANullListenerIsLeftOut) {
  const auto only = recorder("only");
  EXPECT_EQ(EventListener::compose(only, nullptr), only);
  EXPECT_EQ(EventListener::compose(nullptr, only), only);
  EXPECT_EQ(EventListener::compose(nullptr, nullptr), nullptr);
}

TEST_F(EventListenerTest, AListenerHearsOnlyWhatItOverrides) {
  EventListener deaf;
  for (const Event& event : every_event()) event.raise(deaf);
}

}  // namespace
}  // namespace okhttp

// What a stalling peer costs: which timeout ends the call, and that none ends one that gets on.

#include <okhttp/client.hpp>
#include <okhttp/mockwebserver/mock_web_server.hpp>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "support/fronts.hpp"

namespace okhttp {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr milliseconds kShort(30);

/// A listening socket whose owner never accepts: the system connects, and takes some bytes. A full one does not even
/// connect.
class SilentPeer {
 public:
  explicit SilentPeer(bool full = false) : listener_(open_socket()) {
    sockaddr_in address = loopback(0);
    EXPECT_EQ(bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(listen(listener_, full ? 0 : 16), 0);
    socklen_t size = sizeof address;
    EXPECT_EQ(getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size), 0);
    port_ = ntohs(address.sin_port);
    for (int i = 0; full && i < 4; ++i) {
      fillers_.push_back(open_socket());
      address = loopback(port_);
      (void)connect(fillers_.back(), reinterpret_cast<sockaddr*>(&address), sizeof address);
    }
  }
  SilentPeer(const SilentPeer&) = delete;
  SilentPeer& operator=(const SilentPeer&) = delete;
  ~SilentPeer() {
    for (const int filler : fillers_) close(filler);
    close(listener_);
  }
  [[nodiscard]] std::string url(const std::string& scheme = "http") const {
    return scheme + "://127.0.0.1:" + std::to_string(port_) + "/";
  }

 private:
  static int open_socket() { return socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0); }
  static sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    return address;
  }

  int listener_;
  std::uint16_t port_ = 0;
  std::vector<int> fillers_;
};

Request large_upload(const std::string& url) {
  return Request::post(url, RequestBody::create(std::string(std::size_t{32} << 20, 'u')));
}

MockResponse stalls_in_its_body() {
  return MockResponse::Builder().body(std::string(1000, 'x')).on_response_body(SocketEffect::stall()).build();
}

Errc failure_of_body(const Response& response) {
  try {
    (void)response.body().string();
  } catch (const Error& error) {
    return error.errc();
  }
  return Errc();
}

class TimeoutTest : public testing::TestWithParam<Front> {
 protected:
  [[nodiscard]] Errc failure(const Client::Builder& builder, const Request& request) {
    const Client client = builder.build();
    const Call call = client.new_call(request);
    const Errc code = failure_of(start(GetParam(), call));
    EXPECT_FALSE(call.is_canceled());
    return code;
  }
  [[nodiscard]] Errc call_timeout_at(const Request& request) {
    return failure(Client::Builder().call_timeout(kShort), request);
  }
  [[nodiscard]] Request get() { return Request::get(server_.url("/")); }

  MockWebServer server_;
};

INSTANTIATE_TEST_SUITE_P(Fronts, TimeoutTest, all_fronts(), front_name);

TEST_P(TimeoutTest, OfTheCallCoversTheLookup) {
  const auto dns = std::make_shared<HangingDns>();
  EXPECT_EQ(failure(Client::Builder().call_timeout(kShort).dns(dns), Request::get("http://hangs.test/")),
            Errc::timeout);
  dns->release();
}

TEST_P(TimeoutTest, OfTheCallCoversConnecting) {
  const SilentPeer peer(true);
  EXPECT_EQ(call_timeout_at(Request::get(peer.url())), Errc::timeout);
}

TEST_P(TimeoutTest, OfTheCallCoversTheHandshake) {
  const SilentPeer peer;
  EXPECT_EQ(call_timeout_at(Request::get(peer.url("https"))), Errc::timeout);
}

TEST_P(TimeoutTest, OfTheCallCoversTheRequestBody) {
  const SilentPeer peer;
  EXPECT_EQ(call_timeout_at(large_upload(peer.url())), Errc::timeout);
}

TEST_P(TimeoutTest, OfTheCallCoversTheWaitForAnAnswer) {
  const SilentPeer peer;
  EXPECT_EQ(call_timeout_at(Request::get(peer.url())), Errc::timeout);
}

TEST_P(TimeoutTest, OfTheCallCoversTheBody) {
  server_.enqueue(stalls_in_its_body());
  const Client client = Client::Builder().call_timeout(seconds(1)).build();
  const Result<Response> result = start(GetParam(), client.new_call(get())).get();
  EXPECT_EQ(failure_of_body(result.value()), Errc::timeout);
}

TEST_P(TimeoutTest, OfTheCallMayBeSetForOneCall) {
  const SilentPeer peer;
  const Client client;
  const Call call = client.new_call(Request::get(peer.url()));
  call.timeout(kShort);
  EXPECT_EQ(failure_of(start(GetParam(), call)), Errc::timeout);
  EXPECT_EQ(failure_of(start(GetParam(), call.clone())), Errc::timeout);
}

TEST_P(TimeoutTest, OfConnectingIsItsOwn) {
  const SilentPeer peer(true);
  EXPECT_EQ(failure(Client::Builder().connect_timeout(kShort), Request::get(peer.url())), Errc::connect_timeout);
}

TEST_P(TimeoutTest, OfConnectingAndReadingTogetherHoldsForTheHandshake) {
  const SilentPeer peer;
  const Client::Builder builder = Client::Builder().connect_timeout(10 * kShort).read_timeout(kShort);
  EXPECT_EQ(failure(builder, Request::get(peer.url("https"))), Errc::read_timeout);
}

TEST_P(TimeoutTest, OfReadingHoldsForTheAnswer) {
  const SilentPeer peer;
  EXPECT_EQ(failure(Client::Builder().read_timeout(kShort), Request::get(peer.url())), Errc::read_timeout);
}

TEST_P(TimeoutTest, OfReadingHoldsForTheBody) {
  server_.enqueue(stalls_in_its_body());
  const Client client = Client::Builder().read_timeout(seconds(1)).build();
  const Result<Response> result = start(GetParam(), client.new_call(get())).get();
  EXPECT_EQ(failure_of_body(result.value()), Errc::read_timeout);
}

TEST_P(TimeoutTest, OfWritingIsItsOwn) {
  const SilentPeer peer;
  EXPECT_EQ(failure(Client::Builder().write_timeout(kShort), large_upload(peer.url())), Errc::write_timeout);
}

TEST_P(TimeoutTest, OfZeroIsNone) {
  server_.enqueue(MockResponse::Builder().body("late").header_delay(4 * kShort).build());
  const Client hasty = Client::Builder().read_timeout(kShort).call_timeout(kShort).build();
  const Client patient = hasty.new_builder()
                             .read_timeout(milliseconds(0))
                             .call_timeout(milliseconds(0))
                             .connect_timeout(milliseconds(0))
                             .write_timeout(milliseconds(0))
                             .build();
  EXPECT_EQ(start(GetParam(), patient.new_call(get())).get().value().body().string(), "late");
}

TEST_P(TimeoutTest, OfReadingIsForEachStepAndNotForAll) {
  server_.enqueue(MockResponse::Builder().body(std::string(25, 'x')).throttle_body(1, milliseconds(50)).build());
  const Client client = Client::Builder().read_timeout(seconds(1)).build();
  EXPECT_EQ(start(GetParam(), client.new_call(get())).get().value().body().string().size(), 25U);
}

class QueueTimeout : public testing::TestWithParam<Front> {};

INSTANTIATE_TEST_SUITE_P(Fronts, QueueTimeout, testing::Values(Front::callback, Front::awaited), front_name);

TEST_P(QueueTimeout, EndsACallThatWaitsForItsTurn) {
  MockWebServer server;
  const Client client;
  client.dispatcher().set_max_requests(1);
  const Request get = Request::get(server.url("/"));
  const Call first = client.new_call(get);
  std::future<Result<Response>> outcome = start(Front::callback, first);
  const Call queued = client.new_call(get);
  queued.timeout(kShort);
  EXPECT_EQ(failure_of(start(GetParam(), queued)), Errc::timeout);
  EXPECT_FALSE(queued.is_canceled());
  EXPECT_EQ(client.dispatcher().queued_calls_count(), 0U);
  server.enqueue(MockResponse("first"));
  EXPECT_EQ(outcome.get().value().body().string(), "first");
  EXPECT_EQ(server.request_count(), 1U);
}

}  // namespace
}  // namespace okhttp

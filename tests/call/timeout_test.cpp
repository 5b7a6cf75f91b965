// What a stalling peer costs: which timeout ends the call, and that none ends one that gets on.

#include <okhttp/client.hpp>
#include <okhttp/mockwebserver/mock_web_server.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "support/fronts.hpp"
#include "support/protocols.hpp"
#include "support/silent_peer.hpp"

namespace okhttp {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr milliseconds kShort(30);

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

Errc failure(Front front, const Client::Builder& builder, const Request& request) {
  const Client client = builder.build();
  const Call call = client.new_call(request);
  const Errc code = failure_of(start(front, call));
  EXPECT_FALSE(call.is_canceled());
  return code;
}

class TimeoutTest : public ProtocolTest<Front> {
 protected:
  [[nodiscard]] static Errc failure(const Client::Builder& builder, const Request& request) {
    return okhttp::failure(how(), builder, request);
  }
  [[nodiscard]] Errc call_timeout_at(const Request& request) {
    return failure(builder().call_timeout(kShort), request);
  }
  [[nodiscard]] Request get() { return Request::get(server_.url("/")); }
};

INSTANTIATE_TEST_SUITE_P(Protocols, TimeoutTest, over_both_protocols(all_fronts()), ParameterName());

TEST_P(TimeoutTest, OfTheCallCoversTheLookup) {
  const auto dns = std::make_shared<HangingDns>();
  EXPECT_EQ(failure(builder().call_timeout(kShort).dns(dns), Request::get("http://hangs.test/")), Errc::timeout);
  dns->release();
}

TEST_P(TimeoutTest, OfTheCallCoversConnecting) {
  const SilentPeer peer(true);
  EXPECT_EQ(call_timeout_at(Request::get(peer.url())), Errc::timeout);
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
  const Client client = builder().call_timeout(seconds(1)).build();
  const Result<Response> result = start(how(), client.new_call(get())).get();
  EXPECT_EQ(failure_of_body(result.value()), Errc::timeout);
}

TEST_P(TimeoutTest, OfTheCallMayBeSetForOneCall) {
  const SilentPeer peer;
  const Call call = client_.new_call(Request::get(peer.url()));
  call.timeout(kShort);
  EXPECT_EQ(failure_of(start(how(), call)), Errc::timeout);
  EXPECT_EQ(failure_of(start(how(), call.clone())), Errc::timeout);
}

TEST_P(TimeoutTest, OfConnectingIsItsOwn) {
  const SilentPeer peer(true);
  EXPECT_EQ(failure(builder().connect_timeout(kShort), Request::get(peer.url())), Errc::connect_timeout);
}

TEST_P(TimeoutTest, OfReadingHoldsForTheAnswer) {
  const SilentPeer peer;
  EXPECT_EQ(failure(builder().read_timeout(kShort), Request::get(peer.url())), Errc::read_timeout);
}

TEST_P(TimeoutTest, OfReadingHoldsForTheBody) {
  server_.enqueue(stalls_in_its_body());
  const Client client = builder().read_timeout(seconds(1)).build();
  const Result<Response> result = start(how(), client.new_call(get())).get();
  EXPECT_EQ(failure_of_body(result.value()), Errc::read_timeout);
}

TEST_P(TimeoutTest, OfWritingIsItsOwn) {
  const SilentPeer peer;
  EXPECT_EQ(failure(builder().write_timeout(kShort), large_upload(peer.url())), Errc::write_timeout);
}

TEST_P(TimeoutTest, OfZeroIsNone) {
  server_.enqueue(MockResponse::Builder().body("late").header_delay(4 * kShort).build());
  const Client hasty = builder().read_timeout(kShort).call_timeout(kShort).build();
  const Client patient = hasty.new_builder()
                             .read_timeout(milliseconds(0))
                             .call_timeout(milliseconds(0))
                             .connect_timeout(milliseconds(0))
                             .write_timeout(milliseconds(0))
                             .build();
  EXPECT_EQ(start(how(), patient.new_call(get())).get().value().body().string(), "late");
}

TEST_P(TimeoutTest, OfReadingIsForEachStepAndNotForAll) {
  server_.enqueue(MockResponse::Builder().body(std::string(25, 'x')).throttle_body(1, milliseconds(50)).build());
  const Client client = builder().read_timeout(seconds(1)).build();
  EXPECT_EQ(start(how(), client.new_call(get())).get().value().body().string().size(), 25U);
}

/// Before a protocol was agreed upon.
class HandshakeTimeout : public testing::TestWithParam<Front> {
 protected:
  [[nodiscard]] Errc failure(const Client::Builder& builder) {
    return okhttp::failure(GetParam(), builder, Request::get(peer_.url("https")));
  }

  const SilentPeer peer_;
};

INSTANTIATE_TEST_SUITE_P(Fronts, HandshakeTimeout, all_fronts(), front_name);

TEST_P(HandshakeTimeout, OfTheCallCoversIt) {
  EXPECT_EQ(failure(Client::Builder().call_timeout(kShort)), Errc::timeout);
}

TEST_P(HandshakeTimeout, OfConnectingAndReadingTogetherHoldsForIt) {
  EXPECT_EQ(failure(Client::Builder().connect_timeout(10 * kShort).read_timeout(kShort)), Errc::read_timeout);
}

/// Where a protocol plays no part yet.
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

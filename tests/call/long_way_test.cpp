#include <okhttp/client.hpp>
#include <okhttp/mockwebserver/mock_web_server.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "support/delaying_relay.hpp"

namespace okhttp {
namespace {

using namespace std::chrono_literals;
using testing::DelayingRelay;

constexpr std::size_t kLarge = std::size_t{24} << 20;

/// One stream over a link that is fast and long: what is under way is bound by neither side's window at HTTP/2's
/// default, 64 KiB, with which every 64 KiB would take a journey there and back.
class LongWay : public ::testing::Test {
 protected:
  LongWay() {
    server_.set_protocols({Protocol::h2_prior_knowledge});
    Http2Settings generous;
    generous.initial_window_size = 16U << 20;
    generous.connection_window_size = 16U << 20;
    server_.set_http2_settings(generous);
  }

  [[nodiscard]] std::string url(const DelayingRelay& relay) const {
    return "http://127.0.0.1:" + std::to_string(relay.port()) + "/";
  }

  MockWebServer server_;
  const Client client_ = Client::Builder().protocols({Protocol::h2_prior_knowledge}).build();
};

TEST_F(LongWay, ADownloadFillsTheLink) {
  server_.enqueue(MockResponse(std::string(kLarge, 'd')));
  DelayingRelay relay(server_.port(), 25ms);
  EXPECT_EQ(client_.new_call(Request::get(url(relay))).execute().body().string().size(), kLarge);
  EXPECT_GT(relay.most_under_way_to_clients(), std::size_t{2} << 20);
}

TEST_F(LongWay, AnUploadFillsTheLink) {
  server_.enqueue(MockResponse("thanks"));
  DelayingRelay relay(server_.port(), 25ms);
  const Request request = Request::post(url(relay), RequestBody::create(std::string(kLarge, 'u')));
  EXPECT_EQ(client_.new_call(request).execute().body().string(), "thanks");
  EXPECT_EQ(server_.take_request()->body_size(), kLarge);
  EXPECT_GT(relay.most_under_way_to_servers(), std::size_t{2} << 20);
}

}  // namespace
}  // namespace okhttp

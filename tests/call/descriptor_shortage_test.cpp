// A client whose loop cannot be started, because the process may open nothing more.

#include <okhttp/client.hpp>
#include <okhttp/mockwebserver/mock_web_server.hpp>
#include <okhttp/sync_wait.hpp>

#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <string>
#include <thread>

#include "support/detached.hpp"
#include "support/event_log.hpp"
#include "support/fronts.hpp"
#include "support/no_descriptors.hpp"
#include "support/protocols.hpp"

namespace okhttp {
namespace {

using internal::NoDescriptors;

class DescriptorShortage : public ProtocolTest<> {
 protected:
  DescriptorShortage() {
    client_ = builder().event_listener(log_).build();
    server_.enqueue(MockResponse("text"));
  }

  [[nodiscard]] Call call() const { return client_.new_call(Request::get(url_)); }
  /// The shortage is over.
  void expect_recovery() { EXPECT_EQ(start(Front::callback, call()).get().value().body().string(), "text"); }

  const Url url_ = server_.url("/").new_builder().host("127.0.0.1").build();
  const std::shared_ptr<EventLog> log_ = std::make_shared<EventLog>();
};

INSTANTIATE_TEST_SUITE_P(Protocols, DescriptorShortage, both_protocols(), ParameterName());

TEST_P(DescriptorShortage, EndsAnEnqueuedCallThroughItsCallback) {
  const Call refused = call();
  std::future<Result<Response>> outcome;
  {
    const NoDescriptors shortage;
    outcome = start(Front::callback, refused);
    EXPECT_GT(shortage.refused(), 0);
  }
  const Result<Response> result = outcome.get();
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().errc(), Errc::io);
  EXPECT_EQ(result.error().system_error(), std::errc::too_many_files_open);
  EXPECT_TRUE(refused.is_executed());
  EXPECT_EQ(log_->text(), "call_start call_failed(io)");
  EXPECT_EQ(client_.dispatcher().running_calls_count(), 0U);
  expect_recovery();
}

TEST_P(DescriptorShortage, EndsAnAwaitedCall) {
  {
    const NoDescriptors shortage;
    const Result<Response> result = sync_wait(outcome_of(call()));
    ASSERT_FALSE(result.has_value());
    EXPECT_EQ(result.error().errc(), Errc::io);
    EXPECT_EQ(result.error().system_error(), std::errc::too_many_files_open);
  }
  EXPECT_EQ(log_->text(), "call_start call_failed(io)");
  expect_recovery();
}

TEST_P(DescriptorShortage, LeavesABlockingCallAlone) {
  std::thread([this] {  // one that has no eventfd yet
    const NoDescriptors shortage;
    EXPECT_EQ(call().execute().body().string(), "text");
    EXPECT_GT(shortage.refused(), 0);
  })
      .join();
}

internal::Detached read_whole(const Response& response, Errc& how) {
  try {
    (void)co_await response.body().async().string();
  } catch (const Error& error) {
    how = error.errc();
  }
}

TEST_P(DescriptorShortage, EndsTheReadOfABodyThatNeedsTheLoop) {
  const Response response = call().execute();
  Errc how{};
  {
    const NoDescriptors shortage;
    read_whole(response, how);
  }
  EXPECT_EQ(how, Errc::io);
}

TEST_P(DescriptorShortage, IsThrownToWhoeverSpawnsATask) {
  const auto task = []() -> Task<void> { co_return; };
  const NoDescriptors shortage;
  try {
    spawn(client_, task());
    ADD_FAILURE() << "there was a loop";
  } catch (const Error& error) {
    EXPECT_EQ(error.errc(), Errc::io);
  }
}

}  // namespace
}  // namespace okhttp

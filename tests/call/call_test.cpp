// A call: run once, canceled at any time, refused where it would block a loop.

#include <okhttp/client.hpp>
#include <okhttp/mockwebserver/mock_web_server.hpp>
#include <okhttp/sync_wait.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstddef>
#include <future>
#include <memory>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>

#include "support/fronts.hpp"
#include "support/protocols.hpp"

namespace okhttp {
namespace {

class CallTest : public ProtocolTest<Front> {
 protected:
  [[nodiscard]] Call call() { return client_.new_call(Request::get(server_.url("/"))); }
};

INSTANTIATE_TEST_SUITE_P(Protocols, CallTest, over_both_protocols(all_fronts()), ParameterName());

TEST_P(CallTest, SpeaksTheProtocol) {
  server_.enqueue(MockResponse("text"));
  EXPECT_EQ(start(how(), call()).get().value().protocol(), protocol_);
  EXPECT_EQ(server_.take_request()->protocol(), protocol_);
}

TEST_P(CallTest, RunsOnce) {
  server_.enqueue(MockResponse("first"));
  const Call once = call();
  EXPECT_FALSE(once.is_executed());
  EXPECT_EQ(start(how(), once).get().value().body().string(), "first");
  EXPECT_TRUE(once.is_executed());
  EXPECT_FALSE(once.is_canceled());
  for (const Front second : {Front::blocking, Front::callback, Front::awaited}) {
    EXPECT_THROW((void)start(second, once).get(), std::logic_error);
  }
  EXPECT_EQ(server_.request_count(), 1U);
}

TEST_P(CallTest, RunsAgainAsAClone) {
  server_.enqueue(MockResponse("first"));
  server_.enqueue(MockResponse("second"));
  const Call original = call();
  original.set_tag(std::make_shared<const std::string>("tagged"));
  EXPECT_EQ(start(how(), original).get().value().body().string(), "first");
  original.cancel();
  const Call clone = original.clone();
  EXPECT_FALSE(clone.is_executed());
  EXPECT_FALSE(clone.is_canceled());
  EXPECT_NE(clone, original);
  EXPECT_EQ(*clone.tag<std::string>(), "tagged");
  EXPECT_EQ(start(how(), clone).get().value().body().string(), "second");
}

TEST_P(CallTest, TakesNoSettingsOnceItWasRun) {
  server_.enqueue(MockResponse());
  const Call late = call();
  (void)start(how(), late).get().value();
  EXPECT_THROW(late.timeout(std::chrono::seconds(1)), std::logic_error);
  EXPECT_THROW(late.stop_token(std::stop_token()), std::logic_error);
  EXPECT_THROW(late.resume_on(nullptr), std::logic_error);
}

TEST_P(CallTest, CanceledBeforeItIsRunAsksNobody) {
  const Call canceled = call();
  canceled.cancel();
  EXPECT_TRUE(canceled.is_canceled());
  EXPECT_FALSE(canceled.is_executed());
  EXPECT_EQ(failure_of(start(how(), canceled)), Errc::canceled);
  EXPECT_TRUE(canceled.is_executed());
  EXPECT_EQ(server_.connection_count(), 0U);
}

TEST_P(CallTest, CanceledWhileItWaitsForAnAnswer) {
  const Call waiting = call();
  std::future<Result<Response>> outcome = start(how(), waiting);
  ASSERT_TRUE(server_.take_request().has_value());
  waiting.cancel();
  EXPECT_EQ(failure_of(std::move(outcome)), Errc::canceled);
}

TEST_P(CallTest, CanceledManyTimesEndsOnce) {
  const Call waiting = call();
  std::future<Result<Response>> outcome = start(how(), waiting);
  ASSERT_TRUE(server_.take_request().has_value());
  {
    const std::jthread other([&] {
      for (int i = 0; i < 100; ++i) waiting.cancel();
    });
    for (int i = 0; i < 100; ++i) waiting.cancel();
  }
  EXPECT_EQ(failure_of(std::move(outcome)), Errc::canceled);
  waiting.cancel();
  EXPECT_TRUE(waiting.is_canceled());
}

TEST_P(CallTest, CanceledAfterItsEndChangesNothing) {
  server_.enqueue(MockResponse("whole"));
  const Call done = call();
  EXPECT_EQ(start(how(), done).get().value().body().string(), "whole");
  done.cancel();
  EXPECT_EQ(client_.connection_pool().idle_connection_count(), 1U);
}

TEST_P(CallTest, CanceledWhileItsBodyIsRead) {
  server_.enqueue(MockResponse::Builder().body(std::string(1000, 'x')).on_response_body(SocketEffect::stall()).build());
  const Call halfway = call();
  const Response response = start(how(), halfway).get().value();
  std::array<std::byte, 10> first{};
  EXPECT_GT(response.body().read_some(first), 0U);
  std::future<std::string> rest = std::async(std::launch::async, [&] { return response.body().string(); });
  halfway.cancel();
  try {
    (void)rest.get();
    FAIL() << "the body was read to its end";
  } catch (const Error& error) {
    EXPECT_EQ(error.errc(), Errc::canceled);
  }
}

TEST_P(CallTest, CanceledWhileItsNameIsLookedUp) {
  const auto dns = std::make_shared<HangingDns>();
  const Client client = builder().dns(dns).build();
  const Call hanging = client.new_call(Request::get("http://hangs.test/"));
  std::future<Result<Response>> outcome = start(how(), hanging);
  dns->wait_until_asked();
  hanging.cancel();
  EXPECT_EQ(failure_of(std::move(outcome)), Errc::canceled);
  dns->release();
}

TEST_P(CallTest, ObeysAStopThatWasRequestedBefore) {
  std::stop_source source;
  source.request_stop();
  const Call stopped = call();
  stopped.stop_token(source.get_token());
  EXPECT_EQ(failure_of(start(how(), stopped)), Errc::canceled);
  EXPECT_TRUE(stopped.is_canceled());
  EXPECT_EQ(server_.connection_count(), 0U);
}

TEST_P(CallTest, ObeysAStopThatIsRequestedLater) {
  std::stop_source source;
  const Call waiting = call();
  waiting.stop_token(source.get_token());
  std::future<Result<Response>> outcome = start(how(), waiting);
  ASSERT_TRUE(server_.take_request().has_value());
  source.request_stop();
  EXPECT_EQ(failure_of(std::move(outcome)), Errc::canceled);
}

TEST(CallAlone, CarriesTagsOfItsRequestAndItsOwn) {
  const Request request =
      Request::get("http://localhost/").new_builder().tag(std::make_shared<const std::string>("request's")).build();
  const Client client;
  const Call call = client.new_call(request);
  EXPECT_EQ(*call.tag<std::string>(), "request's");
  EXPECT_EQ(call.tag<int>(), nullptr);
  call.set_tag(std::make_shared<const std::string>("call's"));
  call.set_tag(std::make_shared<const int>(7));
  EXPECT_EQ(*call.tag<std::string>(), "call's");
  EXPECT_EQ(*call.tag<int>(), 7);
  EXPECT_EQ(*call.request().tag<std::string>(), "request's");
  call.set_tag(std::shared_ptr<const std::string>());
  EXPECT_EQ(*call.tag<std::string>(), "request's");
}

TEST(CallAlone, ThrowsOrGivesItsFailure) {
  MockWebServer server;
  server.start();
  const Request request = Request::get(server.url("/"));
  server.close();
  const Client client;
  const Result<Response> result = client.new_call(request).try_execute();
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().errc(), Errc::connect_failed);
  EXPECT_THROW((void)result.value(), Error);
  EXPECT_THROW((void)client.new_call(request).execute(), Error);
}

using Refusal = std::shared_ptr<std::promise<std::string>>;

Task<void> execute_here(Call call, Refusal refusal) {
  try {
    (void)call.execute();
    refusal->set_value("");
  } catch (const std::logic_error& error) {
    refusal->set_value(error.what());
  }
  co_return;
}

Task<void> read_here(Call call, Refusal refusal) {
  const Response response = co_await call;
  try {
    (void)response.body().string();
    refusal->set_value("");
  } catch (const std::logic_error& error) {
    refusal->set_value(error.what());
  }
}

class CallOnALoop : public ProtocolTest<> {};

INSTANTIATE_TEST_SUITE_P(Protocols, CallOnALoop, both_protocols(), ParameterName());

TEST_P(CallOnALoop, IsNotExecutedThere) {
  server_.enqueue(MockResponse("fine"));
  const Call call = client_.new_call(Request::get(server_.url("/")));
  const auto refusal = std::make_shared<std::promise<std::string>>();
  spawn(client_, execute_here(call, refusal));
  EXPECT_THAT(refusal->get_future().get(), testing::HasSubstr("co_await call"));
  EXPECT_FALSE(call.is_executed());
  EXPECT_EQ(call.execute().body().string(), "fine");
}

TEST_P(CallOnALoop, DoesNotHaveItsBodyReadThereByBlocking) {
  server_.enqueue(MockResponse("fine"));
  const auto refusal = std::make_shared<std::promise<std::string>>();
  spawn(client_, read_here(client_.new_call(Request::get(server_.url("/"))), refusal));
  EXPECT_THAT(refusal->get_future().get(), testing::HasSubstr("co_await body.async().string()"));
}

}  // namespace
}  // namespace okhttp

// A client: its settings, what clients share, and its end.

#include <okhttp/client.hpp>
#include <okhttp/mockwebserver/mock_web_server.hpp>
#include <okhttp/sync_wait.hpp>
#include <okhttp/tls.hpp>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <future>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "support/fronts.hpp"
#include "support/protocols.hpp"

namespace okhttp {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(ClientSettings, HaveTheirDefaults) {
  const Client client;
  EXPECT_EQ(client.timeouts().connect, seconds(10));
  EXPECT_EQ(client.timeouts().read, seconds(10));
  EXPECT_EQ(client.timeouts().write, seconds(10));
  EXPECT_EQ(client.timeouts().call, seconds(0));
  EXPECT_TRUE(client.follow_redirects());
  EXPECT_TRUE(client.follow_ssl_redirects());
  EXPECT_TRUE(client.retry_on_connection_failure());
  EXPECT_EQ(client.protocols(), (std::vector<Protocol>{Protocol::http_2, Protocol::http_1_1}));
  EXPECT_EQ(client.max_http2_connections(), 4U);
  EXPECT_EQ(client.max_connections_per_host(), 0U);
  EXPECT_EQ(client.ping_interval(), seconds(0));
  EXPECT_EQ(client.dispatcher().max_requests(), 64U);
  EXPECT_EQ(client.dispatcher().max_requests_per_host(), 5U);
  EXPECT_EQ(client.connection_pool().connection_count(), 0U);
}

TEST(ClientSettings, AreTakenOverByDerivedClients) {
  const Client first = Client::Builder().read_timeout(seconds(3)).follow_redirects(false).build();
  const Client second = first.new_builder().write_timeout(seconds(4)).build();
  EXPECT_EQ(second.timeouts().read, seconds(3));
  EXPECT_EQ(second.timeouts().write, seconds(4));
  EXPECT_EQ(first.timeouts().write, seconds(10));
  const Client third =
      second.new_builder().max_http2_connections(2).ping_interval(seconds(5)).build().new_builder().build();
  EXPECT_EQ(third.max_http2_connections(), 2U);
  EXPECT_EQ(third.ping_interval(), seconds(5));
  EXPECT_EQ(third.new_builder().max_connections_per_host(3).build().new_builder().build().max_connections_per_host(),
            3U);
  EXPECT_FALSE(second.follow_redirects());
}

TEST(ClientSettings, OfProtocolsMustMakeSense) {
  const auto build = [](std::vector<Protocol> protocols) {
    return Client::Builder().protocols(std::move(protocols)).build();
  };
  EXPECT_THROW((void)build({}), std::invalid_argument);
  EXPECT_THROW((void)build({Protocol::http_2}), std::invalid_argument);
  EXPECT_THROW((void)build({Protocol::http_1_0, Protocol::http_1_1}), std::invalid_argument);
  EXPECT_THROW((void)build({Protocol::h2_prior_knowledge, Protocol::http_1_1}), std::invalid_argument);
  EXPECT_EQ(build({Protocol::http_1_1}).protocols().size(), 1U);
  EXPECT_EQ(build({Protocol::h2_prior_knowledge}).protocols().size(), 1U);
}

TEST(ClientSettings, OfTimeMustNotBeBelowZero) {
  Client::Builder builder;
  EXPECT_THROW(builder.connect_timeout(milliseconds(-1)), std::invalid_argument);
  EXPECT_THROW(builder.read_timeout(milliseconds(-1)), std::invalid_argument);
  EXPECT_THROW(builder.write_timeout(milliseconds(-1)), std::invalid_argument);
  EXPECT_THROW(builder.call_timeout(milliseconds(-1)), std::invalid_argument);
  EXPECT_THROW(builder.ping_interval(milliseconds(-1)), std::invalid_argument);
  EXPECT_THROW(builder.max_http2_connections(0), std::invalid_argument);
  EXPECT_EQ(builder.call_timeout(milliseconds(0)).build().timeouts(), Timeouts());
}

TEST(ClientSettings, MustNotBeNull) {
  Client::Builder builder;
  EXPECT_THROW(builder.dns(nullptr), std::invalid_argument);
  EXPECT_THROW(builder.add_interceptor(std::shared_ptr<Interceptor>()), std::invalid_argument);
  EXPECT_THROW(builder.add_network_interceptor(std::shared_ptr<Interceptor>()), std::invalid_argument);
}

class ClientFamily : public ProtocolTest<> {};

INSTANTIATE_TEST_SUITE_P(Protocols, ClientFamily, both_protocols(), ParameterName());

TEST_P(ClientFamily, SharesPoolAndDispatcher) {
  server_.enqueue(MockResponse("one"));
  server_.enqueue(MockResponse("two"));
  const Client& first = client_;
  const Client second = first.new_builder().read_timeout(seconds(3)).build();
  const std::string url = server_.url("/").to_string();
  EXPECT_EQ(first.get(url).body().string(), "one");
  EXPECT_EQ(second.connection_pool().idle_connection_count(), 1U);
  EXPECT_EQ(second.get(url).body().string(), "two");
  EXPECT_EQ(server_.connection_count(), 1U);
  first.dispatcher().set_max_requests(7);
  EXPECT_EQ(second.dispatcher().max_requests(), 7U);
}

TEST_P(ClientFamily, IsNotThatOfAnotherClient) {
  server_.enqueue(MockResponse("one"));
  const Client second = builder().build();
  EXPECT_EQ(client_.get(server_.url("/").to_string()).body().string(), "one");
  EXPECT_EQ(second.connection_pool().connection_count(), 0U);
}

class ClientEnd : public ProtocolTest<Front> {
 protected:
  [[nodiscard]] Request get() { return Request::get(server_.url("/")); }
};

INSTANTIATE_TEST_SUITE_P(Protocols, ClientEnd, over_both_protocols(all_fronts()), ParameterName());

TEST_P(ClientEnd, EndsCallsInFlight) {
  std::optional<Client> client(builder().build());
  std::future<Result<Response>> outcome = start(how(), client->new_call(get()));
  ASSERT_TRUE(server_.take_request().has_value());
  client.reset();
  EXPECT_EQ(failure_of(std::move(outcome)), Errc::canceled);
}

TEST_P(ClientEnd, LeavesCallsAloneWhileADerivedClientLives) {
  std::optional<Client> client(builder().build());
  const Client derived = client->new_builder().read_timeout(seconds(20)).build();
  std::future<Result<Response>> outcome = start(how(), client->new_call(get()));
  ASSERT_TRUE(server_.take_request().has_value());
  client.reset();
  server_.enqueue(MockResponse("still here"));
  EXPECT_EQ(outcome.get().value().body().string(), "still here");
}

TEST_P(ClientEnd, LeavesCallsOfOtherClientsInItsDispatcherAlone) {
  const Dispatcher dispatcher;
  std::optional<Client> first(builder().dispatcher(dispatcher).build());
  const Client second = builder().dispatcher(dispatcher).build();
  std::future<Result<Response>> outcome = start(how(), second.new_call(get()));
  ASSERT_TRUE(server_.take_request().has_value());
  first.reset();
  server_.enqueue(MockResponse("not mine"));
  EXPECT_EQ(outcome.get().value().body().string(), "not mine");
}

TEST_P(ClientEnd, IsOutlivedByResponses) {
  constexpr std::size_t kSize = 1U << 20;
  server_.enqueue(MockResponse::Builder().generated_body(kSize).build());
  std::optional<Client> client(builder().build());
  const Response response = start(how(), client->new_call(get())).get().value();
  client.reset();
  EXPECT_EQ(response.body().bytes().size(), kSize);
}

TEST_P(ClientEnd, IsOutlivedByCallsThatWereNotRun) {
  std::optional<Client> client(builder().build());
  const Call call = client->new_call(get());
  client.reset();
  server_.enqueue(MockResponse("late"));
  EXPECT_EQ(start(how(), call).get().value().body().string(), "late");
}

using Text = std::shared_ptr<std::promise<std::string>>;

Task<void> call_and_drop_client(std::optional<Client> client, Request request, Text text) {
  const Call call = client->new_call(request);
  const Response response = co_await call;
  client.reset();
  std::string body = co_await response.body().async().string();
  text->set_value(std::move(body));
}

class ClientOnItsLoop : public ProtocolTest<> {};

INSTANTIATE_TEST_SUITE_P(Protocols, ClientOnItsLoop, both_protocols(), ParameterName());

TEST_P(ClientOnItsLoop, MayBeDroppedThere) {
  server_.enqueue(MockResponse("dropped"));
  const auto text = std::make_shared<std::promise<std::string>>();
  {
    std::optional<Client> client(builder().build());
    const Client& known = *client;
    Task<void> task = call_and_drop_client(client, Request::get(server_.url("/")), text);
    spawn(known, std::move(task));
  }
  EXPECT_EQ(text->get_future().get(), "dropped");
}

#if defined(__SANITIZE_THREAD__)
#define OKHTTP_TEST_MUST_NOT_FORK
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define OKHTTP_TEST_MUST_NOT_FORK
#endif
#endif
#if !defined(OKHTTP_TEST_MUST_NOT_FORK)  // ThreadSanitizer does not follow programs that fork beside threads

// The client of a program that never takes it down.
const Client& global_client(const Client::Builder& builder = Client::Builder()) {
  static const Client client = builder.build();
  return client;
}

[[noreturn]] void use_global_client_and_exit(const Client::Builder& builder, const Url& url) {
  alarm(30);
  (void)global_client(builder);
  bool good = true;
  for (const Front front : {Front::blocking, Front::callback, Front::awaited}) {
    const Call call = global_client().new_call(Request::get(url));
    good = start(front, call).get().value().body().string() == "hello" && good;
  }
  // One that is still waiting for its answer.
  global_client().new_call(Request::get(url)).enqueue([](const Call&, Result<Response>) {});
  std::exit(good ? 0 : 1);
}

class ClientInAnotherProcess : public ProtocolTest<> {
 protected:
  ClientInAnotherProcess() {
    for (int i = 0; i < 3; ++i) server_.enqueue(MockResponse("hello"));
    url_ = server_.url("/").new_builder().host("127.0.0.1").build();
  }

  /// Runs `function` in a fork of this process; its exit status, or -1 when it did not exit by itself.
  template <class F>
  static int status_of_fork(F function) {
    const pid_t child = fork();
    if (child == 0) {
      alarm(30);
      _exit(function());
    }
    int status = 0;
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

  Url url_ = Url::parse("http://127.0.0.1/");
};

INSTANTIATE_TEST_SUITE_P(Protocols, ClientInAnotherProcess, both_protocols(), ParameterName());

TEST_P(ClientInAnotherProcess, MayBeLeftToStaticDestruction) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(use_global_client_and_exit(builder(), url_), testing::ExitedWithCode(0), "");
}

TEST_P(ClientInAnotherProcess, IsLeftAloneByAChildThatExits) {
  EXPECT_EQ(start(Front::callback, client_.new_call(Request::get(url_))).get().value().body().string(), "hello");
  EXPECT_EQ(status_of_fork([] { return 5; }), 5);
  EXPECT_EQ(client_.new_call(Request::get(url_)).execute().body().string(), "hello");
}

/// True when `function` throws std::logic_error.
template <class F>
bool is_refused(F function) {
  try {
    function();
  } catch (const std::logic_error&) {
    return true;
  }
  return false;
}

TEST_P(ClientInAnotherProcess, RefusesEveryUseInAChildAndGoesOnInTheParent) {
  std::optional<Client> client(builder().build());
  const Call call = client->new_call(Request::get(url_));
  EXPECT_EQ(start(Front::callback, call).get().value().body().string(), "hello");
  ASSERT_EQ(client->connection_pool().idle_connection_count(), 1U);
  const int status = status_of_fork([&] {
    for (const Front front : {Front::blocking, Front::callback, Front::awaited}) {
      if (!is_refused([&] { (void)start(front, client->new_call(Request::get(url_))).get(); })) return 1;
      if (!is_refused([&] { (void)start(front, call.clone()).get(); })) return 2;
    }
    if (!is_refused([&] { spawn(*client, [](Url) -> Task<void> { co_return; }(url_)); })) return 3;
    if (!is_refused([&] { (void)client->new_builder().build(); })) return 4;
    const Client::Builder with_pool = builder().connection_pool(client->connection_pool());
    if (!is_refused([&] { (void)with_pool.build(); })) return 5;
    const Client::Builder with_dispatcher = builder().dispatcher(client->dispatcher());
    if (!is_refused([&] { (void)with_dispatcher.build(); })) return 6;
    client.reset();
    return 0;
  });
  EXPECT_EQ(status, 0);
  for (const Front front : {Front::blocking, Front::awaited}) {
    EXPECT_EQ(start(front, client->new_call(Request::get(url_))).get().value().body().string(), "hello");
  }
  EXPECT_EQ(server_.connection_count(), 1U);
}

TEST_P(ClientInAnotherProcess, KeepsAResponseThatItsChildDropped) {
  constexpr std::size_t kSize = 1U << 20;
  MockWebServer server;
  speak(server);
  server.enqueue(MockResponse::Builder().generated_body(kSize).build());
  std::optional<Response> response =
      start(Front::callback, client_.new_call(Request::get(server.url("/")))).get().value();
  EXPECT_EQ(status_of_fork([&] {
              response.reset();
              return 0;
            }),
            0);
  EXPECT_EQ(response->body().bytes().size(), kSize);
}

TEST_P(ClientInAnotherProcess, WorksWhenItWasMadeAfterTheFork) {
  EXPECT_EQ(start(Front::callback, client_.new_call(Request::get(url_))).get().value().body().string(), "hello");
  const int status = status_of_fork([&] {
    const Client own = builder().build();
    for (const Front front : {Front::blocking, Front::callback}) {
      if (start(front, own.new_call(Request::get(url_))).get().value().body().string() != "hello") return 1;
    }
    return 0;
  });
  EXPECT_EQ(status, 0);
}

#endif

}  // namespace
}  // namespace okhttp

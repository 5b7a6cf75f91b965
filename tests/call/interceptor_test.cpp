#include <okhttp/client.hpp>
#include <okhttp/connection_info.hpp>
#include <okhttp/mockwebserver/mock_web_server.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>

#include "support/call_styles.hpp"
#include "support/protocols.hpp"

namespace okhttp {
namespace {

/// Proceeds and has a name.
class NamedInterceptor final : public Interceptor {
 public:
  using Body = std::function<Task<Response>(Chain&)>;
  NamedInterceptor(std::string name, Body body) : name_(std::move(name)), body_(std::move(body)) {}
  Task<Response> intercept(Chain& chain) override { return body_(chain); }
  [[nodiscard]] std::string name() const override { return name_; }

 private:
  const std::string name_;
  const Body body_;
};

std::shared_ptr<Interceptor> named(std::string name, NamedInterceptor::Body body) {
  return std::make_shared<NamedInterceptor>(std::move(name), std::move(body));
}

class InterceptorCall : public ProtocolTest<CallStyle> {
 protected:
  [[nodiscard]] Response get(const Client& client) {
    return run(how(), client.new_call(Request::get(server_.url("/"))));
  }
  /// What the std::logic_error says that the call ends with.
  [[nodiscard]] std::string violation(const Client& client) {
    try {
      (void)get(client);
    } catch (const std::logic_error& error) {
      return error.what();
    }
    return "no violation";
  }
  [[nodiscard]] Client with_network(std::shared_ptr<Interceptor> interceptor) const {
    return builder().add_network_interceptor(std::move(interceptor)).build();
  }
};

INSTANTIATE_TEST_SUITE_P(Protocols, InterceptorCall, over_both_protocols(both_call_styles()), ParameterName());

TEST_P(InterceptorCall, ApplicationSeesTheCallAndNetworkSeesEachExchange) {
  auto application = std::make_shared<int>(0);
  auto network = std::make_shared<int>(0);
  const Client client = builder()
                            .add_interceptor([application](Chain& chain) -> Task<Response> {
                              ++*application;
                              EXPECT_EQ(chain.connection(), nullptr);
                              EXPECT_FALSE(chain.request().headers().contains("User-Agent"));
                              Response response = co_await chain.proceed(chain.request());
                              EXPECT_EQ(response.code(), 200);
                              co_return response;
                            })
                            .add_network_interceptor([network](Chain& chain) -> Task<Response> {
                              ++*network;
                              EXPECT_TRUE(chain.request().headers().contains("User-Agent"));
                              Response response = co_await chain.proceed(chain.request());
                              // Also when the exchange was complete with its head.
                              EXPECT_NE(chain.connection(), nullptr);
                              EXPECT_EQ(chain.connection()->port(), chain.request().url().port());
                              co_return response;
                            })
                            .build();
  server_.enqueue(MockResponse::Builder().code(302).set_header("Location", "/x").build());
  server_.enqueue(MockResponse("text"));
  EXPECT_EQ(get(client).body().string(), "text");
  EXPECT_EQ(*application, 1);
  EXPECT_EQ(*network, 2);
}

TEST_P(InterceptorCall, BothRewriteRequestAndResponse) {
  const Client client = builder()
                            .add_interceptor([](Chain& chain) -> Task<Response> {
                              Request request = chain.request().new_builder().header("From-Application", "1").build();
                              Response response = co_await chain.proceed(std::move(request));
                              co_return response.new_builder().header("Seen-By-Application", "1").build();
                            })
                            .add_network_interceptor([](Chain& chain) -> Task<Response> {
                              Request request = chain.request().new_builder().header("From-Network", "1").build();
                              Response response = co_await chain.proceed(std::move(request));
                              co_return response.new_builder().header("Seen-By-Network", "1").build();
                            })
                            .build();
  server_.enqueue(MockResponse("text"));
  const Response response = get(client);
  EXPECT_TRUE(response.headers().contains("Seen-By-Application"));
  EXPECT_TRUE(response.headers().contains("Seen-By-Network"));
  EXPECT_EQ(response.body().string(), "text");
  const RecordedRequest request = *server_.take_request();
  EXPECT_TRUE(request.headers().contains("From-Application"));
  EXPECT_TRUE(request.headers().contains("From-Network"));
  EXPECT_TRUE(response.network_response()->request().headers().contains("From-Network"));
  EXPECT_FALSE(response.request().headers().contains("From-Network"));
}

TEST_P(InterceptorCall, ApplicationMayAnswerItself) {
  const Client client = builder()
                            .add_interceptor([](Chain& chain) -> Task<Response> {
                              co_return Response::Builder()
                                  .request(chain.request())
                                  .code(418)
                                  .body(ResponseBody::create("short and stout"))
                                  .build();
                            })
                            .build();
  EXPECT_EQ(get(client).body().string(), "short and stout");
  EXPECT_EQ(server_.request_count(), 0U);
}

TEST_P(InterceptorCall, ApplicationMayProceedAgainAfterItEndedTheBody) {
  const Client client = builder()
                            .add_interceptor([](Chain& chain) -> Task<Response> {
                              Response response = co_await chain.proceed(chain.request());
                              while (response.code() == 500) {
                                response.body().close();
                                Response next = co_await chain.proceed(chain.request());
                                response = std::move(next);
                              }
                              co_return response;
                            })
                            .build();
  server_.enqueue(MockResponse(500, "broken"));
  server_.enqueue(MockResponse::Builder().code(500).generated_body(32U << 20).build());
  server_.enqueue(MockResponse("works"));
  EXPECT_EQ(get(client).body().string(), "works");
  EXPECT_EQ(server_.request_count(), 3U);
}

TEST_P(InterceptorCall, ApplicationMustEndTheBodyBeforeItProceedsAgain) {
  const Client client = builder()
                            .add_interceptor(named("hasty",
                                                   [](Chain& chain) -> Task<Response> {
                                                     Response first = co_await chain.proceed(chain.request());
                                                     co_return co_await chain.proceed(chain.request());
                                                   }))
                            .build();
  server_.enqueue(MockResponse("one"));
  server_.enqueue(MockResponse("two"));
  EXPECT_NE(violation(client).find("\"hasty\" must end the body"), std::string::npos);
}

TEST_P(InterceptorCall, NetworkMustProceed) {
  const Client client = with_network(named("lazy", [](Chain& chain) -> Task<Response> {
    co_return Response::Builder().request(chain.request()).code(200).build();
  }));
  EXPECT_NE(violation(client).find("\"lazy\" must call proceed() exactly once"), std::string::npos);
}

TEST_P(InterceptorCall, NetworkMustNotProceedTwice) {
  const Client client = with_network(named("eager", [](Chain& chain) -> Task<Response> {
    Response first = co_await chain.proceed(chain.request());
    co_return co_await chain.proceed(chain.request());
  }));
  server_.enqueue(MockResponse());
  EXPECT_NE(violation(client).find("\"eager\" must call proceed() exactly once"), std::string::npos);
}

TEST_P(InterceptorCall, NetworkMustKeepHostAndPort) {
  for (const std::string url : {"http://localhost:1/", "http://other.example/"}) {
    const Client client = with_network(named("astray", [url](Chain& chain) -> Task<Response> {
      Request elsewhere = chain.request().new_builder().url(url).build();
      co_return co_await chain.proceed(std::move(elsewhere));
    }));
    EXPECT_NE(violation(client).find("\"astray\" must keep the same host and port"), std::string::npos);
  }
}

TEST_P(InterceptorCall, AnExceptionOfAnInterceptorIsThrownAsItIs) {
  for (const bool network : {false, true}) {
    auto fails = [](Chain& chain) -> Task<Response> {
      Response response = co_await chain.proceed(chain.request());
      throw std::runtime_error("not my day");
      co_return response;
    };
    Client::Builder building = builder();
    if (network) {
      building.add_network_interceptor(fails);
    } else {
      building.add_interceptor(fails);
    }
    const Client client = building.build();
    server_.enqueue(MockResponse("text"));
    try {
      (void)get(client);
      FAIL() << "no exception";
    } catch (const std::runtime_error& error) {
      EXPECT_STREQ(error.what(), "not my day");
    }
  }
}

TEST_P(InterceptorCall, TimeoutsMayBeChangedWhereTheyStillMatter) {
  const Client client = builder()
                            .add_interceptor([](Chain& chain) -> Task<Response> {
                              chain.set_read_timeout(std::chrono::milliseconds(20));
                              chain.set_connect_timeout(std::chrono::seconds(3));
                              EXPECT_EQ(chain.timeouts().read, std::chrono::milliseconds(20));
                              co_return co_await chain.proceed(chain.request());
                            })
                            .build();
  server_.enqueue(MockResponse::Builder().on_response_start(SocketEffect::stall()).build());
  EXPECT_EQ(failure_of(how(), client.new_call(Request::get(server_.url("/")))), Errc::read_timeout);

  const Client late = with_network(named("late", [](Chain& chain) -> Task<Response> {
    chain.set_connect_timeout(std::chrono::seconds(3));
    co_return co_await chain.proceed(chain.request());
  }));
  EXPECT_NE(violation(late).find("too late"), std::string::npos);
}

// Blocking functions.

TEST_P(InterceptorCall, ABlockingFunctionGoesAroundTheCall) {
  auto thread = std::make_shared<std::thread::id>();
  const Client client = builder()
                            .add_interceptor(blocking_interceptor([thread](BlockingChain& chain) {
                              *thread = std::this_thread::get_id();
                              Response response = chain.proceed(chain.request());
                              const std::string text = response.body().string();
                              return response.new_builder().body(ResponseBody::create(text + "!")).build();
                            }))
                            .build();
  for (int i = 0; i < 3; ++i) {
    server_.enqueue(MockResponse("text"));
    EXPECT_EQ(get(client).body().string(), "text!");
  }
  EXPECT_EQ(*thread == std::this_thread::get_id(), how() == CallStyle::blocking);
  EXPECT_EQ(server_.connection_count(), 1U);
}

TEST_P(InterceptorCall, ABodyIsReadAfterABlockingFunctionPassedItOn) {
  const Client client =
      builder()
          .add_interceptor(blocking_interceptor([](BlockingChain& chain) { return chain.proceed(chain.request()); }))
          .add_network_interceptor(
              blocking_interceptor([](BlockingChain& chain) { return chain.proceed(chain.request()); }))
          .build();
  server_.enqueue(MockResponse::Builder().generated_body(4U << 20).build());
  EXPECT_EQ(get(client).body().string().size(), 4U << 20);
  EXPECT_EQ(client.connection_pool().idle_connection_count(), 1U);
}

TEST_P(InterceptorCall, ABlockingFunctionMayTryAgainAndMakeCallsOfItsOwn) {
  const Client plain = client_;
  const Url url = server_.url("/token");
  const Client client = builder()
                            .add_interceptor(blocking_interceptor([plain, url](BlockingChain& chain) {
                              Response response = chain.proceed(chain.request());
                              if (response.code() != 401) return response;
                              response.body().close();
                              const std::string token = plain.execute(Request::get(url)).body().string();
                              return chain.proceed(chain.request().new_builder().header("Token", token).build());
                            }))
                            .build();
  server_.enqueue(MockResponse(401, "who?"));
  server_.enqueue(MockResponse("secret"));
  server_.enqueue(MockResponse("welcome"));
  EXPECT_EQ(get(client).body().string(), "welcome");
  (void)server_.take_request();
  (void)server_.take_request();
  EXPECT_EQ(server_.take_request()->header("Token"), "secret");
}

TEST_P(InterceptorCall, ExceptionsPassThroughABlockingFunction) {
  const Client client = builder()
                            .add_interceptor(blocking_interceptor([](BlockingChain& chain) -> Response {
                              try {
                                return chain.proceed(chain.request());
                              } catch (const Error& error) {
                                throw std::runtime_error(std::string(to_string(error.errc())));
                              }
                            }))
                            .build();
  server_.enqueue(MockResponse::Builder().raw("nonsense\r\n\r\n").build());
  try {
    (void)get(client);
    FAIL() << "no exception";
  } catch (const std::runtime_error& error) {
    EXPECT_STREQ(error.what(), "protocol_error");
  }
}

TEST(BlockingInterceptorTest, AnEmptyFunctionIsRefused) {
  EXPECT_THROW((void)blocking_interceptor(nullptr), std::invalid_argument);
}

}  // namespace
}  // namespace okhttp

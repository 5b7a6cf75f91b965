// The call timeout over every phase of a call: a peer, or the caller's own code, stalls there. timeout_test.cpp has the
// phases before a connection and the ones of a plain exchange.

#include <okhttp/authenticator.hpp>
#include <okhttp/challenge.hpp>
#include <okhttp/client.hpp>
#include <okhttp/dns.hpp>
#include <okhttp/mockwebserver/mock_web_server.hpp>
#include <okhttp/pipe_body.hpp>
#include <okhttp/tls.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "support/fronts.hpp"
#include "support/protocols.hpp"
#include "support/relay_server.hpp"
#include "support/silent_peer.hpp"

namespace okhttp {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kShort(30);
/// For what has to get as far as a response's head: time enough for that on any machine.
constexpr std::chrono::seconds kToTheHead(1);

auto waiting_fronts() { return ::testing::Values(Front::blocking, Front::awaited); }

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
  call.timeout(kShort);
  return failure_of(start(front, call));
}

/// What user code waits for, for longer than the call may take: an answer that does not come.
class LongWork {
 public:
  Task<void> run() const {
    const Call call = client_.new_call(Request::get(peer_.url()));
    try {
      (void)co_await call;
      ADD_FAILURE() << "it was answered";
    } catch (const Error& error) {
      EXPECT_EQ(error.errc(), Errc::read_timeout);
    }
  }

 private:
  const SilentPeer peer_;
  const Client client_ = Client::Builder().proxy(Proxy::direct()).read_timeout(3 * kShort).build();
};

class CallTimeout : public ProtocolTest<Front> {
 protected:
  [[nodiscard]] static Errc failure(const Client::Builder& builder, const Request& request) {
    return okhttp::failure(how(), builder, request);
  }
  [[nodiscard]] Errc failure() { return failure(builder(), get()); }
  [[nodiscard]] Request get() { return Request::get(server_.url("/")); }
};

INSTANTIATE_TEST_SUITE_P(Protocols, CallTimeout, over_both_protocols(waiting_fronts()), ParameterName());

TEST_P(CallTimeout, CoversInformationalAnswersThatNoOtherFollows) {
  server_.enqueue(
      MockResponse::Builder().continue_rule(ContinueRule::always).on_response_start(SocketEffect::stall()).build());
  const Request post = Request::post(server_.url("/").to_string(), RequestBody::create("text"));
  EXPECT_EQ(failure(builder(), post), Errc::timeout);
}

TEST_P(CallTimeout, CoversTheWaitForTheAnswersHead) {
  server_.enqueue(MockResponse::Builder().on_response_start(SocketEffect::stall()).build());
  EXPECT_EQ(failure(), Errc::timeout);
}

TEST_P(CallTimeout, CoversTheRestOfAnUpload) {
  server_.enqueue(MockResponse::Builder().on_request_body(SocketEffect::stall()).build());
  const RequestBodyPtr large = RequestBody::create(std::string(std::size_t{32} << 20, 'u'));
  EXPECT_EQ(failure(builder(), Request::post(server_.url("/").to_string(), large)), Errc::timeout);
}

TEST_P(CallTimeout, CoversTheTrailers) {
  server_.enqueue(MockResponse::Builder()
                      .chunked_body("body")
                      .trailers(Headers::of({{"Checksum", "7"}}))
                      .trailers_delay(std::chrono::hours(1))
                      .build());
  const Call call = client_.new_call(get());
  call.timeout(kToTheHead);
  const Result<Response> result = start(how(), call).get();
  EXPECT_EQ(failure_of_body(result.value()), Errc::timeout);
}

TEST_P(CallTimeout, CoversABodyThatKeepsComing) {
  server_.enqueue(MockResponse::Builder().generated_chunked_body(std::uint64_t{1} << 40).build());
  const Call call = client_.new_call(get());
  call.timeout(kToTheHead);
  const Result<Response> result = start(how(), call).get();
  std::vector<std::byte> buffer(16);
  try {
    for (;;) ASSERT_GT(result.value().body().read_some(buffer), 0U);
  } catch (const Error& error) {
    EXPECT_EQ(error.errc(), Errc::timeout) << error.what();
  }
}

TEST_P(CallTimeout, CoversRedirectsTogetherThatAreFastEach) {
  server_.set_dispatcher([](const RecordedRequest&) {
    return MockResponse::Builder().code(302).set_header("Location", "/").header_delay(kShort / 3).build();
  });
  EXPECT_EQ(failure(), Errc::timeout) << "twenty of them take longer than that";
}

TEST_P(CallTimeout, GoesOnOverARetry) {
  const MockResponse no_answer = MockResponse::Builder().on_response_start(SocketEffect::close_socket()).build();
  server_.start(IpAddress::parse("0.0.0.0").value());
  server_.enqueue(no_answer);
  server_.enqueue(MockResponse::Builder().on_response_start(SocketEffect::stall()).build());
  const auto two = Dns::fixed({FixedHost("two.test", {IpAddress::v4({127, 0, 0, 1}), IpAddress::v4({127, 0, 0, 2})})});
  const Request request = Request::get("http://two.test:" + std::to_string(server_.port()) + "/");
  EXPECT_EQ(failure(builder().dns(two).fast_fallback(false), request), Errc::timeout);
}

TEST_P(CallTimeout, EndsACallWhoseInterceptorWaitedTooLong) {
  const auto work = std::make_shared<const LongWork>();
  const auto waits = [work](Chain& chain) -> Task<Response> {
    co_await work->run();
    Response response = co_await chain.proceed(chain.request());
    co_return response;
  };
  EXPECT_EQ(failure(builder().add_interceptor(waits), get()), Errc::timeout);
  EXPECT_EQ(server_.request_count(), 0U);
}

TEST_P(CallTimeout, EndsACallWhoseBodyWaitedTooLong) {
  server_.enqueue(MockResponse("not in time"));
  const auto work = std::make_shared<const LongWork>();
  const auto went_on = std::make_shared<std::atomic<bool>>(false);
  const RequestBodyPtr body = RequestBody::writer([work, went_on](BodySink& sink) -> Task<void> {
    co_await sink.write("begun");
    co_await work->run();
    co_await sink.write("more");  // there is room for it
    *went_on = true;
  });
  EXPECT_EQ(failure(builder(), Request::post(server_.url("/").to_string(), body)), Errc::timeout);
  EXPECT_FALSE(*went_on);
}

/// Before a protocol was agreed upon, and on the way to whom it is to be agreed upon with.
class CallTimeoutOnTheWay : public ::testing::TestWithParam<Front> {
 protected:
  [[nodiscard]] static Errc through(Proxy::Type type, std::uint16_t port, const std::string& url) {
    return failure(GetParam(), Client::Builder().proxy(Proxy(type, "127.0.0.1", port)), Request::get(url));
  }

  const SilentPeer peer_;
};

INSTANTIATE_TEST_SUITE_P(Fronts, CallTimeoutOnTheWay, waiting_fronts(), front_name);

TEST_P(CallTimeoutOnTheWay, CoversTheGreetingOfASocksProxy) {
  for (const Proxy::Type type : {Proxy::Type::socks4a, Proxy::Type::socks5h}) {
    EXPECT_EQ(through(type, peer_.port(), "http://server.test/"), Errc::timeout);
  }
}

TEST_P(CallTimeoutOnTheWay, CoversAnHttpProxyThatForwards) {
  EXPECT_EQ(through(Proxy::Type::http, peer_.port(), "http://server.test/"), Errc::timeout);
}

TEST_P(CallTimeoutOnTheWay, CoversATunnelThatIsNotOpened) {
  EXPECT_EQ(through(Proxy::Type::http, peer_.port(), "https://server.test/"), Errc::timeout);
}

TEST_P(CallTimeoutOnTheWay, CoversTlsToTheProxyItself) {
  EXPECT_EQ(through(Proxy::Type::https, peer_.port(), "https://server.test/"), Errc::timeout);
}

TEST_P(CallTimeoutOnTheWay, CoversTlsAtTheEndOfATunnel) {
  testing::SocksServer socks;
  EXPECT_EQ(through(Proxy::Type::socks5h, socks.port(), peer_.url("https")), Errc::timeout);
}

TEST_P(CallTimeoutOnTheWay, CoversTheFirstFramesOfHttp2) {
  const HeldCertificate certificate = HeldCertificate::Builder().add_subject_alternative_name("localhost").build();
  MockWebServer server;
  server.use_https(certificate);
  // It reads what the client says first, and has nothing to say itself.
  server.enqueue(MockResponse::Builder()
                     .take_over([](UpgradedSocket& socket) -> Task<void> {
                       std::byte buffer[256];
                       while (co_await socket.read_some(buffer) > 0) continue;
                     })
                     .build());
  const TlsConfig tls =
      TlsConfig::Builder().system_trust(false).trust_certificates(certificate.certificate_pem()).build();
  const Client client = Client::Builder().tls(tls).build();
  const Call call = client.new_call(Request::get(server.url("/")));
  call.timeout(kToTheHead);
  EXPECT_EQ(failure_of(start(GetParam(), call)), Errc::timeout);
}

TEST_P(CallTimeoutOnTheWay, EndsACallWhoseAuthenticatorTookTooLong) {
  class Slow final : public Authenticator {
   public:
    Task<std::optional<Request>> authenticate(const RouteInfo&, const Response& response) override {
      if (response.challenges().at(0).is_scheme(kPreemptive)) co_return std::nullopt;
      co_await work_.run();
      std::optional<Request> again(response.request().new_builder().header("Proxy-Authorization", "Basic abc").build());
      co_return again;
    }

   private:
    const LongWork work_;
  };
  for (const char* url : {"http://server.test/", "https://server.test/"}) {
    MockWebServer proxy;
    proxy.enqueue(MockResponse(407, Headers::of({{"Proxy-Authenticate", "Basic realm=\"x\""}})));
    proxy.enqueue(MockResponse("not in time"));
    const Client::Builder builder = Client::Builder()
                                        .proxy(Proxy(Proxy::Type::http, "localhost", proxy.port()))
                                        .proxy_authenticator(std::make_shared<Slow>());
    EXPECT_EQ(failure(GetParam(), builder, Request::get(url)), Errc::timeout) << url;
    EXPECT_LE(proxy.request_count(), 1U) << url;
  }
}

TEST_P(CallTimeoutOnTheWay, EndsACallWhoseAuthenticatorForTheServerTookTooLong) {
  class Slow final : public Authenticator {
   public:
    Task<std::optional<Request>> authenticate(const RouteInfo&, const Response& response) override {
      co_await work_.run();
      std::optional<Request> again(response.request().new_builder().header("Authorization", "Basic abc").build());
      co_return again;
    }

   private:
    const LongWork work_;
  };
  MockWebServer server;
  server.enqueue(MockResponse(401, Headers::of({{"WWW-Authenticate", "Basic realm=\"x\""}})));
  server.enqueue(MockResponse("not in time"));
  const Client::Builder builder = Client::Builder().authenticator(std::make_shared<Slow>());
  EXPECT_EQ(failure(GetParam(), builder, Request::get(server.url("/"))), Errc::timeout);
  EXPECT_LE(server.request_count(), 1U);
}

/// A conversation, which lasts for as long as it lasts.
class CallTimeoutOfDuplex : public ::testing::TestWithParam<Front> {
 protected:
  CallTimeoutOfDuplex() { server_.set_protocols({Protocol::h2_prior_knowledge}); }

  [[nodiscard]] Call call(RequestBodyPtr body) {
    const Call call = client_.new_call(Request::post(server_.url("/").to_string(), std::move(body)));
    call.timeout(kTimeout);
    return call;
  }

  static constexpr milliseconds kTimeout = kToTheHead;
  MockWebServer server_;
  const Client client_ = Client::Builder().protocols({Protocol::h2_prior_knowledge}).build();
};

INSTANTIATE_TEST_SUITE_P(Fronts, CallTimeoutOfDuplex, waiting_fronts(), front_name);

TEST_P(CallTimeoutOfDuplex, HoldsUntilThereIsAResponse) {
  server_.enqueue(MockResponse::Builder()
                      .duplex([](DuplexStream& stream) -> Task<void> { (void)co_await stream.read_to_end(); })
                      .build());
  EXPECT_EQ(failure_of(start(GetParam(), call(std::make_shared<PipeBody>()))), Errc::timeout);
}

TEST_P(CallTimeoutOfDuplex, HoldsNoLongerOnceThereIsOne) {
  const auto heard = std::make_shared<std::promise<std::string>>();
  server_.enqueue(MockResponse::Builder()
                      .duplex([heard](DuplexStream& stream) -> Task<void> {
                        co_await stream.send_head();
                        co_await stream.sleep(2 * kTimeout);
                        co_await stream.write("late");
                        std::string text = co_await stream.read_to_end();
                        heard->set_value(std::move(text));
                      })
                      .build());
  const auto pipe = std::make_shared<PipeBody>();
  const Result<Response> result = start(GetParam(), call(pipe)).get();
  ASSERT_TRUE(result.has_value()) << result.error().what();
  std::vector<std::byte> buffer(4);
  EXPECT_EQ(result.value().body().read_some(buffer), 4U);
  pipe->write("later still");
  pipe->close();
  EXPECT_EQ(result.value().body().string(), "");
  EXPECT_EQ(heard->get_future().get(), "later still");
}

}  // namespace
}  // namespace okhttp

// Calls that share connections, from the search for one to its end, without the chain above.

#include <okhttp/okhttp.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "connection/exchange.hpp"
#include "connection/transmission.hpp"
#include "runtime/call_context.hpp"
#include "runtime/calling_thread.hpp"
#include "runtime/loop_provider.hpp"
#include "support/event_log.hpp"
#include "support/fake_connection_codec.hpp"
#include "support/simulated_engine.hpp"
#include "support/simulated_http2_server.hpp"

namespace okhttp::internal {
namespace {

using namespace std::chrono_literals;

/// One request and its answer, tried again as the real call would.
class OneCall final : public TransmissionOwner {
 public:
  OneCall(Engine& engine, std::shared_ptr<const ConnectionSettings> settings, const Call& call, Request request)
      : engine_(engine), settings_(std::move(settings)), request_(std::move(request)) {
    context->call = &call;
    context->listener = log;
    may_end->set();
  }

  const std::shared_ptr<CallContext> context =
      std::make_shared<CallContext>(std::make_shared<LoopProvider>("never started"));
  const std::shared_ptr<EventLog> log = std::make_shared<EventLog>();
  std::shared_ptr<Signal> may_end = std::make_shared<Signal>();  // set: reads its answer at once
  bool drops_answer = false;
  std::optional<Error> failure;
  bool was_answered = false;
  bool has_answer = false;

  /// Keeps its exchange open until may_end.
  void hold() { may_end = std::make_shared<Signal>(); }

  Task<void> run() {
    context->attach(engine_);
    const auto transmission = std::make_shared<Transmission>(*this, context, settings_);
    std::optional<ResponseBody> body;
    try {
      transmission->prepare(request_);
      Task<ResponseBody> asking = ask(transmission);
      ResponseBody opened = co_await std::move(asking);
      body.emplace(std::move(opened));
    } catch (const Error& error) {
      failure = error;
    }
    if (failure) {
      transmission->fail(*failure);
      co_return;
    }
    transmission->no_more_exchanges();
    has_answer = true;
    Signal::Awaiter end(may_end, engine_, WaitTerms());
    (void)co_await end;
    std::byte buffer[16];
    if (!drops_answer) {
      const std::size_t count = co_await body->async().read_some(buffer);
      was_answered = as_text(ConstBytes(buffer).first(count)) == "fake";
    }
    body.reset();
  }

  void transmission_ended(const Error* failure) noexcept override { tell_end_of_call(*context, failure); }

 private:
  Task<ResponseBody> ask(std::shared_ptr<Transmission> transmission) {
    for (int attempt = 0;; ++attempt) {
      std::optional<Error> why;
      try {
        Task<ResponseBody> once = ask_once(transmission);
        ResponseBody body = co_await std::move(once);
        co_return body;
      } catch (const Error& error) {
        why = error;
      }
      const bool may_be_cured = why->errc() == Errc::stream_reset || why->errc() == Errc::connection_closed;
      if (attempt == 5 || !may_be_cured || !transmission->has_another_way()) throw *why;
    }
  }

  Task<ResponseBody> ask_once(std::shared_ptr<Transmission> transmission) {
    std::shared_ptr<Exchange> exchange = co_await transmission->new_exchange();
    exchange->write_request_headers(request_);
    if (request_.body() != nullptr) co_await exchange->write_request_body(*request_.body());
    co_await exchange->finish_request();
    ResponseHead head = co_await exchange->read_response_head();
    Response::Builder response;
    response.request(request_).protocol(head.protocol).code(head.code).message(head.message).headers(head.headers);
    exchange->response_headers_read(response);
    ResponseBody body = exchange->open_response_body(head);
    co_return body;
  }

  Engine& engine_;
  const std::shared_ptr<const ConnectionSettings> settings_;
  const Request request_;
};

class SharingCallsTest : public testing::Test {
 protected:
  SharingCallsTest() {
    settings_->codecs = factory_;
    std::error_code error;
    listener_ = engine_.listen(ListenRequest(kServer), error);
  }
  ~SharingCallsTest() override { store().evict_all(); }

  [[nodiscard]] ConnectionStore& store() { return *settings_->store; }
  [[nodiscard]] Simulation& simulation() { return simulation_; }

  OneCall& call(RequestBodyPtr body = nullptr) {
    Request::Builder request;
    request.url("http://10.0.0.1/");
    if (body != nullptr) request.post(std::move(body));
    calls_.push_back(std::make_unique<OneCall>(engine_, settings_, call_, request.build()));
    return *calls_.back();
  }
  void start(OneCall& call) { outcomes_.push_back(engine_.start(call.run())); }
  OneCall& start_call() {
    start(call());
    return *calls_.back();
  }
  OneCall& start_held() {
    OneCall& held = call();
    held.hold();
    start(held);
    return held;
  }
  void run_for(Duration time) { engine_.run_until(engine_.now() + time); }
  /// Runs a call from begin to end.
  OneCall& finished_call() {
    OneCall& finished = start_call();
    engine_.run_until_idle();
    return finished;
  }
  Errc failure_of(const OneCall& call) { return call.failure ? call.failure->errc() : Errc(); }
  FakeConnectionCodec& made(std::size_t at = 0) { return *factory_->made().at(at); }
  std::size_t made_count() { return factory_->made().size(); }

  static constexpr const char* kShared =
      "acquired request_headers_start request_headers_end response_headers_start response_headers_end(200) "
      "response_body_start response_body_end(4) released call_end";

  inline static const Endpoint kServer = Endpoint(IpAddress::v4({10, 0, 0, 1}), 80);
  Simulation simulation_;  // outlives the sockets, which the codecs keep
  Client client_;
  Call call_ = client_.new_call(Request::Builder().url("http://10.0.0.1/").build());
  std::shared_ptr<FakeCodecFactory> factory_ = std::make_shared<FakeCodecFactory>();
  std::shared_ptr<ConnectionSettings> settings_ = make_settings();
  std::vector<std::unique_ptr<OneCall>> calls_;
  std::unique_ptr<Listener> listener_;
  std::vector<std::shared_ptr<internal::Outcome<void>>> outcomes_;
  std::optional<SimulatedHttp2Server> server_;
  SimulatedEngine engine_{simulation_};  // goes first, which ends whatever runs still

 private:
  static std::shared_ptr<ConnectionSettings> make_settings() {
    auto store = std::make_shared<ConnectionStore>(5, 5min);
    auto identity =
        store->addresses().intern(ConnectionIdentity(Dns::system(), {Protocol::h2_prior_knowledge}, TlsConfig()));
    return std::make_shared<ConnectionSettings>(std::move(store), std::move(identity),
                                                std::make_shared<LazyTlsContext>(TlsConfig()),
                                                std::make_shared<DnsLookups>("unused", 1, 1s));
  }
};

TEST_F(SharingCallsTest, ABurstOfFirstCallsOpensOneConnection) {
  simulation().script(kServer, ConnectScript(ConnectScript::Kind::accept, 50ms));
  for (int i = 0; i < 64; ++i) start_held();
  engine_.run_until_idle();
  EXPECT_EQ(made_count(), 1U);
  EXPECT_EQ(made().open(), 64U);
  EXPECT_EQ(store().connection_count(), 1U);
  for (const auto& call : calls_) call->may_end->set();
  engine_.run_until_idle();
  for (const auto& call : calls_) EXPECT_TRUE(call->was_answered);
  EXPECT_EQ(calls_.front()->log->text(), kShared);
  EXPECT_EQ(calls_.back()->log->text(), "wait_start wait_end " + std::string(kShared));
  EXPECT_EQ(store().idle_connection_count(), 1U);
}

TEST_F(SharingCallsTest, ALaterCallSharesWithoutWaiting) {
  OneCall& first = start_held();
  engine_.run_until_idle();
  EXPECT_EQ(finished_call().log->text(), kShared);
  EXPECT_EQ(made().most_open(), 2U);
  first.may_end->set();
  engine_.run_until_idle();
}

TEST_F(SharingCallsTest, WhereHttp1IsSpokenAllConnectThemselves) {
  factory_->servers_know_http_2 = false;
  simulation().script(kServer, ConnectScript(ConnectScript::Kind::accept, 50ms));
  for (int i = 0; i < 5; ++i) start_call();
  run_for(70ms);
  EXPECT_EQ(store().connection_count(), 1U);
  run_for(50ms);
  EXPECT_EQ(store().connection_count(), 5U);
  OneCall& later = start_call();
  run_for(60ms);
  EXPECT_EQ(store().connection_count(), 6U);
  EXPECT_EQ(later.log->text(), "acquired request_headers_start request_headers_end response_headers_start");
  for (const auto& call : calls_) call->context->cancellation->request();
  engine_.run_until_idle();
  EXPECT_EQ(store().connection_count(), 0U);
}

TEST_F(SharingCallsTest, AfterAFailedAttemptTheNextCallConnects) {
  simulation().script_next(kServer, ConnectScript(ConnectScript::Kind::refuse, 20ms));
  simulation().script_next(kServer, ConnectScript(ConnectScript::Kind::refuse, 20ms));
  for (int i = 0; i < 6; ++i) start_call();
  engine_.run_until_idle();
  EXPECT_EQ(failure_of(*calls_[0]), Errc::connect_failed);
  EXPECT_EQ(failure_of(*calls_[1]), Errc::connect_failed);
  for (std::size_t i = 2; i < calls_.size(); ++i) EXPECT_TRUE(calls_[i]->was_answered) << i;
  EXPECT_EQ(made_count(), 1U);
}

TEST_F(SharingCallsTest, ACallWaitsForTheAttemptOfAnotherAsLongAsForItsOwn) {
  simulation().script_next(kServer, ConnectScript(ConnectScript::Kind::silent));
  OneCall& patient = call();
  patient.context->timeouts.connect = 60s;
  start(patient);
  OneCall& other = call();
  other.context->timeouts.connect = 1s;
  start(other);
  run_for(999ms);
  EXPECT_FALSE(other.was_answered);
  run_for(2ms);
  EXPECT_TRUE(other.was_answered);
  engine_.run_until_idle();
  EXPECT_EQ(failure_of(patient), Errc::connect_timeout);
}

TEST_F(SharingCallsTest, ACanceledAttemptLetsTheNextCallConnect) {
  simulation().script_next(kServer, ConnectScript(ConnectScript::Kind::silent));
  OneCall& first = start_call();
  OneCall& second = start_call();
  run_for(5ms);
  first.context->cancellation->request();
  run_for(5ms);
  EXPECT_EQ(failure_of(first), Errc::canceled);
  EXPECT_TRUE(second.was_answered);
}

TEST_F(SharingCallsTest, AConnectionMadeMeanwhileIsUsedInsteadOfOnesOwn) {
  simulation().script(kServer, ConnectScript(ConnectScript::Kind::accept, 5s));
  OneCall& first = call();
  first.context->timeouts.connect = 60s;
  first.hold();
  start(first);
  OneCall& second = call();
  second.context->timeouts.connect = 1s;
  start(second);
  run_for(500ms);
  second.context->timeouts.connect = 60s;  // from when it connects on its own
  run_for(10s);
  EXPECT_TRUE(second.was_answered);
  EXPECT_EQ(made_count(), 2U);
  EXPECT_EQ(made(0).begun(), 2U);
  EXPECT_EQ(store().connection_count(), 1U);
  first.may_end->set();
  engine_.run_until_idle();
}

TEST_F(SharingCallsTest, AtTheLimitCallsTakeTheirTurnInOrder) {
  factory_->max = 1;
  settings_->max_http2_connections = 1;
  for (int i = 0; i < 64; ++i) start_held();
  run_for(1ms);
  for (std::size_t i = 0; i < calls_.size(); ++i) {
    EXPECT_TRUE(calls_[i]->has_answer) << i;
    EXPECT_TRUE(i + 1 == calls_.size() || !calls_[i + 1]->has_answer) << i;
    calls_[i]->may_end->set();
    engine_.run_until(engine_.now());
  }
  for (const auto& call : calls_) EXPECT_TRUE(call->was_answered);
  EXPECT_EQ(made_count(), 1U);
  EXPECT_EQ(made().most_open(), 1U);
  EXPECT_EQ(calls_.back()->log->text(), "wait_start wait_end " + std::string(kShared));
}

TEST_F(SharingCallsTest, AtTheLimitFurtherConnectionsAreOpenedUpToTheMaximum) {
  factory_->max = 2;
  settings_->max_http2_connections = 3;
  for (int i = 0; i < 9; ++i) start_held();
  run_for(5s);
  EXPECT_EQ(made_count(), 3U);
  for (std::size_t i = 0; i < calls_.size(); ++i) EXPECT_EQ(calls_[i]->has_answer, i < 6) << i;
  calls_[3]->may_end->set();
  run_for(1ms);
  EXPECT_TRUE(calls_[6]->has_answer);
  EXPECT_FALSE(calls_[7]->has_answer);
  for (const auto& call : calls_) call->may_end->set();
  engine_.run_until_idle();
  for (const auto& call : calls_) EXPECT_TRUE(call->was_answered);
  EXPECT_EQ(made_count(), 3U);
}

TEST_F(SharingCallsTest, ALimitOfConnectionsHoldsBesidesThatOfHttp2) {
  factory_->max = 2;
  settings_->max_http2_connections = 4;
  settings_->max_connections_per_host = 1;
  for (int i = 0; i < 6; ++i) start_held();
  run_for(5s);
  EXPECT_EQ(made_count(), 1U);
  for (std::size_t i = 0; i < calls_.size(); ++i) EXPECT_EQ(calls_[i]->has_answer, i < 2) << i;
  calls_[2]->context->cancellation->request();
  run_for(1ms);
  EXPECT_EQ(failure_of(*calls_[2]), Errc::canceled);
  calls_[0]->may_end->set();
  run_for(1ms);
  EXPECT_TRUE(calls_[3]->has_answer);
  EXPECT_FALSE(calls_[4]->has_answer);
  for (const auto& call : calls_) call->may_end->set();
  engine_.run_until_idle();
  EXPECT_EQ(calls_.back()->log->text(), "wait_start wait_end " + std::string(kShared));
  EXPECT_EQ(made_count(), 1U);
}

TEST_F(SharingCallsTest, AttemptsThatRaceCountAsOneConnection) {
  const Endpoint other(IpAddress::v4({10, 0, 0, 2}), 80);
  simulation().script(kServer, ConnectScript(ConnectScript::Kind::silent));
  std::error_code error;
  const auto listener = engine_.listen(ListenRequest(other), error);
  const auto names = Dns::fixed({FixedHost("two.test", {kServer.address, other.address})});
  settings_->identity =
      store().addresses().intern(ConnectionIdentity(names, {Protocol::h2_prior_knowledge}, TlsConfig()));
  settings_->max_connections_per_host = 1;
  OneCall racing(engine_, settings_, call_, Request::get("http://two.test/"));
  start(racing);
  run_for(1s);
  EXPECT_TRUE(racing.was_answered);
  EXPECT_EQ(racing.log->text(), kShared);
  EXPECT_EQ(store().connection_count(), 1U);
  EXPECT_EQ(made_count(), 1U);
}

TEST_F(SharingCallsTest, ARaisedLimitLetsWaitingCallsGo) {
  factory_->max = 1;
  settings_->max_http2_connections = 1;
  for (int i = 0; i < 3; ++i) start_held();
  run_for(1ms);
  made().max = 2;
  made().tell_change();
  run_for(1ms);
  EXPECT_TRUE(calls_[1]->has_answer);
  EXPECT_FALSE(calls_[2]->has_answer);
  made().over = true;  // GOAWAY
  made().tell_change();
  run_for(1ms);
  EXPECT_TRUE(calls_[2]->has_answer);
  EXPECT_EQ(made_count(), 2U);
  for (const auto& call : calls_) call->may_end->set();
  engine_.run_until_idle();
}

TEST_F(SharingCallsTest, AWaitEndsWithItsCall) {
  factory_->max = 1;
  settings_->max_http2_connections = 1;
  OneCall& first = start_held();
  run_for(1ms);
  OneCall& canceled = start_call();
  OneCall& late = call();
  late.context->deadline = engine_.now() + 25s;
  start(late);
  OneCall& served = start_call();
  run_for(1ms);
  canceled.context->cancellation->request();
  run_for(1ms);
  EXPECT_EQ(canceled.log->text(), "wait_start wait_failed(canceled) call_failed(canceled)");
  run_for(24s);
  EXPECT_FALSE(late.failure.has_value());
  run_for(1s);
  EXPECT_EQ(late.log->text(), "wait_start wait_failed(timeout) call_failed(timeout)");
  first.may_end->set();
  run_for(1ms);
  EXPECT_TRUE(served.was_answered);
  EXPECT_EQ(store().waiting_call_count(), 0U);
}

TEST_F(SharingCallsTest, ADroppedResponseEndsItsStreamAlone) {
  OneCall& dropping = call();
  dropping.drops_answer = true;
  start(dropping);
  engine_.run_until_idle();
  EXPECT_EQ(made().open(), 0U);
  EXPECT_TRUE(finished_call().was_answered);
  EXPECT_EQ(made_count(), 1U);
}

TEST_F(SharingCallsTest, AFirstRefusalMayUseTheSameConnectionAgain) {
  finished_call();
  FakeFailure refused(Errc::stream_reset);
  refused.reached_peer = false;
  made().fail_next(refused);
  EXPECT_TRUE(finished_call().was_answered);
  EXPECT_EQ(made_count(), 1U);
  made().fail_next(refused);
  EXPECT_TRUE(finished_call().was_answered);
  EXPECT_EQ(made_count(), 2U) << "the second refusal retires the connection";
}

TEST_F(SharingCallsTest, TheFirstRefusalOfANewConnectionDoesNotBlameItsRoute) {
  OneCall& first = start_held();
  engine_.run_until_idle();
  FakeFailure refused(Errc::stream_reset);
  refused.reached_peer = false;
  made().fail_next(refused);
  EXPECT_TRUE(finished_call().was_answered);
  EXPECT_EQ(made_count(), 1U);
  first.may_end->set();
  engine_.run_until_idle();
}

TEST_F(SharingCallsTest, RefusalsAboveALimitThatCameLateAreNoFault) {
  OneCall& first = start_held();
  OneCall& second = start_held();
  engine_.run_until_idle();
  FakeFailure refused(Errc::stream_reset);
  refused.reached_peer = false;
  refused.max_by_then = 1;
  settings_->max_http2_connections = 1;
  for (int i = 0; i < 3; ++i) {
    made().fail_next(refused);
    OneCall& call = start_call();
    run_for(1ms);
    EXPECT_FALSE(call.was_answered);
    made().max = 100;
    made().tell_change();
    run_for(1ms);
    EXPECT_TRUE(call.was_answered);
  }
  EXPECT_EQ(made_count(), 1U);
  first.may_end->set();
  second.may_end->set();
  engine_.run_until_idle();
}

TEST_F(SharingCallsTest, AnyOtherResetRetiresTheConnection) {
  finished_call();
  made().fail_next(FakeFailure(Errc::stream_reset));
  EXPECT_TRUE(finished_call().was_answered);
  EXPECT_EQ(made_count(), 2U);
}

TEST_F(SharingCallsTest, AReadTimeoutOfOneStreamKeepsTheConnection) {
  finished_call();
  made().fail_next(FakeFailure(Errc::read_timeout));
  EXPECT_EQ(failure_of(finished_call()), Errc::read_timeout);
  EXPECT_TRUE(finished_call().was_answered);
  made().fail_next(FakeFailure(Errc::read_timeout));
  EXPECT_EQ(failure_of(finished_call()), Errc::read_timeout) << "an answer came in between";
  EXPECT_EQ(made_count(), 1U);
  made().fail_next(FakeFailure(Errc::read_timeout));
  EXPECT_EQ(failure_of(finished_call()), Errc::read_timeout);
  EXPECT_TRUE(finished_call().was_answered);
  EXPECT_EQ(made_count(), 2U) << "repeated ones retire it";
}

TEST_F(SharingCallsTest, TheCancellationOfACallIsFree) {
  for (int i = 0; i < 5; ++i) {
    if (i > 0) made().fail_next(FakeFailure(i % 2 == 0 ? Errc::canceled : Errc::timeout));
    finished_call();
  }
  EXPECT_TRUE(finished_call().was_answered);
  EXPECT_EQ(made_count(), 1U);
}

TEST_F(SharingCallsTest, AFailureThatTheConnectionDoesNotSurviveRetiresIt) {
  OneCall& other = start_held();
  engine_.run_until_idle();
  FakeFailure broken(Errc::connection_closed);
  broken.connection_survives = false;
  made().fail_next(broken);
  finished_call();
  EXPECT_TRUE(finished_call().was_answered);
  EXPECT_EQ(made_count(), 2U);
  other.may_end->set();
  engine_.run_until_idle();
  EXPECT_EQ(store().connection_count(), 1U);
}

TEST_F(SharingCallsTest, AFailureOfTheCallersOwnBodyKeepsTheConnection) {
  finished_call();
  OneCall& failing = call(RequestBody::writer([](BodySink&) -> Task<void> {
    throw Error(Errc::io, Blame::caller, "the file is gone");
    co_return;
  }));
  start(failing);
  engine_.run_until_idle();
  EXPECT_EQ(failure_of(failing), Errc::io);
  EXPECT_TRUE(finished_call().was_answered);
  EXPECT_EQ(made_count(), 1U);
}

TEST_F(SharingCallsTest, PriorKnowledgeIsForClearTextAlone) {
  OneCall secure(engine_, settings_, call_, Request::get("https://10.0.0.1/"));
  engine_.run(secure.run());
  EXPECT_EQ(failure_of(secure), Errc::rejected);
  EXPECT_NE(std::string(secure.failure->what()).find("h2_prior_knowledge"), std::string::npos);
  EXPECT_EQ(made_count(), 0U);
}

TEST_F(SharingCallsTest, BlockingCallsShareAndWaitToo) {
  CallingThread here;
  std::error_code error;
  const auto server = here.listen(ListenRequest(Endpoint(IpAddress::loopback_v4(), 0)), error);
  const std::string url = "http://" + server->endpoint().to_string() + "/";
  factory_->max = 2;
  settings_->max_http2_connections = 2;
  std::atomic<int> answered{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < 50; ++round) {
        CallingThread thread;
        OneCall blocking(thread, settings_, call_, Request::get(url));
        thread.run(blocking.run());
        if (blocking.was_answered) ++answered;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(answered, 400);
  EXPECT_LE(made_count(), 2U);
  for (std::size_t i = 0; i < made_count(); ++i) EXPECT_LE(made(i).most_open(), 2U);
}

/// The same over HTTP/2 itself, with a server of the simulation.
class SharingHttp2Test : public SharingCallsTest {
 protected:
  class Http2Codecs final : public CodecFactory {
   public:
    [[nodiscard]] std::shared_ptr<ConnectionCodec> make(Protocol protocol, std::unique_ptr<Stream> stream,
                                                        const Route& route) const override {
      return StandardCodecs().make(protocol, std::move(stream), route);
    }
  };

  SharingHttp2Test() {
    listener_ = nullptr;
    server_.emplace(engine_, kServer);
    server_->on_request([](SimulatedHttp2Server::Connection& connection, SimulatedHttp2Server::Stream& stream) {
      connection.respond(stream, 200, {}, "fake");
    });
    settings_->codecs = std::make_shared<const Http2Codecs>();
  }
  void expect_all_answered() {
    for (std::size_t i = 0; i < calls_.size(); ++i) {
      EXPECT_TRUE(calls_[i]->was_answered)
          << i << ": " << (calls_[i]->failure ? calls_[i]->failure->what() : "it waits");
    }
    EXPECT_EQ(store().connection_count(), store().idle_connection_count());
  }
};

TEST_F(SharingHttp2Test, ABurstOfFirstCallsOpensOneConnection) {
  for (int i = 0; i < 64; ++i) start_call();
  run_for(5s);
  expect_all_answered();
  EXPECT_EQ(server_->connections().size(), 1U);
}

TEST_F(SharingHttp2Test, AServerThatAllowsOneStreamServesAllCalls) {
  server_->max_streams = 1;
  settings_->max_http2_connections = 2;
  for (int i = 0; i < 64; ++i) start_call();
  run_for(60s);
  expect_all_answered();
  EXPECT_LE(server_->connections().size(), 2U);
}

TEST_F(SharingHttp2Test, AfterGoAwayTheNextCallConnects) {
  start_call();
  run_for(1s);
  server_->last().go_away(1);
  run_for(2s);
  start_call();
  run_for(1s);
  expect_all_answered();
  EXPECT_EQ(server_->connections().size(), 2U);
}

}  // namespace
}  // namespace okhttp::internal

#include "codec/http2/http2_connection.hpp"

#include <okhttp/request_body.hpp>

#include <gtest/gtest.h>

#include <coroutine>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "codec/http2/http2_stream.hpp"
#include "runtime/call_context.hpp"
#include "runtime/loop_provider.hpp"
#include "support/simulated_engine.hpp"
#include "support/simulated_http2_server.hpp"

namespace okhttp::internal {
namespace {

using namespace std::chrono_literals;
using Server = SimulatedHttp2Server;

const Endpoint kServer(IpAddress::v4({10, 0, 0, 1}), 80);

struct Answer {
  explicit Answer(ResponseHead what) : head(std::move(what)) {}
  ResponseHead head;
  std::vector<int> informational;
  std::string body;
  Headers trailers;
};

/// One exchange on a connection, on an engine of its own choosing.
class Exchanged {
 public:
  Exchanged(std::shared_ptr<Http2Connection> connection, SimulatedEngine& engine)
      : context(std::make_shared<CallContext>(std::make_shared<LoopProvider>("never started"))),
        connection_(std::move(connection)),
        engine_(engine) {
    context->timeouts.read = 10s;
    context->timeouts.write = 10s;
  }

  /// Sends the request and reads all of the answer, `piece` bytes at a time.
  Task<Answer> run(Request request, std::size_t piece = 1000) {
    context->attach(engine_);
    codec = connection_->begin(context);
    Task<void> sending = send(request);
    co_await std::move(sending);
    std::vector<int> informational;
    std::optional<ResponseHead> head;
    while (!head.has_value()) {
      ResponseHead next = co_await codec->read_response_head();
      if (next.is_informational()) {
        informational.push_back(next.code);
      } else {
        head.emplace(std::move(next));
      }
    }
    Answer answer(std::move(*head));
    answer.informational = std::move(informational);
    std::vector<std::byte> buffer(piece);
    while (!codec->is_response_complete()) {
      const std::size_t count = co_await codec->read_response_body(buffer);
      answer.body += as_text(ConstBytes(buffer).first(count));
    }
    answer.trailers = codec->trailers();
    codec = nullptr;
    co_return answer;
  }

  /// Sends the request and reads the head of the answer.
  Task<ResponseHead> begin(Request request) {
    context->attach(engine_);
    codec = connection_->begin(context);
    Task<void> sending = send(request);
    co_await std::move(sending);
    ResponseHead head = co_await codec->read_response_head();
    co_return head;
  }

  Task<void> send(Request request) {
    codec->write_request_headers(request);
    if (request.body() != nullptr) {
      const std::optional<std::span<const std::byte>> bytes = request.body()->in_memory();
      co_await codec->write_request_body(*bytes);
    }
    co_await codec->finish_request();
  }

  std::shared_ptr<CallContext> context;
  ExchangeCodecPtr codec;

 private:
  const std::shared_ptr<Http2Connection> connection_;
  SimulatedEngine& engine_;
};

Request get(const std::string& path) { return Request::get("http://10.0.0.1" + path); }
Request post(const std::string& path, std::string body) {
  return Request::post("http://10.0.0.1" + path, RequestBody::create(std::move(body)));
}

/// A client's connection to a simulated server, in a world of its own.
class World {
 public:
  explicit World(std::uint64_t seed = 1, const ConnectScript& script = ConnectScript(), Http2Options options = {})
      : simulation(seed), options_(options) {
    loop_ = std::make_unique<SimulatedEngine>(simulation);
    simulation.script(kServer, script);
    server_ = std::make_unique<Server>(*loop_, kServer);
  }
  ~World() {
    // Engines go first: they end whatever runs still.
    connection_ = nullptr;
    threads_.clear();
    loop_ = nullptr;
  }

  [[nodiscard]] Server& server() { return *server_; }
  [[nodiscard]] SimulatedEngine& loop() { return *loop_; }
  /// An engine that counts as a blocked thread.
  SimulatedEngine& make_thread() {
    threads_.push_back(std::make_unique<SimulatedEngine>(simulation));
    threads_.back()->set_shared(false);
    return *threads_.back();
  }
  const std::shared_ptr<Http2Connection>& connection() {
    if (connection_ == nullptr) connection_ = loop_->run(connect());
    return connection_;
  }
  Answer exchange(SimulatedEngine& engine, const Request& request) {
    Exchanged exchanged(connection(), engine);
    return engine.run(exchanged.run(request));
  }

  Simulation simulation;

 private:
  Task<std::shared_ptr<Http2Connection>> connect() {
    std::error_code error;
    std::unique_ptr<Socket> socket = loop_->begin_connect(ConnectRequest(kServer), error);
    Readiness connected(*loop_, WaitTerms(), *socket, Interest::write);
    (void)co_await connected;
    co_return Http2Connection::create(std::move(socket), "10.0.0.1:80", Protocol::h2_prior_knowledge, options_);
  }

  const Http2Options options_;
  std::unique_ptr<Server> server_;
  std::unique_ptr<SimulatedEngine> loop_;
  std::vector<std::unique_ptr<SimulatedEngine>> threads_;
  std::shared_ptr<Http2Connection> connection_;
};

enum class Place { loop, thread };

class Http2ConnectionTest : public testing::TestWithParam<Place> {
 protected:
  SimulatedEngine& engine_of(World& world) { return GetParam() == Place::loop ? world.loop() : world.make_thread(); }
};

INSTANTIATE_TEST_SUITE_P(Engines, Http2ConnectionTest, testing::Values(Place::loop, Place::thread),
                         [](const auto& place) { return place.param == Place::loop ? "Loop" : "Thread"; });

TEST_P(Http2ConnectionTest, GetsAnAnswer) {
  World world;
  const Answer answer = world.exchange(engine_of(world), get("/path?query"));
  EXPECT_EQ(answer.head.code, 200);
  EXPECT_EQ(answer.head.protocol, Protocol::h2_prior_knowledge);
  EXPECT_EQ(answer.body, "GET /path?query ");
}

TEST_P(Http2ConnectionTest, SendsPseudoHeadersAndLeavesOutThoseOfAConnection) {
  World world;
  const Request request = get("/")
                              .new_builder()
                              .header("Host", "other.example")
                              .header("X-Mixed-Case", "kept")
                              .header("Connection", "Keep-Alive, X-Named")
                              .header("X-Named", "left out")
                              .header("Keep-Alive", "timeout=5")
                              .header("Transfer-Encoding", "chunked")
                              .header("Upgrade", "h2c")
                              .header("TE", "gzip")
                              .build();
  (void)world.exchange(engine_of(world), request);
  const std::map<std::string, std::string> expected{{":method", "GET"},
                                                    {":scheme", "http"},
                                                    {":authority", "other.example"},
                                                    {":path", "/"},
                                                    {"x-mixed-case", "kept"}};
  EXPECT_EQ(world.server().last().streams()[1].fields, expected);
}

TEST_P(Http2ConnectionTest, PostsASmallBodyWithItsHead) {
  World world;
  EXPECT_EQ(world.exchange(engine_of(world), post("/", "hello")).body, "POST / hello");
}

TEST_P(Http2ConnectionTest, UploadsAsTheWindowAllows) {
  World world;
  const std::string body(1'000'000, 'u');
  const Answer answer = world.exchange(engine_of(world), post("/", body));
  EXPECT_EQ(answer.body, "POST / " + body);
}

TEST_P(Http2ConnectionTest, UploadsThroughASocketThatTakesLittleAtATime) {
  ConnectScript script;
  script.to_server.capacity = 3'000;
  script.to_server.latency = 1ms;
  World world(1, script);
  const std::string body(200'000, 'u');
  EXPECT_EQ(world.exchange(engine_of(world), post("/", body)).body, "POST / " + body);
}

TEST_P(Http2ConnectionTest, DownloadsMoreThanAWindow) {
  Http2Options options;
  options.stream_window = 65'535;
  options.connection_window = 100'000;
  options.receive_budget = 100'000;
  World world(1, ConnectScript(), options);
  const std::string body(3'000'000, 'd');
  world.server().on_request([&](Server::Connection& connection, Server::Stream& stream) {
    connection.respond(stream, 200, {{"content-length", std::to_string(body.size())}}, body);
  });
  EXPECT_EQ(world.exchange(engine_of(world), get("/")).body, body);
}

TEST_P(Http2ConnectionTest, TellsInformationalHeadsAndTrailers) {
  World world;
  world.server().on_request([](Server::Connection& connection, Server::Stream& stream) {
    connection.inform(stream, 103, {{"link", "</a.css>"}});
    connection.inform(stream, 103);
    connection.respond(stream, 200, {}, "body", {{"x-sum", "42"}});
  });
  const Answer answer = world.exchange(engine_of(world), get("/"));
  EXPECT_EQ(answer.informational, (std::vector<int>{103, 103}));
  EXPECT_EQ(answer.body, "body");
  EXPECT_EQ(answer.trailers.get("x-sum"), "42");
}

TEST_P(Http2ConnectionTest, AnAnswerWithoutBodyIsCompleteWithItsHead) {
  World world;
  world.server().on_request(
      [](Server::Connection& connection, Server::Stream& stream) { connection.respond(stream, 204, {}, ""); });
  EXPECT_EQ(world.exchange(engine_of(world), get("/")).head.code, 204);
}

/// What an exchange fails with, and what its codec says of it.
struct Failure {
  std::optional<Error> error;
  bool may_have_reached_peer = true;
  bool connection_survives = false;
  std::optional<Http2ErrorCode> reset;
};

Failure fail(World& world, SimulatedEngine& engine, const Request& request) {
  Exchanged exchanged(world.connection(), engine);
  Failure failure;
  try {
    (void)engine.run(exchanged.run(request));
  } catch (const Error& error) {
    failure.error = error;
  }
  auto& stream = static_cast<Http2Stream&>(*exchanged.codec);
  failure.may_have_reached_peer = stream.may_have_reached_peer();
  failure.connection_survives = stream.connection_survives();
  failure.reset = stream.peer_reset();
  return failure;
}

TEST_P(Http2ConnectionTest, AResetEndsItsStreamAlone) {
  World world;
  world.server().on_request([](Server::Connection& connection, Server::Stream& stream) {
    if (stream.fields[":path"] == "/bad") return connection.reset(stream, 2);
    connection.respond(stream, 200, {}, "good");
  });
  SimulatedEngine& engine = engine_of(world);
  const Failure failure = fail(world, engine, get("/bad"));
  ASSERT_TRUE(failure.error.has_value());
  EXPECT_EQ(failure.error->errc(), Errc::stream_reset);
  EXPECT_EQ(failure.reset, Http2ErrorCode::internal_error);
  EXPECT_TRUE(failure.may_have_reached_peer);
  EXPECT_TRUE(failure.connection_survives);
  EXPECT_EQ(world.exchange(engine, get("/")).body, "good");
}

TEST_P(Http2ConnectionTest, ARefusedStreamWasNotProcessed) {
  World world;
  world.server().on_request(
      [](Server::Connection& connection, Server::Stream& stream) { connection.reset(stream, 7); });
  const Failure failure = fail(world, engine_of(world), post("/", "data"));
  EXPECT_EQ(failure.reset, Http2ErrorCode::refused_stream);
  EXPECT_FALSE(failure.may_have_reached_peer);
}

TEST_P(Http2ConnectionTest, GoawayFailsWhatWasNotProcessedAndTakesNoMore) {
  World world;
  world.server().on_request([](Server::Connection& connection, Server::Stream&) { connection.go_away(0); });
  const Failure failure = fail(world, engine_of(world), post("/", "data"));
  EXPECT_EQ(failure.error->errc(), Errc::connection_closed);
  EXPECT_FALSE(failure.may_have_reached_peer);
  EXPECT_TRUE(world.connection()->is_over());
}

TEST_P(Http2ConnectionTest, GoawayLetsWhatIsProcessedFinish) {
  World world;
  world.server().on_request([](Server::Connection& connection, Server::Stream& stream) {
    connection.go_away(stream.id);
    connection.respond(stream, 200, {}, "finished");
  });
  EXPECT_EQ(world.exchange(engine_of(world), get("/")).body, "finished");
  EXPECT_TRUE(world.connection()->is_over());
}

TEST_P(Http2ConnectionTest, AClosedConnectionFailsItsStreams) {
  World world;
  world.server().on_request([](Server::Connection& connection, Server::Stream&) { connection.close(); });
  const Failure failure = fail(world, engine_of(world), get("/"));
  EXPECT_EQ(failure.error->errc(), Errc::connection_closed);
  EXPECT_TRUE(failure.may_have_reached_peer);
  EXPECT_FALSE(failure.connection_survives);
}

TEST_P(Http2ConnectionTest, AnEarlyAnswerEndsAnUploadThatNobodyReads) {
  World world;
  world.server().returns_windows = false;
  world.server().on_request([&](Server::Connection& connection, Server::Stream& stream) {
    connection.respond(stream, 413, {}, "too large");
    const auto stop = [&] { connection.reset(stream, 0); };
    world.simulation.at(world.simulation.now() + 1s, stop);
  });
  const Answer answer = world.exchange(engine_of(world), post("/", std::string(500'000, 'x')));
  EXPECT_EQ(answer.head.code, 413);
  EXPECT_EQ(answer.body, "too large");
}

TEST_P(Http2ConnectionTest, AnUploadThatAnEarlyAnswerEndedIsResetAndNotEnded) {
  // The larger one leaves a portion of output with a frame behind it that waits for room.
  for (const int window : {65'535, 1'000'000}) {
    ConnectScript script;
    script.to_server.capacity = 3'000;
    script.to_server.latency = 1ms;
    World world(1, script);
    world.server().stream_window = static_cast<std::uint32_t>(window);
    world.server().connection_window = window;
    world.server().on_request([&](Server::Connection& connection, Server::Stream& stream) {
      if (stream.fields[":path"] == "/next") return connection.respond(stream, 200, {}, "next");
      const auto answer = [&connection, &stream] { connection.respond(stream, 413, {}, "too large"); };
      world.simulation.at(world.simulation.now() + 30ms, answer);
    });
    SimulatedEngine& engine = engine_of(world);
    Exchanged upload(world.connection(), engine);
    EXPECT_EQ(engine.run(upload.begin(post("/", std::string(500'000, 'x')))).code, 413);
    EXPECT_EQ(world.exchange(engine, get("/next")).body, "next") << "while the answer is unread";
    std::vector<std::byte> body(100);
    EXPECT_EQ(engine.run(upload.codec->read_response_body(body)), 9U);
    upload.codec = nullptr;
    world.simulation.run_until_idle();
    Server::Connection& connection = world.server().last();
    EXPECT_FALSE(connection.streams().at(1).is_whole);
    EXPECT_EQ(connection.resets().count(1), 1U);
    EXPECT_EQ(connection.violations(), 0U);
  }
}

/// Others write on a connection between the moment in which a writer gives up and the end of its exchange.
TEST_P(Http2ConnectionTest, WhatAWriterTookBackIsNotSent) {
  ConnectScript script;
  script.to_server.capacity = 3'000;
  script.to_server.latency = 1ms;
  World world(1, script);
  world.server().stream_window = 1'000'000;
  world.server().connection_window = 1'000'000;
  world.server().on_request([](Server::Connection& connection, Server::Stream& stream) {
    if (stream.fields[":path"] == "/next") connection.respond(stream, 200, {}, "next");
  });
  SimulatedEngine& engine = engine_of(world);
  Exchanged upload(world.connection(), engine);
  const auto outcome = engine.start(upload.begin(post("/", std::string(500'000, 'x'))));
  world.simulation.run_for(30ms);
  upload.context->cancellation->request();
  world.simulation.run_ready();
  ASSERT_TRUE(outcome->done());
  EXPECT_THROW(outcome->take(), Error);
  EXPECT_EQ(world.exchange(engine, get("/next")).body, "next");
  upload.codec = nullptr;
  world.simulation.run_until_idle();
  EXPECT_FALSE(world.server().last().streams().at(1).is_whole);
  EXPECT_EQ(world.server().last().resets().at(1), 8U);
}

TEST_P(Http2ConnectionTest, ACanceledCallResetsItsStream) {
  World world;
  world.server().on_request([](Server::Connection&, Server::Stream&) {});
  SimulatedEngine& engine = engine_of(world);
  Exchanged exchanged(world.connection(), engine);
  const auto outcome = engine.start(exchanged.run(get("/")));
  world.simulation.run_ready();
  exchanged.context->cancellation->request();
  world.simulation.run_ready();
  ASSERT_TRUE(outcome->done());
  EXPECT_THROW(outcome->take(), Error);
  exchanged.codec = nullptr;
  world.simulation.run_until_idle();
  EXPECT_EQ(world.server().last().resets().at(1), 8U);
}

TEST_P(Http2ConnectionTest, AReadTimeOutEndsTheStreamAndAsksWhetherThePeerIsThere) {
  World world;
  world.server().on_request([](Server::Connection& connection, Server::Stream& stream) {
    if (stream.fields[":path"] != "/silent") connection.respond(stream, 200, {}, "there");
  });
  SimulatedEngine& engine = engine_of(world);
  const Failure failure = fail(world, engine, get("/silent"));
  EXPECT_EQ(failure.error->errc(), Errc::read_timeout);
  EXPECT_TRUE(failure.connection_survives);
  world.simulation.run_for(2s);
  EXPECT_EQ(world.server().last().pings(), 1U);
  EXPECT_EQ(world.exchange(engine, get("/")).body, "there");
}

TEST_P(Http2ConnectionTest, AConnectionThatAnswersNoPingAfterATimeOutIsNotUsedAgain) {
  World world;
  world.server().answers_pings = false;
  world.server().on_request([](Server::Connection&, Server::Stream&) {});
  SimulatedEngine& engine = engine_of(world);
  (void)fail(world, engine, get("/"));
  EXPECT_FALSE(world.connection()->is_over());
  world.simulation.run_for(1s);
  Task<bool> looking = [](World& where, SimulatedEngine& on) -> Task<bool> { co_return where.connection()->look(on); }(
                                                                 world, engine);
  EXPECT_FALSE(engine.run(std::move(looking)));
  EXPECT_TRUE(world.connection()->is_over());
}

TEST(Http2PingTest, APeerThatAnswersPingsKeepsItsConnection) {
  Http2Options options;
  options.ping_interval = 5s;
  World world(1, ConnectScript(), options);
  (void)world.exchange(world.loop(), get("/"));
  world.connection()->start_pings(world.loop());
  world.simulation.run_for(60s);
  EXPECT_FALSE(world.connection()->is_over());
  EXPECT_EQ(world.server().last().pings(), 12U);
}

TEST(Http2PingTest, APeerThatDoesNotAnswerWithinTheIntervalLosesItsConnection) {
  Http2Options options;
  options.ping_interval = 5s;
  World world(1, ConnectScript(), options);
  world.server().answers_pings = false;
  world.server().on_request([](Server::Connection&, Server::Stream&) {});
  Exchanged exchanged(world.connection(), world.loop());
  exchanged.context->timeouts.read = 0s;
  const auto outcome = world.loop().start(exchanged.run(get("/")));
  world.connection()->start_pings(world.loop());
  world.simulation.run_for(11s);
  ASSERT_TRUE(outcome->done());
  try {
    (void)outcome->take();
    ADD_FAILURE() << "the call was answered";
  } catch (const Error& error) {
    EXPECT_EQ(error.errc(), Errc::connection_closed);
    EXPECT_NE(std::string(error.what()).find("PING"), std::string::npos) << error.what();
  }
}

TEST(Http2SettingsTest, TheStreamLimitFollowsThePeersSettings) {
  World world;
  world.server().max_streams = 7;
  int changes = 0;
  EXPECT_EQ(world.connection()->max_exchanges(), 100U);
  world.connection()->on_change([&] { ++changes; });
  (void)world.exchange(world.loop(), get("/"));
  EXPECT_EQ(world.connection()->max_exchanges(), 7U);
  EXPECT_EQ(changes, 1);
  for (const std::uint32_t most : {0U, 3U}) {
    world.server().last().set_max_streams(most);
    world.simulation.run_ready();
    Task<bool> looking = [](World& where) -> Task<bool> { co_return where.connection()->look(where.loop()); }(world);
    EXPECT_TRUE(world.loop().run(std::move(looking)));
    EXPECT_EQ(world.connection()->max_exchanges(), most);
  }
  EXPECT_EQ(changes, 3);
}

TEST(Http2FlowControlTest, AnUnreadStreamHoldsBackOnlyItself) {
  Http2Options options;
  options.stream_window = 65'535;
  options.connection_window = 100'000;
  World world(1, ConnectScript(), options);
  const std::string body(300'000, 'b');
  world.server().on_request(
      [&](Server::Connection& connection, Server::Stream& stream) { connection.respond(stream, 200, {}, body); });
  std::vector<std::unique_ptr<Exchanged>> unread;
  for (int i = 0; i < 5; ++i) {
    auto exchanged = std::make_unique<Exchanged>(world.connection(), world.loop());
    exchanged->context->attach(world.loop());
    exchanged->codec = world.connection()->begin(exchanged->context);
    world.loop().run(exchanged->send(get("/")));
    (void)world.loop().run(exchanged->codec->read_response_head());
    unread.push_back(std::move(exchanged));
  }
  world.simulation.run_until_idle();
  for (auto& [id, stream] : world.server().last().streams()) EXPECT_EQ(stream.unsent.size(), 300'000U - 65'535U);
  EXPECT_EQ(world.exchange(world.loop(), get("/")).body, body);
}

TEST(Http2FlowControlTest, UnreadBytesStayWithinTheBudget) {
  Http2Options options;
  options.stream_window = 65'535;
  options.connection_window = 65'535;
  options.receive_budget = 150'000;
  World world(1, ConnectScript(), options);
  world.server().on_request([&](Server::Connection& connection, Server::Stream& stream) {
    connection.respond(stream, 200, {}, std::string(65'535, 'b'));
  });
  std::vector<std::unique_ptr<Exchanged>> unread;
  std::vector<std::shared_ptr<Outcome<ResponseHead>>> heads;
  for (int i = 0; i < 20; ++i) {
    auto exchanged = std::make_unique<Exchanged>(world.connection(), world.loop());
    exchanged->context->attach(world.loop());
    exchanged->codec = world.connection()->begin(exchanged->context);
    world.loop().run(exchanged->send(get("/")));
    heads.push_back(world.loop().start(exchanged->codec->read_response_head()));
    unread.push_back(std::move(exchanged));
  }
  world.simulation.run_ready();
  std::size_t sent = 0;
  for (auto& [id, stream] : world.server().last().streams()) sent += 65'535 - stream.unsent.size();
  EXPECT_LE(sent, 150'000U + 65'535U);
  // Streams that are given up give their bytes back, and the others go on.
  for (int i = 0; i < 19; ++i) unread[static_cast<std::size_t>(i)] = nullptr;
  world.simulation.run_ready();
  EXPECT_EQ(world.exchange(world.loop(), get("/")).body.size(), 65'535U);
}

/// A coroutine that is started and then destroyed while it waits.
class Abandoned {
 public:
  struct promise_type {
    Abandoned get_return_object() noexcept {
      return Abandoned(std::coroutine_handle<promise_type>::from_promise(*this));
    }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_always final_suspend() noexcept { return {}; }
    void return_void() noexcept {}
    void unhandled_exception() noexcept { std::terminate(); }
  };
  Abandoned(Abandoned&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Abandoned& operator=(Abandoned&&) = delete;
  ~Abandoned() {
    if (handle_) handle_.destroy();
  }
  [[nodiscard]] bool is_done() const noexcept { return handle_.done(); }

 private:
  explicit Abandoned(std::coroutine_handle<promise_type> handle) noexcept : handle_(handle) {}
  std::coroutine_handle<promise_type> handle_;
};

Abandoned wait_for(Task<std::size_t> reading) { (void)co_await std::move(reading); }

/// Reads a body of which nothing has come yet, and gives that up when somebody else waits on the connection.
TEST_P(Http2ConnectionTest, AReaderThatIsDestroyedLeavesItsPlaceToTheOthers) {
  World world;
  Server::Stream* unanswered = nullptr;
  world.server().on_request([&](Server::Connection& connection, Server::Stream& stream) {
    if (stream.fields[":path"] == "/slow") {
      unanswered = &stream;
      connection.begin_response(stream, 200, {});
    } else if (stream.fields[":path"] == "/fast") {
      connection.respond(stream, 200, {}, "fast");
    }
  });
  SimulatedEngine& engine = engine_of(world);
  Exchanged slow(world.connection(), engine);
  slow.context->attach(engine);
  slow.codec = world.connection()->begin(slow.context);
  engine.run(slow.send(get("/slow")));
  (void)engine.run(slow.codec->read_response_head());

  std::vector<std::byte> buffer(100);
  std::optional<Abandoned> reading;
  const auto begin = [&]() -> Task<void> {
    reading.emplace(wait_for(slow.codec->read_response_body(buffer)));
    co_return;
  };
  engine.run(begin());
  ASSERT_FALSE(reading->is_done());
  SimulatedEngine& other = world.make_thread();
  Exchanged fast(world.connection(), other);
  const std::shared_ptr<Outcome<Answer>> answer = other.start(fast.run(get("/fast")));
  const auto destroy = [&]() -> Task<void> {
    reading.reset();
    co_return;
  };
  engine.run(destroy());
  world.simulation.run_ready();
  ASSERT_TRUE(answer->done()) << "nobody reads from the connection";
  EXPECT_EQ(answer->take().body, "fast");

  // What comes later, and what came while nobody knew it, is for the next reader.
  world.server().last().send(*unanswered, "late", true);
  EXPECT_EQ(engine.run(slow.codec->read_response_body(buffer)), 4U);
}

/// The reader is destroyed in the very instant in which its bytes arrive, which another engine reads for it.
TEST_P(Http2ConnectionTest, AReaderThatIsDestroyedLosesNothingThatHadCome) {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    World world(seed);
    Server::Stream* last = nullptr;
    world.server().on_request([&](Server::Connection& connection, Server::Stream& stream) {
      last = &stream;
      connection.begin_response(stream, 200, {});
    });
    const auto open = [&](SimulatedEngine& engine) {
      auto call = std::make_unique<Exchanged>(world.connection(), engine);
      call->context->attach(engine);
      call->codec = world.connection()->begin(call->context);
      engine.run(call->send(get("/")));
      (void)engine.run(call->codec->read_response_head());
      return call;
    };
    SimulatedEngine& driving = engine_of(world);
    const std::unique_ptr<Exchanged> driver = open(driving);
    std::vector<std::byte> unused(10);
    const auto driven = driving.start(driver->codec->read_response_body(unused));

    SimulatedEngine& engine = world.make_thread();
    const std::unique_ptr<Exchanged> call = open(engine);
    std::vector<std::byte> buffer(100);
    std::optional<Abandoned> reading;
    const auto begin = [&]() -> Task<void> {
      reading.emplace(wait_for(call->codec->read_response_body(buffer)));
      co_return;
    };
    const auto destroy = [&]() -> Task<void> {
      if (!reading->is_done()) reading.reset();
      co_return;
    };
    engine.run(begin());
    world.server().last().send(*last, "kept", true);
    world.simulation.at(world.simulation.now(), [&] { engine.start(destroy()); });
    world.simulation.run_ready();
    driver->context->cancellation->request();
    world.simulation.run_ready();
    ASSERT_TRUE(driven->done());
    if (reading.has_value()) continue;  // it had everything before
    ASSERT_EQ(engine.run(call->codec->read_response_body(buffer)), 4U) << "seed " << seed;
    EXPECT_EQ(as_text(ConstBytes(buffer).first(4)), "kept");
  }
}

/// Calls on the loop and on threads share one connection; each gets its own answer.
TEST(Http2SharingTest, CallsOnALoopAndOnThreadsEachGetTheirOwnAnswer) {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    Simulation probe(seed);
    ConnectScript script;
    script.to_server = probe.random_link(0, 1);
    script.to_client = probe.random_link(0, 1);
    World world(seed, script);
    std::vector<std::unique_ptr<Exchanged>> calls;
    std::vector<std::shared_ptr<Outcome<Answer>>> outcomes;
    std::vector<std::string> expected;
    for (int i = 0; i < 40; ++i) {
      SimulatedEngine& engine = i % 2 == 0 ? world.loop() : world.make_thread();
      auto call = std::make_unique<Exchanged>(world.connection(), engine);
      call->context->timeouts.read = 0s;
      call->context->timeouts.write = 0s;
      const std::string path = "/" + std::to_string(i);
      const std::string body(world.simulation.random().below(40'000), static_cast<char>('a' + i % 26));
      const bool posts = world.simulation.random().one_in(2);
      expected.push_back(posts ? "POST " + path + " " + body : "GET " + path + " ");
      outcomes.push_back(
          engine.start(call->run(posts ? post(path, body) : get(path), 1 + world.simulation.random().below(3'000))));
      calls.push_back(std::move(call));
    }
    world.simulation.run_until_idle();
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
      ASSERT_TRUE(outcomes[i]->done()) << "call " << i << " hangs with seed " << seed;
      EXPECT_EQ(outcomes[i]->take().body, expected[i]) << "seed " << seed;
    }
    EXPECT_EQ(world.server().connections().size(), 1U);
  }
}

/// The same with calls that are canceled and connections that break: each call ends, and what it got is its own.
TEST(Http2SharingTest, EveryCallEndsWhateverBreaks) {
  int answered = 0;
  int failed = 0;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    Simulation probe(seed);
    ConnectScript script;
    script.to_server = probe.random_link(3, 60'000);
    script.to_client = probe.random_link(3, 60'000);
    World world(seed, script);
    std::vector<std::unique_ptr<Exchanged>> calls;
    std::vector<std::shared_ptr<Outcome<Answer>>> outcomes;
    std::vector<std::string> expected;
    for (int i = 0; i < 24; ++i) {
      SimulatedEngine& engine = i % 3 == 0 ? world.loop() : world.make_thread();
      auto call = std::make_unique<Exchanged>(world.connection(), engine);
      const std::string path = "/" + std::to_string(i);
      const std::string body(world.simulation.random().below(20'000), static_cast<char>('a' + i % 26));
      expected.push_back("POST " + path + " " + body);
      if (world.simulation.random().one_in(4)) {
        world.simulation.at(
            world.simulation.now() + std::chrono::microseconds(world.simulation.random().below(100'000)),
            [cancellation = call->context->cancellation] { cancellation->request(); });
      }
      outcomes.push_back(engine.start(call->run(post(path, body), 1 + world.simulation.random().below(3'000))));
      calls.push_back(std::move(call));
    }
    world.simulation.run_until_idle();
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
      ASSERT_TRUE(outcomes[i]->done()) << "call " << i << " hangs with seed " << seed;
      try {
        EXPECT_EQ(outcomes[i]->take().body, expected[i]) << "seed " << seed;
        ++answered;
      } catch (const Error&) {
        ++failed;
      }
    }
  }
  EXPECT_GT(answered, 150);
  EXPECT_GT(failed, 75);
}

TEST(Http2BreakTest, AnExchangeSurvivesNoByteLessThanAllOfIt) {
  // A run that is not disturbed says how many bytes there are; then the connection breaks at each.
  for (std::uint64_t at = 0; at < 200; ++at) {
    ConnectScript script;
    script.to_client.reset_at = at;
    World world(1, script);
    SimulatedEngine& engine = at % 2 == 0 ? world.loop() : world.make_thread();
    Exchanged exchanged(world.connection(), engine);
    const auto outcome = engine.start(exchanged.run(get("/")));
    world.simulation.run_until_idle();
    ASSERT_TRUE(outcome->done()) << "at byte " << at;
    try {
      EXPECT_EQ(outcome->take().body, "GET / ");
    } catch (const Error& error) {
      EXPECT_EQ(error.errc(), Errc::connection_closed) << "at byte " << at << ": " << error.what();
    }
  }
}

}  // namespace
}  // namespace okhttp::internal

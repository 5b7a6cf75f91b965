#include "codec/http1/http1_codec.hpp"

#include <okhttp/error.hpp>
#include <okhttp/request.hpp>

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "runtime/call_context.hpp"
#include "support/manual_engine.hpp"
#include "support/memory_stream.hpp"
#include "support/simulated_engine.hpp"

namespace okhttp::internal {
namespace {

using namespace std::chrono_literals;

const Endpoint kServer(IpAddress::v4({10, 0, 0, 1}), 80);

/// What the server does, and what the network between does.
struct Script {
  std::string answer;
  bool closes = false;               // after the answer
  Duration drip = Duration::zero();  // a pause before each byte of the answer
  std::size_t read_size = 64 * 1024;
  Duration read_pause = Duration::zero();  // before each read of the request
  Link to_server;
  Link to_client;
  std::uint64_t seed = 1;
};

/// What the client does.
struct Ask {
  std::string method = "GET";
  std::vector<std::pair<std::string, std::string>> fields;
  std::string body;
  std::size_t read_size = 64 * 1024;
  std::optional<Duration> cancel_after;
  std::optional<std::size_t> discard_after;  // so many bytes of the body are read, the rest is discarded
  std::size_t discard_limit = 64 * 1024;
  std::optional<Duration> wait_before_discard;
  Timeouts timeouts;
};

struct Outcome {
  std::vector<int> informational;
  int code = 0;
  std::string body;
  Headers trailers;
  std::optional<Error> error;
  std::optional<DiscardedBody> discarded;
  bool complete = false;
  bool reusable = false;
  bool may_have_reached_peer = false;
  Duration took{};
  std::string request;  // as the server saw it

  [[nodiscard]] Errc errc() const { return error ? error->errc() : Errc(); }
  [[nodiscard]] std::string message() const { return error ? error->what() : ""; }
};

/// One exchange of a codec with a scripted server in a simulated world.
class Trial {
 public:
  Trial(Script script, Ask ask) : script_(std::move(script)), ask_(std::move(ask)), simulation_(script_.seed) {}

  Outcome run() {
    ConnectScript connect;
    connect.to_server = script_.to_server;
    connect.to_client = script_.to_client;
    engine_.simulation().script(kServer, connect);
    std::error_code error;
    listener_ = engine_.listen(ListenRequest(kServer), error);
    const auto server = engine_.start(serve());
    if (ask_.cancel_after) {
      engine_.simulation().at(engine_.now() + *ask_.cancel_after,
                              [cancellation = context_->cancellation] { cancellation->request(); });
    }
    const TimePoint begin = engine_.now();
    engine_.run(exchange());
    outcome_.took = engine_.now() - begin;
    EXPECT_LE(engine_.waits(), 1U) << "the client left something parked";
    return outcome_;
  }

 private:
  Task<void> serve() {
    try {
      Readiness arrived(engine_, WaitTerms(), listener_->socket(), Interest::read);
      (void)co_await arrived;
      std::error_code error;
      server_ = listener_->try_accept(error);
      if (server_ == nullptr) co_return;
      engine_.adopt(*server_);
      co_await read_request();
      co_await send_answer();
      if (script_.closes) server_ = nullptr;
    } catch (const std::exception& failure) {
      ADD_FAILURE() << failure.what();
    }
  }

  Task<void> read_request() {
    std::vector<std::byte> buffer(script_.read_size);
    const bool is_chunked = !ask_.fields.empty() && ask_.fields.front().first == "Transfer-Encoding";
    const std::string end = ask_.body.empty() ? "\r\n\r\n" : is_chunked ? "\r\n0\r\n\r\n" : "END";
    while (!outcome_.request.ends_with(end)) {
      if (script_.read_pause > Duration::zero() && !co_await pause(script_.read_pause)) co_return;
      ReadSome read(engine_, WaitTerms(), *server_, buffer);
      const IoResult result = co_await read;
      if (!result.ok()) co_return;
      outcome_.request += as_text(ConstBytes(buffer).first(result.bytes));
    }
  }

  Task<void> send_answer() {
    const std::size_t step = script_.drip > Duration::zero() ? 1 : std::max<std::size_t>(script_.answer.size(), 1);
    for (std::size_t at = 0; at < script_.answer.size(); at += step) {
      if (script_.drip > Duration::zero() && !co_await pause(script_.drip)) co_return;
      WriteAll write(engine_, WaitTerms(), *server_, as_bytes(std::string_view(script_.answer).substr(at, step)));
      const IoResult result = co_await write;
      if (!result.ok()) co_return;
    }
  }

  /// False when the world has ended meanwhile.
  Task<bool> pause(Duration time) {
    Sleep sleep(engine_, WaitTerms(nullptr, engine_.now() + time));
    const WaitResult why = co_await sleep;
    co_return why == WaitResult::deadline;
  }

  Task<void> exchange() {
    std::error_code error;
    const std::unique_ptr<Socket> socket = engine_.begin_connect(ConnectRequest(kServer), error);
    Readiness connected(engine_, WaitTerms(), *socket, Interest::write);
    (void)co_await connected;
    EXPECT_FALSE(socket->connect_result());
    context_->timeouts = ask_.timeouts;
    context_->attach(engine_);
    Http1Codec codec(*socket, "server:80");
    codec.begin(context_);
    try {
      co_await send(codec);
      co_await receive(codec);
    } catch (const Error& failure) {
      outcome_.error = failure;
    }
    outcome_.may_have_reached_peer = codec.may_have_reached_peer();
    outcome_.complete = codec.is_response_complete();
    outcome_.trailers = codec.trailers();
    codec.end();
    outcome_.reusable = codec.is_reusable();
  }

  Task<void> send(Http1Codec& codec) {
    Request::Builder builder;
    builder.url("http://server/path");
    for (const auto& [name, value] : ask_.fields) builder.header(name, value);
    if (ask_.body.empty()) {
      builder.method(ask_.method, nullptr);
    } else {
      builder.method(ask_.method, RequestBody::create(ask_.body));
    }
    const Request request = builder.build();
    codec.write_request_headers(request);
    // In two halves, as a body that writes itself does.
    const ConstBytes body = as_bytes(ask_.body);
    co_await codec.write_request_body(body.first(body.size() / 2));
    co_await codec.write_request_body(body.subspan(body.size() / 2));
    co_await codec.finish_request();
  }

  Task<void> receive(Http1Codec& codec) {
    for (;;) {
      ResponseHead head = co_await codec.read_response_head();
      outcome_.code = head.code;
      if (!head.is_informational()) break;
      outcome_.informational.push_back(head.code);
    }
    std::vector<std::byte> buffer(ask_.read_size);
    while (!codec.is_response_complete()) {
      if (ask_.discard_after && outcome_.body.size() >= *ask_.discard_after) {
        if (ask_.wait_before_discard) (void)co_await pause(*ask_.wait_before_discard);
        outcome_.discarded = codec.discard_response_body(ask_.discard_limit);
        co_return;
      }
      const std::size_t count = co_await codec.read_response_body(buffer);
      outcome_.body += as_text(ConstBytes(buffer).first(count));
    }
  }

  Script script_;
  Ask ask_;
  Outcome outcome_;
  Simulation simulation_;
  std::shared_ptr<CallContext> context_ = std::make_shared<CallContext>(nullptr);
  std::unique_ptr<Listener> listener_;
  std::unique_ptr<Socket> server_;
  SimulatedEngine engine_{simulation_};  // goes first, which ends the server
};

Outcome run(Script script, Ask ask = Ask()) { return Trial(std::move(script), std::move(ask)).run(); }

Script answering(std::string answer) {
  Script script;
  script.answer = std::move(answer);
  return script;
}

Ask posting(std::size_t size, bool chunked = false) {
  Ask ask;
  ask.method = "POST";
  ask.body = std::string(size - 3, 'b') + "END";
  if (chunked) {
    ask.fields.emplace_back("Transfer-Encoding", "chunked");
  } else {
    ask.fields.emplace_back("Content-Length", std::to_string(size));
  }
  return ask;
}

/// A body whose every byte tells where it stands.
std::string pattern(std::size_t size) {
  std::string text;
  for (std::size_t i = 0; i < size; ++i) text += static_cast<char>('!' + (i * 7 + i / 90) % 90);
  return text;
}

struct Framing {
  const char* name;
  std::string head;
  std::string rest;  // of the message, after the head
  std::string body;  // that it carries
  bool closes;
};

std::string chunked(const std::string& body, std::size_t size, const std::string& trailers = "") {
  std::string text;
  for (std::size_t at = 0; at < body.size(); at += size) {
    const std::string piece = body.substr(at, size);
    char length[20];
    std::snprintf(length, sizeof length, "%zx", piece.size());
    text += std::string(length) + "\r\n" + piece + "\r\n";
  }
  return text + "0\r\n" + trailers + "\r\n";
}

std::vector<Framing> framings(std::size_t size) {
  const std::string body = pattern(size);
  const std::string ok = "HTTP/1.1 200 OK\r\n";
  return {
      {"length", ok + "Content-Length: " + std::to_string(size) + "\r\n\r\n", body, body, false},
      {"chunked", ok + "Transfer-Encoding: chunked\r\n\r\n", chunked(body, 11, "Checksum: 42\r\n"), body, false},
      {"until close", ok + "\r\n", body, body, true},
      {"none", "HTTP/1.1 204 No Content\r\n\r\n", "", "", false},
      {"informational first", "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + ok + "Content-Length: 2\r\n\r\n", "ok",
       "ok", false},
  };
}

TEST(Http1CodecTest, ReadsEveryFramingInPiecesOfAnySize) {
  for (const Framing& framing : framings(60)) {
    for (std::size_t piece = 1; piece <= 40; ++piece) {
      for (const std::size_t read_size : {std::size_t{1}, std::size_t{7}, std::size_t{8192}}) {
        SCOPED_TRACE(std::string(framing.name) + ", pieces of " + std::to_string(piece) + ", reads of " +
                     std::to_string(read_size));
        Script script = answering(framing.head + framing.rest);
        script.closes = framing.closes;
        script.to_client.max_piece = piece;
        script.seed = piece;
        Ask ask;
        ask.read_size = read_size;
        const Outcome outcome = run(script, ask);
        EXPECT_FALSE(outcome.error) << outcome.message();
        EXPECT_EQ(outcome.body, framing.body);
        EXPECT_TRUE(outcome.complete);
        EXPECT_EQ(outcome.reusable, !framing.closes);
        EXPECT_EQ(outcome.trailers.get("Checksum").has_value(), framing.name == std::string("chunked"));
      }
    }
  }
}

TEST(Http1CodecTest, ReadsLargeBodiesPastItsBuffer) {
  const std::string body = pattern(300'000);
  const std::string ok = "HTTP/1.1 200 OK\r\n";
  std::vector<std::string> answers = {ok + "Content-Length: 300000\r\n\r\n" + body};
  for (const std::size_t chunk : {std::size_t{5'000}, std::size_t{16'384}, std::size_t{100'000}}) {
    answers.push_back(ok + "Transfer-Encoding: chunked\r\n\r\n" + chunked(body, chunk, "Checksum: 42\r\n"));
  }
  for (const std::string& answer : answers) {
    for (const std::size_t read_size : {std::size_t{4'096}, std::size_t{10'000}, std::size_t{65'536}}) {
      for (const std::size_t piece : {std::size_t{0}, std::size_t{3'000}, std::size_t{30'000}}) {
        Script script = answering(answer);
        script.to_client.max_piece = piece;
        Ask ask;
        ask.read_size = read_size;
        const Outcome outcome = run(script, ask);
        EXPECT_FALSE(outcome.error) << outcome.message();
        EXPECT_TRUE(outcome.body == body) << "pieces of " << piece << ", reads of " << read_size;
        EXPECT_TRUE(outcome.reusable);
      }
    }
  }
}

TEST(Http1CodecTest, AnEndAtAnyByteIsAnErrorUnlessItEndsTheBody) {
  for (const Framing& framing : framings(30)) {
    const std::size_t whole = framing.head.size() + framing.rest.size();
    for (std::size_t at = 0; at < whole; ++at) {
      SCOPED_TRACE(std::string(framing.name) + ", end at " + std::to_string(at));
      Script script = answering(framing.head + framing.rest);
      script.to_client.end_at = at;
      const Outcome outcome = run(script);
      if (framing.closes && at >= framing.head.size()) {
        // RFC 9112 §8: such a body cannot be told from one that was cut.
        EXPECT_EQ(outcome.body, framing.body.substr(0, at - framing.head.size()));
      } else {
        EXPECT_EQ(outcome.errc(), Errc::connection_closed) << outcome.message();
        EXPECT_FALSE(outcome.complete);
      }
      EXPECT_FALSE(outcome.reusable);
      EXPECT_TRUE(outcome.may_have_reached_peer);
    }
  }
}

TEST(Http1CodecTest, AResetAtAnyByteIsAnError) {
  for (const Framing& framing : framings(30)) {
    const std::size_t whole = framing.head.size() + framing.rest.size();
    for (std::size_t at = 0; at < whole; ++at) {
      SCOPED_TRACE(std::string(framing.name) + ", reset at " + std::to_string(at));
      Script script = answering(framing.head + framing.rest);
      script.closes = framing.closes;
      script.to_client.reset_at = at;
      const Outcome outcome = run(script);
      EXPECT_EQ(outcome.errc(), Errc::connection_closed) << outcome.message();
      EXPECT_FALSE(outcome.complete);
      EXPECT_FALSE(outcome.reusable);
    }
  }
}

TEST(Http1CodecTest, AStallAtAnyByteIsAReadTimeout) {
  for (const Framing& framing : framings(30)) {
    const std::size_t whole = framing.head.size() + framing.rest.size();
    for (std::size_t at = 0; at < whole; ++at) {
      SCOPED_TRACE(std::string(framing.name) + ", stall at " + std::to_string(at));
      Script script = answering(framing.head + framing.rest);
      script.closes = framing.closes;
      script.to_client.stall_at = at;
      const Outcome outcome = run(script);
      EXPECT_EQ(outcome.errc(), Errc::read_timeout) << outcome.message();
      EXPECT_EQ(outcome.took, 10s);
      EXPECT_FALSE(outcome.reusable);
    }
  }
}

TEST(Http1CodecTest, ACancellationAtAnyWaitEndsTheExchange) {
  for (const Framing& framing : framings(20)) {
    const std::string answer = framing.head + framing.rest;
    for (std::size_t at = 0; at < answer.size(); ++at) {
      SCOPED_TRACE(std::string(framing.name) + ", canceled before byte " + std::to_string(at));
      Script script = answering(answer);
      script.closes = framing.closes;
      script.drip = 1ms;
      Ask ask;
      ask.read_size = 3;
      ask.cancel_after = std::chrono::milliseconds(at) + 500us;
      const Outcome outcome = run(script, ask);
      EXPECT_EQ(outcome.errc(), Errc::canceled) << outcome.message();
      EXPECT_EQ(outcome.took, ask.cancel_after);
      EXPECT_FALSE(outcome.reusable);
    }
  }
}

TEST(Http1CodecTest, AResetAtAnyByteOfTheRequestIsAnError) {
  for (const bool is_chunked : {false, true}) {
    const Ask ask = posting(40, is_chunked);
    const std::size_t whole = run(answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"), ask).request.size();
    for (std::size_t at = 0; at < whole; ++at) {
      SCOPED_TRACE("reset at " + std::to_string(at));
      Script script = answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
      script.to_server.reset_at = at;
      const Outcome outcome = run(script, ask);
      EXPECT_EQ(outcome.errc(), Errc::connection_closed) << outcome.message();
      EXPECT_FALSE(outcome.reusable);
    }
  }
}

TEST(Http1CodecTest, SendsAChunkedBodyInChunks) {
  const Outcome outcome = run(answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"), posting(20, true));
  EXPECT_TRUE(
      outcome.request.starts_with("POST /path HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\na\r\nbbbbbbbbbb\r\n"))
      << outcome.request;
}

TEST(Http1CodecTest, TheReadTimeoutIsForOneReadAndNotForTheWhole) {
  Script script = answering("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
  script.drip = 9s;
  const Outcome outcome = run(script);
  EXPECT_EQ(outcome.body, "hello") << outcome.message();
  EXPECT_GT(outcome.took, 100s);
}

TEST(Http1CodecTest, TheWriteTimeoutIsForProgressAndNotForTheWhole) {
  Script script = answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  script.to_server.capacity = 1'000;
  script.read_size = 500;
  script.read_pause = 4s;
  const Outcome outcome = run(script, posting(20'000));
  EXPECT_FALSE(outcome.error) << outcome.message();
  EXPECT_TRUE(outcome.request.ends_with("END"));
  EXPECT_GT(outcome.took, 60s);
}

TEST(Http1CodecTest, APeerThatTakesNothingEndsInAWriteTimeout) {
  Script script = answering("");
  script.to_server.capacity = 1'000;
  script.to_server.stall_at = 500;
  const Outcome outcome = run(script, posting(20'000));
  EXPECT_EQ(outcome.errc(), Errc::write_timeout) << outcome.message();
  EXPECT_GE(outcome.took, 10s);
  EXPECT_LE(outcome.took, 20s);
  EXPECT_TRUE(outcome.may_have_reached_peer);
  EXPECT_FALSE(outcome.reusable);
}

TEST(Http1CodecTest, AllHeadsOfOneExchangeTogetherAreBounded) {
  const std::string hint = "HTTP/1.1 103 Early Hints\r\nLink: " + std::string(1'000, 'a') + "\r\n\r\n";
  const std::string last = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
  const auto hints = [&](std::size_t count) {
    std::string text;
    for (std::size_t i = 0; i < count; ++i) text += hint;
    return text + last;
  };
  const std::size_t fitting = (256 * 1024 - last.size()) / hint.size();
  const Outcome fits = run(answering(hints(fitting)));
  EXPECT_EQ(fits.code, 200) << fits.message();
  EXPECT_EQ(fits.informational.size(), fitting);
  EXPECT_TRUE(fits.reusable);
  const Outcome too_many = run(answering(hints(fitting + 2)));
  ASSERT_TRUE(too_many.error);
  EXPECT_EQ(too_many.errc(), Errc::limit_exceeded) << too_many.message();
  EXPECT_FALSE(too_many.reusable);
}

TEST(Http1CodecTest, AnEarlyEndSaysHowMuchCame) {
  Script by_length = answering("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc");
  by_length.closes = true;
  EXPECT_NE(run(by_length).message().find("server:80 closed the connection before the body was complete: 3 of 10"),
            std::string::npos);
  Script by_chunks = answering("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n");
  by_chunks.closes = true;
  EXPECT_NE(run(by_chunks).message().find("5 bytes came, the last chunk did not"), std::string::npos);
}

TEST(Http1CodecTest, BytesBehindTheResponseForbidReuse) {
  const Outcome outcome = run(answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\n"));
  EXPECT_EQ(outcome.body, "ok");
  EXPECT_TRUE(outcome.complete);
  EXPECT_FALSE(outcome.reusable);
}

TEST(Http1CodecTest, FieldsAndVersionsSayWhetherTheConnectionIsReusable) {
  const std::pair<std::string, bool> answers[] = {
      {"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", true},
      {"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", false},
      {"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: foo, CLOSE\r\n\r\n", false},
      {"HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n", false},
      {"HTTP/1.0 200 OK\r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n", true},
      {"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", false},
      {"HTTP/1.1 304 Not Modified\r\nContent-Length: 500\r\n\r\n", true},
  };
  for (const auto& [answer, reusable] : answers) {
    const Outcome outcome = run(answering(answer));
    EXPECT_FALSE(outcome.error) << outcome.message();
    EXPECT_EQ(outcome.reusable, reusable) << answer;
  }
  Ask closing;
  closing.fields.emplace_back("Connection", "close");
  EXPECT_FALSE(run(answering(answers[0].first), closing).reusable);
}

TEST(Http1CodecTest, TheAnswerToHeadHasNoBody) {
  Ask ask;
  ask.method = "HEAD";
  const Outcome outcome = run(answering("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n"), ask);
  EXPECT_EQ(outcome.code, 200);
  EXPECT_TRUE(outcome.complete);
  EXPECT_TRUE(outcome.reusable);
}

TEST(Http1CodecTest, MalformedAnswersAreErrors) {
  for (const char* answer : {
           "ICY 200 OK\r\n\r\n",
           "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
           "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
           "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhelloX\r\n0\r\n\r\n",
           "HTTP/1.1 200 OK\r\nName : value\r\n\r\n",
       }) {
    const Outcome outcome = run(answering(answer));
    EXPECT_EQ(outcome.errc(), Errc::protocol_error) << answer << outcome.message();
    EXPECT_FALSE(outcome.reusable);
  }
}

TEST(Http1CodecTest, DiscardsWhatHasArrivedOfABodyNobodyWants) {
  for (const Framing& framing : framings(3'000)) {
    if (framing.body.size() < 3'000) continue;
    SCOPED_TRACE(framing.name);
    Ask ask;
    ask.read_size = 100;
    ask.discard_after = 100;
    ask.wait_before_discard = 1s;
    const Outcome outcome = run(answering(framing.head + framing.rest), ask);
    EXPECT_EQ(outcome.discarded->is_complete, !framing.closes);
    EXPECT_EQ(outcome.body.size() + outcome.discarded->bytes,
              framing.closes ? outcome.body.size() : framing.body.size());
    EXPECT_EQ(outcome.complete, !framing.closes);
    EXPECT_EQ(outcome.reusable, !framing.closes);
  }
}

TEST(Http1CodecTest, DiscardingNeitherWaitsNorGoesBeyondItsLimit) {
  const std::string head = "HTTP/1.1 200 OK\r\nContent-Length: 30000\r\n\r\n";
  Ask ask;
  ask.read_size = 10;
  ask.discard_after = 0;
  ask.wait_before_discard = 1s;
  const Outcome incomplete = run(answering(head + std::string(20'000, 'x')), ask);
  EXPECT_FALSE(incomplete.discarded->is_complete);
  EXPECT_EQ(incomplete.discarded->bytes, 20'000U);
  EXPECT_FALSE(incomplete.reusable);
  EXPECT_EQ(incomplete.took, 1s);
  ask.discard_limit = 10'000;
  const Outcome beyond = run(answering(head + std::string(30'000, 'x')), ask);
  EXPECT_FALSE(beyond.discarded->is_complete);
  EXPECT_GE(beyond.discarded->bytes, 10'000U);
  EXPECT_LT(beyond.discarded->bytes, 15'000U);
  EXPECT_FALSE(beyond.reusable);
}

TEST(Http1CodecTest, DiscardingABrokenBodyIsNoSuccess) {
  Ask ask;
  ask.discard_after = 0;
  ask.wait_before_discard = 1s;
  const Outcome outcome =
      run(answering("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhelloX\r\n0\r\n\r\n"), ask);
  EXPECT_FALSE(outcome.discarded->is_complete);
  EXPECT_FALSE(outcome.reusable);
}

TEST(Http1CodecTest, ASocketThatTheSystemDoesNotWatchIsAnErrorAtOnce) {
  ManualEngine engine;
  engine.refuses_sockets = true;
  const MemorySocket::Ends ends = MemorySocket::make_pair();
  const auto context = std::make_shared<CallContext>(nullptr);
  context->attach(engine);
  Http1Codec codec(*ends.first, "server:80");
  codec.begin(context);
  codec.write_request_headers(Request::Builder().url("http://server/").build());
  try {
    engine.run(codec.finish_request());
    FAIL() << "the request was sent";
  } catch (const Error& error) {
    EXPECT_EQ(error.errc(), Errc::io) << error.what();
  }
  EXPECT_FALSE(codec.may_have_reached_peer());
}

TEST(Http1CodecTest, ReadsTheSameUnderEverySchedule) {
  const std::string body = pattern(2'000);
  for (std::uint64_t seed = 1; seed <= 500; ++seed) {
    SeededRandom random(seed);
    Simulation links(seed);
    Script script = answering("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" +
                              chunked(body, random.between(1, 500), "Checksum: 42\r\n"));
    script.seed = seed;
    script.to_client = links.random_link(0, 0);
    script.to_server = links.random_link(0, 0);
    Ask ask = posting(random.between(10, 3'000), random.one_in(2));
    ask.read_size = random.between(1, 6'000);
    ask.timeouts.read = ask.timeouts.write = Timeouts::Duration::zero();
    const Outcome outcome = run(script, ask);
    EXPECT_FALSE(outcome.error) << "seed " << seed << ": " << outcome.message();
    EXPECT_TRUE(outcome.body == body) << "seed " << seed;
    EXPECT_TRUE(outcome.reusable) << "seed " << seed;
  }
}

}  // namespace
}  // namespace okhttp::internal

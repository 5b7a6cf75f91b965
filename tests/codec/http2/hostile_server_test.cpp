// What a hostile server may send over HTTP/2: each kind costs bounded memory and time and ends in a clear error.

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "codec/http2/http2_connection.hpp"
#include "runtime/call_context.hpp"
#include "runtime/loop_provider.hpp"
#include "support/http2_frames.hpp"
#include "support/simulated_engine.hpp"

namespace okhttp::internal {
namespace {

using namespace std::chrono_literals;
using namespace okhttp::testing;

const Endpoint kServer(IpAddress::v4({10, 0, 0, 1}), 80);

/// A peer that sends exactly what a test says, keeps what it receives, and never closes by itself.
class RawPeer {
 public:
  RawPeer(SimulatedEngine& engine, std::string script) : engine_(engine), script_(std::move(script)) {
    std::error_code error;
    listener_ = engine.listen(ListenRequest(kServer), error);
    serving_ = engine.start(serve());
  }
  [[nodiscard]] std::vector<Frame> frames() const {
    std::string rest = received_.substr(std::min(received_.size(), kClientPreface.size()));
    std::vector<Frame> frames;
    while (std::optional<Frame> frame = take_frame(rest)) frames.push_back(*std::move(frame));
    return frames;
  }
  [[nodiscard]] bool saw_client_close() const noexcept { return client_closed_; }

 private:
  Task<void> serve() {
    Readiness arrived(engine_, WaitTerms(), listener_->socket(), Interest::read);
    if (co_await arrived == WaitResult::canceled) co_return;
    std::error_code error;
    socket_ = listener_->try_accept(error);
    engine_.adopt(*socket_);
    writing_ = engine_.start(write());
    for (;;) {
      std::byte buffer[4096];
      ReadSome some(engine_, WaitTerms(), *socket_, buffer);
      const IoResult result = co_await some;
      if (!result.ok()) break;
      received_ += as_text(ConstBytes(buffer, result.bytes));
    }
    client_closed_ = true;
  }
  Task<void> write() {
    WriteAll all(engine_, WaitTerms(), *socket_, as_bytes(script_));
    (void)co_await all;
  }

  SimulatedEngine& engine_;
  const std::string script_;
  std::unique_ptr<Listener> listener_;
  std::unique_ptr<Socket> socket_;
  std::string received_;
  bool client_closed_ = false;
  std::shared_ptr<Outcome<void>> serving_;
  std::shared_ptr<Outcome<void>> writing_;
};

struct Result {
  std::optional<Error> error;  // nothing: it was answered
  std::string body;
  std::vector<Frame> sent;  // by the client
  std::size_t unread_at_most = 0;
  bool is_over = false;
};

Task<void> get(std::shared_ptr<Http2Connection> connection, std::shared_ptr<CallContext> context, Result& result) {
  const ExchangeCodecPtr codec = connection->begin(std::move(context));
  try {
    codec->write_request_headers(Request::get("http://10.0.0.1/"));
    co_await codec->finish_request();
    for (;;) {
      const ResponseHead head = co_await codec->read_response_head();
      if (!head.is_informational()) break;
    }
    std::vector<std::byte> buffer(1000);
    while (!codec->is_response_complete()) {
      const std::size_t count = co_await codec->read_response_body(buffer);
      result.body += as_text(ConstBytes(buffer).first(count));
    }
  } catch (const Error& error) {
    result.error = error;
  }
}

Task<std::unique_ptr<Socket>> dial(SimulatedEngine& engine) {
  std::error_code error;
  std::unique_ptr<Socket> socket = engine.begin_connect(ConnectRequest(kServer), error);
  Readiness connected(engine, WaitTerms(), *socket, Interest::write);
  (void)co_await connected;
  co_return socket;
}

/// One GET (stream 1) to a server that sends `script` as soon as it is connected to.
Result get_from(const std::string& script) {
  Simulation simulation;
  std::unique_ptr<RawPeer> peer;
  Result result;
  {
    SimulatedEngine engine(simulation);
    peer = std::make_unique<RawPeer>(engine, script);
    auto connection =
        Http2Connection::create(engine.run(dial(engine)), "10.0.0.1:80", Protocol::h2_prior_knowledge, Http2Options());
    const auto context = std::make_shared<CallContext>(std::make_shared<LoopProvider>("never started"));
    context->attach(engine);
    context->timeouts.read = 10s;
    const auto outcome = engine.start(get(connection, context, result));
    simulation.run_until_idle();
    EXPECT_TRUE(outcome->done());
    result.is_over = connection->is_over();
    result.sent = peer->frames();
  }
  return result;
}

/// The code that the client gave when it ended the connection, or nothing.
std::optional<std::uint32_t> goaway_of(const Result& result) {
  for (const Frame& frame : result.sent) {
    if (frame.type == FrameType::goaway) return frame.number_at(4);
  }
  return std::nullopt;
}

std::optional<std::uint32_t> reset_of(const Result& result) {
  for (const Frame& frame : result.sent) {
    if (frame.type == FrameType::rst_stream) return frame.number_at(0);
  }
  return std::nullopt;
}

std::string times(int count, const std::string& bytes) {
  std::string all;
  for (int i = 0; i < count; ++i) all += bytes;
  return all;
}

std::string headers(std::uint32_t stream, std::string_view block, std::uint8_t flags = kEndHeaders) {
  return frame(FrameType::headers, flags, stream, block);
}
std::string data(std::uint32_t stream, std::string_view bytes, std::uint8_t flags = kNoFlags) {
  return frame(FrameType::data, flags, stream, bytes);
}

/// A field without HPACK's tables; both parts are shorter than 127 bytes.
std::string literal(std::string_view name, std::string_view value) {
  std::string bytes(1, '\0');
  bytes += static_cast<char>(name.size());
  bytes += name;
  bytes += static_cast<char>(value.size());
  return bytes += value;
}
/// ":status: 200", from the static table.
constexpr std::string_view kStatus200 = "\x88";

/// A rule that ends the whole connection when it is broken.
struct BrokenRule {
  const char* name;
  std::string script;
  Errc errc;
  std::uint32_t code;  // RFC 9113 §7
};

class HostileServerTest : public ::testing::TestWithParam<BrokenRule> {};

const std::string kOk = settings_frame({}) + headers(1, kStatus200);

std::vector<BrokenRule> broken_rules() {
  return {
      {"FloodOfSettings", times(5'000, settings_frame({})), Errc::limit_exceeded, 11},
      {"FloodOfPings", settings_frame({}) + times(5'000, ping_frame("12345678")), Errc::limit_exceeded, 11},
      {"FloodOfEmptyData", kOk + times(5'000, data(1, "")), Errc::limit_exceeded, 11},
      {"FloodOfWindowUpdates", kOk + times(5'000, window_update_frame(0, 1)), Errc::limit_exceeded, 11},
      {"FloodOfResetsOfOtherStreams", kOk + times(5'000, priority_frame(3, 0, 16)), Errc::limit_exceeded, 11},
      {"FloodOfInformationalHeads", settings_frame({}) + times(5'000, headers(1, literal(":status", "103"))),
       Errc::limit_exceeded, 11},
      {"FloodOfContinuations",
       settings_frame({}) + headers(1, kStatus200, 0) + times(5'000, continuation_frame(1, "", false)),
       Errc::limit_exceeded, 11},
      {"ConnectionWindowOverflows", settings_frame({}) + window_update_frame(0, 0x7fffffff), Errc::protocol_error, 3},
      {"WindowUpdateOfZero", settings_frame({}) + window_update_frame(0, 0), Errc::protocol_error, 1},
      {"InitialWindowTooLarge", settings_frame({{4, 0x80000000U}}), Errc::protocol_error, 3},
      {"MaxFrameSizeTooSmall", settings_frame({{5, 1}}), Errc::protocol_error, 1},
      {"SettingsOfOddLength", frame(FrameType::settings, kNoFlags, 0, "abc"), Errc::protocol_error, 6},
      {"PushAlthoughDisabled", kOk + settings_ack_frame() + push_promise_frame(1, 2, "\x82\x86\x84\x41\x01x"),
       Errc::protocol_error, 1},
      {"DataOnAnIdleStream", settings_frame({}) + data(9, "x"), Errc::protocol_error, 1},
      {"HeadersOnAnIdleStream", settings_frame({}) + headers(9, kStatus200), Errc::protocol_error, 1},
      {"HeadersOnStreamZero", settings_frame({}) + headers(0, kStatus200), Errc::protocol_error, 1},
      {"DataOnStreamZero", settings_frame({}) + data(0, "x"), Errc::protocol_error, 1},
      {"PaddingLongerThanTheFrame", kOk + data(1, "\xffx", kPadded), Errc::protocol_error, 1},
      {"DataBeforeHeaders", settings_frame({}) + data(1, "x"), Errc::protocol_error, 1},
      {"FrameLargerThanAllowed", kOk + data(1, std::string(20'000, 'x')), Errc::protocol_error, 6},
      {"HeaderIndexOutOfRange", settings_frame({}) + headers(1, "\xff\x80\x01"), Errc::protocol_error, 9},
      {"HeaderTableTooLarge", settings_frame({}) + headers(1, "\x3f\xff\xff\xff\x07"), Errc::protocol_error, 9},
      {"HuffmanPaddingTooLong", settings_frame({}) + headers(1, std::string("\x88\0\x81\xff\x81\xff", 6)),
       Errc::protocol_error, 9},
      {"PingOfWrongLength", settings_frame({}) + frame(FrameType::ping, kNoFlags, 0, "short"), Errc::protocol_error, 6},
      {"GoawayWithGrowingStreamId",
       settings_frame({}) + goaway_frame(1, 0) + goaway_frame(0x7fffffff, 0) + frame(FrameType::ping, kNoFlags, 0, "x"),
       Errc::protocol_error, 1},
      {"OtherFrameInsideAHeaderBlock", settings_frame({}) + headers(1, kStatus200, 0) + ping_frame("12345678"),
       Errc::protocol_error, 1},
      {"NoSettingsFirst", ping_frame("12345678"), Errc::protocol_error, 1},
      {"NotHttp2AtAll", "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n", Errc::protocol_error, 1},
  };
}

TEST_P(HostileServerTest, EndsTheConnectionWithAClearError) {
  const BrokenRule& rule = GetParam();
  const Result result = get_from(rule.script);
  ASSERT_TRUE(result.error.has_value()) << "it was answered: " << result.body;
  EXPECT_EQ(result.error->errc(), rule.errc) << result.error->what();
  EXPECT_EQ(goaway_of(result), rule.code) << result.error->what();
  EXPECT_EQ(result.error->blame(), Blame::peer);
  EXPECT_TRUE(result.is_over);
}

INSTANTIATE_TEST_SUITE_P(Rules, HostileServerTest, ::testing::ValuesIn(broken_rules()),
                         [](const auto& rule) { return std::string(rule.param.name); });

/// A rule whose breach ends its stream alone.
class HostileStreamTest : public ::testing::TestWithParam<BrokenRule> {};

std::vector<BrokenRule> broken_stream_rules() {
  return {
      {"NoStatus", settings_frame({}) + headers(1, literal("x", "y"), kEndHeaders | kEndStream), Errc::protocol_error,
       1},
      {"StatusThatIsNoNumber", settings_frame({}) + headers(1, literal(":status", "abc")), Errc::protocol_error, 1},
      {"StatusBelow100", settings_frame({}) + headers(1, literal(":status", "099")), Errc::protocol_error, 2},
      {"StatusZero", settings_frame({}) + headers(1, literal(":status", "000")), Errc::protocol_error, 2},
      {"SwitchingProtocols", settings_frame({}) + headers(1, literal(":status", "101")), Errc::protocol_error, 1},
      {"UpperCaseName", settings_frame({}) + headers(1, std::string(kStatus200) + literal("X-Upper", "y")),
       Errc::protocol_error, 1},
      {"ConnectionHeader", settings_frame({}) + headers(1, std::string(kStatus200) + literal("connection", "close")),
       Errc::protocol_error, 1},
      {"LineBreakInAValue", settings_frame({}) + headers(1, std::string(kStatus200) + literal("x", "a\r\nb: c")),
       Errc::protocol_error, 1},
      {"PseudoHeaderAfterOthers", settings_frame({}) + headers(1, literal("x", "y") + std::string(kStatus200)),
       Errc::protocol_error, 1},
      {"PseudoHeaderInTrailers", kOk + headers(1, kStatus200, kEndHeaders | kEndStream), Errc::protocol_error, 1},
      {"LessThanContentLength",
       settings_frame({}) + headers(1, std::string(kStatus200) + literal("content-length", "10")) +
           data(1, "12345", kEndStream),
       Errc::protocol_error, 1},
      {"MoreThanContentLength",
       settings_frame({}) + headers(1, std::string(kStatus200) + literal("content-length", "3")) +
           data(1, "12345", kEndStream),
       Errc::protocol_error, 1},
      {"StreamWindowOverflows", settings_frame({}) + window_update_frame(1, 0x7fffffff), Errc::protocol_error, 3},
      {"HeaderListTooLarge",
       settings_frame({}) + headers(1, std::string(kStatus200), 0) +
           times(2, continuation_frame(1, times(4'000, literal("x", "")), false)) + continuation_frame(1, "", true),
       Errc::limit_exceeded, 2},
      {"SmallHeadsThatExpandToALargeList",
       // One entry of the dynamic table, named again and again.
       settings_frame({}) + headers(1, std::string(kStatus200) + '\x40' + "\x01x\x7f\x81\x17" +
                                           std::string(3'072, 'v') + times(5'000, "\xbe")),
       Errc::limit_exceeded, 2},
  };
}

TEST_P(HostileStreamTest, EndsItsStreamWithAClearError) {
  const BrokenRule& rule = GetParam();
  const Result result = get_from(rule.script);
  ASSERT_TRUE(result.error.has_value()) << "it was answered: " << result.body;
  EXPECT_EQ(result.error->errc(), rule.errc) << result.error->what();
  EXPECT_EQ(reset_of(result), rule.code) << result.error->what();
  EXPECT_EQ(goaway_of(result).value_or(0), 0U);
}

INSTANTIATE_TEST_SUITE_P(Rules, HostileStreamTest, ::testing::ValuesIn(broken_stream_rules()),
                         [](const auto& rule) { return std::string(rule.param.name); });

TEST(HostileServerErrorTest, AnErrorNeverShowsAHeaderValue) {
  const Result result =
      get_from(settings_frame({}) + headers(1, std::string(kStatus200) + literal("Set-Cookie", "top-secret")));
  ASSERT_TRUE(result.error.has_value());
  EXPECT_EQ(std::string(result.error->what()).find("top-secret"), std::string::npos) << result.error->what();
}

TEST(HostileServerErrorTest, PaddingIsNoPartOfTheBodyAndItsWindowComesBack) {
  std::string script = kOk;
  for (int i = 0; i < 400; ++i) script += data(1, std::string("\xff") + "b" + std::string(255, '\0'), kPadded);
  script += data(1, "", kEndStream);
  const Result result = get_from(script);
  EXPECT_FALSE(result.error.has_value());
  EXPECT_EQ(result.body, std::string(400, 'b'));
}

TEST(HostileServerErrorTest, FramesOnAResetStreamAreIgnored) {
  const Result result =
      get_from(settings_frame({}) + rst_stream_frame(1, 8) + data(1, "late") + rst_stream_frame(1, 8));
  ASSERT_TRUE(result.error.has_value());
  EXPECT_EQ(result.error->errc(), Errc::stream_reset);
}

TEST(HostileServerErrorTest, APeerThatSaysNothingIsLeftAtTheReadTimeOut) {
  const Result result = get_from("");
  ASSERT_TRUE(result.error.has_value());
  EXPECT_EQ(result.error->errc(), Errc::read_timeout);
}

}  // namespace
}  // namespace okhttp::internal

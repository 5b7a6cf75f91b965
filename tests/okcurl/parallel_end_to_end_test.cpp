// -Z: the program itself against a MockWebServer.

#include <okhttp/mockwebserver/mock_web_server.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <future>
#include <string>
#include <string_view>
#include <vector>

#include "okcurl/okcurl_process.hpp"
#include "okcurl/scratch_folder.hpp"

namespace okcurl {
namespace {

using okhttp::MockResponse;
using okhttp::RecordedRequest;
using okhttp::SocketEffect;
using ::testing::HasSubstr;
using ::testing::Not;

class ParallelEndToEndTest : public ::testing::Test {
 protected:
  std::string url(std::string_view path) { return server_.url(path).to_string(); }
  RunResult run(std::vector<std::string> arguments) {
    return OkcurlProcess(std::move(arguments)).in_folder(folder_.path()).run();
  }
  std::future<RunResult> start(std::vector<std::string> arguments) {
    return std::async(std::launch::async, [this, arguments = std::move(arguments)] { return run(arguments); });
  }
  /// `arguments`, then "/1" to "/count".
  std::vector<std::string> with_urls(std::vector<std::string> arguments, int count) {
    for (int i = 1; i <= count; ++i) arguments.push_back(url("/" + std::to_string(i)));
    return arguments;
  }
  /// True once so many more requests are there, none of which was answered.
  bool await_requests(int count) {
    for (int i = 0; i < count; ++i) {
      if (!server_.take_request(std::chrono::seconds(30)).has_value()) return false;
    }
    return true;
  }
  /// Answers each request with its path.
  void echo_paths() {
    server_.set_dispatcher([](const RecordedRequest& request) { return MockResponse(std::string(request.target())); });
  }

  ScratchFolder folder_;
  okhttp::MockWebServer server_;
};

TEST_F(ParallelEndToEndTest, AllUrlsAreAskedForBeforeTheFirstIsAnswered) {
  auto running = start(with_urls({"-sSZ"}, 4));
  EXPECT_TRUE(await_requests(4));
  for (int i = 0; i < 4; ++i) server_.enqueue(MockResponse("text"));
  const RunResult result = running.get();
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(result.out, "texttexttexttext");
}

TEST_F(ParallelEndToEndTest, NoMoreThanPermittedGoSideBySide) {
  auto running = start(with_urls({"-sSZ", "--parallel-max", "2"}, 3));
  EXPECT_TRUE(await_requests(2));
  EXPECT_EQ(server_.request_count(), 2U) << "the third waits for an answer to one of these";
  for (int i = 0; i < 3; ++i) server_.enqueue(MockResponse("text"));
  EXPECT_EQ(running.get().exit_code, 0);
  EXPECT_EQ(server_.request_count(), 3U);
}

TEST_F(ParallelEndToEndTest, WithoutItTheyGoOneAfterAnother) {
  auto running = start(with_urls({"-sS"}, 2));
  EXPECT_TRUE(await_requests(1));
  server_.enqueue(MockResponse("first,"));
  EXPECT_TRUE(await_requests(1));
  server_.enqueue(MockResponse("second"));
  EXPECT_EQ(running.get().out, "first,second");
}

TEST_F(ParallelEndToEndTest, EachGoesToItsFile) {
  echo_paths();
  const RunResult result = run(with_urls({"-Z", "--remote-name-all"}, 5));
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(result.err, "") << "there is no terminal to show progress on";
  for (int i = 1; i <= 5; ++i) EXPECT_EQ(folder_.read(std::to_string(i)), "/" + std::to_string(i));
}

TEST_F(ParallelEndToEndTest, BodiesOnStandardOutputAllArrive) {
  // More than one connection of HTTP/2 takes in unread: none may wait for another.
  constexpr std::size_t kSize = std::size_t{14} << 20;
  constexpr int kBodies = 8;
  server_.set_protocols({okhttp::Protocol::h2_prior_knowledge});
  for (int i = 0; i < kBodies; ++i) server_.enqueue(MockResponse::Builder().generated_body(kSize).build());
  const RunResult result = run(with_urls({"-sSZ", "--http2-prior-knowledge"}, kBodies));
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(result.out.size(), kBodies * kSize);
}

TEST_F(ParallelEndToEndTest, TheFirstFailureInTheOrderOfTheCommandLineDecides) {
  server_.set_dispatcher([](const RecordedRequest& request) {
    return request.target() == "/2" ? MockResponse(404, "none") : MockResponse("text");
  });
  const RunResult result = run(with_urls({"-sSfZ"}, 4));
  EXPECT_EQ(result.exit_code, 22);
  EXPECT_EQ(result.out, "texttexttext");
  EXPECT_THAT(result.err, HasSubstr("404"));
}

TEST_F(ParallelEndToEndTest, FailEarlyStopsTheOthersAtOnce) {
  server_.enqueue(MockResponse::Builder().on_response_start(SocketEffect::stall()).build());
  server_.enqueue(MockResponse::Builder().body("text").on_response_body(SocketEffect::stall()).build());
  server_.enqueue(MockResponse(404, "none"));
  const RunResult result = run(with_urls({"-sSfZ", "--fail-early", "--parallel-max", "3"}, 6));
  EXPECT_EQ(result.exit_code, 22);
  EXPECT_THAT(result.err, HasSubstr("404"));
  EXPECT_EQ(result.err.find('\n'), result.err.size() - 1) << "what was stopped tells nothing: " << result.err;
  EXPECT_LE(server_.request_count(), 3U);
}

TEST_F(ParallelEndToEndTest, FailEarlyEndsTheWaitForARetry) {
  server_.enqueue(MockResponse::Builder().code(503).set_header("Retry-After", "3600").build());
  auto running = start({"-sSZ", "--fail-early", "--retry", "1", url("/1"), "http://127.0.0.1:1/"});
  EXPECT_EQ(running.get().exit_code, 7);
}

TEST_F(ParallelEndToEndTest, EachIsTriedAgainByItself) {
  server_.set_dispatcher([failed = false](const RecordedRequest& request) mutable {
    if (request.target() != "/2" || std::exchange(failed, true)) return MockResponse("text");
    return MockResponse(503, "busy");
  });
  const RunResult result = run(with_urls({"-sSZ", "--retry", "2", "--retry-delay", "0.001", "--remote-name-all"}, 3));
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(server_.request_count(), 4U);
  for (int i = 1; i <= 3; ++i) EXPECT_EQ(folder_.read(std::to_string(i)), "text");
}

TEST_F(ParallelEndToEndTest, ImmediateConnectsForEach) {
  server_.set_protocols({okhttp::Protocol::h2_prior_knowledge});
  auto running = start(with_urls({"-sSZ", "--parallel-immediate", "--http2-prior-knowledge"}, 3));
  EXPECT_TRUE(await_requests(3));
  EXPECT_EQ(server_.connection_count(), 3U);
  for (int i = 0; i < 3; ++i) server_.enqueue(MockResponse("text"));
  EXPECT_EQ(running.get().exit_code, 0);
}

TEST_F(ParallelEndToEndTest, OneHttp2ConnectionServesAllOtherwise) {
  server_.set_protocols({okhttp::Protocol::h2_prior_knowledge});
  auto running = start(with_urls({"-sSZ", "--http2-prior-knowledge"}, 3));
  EXPECT_TRUE(await_requests(3));
  EXPECT_EQ(server_.connection_count(), 1U);
  for (int i = 0; i < 3; ++i) server_.enqueue(MockResponse("text"));
  EXPECT_EQ(running.get().exit_code, 0);
}

TEST_F(ParallelEndToEndTest, VerboseHeadsAreWhole) {
  echo_paths();
  const RunResult result = run(with_urls({"-vZ", "--remote-name-all"}, 8));
  EXPECT_EQ(result.exit_code, 0) << result.err;
  for (int i = 1; i <= 8; ++i) {
    EXPECT_THAT(result.err, HasSubstr("> GET /" + std::to_string(i) + " HTTP/1.1\n> Host: "));
  }
}

TEST_F(ParallelEndToEndTest, ANumberThatMakesNoSenseIsRefused) {
  for (const char* number : {"0", "301", "-1", "many"}) {
    const RunResult result = run(with_urls({"-Z", "--parallel-max", number}, 1));
    EXPECT_EQ(result.exit_code, 2) << number;
    EXPECT_THAT(result.err, HasSubstr("--parallel-max")) << number;
  }
}

}  // namespace
}  // namespace okcurl

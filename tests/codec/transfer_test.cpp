#include <okhttp/client.hpp>
#include <okhttp/mockwebserver/mock_web_server.hpp>
#include <okhttp/multipart_body.hpp>
#include <okhttp/multipart_reader.hpp>
#include <okhttp/progress.hpp>
#include <okhttp/sync_wait.hpp>

#include <gtest/gtest.h>

#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "support/call_styles.hpp"
#include "support/gzipped.hpp"
#include "support/protocols.hpp"

// Multipart answers and progress, over the network.

namespace okhttp {
namespace {

class Transfer : public ProtocolTest<CallStyle> {
 protected:
  [[nodiscard]] Response get() { return run(how(), client_.new_call(Request::get(server_.url("/")))); }
  [[nodiscard]] Response send(const Request& request) { return run(how(), client_.new_call(request)); }
  void enqueue(const std::string& type, const std::string& body) {
    server_.enqueue(MockResponse::Builder().set_header("Content-Type", type).body(body).build());
  }
};

INSTANTIATE_TEST_SUITE_P(Protocols, Transfer, over_both_protocols(both_call_styles()), ParameterName());

Task<std::vector<std::string>> read_awaiting(MultipartReader reader) {
  std::vector<std::string> contents;
  while (true) {
    Task<std::optional<MultipartReader::Part>> next = reader.async().next_part();
    const std::optional<MultipartReader::Part> part = co_await std::move(next);
    if (!part.has_value()) break;
    Task<std::string> reading = part->body().async().string();
    contents.push_back(co_await std::move(reading));
  }
  co_return contents;
}

std::vector<std::string> read(CallStyle style, const MultipartReader& reader) {
  if (style == CallStyle::on_the_loop) return sync_wait(read_awaiting(reader));
  std::vector<std::string> contents;
  while (const auto part = reader.next_part()) contents.push_back(part->body().string());
  return contents;
}

using Contents = std::vector<std::string>;

TEST_P(Transfer, PartsOfAnAnswerAreReadAndTheConnectionIsKept) {
  const std::string large(300'000, 'x');
  const std::string text =
      "--THIS\r\nContent-Range: bytes 0-2/8\r\n\r\none\r\n--THIS\r\nContent-Range: bytes 5-7/8\r\n\r\n" + large +
      "\r\n--THIS--\r\n";
  for (int i = 0; i < 2; ++i) {
    enqueue("multipart/byteranges; boundary=THIS", text);
    EXPECT_EQ(read(how(), MultipartReader(get().body())), (Contents{"one", large}));
    EXPECT_EQ(server_.take_request()->connection_index(), 0U);
  }
}

TEST_P(Transfer, ACodedMultipartAnswerIsDecodedFirst) {
  server_.enqueue(MockResponse::Builder()
                      .set_header("Content-Type", "multipart/mixed; boundary=b")
                      .set_header("Content-Encoding", "gzip")
                      .body(gzipped("--b\r\n\r\none\r\n--b--"))
                      .build());
  EXPECT_EQ(read(how(), MultipartReader(get().body())), Contents{"one"});
}

TEST_P(Transfer, AnAnswerWithoutItsClosingBoundaryIsAnError) {
  enqueue("multipart/mixed; boundary=b", "--b\r\n\r\none");
  const MultipartReader reader(get().body());
  try {
    (void)read(how(), reader);
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.errc(), Errc::protocol_error);
    EXPECT_EQ(error.blame(), Blame::peer);
  }
}

TEST_P(Transfer, AFormThatWasSentIsRead) {
  server_.enqueue(MockResponse(204));
  const auto form = MultipartBody::Builder().add_form_data_part("a", "1").add_form_data_part("b", "2").build();
  (void)send(Request::post(server_.url("/"), form));
  const RecordedRequest request = *server_.take_request();
  const MultipartReader reader(
      ResponseBody::create(request.body(), MediaType::parse(std::string(*request.header("Content-Type")))));
  EXPECT_EQ(read(how(), reader), (Contents{"1", "2"}));
}

/// What a callback was told last, and whether it ever went backwards.
struct Seen {
  [[nodiscard]] static ProgressCallback by(std::shared_ptr<Seen> seen) {
    return [seen = std::move(seen)](const Progress& progress) {
      const std::lock_guard lock(seen->mutex);
      if (progress.transferred < seen->last.transferred) ++seen->restarts;
      seen->last = progress;
      ++seen->calls;
    };
  }
  [[nodiscard]] Progress get() {
    const std::lock_guard lock(mutex);
    return last;
  }

  std::mutex mutex;
  Progress last;
  int calls = 0;
  int restarts = 0;
};

TEST_P(Transfer, ProgressOfAnUploadIsTold) {
  const auto seen = std::make_shared<Seen>();
  server_.enqueue(MockResponse(204));
  const std::string text(1 << 20, 'x');
  (void)send(Request::post(server_.url("/"), with_progress(RequestBody::create(text), Seen::by(seen))));
  EXPECT_EQ(server_.take_request()->body(), text);
  EXPECT_TRUE(seen->get().is_complete());
  EXPECT_EQ(seen->get().total, text.size());
  EXPECT_EQ(seen->calls, 16);
  EXPECT_EQ(seen->restarts, 0);
}

TEST_P(Transfer, ProgressBeginsAgainWithEachTry) {
  const auto seen = std::make_shared<Seen>();
  server_.enqueue(MockResponse::Builder().code(307).set_header("Location", "/there").build());
  server_.enqueue(MockResponse(204));
  const std::string text(1 << 20, 'x');
  (void)send(Request::post(server_.url("/"), with_progress(RequestBody::create(text), Seen::by(seen))));
  EXPECT_EQ(seen->calls, 32);
  EXPECT_EQ(seen->restarts, 1);
}

TEST_P(Transfer, ProgressOfADownloadIsTold) {
  const auto seen = std::make_shared<Seen>();
  const std::string text(1 << 20, 'x');
  server_.enqueue(MockResponse(text));
  const Response response = with_progress(get(), Seen::by(seen));
  EXPECT_EQ(response.code(), 200);
  EXPECT_EQ(response.body().content_length(), text.size());
  EXPECT_EQ(how() == CallStyle::blocking ? response.body().string() : sync_wait(response.body().async().string()),
            text);
  EXPECT_EQ(seen->get().total, text.size());
  EXPECT_TRUE(seen->get().is_complete());
}

/// Has a callback told of each response.
class Watching final : public Interceptor {
 public:
  explicit Watching(ProgressCallback callback) : callback_(std::move(callback)) {}
  Task<Response> intercept(Chain& chain) override {
    Response response = co_await chain.proceed(chain.request());
    co_return with_progress(response, callback_);
  }

 private:
  const ProgressCallback callback_;
};

TEST_P(Transfer, ANetworkInterceptorCountsWhatComesOverTheNetwork) {
  const std::string text(1 << 20, 'x');
  const std::string coded = gzipped(text);
  const auto seen = std::make_shared<Seen>();
  client_ = builder().add_network_interceptor(std::make_shared<Watching>(Seen::by(seen))).build();
  server_.enqueue(MockResponse::Builder().set_header("Content-Encoding", "gzip").body(coded).build());
  const Response response = get();
  EXPECT_EQ(how() == CallStyle::blocking ? response.body().string() : sync_wait(response.body().async().string()),
            text);
  EXPECT_EQ(seen->get().total, coded.size());
  EXPECT_TRUE(seen->get().is_complete());
}

TEST_P(Transfer, AConnectionIsKeptWhenAWatchedBodyIsRead) {
  const auto seen = std::make_shared<Seen>();
  for (int i = 0; i < 2; ++i) {
    server_.enqueue(MockResponse(std::string(100'000, 'x')));
    EXPECT_EQ(with_progress(get(), Seen::by(seen)).body().skip(UINT64_MAX), 100'000U);
    EXPECT_EQ(server_.take_request()->connection_index(), 0U);
  }
}

}  // namespace
}  // namespace okhttp

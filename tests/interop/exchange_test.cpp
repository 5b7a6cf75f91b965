#include <algorithm>
#include <atomic>
#include <latch>
#include <thread>

#include "interop/support/server_test.hpp"

namespace okhttp::interop {
namespace {

/// What every server can.
class ExchangeTest : public EachServerTest {};

INSTANTIATE_TEST_SUITE_P(Servers, ExchangeTest, ::testing::Combine(kAllServers, kAllWays), name_of);
INSTANTIATE_TEST_SUITE_P(Fronts, ExchangeTest, kFronts, name_of);

TEST_P(ExchangeTest, SmallBodyArrives) {
  const Response response = client_.get(url("/1k"));
  EXPECT_EQ(response.code(), 200);
  const Protocol http2 = scheme() == Scheme::https ? Protocol::http_2 : Protocol::h2_prior_knowledge;
  EXPECT_EQ(response.protocol(), over_http2() ? http2 : Protocol::http_1_1);
  EXPECT_EQ(response.body().content_length(), 1024U);
  EXPECT_EQ(response.body().string(), Site::get().small());
  EXPECT_EQ(response.handshake() != nullptr, scheme() == Scheme::https);
}

TEST_P(ExchangeTest, LargeBodyArrivesUnchanged) {
  const Response response = client_.get(url("/64m"));
  EXPECT_EQ(response.body().content_length(), Site::kLargeSize);
  EXPECT_EQ(sha256(response.body().bytes()), Site::get().large_sha256());
}

Task<std::string> read_by_coroutine(Call call) {
  const Response response = co_await call;
  std::string all;
  std::vector<std::byte> piece(100000);
  for (;;) {
    const std::size_t count = co_await response.body().async().read_some(piece);
    if (count == 0) break;
    all.append(reinterpret_cast<const char*>(piece.data()), count);
  }
  co_return all;
}

TEST_P(ExchangeTest, LargeBodyArrivesUnchangedInACoroutine) {
  EXPECT_EQ(sha256(sync_wait(read_by_coroutine(client_.new_call(Request::get(url("/64m")))))),
            Site::get().large_sha256());
}

TEST_P(ExchangeTest, HeadHasNoBodyAndTheConnectionIsUsedAgain) {
  for (const char* path : {"/1k", "/64m"}) {
    const Response response = client_.head(url(path));
    EXPECT_EQ(response.code(), 200);
    EXPECT_EQ(response.body().string(), "");
  }
  EXPECT_EQ(client_.head(url("/1k")).header("Content-Length"), "1024");
  EXPECT_EQ(client_.get(url("/1k")).body().string(), Site::get().small());
  EXPECT_EQ(tally_->connections(), 1);
}

TEST_P(ExchangeTest, ErrorsArriveAsAnswers) {
  const Response response = client_.get(url("/missing"));
  EXPECT_EQ(response.code(), 404);
  EXPECT_THROW(response.throw_if_error(), Error);
}

TEST_P(ExchangeTest, ABodyDroppedUnreadLeavesAUsableClient) {
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(client_.get(url("/64m")).code(), 200);
    EXPECT_EQ(client_.get(url("/1k")).body().string(), Site::get().small());
  }
  if (over_http2()) {
    EXPECT_EQ(tally_->connections(), 1);
  }
}

TEST_P(ExchangeTest, ThousandsOfRequestsShareOneConnection) {
  const Request request = Request::get(url("/1k"));
  for (int i = 0; i < 2000; ++i) {
    ASSERT_EQ(client_.execute(request).body().string(), Site::get().small()) << i;
  }
  EXPECT_EQ(tally_->connections(), 1);
}

TEST_P(ExchangeTest, ThreadsNeedNoMoreThanAConnectionEachAndOverHttp2One) {
  constexpr int kThreads = 4;
  std::atomic<int> right{0};
  std::vector<std::jthread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      const Request request = Request::get(url("/1k"));
      for (int n = 0; n < 500; ++n) right += client_.execute(request).body().string() == Site::get().small() ? 1 : 0;
    });
  }
  threads.clear();
  EXPECT_EQ(right, kThreads * 500);
  EXPECT_LE(tally_->connections(), over_http2() ? 1 : kThreads);
}

TEST_P(ExchangeTest, EnqueuedCallsShareFiveConnectionsAndOverHttp2One) {
  constexpr int kCalls = 500;
  std::latch done(kCalls);
  std::atomic<int> right{0};
  for (int i = 0; i < kCalls; ++i) {
    client_.new_call(Request::get(url("/1k"))).enqueue([&](const Call&, Result<Response> result) {
      if (result.has_value() && result.value().body().string() == Site::get().small()) ++right;
      done.count_down();
    });
  }
  done.wait();
  EXPECT_EQ(right, kCalls);
  // A call begins when another's callback has the response, whose connection is still in use then.
  EXPECT_LE(tally_->connections(), over_http2() ? 1 : kCalls);
  EXPECT_LE(client_.connection_pool().idle_connection_count(), 5U);
}

Task<std::string> text_of(Call call) {
  const Response response = co_await call;
  co_return co_await response.body().async().string();
}

TEST_P(ExchangeTest, AwaitedCallsRunSideBySide) {
  std::vector<Task<std::string>> tasks;
  for (int i = 0; i < 300; ++i) tasks.push_back(text_of(client_.new_call(Request::get(url("/1k")))));
  const std::vector<std::string> bodies = sync_wait(when_all(std::move(tasks)));
  EXPECT_EQ(std::count(bodies.begin(), bodies.end(), Site::get().small()), 300);
}

/// What those that serve the whole site can.
class SiteTest : public EachServerTest {};

INSTANTIATE_TEST_SUITE_P(Servers, SiteTest, ::testing::Combine(kAllServers, kAllWays), name_of);

TEST_P(SiteTest, BodyOfUnknownLengthArrivesAndTheConnectionIsUsedAgain) {
  for (int i = 0; i < 3; ++i) {
    const Response response = client_.get(url("/chunked"));
    EXPECT_EQ(response.header("Transfer-Encoding").has_value(), !over_http2());
    EXPECT_EQ(response.body().content_length(), std::nullopt);
    EXPECT_EQ(response.body().string(), Site::get().text());
  }
  EXPECT_EQ(tally_->connections(), 1);
}

TEST_P(SiteTest, RangesAreServed) {
  const auto range = [&](std::string_view bytes) {
    return client_.execute(Request::get(url("/1k")).new_builder().header("Range", bytes).build());
  };
  const Response middle = range("bytes=10-19");
  EXPECT_EQ(middle.code(), 206);
  EXPECT_EQ(middle.header("Content-Range"), "bytes 10-19/1024");
  EXPECT_EQ(middle.body().string(), Site::get().small().substr(10, 10));
  EXPECT_EQ(range("bytes=-24").body().string(), Site::get().small().substr(1000));
  EXPECT_EQ(range("bytes=1000-").body().string(), Site::get().small().substr(1000));
  EXPECT_EQ(range("bytes=5000-").code(), 416);
}

TEST_P(SiteTest, RedirectsAreFollowedOnTheSameConnection) {
  for (const char* path : {"/redirect", "/absolute-redirect"}) {
    const Response response = client_.get(url(path));
    EXPECT_EQ(response.code(), 200);
    EXPECT_EQ(response.body().string(), Site::get().small());
    EXPECT_EQ(response.request().url().to_string(), url("/1k"));
    ASSERT_NE(response.prior_response(), nullptr);
    EXPECT_EQ(response.prior_response()->code(), 302);
  }
  EXPECT_EQ(tally_->connections(), 1);
}

TEST_P(SiteTest, ARedirectMayKeepMethodAndBody) {
  const Response response = client_.post(url("/redirect-308"), RequestBody::create("kept"));
  EXPECT_EQ(response.code(), 204);
  EXPECT_EQ(response.request().method(), "POST");
  EXPECT_EQ(response.request().url().to_string(), url("/discard"));
}

TEST_P(SiteTest, RedirectsInACircleEnd) {
  EXPECT_EQ(failure_of(client_.new_call(Request::get(url("/loop")))), Errc::too_many_follow_ups);
  const Client still = client_.new_builder().follow_redirects(false).build();
  EXPECT_EQ(still.get(url("/loop")).code(), 302);
}

TEST_P(SiteTest, GzipIsDecodedWhenNobodyAskedForIt) {
  const Response response = client_.get(url("/text"));
  EXPECT_EQ(response.header("Content-Encoding"), std::nullopt);
  EXPECT_EQ(response.body().content_length(), std::nullopt);
  EXPECT_EQ(response.body().string(), Site::get().text());
  ASSERT_NE(response.network_response(), nullptr);
  EXPECT_EQ(response.network_response()->header("Content-Encoding"), "gzip");
}

TEST_P(SiteTest, GzipStaysWhenTheCallerAskedForIt) {
  const Request request = Request::get(url("/text")).new_builder().header("Accept-Encoding", "gzip").build();
  const Response response = client_.execute(request);
  EXPECT_EQ(response.header("Content-Encoding"), "gzip");
  const std::string packed = response.body().string();
  EXPECT_LT(packed.size(), Site::get().text().size() / 2);
  EXPECT_EQ(packed.substr(0, 2), "\x1f\x8b");
}

TEST_P(SiteTest, LargeRequestHeadersAreSent) {
  const Request request = Request::get(url("/1k")).new_builder().header("X-Large", std::string(30000, 'x')).build();
  EXPECT_EQ(client_.execute(request).code(), 200);
}

/// What Apache does wrongly over HTTP/2: it sends bodies in answer to some HEADs, and cannot send 64 KiB of headers.
class UnusualAnswerTest : public EachServerTest {};

INSTANTIATE_TEST_SUITE_P(Servers, UnusualAnswerTest, ::testing::Combine(kAllServers, kHttp1Ways), name_of);
INSTANTIATE_TEST_SUITE_P(ServersOverHttp2, UnusualAnswerTest,
                         ::testing::Combine(::testing::Values(ServerKind::nginx, ServerKind::caddy, ServerKind::node),
                                            kHttp2Ways),
                         name_of);

TEST_P(UnusualAnswerTest, HeadHasNoBodyWhateverGetHas) {
  for (const char* path : {"/chunked", "/missing", "/text"}) {
    const Response response = client_.head(url(path));
    EXPECT_EQ(response.code(), std::string_view(path) == "/missing" ? 404 : 200);
    EXPECT_EQ(response.body().string(), "");
  }
  EXPECT_EQ(client_.get(url("/1k")).body().string(), Site::get().small());
  EXPECT_EQ(tally_->connections(), 1);
}

TEST_P(UnusualAnswerTest, LargeResponseHeadersArrive) {
  const Response response = client_.get(url("/big-headers"));
  EXPECT_EQ(response.code(), 200);
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(response.header("X-Big-" + std::to_string(i)), std::string(1000, static_cast<char>('a' + i % 26)));
  }
}

class SavedBodyTest : public EachServerTest {};

INSTANTIATE_TEST_SUITE_P(Servers, SavedBodyTest, ::testing::Combine(kAllServers, kWaysButH2c), name_of);

TEST_P(SavedBodyTest, LargeBodyIsSavedToAFile) {
  const std::filesystem::path file = Site::get().directory() / "saved";
  EXPECT_EQ(client_.get(url("/64m")).body().save_to(file), Site::kLargeSize);
  EXPECT_EQ(sha256_of_file(file), Site::get().large_sha256());
}

class OtherSchemeTest : public EachServerTest {};

INSTANTIATE_TEST_SUITE_P(Servers, OtherSchemeTest, ::testing::Combine(kAllServers, kWaysButH2c), name_of);

TEST_P(OtherSchemeTest, RedirectsLeadToTheOtherSchemeAndBack) {
  for (const char* path : {"/to-https", "/to-http"}) {
    const Response response = client_.get(url(path));
    EXPECT_EQ(response.code(), 200);
    EXPECT_EQ(response.body().string(), Site::get().small());
    EXPECT_EQ(response.handshake() != nullptr, std::string_view(path) == "/to-https");
  }
  EXPECT_EQ(tally_->connections(), 2);
  const Client strict = client_.new_builder().follow_ssl_redirects(false).build();
  EXPECT_EQ(strict.get(url(scheme() == Scheme::http ? "/to-https" : "/to-http")).code(), 301);
}

class ClosedByTheServerTest : public EachServerTest {};

INSTANTIATE_TEST_SUITE_P(Servers, ClosedByTheServerTest, ::testing::Combine(kAllServers, kHttp1Ways), name_of);

TEST_P(ClosedByTheServerTest, AConnectionThatTheServerClosesIsNotKept) {
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(client_.get(url("/close")).body().string(), Site::get().small());
    EXPECT_EQ(client_.connection_pool().connection_count(), 0U);
  }
  EXPECT_EQ(tally_->connections(), 3);
}

}  // namespace
}  // namespace okhttp::interop

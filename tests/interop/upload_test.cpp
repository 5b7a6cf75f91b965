#include "interop/support/server_test.hpp"

namespace okhttp::interop {
namespace {

class UploadTest : public EachServerTest {
 protected:
  [[nodiscard]] static RequestBodyPtr large_file() { return RequestBody::file(Site::get().documents() / "64m"); }
  [[nodiscard]] std::string stored() const { return sha256_of_file(server().uploads() / "file"); }
};

INSTANTIATE_TEST_SUITE_P(Servers, UploadTest,
                         ::testing::Combine(::testing::Values(ServerKind::nginx, ServerKind::apache, ServerKind::node),
                                            kAllWays),
                         name_of);

TEST_P(UploadTest, LargeFileArrivesUnchanged) {
  const Response response = client_.put(url("/upload/file"), large_file());
  EXPECT_TRUE(response.is_successful()) << response.code();
  EXPECT_EQ(stored(), Site::get().large_sha256());
  EXPECT_EQ(client_.delete_(url("/upload/file")).code(), 204);
}

TEST_P(UploadTest, BodyOfUnknownLengthArrivesUnchanged) {
  const auto pieces = [] {
    return RequestBody::Pieces([left = 100]() mutable -> std::optional<std::string> {
      if (left-- == 0) return std::nullopt;
      return Site::get().text();
    });
  };
  const Response response = client_.put(url("/upload/file"), RequestBody::generator(pieces));
  EXPECT_TRUE(response.is_successful()) << response.code();
  std::string expected;
  for (int i = 0; i < 100; ++i) expected += Site::get().text();
  EXPECT_EQ(stored(), sha256(expected));
}

class ExpectTest : public UploadTest {};

INSTANTIATE_TEST_SUITE_P(Servers, ExpectTest,
                         ::testing::Combine(::testing::Values(ServerKind::nginx, ServerKind::apache, ServerKind::node),
                                            kHttp1Ways),
                         name_of);
// Over HTTP/2, nginx never sends the 100 that it was asked for.
INSTANTIATE_TEST_SUITE_P(ServersOverHttp2, ExpectTest,
                         ::testing::Combine(::testing::Values(ServerKind::apache, ServerKind::node), kHttp2Ways),
                         name_of);

TEST_P(ExpectTest, ExpectedContinueComesBeforeTheBody) {
  const Request request = Request::put(url("/upload/file"), RequestBody::create(Site::get().text()))
                              .new_builder()
                              .header("Expect", "100-continue")
                              .build();
  for (int i = 0; i < 3; ++i) {
    const Response response = client_.execute(request);
    EXPECT_TRUE(response.is_successful()) << response.code();
    EXPECT_EQ(stored(), sha256(Site::get().text()));
  }
  EXPECT_EQ(tally_->connections(), 1);
}

class DiscardedUploadTest : public EachServerTest {};

INSTANTIATE_TEST_SUITE_P(Servers, DiscardedUploadTest, ::testing::Combine(kAllServers, kAllWays), name_of);

// nginx and Apache read on, Caddy answers at once and stops reading.
TEST_P(DiscardedUploadTest, AnswerToABodyThatNobodyWantsIsRead) {
  const Response response = client_.post(url("/discard"), RequestBody::file(Site::get().documents() / "64m"));
  EXPECT_EQ(response.code(), 204);
  EXPECT_EQ(client_.get(url("/1k")).body().string(), Site::get().small());
}

}  // namespace
}  // namespace okhttp::interop

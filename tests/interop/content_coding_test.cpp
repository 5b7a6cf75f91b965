// Codings other than gzip: zstd of Caddy, br of nginx.

#include <okhttp/content_coding.hpp>

#include "interop/support/run_program.hpp"
#include "interop/support/server_test.hpp"
#include "places.hpp"
#include "support/codings.hpp"

namespace okhttp::interop {
namespace {

class ContentCodingTest : public EachServerTest {
 protected:
  [[nodiscard]] static std::string coding() { return kind() == ServerKind::caddy ? "zstd" : "br"; }
  [[nodiscard]] Client all_codings() const {
    Client::Builder builder = client_builder();
    for (auto& one : built_in_codings()) builder.add_content_coding(std::move(one));
    return builder.build();
  }
};

std::vector<ServerKind> servers_with_a_coding_of_ours() {
  std::vector<ServerKind> servers;
#ifdef OKHTTP_HAS_ZSTD
  servers.push_back(ServerKind::caddy);
#endif
#ifdef OKHTTP_HAS_BROTLI
  servers.push_back(ServerKind::nginx);
#endif
  return servers;
}

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(ContentCodingTest);
INSTANTIATE_TEST_SUITE_P(Servers, ContentCodingTest,
                         ::testing::Combine(::testing::ValuesIn(servers_with_a_coding_of_ours()), kAllWays), name_of);

TEST_P(ContentCodingTest, IsDecodedWhereItWasAdded) {
  const Client client = all_codings();
  for (int i = 0; i < 3; ++i) {
    const Response response = client.get(url("/text"));
    EXPECT_EQ(response.header("Content-Encoding"), std::nullopt);
    ASSERT_NE(response.network_response(), nullptr);
    EXPECT_EQ(response.network_response()->header("Content-Encoding"), coding())
        << "for nginx please run: apt-get install libnginx-mod-http-brotli-filter (or tools/install_deps.sh test)";
    EXPECT_EQ(response.body().string(), Site::get().text());
  }
  EXPECT_EQ(tally_->connections(), 1);
}

TEST_P(ContentCodingTest, IsNotSentToAClientThatDoesNotHaveIt) {
  const Response response = client_.get(url("/text"));
  EXPECT_EQ(response.network_response()->header("Content-Encoding"), "gzip");
  EXPECT_EQ(response.body().string(), Site::get().text());
}

TEST_P(ContentCodingTest, AHeadHasNoneToDecode) {
  const Response response = all_codings().head(url("/text"));
  EXPECT_EQ(response.code(), 200);
  EXPECT_EQ(response.body().string(), "");
}

#ifdef OKCURL_PATH
TEST_P(ContentCodingTest, OkcurlDecodesItWhenToldTo) {
  std::vector<std::string> command = {OKCURL_PATH,    "-s",       "-i",
                                      "--compressed", "--cacert", Site::get().root_file().string()};
  if (way() == Way::h2c) command.emplace_back("--http2-prior-knowledge");
  if (!over_http2()) command.emplace_back("--http1.1");
  command.push_back(url("/text"));
  const ProgramResult result = run_program(command);
  EXPECT_EQ(result.status, 0) << result.err;
  const std::string field = over_http2() ? "content-encoding: " : "Content-Encoding: ";
  EXPECT_NE(result.out.find(field + coding() + "\r\n"), std::string::npos) << result.out.substr(0, 500);
  EXPECT_TRUE(result.out.ends_with("\r\n\r\n" + Site::get().text()));
}
#endif

}  // namespace
}  // namespace okhttp::interop

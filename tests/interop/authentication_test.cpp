// Apache's mod_auth_basic and mod_auth_digest, which refuses a digest for another target.

#include "interop/support/server_test.hpp"

namespace okhttp::interop {
namespace {

class AuthenticationTest : public EachServerTest {
 protected:
  [[nodiscard]] Client asking(std::shared_ptr<Authenticator> authenticator) const {
    return client_builder().authenticator(std::move(authenticator)).build();
  }
  [[nodiscard]] static std::size_t size_of(const Response& response) { return response.body().string().size(); }
};

INSTANTIATE_TEST_SUITE_P(Servers, AuthenticationTest,
                         ::testing::Combine(::testing::Values(ServerKind::apache),
                                            ::testing::Values(Way::http, Way::https, Way::h2c, Way::h2)),
                         name_of);

TEST_P(AuthenticationTest, BasicIsLetIn) {
  const Client client = asking(Authenticator::basic("jane", "open sesame"));
  for (int i = 0; i < 2; ++i) EXPECT_EQ(size_of(client.get(url("/basic"))), 1024U);
  EXPECT_EQ(client_.get(url("/basic")).code(), 401);
  EXPECT_EQ(asking(Authenticator::basic("jane", "wrong")).get(url("/basic")).code(), 401);
}

TEST_P(AuthenticationTest, DigestIsLetIn) {
  const Client client = asking(Authenticator::digest("jane", "open sesame"));
  EXPECT_EQ(size_of(client.get(url("/digest"))), 1024U);
  EXPECT_EQ(size_of(client.get(url("/digest?a=b%20c&d"))), 1024U);
  EXPECT_EQ(client.head(url("/digest")).code(), 200);
  EXPECT_EQ(client_.get(url("/digest")).code(), 401);
  EXPECT_EQ(asking(Authenticator::digest("jane", "wrong")).get(url("/digest")).code(), 401);
}

TEST_P(AuthenticationTest, TheSchemeIsTheServersChoice) {
  const Client client = asking(Authenticator::by_scheme({{"Digest", Authenticator::digest("jane", "open sesame")},
                                                         {"Basic", Authenticator::basic("jane", "open sesame")}}));
  EXPECT_EQ(size_of(client.get(url("/digest"))), 1024U);
  EXPECT_EQ(size_of(client.get(url("/basic"))), 1024U);
}

}  // namespace
}  // namespace okhttp::interop

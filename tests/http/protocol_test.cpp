#include <okhttp/protocol.hpp>

#include <gtest/gtest.h>

namespace okhttp {
namespace {

TEST(ProtocolTest, NamesRoundTrip) {
  for (const Protocol protocol :
       {Protocol::http_1_0, Protocol::http_1_1, Protocol::http_2, Protocol::h2_prior_knowledge}) {
    EXPECT_EQ(protocol_from_string(to_string(protocol)), protocol);
  }
}

TEST(ProtocolTest, Http2IsNamedByItsAlpnIdentifier) { EXPECT_EQ(to_string(Protocol::http_2), "h2"); }

TEST(ProtocolTest, UnknownNamesAreRefused) {
  EXPECT_EQ(protocol_from_string("HTTP/1.1"), std::nullopt);
  EXPECT_EQ(protocol_from_string("spdy/3.1"), std::nullopt);
  EXPECT_EQ(protocol_from_string(""), std::nullopt);
}

}  // namespace
}  // namespace okhttp

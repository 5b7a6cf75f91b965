#include "okcurl/exit_code.hpp"

#include <gtest/gtest.h>

#include <system_error>

namespace okcurl {
namespace {

using okhttp::Blame;
using okhttp::Errc;
using okhttp::Error;

int code(Errc errc, Phase phase = Phase::connecting, Blame blame = Blame::network) {
  return static_cast<int>(exit_code_of(Error(errc, blame, "it failed"), phase));
}

TEST(ExitCodeTest, FailuresHaveCurlsNumbers) {
  EXPECT_EQ(code(Errc::unknown_host), 6);
  EXPECT_EQ(code(Errc::connect_failed), 7);
  EXPECT_EQ(code(Errc::timeout), 28);
  EXPECT_EQ(code(Errc::connect_timeout), 28);
  EXPECT_EQ(code(Errc::read_timeout, Phase::reading_body), 28);
  EXPECT_EQ(code(Errc::tls_handshake), 35);
  EXPECT_EQ(code(Errc::tls_handshake, Phase::connecting, Blame::caller), 77);
  EXPECT_EQ(code(Errc::peer_unverified), 60);
  EXPECT_EQ(code(Errc::decode_failed, Phase::reading_body), 61);
  EXPECT_EQ(code(Errc::too_many_follow_ups), 47);
  EXPECT_EQ(code(Errc::body_length_mismatch, Phase::sending), 26);
}

TEST(ExitCodeTest, FailuresOfProxiesHaveCurlsNumbers) {
  const Error failed(Errc::proxy_failed, "it failed");
  EXPECT_EQ(exit_code_of(failed, Phase::connecting), ExitCode::receive_error);
  EXPECT_EQ(exit_code_of(failed, Phase::connecting, Via::socks), ExitCode::proxy);
  EXPECT_EQ(exit_code_of(failed, Phase::connecting, Via::proxy_name), ExitCode::resolve_proxy);
  const Error unknown(Errc::unknown_host, "it failed");
  EXPECT_EQ(exit_code_of(unknown, Phase::connecting, Via::socks), ExitCode::resolve);
  EXPECT_EQ(exit_code_of(unknown, Phase::connecting, Via::proxy_name), ExitCode::resolve_proxy);
}

TEST(ExitCodeTest, AClosedConnectionDependsOnHowFarItCame) {
  EXPECT_EQ(code(Errc::connection_closed, Phase::securing), 35);
  EXPECT_EQ(code(Errc::connection_closed, Phase::sending), 55);
  EXPECT_EQ(code(Errc::connection_closed, Phase::awaiting_response), 52);
  EXPECT_EQ(code(Errc::connection_closed, Phase::reading_body), 18);
}

TEST(ExitCodeTest, AResetIsAFailureToReceive) {
  const Error reset(Errc::connection_closed, Blame::peer, "reading", std::make_error_code(std::errc::connection_reset));
  EXPECT_EQ(exit_code_of(reset, Phase::awaiting_response), ExitCode::receive_error);
  EXPECT_EQ(exit_code_of(reset, Phase::reading_body), ExitCode::receive_error);
}

TEST(ExitCodeTest, BrokenRulesDependOnWhatWasBroken) {
  EXPECT_EQ(code(Errc::protocol_error, Phase::awaiting_response), 8);
  EXPECT_EQ(code(Errc::protocol_error, Phase::reading_body), 56);
}

}  // namespace
}  // namespace okcurl

#include "wire/socks.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace okhttp::internal {
namespace {

using namespace std::string_literals;

Proxy proxy(Proxy::Type type, const std::string& user = {}, const std::string& password = {}) {
  return Proxy(type, "proxy.example", 1080, user, password);
}

std::optional<Endpoint> at(const char* address, std::uint16_t port) {
  return Endpoint(*IpAddress::parse(address), port);
}

/// Plays the proxy's answers, each to one message of the client's, `piece` bytes at a time. Yields what the client
/// said.
std::vector<std::string> talk(SocksClient& client, const std::vector<std::string>& answers, std::size_t piece) {
  std::vector<std::string> said;
  for (const std::string& answer : answers) {
    if (client.is_over()) break;
    said.emplace_back(client.outgoing());
    client.sent();
    for (std::string_view left = answer; !left.empty() && !client.is_over() && client.outgoing().empty();) {
      const std::size_t count = std::min({piece, left.size(), client.wanted()});
      client.received(left.substr(0, count));
      left.remove_prefix(count);
    }
  }
  return said;
}

constexpr std::size_t kWhole = 1000;
const std::string kGranted4 = "\0\x5a\0\0\0\0\0\0"s;
const std::string kMethodNone = "\5\0"s;
const std::string kMethodPassword = "\5\2"s;
const std::string kPasswordTaken = "\1\0"s;
const std::string kGranted5 = "\5\0\0\1\x7f\0\0\1\x04\x38"s;

TEST(SocksTest, Socks4TellsTheAddress) {
  SocksClient client(proxy(Proxy::Type::socks4), "example.com", 80, at("192.0.2.7", 80));
  EXPECT_EQ(talk(client, {kGranted4}, kWhole), std::vector{"\4\1\0\x50\xc0\0\2\7\0"s});
  EXPECT_TRUE(client.is_connected());
  EXPECT_EQ(client.wanted(), 0U);
}

TEST(SocksTest, Socks4TellsTheUserAndNoPassword) {
  SocksClient client(proxy(Proxy::Type::socks4, "jane", "secret"), "192.0.2.7", 8080, std::nullopt);
  EXPECT_EQ(client.outgoing(), "\4\1\x1f\x90\xc0\0\2\7jane\0"s);
}

TEST(SocksTest, Socks4aTellsTheName) {
  SocksClient client(proxy(Proxy::Type::socks4a, "jane"), "example.com", 443, std::nullopt);
  EXPECT_EQ(talk(client, {kGranted4}, kWhole), std::vector{"\4\1\1\xbb\0\0\0\1jane\0example.com\0"s});
  EXPECT_TRUE(client.is_connected());
}

TEST(SocksTest, Socks4aTellsAnAddressAsSuch) {
  SocksClient client(proxy(Proxy::Type::socks4a), "192.0.2.7", 443, std::nullopt);
  EXPECT_EQ(client.outgoing(), "\4\1\1\xbb\xc0\0\2\7\0"s);
}

TEST(SocksTest, Socks4CannotReachIpv6) {
  for (const Proxy::Type type : {Proxy::Type::socks4, Proxy::Type::socks4a}) {
    SocksClient client(proxy(type), "2001:db8::1", 443, std::nullopt);
    EXPECT_EQ(client.error(), SocksErrc::target_not_supported);
    EXPECT_TRUE(client.outgoing().empty());
  }
}

TEST(SocksTest, Socks4RefusalsSayWhatTheProxyAnswered) {
  for (const auto& [code, text] :
       {std::pair(91, "request rejected or failed (91)"), std::pair(92, "identd on this host (92)"),
        std::pair(93, "another user (93)"), std::pair(7, "unknown code (7)")}) {
    SocksClient client(proxy(Proxy::Type::socks4), "192.0.2.7", 80, std::nullopt);
    talk(client, {"\0"s + static_cast<char>(code) + "\0\0\0\0\0\0"s}, kWhole);
    EXPECT_EQ(client.error(), SocksErrc::refused);
    EXPECT_NE(client.error_text().find(text), std::string::npos) << client.error_text();
  }
}

TEST(SocksTest, Socks5TellsTheNameWhenTheProxyResolves) {
  SocksClient client(proxy(Proxy::Type::socks5h), "example.com", 443, std::nullopt);
  const auto said = talk(client, {kMethodNone, kGranted5}, kWhole);
  EXPECT_EQ(said, (std::vector{"\5\1\0"s, "\5\1\0\3\x0b"s + "example.com\1\xbb"}));
  EXPECT_TRUE(client.is_connected());
}

TEST(SocksTest, Socks5TellsTheAddressThatWasResolvedHere) {
  SocksClient v4(proxy(Proxy::Type::socks5), "example.com", 443, at("192.0.2.7", 443));
  EXPECT_EQ(talk(v4, {kMethodNone, kGranted5}, kWhole).back(), "\5\1\0\1\xc0\0\2\7\1\xbb"s);
  SocksClient v6(proxy(Proxy::Type::socks5), "example.com", 443, at("2001:db8::1", 443));
  EXPECT_EQ(talk(v6, {kMethodNone, kGranted5}, kWhole).back(), "\5\1\0\4\x20\1\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1\1\xbb"s);
}

TEST(SocksTest, Socks5OffersAndTellsUserAndPassword) {
  SocksClient client(proxy(Proxy::Type::socks5h, "jane", "secret"), "a.b", 80, std::nullopt);
  const auto said = talk(client, {kMethodPassword, kPasswordTaken, kGranted5}, kWhole);
  EXPECT_EQ(said, (std::vector{"\5\2\0\2"s, "\1\4jane\6secret"s, "\5\1\0\3\3a.b\0\x50"s}));
  EXPECT_TRUE(client.is_connected());
}

TEST(SocksTest, Socks5KeepsCredentialsFromAProxyThatAsksForNone) {
  SocksClient client(proxy(Proxy::Type::socks5h, "jane", "secret"), "a.b", 80, std::nullopt);
  const auto said = talk(client, {kMethodNone, kGranted5}, kWhole);
  EXPECT_EQ(said, (std::vector{"\5\2\0\2"s, "\5\1\0\3\3a.b\0\x50"s}));
}

TEST(SocksTest, Socks5CredentialsRefused) {
  SocksClient client(proxy(Proxy::Type::socks5h, "jane", "secret"), "a.b", 80, std::nullopt);
  talk(client, {kMethodPassword, "\1\1"s}, kWhole);
  EXPECT_EQ(client.error(), SocksErrc::bad_credentials);
  EXPECT_EQ(client.error_text().find("secret"), std::string::npos);
  EXPECT_EQ(client.error_text().find("jane"), std::string::npos);
}

TEST(SocksTest, Socks5MethodsThatWereNotOffered) {
  SocksClient none(proxy(Proxy::Type::socks5h), "a.b", 80, std::nullopt);
  talk(none, {kMethodPassword}, kWhole);
  EXPECT_EQ(none.error(), SocksErrc::no_method);
  EXPECT_NE(none.error_text().find("asks for a user name"), std::string::npos);

  SocksClient refused(proxy(Proxy::Type::socks5h), "a.b", 80, std::nullopt);
  talk(refused, {"\5\xff"s}, kWhole);
  EXPECT_EQ(refused.error(), SocksErrc::no_method);

  SocksClient gssapi(proxy(Proxy::Type::socks5h, "jane"), "a.b", 80, std::nullopt);
  talk(gssapi, {"\5\1"s}, kWhole);
  EXPECT_EQ(gssapi.error(), SocksErrc::no_method);
}

TEST(SocksTest, Socks5RefusalsSayWhatTheProxyAnswered) {
  const char* const texts[] = {
      "general failure (1)",       "not allowed by its rules (2)",   "network unreachable (3)",
      "host unreachable (4)",      "connection refused (5)",         "time to live expired (6)",
      "command not supported (7)", "address type not supported (8)", "unknown code (9)"};
  for (std::size_t i = 0; i < std::size(texts); ++i) {
    SocksClient client(proxy(Proxy::Type::socks5h), "a.b", 80, std::nullopt);
    // Some close right after the code.
    talk(client, {kMethodNone, "\5"s + static_cast<char>(i + 1)}, kWhole);
    EXPECT_EQ(client.error(), SocksErrc::refused);
    EXPECT_NE(client.error_text().find(texts[i]), std::string::npos) << client.error_text();
  }
}

TEST(SocksTest, AnswersOfOtherProtocolsFailAtTheirFirstByte) {
  SocksClient four(proxy(Proxy::Type::socks4), "192.0.2.7", 80, std::nullopt);
  talk(four, {"H"}, kWhole);
  EXPECT_EQ(four.error(), SocksErrc::no_socks);
  SocksClient five(proxy(Proxy::Type::socks5h), "a.b", 80, std::nullopt);
  talk(five, {"H"}, kWhole);
  EXPECT_EQ(five.error(), SocksErrc::no_socks);
  SocksClient late(proxy(Proxy::Type::socks5h), "a.b", 80, std::nullopt);
  talk(late, {kMethodNone, "\4"}, kWhole);
  EXPECT_EQ(late.error(), SocksErrc::no_socks);
}

TEST(SocksTest, AnswersWithAddressesOfEveryTypeEndWhereTheyEnd) {
  for (const std::string& address :
       {"\1\x7f\0\0\1"s, "\4" + std::string(16, '\0'), "\3\0"s, "\3\1x"s, "\3\xff" + std::string(255, 'x')}) {
    const std::string reply = "\5\0\0"s + address + "\0\x50"s;
    for (const std::size_t piece : {std::size_t{1}, std::size_t{3}, kWhole}) {
      SocksClient client(proxy(Proxy::Type::socks5h), "a.b", 80, std::nullopt);
      talk(client, {kMethodNone, reply.substr(0, reply.size() - 1)}, piece);
      ASSERT_FALSE(client.is_over());
      EXPECT_EQ(client.wanted(), 1U);
      client.received(reply.substr(reply.size() - 1));
      EXPECT_TRUE(client.is_connected());
    }
  }
  SocksClient client(proxy(Proxy::Type::socks5h), "a.b", 80, std::nullopt);
  talk(client, {kMethodNone, "\5\0\0\2\0\0\0\0\0\0"s}, kWhole);
  EXPECT_EQ(client.error(), SocksErrc::no_socks);
}

TEST(SocksTest, GoesOnAfterAReadThatEndsAtAnyByte) {
  const std::vector<std::string> answers = {kMethodPassword, kPasswordTaken, kGranted5};
  for (std::size_t piece = 1; piece <= kGranted5.size(); ++piece) {
    SocksClient client(proxy(Proxy::Type::socks5h, "jane", "secret"), "a.b", 80, std::nullopt);
    EXPECT_EQ(talk(client, answers, piece).size(), 3U);
    EXPECT_TRUE(client.is_connected());
  }
}

// CVE-2023-38545
TEST(SocksTest, AHostNameThatDoesNotFitIsRefusedBeforeAnythingIsSent) {
  for (const Proxy::Type type : {Proxy::Type::socks4a, Proxy::Type::socks5h}) {
    SocksClient fits(proxy(type), std::string(255, 'a'), 80, std::nullopt);
    EXPECT_FALSE(fits.is_over());
    SocksClient client(proxy(type), std::string(256, 'a'), 80, std::nullopt);
    EXPECT_EQ(client.error(), SocksErrc::target_too_long);
    EXPECT_TRUE(client.outgoing().empty());
    EXPECT_EQ(client.wanted(), 0U);
  }
}

TEST(SocksTest, CredentialsThatDoNotFitAreRefusedBeforeAnythingIsSent) {
  const std::string longest(255, 'a');
  EXPECT_FALSE(SocksClient(proxy(Proxy::Type::socks5, longest, longest), "192.0.2.7", 80, std::nullopt).is_over());
  for (const Proxy& one : {proxy(Proxy::Type::socks5, longest + 'a', "b"),
                           proxy(Proxy::Type::socks5, "b", longest + 'a'), proxy(Proxy::Type::socks4, longest + 'a')}) {
    const SocksClient client(one, "192.0.2.7", 80, std::nullopt);
    EXPECT_EQ(client.error(), SocksErrc::credentials_too_long);
    EXPECT_TRUE(client.outgoing().empty());
  }
}

}  // namespace
}  // namespace okhttp::internal

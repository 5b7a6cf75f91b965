#include "route/no_proxy.hpp"

#include <gtest/gtest.h>

#include <string_view>

namespace okhttp::internal {
namespace {

bool bypasses(std::string_view rules, std::string_view host, std::uint16_t port = 80) {
  return NoProxyRules(rules).matches(host, port);
}

TEST(NoProxyRulesTest, NothingMatchesNothing) {
  for (const char* rules : {"", ",", " , ,"}) EXPECT_FALSE(bypasses(rules, "a.example")) << rules;
}

TEST(NoProxyRulesTest, AStarMatchesEverything) {
  EXPECT_TRUE(bypasses("*", "a.example"));
  EXPECT_TRUE(bypasses("b.example, *", "2001:db8::1"));
}

TEST(NoProxyRulesTest, ADomainMatchesItselfAndAllBelow) {
  for (const char* rule : {"a.example", ".a.example", "A.Example.", ".a.example."}) {
    EXPECT_TRUE(bypasses(rule, "a.example")) << rule;
    EXPECT_TRUE(bypasses(rule, "x.y.a.example")) << rule;
    EXPECT_TRUE(bypasses(rule, "a.example.")) << rule;
    EXPECT_FALSE(bypasses(rule, "ba.example")) << rule;
    EXPECT_FALSE(bypasses(rule, "example")) << rule;
    EXPECT_FALSE(bypasses(rule, "a.example.org")) << rule;
  }
}

TEST(NoProxyRulesTest, AWildcardMatchesWhatIsBelowAlone) {
  EXPECT_TRUE(bypasses("*.a.example", "x.a.example"));
  EXPECT_TRUE(bypasses("*.a.example", "x.y.a.example"));
  EXPECT_FALSE(bypasses("*.a.example", "a.example"));
  EXPECT_FALSE(bypasses("*.a.example", "xa.example"));
}

TEST(NoProxyRulesTest, AnInternationalDomainIsComparedInAscii) {
  EXPECT_TRUE(bypasses("bücher.example", "xn--bcher-kva.example"));
}

TEST(NoProxyRulesTest, AddressesMatchExactly) {
  EXPECT_TRUE(bypasses("192.0.2.1", "192.0.2.1"));
  EXPECT_FALSE(bypasses("192.0.2.1", "192.0.2.10"));
  EXPECT_FALSE(bypasses("2.1", "192.0.2.1")) << "no suffixes of addresses";
  for (const char* rule : {"2001:db8::1", "[2001:db8::1]", "2001:DB8:0::1"}) {
    EXPECT_TRUE(bypasses(rule, "2001:db8::1")) << rule;
    EXPECT_FALSE(bypasses(rule, "2001:db8::2")) << rule;
  }
}

TEST(NoProxyRulesTest, NetworksMatchByPrefix) {
  EXPECT_TRUE(bypasses("10.0.0.0/8", "10.255.1.2"));
  EXPECT_FALSE(bypasses("10.0.0.0/8", "11.0.0.1"));
  EXPECT_TRUE(bypasses("192.168.4.0/22", "192.168.7.255"));
  EXPECT_FALSE(bypasses("192.168.4.0/22", "192.168.8.0"));
  EXPECT_TRUE(bypasses("192.0.2.7/32", "192.0.2.7"));
  EXPECT_TRUE(bypasses("0.0.0.0/0", "198.51.100.1"));
  EXPECT_FALSE(bypasses("0.0.0.0/0", "2001:db8::1")) << "of its own family alone";
  EXPECT_TRUE(bypasses("fd00::/8", "fdff::1"));
  EXPECT_TRUE(bypasses("[fd00::]/8", "fdff::1"));
  EXPECT_FALSE(bypasses("fd00::/8", "fe80::1"));
  EXPECT_FALSE(bypasses("10.0.0.0/8", "a.example")) << "names are not resolved";
}

TEST(NoProxyRulesTest, AMappedAddressIsItsIPv4One) {
  EXPECT_TRUE(bypasses("10.0.0.0/8", "::ffff:a01:203"));
  EXPECT_TRUE(bypasses("::ffff:10.1.2.3", "10.1.2.3"));
}

TEST(NoProxyRulesTest, APortNarrowsARule) {
  EXPECT_TRUE(bypasses("a.example:8080", "x.a.example", 8080));
  EXPECT_FALSE(bypasses("a.example:8080", "a.example", 80));
  EXPECT_TRUE(bypasses("192.0.2.1:81", "192.0.2.1", 81));
  EXPECT_FALSE(bypasses("192.0.2.1:81", "192.0.2.1", 80));
  EXPECT_TRUE(bypasses("[2001:db8::1]:81", "2001:db8::1", 81));
  EXPECT_FALSE(bypasses("[2001:db8::1]:81", "2001:db8::1", 80));
  EXPECT_TRUE(bypasses("2001:db8::81", "2001:db8::81", 80)) << "no port without brackets";
}

TEST(NoProxyRulesTest, CommasAndSpacesSeparateRules) {
  for (const char* host : {"a.example", "b.example", "c.example", "10.1.1.1"}) {
    EXPECT_TRUE(bypasses("a.example,b.example c.example ,\t10.0.0.0/8,", host)) << host;
  }
  EXPECT_FALSE(bypasses("a.example,b.example c.example ,\t10.0.0.0/8,", "d.example"));
}

TEST(NoProxyRulesTest, WhatIsNoRuleMatchesNothing) {
  for (const char* rule : {"10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "10.0.0/8", "fd00::/129", "a.example:x",
                           "a.example:65536", "a.example/8", "[::1", "*.", ".", "*a.example", "http://a.example"}) {
    for (const char* host : {"a.example", "10.0.0.0", "10.0.0.1", "fd00::", "::1", "x.a.example"}) {
      EXPECT_FALSE(bypasses(rule, host)) << rule << " " << host;
    }
  }
  EXPECT_TRUE(bypasses("10.0.0.0/33,a.example", "a.example")) << "the others still count";
}

}  // namespace
}  // namespace okhttp::internal

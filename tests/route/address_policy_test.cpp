#include <okhttp/address_policy.hpp>

#include <okhttp/proxy.hpp>

#include <gtest/gtest.h>

#include <string_view>

namespace okhttp {
namespace {

bool is_public(std::string_view address) {
  return AddressPolicy::public_only()->permits("a.example", Endpoint(*IpAddress::parse(address), 80));
}

TEST(AddressPolicyTest, PublicAddressesArePermitted) {
  for (const char* address : {"1.1.1.1",         "8.8.8.8",
                              "9.255.255.255",   "11.0.0.0",
                              "100.63.255.255",  "100.128.0.0",
                              "126.255.255.255", "128.0.0.0",
                              "169.253.255.255", "169.255.0.0",
                              "172.15.255.255",  "172.32.0.0",
                              "192.0.1.0",       "192.0.3.0",
                              "192.167.255.255", "192.169.0.0",
                              "198.17.255.255",  "198.20.0.0",
                              "223.255.255.255", "2606:4700::1111",
                              "2001:200::1",     "2001:4860:4860::8888",
                              "2a00::1",         "3ffe::1",
                              "3fff:1000::"}) {
    EXPECT_TRUE(is_public(address)) << address;
  }
}

TEST(AddressPolicyTest, AddressesOfInnerNetworksAreRefused) {
  for (const char* address :
       {"10.0.0.0", "10.255.255.255", "172.16.0.0", "172.31.255.255", "192.168.0.0", "192.168.255.255", "127.0.0.1",
        "127.255.255.255", "169.254.169.254", "fc00::1", "fdff::1", "fe80::1", "febf::1", "fec0::1", "::1"}) {
    EXPECT_FALSE(is_public(address)) << address;
  }
}

TEST(AddressPolicyTest, AddressesSharedByCarriersAreRefused) {
  for (const char* address : {"100.64.0.0", "100.100.100.200", "100.127.255.255"}) {
    EXPECT_FALSE(is_public(address)) << address;
  }
}

TEST(AddressPolicyTest, AddressesThatStandForOthersAreRefused) {
  for (const char* address : {"::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:8.8.8.8", "::ffff:0:10.0.0.1",
                              "::127.0.0.1", "64:ff9b::10.0.0.1", "64:ff9b::8.8.8.8", "64:ff9b:1::10.0.0.1",
                              "2002:a00:1::", "2002:7f00:1::1", "2001::1", "2001:0:a00:1::"}) {
    EXPECT_FALSE(is_public(address)) << address;
  }
}

TEST(AddressPolicyTest, AddressesOfNoHostAreRefused) {
  for (const char* address :
       {"0.0.0.0",         "0.1.2.3",      "::",          "224.0.0.1",   "239.255.255.255", "240.0.0.1",
        "255.255.255.255", "ff02::1",      "192.0.0.8",   "192.0.2.1",   "192.88.99.1",     "198.18.0.1",
        "198.19.255.255",  "198.51.100.1", "203.0.113.1", "2001:db8::1", "2001:2::1",       "2001:1ff::1",
        "3fff::1",         "3fff:fff::",   "100::1",      "5f00::1",     "4000::1",         "e000::1"}) {
    EXPECT_FALSE(is_public(address)) << address;
  }
}

TEST(AddressPolicyTest, ProxiesAreTrustedButNotWithNames) {
  const Proxy proxy(Proxy::Type::http, "10.0.0.1", 3128);
  const auto policy = AddressPolicy::public_only();
  EXPECT_TRUE(policy->permits_proxy(proxy, Endpoint(*IpAddress::parse("10.0.0.1"), 3128)));
  EXPECT_FALSE(policy->permits_unresolved(proxy, "a.example"));
}

}  // namespace
}  // namespace okhttp

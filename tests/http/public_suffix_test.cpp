#include "http/public_suffix.hpp"

#include <gtest/gtest.h>

#include <string>

namespace okhttp::internal {
namespace {

TEST(PublicSuffixTest, SuffixesOfTheList) {
  EXPECT_TRUE(is_public_suffix("com"));
  EXPECT_TRUE(is_public_suffix("co.uk"));
  EXPECT_TRUE(is_public_suffix("github.io"));
  EXPECT_TRUE(is_public_suffix("xn--55qx5d.cn"));
  EXPECT_FALSE(is_public_suffix("example.com"));
  EXPECT_FALSE(is_public_suffix("www.example.co.uk"));
}

TEST(PublicSuffixTest, WildcardsAndExceptions) {
  EXPECT_TRUE(is_public_suffix("anything.ck"));
  EXPECT_FALSE(is_public_suffix("www.ck"));
  EXPECT_EQ(registrable_domain("a.b.anything.ck"), "b.anything.ck");
  EXPECT_EQ(registrable_domain("a.www.ck"), "www.ck");
}

TEST(PublicSuffixTest, UnlistedTopLevelDomainIsASuffix) {
  EXPECT_TRUE(is_public_suffix("unlisted"));
  EXPECT_EQ(registrable_domain("a.b.unlisted"), "b.unlisted");
  EXPECT_EQ(registrable_domain("localhost"), std::nullopt);
}

TEST(PublicSuffixTest, TrailingDotMakesNoDifference) {
  // CVE-2022-27779
  EXPECT_TRUE(is_public_suffix("co.uk."));
  EXPECT_EQ(registrable_domain("www.example.co.uk."), "example.co.uk");
}

TEST(PublicSuffixTest, NamesThatAreNoDomains) {
  EXPECT_EQ(registrable_domain(""), std::nullopt);
  EXPECT_EQ(registrable_domain("."), std::nullopt);
  EXPECT_EQ(registrable_domain(std::string(1000000, '.')), std::nullopt);
  EXPECT_FALSE(is_public_suffix(std::string(300, 'a')));
}

}  // namespace
}  // namespace okhttp::internal

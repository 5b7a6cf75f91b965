#include <okhttp/credentials.hpp>

#include <gtest/gtest.h>

#include <stdexcept>

namespace okhttp {
namespace {

TEST(CredentialsTest, BasicOfRfc7617) {
  EXPECT_EQ(basic_credentials("Aladdin", "open sesame"), "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
  EXPECT_EQ(basic_credentials("test", "123\xc2\xa3", CredentialsCharset::utf8), "Basic dGVzdDoxMjPCow==");
  EXPECT_EQ(basic_credentials("", ""), "Basic Og==");
}

TEST(CredentialsTest, Latin1IsTheDefault) {
  EXPECT_EQ(basic_credentials("test", "123\xc2\xa3"), "Basic dGVzdDoxMjOj");
  EXPECT_EQ(basic_credentials("\xc3\xbf", ""), "Basic /zo=");
}

TEST(CredentialsTest, PasswordMayHoldColons) { EXPECT_EQ(basic_credentials("a", ":b:"), "Basic YTo6Yjo="); }

TEST(CredentialsTest, RefusesWhatCannotBeSentWithoutShowingIt) {
  const std::pair<std::string, std::string> refused[] = {
      {"us:er", "secret"},    {"us\ner", "secret"},       {"user", "secret\x7f"},    {"user", "secret\xe2\x82\xac"},
      {"user", "secret\xc3"}, {"user", "secret\xff\xff"}, {"user", "secret\xc3\x28"}};
  for (const auto& [user, password] : refused) {
    try {
      (void)basic_credentials(user, password);
      FAIL() << user;
    } catch (const std::invalid_argument& e) {
      EXPECT_EQ(std::string(e.what()).find("secret"), std::string::npos);
      EXPECT_EQ(std::string(e.what()).find("us"), std::string(e.what()).find("user name"));
    }
  }
}

}  // namespace
}  // namespace okhttp

#include <okhttp/challenge.hpp>

#include <gtest/gtest.h>

namespace okhttp {
namespace {

std::vector<Challenge> parse(std::string value) {
  return parse_challenges(Headers::of({{"WWW-Authenticate", std::move(value)}}), "www-authenticate");
}

using List = std::vector<Challenge>;
const Challenge kBasic("Basic", {{"realm", "a"}});

TEST(ChallengeTest, Basic) {
  EXPECT_EQ(parse("Basic realm=\"a\""), List{kBasic});
  EXPECT_EQ(parse("basic REALM=a"), List{kBasic});
  EXPECT_EQ(parse("Basic \t realm \t = \t \"a\" "), List{kBasic});
  EXPECT_EQ(kBasic.realm(), "a");
  EXPECT_TRUE(kBasic.is_scheme("BASIC"));
}

TEST(ChallengeTest, CharsetIsAskedFor) {
  EXPECT_TRUE(parse("Basic realm=\"a\", charset=\"utf-8\"").at(0).wants_utf8());
  EXPECT_FALSE(kBasic.wants_utf8());
}

TEST(ChallengeTest, SeveralParameters) {
  const auto challenges = parse("Digest realm=\"a, b\", qop=\"auth,auth-int\",nonce=\"x\\\"y\", stale=FALSE");
  ASSERT_EQ(challenges.size(), 1U);
  EXPECT_EQ(challenges[0].realm(), "a, b");
  EXPECT_EQ(challenges[0].parameter("QOP"), "auth,auth-int");
  EXPECT_EQ(challenges[0].parameter("nonce"), "x\"y");
  EXPECT_EQ(challenges[0].parameter("stale"), "FALSE");
}

TEST(ChallengeTest, SeveralChallengesInOneField) {
  EXPECT_EQ(parse("Basic realm=\"a\", Digest realm=b, nonce=c, Negotiate, NTLM TlRMTVNTUAAC==, Other x=y"),
            (List{kBasic, Challenge("Digest", {{"realm", "b"}, {"nonce", "c"}}), Challenge("Negotiate"),
                  Challenge::with_token68("NTLM", "TlRMTVNTUAAC=="), Challenge("Other", {{"x", "y"}})}));
}

TEST(ChallengeTest, ExampleOfRfc9110) {
  EXPECT_EQ(parse("Basic realm=\"simple\", Newauth realm=\"apps\", type=1, title=\"Login to \\\"apps\\\"\""),
            (List{Challenge("Basic", {{"realm", "simple"}}),
                  Challenge("Newauth", {{"realm", "apps"}, {"type", "1"}, {"title", "Login to \"apps\""}})}));
}

TEST(ChallengeTest, SeveralFieldsKeepTheirOrder) {
  const Headers headers = Headers::of({{"WWW-Authenticate", "Basic realm=a"},
                                       {"Proxy-Authenticate", "Digest realm=b"},
                                       {"www-authenticate", "Negotiate"}});
  EXPECT_EQ(parse_challenges(headers, "WWW-Authenticate"), (List{kBasic, Challenge("Negotiate")}));
}

TEST(ChallengeTest, EmptyElementsAreSkipped) {
  EXPECT_EQ(parse(" , ,Basic realm=a, ,\t,"), List{kBasic});
  EXPECT_EQ(parse("Basic , realm=a"), List{kBasic});
  EXPECT_EQ(parse("Digest a=b,,,c=d,,Basic realm=a"), (List{Challenge("Digest", {{"a", "b"}, {"c", "d"}}), kBasic}));
  EXPECT_TRUE(parse("").empty());
  EXPECT_TRUE(parse(",,").empty());
}

TEST(ChallengeTest, Token68Forms) {
  EXPECT_EQ(parse("Negotiate abc+/-._~=="), List{Challenge::with_token68("Negotiate", "abc+/-._~==")});
  EXPECT_EQ(parse("Bearer abc, Basic realm=a"), (List{Challenge::with_token68("Bearer", "abc"), kBasic}));
  EXPECT_EQ(parse("Negotiate abc==, Basic realm=a"), (List{Challenge::with_token68("Negotiate", "abc=="), kBasic}));
}

TEST(ChallengeTest, DamageEndsTheFieldButKeepsWhatCameBefore) {
  for (const char* value :
       {"Basic realm=a, Digest realm=\"open", "Basic realm=a, @", "Basic realm=a, Digest a=b c=d",
        "Basic realm=a, Digest a=b, a=c", "Basic realm=a, Digest a=b, A=c", "Basic realm=a, Digest@ a=b",
        "Basic realm=a, Digest a=\"b\"c", "Basic realm=a, Digest a= @", "Basic realm=a, \"Digest\" a=b",
        "Basic realm=a, Digest abc== def"}) {
    EXPECT_EQ(parse(value), List{kBasic}) << value;
  }
}

TEST(ChallengeTest, FloodOfParametersIsRefused) {
  std::string value = "Digest a0=b";
  for (int i = 1; i < 20000; ++i) value += ", a" + std::to_string(i) + "=b";
  EXPECT_TRUE(parse(value).empty());
}

TEST(ChallengeTest, PrintedFormIsReadBack) {
  const List challenges = {Challenge("Digest", {{"realm", "a \"b\" \\c"}, {"x", ""}}),
                           Challenge::with_token68("NTLM", "abc="), Challenge("Negotiate")};
  for (const Challenge& challenge : challenges) EXPECT_EQ(parse(challenge.to_string()), List{challenge});
}

}  // namespace
}  // namespace okhttp

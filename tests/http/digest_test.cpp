#include "http/digest.hpp"

#include <okhttp/headers.hpp>

#include <gtest/gtest.h>

#include <string>

namespace okhttp::internal {
namespace {

DigestChallenge challenge(const std::string& field) {
  const Headers headers = Headers::Builder().add("WWW-Authenticate", field).build();
  return strongest_digest(parse_challenges(headers, "WWW-Authenticate")).value();
}

bool is_answerable(const std::string& field) {
  const Headers headers = Headers::Builder().add("WWW-Authenticate", field).build();
  return strongest_digest(parse_challenges(headers, "WWW-Authenticate")).has_value();
}

DigestInput input(const std::string& user, const std::string& password, const std::string& uri = "/") {
  DigestInput made;
  made.user = user;
  made.password = password;
  made.method = "GET";
  made.uri = uri;
  made.cnonce = "xyz";
  return made;
}

/// What follows "response=" in the answer of u with the password p.
std::string response(const std::string& field, const std::string& method = "GET", const std::string& body_hash = {}) {
  DigestInput made = input("u", "p");
  made.method = method;
  made.body_hash = body_hash;
  const std::string text = digest_credentials(challenge(field), made);
  const std::size_t at = text.find("response=\"") + 10;
  return text.substr(at, text.find('"', at) - at);
}

// RFC 7616 §3.9.1.
TEST(DigestTest, AnswersTheExampleOfTheStandard) {
  const std::string tail =
      "realm=\"http-auth@example.org\", qop=\"auth, auth-int\", "
      "nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", "
      "opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\"";
  DigestInput mufasa = input("Mufasa", "Circle of Life", "/dir/index.html");
  mufasa.cnonce = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ";
  const auto expected = [](const std::string& algorithm, const std::string& response) {
    return "Digest username=\"Mufasa\", realm=\"http-auth@example.org\", uri=\"/dir/index.html\", algorithm=" +
           algorithm +
           ", nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", nc=00000001, "
           "cnonce=\"f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ\", qop=auth, response=\"" +
           response + "\", opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\"";
  };
  EXPECT_EQ(digest_credentials(challenge("Digest algorithm=MD5, " + tail), mufasa),
            expected("MD5", "8ca523f5e9506fed4657c9700eebdbec"));
  EXPECT_EQ(digest_credentials(challenge("Digest algorithm=SHA-256, " + tail), mufasa),
            expected("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"));
}

// RFC 7616 §3.9.2 with the values of https://www.rfc-editor.org/errata/eid4897.
TEST(DigestTest, HashesTheUsersNameWhereThatIsWanted) {
  DigestInput user = input("J\xc3\xa4s\xc3\xb8n Doe", "Secret, or not?", "/doe.json");
  user.cnonce = "NTg6RKcb9boFIAS3KrFK9BGeh+iDa/sm6jUMp2wds69v";
  const std::string text =
      digest_credentials(challenge("Digest realm=\"api@example.org\", qop=\"auth\", algorithm=SHA-512-256, "
                                   "nonce=\"5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK\", "
                                   "opaque=\"HRPCssKJSGjCrkzDg8OhwpzCiGPChXYjwrI2QmXDnsOS\", charset=UTF-8, "
                                   "userhash=true"),
                         user);
  EXPECT_EQ(text,
            "Digest username=\"793263caabb707a56211940d90411ea4a575adeccb7e360aeb624ed06ece9b0b\", "
            "realm=\"api@example.org\", uri=\"/doe.json\", algorithm=SHA-512-256, "
            "nonce=\"5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK\", nc=00000001, "
            "cnonce=\"NTg6RKcb9boFIAS3KrFK9BGeh+iDa/sm6jUMp2wds69v\", qop=auth, "
            "response=\"3798d4131c277846293534c3edc11bd8a5e4cdcbff78b05db9d95eeb1cec68a5\", "
            "opaque=\"HRPCssKJSGjCrkzDg8OhwpzCiGPChXYjwrI2QmXDnsOS\", userhash=true");
}

// The challenge of RFC 2617 §3.5; the value by Python's hashlib.
TEST(DigestTest, AnswersAChallengeWithoutQopAsInOldTimes) {
  EXPECT_EQ(
      digest_credentials(challenge("Digest realm=\"testrealm@host.com\", nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\""),
                         input("Mufasa", "Circle Of Life", "/dir/index.html")),
      "Digest username=\"Mufasa\", realm=\"testrealm@host.com\", uri=\"/dir/index.html\", "
      "nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", response=\"670fd8c2df070c60b045671b8b24ff02\"");
}

// The values by Python's hashlib.
TEST(DigestTest, KnowsSessionsAndTheBody) {
  EXPECT_EQ(response("Digest realm=\"r\", nonce=\"abc\", qop=\"auth\", algorithm=MD5-sess"),
            "e4edc788c00ea0d8c9f45da69f00268d");
  EXPECT_EQ(response("Digest realm=\"r\", nonce=\"abc\", qop=\"auth\", algorithm=sha-256-SESS"),
            "d20d56e67ba5bb02cc80a5440b9553199e095e034f01b633791791ddfd5f2a40");
  EXPECT_EQ(response("Digest realm=\"r\", nonce=\"abc\", algorithm=MD5-sess"), "0398114f36a61499a0f6a5230beaa990");
  DigestHasher body(DigestHash::md5);
  body.update(std::as_bytes(std::span(std::string_view("bo"))));
  body.update(std::as_bytes(std::span(std::string_view("dy"))));
  EXPECT_EQ(response("Digest realm=\"r\", nonce=\"abc\", qop=\"auth-int\"", "POST", body.finish()),
            "3e48dd1ca302e9a941bb6d1289b60c4e");
}

TEST(DigestTest, QuotesWhatMustBeQuotedAndNothingElse) {
  DigestInput user = input("a\"b\\c", "p", "/x?y=\"");
  user.count = 0xab;
  const std::string text =
      digest_credentials(challenge("Digest realm=\"r\\\"1\\\\\", nonce=\"n\", qop=auth, algorithm=md5"), user);
  EXPECT_EQ(
      text.find("Digest username=\"a\\\"b\\\\c\", realm=\"r\\\"1\\\\\", uri=\"/x?y=\\\"\", algorithm=md5, nonce=\"n\", "
                "nc=000000ab, cnonce=\"xyz\", qop=auth, response=\""),
      0U)
      << text;
}

TEST(DigestTest, SendsANameBeyondAsciiAsTheChallengeWantsIt) {
  const auto name = [](const std::string& field, const std::string& user) {
    const std::string text = digest_credentials(challenge(field), input(user, "p"));
    return text.substr(7, text.find(", realm") - 7);
  };
  EXPECT_EQ(name("Digest realm=r, nonce=n, qop=auth, charset=UTF-8", "j\xc3\xa4 n"), "username*=UTF-8''j%C3%A4%20n");
  EXPECT_EQ(name("Digest realm=r, nonce=n, qop=auth", "j\xc3\xa4n"), "username=\"j\xe4n\"");
  EXPECT_EQ(name("Digest realm=r, nonce=n, qop=auth", "\xd1\x8f"), "username*=UTF-8''%D1%8F");
  EXPECT_EQ(name("Digest realm=r, nonce=n, qop=auth, charset=UTF-8", "jane"), "username=\"jane\"");
}

TEST(DigestTest, ChoosesTheStrongestHashAndOfEqualOnesTheFirst) {
  const std::string all =
      "Digest realm=a, nonce=1, algorithm=MD5, Digest realm=b, nonce=2, algorithm=SHA-256, "
      "Digest realm=c, nonce=3, algorithm=SHA-256-sess, Digest realm=d, nonce=4";
  EXPECT_EQ(challenge(all).realm, "b");
  EXPECT_EQ(challenge(all + ", Digest realm=e, nonce=5, algorithm=SHA-512-256").realm, "e");
  EXPECT_EQ(challenge(all + ", Digest realm=e, nonce=5, algorithm=SHA-1024").realm, "b");
}

TEST(DigestTest, PrefersQopAuth) {
  EXPECT_EQ(challenge("Digest realm=a, nonce=1, qop=\"auth-int,auth\"").qop, DigestQop::auth);
  EXPECT_EQ(challenge("Digest realm=a, nonce=1, qop=\"new , AUTH-INT\"").qop, DigestQop::auth_int);
  EXPECT_EQ(challenge("Digest realm=a, nonce=1").qop, DigestQop::none);
}

TEST(DigestTest, DoesNotAnswerWhatItDoesNotUnderstand) {
  EXPECT_FALSE(is_answerable("Digest realm=a"));
  EXPECT_FALSE(is_answerable("Digest realm=a, nonce=1, algorithm=SHA-1"));
  EXPECT_FALSE(is_answerable("Digest realm=a, nonce=1, algorithm=-sess"));
  EXPECT_FALSE(is_answerable("Digest realm=a, nonce=1, qop=\"new\""));
  EXPECT_FALSE(is_answerable("Digest realm=a, nonce=1, qop=\"\""));
  EXPECT_FALSE(is_answerable("Basic realm=a"));
}

TEST(DigestTest, KnowsItsOwnAnswerAgain) {
  for (const std::string user : {"jane", "a\"b", "j\xc3\xa4n", "\xd1\x8f"}) {
    for (const std::string more : {"", ", charset=UTF-8", ", userhash=true", ", algorithm=SHA-256"}) {
      const DigestChallenge asked = challenge("Digest realm=\"r\", nonce=1, qop=auth" + more);
      const std::string field = digest_credentials(asked, input(user, "p", "/a"));
      EXPECT_TRUE(was_refused(field, asked, user, "/a")) << field;
      EXPECT_FALSE(was_refused(field, asked, user, "/b")) << field;
      EXPECT_FALSE(was_refused(field, asked, "other", "/a")) << field;
      EXPECT_FALSE(was_refused(field, challenge("Digest realm=\"s\", nonce=1, qop=auth" + more), user, "/a")) << field;
      EXPECT_TRUE(is_for_one_request(field));
    }
  }
  EXPECT_FALSE(was_refused("Basic abc", challenge("Digest realm=r, nonce=1"), "abc", "/"));
  EXPECT_FALSE(was_refused("Digest", challenge("Digest realm=r, nonce=1"), "abc", "/"));
  EXPECT_FALSE(is_for_one_request("Digestive abc"));
  EXPECT_FALSE(is_for_one_request("Basic abc"));
}

}  // namespace
}  // namespace okhttp::internal

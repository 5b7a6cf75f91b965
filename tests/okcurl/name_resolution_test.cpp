#include "okcurl/name_resolution.hpp"

#include <okhttp/mockwebserver/held_certificate.hpp>
#include <okhttp/mockwebserver/mock_web_server.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "okcurl/exit_code.hpp"
#include "okcurl/okcurl_process.hpp"
#include "support/dns_messages.hpp"

namespace okcurl {
namespace {

using okhttp::FixedHost;
using okhttp::HeldCertificate;
using okhttp::IpAddress;
using okhttp::MockResponse;
using okhttp::MockWebServer;
using okhttp::RecordedRequest;
using ::testing::HasSubstr;
using ::testing::Not;

std::string text_of(const FixedHost& entry) {
  std::string text = entry.host + " " + std::to_string(entry.port);
  for (const IpAddress& address : entry.addresses) text += " " + address.to_string();
  return text;
}

std::vector<std::string> parsed(const std::vector<std::string>& values) {
  std::vector<std::string> texts;
  for (const FixedHost& entry : parse_resolve(values)) texts.push_back(text_of(entry));
  return texts;
}

ExitCode refusal(const std::string& value) {
  try {
    (void)parse_resolve({value});
  } catch (const Failure& failure) {
    EXPECT_THAT(failure.what(), HasSubstr("--resolve"));
    return failure.code();
  }
  return ExitCode::ok;
}

using Texts = std::vector<std::string>;

TEST(ResolveOptionTest, GivesAHostAndPortItsAddresses) {
  EXPECT_EQ(parsed({"h.test:80:192.0.2.1", "*:443:192.0.2.2,2001:db8::6,[::1]"}),
            (Texts{"h.test 80 192.0.2.1", "* 443 192.0.2.2 2001:db8::6 ::1"}));
}

TEST(ResolveOptionTest, ALaterValueReplacesOrTakesBackAnEarlierOne) {
  EXPECT_EQ(parsed({"h.test:80:192.0.2.1", "h.test:443:192.0.2.1", "h.test:80:192.0.2.2"}),
            (Texts{"h.test 443 192.0.2.1", "h.test 80 192.0.2.2"}));
  EXPECT_EQ(parsed({"h.test:80:192.0.2.1", "h.test:443:192.0.2.1", "-h.test:80"}), (Texts{"h.test 443 192.0.2.1"}));
  EXPECT_EQ(parsed({"-h.test:80"}), Texts());
}

TEST(ResolveOptionTest, WhatIsNotUnderstoodIs49) {
  for (const char* const value :
       {"", "h.test", "h.test:80", "h.test:80:", "h.test:port:192.0.2.1", "h.test:0:192.0.2.1",
        "h.test:65536:192.0.2.1", ":80:192.0.2.1", "h.test:80:other.test", "h.test:80:192.0.2.1,,192.0.2.2", "-h.test",
        "-h.test:80:192.0.2.1"}) {
    EXPECT_EQ(refusal(value), ExitCode::option_syntax) << value;
  }
}

TEST(ResolveOptionTest, WhatIsNotSupportedIsRefused) {
  for (const char* const value : {"+h.test:80:192.0.2.1", "192.0.2.1:80:192.0.2.2", "[::1]:80:192.0.2.2"}) {
    EXPECT_EQ(refusal(value), ExitCode::usage) << value;
  }
}

class NameResolutionEndToEndTest : public ::testing::Test {
 protected:
  std::string port() { return std::to_string(server_.port()); }
  MockWebServer server_;
};

TEST_F(NameResolutionEndToEndTest, TheGivenAddressIsUsedForThatPortAlone) {
  server_.enqueue(MockResponse("here"));
  const std::string entry = "h.invalid:" + port() + ":127.0.0.1";
  EXPECT_EQ(okcurl({"--resolve", entry, "http://h.invalid:" + port() + "/"}).out, "here");
  EXPECT_EQ(server_.take_request().value().header("Host"), "h.invalid:" + port());
  EXPECT_EQ(okcurl({"--resolve", entry, "http://h.invalid:1/"}).exit_code, 6);
  EXPECT_EQ(okcurl({"--resolve", entry, "http://g.invalid:" + port() + "/"}).exit_code, 6);
}

TEST_F(NameResolutionEndToEndTest, AnyOtherHostMayBeGivenAnAddress) {
  server_.enqueue(MockResponse("here"));
  EXPECT_EQ(okcurl({"--resolve", "*:" + port() + ":127.0.0.1", "http://g.invalid:" + port() + "/"}).out, "here");
}

TEST_F(NameResolutionEndToEndTest, OnlyAddressesOfTheFamilyAskedForAreUsed) {
  const std::string port = std::to_string(server_.port());
  const std::string both = "both.test:" + port + ":[::1],127.0.0.1";
  const std::string url = "http://both.test:" + port + "/";
  server_.enqueue(MockResponse("here"));
  const RunResult over_v4 = okcurl({"-sv", "-4", "--resolve", both, url});
  EXPECT_EQ(over_v4.out, "here");
  EXPECT_THAT(over_v4.err, Not(HasSubstr("[::1]")));
  const std::string v4_alone = "one.test:" + port + ":127.0.0.1";
  const RunResult none = okcurl({"-sS", "--ipv6", "--resolve", v4_alone, "http://one.test:" + port + "/"});
  EXPECT_EQ(none.exit_code, 6);
  EXPECT_THAT(none.err, HasSubstr("one.test has no IPv6 address"));
}

TEST_F(NameResolutionEndToEndTest, AMalformedValueIs49) {
  const RunResult result = okcurl({"--resolve", "h", "http://h/"});
  EXPECT_EQ(result.exit_code, 49);
  EXPECT_THAT(result.err, HasSubstr("--resolve"));
}

/// A server of DNS over HTTPS that gives every name the address 127.0.0.1.
class DohEndToEndTest : public NameResolutionEndToEndTest {
 protected:
  DohEndToEndTest() {
    server_.enqueue(MockResponse("here"));
    doh_.use_https(certificate_);
    doh_.set_dispatcher([](const RecordedRequest& request) {
      const std::string query = request.body();
      const bool wants_v4 = query.at(query.size() - 3) == 1;
      okhttp::DnsMessageWriter writer("h.example.com", wants_v4 ? 1 : 28);
      if (wants_v4) writer.address("h.example.com", 60, IpAddress::loopback_v4());
      return MockResponse::Builder()
          .set_header("Content-Type", "application/dns-message")
          .body(writer.message())
          .build();
    });
  }
  RunResult run(std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"--doh-url", doh_.url("/dns-query").to_string(), url_});
    return okcurl(std::move(arguments));
  }

  const HeldCertificate certificate_ = HeldCertificate::localhost();
  MockWebServer doh_;
  const std::string url_ = "http://h.example.com:" + port() + "/";
};

TEST_F(DohEndToEndTest, NamesAreAskedOfThatServer) {
  const ScratchFolder folder;
  const std::string ca = folder.write("ca.pem", certificate_.certificate_pem());
  EXPECT_EQ(run({"--cacert", ca}).out, "here");
  EXPECT_EQ(doh_.take_request().value().request_line().substr(0, 16), "POST /dns-query ");
}

TEST_F(DohEndToEndTest, ItsCertificateIsVerifiedUnlessThatIsSwitchedOffForIt) {
  EXPECT_EQ(run({"-k"}).exit_code, 6);
  EXPECT_EQ(run({"--doh-insecure"}).out, "here");
}

TEST_F(DohEndToEndTest, WhatResolveGivesIsNotAskedFor) {
  EXPECT_EQ(run({"--resolve", "h.example.com:" + port() + ":127.0.0.1"}).out, "here");
  EXPECT_EQ(doh_.request_count(), 0U);
}

TEST_F(DohEndToEndTest, TheUrlMustBeAnHttpsOne) {
  const RunResult result = okcurl({"--doh-url", "http://localhost/", url_});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.err, HasSubstr("--doh-url"));
}

}  // namespace
}  // namespace okcurl

#include <okhttp/dns_over_https.hpp>

#include <okhttp/client.hpp>
#include <okhttp/dns_cache.hpp>
#include <okhttp/error.hpp>
#include <okhttp/mockwebserver/held_certificate.hpp>
#include <okhttp/mockwebserver/mock_web_server.hpp>
#include <okhttp/tls.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <condition_variable>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "http/base64.hpp"
#include "support/dns_messages.hpp"

namespace okhttp {
namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;
using testing::HasSubstr;

using Addresses = std::vector<IpAddress>;
const IpAddress kFour = IpAddress::v4({192, 0, 2, 1});
const IpAddress kSix = IpAddress::parse("2001:db8::6").value();
constexpr std::uint16_t kTypeA = 1;
constexpr std::uint16_t kTypeAaaa = 28;
constexpr std::uint16_t kServerFailed = 2;
constexpr std::uint16_t kNoSuchName = 3;

/// What a request asks for.
struct Question {
  std::string host;
  std::uint16_t type = 0;
  friend bool operator==(const Question&, const Question&) = default;
};

std::string query_of(const RecordedRequest& request) {
  if (request.method() == "POST") return request.body();
  std::string text = request.target().substr(request.target().find("dns=") + 4);
  std::replace(text.begin(), text.end(), '-', '+');
  std::replace(text.begin(), text.end(), '_', '/');
  text.resize((text.size() + 3) / 4 * 4, '=');
  return internal::base64_decode(text).value();
}

Question question_of(const RecordedRequest& request) {
  const std::string query = query_of(request);
  Question question;
  std::size_t at = 12;
  while (query.at(at) != '\0') {
    const auto size = static_cast<std::size_t>(query[at]);
    if (!question.host.empty()) question.host += '.';
    question.host += query.substr(at + 1, size);
    at += 1 + size;
  }
  question.type = static_cast<std::uint16_t>(static_cast<unsigned char>(query.at(at + 2)));
  return question;
}

MockResponse::Builder message(const DnsMessageWriter& writer) {
  return MockResponse::Builder().set_header("Content-Type", "application/dns-message").body(writer.message());
}

/// A resolver for tests: knows the addresses that a test gives it, and no other name.
class Resolver {
 public:
  explicit Resolver(const std::string& name = "localhost")
      : certificate_(HeldCertificate::Builder().add_subject_alternative_name(name).build()) {
    server.use_https(certificate_);
    server.set_dispatcher([this](const RecordedRequest& request) { return answer(question_of(request)); });
  }

  void knows(const std::string& host, const IpAddress& address, std::uint32_t seconds = 300) {
    const std::uint16_t type = address.is_v6() ? kTypeAaaa : kTypeA;
    gives(host, type, message(DnsMessageWriter(host, type).address(host, seconds, address)));
  }
  void gives(const std::string& host, std::uint16_t type, const MockResponse::Builder& response) {
    const std::lock_guard lock(mutex_);
    answers_.insert_or_assign({host, type}, response.build());
  }
  Client::Builder client() const {
    Client::Builder settings;
    TlsConfig::Builder tls;
    settings.tls(tls.system_trust(false).trust_certificates(certificate_.certificate_pem()).build());
    return settings;
  }
  DnsOverHttps::Builder builder() {
    DnsOverHttps::Builder resolver(server.url("/dns-query"));
    resolver.client(client());
    return resolver;
  }
  std::vector<Question> questions() {
    std::vector<Question> all;
    while (const auto request = server.take_request(0ms)) all.push_back(question_of(*request));
    return all;
  }

  MockWebServer server;

 private:
  MockResponse answer(const Question& question) {
    const std::lock_guard lock(mutex_);
    const auto known = answers_.find({question.host, question.type});
    if (known != answers_.end()) return known->second;
    return message(DnsMessageWriter(question.host, question.type).code(kNoSuchName)).build();
  }

  const HeldCertificate certificate_;
  std::mutex mutex_;
  std::map<std::pair<std::string, std::uint16_t>, MockResponse> answers_;
};

/// The failure of a lookup, which is always an unknown host.
Error failure_of(Dns& dns, const std::string& host) {
  try {
    (void)dns.lookup(host);
  } catch (const Error& error) {
    EXPECT_EQ(error.errc(), Errc::unknown_host);
    return error;
  }
  throw std::logic_error(host + " was found");
}

class DnsOverHttpsTest : public testing::Test {
 protected:
  Resolver resolver_;
};

class DnsOverHttpsProtocolTest : public DnsOverHttpsTest, public testing::WithParamInterface<Protocol> {
 protected:
  DnsOverHttpsProtocolTest() { resolver_.server.set_protocols({GetParam()}); }
};

INSTANTIATE_TEST_SUITE_P(Protocols, DnsOverHttpsProtocolTest, testing::Values(Protocol::http_1_1, Protocol::http_2),
                         [](const auto& tested) { return tested.param == Protocol::http_2 ? "Http2" : "Http1"; });

TEST_P(DnsOverHttpsProtocolTest, GetSendsTheQueryInTheUrl) {
  resolver_.knows("www.example.com", kFour);
  const auto dns = resolver_.builder().include_ipv6(false).build();
  EXPECT_EQ(dns->lookup("www.example.com"), Addresses{kFour});
  const RecordedRequest request = resolver_.server.take_request().value();
  EXPECT_EQ(request.protocol(), GetParam());
  EXPECT_EQ(request.method(), "GET");
  // RFC 8484 §4.1.1
  EXPECT_EQ(request.target(), "/dns-query?dns=AAABAAABAAAAAAAAA3d3dwdleGFtcGxlA2NvbQAAAQAB");
  EXPECT_EQ(request.header("Accept"), "application/dns-message");
}

TEST_P(DnsOverHttpsProtocolTest, PostSendsTheQueryAsItIs) {
  resolver_.knows("a.example.com", kFour);
  const auto dns = resolver_.builder().include_ipv6(false).post(true).build();
  EXPECT_EQ(dns->lookup("a.example.com"), Addresses{kFour});
  const RecordedRequest request = resolver_.server.take_request().value();
  EXPECT_EQ(request.method(), "POST");
  EXPECT_EQ(request.target(), "/dns-query");
  EXPECT_EQ(request.header("Content-Type"), "application/dns-message");
  EXPECT_EQ(request.header("Accept"), "application/dns-message");
  EXPECT_EQ(request.body(), "\0\0\x01\0\0\x01\0\0\0\0\0\0\1a\7example\3com\0\0\x01\0\x01"s);
}

TEST_P(DnsOverHttpsProtocolTest, BothQuestionsAreAskedAtOnce) {
  MockWebServer& server = resolver_.server;
  // Nobody is answered before both are there.
  std::mutex mutex;
  std::condition_variable changed;
  std::size_t seen = 0;
  server.set_dispatcher([&](const RecordedRequest& request) {
    const Question question = question_of(request);
    DnsMessageWriter writer(question.host, question.type);
    writer.address(question.host, 60, question.type == kTypeAaaa ? kSix : kFour);
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return seen == 2; });
    return message(writer).build();
  });
  const auto dns = resolver_.builder().build();
  std::future<Addresses> found = std::async(std::launch::async, [&] { return dns->lookup("a.example.com"); });
  for (int i = 0; i < 2; ++i) {
    EXPECT_TRUE(server.take_request().has_value());
    const std::lock_guard lock(mutex);
    ++seen;
    changed.notify_all();
  }
  EXPECT_EQ(found.get(), (Addresses{kSix, kFour}));
  EXPECT_EQ(server.connection_count(), GetParam() == Protocol::http_2 ? 1U : 2U);
}

TEST_F(DnsOverHttpsTest, Ipv6IsAskedForUnlessSwitchedOff) {
  resolver_.knows("a.example.com", kFour);
  resolver_.knows("a.example.com", kSix);
  EXPECT_EQ(resolver_.builder().build()->lookup("a.example.com"), (Addresses{kSix, kFour}));
  EXPECT_THAT(resolver_.questions(),
              testing::UnorderedElementsAre(Question{"a.example.com", kTypeA}, Question{"a.example.com", kTypeAaaa}));
  EXPECT_EQ(resolver_.builder().include_ipv6(false).build()->lookup("a.example.com"), Addresses{kFour});
  EXPECT_EQ(resolver_.questions(), (std::vector<Question>{{"a.example.com", kTypeA}}));
}

TEST_F(DnsOverHttpsTest, TheShortestTimeCountsLessWhatPassedInCaches) {
  resolver_.knows("a.example.com", kSix, 500);
  DnsMessageWriter writer("a.example.com", kTypeA);
  writer.address("a.example.com", 300, kFour);
  resolver_.gives("a.example.com", kTypeA, message(writer).set_header("Age", "100"));
  const auto dns = resolver_.builder().build();
  EXPECT_EQ(dns->lookup_answer("a.example.com").time_to_live, 200s);
  resolver_.gives("a.example.com", kTypeA, message(writer).set_header("Age", "1000"));
  EXPECT_EQ(dns->lookup_answer("a.example.com").time_to_live, 0s);
}

TEST_F(DnsOverHttpsTest, LiteralsAreNotLookedUp) {
  const auto dns = resolver_.builder().build();
  EXPECT_EQ(dns->lookup("192.0.2.1"), Addresses{kFour});
  EXPECT_EQ(dns->lookup("2001:db8::6"), Addresses{kSix});
  EXPECT_EQ(resolver_.server.request_count(), 0U);
}

TEST_F(DnsOverHttpsTest, PrivateNamesAreNotSent) {
  const auto dns = resolver_.builder().build();
  for (const char* const host :
       {"localhost", "router", "router.", "nas.local", "nas.LOCAL", "x.localhost", "db.internal", "tv.home.arpa"}) {
    EXPECT_THAT(failure_of(*dns, host).what(), HasSubstr("private")) << host;
  }
  EXPECT_EQ(resolver_.server.request_count(), 0U);
  resolver_.knows("local.example.com", kFour);
  EXPECT_EQ(dns->lookup("local.example.com"), Addresses{kFour});
}

TEST_F(DnsOverHttpsTest, PrivateNamesAreSentWhereTheResolverKnowsThem) {
  resolver_.knows("nas.local", kFour);
  EXPECT_EQ(resolver_.builder().resolve_private_addresses(true).build()->lookup("nas.local"), Addresses{kFour});
}

TEST_F(DnsOverHttpsTest, NamesThatDnsCannotCarryAreRefused) {
  EXPECT_THAT(failure_of(*resolver_.builder().build(), std::string(64, 'l') + ".com").what(), HasSubstr("no such"));
  EXPECT_EQ(resolver_.server.request_count(), 0U);
}

TEST_F(DnsOverHttpsTest, OneQuestionThatFailsDoesNotMatterWhenTheOtherFound) {
  resolver_.knows("a.example.com", kFour);
  resolver_.gives("a.example.com", kTypeAaaa, MockResponse::Builder().code(500));
  EXPECT_EQ(resolver_.builder().build()->lookup("a.example.com"), Addresses{kFour});
}

TEST_F(DnsOverHttpsTest, ACacheKeepsThatANameDoesNotExistButNoFailure) {
  const auto dns = std::make_shared<DnsCache>(resolver_.builder().build());
  (void)failure_of(*dns, "none.example.com");
  (void)failure_of(*dns, "none.example.com");
  EXPECT_EQ(resolver_.questions().size(), 2U);

  DnsMessageWriter failed("a.example.com", kTypeA);
  resolver_.gives("a.example.com", kTypeA, message(failed.code(kServerFailed)));
  EXPECT_THAT(failure_of(*dns, "a.example.com").what(), HasSubstr("failed"));
  resolver_.knows("a.example.com", kFour);
  EXPECT_EQ(dns->lookup("a.example.com"), Addresses{kFour});
  EXPECT_EQ(dns->at_hand("a.example.com", 443), Addresses{kFour});
}

TEST_F(DnsOverHttpsTest, WhatIsNoDnsMessageIsRefused) {
  const auto dns = resolver_.builder().include_ipv6(false).build();
  DnsMessageWriter right("a.example.com", kTypeA);
  right.address("a.example.com", 300, kFour);
  const auto refusal = [&](const MockResponse::Builder& response) {
    resolver_.gives("a.example.com", kTypeA, response);
    const Error error = failure_of(*dns, "a.example.com");
    EXPECT_NE(error.cause(), nullptr);
    return std::string(error.what());
  };
  EXPECT_THAT(refusal(message(right).code(404)), HasSubstr("404"));
  EXPECT_THAT(refusal(message(right).set_header("Content-Type", "text/html")), HasSubstr("other than"));
  EXPECT_THAT(refusal(message(right).remove_header("Content-Type")), HasSubstr("other than"));
  EXPECT_THAT(refusal(message(right).body(right.message().substr(0, 40))), HasSubstr("malformed"));
  EXPECT_THAT(refusal(message(DnsMessageWriter("b.example.com", kTypeA))), HasSubstr("another question"));
}

TEST_F(DnsOverHttpsTest, AnAnswerOfMoreThan64KiBIsRefused) {
  const auto dns = resolver_.builder().include_ipv6(false).build();
  DnsMessageWriter writer("a.example.com", kTypeA);
  writer.address("a.example.com", 300, kFour);
  std::string padded = writer.message();
  padded.resize(DnsOverHttps::kMaxResponseBytes);
  resolver_.gives("a.example.com", kTypeA, message(writer).body(padded));
  EXPECT_EQ(dns->lookup("a.example.com"), Addresses{kFour});
  padded += '\0';
  resolver_.gives("a.example.com", kTypeA, message(writer).body(padded));
  (void)failure_of(*dns, "a.example.com");
  resolver_.gives("a.example.com", kTypeA, message(writer).chunked_body(padded));
  (void)failure_of(*dns, "a.example.com");
}

/// Must not be asked.
class ForbiddenDns final : public Dns {
 public:
  Addresses lookup(const std::string& host) override {
    ADD_FAILURE() << host << " was looked up";
    throw Error(Errc::unknown_host, "forbidden");
  }
};

TEST(DnsOverHttpsBootstrapTest, TheResolversOwnAddressesNeedNoLookup) {
  Resolver resolver("resolver.example.com");
  resolver.server.start();
  resolver.knows("a.example.com", kFour);
  DnsOverHttps::Builder builder("https://resolver.example.com:" + std::to_string(resolver.server.port()) + "/dns");
  builder.client(resolver.client().dns(std::make_shared<ForbiddenDns>()));
  const auto dns = builder.bootstrap_addresses({IpAddress::loopback_v4()}).build();
  EXPECT_EQ(dns->lookup("a.example.com"), Addresses{kFour});
  EXPECT_EQ(resolver.server.take_request().value().server_name(), "resolver.example.com");
}

TEST_F(DnsOverHttpsTest, TheUrlMustBeAnHttpsOne) {
  EXPECT_THROW(DnsOverHttps::Builder("http://localhost/"), std::invalid_argument);
  EXPECT_THROW(DnsOverHttps::Builder("localhost"), std::invalid_argument);
}

TEST_F(DnsOverHttpsTest, TheResolversCertificateIsVerified) {
  const auto dns = DnsOverHttps::Builder(resolver_.server.url("/dns-query")).build();
  EXPECT_THAT(failure_of(*dns, "a.example.com").what(), HasSubstr("certificate"));
  EXPECT_EQ(resolver_.server.request_count(), 0U);
}

TEST_F(DnsOverHttpsTest, ServesTheClientThatItsSettingsCameFrom) {
  MockWebServer origin;
  origin.enqueue(MockResponse("first"));
  origin.enqueue(MockResponse("second"));
  resolver_.knows("a.example.com", IpAddress::loopback_v4());
  const Client base = resolver_.client().build();
  base.dispatcher().set_max_requests(1);  // taken by the call that waits for the lookup
  DnsOverHttps::Builder builder = resolver_.builder();
  builder.client(base.new_builder());
  const Client client = base.new_builder().dns(builder.build()).build();
  const std::string url = "http://a.example.com:" + std::to_string(origin.port()) + "/";
  std::vector<std::future<std::string>> bodies;
  for (int i = 0; i < 2; ++i) {
    auto body = std::make_shared<std::promise<std::string>>();
    bodies.push_back(body->get_future());
    client.new_call(Request::get(url)).enqueue([body](const Call&, Result<Response> result) {
      try {
        body->set_value(result.value().body().string());
      } catch (...) {
        body->set_exception(std::current_exception());
      }
    });
  }
  EXPECT_EQ(bodies[0].get(), "first");
  EXPECT_EQ(bodies[1].get(), "second");
}

TEST_F(DnsOverHttpsTest, DoesNotKeepTheClientThatItsSettingsCameFrom) {
  MockWebServer silent;
  std::optional<Client> base = resolver_.client().build();
  DnsOverHttps::Builder builder = resolver_.builder();
  builder.client(base->new_builder());
  resolver_.knows("a.example.com", IpAddress::loopback_v4());
  std::optional<Client> client = base->new_builder().dns(builder.build()).build();
  const std::string url = "http://a.example.com:" + std::to_string(silent.port()) + "/";
  std::promise<Errc> ended;
  client->new_call(Request::get(url)).enqueue([&](const Call&, Result<Response> result) {
    ended.set_value(result.has_value() ? Errc() : result.error().errc());
  });
  ASSERT_TRUE(silent.take_request().has_value());
  client.reset();
  base.reset();
  EXPECT_EQ(ended.get_future().get(), Errc::canceled);
}

}  // namespace
}  // namespace okhttp

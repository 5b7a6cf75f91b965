#include <okhttp/client.hpp>
#include <okhttp/mockwebserver/mock_web_server.hpp>
#include <okhttp/tls.hpp>

#include <gtest/gtest.h>

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "interceptors/follow_up.hpp"
#include "support/protocols.hpp"

// How credentials got to where they were not meant for. Elsewhere: other ports and names, Referer, Host and the bodies
// of redirects in redirect_credentials_test.cpp; what is a proxy's in proxy_test.cpp; the decision for every pair of
// origins in interceptors/follow_up_test.cpp. There is no netrc (CVE-2024-11053, CVE-2025-0167, CVE-2026-3783,
// CVE-2026-8926).

namespace okhttp {
namespace {

const std::string kSecret = "s3cr3t";

std::vector<std::string> secret_names() {
  std::vector<std::string> names = internal::FollowUpPolicy().sensitive_headers;
  names.insert(names.end(), {"Authorization", "Cookie"});
  return names;
}

Request with_secrets(const Url& url) {
  Request::Builder builder = Request::get(url).new_builder();
  for (const std::string& name : secret_names()) builder.header(name, kSecret);
  return builder.header("Proxy-Authorization", kSecret).build();
}

/// True when the secret is anywhere in what came.
bool tells_secret(const RecordedRequest& request) {
  if (request.target().find(kSecret) != std::string::npos) return true;
  for (const Headers::Field field : request.headers()) {
    if (field.value.find(kSecret) != std::string::npos) return true;
  }
  return false;
}

MockResponse redirect_to(const std::string& location, int code = 302) {
  return MockResponse::Builder().code(code).set_header("Location", location).build();
}

/// All that a listener is told of a call, in the words that a log would have.
class Logger final : public EventListener {
 public:
  [[nodiscard]] std::string text() const {
    const std::lock_guard lock(mutex_);
    return text_;
  }
  void request_headers_end(const Call&, const Request& request) override { add(request.to_string()); }
  void response_headers_end(const Call&, const Response& response) override { add(response.to_string()); }
  void follow_up_decision(const Call&, const Response& response, const Request* next) override {
    add(response.to_string());
    if (next != nullptr) add(next->to_string());
  }
  void call_failed(const Call&, const Error& error) override { add(error.what()); }

 private:
  void add(const std::string& line) {
    const std::lock_guard lock(mutex_);
    text_ += line + "\n";
  }
  mutable std::mutex mutex_;
  std::string text_;
};

class CredentialLeaks : public ProtocolTest<> {
 protected:
  CredentialLeaks() { speak(second_); }

  MockWebServer& first_ = server_;
  MockWebServer second_;
};

INSTANTIATE_TEST_SUITE_P(Protocols, CredentialLeaks, both_protocols(), ParameterName());

// CVE-2024-45336: dropped at the first redirect to another host, and back at the second one within it.
TEST_P(CredentialLeaks, WhatWasDroppedDoesNotComeBackAtTheNextRedirect) {
  first_.enqueue(redirect_to(second_.url("/1").to_string()));
  second_.enqueue(redirect_to("/2"));
  second_.enqueue(redirect_to(second_.url("/3").to_string(), 307));
  second_.enqueue(MockResponse("done"));
  EXPECT_EQ(client_.execute(with_secrets(first_.url("/"))).body().string(), "done");
  EXPECT_TRUE(tells_secret(*first_.take_request()));
  for (int i = 1; i <= 3; ++i) EXPECT_FALSE(tells_secret(*second_.take_request())) << i;
}

// cpp-httplib 0c1cc8c, and OkHttp itself, which strips Authorization alone: a Cookie or a key set by hand travels on.
TEST_P(CredentialLeaks, EveryNameThatIsSensitiveByDefaultIsDropped) {
  for (const std::string& name : secret_names()) {
    first_.enqueue(redirect_to(second_.url("/").to_string()));
    second_.enqueue(MockResponse("done"));
    const Request request = Request::get(first_.url("/")).new_builder().header(name, kSecret).build();
    EXPECT_EQ(client_.execute(request).body().string(), "done");
    EXPECT_TRUE(tells_secret(*first_.take_request())) << name;
    EXPECT_FALSE(tells_secret(*second_.take_request())) << name;
  }
}

// GHSA-6hrp-7fq9-3qv2: credentials that were used once are sent along to whoever is asked next. CVE-2026-9546: so is a
// Referer.
TEST_P(CredentialLeaks, CredentialsOfOneCallAreNotThoseOfTheNext) {
  first_.enqueue(MockResponse("with"));
  first_.enqueue(MockResponse("without"));
  const Request with = with_secrets(first_.url("/")).new_builder().header("Referer", "http://a.example/").build();
  EXPECT_EQ(client_.execute(with).body().string(), "with");
  EXPECT_EQ(client_.execute(Request::get(first_.url("/"))).body().string(), "without");
  EXPECT_TRUE(tells_secret(*first_.take_request()));
  const RecordedRequest without = *first_.take_request();
  EXPECT_FALSE(tells_secret(without));
  EXPECT_FALSE(without.headers().contains("Referer"));
}

// CVE-2023-32681, CVE-2025-4673: Proxy-Authorization is for proxies.
TEST_P(CredentialLeaks, ProxyAuthorizationReachesNoServerThatIsAskedDirectly) {
  first_.enqueue(redirect_to(second_.url("/").to_string()));
  second_.enqueue(MockResponse("done"));
  const Request request =
      Request::get(first_.url("/")).new_builder().header("Proxy-Authorization", "Basic " + kSecret).build();
  EXPECT_EQ(client_.execute(request).body().string(), "done");
  EXPECT_FALSE(tells_secret(*first_.take_request()));
  EXPECT_FALSE(tells_secret(*second_.take_request()));
}

// CVE-2024-2004: a scheme that nobody may use, asked for by a server.
TEST_P(CredentialLeaks, ARedirectToAnythingButHttpIsNotFollowed) {
  for (const std::string scheme : {"ftp", "file", "ws", "wss", "gopher", "ldap", "dict", "data", "javascript"}) {
    const std::string location = scheme + "://" + std::string(second_.url("/").host_header()) + "/";
    first_.enqueue(redirect_to(location));
    const Response response = client_.execute(with_secrets(first_.url("/")));
    EXPECT_EQ(response.code(), 302) << scheme;
    EXPECT_EQ(response.header("Location"), location);
  }
  EXPECT_EQ(second_.request_count(), 0U);
}

// A server that names credentials in a Location has the client neither send nor show them.
TEST_P(CredentialLeaks, UserInformationInALocationIsNeitherSentNorShown) {
  const Url to = second_.url("/?token=" + kSecret).new_builder().username("jane").password(kSecret).build();
  first_.enqueue(redirect_to(to.to_string()));
  second_.enqueue(MockResponse::Builder().on_response_start(SocketEffect::close_socket()).build());
  client_ = client_.new_builder().retry_on_connection_failure(false).build();
  try {
    (void)client_.execute(Request::get(first_.url("/")));
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(std::string(error.what()).find(kSecret), std::string::npos) << error.what();
    for (const Attempt& attempt : error.attempts()) EXPECT_EQ(attempt.route.find(kSecret), std::string::npos);
  }
  const RecordedRequest request = *second_.take_request();
  EXPECT_FALSE(request.headers().contains("Authorization"));
  EXPECT_EQ(request.target().find("jane"), std::string::npos);
}

// CVE-2023-0833: values of header fields in logs and exceptions.
TEST_P(CredentialLeaks, NothingThatIsMeantForLogsShowsASecret) {
  const auto logger = std::make_shared<Logger>();
  client_ = client_.new_builder().event_listener(logger).build();
  const auto with_everything = [](const Url& url) {
    return with_secrets(url.new_builder().username("jane").password(kSecret).build());
  };
  first_.enqueue(MockResponse::Builder()
                     .code(302)
                     .set_header("Location", "/next")
                     .add_header("Set-Cookie", "id=" + kSecret)
                     .build());
  first_.enqueue(MockResponse("done"));
  const Request request = with_everything(first_.url("/"));
  const Response response = client_.execute(request);
  EXPECT_EQ(response.body().string(), "done");
  for (int i = 0; i < 21; ++i) first_.enqueue(redirect_to("/" + std::to_string(i)));
  EXPECT_THROW((void)client_.execute(request), Error);

  const std::string all = logger->text() + request.to_string() + response.to_string() +
                          response.prior_response()->to_string() + response.network_response()->request().to_string();
  EXPECT_NE(all.find("Authorization: "), std::string::npos) << "that it was there is shown:\n" << all;
  EXPECT_NE(logger->text().find("20 follow-up"), std::string::npos) << all;
  EXPECT_EQ(all.find(kSecret), std::string::npos) << all;
}

TEST(CredentialsInText, AProxyAndAUrlShowNone) {
  const Proxy proxy = Proxy::parse("http://jane:" + kSecret + "@proxy.example:3128");
  EXPECT_EQ(proxy.to_string().find(kSecret), std::string::npos) << proxy.to_string();
  const Url url = Url::parse("https://jane:" + kSecret + "@a.example/" + kSecret + "?" + kSecret + "#" + kSecret);
  EXPECT_EQ(url.redact(), "https://a.example/...");
}

// A mistake in a value is told without the value.
TEST(CredentialsInText, WhatIsRefusedIsNotShown) {
  const auto refusal = [](const auto& action) {
    try {
      action();
    } catch (const std::exception& error) {
      return std::string(error.what());
    }
    return std::string("none");
  };
  Request::Builder builder;
  const std::string header = refusal([&] { builder.header("Authorization", kSecret + "\r\nX: y"); });
  EXPECT_NE(header.find("Authorization"), std::string::npos) << header;
  const std::string url = refusal([] { (void)Url::parse("http://jane:" + kSecret + "@a b/"); });
  EXPECT_NE(url, "none");
  const std::string proxy = refusal([] { (void)Proxy::parse("nothing://jane:" + kSecret + "@proxy.example"); });
  EXPECT_NE(proxy, "none");
  for (const std::string& text : {header, url, proxy}) EXPECT_EQ(text.find(kSecret), std::string::npos) << text;
}

/// From TLS to clear text and back. CVE-2022-27774, CVE-2022-27776, CVE-2025-14524, reqwest 0.13.4.
class CredentialLeaksAcrossSchemes : public ProtocolTest<> {
 protected:
  CredentialLeaksAcrossSchemes() {
    secure_.use_https(certificate_);
    // Clear text is HTTP/1.1 here, what TLS agrees upon is the parameter.
    const TlsConfig tls =
        TlsConfig::Builder().system_trust(false).trust_certificates(certificate_.certificate_pem()).build();
    client_ = builder().tls(tls).build();
  }

  const HeldCertificate certificate_ = HeldCertificate::Builder().add_subject_alternative_name("localhost").build();
  MockWebServer secure_;
  MockWebServer clear_;
};

INSTANTIATE_TEST_SUITE_P(Protocols, CredentialLeaksAcrossSchemes, both_protocols_by_alpn(), ParameterName());

TEST_P(CredentialLeaksAcrossSchemes, NothingIsSentInClearTextThatWasMeantForTls) {
  secure_.enqueue(redirect_to(clear_.url("/").to_string()));
  clear_.enqueue(MockResponse("done"));
  EXPECT_EQ(client_.execute(with_secrets(secure_.url("/"))).body().string(), "done");
  EXPECT_TRUE(tells_secret(*secure_.take_request()));
  EXPECT_FALSE(tells_secret(*clear_.take_request()));
}

TEST_P(CredentialLeaksAcrossSchemes, NorTheOtherWayRound) {
  clear_.enqueue(redirect_to(secure_.url("/").to_string()));
  secure_.enqueue(MockResponse("done"));
  EXPECT_EQ(client_.execute(with_secrets(clear_.url("/"))).body().string(), "done");
  EXPECT_TRUE(tells_secret(*clear_.take_request()));
  EXPECT_FALSE(tells_secret(*secure_.take_request()));
}

TEST_P(CredentialLeaksAcrossSchemes, NobodyLeavesTlsWhereThatIsOff) {
  client_ = client_.new_builder().follow_ssl_redirects(false).build();
  secure_.enqueue(redirect_to(clear_.url("/").to_string()));
  EXPECT_EQ(client_.execute(with_secrets(secure_.url("/"))).code(), 302);
  EXPECT_EQ(clear_.request_count(), 0U);
}

}  // namespace
}  // namespace okhttp

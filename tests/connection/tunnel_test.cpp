#include "connection/tunnel.hpp"

#include <okhttp/authenticator.hpp>
#include <okhttp/challenge.hpp>
#include <okhttp/okhttp.hpp>

#include <gtest/gtest.h>

#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "runtime/call_context.hpp"
#include "support/manual_engine.hpp"
#include "support/memory_stream.hpp"

namespace okhttp::internal {
namespace {

/// Answers challenges with what it is given, and keeps what it was asked.
class FakeAuthenticator final : public Authenticator {
 public:
  Task<std::optional<Request>> authenticate(const RouteInfo& route, const Response& response) override {
    asked.push_back(response);
    proxies.push_back(route.proxy());
    if (thrown) throw std::runtime_error("out of order");
    if (next == answers.size()) co_return std::nullopt;
    Request::Builder again = response.request().new_builder();
    again.header("Proxy-Authorization", answers[next++]).header("X-Other", "not for the proxy");
    std::optional<Request> request(again.build());
    co_return request;
  }
  std::vector<std::string> answers;
  std::size_t next = 0;
  bool thrown = false;
  std::vector<Response> asked;
  std::vector<Proxy> proxies;
};

/// The client's end of a connection on which the proxy answers each request once it was sent.
class AnsweringStream final : public Stream {
 public:
  explicit AnsweringStream(MemorySocket::Ends& ends) noexcept : ends_(ends) {}
  std::deque<std::string> answers;

  [[nodiscard]] IoResult try_read(Bytes into) noexcept override { return ends_.first->try_read(into); }
  [[nodiscard]] IoResult try_write(std::span<const ConstBytes> from) noexcept override {
    const IoResult result = ends_.first->try_write(from);
    if (ends_.second->unread().ends_with("\r\n\r\n") && !answers.empty()) {
      const ConstBytes next = as_bytes(answers.front());
      (void)ends_.second->try_write(std::span(&next, 1));
      answers.pop_front();
    }
    return result;
  }
  [[nodiscard]] Socket& socket() noexcept override { return *ends_.first; }
  [[nodiscard]] bool is_quiet() noexcept override { return ends_.first->is_quiet(); }
  void shut_down_write() noexcept override {}

 private:
  MemorySocket::Ends& ends_;
};

class TunnelTest : public testing::Test {
 protected:
  TunnelTest() { context_->attach(engine_); }

  /// What the proxy says to the next request.
  void answer(const std::string& text) { stream_.answers.push_back(text); }
  Tunnel& tunnel(std::optional<std::string> authorization = std::nullopt) {
    if (!tunnel_) {
      ConnectionIdentity who(Dns::system(), protocols_, TlsConfig());
      who.proxy_authenticator = authenticator_;
      route_.emplace(book_.find(Url::parse(url_), book_.intern(std::move(who))), proxy_,
                     Endpoint(IpAddress::loopback_v4(), 3128));
      tunnel_.emplace(*context_, *route_, kNever, std::move(authorization));
    }
    return *tunnel_;
  }
  Tunnel::Outcome open() { return engine_.run(tunnel().open(stream_)); }
  std::string failure() {
    try {
      open();
    } catch (const Error& error) {
      code_ = error.errc();
      return error.what();
    }
    return "opened";
  }
  /// What the proxy was sent, since it was asked the last time.
  std::string sent() { return std::exchange(ends_.second->unread(), std::string()); }
  void reconnect() {
    ends_ = MemorySocket::make_pair();
    stream_.answers.clear();
  }

  static std::string connect_to(const std::string& target, const std::string& authorization = {}) {
    std::string text = "CONNECT " + target + " HTTP/1.1\r\nHost: " + target +
                       "\r\nProxy-Connection: Keep-Alive\r\nUser-Agent: okhttp-cpp/" + std::string(kVersion) + "\r\n";
    if (!authorization.empty()) text += "Proxy-Authorization: " + authorization + "\r\n";
    return text + "\r\n";
  }
  static constexpr const char* kChallenge =
      "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"x\"\r\nContent-Length: 5\r\n\r\n"
      "hello";

  std::string url_ = "https://example.com/";
  Proxy proxy_{Proxy::Type::http, "proxy.example", 3128};
  std::vector<Protocol> protocols_{Protocol::http_2, Protocol::http_1_1};
  std::shared_ptr<FakeAuthenticator> authenticator_ = std::make_shared<FakeAuthenticator>();
  AddressBook book_;
  std::optional<Route> route_;
  ManualEngine engine_;
  std::shared_ptr<CallContext> context_ = std::make_shared<CallContext>(nullptr);
  MemorySocket::Ends ends_ = MemorySocket::make_pair();
  AnsweringStream stream_{ends_};
  std::optional<Tunnel> tunnel_;
  Errc code_ = Errc::io;
};

TEST_F(TunnelTest, AsksForHostAndPortAndNothingElse) {
  answer("HTTP/1.1 200 Connection established\r\n\r\n");
  EXPECT_EQ(open(), Tunnel::Outcome::open);
  EXPECT_EQ(sent(), connect_to("example.com:443"));
  EXPECT_TRUE(authenticator_->asked.empty());
}

TEST_F(TunnelTest, NamesAnIpv6HostInBrackets) {
  url_ = "https://[2001:db8::1]:8443/";
  answer("HTTP/1.1 200 OK\r\n\r\n");
  open();
  EXPECT_EQ(sent(), connect_to("[2001:db8::1]:8443"));
}

TEST_F(TunnelTest, ShowsCredentialsBeforeTheProxyAsks) {
  answer("HTTP/1.1 200 OK\r\n\r\n");
  tunnel("Basic abc");
  EXPECT_EQ(open(), Tunnel::Outcome::open);
  EXPECT_EQ(sent(), connect_to("example.com:443", "Basic abc"));
}

TEST_F(TunnelTest, OpensWithAny2xxWhateverItSaysOfItsLength) {
  for (const char* head :
       {"HTTP/1.0 200 OK\r\n\r\n", "HTTP/1.1 204 No Content\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n",
        "HTTP/1.1 299 Fine\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n",
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\n"}) {
    tunnel_.reset();
    reconnect();
    answer(head);
    EXPECT_EQ(open(), Tunnel::Outcome::open) << head;
  }
}

TEST_F(TunnelTest, GoesOnAfterAReadThatEndsAtAnyByte) {
  ends_.first->script.read_size = 1;
  authenticator_->answers = {"Basic abc"};
  answer(kChallenge);
  answer("HTTP/1.1 200 OK\r\n\r\n");
  EXPECT_EQ(open(), Tunnel::Outcome::open);
}

TEST_F(TunnelTest, BytesBehindTheAnswerAreAnError) {
  answer("HTTP/1.1 200 OK\r\n\r\n\x16\x03\x03");
  EXPECT_NE(failure().find("sent more than its answer"), std::string::npos);
  EXPECT_EQ(code_, Errc::proxy_failed);

  // The same when they come by a read of their own.
  tunnel_.reset();
  reconnect();
  const std::string head = "HTTP/1.1 200 OK\r\n\r\n";
  ends_.first->script.read_size = head.size();
  answer(head + "x");
  EXPECT_NE(failure().find("sent more than its answer"), std::string::npos);
}

TEST_F(TunnelTest, WhereTheServerMaySpeakFirstItsBytesAreLeftToIt) {
  url_ = "http://example.com/";
  protocols_ = {Protocol::h2_prior_knowledge};
  answer("HTTP/1.1 200 OK\r\n\r\nsettings");
  EXPECT_EQ(open(), Tunnel::Outcome::open);
  EXPECT_EQ(sent(), connect_to("example.com:80"));
  EXPECT_EQ(ends_.first->unread(), "settings");
}

TEST_F(TunnelTest, AnyOtherStatusIsAnErrorThatShowsIt) {
  for (const char* status :
       {"403 Forbidden by policy", "502 Bad Gateway", "301 Moved", "101 Switching Protocols", "600"}) {
    tunnel_.reset();
    reconnect();
    answer("HTTP/1.1 " + std::string(status) + "\r\nContent-Length: 0\r\n\r\n");
    const std::string text = failure();
    EXPECT_NE(text.find(status), std::string::npos) << text;
    EXPECT_NE(text.find("example.com:443 via http://proxy.example:3128"), std::string::npos) << text;
    EXPECT_EQ(code_, Errc::proxy_failed);
  }
}

TEST_F(TunnelTest, AProxyThatClosesOrSpeaksSomethingElseHasFailed) {
  ends_.second->shut_down_write();
  EXPECT_NE(failure().find("closed the connection"), std::string::npos);
  EXPECT_EQ(code_, Errc::proxy_failed);

  tunnel_.reset();
  reconnect();
  answer("SSH-2.0-OpenSSH\r\n");
  EXPECT_NE(failure().find("malformed"), std::string::npos);
  EXPECT_EQ(code_, Errc::proxy_failed);
}

TEST_F(TunnelTest, AllHeadsOfAnAnswerTogetherAreBounded) {
  std::string heads;
  const std::string interim = "HTTP/1.1 102 Processing\r\nX: " + std::string(60'000, 'x') + "\r\n\r\n";
  for (int i = 0; i < 4; ++i) heads += interim;
  answer(heads + "HTTP/1.1 200 OK\r\n\r\n");
  EXPECT_EQ(open(), Tunnel::Outcome::open);

  tunnel_.reset();
  reconnect();
  answer(heads + interim + "HTTP/1.1 200 OK\r\n\r\n");
  EXPECT_NE(failure().find("malformed"), std::string::npos);
}

TEST_F(TunnelTest, AChallengeIsAnsweredOnTheSameConnection) {
  authenticator_->answers = {"Basic abc"};
  answer(kChallenge);
  answer("HTTP/1.1 200 OK\r\n\r\n");
  EXPECT_EQ(open(), Tunnel::Outcome::open);
  EXPECT_EQ(sent(), connect_to("example.com:443") + connect_to("example.com:443", "Basic abc"));
  ASSERT_EQ(authenticator_->asked.size(), 1U);
  const Response& asked = authenticator_->asked[0];
  EXPECT_EQ(asked.code(), 407);
  EXPECT_EQ(asked.request().method(), "CONNECT");
  EXPECT_EQ(asked.challenges().at(0).realm(), "x");
  EXPECT_EQ(authenticator_->proxies[0], proxy_);
}

TEST_F(TunnelTest, ChallengesWithBodiesOfEveryFramingAreSkipped) {
  authenticator_->answers = {"a", "b", "c"};
  answer("HTTP/1.1 407 No\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nTrailer: x\r\n\r\n");
  answer("HTTP/1.1 407 No\r\nContent-Length: 0\r\n\r\n");
  answer("HTTP/1.1 407 No\r\nContent-Length: 65536\r\n\r\n" + std::string(65536, 'x'));
  answer("HTTP/1.1 200 OK\r\n\r\n");
  EXPECT_EQ(open(), Tunnel::Outcome::open);
}

TEST_F(TunnelTest, WhatTheProxyDoesNotKeepIsAskedOnANewConnection) {
  for (const char* challenge :
       {"HTTP/1.1 407 No\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 407 No\r\nProxy-Connection: close\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.0 407 No\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 407 No\r\n\r\nuntil close",
        "HTTP/1.1 407 No\r\nContent-Length: 65537\r\n\r\n", "HTTP/1.1 407 No\r\nContent-Length: 2\r\n\r\nabc",
        "HTTP/1.1 407 No\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "HTTP/1.1 407 No\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"}) {
    tunnel_.reset();
    reconnect();
    authenticator_->answers = {"Basic abc"};
    authenticator_->next = 0;
    answer(challenge);
    EXPECT_EQ(open(), Tunnel::Outcome::closed_after_challenge) << challenge;
    reconnect();
    answer("HTTP/1.1 200 OK\r\n\r\n");
    EXPECT_EQ(open(), Tunnel::Outcome::open) << challenge;
    EXPECT_EQ(sent(), connect_to("example.com:443", "Basic abc"));
  }
}

TEST_F(TunnelTest, AnEndlessChunkedChallengeIsNotReadOn) {
  authenticator_->answers = {"Basic abc"};
  std::string body;
  for (int i = 0; i < 20; ++i) body += "1000\r\n" + std::string(4096, 'x') + "\r\n";
  answer("HTTP/1.1 407 No\r\nTransfer-Encoding: chunked\r\n\r\n" + body);
  EXPECT_EQ(open(), Tunnel::Outcome::closed_after_challenge);
}

TEST_F(TunnelTest, AChallengeThatNobodyAnswersIsAnError) {
  answer(kChallenge);
  EXPECT_NE(failure().find("407 Proxy Authentication Required"), std::string::npos);
  EXPECT_EQ(code_, Errc::proxy_failed);
}

TEST_F(TunnelTest, GivesUpAfterTwentyOneChallenges) {
  authenticator_->answers = std::vector<std::string>(100, "Basic abc");
  for (int i = 0; i < 30; ++i) answer(kChallenge);
  EXPECT_NE(failure().find("too often"), std::string::npos);
  EXPECT_EQ(authenticator_->asked.size(), 21U);
}

TEST_F(TunnelTest, AnExceptionOfTheAuthenticatorEndsTheAttempt) {
  authenticator_->thrown = true;
  answer(kChallenge);
  EXPECT_NE(failure().find("out of order"), std::string::npos);
  EXPECT_EQ(code_, Errc::rejected);
}

TEST_F(TunnelTest, MessagesHoldNoCredentials) {
  proxy_ = Proxy(Proxy::Type::http, "proxy.example", 3128, "jane", "secret");
  tunnel("Basic abc");
  answer("HTTP/1.1 403 Forbidden\r\n\r\n");
  const std::string text = failure();
  for (const char* secret : {"jane", "secret", "abc"}) EXPECT_EQ(text.find(secret), std::string::npos) << text;
}

}  // namespace
}  // namespace okhttp::internal

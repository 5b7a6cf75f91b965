// Hosts with several addresses of which some cannot be reached: they swallow what is sent, refuse, or answer late.
// Nowhere is a time compared: the time-out for connecting is an hour, so that who waited for it would not come back.

#include <okhttp/client.hpp>
#include <okhttp/mockwebserver/mock_web_server.hpp>

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <exception>
#include <functional>
#include <latch>
#include <mutex>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <vector>

#include "interop/support/private_network.hpp"
#include "support/fronts.hpp"
#include "support/loopback.hpp"

namespace okhttp::interop {
namespace {

using namespace std::chrono_literals;

// Where nothing ever answers, where nobody listens, and where no way leads.
constexpr std::string_view kSilentV4 = "192.0.2.9";
constexpr std::string_view kSilentV6 = "2001:db8::9";
constexpr std::string_view kRefusing = "127.0.0.2";
constexpr std::string_view kUnreachable = "198.51.100.1";
constexpr std::string_view kLate = "127.0.0.3";
constexpr std::string_view kGood = "127.0.0.1";
constexpr std::string_view kGoodV6 = "::1";

/// What became of each attempt, as "127.0.0.1 failed(connect_failed)".
class Attempts final : public EventListener {
 public:
  explicit Attempts(std::function<void(std::size_t)> on_start) : on_start_(std::move(on_start)) {}
  void connect_start(const Call&, AttemptId, const Endpoint& peer) override {
    const std::size_t count = note(peer, "start");
    if (on_start_) on_start_(count);
  }
  void connect_end(const Call&, AttemptId, const Endpoint& peer, Protocol) override { note(peer, "end"); }
  void connect_failed(const Call&, AttemptId, const Endpoint& peer, const Error& error) override {
    note(peer, "failed(" + std::string(to_string(error.errc())) + ")");
  }

  [[nodiscard]] std::vector<std::string> log() const {
    const std::lock_guard lock(mutex_);
    return log_;
  }

 private:
  std::size_t note(const Endpoint& peer, const std::string& what) {
    const std::lock_guard lock(mutex_);
    log_.push_back(peer.address.to_string() + ' ' + what);
    return static_cast<std::size_t>(
        std::count_if(log_.begin(), log_.end(), [](const std::string& line) { return line.ends_with(" start"); }));
  }

  const std::function<void(std::size_t)> on_start_;
  mutable std::mutex mutex_;
  std::vector<std::string> log_;
};

/// Listens, but has no room for another connection until it is released; then it answers one request with "late". A
/// client's first SYN is dropped, and the one that it repeats a second later is answered.
class LateServer final {
 public:
  explicit LateServer(std::uint16_t port) {
    listener_ = testing::checked(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket");
    sockaddr_in address = testing::loopback(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 2);
    testing::checked(::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address), "bind");
    testing::checked(::listen(listener_, 0), "listen");
    filler_ = testing::checked(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket");
    testing::checked(::connect(filler_, reinterpret_cast<sockaddr*>(&address), sizeof address), "connect");
    thread_ = std::thread([this] { serve(); });
  }
  LateServer(const LateServer&) = delete;
  LateServer& operator=(const LateServer&) = delete;
  ~LateServer() {
    release();
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(filler_);
    ::close(listener_);
  }
  void release() {
    if (!released_.exchange(true)) room_.count_down();
  }

 private:
  void serve() {
    room_.wait();
    const int filler = ::accept(listener_, nullptr, nullptr);
    const int client = ::accept(listener_, nullptr, nullptr);
    std::string head;
    char byte = 0;
    while (!head.ends_with("\r\n\r\n") && ::recv(client, &byte, 1, 0) == 1) head += byte;
    constexpr std::string_view kAnswer = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nlate";
    ::send(client, kAnswer.data(), kAnswer.size(), MSG_NOSIGNAL);
    ::close(client);
    ::close(filler);
  }

  int listener_ = -1;
  int filler_ = -1;
  std::atomic<bool> released_{false};
  std::latch room_{1};
  std::thread thread_;
};

class SeveralAddressesTest : public ::testing::TestWithParam<Front> {
 protected:
  /// Runs it on a thread in a network of its own; skips the test where there is none to be had.
  void in_a_network(const std::function<void()>& body) {
    std::string missing;
    std::exception_ptr failure;
    std::thread([&] {
      try {
        const PrivateNetwork network;
        server_.start(IpAddress::loopback_v4());
        body();
        server_.close();
      } catch (const std::system_error& error) {
        missing = error.what();
      } catch (...) {
        failure = std::current_exception();
      }
    }).join();
    if (failure) std::rethrow_exception(failure);
    if (!missing.empty()) GTEST_SKIP() << "no network namespace here (root and /dev/net/tun are needed): " << missing;
  }

  [[nodiscard]] Client client_for(const std::vector<std::string_view>& addresses,
                                  std::chrono::milliseconds connect_timeout = 1h, bool fast_fallback = true) const {
    std::vector<IpAddress> parsed;
    for (const std::string_view one : addresses) parsed.push_back(IpAddress::parse(one).value());
    return Client::Builder()
        .dns(Dns::fixed({FixedHost("host.test", parsed)}))
        .proxy_selector(ProxySelector::none())
        .connect_timeout(connect_timeout)
        .fast_fallback(fast_fallback)
        .event_listener(attempts_)
        .build();
  }
  [[nodiscard]] Result<Response> get(const Client& client) {
    const std::string url = "http://host.test:" + std::to_string(server_.port()) + "/";
    return okhttp::start(GetParam(), client.new_call(Request::get(url))).get();
  }
  [[nodiscard]] std::string body_of(const Result<Response>& result) const {
    return result.has_value() ? result.value().body().string() : std::string(result.error().what());
  }
  /// The lines that tell how attempts ended, in no order: those that lost are told on several threads.
  [[nodiscard]] std::vector<std::string> ends() const {
    std::vector<std::string> lines = attempts_->log();
    std::erase_if(lines, [](const std::string& line) { return line.ends_with(" start"); });
    std::sort(lines.begin(), lines.end());
    return lines;
  }
  [[nodiscard]] std::vector<std::string> starts() const {
    std::vector<std::string> lines = attempts_->log();
    std::erase_if(lines, [](const std::string& line) { return !line.ends_with(" start"); });
    return lines;
  }

  MockWebServer server_;
  std::function<void(std::size_t)> on_start_;
  std::shared_ptr<Attempts> attempts_ = std::make_shared<Attempts>([this](std::size_t count) {
    if (on_start_) on_start_(count);
  });
};

INSTANTIATE_TEST_SUITE_P(Fronts, SeveralAddressesTest, all_fronts(), front_name);

using Lines = std::vector<std::string>;

TEST_P(SeveralAddressesTest, ASilentIpv6AddressIsOvertakenByIpv4) {
  in_a_network([this] {
    server_.enqueue(MockResponse("here"));
    EXPECT_EQ(body_of(get(client_for({kGood, kSilentV6}))), "here");
    EXPECT_EQ(starts(), (Lines{"2001:db8::9 start", "127.0.0.1 start"}));
    EXPECT_EQ(ends(), (Lines{"127.0.0.1 end", "2001:db8::9 failed(canceled)"}));
  });
}

TEST_P(SeveralAddressesTest, SilentAddressesOfBothFamiliesAreOvertaken) {
  in_a_network([this] {
    server_.enqueue(MockResponse("here"));
    EXPECT_EQ(body_of(get(client_for({kSilentV4, kGood, kSilentV6}))), "here");
    EXPECT_EQ(starts(), (Lines{"2001:db8::9 start", "192.0.2.9 start", "127.0.0.1 start"}));
    EXPECT_EQ(ends(), (Lines{"127.0.0.1 end", "192.0.2.9 failed(canceled)", "2001:db8::9 failed(canceled)"}));
  });
}

TEST_P(SeveralAddressesTest, ARefusingOrUnreachableAddressIsPassedAtOnce) {
  in_a_network([this] {
    server_.enqueue(MockResponse("here"));
    EXPECT_EQ(body_of(get(client_for({kRefusing, kUnreachable, kGood}))), "here");
    EXPECT_EQ(starts(), (Lines{"127.0.0.2 start", "198.51.100.1 start", "127.0.0.1 start"}));
    EXPECT_EQ(ends(),
              (Lines{"127.0.0.1 end", "127.0.0.2 failed(connect_failed)", "198.51.100.1 failed(connect_failed)"}));
  });
}

TEST_P(SeveralAddressesTest, AnIpv6ServerIsPreferredWhereItAnswers) {
  in_a_network([this] {
    MockWebServer second;
    second.start(IpAddress::loopback_v6(), server_.port());
    second.enqueue(MockResponse("by IPv6"));
    EXPECT_EQ(body_of(get(client_for({kGood, kGoodV6}))), "by IPv6");
    EXPECT_EQ(ends(), (Lines{"::1 end"}));
    second.close();
  });
}

TEST_P(SeveralAddressesTest, AnAddressThatAnswersLateStillWinsOverSilentOnes) {
  in_a_network([this] {
    LateServer late(server_.port());
    on_start_ = [&late](std::size_t count) {
      if (count == 2) late.release();
    };
    EXPECT_EQ(body_of(get(client_for({kLate, kSilentV4}))), "late");
    EXPECT_EQ(starts(), (Lines{"127.0.0.3 start", "192.0.2.9 start"}));
    EXPECT_EQ(ends(), (Lines{"127.0.0.3 end", "192.0.2.9 failed(canceled)"}));
  });
}

TEST_P(SeveralAddressesTest, OneThatAnswersLateIsOvertakenByAGoodOne) {
  in_a_network([this] {
    LateServer late(server_.port());
    server_.enqueue(MockResponse("here"));
    EXPECT_EQ(body_of(get(client_for({kLate, kGood}))), "here");
    EXPECT_EQ(ends(), (Lines{"127.0.0.1 end", "127.0.0.3 failed(canceled)"}));
  });
}

TEST_P(SeveralAddressesTest, AllSilentIsATimeOutThatNamesEachAddress) {
  in_a_network([this] {
    const Result<Response> result = get(client_for({kSilentV4, kSilentV6}, 400ms));
    ASSERT_FALSE(result.has_value());
    EXPECT_EQ(result.error().errc(), Errc::connect_timeout);
    const std::string text = result.error().what();
    EXPECT_NE(text.find(kSilentV4), std::string::npos) << text;
    EXPECT_NE(text.find(kSilentV6), std::string::npos) << text;
    EXPECT_EQ(ends(), (Lines{"192.0.2.9 failed(connect_timeout)", "2001:db8::9 failed(connect_timeout)"}));
  });
}

TEST_P(SeveralAddressesTest, WithoutFastFallbackEachIsWaitedForInTurn) {
  in_a_network([this] {
    server_.enqueue(MockResponse("here"));
    EXPECT_EQ(body_of(get(client_for({kSilentV4, kGood}, 300ms, false))), "here");
    EXPECT_EQ(attempts_->log(),
              (Lines{"192.0.2.9 start", "192.0.2.9 failed(connect_timeout)", "127.0.0.1 start", "127.0.0.1 end"}));
  });
}

TEST_P(SeveralAddressesTest, TheNextCallBeginsWithTheAddressThatWorked) {
  in_a_network([this] {
    server_.enqueue(MockResponse("first"));
    server_.enqueue(MockResponse("second"));
    const Client client = client_for({kRefusing, kGood});
    EXPECT_EQ(body_of(get(client)), "first");
    client.connection_pool().evict_all();
    EXPECT_EQ(body_of(get(client)), "second");
    EXPECT_EQ(starts(), (Lines{"127.0.0.2 start", "127.0.0.1 start", "127.0.0.1 start"}));
  });
}

}  // namespace
}  // namespace okhttp::interop

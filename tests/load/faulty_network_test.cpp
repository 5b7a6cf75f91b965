// Many calls over a network that drops, resets, stalls, delays and splits what is sent: each ends once, with the right
// answer or an error that says what happened.

#include <okhttp/mockwebserver/mock_web_server.hpp>
#include <okhttp/okhttp.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <charconv>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <iostream>
#include <latch>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "support/faulty_relay.hpp"
#include "support/protocols.hpp"
#include "support/scale.hpp"

namespace okhttp {
namespace {

using namespace std::chrono_literals;
using testing::Faults;
using testing::FaultyRelay;

constexpr std::uint64_t kSeed = 20260101;
/// How late a call may be found ended, on a machine that has much else to do.
constexpr auto kSlack = 60s;

/// With so many calls everything befalls some of them.
constexpr int kEnoughForAll = 5'000;

/// How many calls each test makes: OKHTTP_LOAD_CALLS in the environment says so for all, whatever the build.
int calls_of(int usual) {
  const char* const asked = std::getenv("OKHTTP_LOAD_CALLS");  // NOLINT(concurrency-mt-unsafe): nothing sets it
  int calls = 0;
  if (asked != nullptr) std::from_chars(asked, asked + std::strlen(asked), calls);
  return calls > 0 ? calls : usual / kShrink;
}

/// What is asked for by its number: every fourth is a POST, every tenth answer is large, every third is chunked.
struct Errand {
  explicit Errand(int which) : number(which) {}
  /// Of a request's target, which a proxy is given as a whole URL.
  static Errand of(const std::string& target) {
    const std::size_t number = target.rfind('/') + 1;
    int which = 0;
    std::from_chars(target.data() + number, target.data() + target.size(), which);
    return Errand(which);
  }

  [[nodiscard]] bool is_post() const { return number % 4 == 0; }
  [[nodiscard]] std::string path() const { return "/" + std::to_string(number); }
  [[nodiscard]] std::string upload() const { return filled("upload " + path(), number % 20 == 0 ? 40000 : 100); }
  [[nodiscard]] std::string answer() const { return filled("answer " + path(), number % 10 == 1 ? 60000 : 200); }
  [[nodiscard]] MockResponse response() const {
    MockResponse::Builder builder;
    return number % 3 == 0 ? builder.chunked_body(answer(), 7000).build() : builder.body(answer()).build();
  }

  int number;

 private:
  static std::string filled(const std::string& label, std::size_t size) {
    std::string text;
    while (text.size() < size) text.append(label).append(" ");
    return text;
  }
};

/// How the calls ended.
class Ends {
 public:
  /// With `through_tunnels` the network may also strike while these are made.
  Ends(int calls, bool through_tunnels) : through_tunnels_(through_tunnels), ends_(static_cast<std::size_t>(calls)) {}

  void add(const Errand& errand, const std::string& body) {
    if (body == errand.answer()) {
      ++answered_;
    } else {
      ++wrong_;
      ADD_FAILURE() << errand.path() << " was given " << body.size() << " bytes: " << body.substr(0, 40);
    }
    ++ends_[static_cast<std::size_t>(errand.number)];
  }
  void add(const Errand& errand, const Error& error) {
    {
      const std::lock_guard lock(mutex_);
      ++failures_[error.errc()];
      // What the network does is told as such, whatever it struck.
      if (!is_of_the_network(error.errc())) ADD_FAILURE() << errand.path() << ": " << error.what();
    }
    ++failed_;
    ++ends_[static_cast<std::size_t>(errand.number)];
  }
  void add(const Errand& errand, Result<Response> result) {
    if (!result.has_value()) return add(errand, result.error());
    try {
      add(errand, result.value().body().string());
    } catch (const Error& error) {
      add(errand, error);
    }
  }

  [[nodiscard]] int answered() const { return answered_; }
  [[nodiscard]] int failed() const { return failed_; }
  void expect_each_once() const {
    EXPECT_EQ(wrong_, 0);
    EXPECT_EQ(static_cast<std::size_t>(answered_ + failed_), ends_.size());
    EXPECT_TRUE(std::all_of(ends_.begin(), ends_.end(), [](const std::atomic<int>& ends) { return ends == 1; }));
  }
  [[nodiscard]] std::string summary() const {
    std::string text = std::to_string(answered_) + " answered";
    for (const auto& [errc, count] : failures_) {
      text += ", " + std::to_string(count) + ' ' + make_error_code(errc).message();
    }
    return text;
  }

 private:
  [[nodiscard]] bool is_of_the_network(Errc errc) const {
    switch (errc) {
      case Errc::timeout:
      case Errc::connect_timeout:
      case Errc::read_timeout:
      case Errc::write_timeout:
      case Errc::connect_failed:
      case Errc::connection_closed:
        return true;
      case Errc::proxy_failed:
      case Errc::tls_handshake:
        return through_tunnels_;
      default:
        return false;
    }
  }

  const bool through_tunnels_;
  std::vector<std::atomic<int>> ends_;
  std::atomic<int> answered_{0};
  std::atomic<int> failed_{0};
  std::atomic<int> wrong_{0};
  std::mutex mutex_;
  std::map<Errc, int> failures_;
};

/// Finds calls that were not through when they had to be.
class Deadlines {
 public:
  explicit Deadlines(std::chrono::milliseconds time) : time_(time) {}

  /// For each call.
  [[nodiscard]] std::shared_ptr<EventListener> listener() { return std::make_shared<Watch>(*this); }
  [[nodiscard]] int ended() const { return ended_; }
  [[nodiscard]] int late() const { return late_; }

 private:
  using Clock = std::chrono::steady_clock;

  class Watch final : public EventListener {
   public:
    explicit Watch(Deadlines& all) : all_(all) {}
    void call_end(const Call&) override { end(); }
    void call_failed(const Call&, const Error&) override { end(); }

   private:
    void end() {
      ++all_.ended_;
      if (Clock::now() - start_ > all_.time_ + kSlack) ++all_.late_;
    }
    Deadlines& all_;
    const Clock::time_point start_ = Clock::now();
  };

  const std::chrono::milliseconds time_;
  std::atomic<int> ended_{0};
  std::atomic<int> late_{0};
};

/// How the client reaches the server.
enum class Way {
  relay,      // it knows only the relay
  forwarded,  // the relay leads to an HTTP proxy, which is asked for URLs
  tunnel,     // the same, which is asked for tunnels; TLS goes through them
};

class FaultyNetwork : public ProtocolTest<> {
 protected:
  /// `usual` calls where no sanitizer makes them dear.
  FaultyNetwork(Way way, int usual) : way_(way), calls_(calls_of(usual)), posts_(static_cast<std::size_t>(calls_)) {
    server_.set_dispatcher([this](const RecordedRequest& request) {
      if (request.method() == "CONNECT") return MockResponse::Builder().in_tunnel().build();
      const Errand errand = Errand::of(request.target());
      if (errand.is_post()) {
        if (request.body() != errand.upload()) ++mangled_uploads_;
        ++posts_[static_cast<std::size_t>(errand.number)];
      }
      return errand.response();
    });
  }

  [[nodiscard]] Call call(const Client& client, const FaultyRelay& relay, const Errand& errand) const {
    const Request get = Request::get(origin(relay) + errand.path());
    if (!errand.is_post()) return client.new_call(get);
    return client.new_call(get.new_builder().post(RequestBody::create(errand.upload())).build());
  }
  [[nodiscard]] std::string origin(const FaultyRelay& relay) const {
    switch (way_) {
      case Way::relay:
        return "http://127.0.0.1:" + std::to_string(relay.port());
      case Way::forwarded:
        return "http://origin.example";
      case Way::tunnel:
        break;
    }
    return "https://localhost";
  }

  void make_all_calls(Client::Builder builder) {
    constexpr int kCoroutines = 48;
    constexpr int kChains = 16;
    constexpr int kThreads = 8;
    const int awaited_end = calls_ / 2;
    const int enqueued_end = calls_ / 4 * 3;
    Faults faults;
    faults.refused = 50;
    faults.deaf = 400;
    faults.dropped = 800;
    faults.reset = 800;
    faults.stalled = static_cast<std::size_t>(std::clamp(calls_ / 12, 200, 8000));
    faults.delayed = 50;
    faults.split = 50;
    server_.start();
    FaultyRelay relay(server_.port(), faults, kSeed);
    const auto patience = kShrink > 1 ? 1500ms : 300ms;
    Deadlines deadlines(7 * patience);
    if (way_ != Way::relay) builder.proxy(Proxy(Proxy::Type::http, "127.0.0.1", relay.port()));
    const Client client = builder.read_timeout(patience)
                              .write_timeout(patience)
                              .connect_timeout(patience)
                              .call_timeout(7 * patience)
                              .event_listener_factory([&deadlines](const Call&) { return deadlines.listener(); })
                              .build();
    client.dispatcher().set_max_requests(2 * kCoroutines);
    client.dispatcher().set_max_requests_per_host(2 * kCoroutines);

    Ends ends(calls_, way_ == Way::tunnel);
    std::latch enqueued(kChains);
    {
      // What the server keeps of each request is of no interest.
      std::jthread forgetful([this](const std::stop_token& stop) {
        while (!stop.stop_requested()) (void)server_.take_request(100ms);
      });
      std::vector<std::jthread> threads;
      for (int thread = 0; thread < kThreads; ++thread) {
        threads.emplace_back([&, thread] {
          for (int i = enqueued_end + thread; i < calls_; i += kThreads) {
            const Errand errand(i);
            ends.add(errand, call(client, relay, errand).try_execute());
          }
        });
      }
      const Lane enqueuing{client, relay, ends, enqueued_end, kChains};
      for (int i = 0; i < kChains; ++i) {
        enqueue_in_turn(enqueuing, awaited_end + i, [&enqueued] { enqueued.count_down(); });
      }
      const Lane awaiting{client, relay, ends, awaited_end, kCoroutines};
      std::vector<Task<void>> tasks;
      for (int i = 0; i < kCoroutines; ++i) tasks.push_back(await_in_turn(awaiting, i));
      sync_wait(when_all(std::move(tasks)));
      enqueued.wait();
    }
    std::cout << ends.summary() << "; the network dropped " << relay.drops() << ", reset " << relay.resets()
              << ", stalled " << relay.stalls() << ", delayed " << relay.delays() << '\n';
    ends.expect_each_once();
    EXPECT_EQ(deadlines.ended(), calls_);
    EXPECT_EQ(deadlines.late(), 0);
    EXPECT_GT(ends.answered(), calls_ / 2);
    EXPECT_GT(relay.drops() + relay.resets() + relay.stalls(), 0U);
    EXPECT_GT(relay.delays(), 0U);
    if (calls_ >= kEnoughForAll) {
      EXPECT_GT(ends.failed(), 0);
      EXPECT_GT(relay.drops(), 0U);
      EXPECT_GT(relay.resets(), 0U);
      EXPECT_GT(relay.stalls(), 0U);
    }
    // A request that may have been processed and is not idempotent is never sent twice.
    EXPECT_TRUE(std::all_of(posts_.begin(), posts_.end(), [](const std::atomic<int>& count) { return count <= 1; }));
    EXPECT_EQ(mangled_uploads_, 0);

    // Nothing is left behind, and once the weather is fair all is well.
    EXPECT_EQ(client.connection_pool().connection_count(), client.connection_pool().idle_connection_count());
    relay.clear_up();
    client.connection_pool().evict_all();
    EXPECT_EQ(call(client, relay, Errand(1)).execute().body().string(), Errand(1).answer());
  }

 private:
  /// What several that make calls one after another share: each takes one in `step`, up to `end`.
  struct Lane {
    const Client& client;
    const FaultyRelay& relay;
    Ends& ends;
    int end;
    int step;
  };

  Task<void> await_in_turn(const Lane& lane, int first) const {
    for (int i = first; i < lane.end; i += lane.step) {
      const Errand errand(i);
      const Call one = call(lane.client, lane.relay, errand);
      std::optional<Error> failure;
      try {
        const Response response = co_await one;
        const std::string body = co_await response.body().async().string();
        lane.ends.add(errand, body);
      } catch (const Error& error) {
        failure = error;
      }
      if (failure.has_value()) lane.ends.add(errand, *failure);
    }
  }

  /// Each call is made by the callback of the one before.
  void enqueue_in_turn(const Lane& lane, int first, const std::function<void()>& when_done) const {
    if (first >= lane.end) return when_done();
    const auto ended = [this, &lane, first, when_done](const Call&, Result<Response> result) {
      lane.ends.add(Errand(first), std::move(result));
      enqueue_in_turn(lane, first + lane.step, when_done);
    };
    call(lane.client, lane.relay, Errand(first)).enqueue(ended);
  }

  const Way way_;
  const int calls_;
  // The server's own thread counts.
  std::vector<std::atomic<int>> posts_;
  std::atomic<int> mangled_uploads_{0};
};

class FaultyNetworkTest : public FaultyNetwork {
 protected:
  FaultyNetworkTest() : FaultyNetwork(Way::relay, 100'000) {}
};

INSTANTIATE_TEST_SUITE_P(Protocols, FaultyNetworkTest, both_protocols(), ParameterName());

TEST_P(FaultyNetworkTest, EveryCallEndsOnceWithItsAnswerOrTheNetworksError) { make_all_calls(builder()); }

class FaultyProxyTest : public FaultyNetwork {
 protected:
  FaultyProxyTest() : FaultyNetwork(Way::forwarded, 40'000) {}
};

// HTTP/2 is not spoken to a proxy that forwards.
INSTANTIATE_TEST_SUITE_P(Protocols, FaultyProxyTest, ::testing::Values(Protocol::http_1_1), ParameterName());

TEST_P(FaultyProxyTest, EveryForwardedCallEndsOnceWithItsAnswerOrTheNetworksError) { make_all_calls(builder()); }

class FaultyTunnelTest : public FaultyNetwork {
 protected:
  FaultyTunnelTest() : FaultyNetwork(Way::tunnel, 20'000) {
    server_.use_https(HeldCertificate::Builder().add_subject_alternative_name("localhost").signed_by(root_).build());
  }
  const HeldCertificate root_ = HeldCertificate::Builder().certificate_authority(0).build();
};

INSTANTIATE_TEST_SUITE_P(Protocols, FaultyTunnelTest, both_protocols_by_alpn(), ParameterName());

TEST_P(FaultyTunnelTest, EveryCallThroughATunnelEndsOnceWithItsAnswerOrTheNetworksError) {
  make_all_calls(builder().tls(TlsConfig::Builder().trust_certificates(root_.certificate_pem()).build()));
}

}  // namespace
}  // namespace okhttp

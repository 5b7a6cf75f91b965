// Calls that share a pool, in a simulated world where the network and the servers misbehave in every way that a seed
// can draw: each call ends once, no answer reaches another request, nothing is left behind.

#include <okhttp/okhttp.hpp>

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "connection/transmission.hpp"
#include "support/counting_codecs.hpp"
#include "support/simulated_call.hpp"
#include "support/simulated_engine.hpp"

namespace okhttp::internal {
namespace {

using namespace std::chrono_literals;

/// Servers that answer over HTTP/1.1, sometimes badly.
class Servers {
 public:
  Servers(SimulatedEngine& engine, const Faults& faults) : engine_(engine), faults_(faults) {
    for (std::uint8_t i = 1; i <= 2; ++i) {
      const Endpoint where(IpAddress::v4({10, 0, 0, i}), 80);
      for (int connection = 0; connection < 64; ++connection) {
        ConnectScript script;
        script.to_server = simulation().random_link(faults.link, 600);
        script.to_client = simulation().random_link(faults.link, 2'000);
        if (faults.link != 0 && simulation().random().one_in(20)) script.kind = ConnectScript::Kind::refuse;
        simulation().script_next(where, script);
      }
      std::error_code error;
      listeners_.push_back(engine.listen(ListenRequest(where), error));
      accepting_.push_back(engine.start(accept(*listeners_.back())));
    }
  }

  [[nodiscard]] const Ledger& ledger() const noexcept { return ledger_; }

 private:
  Simulation& simulation() { return engine_.simulation(); }
  bool happens(std::size_t one_in) { return one_in != 0 && simulation().random().one_in(one_in); }

  Task<void> accept(Listener& listener) {
    for (;;) {
      Readiness arrived(engine_, WaitTerms(), listener.socket(), Interest::read);
      const WaitResult why = co_await arrived;
      if (why == WaitResult::canceled) co_return;
      std::error_code error;
      while (std::unique_ptr<Socket> socket = listener.try_accept(error)) {
        engine_.adopt(*socket);
        (void)engine_.start(serve(std::move(socket)));
      }
    }
  }

  Task<void> serve(std::unique_ptr<Socket> socket) {
    std::string received;
    for (;;) {
      std::size_t end = 0;
      while ((end = whole_request(received)) == 0) {
        std::byte buffer[512];
        ReadSome read(engine_, WaitTerms(), *socket, buffer);
        const IoResult result = co_await read;
        if (!result.ok()) co_return;
        received += as_text(ConstBytes(buffer, result.bytes));
      }
      const std::size_t begin = received.find(' ') + 1;
      const std::string path = received.substr(begin, received.find(' ', begin) - begin);
      ledger_.process(received.substr(0, begin - 1), path);
      received.erase(0, end);
      if (happens(faults_.server)) co_return;  // closes instead of answering
      bool closes = false;
      std::string answer = make_answer(path, closes);
      if (happens(faults_.server)) {
        answer.resize(simulation().random().below(answer.size() + 1));
        closes = true;
      }
      WriteAll write(engine_, WaitTerms(), *socket, as_bytes(answer));
      const IoResult result = co_await write;
      if (!result.ok() || closes || happens(faults_.server)) co_return;
    }
  }

  /// Where the first request ends, or 0 when it is not whole yet.
  static std::size_t whole_request(const std::string& text) {
    const std::size_t head = text.find("\r\n\r\n");
    if (head == std::string::npos) return 0;
    const std::size_t field = text.find("Content-Length: ");
    const std::size_t body = field < head ? std::stoul(text.substr(field + 16)) : 0;
    return text.size() >= head + 4 + body ? head + 4 + body : 0;
  }

  std::string make_answer(const std::string& path, bool& closes) {
    SeededRandom& random = simulation().random();
    const std::string body = answer_to(path);
    std::string text;
    if (random.one_in(4)) text += "HTTP/1.1 103 Early Hints\r\n\r\n";
    text += "HTTP/1.1 200 OK\r\n";
    if (random.one_in(6)) text += "Keep-Alive: timeout=" + std::to_string(random.below(4)) + "\r\n";
    switch (random.below(4)) {
      case 0: {
        text += "Transfer-Encoding: chunked\r\n\r\n";
        for (std::size_t at = 0; at < body.size();) {
          const std::string chunk = body.substr(at, random.between(1, 99));
          char size[20];
          std::snprintf(size, sizeof size, "%zx\r\n", chunk.size());
          text += size + chunk + "\r\n";
          at += chunk.size();
        }
        return text + "0\r\n\r\n";
      }
      case 1:
        closes = true;
        return text + "Connection: close\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
      default:
        return text + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
    }
  }

  SimulatedEngine& engine_;
  const Faults faults_;
  Ledger ledger_;
  std::vector<std::unique_ptr<Listener>> listeners_;
  std::vector<std::shared_ptr<Outcome<void>>> accepting_;
};

/// What the calls of one world came to.
struct World {
  int answered = 0;
  int failed = 0;
  int waited = 0;
};

/// `limit` is on the connections to one address; 0 is none.
World run_world(std::uint64_t seed, const Faults& faults, std::size_t limit, const Call& call) {
  const std::string where = "seed " + std::to_string(seed);
  World world;
  Simulation simulation(seed);
  std::unique_ptr<Servers> servers;
  std::vector<std::unique_ptr<SimulatedCall>> calls;
  SimulatedEngine engine(simulation);  // goes first, which ends whatever runs still
  servers = std::make_unique<Servers>(engine, faults);
  SeededRandom& random = simulation.random();
  const auto store = std::make_shared<ConnectionStore>(random.below(4), std::chrono::seconds(random.between(1, 60)));
  const auto identity = store->addresses().intern(ConnectionIdentity(Dns::system(), {Protocol::http_1_1}, TlsConfig()));
  const auto settings = std::make_shared<ConnectionSettings>(
      store, identity, std::make_shared<LazyTlsContext>(TlsConfig()), std::make_shared<DnsLookups>("unused", 1, 1s));
  const auto codecs = std::make_shared<const CountingCodecs>();
  settings->codecs = codecs;
  settings->max_connections_per_host = limit;
  std::vector<std::shared_ptr<Outcome<void>>> outcomes;
  for (int number = 0; number < 8; ++number) {
    calls.push_back(std::make_unique<SimulatedCall>(engine, settings, call, faults, number));
    outcomes.push_back(engine.start(calls.back()->run()));
  }
  engine.run_until_idle();
  for (std::size_t i = 0; i < calls.size(); ++i) {
    EXPECT_TRUE(outcomes[i]->done()) << where << ": call " << i << " never ends";
    if (!outcomes[i]->done()) continue;
    outcomes[i]->take();
    calls[i]->check(where + ", call " + std::to_string(i));
    ++(calls[i]->answered() ? world.answered : world.failed);
    if (calls[i]->has_waited()) ++world.waited;
  }
  EXPECT_TRUE(limit == 0 || codecs->most() <= limit) << where << ": " << codecs->most() << " connections at once";
  EXPECT_EQ(store->waiting_call_count(), 0U) << where;
  EXPECT_LE(servers->ledger().most_often(), 1) << where;
  EXPECT_EQ(store->connection_count(), store->idle_connection_count()) << where;
  store->evict_all();
  EXPECT_EQ(store->connection_count(), 0U) << where;
  engine.run_until_idle();
  return world;
}

class ScheduleTest : public testing::Test {
 protected:
  World run_worlds(std::uint64_t worlds, const Faults& faults, std::size_t limit = 0) {
    World all;
    for (std::uint64_t seed = 1; seed <= worlds && !HasFailure(); ++seed) {
      const World world = run_world(seed, faults, limit, call_);
      all.answered += world.answered;
      all.failed += world.failed;
      all.waited += world.waited;
    }
    return all;
  }

  Client client_;
  Call call_ = client_.new_call(Request::Builder().url("http://10.0.0.1/").build());  // a name for the listeners
};

TEST_F(ScheduleTest, EveryCallIsAnsweredWhereNothingGoesWrong) {
  const World all = run_worlds(100, Faults());
  EXPECT_EQ(all.failed, 0);
}

TEST_F(ScheduleTest, NoCallIsLostOrMixedUpWhenLinksBreak) {
  Faults faults;
  faults.link = 4;
  const World all = run_worlds(250, faults);
  EXPECT_GT(all.answered, 0);
  EXPECT_GT(all.failed, 0);
}

TEST_F(ScheduleTest, NoCallIsLostOrMixedUpWhenServersMisbehave) {
  Faults faults;
  faults.server = 6;
  const World all = run_worlds(250, faults);
  EXPECT_GT(all.answered, 0);
  EXPECT_GT(all.failed, 0);
}

TEST_F(ScheduleTest, NoCallIsLostOrMixedUpWhenCallersGiveUp) {
  Faults faults;
  faults.cancel = 3;
  faults.drop = 3;
  const World all = run_worlds(250, faults);
  EXPECT_GT(all.answered, 0);
  EXPECT_GT(all.failed, 0);
}

TEST_F(ScheduleTest, NoCallIsLostOrMixedUpWhenAllGoesWrongAtOnce) {
  Faults faults;
  faults.link = 6;
  faults.server = 10;
  faults.cancel = 6;
  faults.drop = 4;
  const World all = run_worlds(400, faults);
  EXPECT_GT(all.answered, 0);
  EXPECT_GT(all.failed, 0);
}

TEST_F(ScheduleTest, EveryCallIsAnsweredInItsTurnWhereConnectionsAreLimited) {
  const World all = run_worlds(100, Faults(), 1);
  EXPECT_EQ(all.failed, 0);
  EXPECT_GT(all.waited, 0);
}

TEST_F(ScheduleTest, NoTurnIsLostWhenAllGoesWrongAtOnceWhereConnectionsAreLimited) {
  Faults faults;
  faults.link = 6;
  faults.server = 10;
  faults.cancel = 4;
  faults.drop = 4;
  const World one = run_worlds(250, faults, 1);
  const World two = run_worlds(250, faults, 2);
  EXPECT_GT(one.waited, two.waited);
  EXPECT_GT(two.waited, 0);
  EXPECT_GT(one.answered, 0);
}

}  // namespace
}  // namespace okhttp::internal

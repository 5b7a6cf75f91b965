// Calls that share HTTP/2 connections, on a loop and on threads, in a simulated world where the network and the servers
// do whatever a seed can draw: each call ends once, no answer reaches another request, no POST is processed twice,
// nothing is left behind, and the limits of streams, which change, are kept.

#include <okhttp/okhttp.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "connection/transmission.hpp"
#include "support/counting_codecs.hpp"
#include "support/simulated_call.hpp"
#include "support/simulated_engine.hpp"
#include "support/simulated_http2_server.hpp"

namespace okhttp::internal {
namespace {

using namespace std::chrono_literals;

using Http2 = SimulatedHttp2Server;

/// Codes of RFC 9113 §7.
constexpr std::uint32_t kInternalError = 2;
constexpr std::uint32_t kRefusedStream = 7;
constexpr std::uint32_t kCancel = 8;

/// What servers do of their own accord; it happens at random where it is on.
struct Ways {
  Faults faults;
  bool change_limits = false;
  bool go_away = false;
  std::size_t max_connections = 0;  // to one address, of any kind
};

/// Two servers that answer over HTTP/2, each request after a while of its own.
class Http2Servers {
 public:
  Http2Servers(SimulatedEngine& engine, const Ways& ways) : engine_(engine), ways_(ways) {
    for (std::uint8_t i = 1; i <= 2; ++i) {
      const Endpoint where(IpAddress::v4({10, 0, 0, i}), 80);
      for (int connection = 0; connection < 64; ++connection) {
        ConnectScript script;
        script.to_server = simulation().random_link(ways.faults.link, 2'000);
        script.to_client = simulation().random_link(ways.faults.link, 4'000);
        if (happens(ways.faults.link * 4)) script.kind = ConnectScript::Kind::refuse;
        simulation().script_next(where, script);
      }
      servers_.push_back(std::make_unique<Http2>(engine, where));
      servers_.back()->max_streams = ways.change_limits ? random_limit() : 100;
      servers_.back()->on_request(
          [this](Http2::Connection& connection, Http2::Stream& stream) { serve(connection, stream); });
    }
  }

  [[nodiscard]] const Ledger& ledger() const noexcept { return ledger_; }
  [[nodiscard]] std::vector<Http2::Connection*> connections() const {
    std::vector<Http2::Connection*> all;
    for (const auto& server : servers_) {
      for (const auto& connection : server->connections()) all.push_back(connection.get());
    }
    return all;
  }
  [[nodiscard]] std::size_t goaways() const noexcept { return goaways_; }
  [[nodiscard]] std::size_t refusals() const {
    std::size_t all = refusals_;
    for (const Http2::Connection* connection : connections()) all += connection->refusals();
    return all;
  }

 private:
  /// What has become of one connection.
  struct Place {
    std::set<std::int32_t> refused;
    std::int32_t highest_processed = 0;
    std::int32_t last = 0x7fffffff;  // of GOAWAY
  };

  Simulation& simulation() { return engine_.simulation(); }
  SeededRandom& random() { return simulation().random(); }
  bool happens(std::size_t one_in) { return one_in != 0 && random().one_in(one_in); }
  std::uint32_t random_limit() { return static_cast<std::uint32_t>(random().between(1, 4)); }

  void serve(Http2::Connection& connection, Http2::Stream& stream) {
    Place& place = places_[&connection];
    if (place.refused.contains(stream.id) || stream.id > place.last) return;
    if (ways_.change_limits && random().one_in(4)) connection.set_max_streams(random_limit());
    if (happens(ways_.faults.server)) {
      ++refusals_;
      place.refused.insert(stream.id);
      return connection.reset(stream, kRefusedStream);
    }
    if (ways_.go_away && place.last == 0x7fffffff && random().one_in(8)) {
      // RFC 9113 §6.8: what is above the last stream was not and will not be acted on.
      place.last = random().one_in(2) ? std::max(place.highest_processed, stream.id) : place.highest_processed;
      ++goaways_;
      connection.go_away(place.last);
      if (stream.id > place.last) return;
    }
    if (!stream.is_whole) return;
    place.highest_processed = std::max(place.highest_processed, stream.id);
    ledger_.process(stream.fields[":method"], stream.fields[":path"]);
    simulation().at(engine_.now() + random_delay(), [this, &connection, &stream] { answer(connection, stream); });
  }

  Duration random_delay() { return std::chrono::microseconds(random().one_in(3) ? 0 : random().below(300'000)); }

  void answer(Http2::Connection& connection, Http2::Stream& stream) {
    if (happens(ways_.faults.server * 2)) return connection.close();
    if (happens(ways_.faults.server * 2)) return connection.reset(stream, kInternalError);
    if (random().one_in(4)) connection.inform(stream, 103);
    const std::string body = answer_to(stream.fields[":path"]);
    Http2::Fields trailers;
    if (random().one_in(4)) trailers.emplace_back("checksum", "7");
    if (random().one_in(2)) return connection.respond(stream, 200, {}, body, trailers);
    connection.begin_response(stream, 200, {});
    send_rest(connection, stream, body);
  }

  void send_rest(Http2::Connection& connection, Http2::Stream& stream, std::string rest) {
    if (happens(ways_.faults.server * 2)) return connection.reset(stream, kCancel);
    const std::string piece = rest.substr(0, random().between(1, 300));
    rest.erase(0, piece.size());
    connection.send(stream, piece, rest.empty());
    if (rest.empty()) return;
    simulation().at(engine_.now() + random_delay(),
                    [this, &connection, &stream, rest] { send_rest(connection, stream, rest); });
  }

  SimulatedEngine& engine_;
  const Ways ways_;
  Ledger ledger_;
  std::vector<std::unique_ptr<Http2>> servers_;
  std::map<Http2::Connection*, Place> places_;
  std::size_t goaways_ = 0;
  std::size_t refusals_ = 0;
};

/// What came of all calls of all worlds.
struct Tally {
  int answered = 0;
  int failed = 0;
  std::string first_failure;
  int waited = 0;
  int retries = 0;
  std::size_t shared = 0;  // requests beyond the first of their connection
  std::size_t goaways = 0;
  std::size_t refusals = 0;
};

class Http2ScheduleTest : public testing::Test {
 protected:
  static constexpr int kCalls = 16;

  Tally run_worlds(std::uint64_t worlds, const Ways& ways) {
    Tally tally;
    for (std::uint64_t seed = 1; seed <= worlds && !HasFailure(); ++seed) run_world(seed, ways, tally);
    return tally;
  }

 private:
  void run_world(std::uint64_t seed, const Ways& ways, Tally& tally) {
    const std::string where = "seed " + std::to_string(seed);
    Simulation simulation(seed);
    SeededRandom& random = simulation.random();
    std::unique_ptr<Http2Servers> servers;
    std::vector<std::unique_ptr<SimulatedCall>> calls;
    const std::shared_ptr<ConnectionSettings> settings = random_settings(random);
    const auto codecs = std::make_shared<const CountingCodecs>();
    settings->codecs = codecs;
    settings->max_connections_per_host = ways.max_connections;
    ConnectionStore& store = *settings->store;
    // Engines go first, which ends whatever runs still.
    SimulatedEngine server_engine(simulation);
    SimulatedEngine loop(simulation);
    std::vector<std::unique_ptr<SimulatedEngine>> threads;
    servers = std::make_unique<Http2Servers>(server_engine, ways);
    std::vector<std::shared_ptr<Outcome<void>>> outcomes;
    for (int number = 0; number < kCalls; ++number) {
      SimulatedEngine* engine = &loop;
      if (random.one_in(2)) {
        threads.push_back(std::make_unique<SimulatedEngine>(simulation));
        threads.back()->set_shared(false);
        engine = threads.back().get();
      }
      calls.push_back(std::make_unique<SimulatedCall>(*engine, settings, call_, ways.faults, number));
      // No link stalls for ever then, only many calls may share a slow one.
      if (ways.faults.link == 0) calls.back()->wait_for_ever();
      outcomes.push_back(engine->start(calls.back()->run()));
    }
    simulation.run_until_idle();
    for (std::size_t i = 0; i < calls.size(); ++i) {
      EXPECT_TRUE(outcomes[i]->done()) << where << ": call " << i << " never ends";
      if (!outcomes[i]->done()) continue;
      outcomes[i]->take();
      calls[i]->check(where + ", call " + std::to_string(i));
      ++(calls[i]->answered() ? tally.answered : tally.failed);
      if (!calls[i]->answered() && tally.first_failure.empty()) {
        tally.first_failure = where + ", call " + std::to_string(i) + ": " + calls[i]->failure()->what();
      }
      if (calls[i]->has_waited()) ++tally.waited;
      tally.retries += calls[i]->retries();
    }
    EXPECT_LE(servers->ledger().most_often(), 1) << where;
    EXPECT_EQ(store.waiting_call_count(), 0U) << where;
    EXPECT_TRUE(ways.max_connections == 0 || codecs->most() <= ways.max_connections) << where << ": " << codecs->most();
    EXPECT_EQ(store.connection_count(), store.idle_connection_count()) << where;
    store.evict_all();
    EXPECT_EQ(store.connection_count(), 0U) << where;
    simulation.run_until_idle();
    for (const Http2::Connection* connection : servers->connections()) {
      EXPECT_EQ(connection->violations(), 0U) << where;
      // Where links break, a server may never hear of it.
      EXPECT_TRUE(ways.faults.link != 0 || !connection->is_open()) << where;
    }
    count(*servers, tally);
  }

  static void count(const Http2Servers& servers, Tally& tally) {
    for (Http2::Connection* connection : servers.connections()) {
      tally.shared += connection->streams().empty() ? 0 : connection->streams().size() - 1;
    }
    tally.goaways += servers.goaways();
    tally.refusals += servers.refusals();
  }

  static std::shared_ptr<ConnectionSettings> random_settings(SeededRandom& random) {
    const auto store = std::make_shared<ConnectionStore>(random.below(4), std::chrono::seconds(random.between(1, 60)));
    const auto identity =
        store->addresses().intern(ConnectionIdentity(Dns::system(), {Protocol::h2_prior_knowledge}, TlsConfig()));
    const auto settings = std::make_shared<ConnectionSettings>(
        store, identity, std::make_shared<LazyTlsContext>(TlsConfig()), std::make_shared<DnsLookups>("unused", 1, 1s));
    settings->max_http2_connections = random.between(1, 3);
    return settings;
  }

  Client client_;
  Call call_ = client_.new_call(Request::Builder().url("http://10.0.0.1/").build());  // a name for the listeners
};

TEST_F(Http2ScheduleTest, EveryCallIsAnsweredWhereNothingGoesWrong) {
  const Tally all = run_worlds(40, Ways());
  EXPECT_EQ(all.failed, 0) << all.first_failure;
  EXPECT_GT(all.shared, 0U);
}

TEST_F(Http2ScheduleTest, EveryCallIsAnsweredWhateverTheLimitOfStreamsBecomes) {
  Ways ways;
  ways.change_limits = true;
  const Tally all = run_worlds(80, ways);
  EXPECT_EQ(all.failed, 0) << all.first_failure;
  EXPECT_GT(all.waited, 0);
}

TEST_F(Http2ScheduleTest, WhatGoAwayLeftOutIsSentAgainAndNothingElse) {
  Ways ways;
  ways.go_away = true;
  const Tally all = run_worlds(80, ways);
  EXPECT_EQ(all.failed, 0) << all.first_failure;
  EXPECT_GT(all.goaways, 0U);
  EXPECT_GT(all.retries, 0);
}

TEST_F(Http2ScheduleTest, NoCallIsLostOrMixedUpWhenLinksBreak) {
  Ways ways;
  ways.faults.link = 4;
  const Tally all = run_worlds(80, ways);
  EXPECT_GT(all.answered, 0);
  EXPECT_GT(all.failed, 0);
}

TEST_F(Http2ScheduleTest, NoCallIsLostOrMixedUpWhenServersMisbehave) {
  Ways ways;
  ways.faults.server = 8;
  const Tally all = run_worlds(80, ways);
  EXPECT_GT(all.answered, 0);
  EXPECT_GT(all.failed, 0);
  EXPECT_GT(all.refusals, 0U);
}

TEST_F(Http2ScheduleTest, NoCallIsLostOrMixedUpWhenCallersGiveUp) {
  Ways ways;
  ways.faults.cancel = 3;
  ways.faults.drop = 3;
  const Tally all = run_worlds(80, ways);
  EXPECT_GT(all.answered, 0);
  EXPECT_GT(all.failed, 0);
}

TEST_F(Http2ScheduleTest, NoCallIsLostOrMixedUpWhenAllGoesWrongAtOnce) {
  Ways ways;
  ways.faults.link = 6;
  ways.faults.server = 12;
  ways.faults.cancel = 6;
  ways.faults.drop = 4;
  ways.change_limits = true;
  ways.go_away = true;
  const Tally all = run_worlds(150, ways);
  EXPECT_GT(all.answered, 0);
  EXPECT_GT(all.failed, 0);
}

TEST_F(Http2ScheduleTest, NoTurnIsLostWhereConnectionsAreLimited) {
  Ways ways;
  ways.change_limits = true;
  ways.go_away = true;
  ways.max_connections = 1;
  const Tally all = run_worlds(80, ways);
  EXPECT_EQ(all.failed, 0) << all.first_failure;
  EXPECT_GT(all.waited, 0);
  EXPECT_GT(all.goaways, 0U);

  ways.faults.link = 6;
  ways.faults.server = 12;
  ways.faults.cancel = 6;
  ways.faults.drop = 4;
  ways.max_connections = 2;
  EXPECT_GT(run_worlds(80, ways).answered, 0);
}

}  // namespace
}  // namespace okhttp::internal

#include "connection/call_route_planner.hpp"

#include <okhttp/okhttp.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "codec/http1/http1_connection_codec.hpp"
#include "connection/exchange_finder.hpp"
#include "connection/plans.hpp"
#include "runtime/call_context.hpp"
#include "support/simulated_engine.hpp"

namespace okhttp::internal {
namespace {

using namespace std::chrono_literals;

const IpAddress kFirst = IpAddress::v4({10, 0, 0, 1});
const IpAddress kSecond = IpAddress::v4({10, 0, 0, 2});
const IpAddress kSix = *IpAddress::parse("2001:db8::1");
const IpAddress kThird = IpAddress::v4({10, 0, 0, 3});

/// Answers as the test says, and counts.
class FakeDns final : public Dns {
 public:
  std::vector<IpAddress> answer;
  std::function<void()> on_lookup;  // on the library's thread
  std::atomic<int> lookups{0};

  std::vector<IpAddress> lookup(const std::string& host) override {
    ++lookups;
    if (on_lookup) on_lookup();
    if (answer.empty()) throw Error(Errc::unknown_host, Blame::network, "cannot resolve " + host);
    return answer;
  }
};

/// Gives what the test says, and remembers what failed.
class FakeProxySelector final : public ProxySelector {
 public:
  std::vector<Proxy> proxies;
  std::vector<std::string> failed;

  std::vector<Proxy> select(const Url&) override { return proxies; }
  void connect_failed(const Url&, const Proxy& proxy, const Error&) override { failed.push_back(proxy.to_string()); }
};

/// Writes down what concerns finding a connection.
class FindingLog final : public EventListener {
 public:
  std::vector<std::string> lines;

  void dns_start(const Call&, std::string_view host) override { lines.push_back("dns_start " + std::string(host)); }
  void dns_end(const Call&, std::string_view, const std::vector<IpAddress>& found, const Error* error) override {
    lines.push_back(error == nullptr ? "dns_end " + std::to_string(found.size()) : "dns_end failed");
  }
  void connect_start(const Call&, AttemptId attempt, const Endpoint& where) override {
    lines.push_back("connect_start " + std::to_string(attempt) + " " + where.to_string());
  }
  void connect_end(const Call&, AttemptId attempt, const Endpoint&, Protocol) override {
    lines.push_back("connect_end " + std::to_string(attempt));
  }
  void connect_failed(const Call&, AttemptId attempt, const Endpoint&, const Error& error) override {
    lines.push_back("connect_failed " + std::to_string(attempt) + " " + std::string(to_string(error.errc())));
  }
  void connection_released(const Call&, const ConnectionInfo&) override { lines.emplace_back("released"); }
};

class CallRoutePlannerTest : public testing::Test {
 protected:
  CallRoutePlannerTest() {
    context_->attach(engine_);
    context_->call = &call_;
    context_->listener = log_;
    dns_->answer = {kFirst, kSecond};
  }
  ~CallRoutePlannerTest() override {
    planner_.reset();
    if (held_ != nullptr) settings_.store->release(std::move(held_), engine_.now());
    settings_.store->evict_all();
  }

  ConnectionStore& store() { return *settings_.store; }
  Address address(const std::string& url = "http://a.example/") {
    return store().addresses().find(Url::parse(url), settings_.identity);
  }
  Route route(const IpAddress& ip) { return Route(address(), Endpoint(ip, 80)); }

  std::shared_ptr<Connection> connect(const Address& where, const IpAddress& ip = kFirst) {
    auto socket = std::make_unique<QuietSocket>(*this);
    last_socket_ = socket.get();
    auto codec = std::make_shared<Http1ConnectionCodec>(std::move(socket), where.to_string());
    auto connection = std::make_shared<Connection>(Route(where, Endpoint(ip, where.port())), std::move(codec), nullptr);
    store().add(connection, engine_.now());
    return connection;
  }
  void put_in_pool(std::shared_ptr<Connection> connection) { store().release(std::move(connection), engine_.now()); }

  CallRoutePlanner& planner(const std::string& url = "http://a.example/") {
    if (!planner_) planner_.emplace(*context_, settings_, address(url), held_);
    return *planner_;
  }
  void use_proxies(std::vector<Proxy> proxies) {
    planner_.reset();
    selector_ = std::make_shared<FakeProxySelector>();
    selector_->proxies = std::move(proxies);
    ConnectionIdentity who = *settings_.identity;
    who.proxy_selector = selector_;
    settings_.identity = store().addresses().intern(std::move(who));
  }
  std::unique_ptr<ConnectPlan> plan() {
    const Simulation::ExpectPosts lookups(engine_.simulation());
    return engine_.run(planner().plan());
  }
  Errc planning_failure() {
    try {
      (void)plan();
    } catch (const Error& error) {
      return error.errc();
    }
    return Errc();
  }
  void listen(const IpAddress& ip) {
    std::error_code error;
    listeners_.push_back(engine_.listen(ListenRequest(Endpoint(ip, 80)), error));
  }
  std::shared_ptr<Connection> race() {
    // The look-up first: while another thread is at work, the simulation's clock stands.
    std::unique_ptr<ConnectPlan> first = plan();
    planner().deferred_plans().push_back(std::move(first));
    FastFallbackExchangeFinder finder(planner(), *context_);
    return engine_.run(finder.find());
  }
  void drop(const std::shared_ptr<Connection>& connection) {
    connection->retire();
    put_in_pool(connection);
  }
  Error connect_failure(ConnectPlan& plan) {
    const ConnectResult result = engine_.run(plan.connect_tcp());
    EXPECT_FALSE(result.ok());
    return *result.error;
  }

  /// A socket of the simulation that was never connected and is said to be quiet.
  class QuietSocket final : public Stream {
   public:
    explicit QuietSocket(CallRoutePlannerTest& test) {
      std::error_code error;
      test.engine_.simulation().script_next(kSilent, ConnectScript(ConnectScript::Kind::silent));
      socket_ = test.engine_.begin_connect(ConnectRequest(kSilent), error);
    }
    [[nodiscard]] IoResult try_read(Bytes into) noexcept override { return socket_->try_read(into); }
    [[nodiscard]] IoResult try_write(std::span<const ConstBytes> from) noexcept override {
      return socket_->try_write(from);
    }
    [[nodiscard]] Socket& socket() noexcept override { return *socket_; }
    [[nodiscard]] bool is_quiet() noexcept override { return quiet; }
    void shut_down_write() noexcept override {}
    bool quiet = true;

   private:
    inline static const Endpoint kSilent = Endpoint(IpAddress::v4({10, 0, 0, 99}), 80);
    std::unique_ptr<Socket> socket_;
  };
  void make_last_dead() { last_socket_->quiet = false; }

  SimulatedEngine engine_;
  std::shared_ptr<FakeDns> dns_ = std::make_shared<FakeDns>();
  std::shared_ptr<FakeProxySelector> selector_;
  ConnectionSettings settings_ = make_settings();
  Client client_;
  Call call_ = client_.new_call(Request::Builder().url("http://a.example/").build());
  std::shared_ptr<CallContext> context_ = std::make_shared<CallContext>(nullptr);
  std::shared_ptr<FindingLog> log_ = std::make_shared<FindingLog>();
  std::shared_ptr<Connection> held_;
  std::optional<CallRoutePlanner> planner_;
  std::vector<std::unique_ptr<Listener>> listeners_;
  QuietSocket* last_socket_ = nullptr;  // of the connection made last

 private:
  ConnectionSettings make_settings() {
    auto store = std::make_shared<ConnectionStore>(5, 5min);
    auto identity = store->addresses().intern(ConnectionIdentity(dns_, {Protocol::http_1_1}, TlsConfig()));
    return ConnectionSettings(std::move(store), std::move(identity), std::make_shared<LazyTlsContext>(TlsConfig()),
                              std::make_shared<DnsLookups>("test dns", 2, 1s));
  }
};

TEST_F(CallRoutePlannerTest, TheHeldConnectionComesFirst) {
  put_in_pool(connect(address()));
  held_ = connect(address());
  const auto expected = held_;
  const auto first = plan();
  EXPECT_TRUE(first->is_ready());
  EXPECT_EQ(first->handle_success(), expected);
  EXPECT_EQ(held_, nullptr);
  EXPECT_TRUE(log_->lines.empty());
  put_in_pool(expected);
}

TEST_F(CallRoutePlannerTest, AHeldConnectionServesTheWholeAddressOnly) {
  for (const char* url : {"https://a.example:80/", "http://a.example:81/", "http://b.example/"}) {
    log_->lines.clear();
    planner_.reset();
    held_ = connect(address(url));
    const auto pooled = connect(address());
    put_in_pool(pooled);
    EXPECT_EQ(plan()->handle_success(), pooled) << url;
    EXPECT_EQ(held_, nullptr);
    EXPECT_EQ(log_->lines, std::vector<std::string>{"released"});
    put_in_pool(pooled);
    store().evict_all();
  }
}

TEST_F(CallRoutePlannerTest, AHeldConnectionThatTakesNoMoreExchangesIsReleased) {
  held_ = connect(address());
  held_->retire();
  const auto pooled = connect(address());
  put_in_pool(pooled);
  EXPECT_EQ(plan()->handle_success(), pooled);
  EXPECT_EQ(store().connection_count(), 1U);
  put_in_pool(pooled);
}

TEST_F(CallRoutePlannerTest, AHeldConnectionIsLookedAtForWhatMustNotBeLost) {
  held_ = connect(address());
  make_last_dead();
  const auto pooled = connect(address());
  put_in_pool(pooled);
  planner().look_always(true);
  EXPECT_EQ(plan()->handle_success(), pooled);
  EXPECT_EQ(store().connection_count(), 1U);
  put_in_pool(pooled);
}

TEST_F(CallRoutePlannerTest, ThePoolComesBeforeAnyRoute) {
  const auto pooled = connect(address());
  put_in_pool(pooled);
  EXPECT_EQ(plan()->handle_success(), pooled);
  EXPECT_EQ(dns_->lookups, 0);
  put_in_pool(pooled);
}

TEST_F(CallRoutePlannerTest, DeferredPlansComeBeforeRoutes) {
  const auto waiting = connect(address());
  planner().deferred_plans().push_back(std::make_unique<ReusePlan>(waiting));
  EXPECT_TRUE(planner().has_next(nullptr));
  EXPECT_EQ(plan()->handle_success(), waiting);
  EXPECT_EQ(dns_->lookups, 0);
  put_in_pool(waiting);
}

TEST_F(CallRoutePlannerTest, RoutesComeInTheOrderOfTheAddresses) {
  EXPECT_TRUE(planner().has_next(nullptr));
  const auto first = plan();
  EXPECT_FALSE(first->is_ready());
  EXPECT_EQ(first->route_text(), "a.example:80 at 10.0.0.1:80");
  EXPECT_TRUE(planner().has_next(nullptr));
  EXPECT_EQ(plan()->route_text(), "a.example:80 at 10.0.0.2:80");
  EXPECT_FALSE(planner().has_next(nullptr));
  EXPECT_EQ(dns_->lookups, 1);
  EXPECT_EQ(log_->lines, (std::vector<std::string>{"dns_start a.example", "dns_end 2"}));
}

TEST_F(CallRoutePlannerTest, AnAddressLiteralIsNotLookedUp) {
  planner("http://10.0.0.7/");
  EXPECT_EQ(plan()->route_text(), "10.0.0.7:80 at 10.0.0.7:80");
  EXPECT_EQ(dns_->lookups, 0);
  EXPECT_TRUE(log_->lines.empty());
}

TEST_F(CallRoutePlannerTest, ThePoolIsAskedAgainAfterTheLookUp) {
  const auto pooled = connect(address());
  // Another call connects while the name is looked up.
  dns_->on_lookup = [&] { put_in_pool(pooled); };
  const auto found = plan();
  EXPECT_TRUE(found->is_ready());
  EXPECT_EQ(found->handle_success(), pooled);
  EXPECT_EQ(dns_->lookups, 1);
  put_in_pool(pooled);
}

TEST_F(CallRoutePlannerTest, ThePoolIsAskedAgainBeforeEveryRoute) {
  (void)plan();
  const auto pooled = connect(address());
  put_in_pool(pooled);
  EXPECT_EQ(plan()->handle_success(), pooled);
  EXPECT_TRUE(planner().has_next(nullptr)) << "the second route is kept";
  put_in_pool(pooled);
}

TEST_F(CallRoutePlannerTest, RoutesThatFailedLatelyComeLast) {
  dns_->answer = {kFirst, kSecond, kThird};
  store().routes().failed(route(kFirst));
  EXPECT_EQ(plan()->route_text(), "a.example:80 at 10.0.0.2:80");
  EXPECT_EQ(plan()->route_text(), "a.example:80 at 10.0.0.3:80");
  EXPECT_EQ(plan()->route_text(), "a.example:80 at 10.0.0.1:80");
}

TEST_F(CallRoutePlannerTest, AFailedConnectPostponesItsRouteAndASuccessForgivesIt) {
  const auto dial = plan();
  EXPECT_EQ(connect_failure(*dial).errc(), Errc::connect_failed);
  EXPECT_TRUE(store().routes().should_postpone(route(kFirst)));
  listen(kFirst);
  planner_.reset();
  dns_->answer = {kFirst};
  const auto again = plan();
  EXPECT_TRUE(engine_.run(again->connect_tcp()).ok());
  EXPECT_TRUE(engine_.run(again->connect_tls_etc()).ok());
  EXPECT_FALSE(store().routes().should_postpone(route(kFirst)));
  EXPECT_EQ(store().connection_count(), 0U);
  const auto connection = again->handle_success();
  EXPECT_EQ(store().connection_count(), 1U);
  EXPECT_EQ(connection->info().peer(), Endpoint(kFirst, 80));
  connection->retire();
  put_in_pool(connection);
}

TEST_F(CallRoutePlannerTest, TheFinderTriesOneRouteAfterAnother) {
  listen(kThird);
  dns_->answer = {kFirst, kSecond, kThird};
  engine_.simulation().script(Endpoint(kSecond, 80), ConnectScript(ConnectScript::Kind::silent));
  (void)plan();  // the look-up, which runs on another thread
  SequentialExchangeFinder finder(planner());
  const auto connection = engine_.run(finder.find());
  EXPECT_EQ(connection->info().peer(), Endpoint(kThird, 80));
  EXPECT_EQ(log_->lines, (std::vector<std::string>{"dns_start a.example", "dns_end 3", "connect_start 1 10.0.0.2:80",
                                                   "connect_failed 1 connect_timeout", "connect_start 2 10.0.0.3:80",
                                                   "connect_end 2"}));
  connection->retire();
  put_in_pool(connection);
}

TEST_F(CallRoutePlannerTest, ABlackHoledAddressCostsTheDelayOfTheRace) {
  listen(kFirst);
  dns_->answer = {kFirst, kSix};
  engine_.simulation().script(Endpoint(kSix, 80), ConnectScript(ConnectScript::Kind::silent));
  const TimePoint begin = engine_.now();
  const auto connection = race();
  EXPECT_EQ(engine_.now() - begin, 250ms);
  EXPECT_EQ(connection->info().peer(), Endpoint(kFirst, 80));
  EXPECT_EQ(log_->lines,
            (std::vector<std::string>{"dns_start a.example", "dns_end 2", "connect_start 0 [2001:db8::1]:80",
                                      "connect_start 1 10.0.0.1:80", "connect_failed 0 canceled", "connect_end 1"}));
  EXPECT_FALSE(store().routes().should_postpone(route(kSix))) << "it was not given the time to fail";
  drop(connection);
}

TEST_F(CallRoutePlannerTest, ARefusedAddressCostsNothing) {
  listen(kThird);
  dns_->answer = {kFirst, kSecond, kThird};
  const TimePoint begin = engine_.now();
  const auto connection = race();
  EXPECT_EQ(engine_.now(), begin);
  EXPECT_EQ(connection->info().peer(), Endpoint(kThird, 80));
  EXPECT_TRUE(store().routes().should_postpone(route(kFirst)));
  drop(connection);
}

TEST_F(CallRoutePlannerTest, ALateAddressWinsWhenTheOthersAreLater) {
  listen(kFirst);
  listen(kSecond);
  dns_->answer = {kFirst, kSecond, kThird};
  engine_.simulation().script(Endpoint(kFirst, 80), ConnectScript(ConnectScript::Kind::accept, 700ms));
  engine_.simulation().script(Endpoint(kSecond, 80), ConnectScript(ConnectScript::Kind::accept, 400ms));
  engine_.simulation().script(Endpoint(kThird, 80), ConnectScript(ConnectScript::Kind::silent));
  const TimePoint begin = engine_.now();
  const auto connection = race();
  EXPECT_EQ(engine_.now() - begin, 650ms);
  EXPECT_EQ(connection->info().peer(), Endpoint(kSecond, 80));
  EXPECT_EQ(planner().deferred_plans().size(), 2U);
  const std::vector<std::string> ends(log_->lines.end() - 3, log_->lines.end());
  EXPECT_EQ(ends,
            (std::vector<std::string>{"connect_failed 0 canceled", "connect_failed 2 canceled", "connect_end 1"}));
  drop(connection);
}

TEST_F(CallRoutePlannerTest, AnAttemptThatConnectsAtTheSameTimeIsClosed) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    log_->lines.clear();
    planner_.reset();
    listeners_.clear();
    listen(kFirst);
    listen(kSecond);
    dns_->answer = {kFirst, kSecond};
    engine_.simulation().script(Endpoint(kFirst, 80), ConnectScript(ConnectScript::Kind::accept, 350ms));
    engine_.simulation().script(Endpoint(kSecond, 80), ConnectScript(ConnectScript::Kind::accept, 100ms));
    const auto connection = race();
    const std::size_t ends = log_->lines.size() - 4;  // dns and two starts
    EXPECT_EQ(ends, 2U) << "each attempt has one end";
    EXPECT_TRUE(log_->lines[4].ends_with("canceled")) << log_->lines[4];
    drop(connection);
  }
}

TEST_F(CallRoutePlannerTest, EveryAddressBlackHoledEndsInATimeout) {
  dns_->answer = {kFirst, kSecond};
  engine_.simulation().script(Endpoint(kFirst, 80), ConnectScript(ConnectScript::Kind::silent));
  engine_.simulation().script(Endpoint(kSecond, 80), ConnectScript(ConnectScript::Kind::silent));
  const TimePoint begin = engine_.now();
  try {
    (void)race();
    FAIL() << "a connection was found";
  } catch (const Error& error) {
    EXPECT_EQ(error.errc(), Errc::connect_timeout);
    EXPECT_EQ(error.attempts().size(), 1U);
  }
  EXPECT_EQ(engine_.now() - begin, 10s + 250ms);
  EXPECT_EQ(engine_.waits(), 0U);
}

TEST_F(CallRoutePlannerTest, ProxiesDoNotRaceAgainstEachOther) {
  use_proxies({Proxy::parse("http://10.0.0.1:80"), Proxy::parse("http://10.0.0.2:80")});
  listen(kSecond);
  engine_.simulation().script(Endpoint(kFirst, 80), ConnectScript(ConnectScript::Kind::silent));
  const TimePoint begin = engine_.now();
  const auto connection = race();
  EXPECT_EQ(engine_.now() - begin, 10s) << "the second is for when the first cannot be reached";
  EXPECT_EQ(connection->info().peer(), Endpoint(kSecond, 80));
  drop(connection);
}

TEST_F(CallRoutePlannerTest, WithoutFastFallbackTheResolversOrderIsKept) {
  settings_.fast_fallback = false;
  dns_->answer = {kFirst, kSecond, kSix};
  EXPECT_EQ(plan()->route_text(), "a.example:80 at 10.0.0.1:80");
  EXPECT_EQ(plan()->route_text(), "a.example:80 at 10.0.0.2:80");
}

TEST_F(CallRoutePlannerTest, AllFailedRoutesAreNamedInTheFailure) {
  (void)plan();
  SequentialExchangeFinder finder(planner());
  try {
    (void)engine_.run(finder.find());
    FAIL() << "a connection was found";
  } catch (const Error& error) {
    EXPECT_EQ(error.errc(), Errc::connect_failed);
    EXPECT_NE(std::string(error.what()).find("10.0.0.2:80"), std::string::npos) << error.what();
  }
}

TEST_F(CallRoutePlannerTest, AProxyThatCannotBeResolvedGivesWayToTheNext) {
  use_proxies({Proxy::parse("http://nowhere.example:3128"), Proxy::parse("http://10.0.0.3:3128"), Proxy::direct()});
  dns_->answer.clear();
  EXPECT_EQ(plan()->route_text(), "a.example:80 via http://10.0.0.3:3128 at 10.0.0.3:3128");
  EXPECT_EQ(selector_->failed, std::vector<std::string>{"http://nowhere.example:3128"});
  try {
    (void)plan();
    FAIL() << "a.example was resolved";
  } catch (const Error& error) {
    EXPECT_EQ(error.errc(), Errc::unknown_host);
  }
  EXPECT_FALSE(planner().has_next(nullptr));
}

TEST_F(CallRoutePlannerTest, EveryProxyThatCannotBeResolvedIsNamed) {
  use_proxies({Proxy::parse("http://nowhere.example:3128"), Proxy::direct()});
  dns_->answer.clear();
  try {
    (void)plan();
    FAIL() << "a name was resolved";
  } catch (const Error& error) {
    EXPECT_EQ(error.errc(), Errc::unknown_host);
    ASSERT_EQ(error.attempts().size(), 1U);
    EXPECT_EQ(error.attempts()[0].route, "a.example:80 via http://nowhere.example:3128");
  }
}

TEST_F(CallRoutePlannerTest, TheSelectorIsToldOfAProxyThatDoesNotConnect) {
  use_proxies({Proxy::parse("http://10.0.0.3:3128")});
  EXPECT_EQ(connect_failure(*plan()).errc(), Errc::connect_failed);
  EXPECT_EQ(selector_->failed, std::vector<std::string>{"http://10.0.0.3:3128"});
  use_proxies({Proxy::direct()});
  EXPECT_EQ(connect_failure(*plan()).errc(), Errc::connect_failed);
  EXPECT_TRUE(selector_->failed.empty());
}

TEST_F(CallRoutePlannerTest, ANameThatCannotBeResolvedIsAnError) {
  dns_->answer.clear();
  EXPECT_EQ(planning_failure(), Errc::unknown_host);
  EXPECT_EQ(log_->lines, (std::vector<std::string>{"dns_start a.example", "dns_end failed"}));
}

TEST_F(CallRoutePlannerTest, AnExceptionOutOfTheResolverIsAnError) {
  dns_->on_lookup = [] { throw std::runtime_error("the resolver broke"); };
  EXPECT_EQ(planning_failure(), Errc::unknown_host);
}

TEST_F(CallRoutePlannerTest, ACanceledCallPlansNothing) {
  put_in_pool(connect(address()));
  context_->cancellation->request();
  EXPECT_EQ(planning_failure(), Errc::canceled);
  EXPECT_EQ(store().idle_connection_count(), 1U);
}

TEST_F(CallRoutePlannerTest, ACancellationDuringTheLookUpEndsThePlanning) {
  dns_->on_lookup = [&] { context_->cancellation->request(); };
  EXPECT_EQ(planning_failure(), Errc::canceled);
}

TEST_F(CallRoutePlannerTest, ACancellationEndsAConnectAtOnce) {
  engine_.simulation().script(Endpoint(kFirst, 80), ConnectScript(ConnectScript::Kind::silent));
  const auto dial = plan();
  const TimePoint begin = engine_.now();
  engine_.simulation().at(begin + 5ms, [this] { context_->cancellation->request(); });
  EXPECT_EQ(connect_failure(*dial).errc(), Errc::canceled);
  EXPECT_EQ(engine_.now() - begin, 5ms);
  EXPECT_FALSE(store().routes().should_postpone(route(kFirst))) << "it is not the route's fault";
}

TEST_F(CallRoutePlannerTest, TheCallsTimeoutBoundsAConnect) {
  engine_.simulation().script(Endpoint(kFirst, 80), ConnectScript(ConnectScript::Kind::silent));
  const auto dial = plan();
  context_->deadline = engine_.now() + 3s;
  EXPECT_EQ(connect_failure(*dial).errc(), Errc::timeout);
  EXPECT_FALSE(store().routes().should_postpone(route(kFirst)));
}

TEST_F(CallRoutePlannerTest, ARouteThatWorkedIsTriedAgainAfterItsConnectionFailed) {
  const auto failed = connect(address(), kThird);
  failed->exchange_completed();
  failed->retire();
  EXPECT_TRUE(planner().has_next(failed.get()));
  EXPECT_EQ(plan()->route_text(), "a.example:80 at 10.0.0.3:80");
  EXPECT_EQ(dns_->lookups, 0);
  put_in_pool(failed);
}

TEST_F(CallRoutePlannerTest, ARouteThatNeverWorkedIsNotTriedAgain) {
  dns_->answer = {kFirst};
  (void)plan();
  const auto failed = connect(address());
  failed->retire();
  EXPECT_FALSE(planner().has_next(failed.get()));
  put_in_pool(failed);
}

TEST_F(CallRoutePlannerTest, ARouteOfAnotherAddressIsNotTriedAgain) {
  dns_->answer = {kFirst};
  (void)plan();
  const auto failed = connect(address("http://b.example/"));
  failed->exchange_completed();
  EXPECT_FALSE(planner().has_next(failed.get()));
  failed->retire();
  put_in_pool(failed);
}

}  // namespace
}  // namespace okhttp::internal

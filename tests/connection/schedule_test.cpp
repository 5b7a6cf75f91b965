// Calls that share a pool, in a simulated world where the network and the servers misbehave in every way that a seed
// can draw: each call ends once, no answer reaches another request, nothing is left behind.

#include <okhttp/okhttp.hpp>

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "connection/exchange.hpp"
#include "connection/transmission.hpp"
#include "runtime/call_context.hpp"
#include "runtime/loop_provider.hpp"
#include "support/simulated_engine.hpp"

namespace okhttp::internal {
namespace {

using namespace std::chrono_literals;

/// The answer that belongs to a path and to no other.
std::string answer_to(const std::string& path) {
  std::uint64_t size = 7;
  for (const char c : path) size = size * 31 + static_cast<unsigned char>(c);
  std::string text;
  while (text.size() < size % 700) text += path + ";";
  return text;
}

/// How often what goes wrong; 0 is never.
struct Faults {
  std::size_t link = 0;    // a link that breaks, one in so many
  std::size_t server = 0;  // an answer that the server spoils
  std::size_t cancel = 0;
  std::size_t drop = 0;  // a body that is dropped half-read
};

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
  std::vector<std::unique_ptr<Listener>> listeners_;
  std::vector<std::shared_ptr<Outcome<void>>> accepting_;
};

/// Counts what has to come in pairs.
class Balance final : public EventListener {
 public:
  int acquired = 0;
  int requests = 0;
  int responses = 0;
  int ends = 0;
  bool told_after_the_end = false;

  void connection_acquired(const Call&, const ConnectionInfo&) override { note(acquired, 1); }
  void connection_released(const Call&, const ConnectionInfo&) override { note(acquired, -1); }
  void request_headers_start(const Call&) override { note(requests, 1); }
  void request_headers_end(const Call&, const Request&) override { note(requests, -1); }
  void request_body_start(const Call&) override { note(requests, 1); }
  void request_body_end(const Call&, std::uint64_t) override { note(requests, -1); }
  void request_failed(const Call&, const Error&) override { note(requests, -1); }
  void response_headers_start(const Call&) override { note(responses, 1); }
  void response_headers_end(const Call&, const Response&) override { note(responses, -1); }
  void response_body_start(const Call&) override { note(responses, 1); }
  void response_body_end(const Call&, std::uint64_t) override { note(responses, -1); }
  void response_failed(const Call&, const Error&) override { note(responses, -1); }
  void call_end(const Call&) override { note(ends, 1); }
  void call_failed(const Call&, const Error&) override { note(ends, 1); }

 private:
  void note(int& count, int by) {
    if (ends > 0) told_after_the_end = true;
    count += by;
  }
};

/// A call without its chain: a few exchanges, each tried again as the real one would.
class SimulatedCall final : public TransmissionOwner {
 public:
  SimulatedCall(SimulatedEngine& engine, std::shared_ptr<const ConnectionSettings> settings, const Call& call,
                const Faults& faults, int number)
      : engine_(engine), settings_(std::move(settings)), faults_(faults), number_(number) {
    context_->call = &call;
    context_->listener = balance_;
  }

  Task<void> run() {
    SeededRandom& random = engine_.simulation().random();
    Sleep start(engine_, WaitTerms(nullptr, engine_.now() + std::chrono::milliseconds(random.below(3'000))));
    (void)co_await start;
    context_->attach(engine_);
    if (happens(faults_.cancel)) context_->deadline = engine_.now() + std::chrono::milliseconds(random.below(20'000));
    if (happens(faults_.cancel)) {
      engine_.simulation().at(engine_.now() + std::chrono::microseconds(random.below(200'000)),
                              [cancellation = context_->cancellation] { cancellation->request(); });
    }
    const auto transmission = std::make_shared<Transmission>(*this, context_, settings_);
    std::optional<ResponseBody> last;
    std::string path;
    const std::size_t exchanges = random.between(1, 3);
    try {
      for (std::size_t i = 0; i < exchanges; ++i) {
        path = "/" + std::to_string(number_) + "/" + std::to_string(i);
        if (last) co_await read(*last, path_before_);
        last.reset();
        Task<ResponseBody> asking = ask(transmission, path);
        ResponseBody body = co_await std::move(asking);
        last.emplace(std::move(body));
        path_before_ = path;
      }
    } catch (const Error& error) {
      failure_ = error;
    }
    if (failure_) {
      last.reset();
      transmission->fail(*failure_);
      co_return;
    }
    transmission->no_more_exchanges();
    try {
      co_await read(*last, path);
    } catch (const Error& error) {
      failure_ = error;
    }
  }

  void transmission_ended() noexcept override { ++ended_; }

  void check(const std::string& where) const {
    EXPECT_EQ(ended_, 1) << where;
    EXPECT_FALSE(wrong_answer_) << where;
    EXPECT_EQ(balance_->ends, 1) << where;
    EXPECT_EQ(balance_->acquired, 0) << where;
    EXPECT_EQ(balance_->requests, 0) << where;
    EXPECT_EQ(balance_->responses, 0) << where;
    EXPECT_FALSE(balance_->told_after_the_end) << where;
  }
  [[nodiscard]] bool answered() const noexcept { return !failure_; }

 private:
  bool happens(std::size_t one_in) { return one_in != 0 && engine_.simulation().random().one_in(one_in); }

  Task<ResponseBody> ask(std::shared_ptr<Transmission> transmission, std::string path) {
    SeededRandom& random = engine_.simulation().random();
    const std::string host = "10.0.0." + std::to_string(random.between(1, 2));
    Request::Builder builder;
    builder.url("http://" + host + path);
    const bool posts = random.one_in(3);
    if (posts) {
      const std::string body(random.between(1, 900), 'p');
      builder.header("Content-Length", std::to_string(body.size()));
      builder.method("POST", RequestBody::create(body));
    }
    const Request request = builder.build();
    transmission->prepare(request);
    for (int attempt = 0;; ++attempt) {
      std::optional<Error> failure;
      try {
        Task<ResponseBody> once = ask_once(transmission, request);
        ResponseBody body = co_await std::move(once);
        co_return body;
      } catch (const Error& error) {
        failure = error;
      }
      const bool is_over = failure->errc() == Errc::canceled || failure->errc() == Errc::timeout;
      if (is_over || attempt == 4 || !transmission->has_another_way()) throw *failure;
    }
  }

  Task<ResponseBody> ask_once(std::shared_ptr<Transmission> transmission, Request request) {
    std::shared_ptr<Exchange> exchange = co_await transmission->new_exchange();
    try {
      exchange->write_request_headers(request);
      if (request.body() != nullptr) co_await exchange->write_request_body(*request.body());
      co_await exchange->finish_request();
    } catch (const Error&) {
      if (!exchange->may_still_be_answered()) throw;
    }
    ResponseHead head = co_await exchange->read_response_head();
    Response::Builder response;
    response.request(request).protocol(head.protocol).code(head.code).message(head.message).headers(head.headers);
    exchange->response_headers_read(response);
    ResponseBody body = exchange->open_response_body(head);
    co_return body;
  }

  Task<void> read(ResponseBody& body, std::string path) {
    SeededRandom& random = engine_.simulation().random();
    const std::string expected = answer_to(path);
    std::string text;
    std::vector<std::byte> buffer(random.between(1, 900));
    const std::size_t enough = happens(faults_.drop) ? random.below(400) : expected.size() + 1;
    while (text.size() < enough) {
      const std::size_t count = co_await body.async().read_some(buffer);
      if (count == 0) break;
      text += as_text(ConstBytes(buffer).first(count));
    }
    // Whatever went wrong afterwards, not one byte may be another's.
    if (text != expected.substr(0, text.size())) wrong_answer_ = true;
    if (text.size() < enough && text != expected) wrong_answer_ = true;
    body.close();
  }

  SimulatedEngine& engine_;
  const std::shared_ptr<const ConnectionSettings> settings_;
  const Faults faults_;
  const int number_;
  std::shared_ptr<Balance> balance_ = std::make_shared<Balance>();
  std::shared_ptr<CallContext> context_ =
      std::make_shared<CallContext>(std::make_shared<LoopProvider>("never started"));
  std::string path_before_;
  std::optional<Error> failure_;
  int ended_ = 0;
  bool wrong_answer_ = false;
};

/// What the calls of one world came to.
struct World {
  int answered = 0;
  int failed = 0;
};

World run_world(std::uint64_t seed, const Faults& faults, const Call& call) {
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
  const auto settings = std::make_shared<const ConnectionSettings>(
      store, identity, std::make_shared<LazyTlsContext>(TlsConfig()), std::make_shared<ThreadPool>("unused", 1, 1s));
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
  }
  EXPECT_EQ(store->connection_count(), store->idle_connection_count()) << where;
  store->evict_all();
  EXPECT_EQ(store->connection_count(), 0U) << where;
  engine.run_until_idle();
  return world;
}

class ScheduleTest : public testing::Test {
 protected:
  World run_worlds(std::uint64_t worlds, const Faults& faults) {
    World all;
    for (std::uint64_t seed = 1; seed <= worlds && !HasFailure(); ++seed) {
      const World world = run_world(seed, faults, call_);
      all.answered += world.answered;
      all.failed += world.failed;
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

}  // namespace
}  // namespace okhttp::internal

// A hostile server: its bytes go into a whole client connection on which three calls run, in pieces. Whatever it sends,
// each call ends once its connection has ended, and nothing is left over.

#include <okhttp/request_body.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "codec/http2/http2_connection.hpp"
#include "runtime/call_context.hpp"
#include "runtime/loop_provider.hpp"
#include "support/detached.hpp"
#include "support/memory_stream.hpp"

namespace {

using namespace okhttp;
using namespace okhttp::internal;

void require(bool condition) {
  if (!condition) std::abort();
}

/// An engine that is stepped by hand; its clock stands still.
class SteppedEngine final : public Engine {
 public:
  template <class T>
  std::shared_ptr<Outcome<T>> begin(Task<T> task) {
    const Scope scope(this);
    return start(std::move(task));
  }
  /// Everything that can go on does.
  void step() {
    const Scope scope(this);
    for (int round = 0; round < 1'000; ++round) {
      JobQueue batch;
      batch.take(jobs_);
      const bool worked = !batch.empty();
      batch.run_all();
      if (!attempt_one() && !worked) return;
    }
    require(false);  // it never comes to rest
  }

  [[nodiscard]] bool is_shared() const noexcept override { return true; }
  [[nodiscard]] TimePoint now() noexcept override { return TimePoint(std::chrono::hours(1)); }
  void post(Job& job) noexcept override { jobs_.push(job); }
  void interrupt(const std::shared_ptr<Cancellation>&) noexcept override {}
  [[nodiscard]] std::unique_ptr<Socket> begin_connect(const ConnectRequest&, std::error_code&) noexcept override {
    return nullptr;
  }
  [[nodiscard]] std::unique_ptr<Listener> listen(const ListenRequest&, std::error_code&) noexcept override {
    return nullptr;
  }
  bool adopt(Socket&) noexcept override { return true; }
  [[nodiscard]] std::size_t waits() const noexcept { return parked_count(); }

 protected:
  void on_park(Wait&) noexcept override {}
  void on_unpark(Wait&) noexcept override {}

 private:
  bool attempt_one() {
    for (Wait* wait = parked().front(); wait != nullptr; wait = Wait::ParkedList::next(*wait)) {
      if (!wait->attempt()) continue;
      finish(*wait, WaitResult::ready);
      return true;
    }
    return false;
  }

  JobQueue jobs_;
};

Task<void> exchange(std::shared_ptr<Http2Connection> connection, std::shared_ptr<CallContext> context,
                    Request request) {
  const ExchangeCodecPtr codec = connection->begin(std::move(context));
  try {
    codec->write_request_headers(request);
    if (request.body() != nullptr) {
      const auto body = request.body()->in_memory();
      co_await codec->write_request_body(*body);
    }
    co_await codec->finish_request();
    for (;;) {
      const ResponseHead head = co_await codec->read_response_head();
      if (!head.is_informational()) break;
    }
    std::vector<std::byte> buffer(700);
    while (!codec->is_response_complete()) (void)co_await codec->read_response_body(buffer);
    (void)codec->trailers();
  } catch (const Error&) {
    (void)codec->may_have_reached_peer();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  SteppedEngine engine;
  auto [ours, theirs] = MemorySocket::make_pair();
  MemorySocket& server = *theirs;
  Http2Options options;
  options.stream_window = 70'000;
  options.connection_window = 100'000;
  options.receive_budget = 100'000;
  options.max_header_list = 4'096;
  auto connection = Http2Connection::create(std::move(ours), "fuzz:80", Protocol::h2_prior_knowledge, options);
  std::vector<std::shared_ptr<CallContext>> contexts;
  std::vector<std::shared_ptr<Outcome<void>>> calls;
  const auto loops = std::make_shared<LoopProvider>("never started");
  for (const char* path : {"/1", "/3", "/5"}) {
    Request::Builder request;
    request.url(std::string("http://fuzz") + path);
    if (path[1] == '3') request.post(RequestBody::create(std::string(100'000, 'p')));
    contexts.push_back(std::make_shared<CallContext>(loops));
    contexts.back()->attach(engine);
    contexts.back()->timeouts = Timeouts();
    calls.push_back(engine.begin(exchange(connection, contexts.back(), request.build())));
  }
  engine.step();
  // The first byte says how large the pieces are.
  const std::size_t piece = 1 + data[0];
  for (std::size_t at = 1; at < size; at += piece) {
    const ConstBytes next = std::as_bytes(std::span(data, size)).subspan(at, std::min(piece, size - at));
    (void)server.try_write(std::span<const ConstBytes>(&next, 1));
    engine.step();
    server.unread().clear();
  }
  theirs = nullptr;
  engine.step();
  for (const auto& call : calls) require(call->done());
  connection = nullptr;
  engine.step();
  require(engine.waits() == 0);
  return 0;
}

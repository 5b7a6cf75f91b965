#include "mock_server_core.hpp"

#include <okhttp/error.hpp>

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "mock_http2_connection.hpp"
#include "on_engine.hpp"
#include "response_script.hpp"
#include "runtime/offload.hpp"
#include "serve_connection.hpp"

namespace okhttp::internal {
namespace {

constexpr std::chrono::milliseconds kAcceptRetry(10);
constexpr int kPortTries = 32;
constexpr std::chrono::seconds kDispatchThreadIdle(10);

bool acts_before_request(const MockResponse& response) {
  const ResponseScript& script = response.script();
  // What concerns one HTTP/2 request waits for it.
  return script.fail_handshake || (script.on_request_start.has_value() && !script.on_request_start->is_for_stream());
}

}  // namespace

MockServerCore::MockServerCore() { tls_config_.protocols = {Protocol::http_2, Protocol::http_1_1}; }

void MockServerCore::set_dispatcher(DispatchFunction dispatch, PeekFunction peek) {
  auto script = std::make_shared<Script>();
  script->dispatch = std::move(dispatch);
  script->peek = std::move(peek);
  const std::lock_guard lock(mutex_);
  script_ = std::move(script);
  if (dispatch_thread_ == nullptr)
    dispatch_thread_ = std::make_shared<ThreadPool>("mock-dispatch", 1, kDispatchThreadIdle);
}

void MockServerCore::set_body_limit(std::uint64_t bytes) {
  const std::lock_guard lock(mutex_);
  body_limit_ = bytes;
}

void MockServerCore::configure_tls(const std::function<void(TlsServerConfig&)>& change) {
  const std::lock_guard lock(mutex_);
  TlsServerConfig changed = tls_config_;
  change(changed);
  // Until there is a certificate the rest is only remembered.
  if (!changed.certificate_chain.empty()) tls_ = TlsContext::for_server(changed);
  tls_config_ = std::move(changed);
}

void MockServerCore::set_protocols(std::vector<Protocol> protocols) {
  const bool has_prior_knowledge =
      std::find(protocols.begin(), protocols.end(), Protocol::h2_prior_knowledge) != protocols.end();
  if (has_prior_knowledge && protocols.size() > 1) {
    throw std::invalid_argument("a server that speaks h2_prior_knowledge speaks nothing else");
  }
  configure_tls([&](TlsServerConfig& config) { config.protocols = std::move(protocols); });
  const std::lock_guard lock(mutex_);
  has_prior_knowledge_ = has_prior_knowledge;
}

void MockServerCore::configure_http2(const std::function<void(MockHttp2Options&)>& change, bool announces) {
  MockHttp2Options changed;
  std::shared_ptr<Loop> loop;
  {
    const std::lock_guard lock(mutex_);
    change(http2_options_);
    changed = http2_options_;
    loop = loop_;
  }
  if (loop == nullptr) return;
  run_on_engine(*loop, [&] {
    for (MockHttp2Connection* const connection : http2_connections_) connection->set_options(changed, announces);
  });
}

void MockServerCore::start(std::vector<IpAddress> addresses, std::uint16_t port) {
  {
    const std::lock_guard lock(mutex_);
    if (!addresses_.empty()) throw std::logic_error("this MockWebServer was started before");
    addresses_ = std::move(addresses);
  }
  try {
    listen(port);
  } catch (...) {
    const std::lock_guard lock(mutex_);
    addresses_.clear();
    throw;
  }
}

void MockServerCore::start_if_new() {
  {
    const std::lock_guard lock(mutex_);
    if (!addresses_.empty()) return;
  }
  start({IpAddress::loopback_v4(), IpAddress::loopback_v6()}, 0);
}

void MockServerCore::listen(std::uint16_t port) {
  {
    const std::lock_guard lock(mutex_);
    if (loop_ == nullptr) loop_ = Loop::start("mockwebserver");
  }
  run_on_engine(*loop_, [this, port] {
    std::vector<std::unique_ptr<Listener>> listeners = open_listeners(port);
    stop_accepting_ = std::make_shared<Cancellation>();
    stop_accepting_->attach(loop_.get());
    {
      const std::lock_guard lock(mutex_);
      endpoint_ = listeners.front()->endpoint();
      is_running_ = true;
    }
    for (auto& listener : listeners) accept_connections(shared_from_this(), std::move(listener), stop_accepting_);
  });
}

std::vector<std::unique_ptr<Listener>> MockServerCore::open_listeners(std::uint16_t port) {
  for (int tries = kPortTries;; --tries) {
    std::vector<std::unique_ptr<Listener>> listeners;
    std::error_code error;
    bool has_collision = false;
    for (const IpAddress& address : addresses_) {
      // All share the port that the first one got.
      const std::uint16_t wanted = listeners.empty() ? port : listeners.front()->endpoint().port;
      error.clear();
      auto listener = loop_->listen(ListenRequest(Endpoint(address, wanted)), error);
      if (listener != nullptr) {
        listeners.push_back(std::move(listener));
      } else if (listeners.empty()) {
        throw Error(Errc::io, Blame::caller, "cannot listen on " + Endpoint(address, wanted).to_string(), error);
      } else {
        has_collision = has_collision || error == std::errc::address_in_use;
      }
    }
    // A further address is dispensable where the system does not have it, but not while a stranger answers there.
    if (!has_collision) return listeners;
    if (port != 0 || tries == 0) {
      throw Error(Errc::io, Blame::network, "another program listens on one of the addresses", error);
    }
  }
}

void MockServerCore::close() {
  {
    const std::lock_guard lock(mutex_);
    if (!is_running_) return;
    is_running_ = false;
  }
  run_on_engine(*loop_, [this] {
    stop_accepting_->request();
    for (Peer* const peer : peers_) peer->cancel();
  });
  std::unique_lock lock(mutex_);
  quiet_.wait(lock, [this] { return activities_ == 0; });
}

void MockServerCore::restart() {
  close();
  const std::uint16_t port = endpoint().port;
  if (port == 0) {
    start_if_new();
  } else {
    listen(port);
  }
}

void MockServerCore::close_idle_connections() {
  {
    const std::lock_guard lock(mutex_);
    if (!is_running_) return;
  }
  // A client may have an answer's last byte before the stream that sent it was told so, which takes one round.
  run_on_engine(*loop_, [] {});
  std::vector<std::size_t> closing;
  run_on_engine(*loop_, [this, &closing] {
    std::vector<Peer*> idle;
    for (Peer* const peer : peers_) {
      if (!peer->is_idle) continue;
      idle.push_back(peer);
      closing.push_back(peer->index());
    }
    for (Peer* const peer : idle) peer->cancel_now();
  });
  // An HTTP/2 connection has several coroutines, which end one after another.
  std::unique_lock lock(mutex_);
  quiet_.wait(lock, [&] {
    return std::none_of(closing.begin(), closing.end(), [this](std::size_t index) { return open_.contains(index); });
  });
}

Endpoint MockServerCore::endpoint() const {
  const std::lock_guard lock(mutex_);
  return endpoint_;
}

bool MockServerCore::has_tls() const { return tls() != nullptr; }

std::size_t MockServerCore::connection_count() const {
  const std::lock_guard lock(mutex_);
  return accepted_;
}

std::size_t MockServerCore::open_connection_count() const {
  const std::lock_guard lock(mutex_);
  return open_.size();
}

std::uint64_t MockServerCore::body_limit() const {
  const std::lock_guard lock(mutex_);
  return body_limit_;
}

std::shared_ptr<const TlsContext> MockServerCore::tls() const {
  const std::lock_guard lock(mutex_);
  return tls_;
}

bool MockServerCore::has_prior_knowledge() const {
  const std::lock_guard lock(mutex_);
  return has_prior_knowledge_;
}

MockHttp2Options MockServerCore::http2_options() const {
  const std::lock_guard lock(mutex_);
  return http2_options_;
}

std::shared_ptr<const MockServerCore::Script> MockServerCore::script() const {
  const std::lock_guard lock(mutex_);
  return script_;
}

std::optional<Reservation> MockServerCore::reserve() {
  const std::shared_ptr<const Script> script = this->script();
  std::optional<Reservation> reservation;
  if (script == nullptr) {
    std::optional<MockResponse> next = queue_.try_take();
    if (next.has_value()) reservation.emplace(std::move(*next), true);
  } else if (script->peek != nullptr) {
    reservation.emplace(script->peek(), false);
  }
  return reservation;
}

std::optional<Reservation> MockServerCore::reserve_for_accept() {
  std::optional<Reservation> reservation;
  if (script() == nullptr) {
    std::optional<MockResponse> next = queue_.try_take_if(acts_before_request);
    if (next.has_value()) reservation.emplace(std::move(*next), true);
  } else {
    reservation = reserve();
    if (reservation.has_value() && !acts_before_request(reservation->response)) reservation.reset();
  }
  return reservation;
}

std::optional<MockResponse> MockServerCore::take_over() {
  const auto takes_over = [](const MockResponse& response) { return response.script().take_over != nullptr; };
  const std::shared_ptr<const Script> script = this->script();
  if (script == nullptr) return queue_.try_take_if(takes_over);
  if (script->peek == nullptr) return std::nullopt;
  std::optional<MockResponse> foreseen = script->peek();
  if (!takes_over(*foreseen)) foreseen.reset();
  return foreseen;
}

void MockServerCore::put_back(Reservation reservation) {
  if (reservation.is_answer) queue_.put_back(std::move(reservation.response));
}

Task<MockResponse> MockServerCore::response_for(Engine& engine, WaitTerms terms, const RecordedRequest& request,
                                                std::optional<Reservation> reserved) {
  if (reserved.has_value() && reserved->is_answer) co_return std::move(reserved->response);
  std::shared_ptr<const Script> script = this->script();
  if (script == nullptr) co_return co_await next_in_queue(engine, terms);
  co_return co_await dispatch(engine, terms, std::move(script), request);
}

Task<MockResponse> MockServerCore::next_in_queue(Engine& engine, WaitTerms terms) {
  const std::shared_ptr<ResponseQueue::Place> place = queue_.wait();
  Signal::Awaiter given(place->signal(), engine, terms);
  const WaitResult result = co_await given;
  std::optional<MockResponse> response = queue_.leave(place);
  if (result != WaitResult::ready || !response.has_value()) {
    if (response.has_value()) queue_.put_back(std::move(*response));
    throw PeerGone("the server was closed");
  }
  co_return std::move(*response);
}

Task<MockResponse> MockServerCore::dispatch(Engine& engine, WaitTerms terms, std::shared_ptr<const Script> script,
                                            RecordedRequest request) {
  // The function uses what the test has on its stack, so that close() has to wait for it: it counts as an activity.
  activity_began();
  const std::shared_ptr<MockServerCore> self = shared_from_this();
  auto work = [self, script = std::move(script), request = std::move(request)]() -> MockResponse {
    struct Ended {
      MockServerCore& core;
      ~Ended() { core.activity_ended(); }
    } const ended{*self};
    try {
      return script->dispatch(request);
    } catch (const std::exception& failure) {
      return MockResponse(500, std::string("the dispatcher threw: ") + failure.what());
    } catch (...) {
      return MockResponse(500, "the dispatcher threw");
    }
  };
  std::shared_ptr<ThreadPool> pool;
  {
    const std::lock_guard lock(mutex_);
    pool = dispatch_thread_;
  }
  WaitResult why = WaitResult::ready;
  std::optional<MockResponse> response;
  try {
    response = co_await offload(*pool, engine, terms, std::move(work), why);
  } catch (const std::system_error&) {
    activity_ended();  // there was no thread to run it
    throw;
  }
  if (!response.has_value()) throw PeerGone("the server was closed");
  co_return std::move(*response);
}

void MockServerCore::activity_began() {
  const std::lock_guard lock(mutex_);
  ++activities_;
}

void MockServerCore::activity_ended() {
  const std::lock_guard lock(mutex_);
  --activities_;
  quiet_.notify_all();
}

DetachedConnection MockServerCore::accept_connections(std::shared_ptr<MockServerCore> core,
                                                      std::unique_ptr<Listener> listener,
                                                      std::shared_ptr<Cancellation> stop) {
  core->activity_began();
  Engine& engine = *core->loop_;
  while (!stop->requested()) {
    std::error_code error;
    while (auto socket = listener->try_accept(error)) core->begin_connection(std::move(socket));
    if (error) {
      // No descriptors are left, for example: connections that end give some back.
      co_await Sleep(engine, WaitTerms(stop.get(), engine.now() + kAcceptRetry));
    } else {
      // However it ended: `stop` and the listener itself say what to do next.
      [[maybe_unused]] const WaitResult waited =
          co_await Readiness(engine, WaitTerms(stop.get()), listener->socket(), Interest::read);
    }
  }
  listener.reset();
  core->activity_ended();
}

void MockServerCore::begin_connection(std::unique_ptr<Socket> socket) {
  std::size_t index = 0;
  {
    const std::lock_guard lock(mutex_);
    ++activities_;
    index = accepted_++;
    open_.insert(index);
  }
  loop_->adopt(*socket);
  run_connection(shared_from_this(), std::move(socket), index);
}

DetachedConnection MockServerCore::run_connection(std::shared_ptr<MockServerCore> core, std::unique_ptr<Socket> socket,
                                                  std::size_t index) {
  {
    Peer peer(*core->loop_, std::move(socket), index);
    core->peers_.insert(&peer);
    try {
      co_await serve_connection(*core, peer);
    } catch (const std::exception&) {
      // Over, one way or another: the exchange has recorded what there was to say.
    }
    try {
      co_await peer.end();
    } catch (const std::exception&) {
      // The client did not wait for the end.
    }
    core->peers_.erase(&peer);
    if (peer.reserved.has_value()) core->put_back(std::move(*peer.reserved));
  }
  {
    const std::lock_guard lock(core->mutex_);
    core->open_.erase(index);
  }
  core->activity_ended();
}

}  // namespace okhttp::internal

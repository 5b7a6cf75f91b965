#include "connection/transmission.hpp"

#include <okhttp/event_listener.hpp>

#include <cassert>
#include <utility>

#include "connection/exchange.hpp"
#include "connection/exchange_finder.hpp"
#include "connection/protection_rules.hpp"
#include "connection/proxy_credentials.hpp"
#include "http/digest.hpp"
#include "http/method.hpp"
#include "runtime/call_context.hpp"
#include "runtime/hop.hpp"
#include "runtime/pooled.hpp"

namespace okhttp::internal {
namespace {

/// So many exchanges in a row that run out of time tell of a connection that is dead, and not of slow answers.
constexpr std::size_t kMaxTimeouts = 2;

constexpr const char* kProxyAuthorization = "Proxy-Authorization";

bool knows_of_http_2_beforehand(const ConnectionIdentity& identity) noexcept {
  return !identity.protocols.empty() && identity.protocols.front() == Protocol::h2_prior_knowledge;
}

}  // namespace

void tell_end_of_call(const CallContext& context, const Error* failure) {
  if (context.listener == nullptr) return;
  if (failure != nullptr) {
    context.listener->call_failed(*context.call, *failure);
  } else {
    context.listener->call_end(*context.call);
  }
}

Transmission::Transmission(TransmissionOwner& owner, std::shared_ptr<CallContext> context,
                           std::shared_ptr<const ConnectionSettings> settings)
    : owner_(owner), context_(std::move(context)), settings_(std::move(settings)) {}

Transmission::Transmission(TransmissionOwner& owner, std::shared_ptr<CallContext> context,
                           std::shared_ptr<Transmission> whole)
    : owner_(owner), context_(std::move(context)), whole_(std::move(whole)), settings_(whole_->shared_settings()) {}

Transmission::~Transmission() {
  if (held_ != nullptr) settings_->store->release(std::move(held_), Clock::now());
}

void Transmission::change_settings() {
  planner_.reset();
  // A connection goes back to the pool that it came from.
  if (held_ != nullptr && next_settings_->store != settings_->store) release_held();
  settings_ = std::exchange(next_settings_, nullptr);
}

void Transmission::prepare(const Request& request) {
  if (next_settings_ != nullptr) change_settings();
  Address address = settings_->store->addresses().find(request.url(), settings_->identity);
  if (address.is_tls() && knows_of_http_2_beforehand(address.identity())) {
    throw Error(Errc::rejected, Blame::caller,
                "h2_prior_knowledge is for http alone, not for https://" + address.to_string() +
                    ", where the protocol is negotiated: set the protocols h2 and http/1.1");
  }
  require_permitted(address);
  planner_.emplace(*context_, *settings_, std::move(address), held_);
  if (held_ != nullptr && held_ == coalesced_ && *coalesced_for_ == planner_->address()) planner_->held_was_coalesced();
  planner_->look_always(!is_idempotent(request.method()));
}

std::shared_ptr<Exchange> Transmission::exchange_on_existing() {
  assert(!exchange_open_);
  if (!context_->engine().runs_here()) return nullptr;
  failed_on_ = nullptr;
  failed_.reset();
  const std::uint64_t before = held_ != nullptr ? held_->info().id() : 0;
  std::shared_ptr<Connection> connection = planner_->find_existing();
  return connection != nullptr ? begin_exchange(std::move(connection), before) : nullptr;
}

Task<std::shared_ptr<Exchange>> Transmission::new_exchange() {
  // An interceptor that user code resumed on a thread of its own: what follows touches sockets.
  Hop home(context_->engine());
  co_await home;
  if (std::shared_ptr<Exchange> existing = exchange_on_existing()) co_return existing;
  struct EndSearch {
    CallRoutePlanner& planner;
    ~EndSearch() { planner.end_search(); }
  } const end_search{*planner_};
  Task<std::shared_ptr<Connection>> search;
  FastFallbackExchangeFinder racing(*planner_, *context_);
  SequentialExchangeFinder in_turn(*planner_);
  if (settings_->fast_fallback) {
    search = racing.find();
  } else {
    search = in_turn.find();
  }
  std::shared_ptr<Connection> connection = co_await std::move(search);
  co_return begin_exchange(std::move(connection), 0);
}

void Transmission::note_coalescing(const std::shared_ptr<Connection>& connection) {
  const bool is_coalesced = !(connection->route().address() == planner_->address());
  if (!is_coalesced && coalesced_ == nullptr) return;
  coalesced_ = is_coalesced ? connection : nullptr;
  coalesced_for_ = planner_->address();
}

void Transmission::note_route(const Route& route) {
  if (route.is_forwarded()) {
    forwarded_ = route;
  } else {
    forwarded_.reset();
  }
  proxy_ = route.proxy();
}

bool Transmission::is_shown_for(const Request& request) const {
  return !shown_for_.has_value() || (shown_for_->method() == request.method() && shown_for_->url() == request.url());
}

Request Transmission::on_wire(const Request& request, const Connection& connection) {
  const std::optional<std::string_view> own = request.header(kProxyAuthorization);
  const Route& route = connection.route();
  if (!route.is_forwarded()) {
    // A server, at the end of a tunnel or not, has no business with it.
    if (!own.has_value()) return request;
    return request.new_builder().remove_header(kProxyAuthorization).build();
  }
  // What the caller set himself is for the first proxy that it is shown to: a second one of the selector's is another.
  if (own.has_value() && !shown_to_.has_value()) shown_to_ = route.proxy();
  const bool is_meant = shown_to_.has_value() && *shown_to_ == route.proxy();
  const bool is_answered = is_meant && shown_.has_value() && is_shown_for(request);
  if (is_answered) return request.new_builder().header(kProxyAuthorization, *shown_).build();
  if (is_meant && own.has_value()) return request;
  const std::optional<std::string>& usual = connection.proxy_authorization();
  if (usual.has_value()) return request.new_builder().header(kProxyAuthorization, *usual).build();
  if (!own.has_value()) return request;
  return request.new_builder().remove_header(kProxyAuthorization).build();
}

Task<bool> Transmission::answer_proxy_challenge(Response refused) {
  Task<std::optional<std::string>> asking = internal::answer_proxy_challenge(*context_, *forwarded_, refused);
  std::optional<std::string> value = co_await std::move(asking);
  if (!value.has_value()) co_return false;
  shown_for_.reset();
  if (is_for_one_request(*value)) shown_for_ = refused.request();
  shown_ = std::move(value);
  shown_to_ = forwarded_->proxy();
  co_return true;
}

std::shared_ptr<Exchange> Transmission::begin_exchange(std::shared_ptr<Connection> connection,
                                                       std::uint64_t held_before) {
  if (context_->listener != nullptr && connection->info().id() != held_before) {
    context_->listener->connection_acquired(*context_->call, connection->info());
  }
  note_coalescing(connection);
  if (!connection->route().proxy().is_direct() || !proxy_.is_direct()) note_route(connection->route());
  try {
    ExchangeCodecPtr codec = connection->codec().begin(context_);
    auto exchange = make_pooled<Exchange>(shared_from_this(), std::move(connection), std::move(codec));
    exchange_open_ = true;
    return exchange;
  } catch (...) {
    // Without memory. Nothing was moved: the constructor that takes it does not throw.
    held_ = std::move(connection);
    release_held();
    throw;
  }
}

bool Transmission::has_another_way() { return planner_.has_value() && planner_->has_next(failed_on_.get()); }

void Transmission::exchange_completed(std::shared_ptr<Connection> connection) {
  exchange_open_ = false;
  connection->exchange_completed();
  if (connection->codec().is_over()) connection->retire();
  held_ = std::move(connection);
  if (!expects_more_ || held_->no_new_exchanges()) release_held();
  end_if_done();
}

void Transmission::exchange_failed(std::shared_ptr<Connection> connection, FailedExchange failed) {
  exchange_open_ = false;
  failed.route = connection->route().to_string();
  const Error& error = failed.error;
  const bool is_ours = failed.request_body_failed || error.errc() == Errc::canceled || error.blame() == Blame::caller;
  if (failed.was_refused) connection->note_sign_of_life();
  if (!failed.connection_survives || ends_connection(*connection, failed, is_ours)) connection->retire();
  // A connection that never completed an exchange makes its route suspect, unless we broke it off ourselves.
  const bool is_suspect = !connection->is_proven() && !connection->has_refused() && connection->no_new_exchanges();
  if (is_suspect && !is_ours) settings_->store->routes().failed(connection->route());
  failed_on_ = connection;
  held_ = std::move(connection);
  release_held();
  if (!expects_more_) failure_ = error;
  failed_ = std::move(failed);
  end_if_done();
}

bool Transmission::ends_connection(Connection& connection, const FailedExchange& failed, bool is_ours) const {
  const Errc code = failed.error.errc();
  if (is_ours || code == Errc::timeout) return false;
  if (code == Errc::read_timeout || code == Errc::write_timeout) return connection.count_timeout() >= kMaxTimeouts;
  if (failed.may_have_reached_peer) return true;
  return connection.note_refusal(settings_->store->forgives_refusal(connection)) > 1;
}

void Transmission::release_held() {
  if (!has_ended() && context_->listener != nullptr) {
    context_->listener->connection_released(*context_->call, held_->info());
  }
  settings_->store->release(std::exchange(held_, nullptr), context_->now());
}

void Transmission::become_chosen() {
  is_chosen_ = true;
  if (!ended_) whole_->branch_open_ = true;
}

void Transmission::branch_ended(const std::optional<Error>& failure) {
  branch_open_ = false;
  if (!expects_more_) failure_ = failure;
  end_if_done();
}

void Transmission::no_more_exchanges() {
  context_->go_home();
  expects_more_ = false;
  if (!exchange_open_ && held_ != nullptr) release_held();
  end_if_done();
}

void Transmission::fail(const Error& error) {
  context_->go_home();
  expects_more_ = false;
  failure_ = error;
  if (held_ != nullptr) release_held();
  exchange_open_ = false;
  branch_open_ = false;
  end_if_done();
}

void Transmission::end_if_done() {
  if (expects_more_ || has_open_exchange() || std::exchange(ended_, true)) return;
  planner_.reset();
  failed_on_ = nullptr;
  coalesced_ = nullptr;
  forwarded_.reset();
  // The owner may go with this.
  const std::shared_ptr<Transmission> whole = is_chosen_ ? whole_ : nullptr;
  const std::optional<Error> failure = failure_;
  owner_.transmission_ended(failure.has_value() ? &*failure : nullptr);
  if (whole != nullptr) whole->branch_ended(failure);
}

}  // namespace okhttp::internal

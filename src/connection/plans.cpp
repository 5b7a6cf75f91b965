#include "connection/plans.hpp"

#include <okhttp/event_listener.hpp>
#include <okhttp/handshake.hpp>

#include <span>
#include <string>
#include <utility>

#include "connection/protection_rules.hpp"
#include "connection/proxy_passage.hpp"
#include "route/policy_check.hpp"
#include "route/route_selector.hpp"
#include "runtime/call_context.hpp"
#include "wire/connection_spec_selector.hpp"
#include "wire/tls_stream.hpp"

namespace okhttp::internal {
namespace {

Error connect_failure(const std::string& route, std::error_code system) {
  return Error(Errc::connect_failed, Blame::network, "connecting to " + route, system);
}

}  // namespace

DialPlan::DialPlan(CallContext& context, const ConnectionSettings& settings, Route route, std::uint32_t& attempts,
                   std::optional<Route>* unused_route, std::size_t first_spec, bool is_second_try)
    : context_(context),
      settings_(settings),
      route_(std::move(route)),
      attempts_(attempts),
      attempt_(attempts++),
      protocol_(settings.codecs->in_clear_text(route_.address())),
      unused_route_(unused_route),
      first_spec_(first_spec),
      is_second_try_(is_second_try) {}

DialPlan::~DialPlan() = default;

Task<ConnectResult> DialPlan::connect_tcp() {
  if (context_.listener != nullptr) context_.listener->connect_start(*context_.call, attempt_, route_.endpoint());
  try {
    std::unique_ptr<Socket> socket = co_await dial();
    stream_ = std::move(socket);
  } catch (const Error& error) {
    report_failed_proxy(route_.address(), route_.proxy(), error);
    co_return failed(error);
  }
  // One attempt's TLS takes at most what connecting and reading may take together.
  const Timeouts& timeouts = context_.timeouts;
  const bool is_bounded = timeouts.connect.count() > 0 && timeouts.read.count() > 0;
  if (is_bounded) secure_by_ = deadline_after(context_.engine().now(), timeouts.connect + timeouts.read);
  co_return ConnectResult();
}

Task<std::unique_ptr<Socket>> DialPlan::dial() {
  // Here and nowhere else is dialled, so that nothing lies between what is checked and what is dialled.
  check_policy(route_);
  Engine& engine = context_.engine();
  const ConnectRequest request(route_.endpoint(), &route_.address().identity().sockets);
  std::error_code system;
  std::unique_ptr<Socket> socket = engine.begin_connect(request, system);
  if (socket == nullptr) throw connect_failure(route_.to_string(), system);
  Readiness connected(engine, context_.terms(context_.timeouts.connect), *socket, Interest::write);
  dialling_ = &connected;
  const WaitResult result = co_await connected;
  dialling_ = nullptr;
  if (has_lost_) throw lost();
  if (result != WaitResult::ready) {
    throw error_of(context_, result, Errc::connect_timeout, "connecting to " + route_.to_string());
  }
  system = socket->connect_result();
  if (system) throw connect_failure(route_.to_string(), system);
  co_return socket;
}

void DialPlan::cancel() {
  if (std::exchange(has_lost_, true)) return;
  if (dialling_ != nullptr) {
    context_.engine().finish(*dialling_, WaitResult::canceled);
  } else if (stream_ != nullptr) {
    stream_ = nullptr;
    (void)failed(lost());
  }
}

Error DialPlan::lost() const {
  // Unless the whole race is off, because the call is.
  return error_of(context_, WaitResult::deadline, Errc::canceled, "connecting to " + route_.to_string());
}

std::unique_ptr<ConnectPlan> DialPlan::retry() {
  return std::make_unique<DialPlan>(context_, settings_, route_, attempts_, unused_route_, first_spec_);
}

std::unique_ptr<ConnectPlan> DialPlan::plan_fallback() {
  // A server that cannot resume should go on in full (RFC 8446 §4.2.11), but some break off, as those that ask for
  // client certificates and gave OpenSSL no context for sessions.
  if (is_session_refused_) {
    return std::make_unique<DialPlan>(context_, settings_, route_, attempts_, unused_route_, first_spec_, true);
  }
  if (!fallback_.has_value()) return nullptr;
  return std::make_unique<DialPlan>(context_, settings_, route_, attempts_, unused_route_, *fallback_);
}

Task<ConnectResult> DialPlan::connect_tls_etc() {
  EventListener* const listener = context_.listener.get();
  bool is_at_proxy = !route_.proxy().is_direct();
  try {
    if (is_at_proxy) co_await pass_proxy();
    is_at_proxy = false;
    if (route_.address().is_tls()) co_await secure();
  } catch (const Error& error) {
    stream_ = nullptr;
    if (is_at_proxy && error.blame() != Blame::caller) report_failed_proxy(route_.address(), route_.proxy(), error);
    std::unique_ptr<ConnectPlan> fallback = plan_fallback();
    co_return failed(error, std::move(fallback));
  }
  connected_ = true;
  settings_.store->routes().connected(route_);
  if (listener != nullptr) listener->connect_end(*context_.call, attempt_, route_.endpoint(), protocol_);
  co_return ConnectResult();
}

Task<void> DialPlan::pass_proxy() {
  ProxyPassage passage(context_, settings_, route_, secure_by_);
  for (;;) {
    std::unique_ptr<Stream> passed = co_await passage.pass(std::move(stream_));
    stream_ = std::move(passed);
    if (stream_ != nullptr) break;
    // The proxy closes after a challenge; the answer goes to it on a new connection.
    std::unique_ptr<Socket> socket = co_await dial();
    stream_ = std::move(socket);
  }
  proxy_authorization_ = passage.authorization();
}

std::unique_ptr<TlsStream> DialPlan::begin_tls() {
  const ConnectionIdentity& identity = route_.address().identity();
  const ConnectionSpecSelector selector(identity.specs, identity.tls);
  const std::optional<std::size_t> index = selector.next(first_spec_);
  if (!index.has_value()) {
    throw Error(Errc::tls_handshake, Blame::caller, "no connection spec has a TLS version within the client's bounds");
  }
  const ConnectionSpec& spec = identity.specs[*index];
  const std::vector<Protocol> offered = settings_.codecs->offered_to(route_.address(), spec);
  std::shared_ptr<TlsSessions> sessions =
      settings_.store->tls_sessions().of(route_.address(), route_.proxy(), TlsEnd::server);
  std::unique_ptr<TlsStream> stream = TlsStream::client(settings_.tls->get(spec), std::move(stream_),
                                                        route_.address().host(), offered, std::move(sessions));
  if (identity.hostname_verifier != HostnameVerifier::default_rules()) stream->leave_host_name_to_caller();
  if (first_spec_ > 0 && selector.is_downgrade(*index)) stream->signal_fallback();
  fallback_ = selector.next(*index + 1);
  return stream;
}

Task<void> DialPlan::secure() {
  EventListener* const listener = context_.listener.get();
  if (listener != nullptr) listener->secure_connect_start(*context_.call, attempt_);
  std::optional<Error> failure;
  try {
    std::unique_ptr<TlsStream> stream = begin_tls();
    TlsHandshake shake_hands(context_.engine(), context_.terms_until(secure_by_), *stream);
    const IoResult result = co_await shake_hands;
    if (ConnectionSpecSelector::may_cure(result)) {
      is_session_refused_ = !is_second_try_ && stream->offered_session();
    } else {
      fallback_.reset();
    }
    if (result.status == IoStatus::deadline || result.status == IoStatus::canceled) {
      failure = error_of(context_, result, Errc::read_timeout, "TLS handshake with " + route_.to_string(), *stream);
    } else if (!result.ok()) {
      failure = stream->handshake_error(result);
    } else {
      auto agreed = std::make_shared<Handshake>(stream->handshake());
      if (first_spec_ > 0) *agreed = agreed->as_fallback();
      protocol_ = stream->protocol().value_or(Protocol::http_1_1);
      require_agreed(route_.address(), *agreed, protocol_);
      check_pins(*agreed);
      stream->keep_sessions();
      handshake_ = std::move(agreed);
      stream_ = std::move(stream);
    }
  } catch (const Error& error) {
    failure =
        error;  // the client's own certificates are of no use, a key is not pinned, or the agreement is none for it
  }
  if (listener != nullptr) {
    listener->secure_connect_end(*context_.call, attempt_, handshake_.get(), failure ? &*failure : nullptr);
  }
  if (failure.has_value()) throw *failure;
}

void DialPlan::check_pins(const Handshake& handshake) const {
  const Address& address = route_.address();
  const CertificatePinner& pinner = address.identity().pinner;
  if (pinner.is_empty()) return;
  std::span<const Certificate> chain = handshake.peer_certificates();
  // CVE-2016-2402: in a chain that nobody verified, the peer has proven the first key alone.
  if (!address.identity().tls.verifies_certificate_of(address.host()) && !chain.empty()) chain = chain.first(1);
  pinner.check(address.host(), chain);
}

ConnectResult DialPlan::failed(const Error& error, std::unique_ptr<ConnectPlan> next) {
  const bool is_over = error.errc() == Errc::canceled || error.errc() == Errc::timeout;
  if (!is_over && next == nullptr) settings_.store->routes().failed(route_);
  if (context_.listener != nullptr) {
    context_.listener->connect_failed(*context_.call, attempt_, route_.endpoint(), error);
  }
  return ConnectResult(error, std::move(next));
}

std::shared_ptr<Connection> DialPlan::handle_success() {
  std::shared_ptr<ConnectionCodec> codec = settings_.codecs->make(protocol_, std::move(stream_), route_);
  auto connection = std::make_shared<Connection>(route_, std::move(codec), handshake_, proxy_authorization_);
  if (connection->is_multiplexed() && unused_route_ != nullptr) {
    if (std::shared_ptr<Connection> other = settings_.store->acquire_shared(route_.address())) {
      *unused_route_ = route_;
      return other;
    }
  }
  settings_.store->add(connection, context_.now());
  return connection;
}

}  // namespace okhttp::internal

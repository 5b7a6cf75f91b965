#include "connection/plans.hpp"

#include <okhttp/event_listener.hpp>
#include <okhttp/handshake.hpp>

#include <string>
#include <utility>

#include "runtime/call_context.hpp"
#include "wire/tls_stream.hpp"

namespace okhttp::internal {
namespace {

Error connect_failure(const std::string& route, std::error_code system) {
  return Error(Errc::connect_failed, Blame::network, "connecting to " + route, system);
}

}  // namespace

DialPlan::DialPlan(CallContext& context, const ConnectionSettings& settings, Route route, std::uint32_t attempt,
                   std::optional<Route>* unused_route)
    : context_(context),
      settings_(settings),
      route_(std::move(route)),
      attempt_(attempt),
      protocol_(settings.codecs->in_clear_text(route_.address())),
      unused_route_(unused_route) {}

DialPlan::~DialPlan() = default;

Task<ConnectResult> DialPlan::connect_tcp() {
  if (context_.listener != nullptr) context_.listener->connect_start(*context_.call, attempt_, route_.endpoint());
  try {
    std::unique_ptr<Socket> socket = co_await dial();
    stream_ = std::move(socket);
  } catch (const Error& error) {
    co_return failed(error);
  }
  // One attempt's TLS takes at most what connecting and reading may take together.
  const Timeouts& timeouts = context_.timeouts;
  const bool is_bounded = timeouts.connect.count() > 0 && timeouts.read.count() > 0;
  if (is_bounded) secure_by_ = deadline_after(context_.engine().now(), timeouts.connect + timeouts.read);
  co_return ConnectResult();
}

Task<std::unique_ptr<Socket>> DialPlan::dial() {
  Engine& engine = context_.engine();
  const ConnectRequest request(route_.endpoint());
  std::error_code system;
  std::unique_ptr<Socket> socket = engine.begin_connect(request, system);
  if (socket == nullptr) throw connect_failure(route_.to_string(), system);
  Readiness connected(engine, context_.terms(context_.timeouts.connect), *socket, Interest::write);
  const WaitResult result = co_await connected;
  if (result != WaitResult::ready) {
    throw error_of(context_, result, Errc::connect_timeout, "connecting to " + route_.to_string());
  }
  system = socket->connect_result();
  if (system) throw connect_failure(route_.to_string(), system);
  co_return socket;
}

Task<ConnectResult> DialPlan::connect_tls_etc() {
  EventListener* const listener = context_.listener.get();
  try {
    if (route_.address().is_tls()) co_await secure();
  } catch (const Error& error) {
    stream_ = nullptr;
    co_return failed(error);
  }
  connected_ = true;
  settings_.store->routes().connected(route_);
  if (listener != nullptr) listener->connect_end(*context_.call, attempt_, route_.endpoint(), protocol_);
  co_return ConnectResult();
}

Task<void> DialPlan::secure() {
  EventListener* const listener = context_.listener.get();
  if (listener != nullptr) listener->secure_connect_start(*context_.call, attempt_);
  std::optional<Error> failure;
  try {
    const std::shared_ptr<const TlsContext> tls = settings_.tls->get();
    const std::vector<Protocol> offered = settings_.codecs->offered_to(route_.address());
    std::unique_ptr<TlsStream> stream = TlsStream::client(tls, std::move(stream_), route_.address().host(), offered);
    TlsHandshake shake_hands(context_.engine(), context_.terms_until(secure_by_), *stream);
    const IoResult result = co_await shake_hands;
    if (result.status == IoStatus::deadline || result.status == IoStatus::canceled) {
      failure = error_of(context_, result, Errc::read_timeout, "TLS handshake with " + route_.to_string(), *stream);
    } else if (!result.ok()) {
      failure = stream->handshake_error(result);
    } else {
      handshake_ = std::make_shared<const Handshake>(stream->handshake());
      protocol_ = stream->protocol().value_or(Protocol::http_1_1);
      stream_ = std::move(stream);
    }
  } catch (const Error& error) {
    failure = error;  // the client's own certificates or keys are of no use
  }
  if (listener != nullptr) {
    listener->secure_connect_end(*context_.call, attempt_, handshake_.get(), failure ? &*failure : nullptr);
  }
  if (failure.has_value()) throw *failure;
}

ConnectResult DialPlan::failed(const Error& error) {
  if (error.errc() != Errc::canceled && error.errc() != Errc::timeout) settings_.store->routes().failed(route_);
  if (context_.listener != nullptr) {
    context_.listener->connect_failed(*context_.call, attempt_, route_.endpoint(), error);
  }
  return ConnectResult(error);
}

std::shared_ptr<Connection> DialPlan::handle_success() {
  std::shared_ptr<ConnectionCodec> codec =
      settings_.codecs->make(protocol_, std::move(stream_), route_.address().to_string());
  auto connection = std::make_shared<Connection>(route_, std::move(codec), handshake_);
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

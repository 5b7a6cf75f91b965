#include <okhttp/client.hpp>
#include <okhttp/connection_spec.hpp>
#include <okhttp/content_coding.hpp>
#include <okhttp/cookie_jar.hpp>
#include <okhttp/hostname_verifier.hpp>
#include <okhttp/tls.hpp>

#include <algorithm>
#include <chrono>
#include <limits>
#include <optional>
#include <stdexcept>
#include <utility>

#include "call/call_state.hpp"
#include "call/client_handle.hpp"
#include "call/dispatch_queue.hpp"
#include "call/settings_checks.hpp"
#include "interceptors/bridge_interceptor.hpp"
#include "interceptors/cache_interceptor.hpp"
#include "interceptors/call_server_interceptor.hpp"
#include "interceptors/connect_interceptor.hpp"
#include "interceptors/retry_and_follow_up_interceptor.hpp"
#include "runtime/pooled.hpp"

namespace okhttp {

using internal::ClientCore;
using internal::ClientFamily;
using internal::ClientHandle;

namespace internal {

/// What a builder collects.
struct ClientSettings {
  Timeouts timeouts;
  FollowUpPolicy follow_ups;
  std::vector<std::shared_ptr<Interceptor>> interceptors;
  std::vector<std::shared_ptr<Interceptor>> network_interceptors;
  std::vector<Protocol> protocols{Protocol::http_2, Protocol::http_1_1};
  std::size_t max_http2_connections = ConnectionSettings::kDefaultHttp2Connections;
  std::size_t max_connections_per_host = 0;
  Timeouts::Duration ping_interval = Timeouts::Duration::zero();
  EventListener::Factory listener_factory;
  std::shared_ptr<Dns> dns = Dns::system_cached();
  TlsConfig tls;
  std::vector<ConnectionSpec> specs{ConnectionSpec::modern_tls(), ConnectionSpec::cleartext()};
  std::shared_ptr<HostnameVerifier> hostname_verifier = HostnameVerifier::default_rules();
  std::shared_ptr<const std::function<bool(const std::string&)>> cleartext_policy;
  CertificatePinner pinner;
  std::optional<Proxy> proxy;
  std::shared_ptr<ProxySelector> proxy_selector = ProxySelector::environment();
  std::shared_ptr<Authenticator> proxy_authenticator = Authenticator::none();
  std::shared_ptr<CookieJar> cookie_jar = CookieJar::none();
  ContentCodings content_codings;
  std::shared_ptr<AddressPolicy> address_policy;
  SocketSettings sockets;
  bool fast_fallback = true;
  std::optional<ConnectionPool> pool;
  std::optional<Dispatcher> dispatcher;
  std::optional<Cache> cache;
  bool collapses_requests = false;

  // Shared by the family; null in a builder of a first client.
  std::shared_ptr<ClientFamily> family;
  std::shared_ptr<LoopProvider> loops;
  std::shared_ptr<DnsLookups> lookups;          // of an equal Dns
  std::shared_ptr<LazyTlsContext> tls_context;  // of an equal TlsConfig
};

void ClientAccess::make_independent(Client::Builder& builder) noexcept {
  ClientSettings& settings = *builder.settings_;
  settings.pool.reset();
  settings.dispatcher.reset();
  settings.family = nullptr;
  settings.loops = nullptr;
  settings.lookups = nullptr;
}

ClientFamily::~ClientFamily() {
  for (const Dispatcher& dispatcher : dispatchers_) {
    const DispatchQueue& queue = *DispatcherAccess::queue(dispatcher);
    const auto cancel_own = [this](const DispatchQueue::Calls& calls) {
      for (const auto& listed : calls) {
        auto& call = static_cast<CallState&>(*listed);
        if (call.core().loops == loops_) call.end_with_client();
      }
    };
    // First what waits, so that it is not run for nothing.
    cancel_own(queue.queued());
    cancel_own(queue.running());
  }
}

void ClientFamily::watch(const Dispatcher& dispatcher, std::shared_ptr<LoopProvider> loops) {
  const std::lock_guard lock(mutex_);
  loops_ = std::move(loops);
  const auto& queue = DispatcherAccess::queue(dispatcher);
  const bool known = std::any_of(dispatchers_.begin(), dispatchers_.end(),
                                 [&](const Dispatcher& other) { return DispatcherAccess::queue(other) == queue; });
  if (!known) dispatchers_.push_back(dispatcher);
}

namespace {

/// Where names are resolved: getaddrinfo may hang for long, so there is room for several.
constexpr std::size_t kMaxLookupThreads = 16;
constexpr std::chrono::seconds kLookupThreadIdle(10);

void check_protocols(const std::vector<Protocol>& protocols) {
  const auto contains = [&](Protocol protocol) {
    return std::find(protocols.begin(), protocols.end(), protocol) != protocols.end();
  };
  if (contains(Protocol::h2_prior_knowledge)) {
    if (protocols.size() != 1) {
      throw std::invalid_argument("Client: h2_prior_knowledge excludes every other protocol");
    }
    return;
  }
  if (contains(Protocol::http_1_0)) throw std::invalid_argument("Client: http/1.0 is not spoken, only understood");
  if (!contains(Protocol::http_1_1)) throw std::invalid_argument("Client: the protocols must contain http/1.1");
}

void check_timeout(Timeouts::Duration timeout, const char* name) {
  if (timeout < Timeouts::Duration::zero()) {
    throw std::invalid_argument(std::string("Client: ") + name + " must not be below 0");
  }
}

/// Has `core` renew what is stored: makes a call that nobody waits for, and reads its response to the end.
void refresh_in_background(const std::shared_ptr<const ClientCore>& core, Request request,
                           const std::shared_ptr<void>& mark) {
  if (core == nullptr) return;  // the client is gone
  const Call call = CallAccess::make(make_pooled<CallState>(core, std::move(request)));
  call.enqueue([mark](const Call&, const Result<Response>& result) {
    if (!result.has_value()) return;
    try {
      result.value().body().skip(std::numeric_limits<std::uint64_t>::max());
    } catch (const Error&) {
      // What is stored stays as it was.
    }
  });
}

/// The stages that follow the application's interceptors; `cache` is null when there is none.
void add_stages_of_http(ClientCore& core, std::shared_ptr<Stage> cache) {
  // With make_core(), the one place where the order of stages is decided.
  Stages& chain = core.stages;
  chain.push_back(std::make_shared<RetryAndFollowUpInterceptor>(core.follow_ups));
  chain.push_back(std::make_shared<BridgeInterceptor>(core.cookie_jar != CookieJar::none() ? core.cookie_jar : nullptr,
                                                      core.content_codings));
  chain.push_back(std::make_shared<CachePlace>(std::move(cache)));
  chain.push_back(std::make_shared<ConnectInterceptor>());
  for (const auto& one : core.network_interceptors) chain.push_back(make_stage(one, InterceptorKind::network));
  chain.push_back(std::make_shared<CallServerInterceptor>());
}

}  // namespace

CacheStage make_cache_stage(const ClientCore& core, const Cache& cache) {
  const auto background = std::make_shared<ClientCore>(core);
  background->cache = cache;
  background->background = nullptr;
  background->stages.clear();
  background->interceptors.clear();
  background->listener_factory = nullptr;
  background->follow_ups.follow_redirects = false;
  CacheStageSettings settings(
      CacheAccess::core(cache), core.follow_ups,
      [weak = std::weak_ptr<const ClientCore>(background)](Request request, const std::shared_ptr<void>& mark) {
        refresh_in_background(weak.lock(), std::move(request), mark);
      });
  settings.collapses = core.collapses_requests;
  auto stage = std::make_shared<CacheInterceptor>(std::move(settings));
  add_stages_of_http(*background, stage);
  return CacheStage(std::move(stage), background);
}

namespace {

std::shared_ptr<const ClientCore> make_core(const ClientSettings& from, const ConnectionPool& pool,
                                            const Dispatcher& dispatcher, std::shared_ptr<LoopProvider> loops,
                                            std::shared_ptr<DnsLookups> lookups, std::shared_ptr<LazyTlsContext> tls) {
  auto core = std::make_shared<ClientCore>(pool, dispatcher);
  core->timeouts = from.timeouts;
  core->follow_ups = from.follow_ups;
  core->protocols = from.protocols;
  core->ping_interval = from.ping_interval;
  core->cookie_jar = from.cookie_jar;
  core->content_codings = from.content_codings;
  core->listener_factory = from.listener_factory;
  core->loops = std::move(loops);
  const auto& store = PoolAccess::store(pool);
  store->keep_house_on(core->loops);
  ConnectionIdentity who(from.dns, from.protocols, from.tls);
  who.specs = from.specs;
  who.hostname_verifier = from.hostname_verifier;
  who.cleartext_policy = from.cleartext_policy;
  who.pinner = from.pinner;
  who.proxy = from.proxy;
  who.proxy_selector = from.proxy_selector;
  who.proxy_authenticator = from.proxy_authenticator;
  who.address_policy = from.address_policy;
  who.sockets = from.sockets;
  auto identity = store->addresses().intern(std::move(who));
  auto connections =
      std::make_shared<ConnectionSettings>(store, std::move(identity), std::move(tls), std::move(lookups));
  connections->proxy_tls = proxy_context(connections->tls);
  connections->codecs = std::make_shared<const StandardCodecs>(from.ping_interval, core->loops);
  connections->max_http2_connections = from.max_http2_connections;
  connections->max_connections_per_host = from.max_connections_per_host;
  connections->fast_fallback = from.fast_fallback;
  core->connections = std::move(connections);

  core->interceptors = from.interceptors;
  core->network_interceptors = from.network_interceptors;

  core->cache = from.cache;
  core->collapses_requests = from.collapses_requests;

  // With add_stages_of_http(), the one place where the order of stages is decided.
  std::shared_ptr<Stage> cache;
  if (core->cache.has_value()) {
    CacheStage made = make_cache_stage(*core, *core->cache);
    cache = std::move(made.stage);
    core->background = std::move(made.background);
  }
  for (const auto& one : core->interceptors) core->stages.push_back(make_stage(one, InterceptorKind::application));
  add_stages_of_http(*core, std::move(cache));
  return core;
}

}  // namespace
}  // namespace internal

Client::Client() : Client(Builder().build()) {}

Client::Client(std::shared_ptr<ClientHandle> handle) noexcept : handle_(std::move(handle)) {}

Call Client::new_call(Request request) const {
  return internal::CallAccess::make(internal::make_pooled<internal::CallState>(handle_->core(), std::move(request)));
}

Response Client::execute(Request request) const { return new_call(std::move(request)).execute(); }
Response Client::get(std::string_view url) const { return execute(Request::get(url)); }
Response Client::head(std::string_view url) const { return execute(Request::head(url)); }
Response Client::post(std::string_view url, RequestBodyPtr body) const {
  return execute(Request::post(url, std::move(body)));
}
Response Client::put(std::string_view url, RequestBodyPtr body) const {
  return execute(Request::put(url, std::move(body)));
}
Response Client::patch(std::string_view url, RequestBodyPtr body) const {
  return execute(Request::patch(url, std::move(body)));
}
Response Client::delete_(std::string_view url) const { return execute(Request::delete_(url)); }

const ConnectionPool& Client::connection_pool() const noexcept { return handle_->core()->pool; }
const Dispatcher& Client::dispatcher() const noexcept { return handle_->core()->dispatcher; }
const std::optional<Cache>& Client::cache() const noexcept { return handle_->core()->cache; }
const Timeouts& Client::timeouts() const noexcept { return handle_->core()->timeouts; }
const std::vector<Protocol>& Client::protocols() const noexcept { return handle_->core()->protocols; }
std::size_t Client::max_http2_connections() const noexcept {
  return handle_->core()->connections->max_http2_connections;
}
std::size_t Client::max_connections_per_host() const noexcept {
  return handle_->core()->connections->max_connections_per_host;
}
Timeouts::Duration Client::ping_interval() const noexcept { return handle_->core()->ping_interval; }
const std::optional<Proxy>& Client::proxy() const noexcept { return handle_->core()->connections->identity->proxy; }
const std::shared_ptr<ProxySelector>& Client::proxy_selector() const noexcept {
  return handle_->core()->connections->identity->proxy_selector;
}
const std::shared_ptr<Authenticator>& Client::proxy_authenticator() const noexcept {
  return handle_->core()->connections->identity->proxy_authenticator;
}
const std::shared_ptr<Authenticator>& Client::authenticator() const noexcept {
  return handle_->core()->follow_ups.authenticator;
}
const std::vector<ConnectionSpec>& Client::connection_specs() const noexcept {
  return handle_->core()->connections->identity->specs;
}
const std::shared_ptr<HostnameVerifier>& Client::hostname_verifier() const noexcept {
  return handle_->core()->connections->identity->hostname_verifier;
}
const CertificatePinner& Client::certificate_pinner() const noexcept {
  return handle_->core()->connections->identity->pinner;
}
const std::shared_ptr<CookieJar>& Client::cookie_jar() const noexcept { return handle_->core()->cookie_jar; }
const std::vector<std::shared_ptr<const ContentCoding>>& Client::content_codings() const noexcept {
  return handle_->core()->content_codings;
}
bool Client::fast_fallback() const noexcept { return handle_->core()->connections->fast_fallback; }
bool Client::follow_redirects() const noexcept { return handle_->core()->follow_ups.follow_redirects; }
bool Client::follow_ssl_redirects() const noexcept { return handle_->core()->follow_ups.follow_ssl_redirects; }
bool Client::retry_on_connection_failure() const noexcept {
  return handle_->core()->follow_ups.retry_on_connection_failure;
}

Client::Builder Client::new_builder() const {
  const ClientCore& core = *handle_->core();
  Builder builder;
  internal::ClientSettings& settings = *builder.settings_;
  settings.timeouts = core.timeouts;
  settings.follow_ups = core.follow_ups;
  settings.interceptors = core.interceptors;
  settings.network_interceptors = core.network_interceptors;
  settings.protocols = core.protocols;
  settings.max_http2_connections = core.connections->max_http2_connections;
  settings.max_connections_per_host = core.connections->max_connections_per_host;
  settings.ping_interval = core.ping_interval;
  settings.cookie_jar = core.cookie_jar;
  settings.content_codings = core.content_codings;
  settings.listener_factory = core.listener_factory;
  settings.dns = core.connections->identity->dns;
  settings.tls = core.connections->identity->tls;
  settings.specs = core.connections->identity->specs;
  settings.hostname_verifier = core.connections->identity->hostname_verifier;
  settings.cleartext_policy = core.connections->identity->cleartext_policy;
  settings.pinner = core.connections->identity->pinner;
  settings.proxy = core.connections->identity->proxy;
  settings.proxy_selector = core.connections->identity->proxy_selector;
  settings.proxy_authenticator = core.connections->identity->proxy_authenticator;
  settings.address_policy = core.connections->identity->address_policy;
  settings.sockets = core.connections->identity->sockets;
  settings.fast_fallback = core.connections->fast_fallback;
  settings.pool = core.pool;
  settings.dispatcher = core.dispatcher;
  settings.cache = core.cache;
  settings.collapses_requests = core.collapses_requests;
  settings.family = handle_->family();
  settings.loops = core.loops;
  settings.lookups = core.connections->lookups;
  settings.tls_context = core.connections->tls;
  return builder;
}

Client::Builder::Builder() : settings_(std::make_unique<internal::ClientSettings>()) {}
Client::Builder::Builder(const Builder& other)
    : settings_(std::make_unique<internal::ClientSettings>(*other.settings_)) {}
Client::Builder::Builder(Builder&&) noexcept = default;
Client::Builder& Client::Builder::operator=(const Builder& other) {
  if (this != &other) *settings_ = *other.settings_;
  return *this;
}
Client::Builder& Client::Builder::operator=(Builder&&) noexcept = default;
Client::Builder::~Builder() = default;

Client::Builder& Client::Builder::add_interceptor(std::shared_ptr<Interceptor> interceptor) {
  if (interceptor == nullptr) throw std::invalid_argument("Client: the interceptor is null");
  settings_->interceptors.push_back(std::move(interceptor));
  return *this;
}

Client::Builder& Client::Builder::add_network_interceptor(std::shared_ptr<Interceptor> interceptor) {
  if (interceptor == nullptr) throw std::invalid_argument("Client: the network interceptor is null");
  settings_->network_interceptors.push_back(std::move(interceptor));
  return *this;
}

Client::Builder& Client::Builder::connect_timeout(Timeouts::Duration timeout) {
  internal::check_timeout(timeout, "connect_timeout");
  settings_->timeouts.connect = timeout;
  return *this;
}

Client::Builder& Client::Builder::read_timeout(Timeouts::Duration timeout) {
  internal::check_timeout(timeout, "read_timeout");
  settings_->timeouts.read = timeout;
  return *this;
}

Client::Builder& Client::Builder::write_timeout(Timeouts::Duration timeout) {
  internal::check_timeout(timeout, "write_timeout");
  settings_->timeouts.write = timeout;
  return *this;
}

Client::Builder& Client::Builder::call_timeout(Timeouts::Duration timeout) {
  internal::check_timeout(timeout, "call_timeout");
  settings_->timeouts.call = timeout;
  return *this;
}

Client::Builder& Client::Builder::fast_fallback(bool race) {
  settings_->fast_fallback = race;
  return *this;
}

Client::Builder& Client::Builder::follow_redirects(bool follow) {
  settings_->follow_ups.follow_redirects = follow;
  return *this;
}

Client::Builder& Client::Builder::follow_ssl_redirects(bool follow) {
  settings_->follow_ups.follow_ssl_redirects = follow;
  return *this;
}

Client::Builder& Client::Builder::retry_on_connection_failure(bool retry) {
  settings_->follow_ups.retry_on_connection_failure = retry;
  return *this;
}

Client::Builder& Client::Builder::sensitive_headers(std::vector<std::string> names) {
  settings_->follow_ups.sensitive_headers = std::move(names);
  return *this;
}

Client::Builder& Client::Builder::protocols(std::vector<Protocol> protocols) {
  settings_->protocols = std::move(protocols);
  return *this;
}

Client::Builder& Client::Builder::max_http2_connections(std::size_t per_server) {
  if (per_server == 0) throw std::invalid_argument("Client: max_http2_connections must be above 0");
  settings_->max_http2_connections = per_server;
  return *this;
}

Client::Builder& Client::Builder::max_connections_per_host(std::size_t count) {
  settings_->max_connections_per_host = count;
  return *this;
}

Client::Builder& Client::Builder::ping_interval(Timeouts::Duration interval) {
  internal::check_timeout(interval, "ping_interval");
  settings_->ping_interval = interval;
  return *this;
}

Client::Builder& Client::Builder::connection_pool(ConnectionPool pool) {
  settings_->pool = std::move(pool);
  return *this;
}

Client::Builder& Client::Builder::dispatcher(Dispatcher dispatcher) {
  settings_->dispatcher = std::move(dispatcher);
  return *this;
}

Client::Builder& Client::Builder::cache(std::optional<Cache> cache) {
  settings_->cache = std::move(cache);
  return *this;
}

Client::Builder& Client::Builder::collapse_requests(bool collapse) {
  settings_->collapses_requests = collapse;
  return *this;
}

Client::Builder& Client::Builder::dns(std::shared_ptr<Dns> dns) {
  if (dns == nullptr) throw std::invalid_argument("Client: the Dns is null");
  // Threads of its own: a Dns that makes calls must not wait for those whose lookups it is serving.
  if (dns != settings_->dns) settings_->lookups = nullptr;
  settings_->dns = std::move(dns);
  return *this;
}

Client::Builder& Client::Builder::proxy(std::optional<Proxy> proxy) {
  settings_->proxy = std::move(proxy);
  return *this;
}

Client::Builder& Client::Builder::proxy_selector(std::shared_ptr<ProxySelector> selector) {
  if (selector == nullptr) throw std::invalid_argument("Client: the proxy selector is null");
  settings_->proxy_selector = std::move(selector);
  return *this;
}

Client::Builder& Client::Builder::proxy_authenticator(std::shared_ptr<Authenticator> authenticator) {
  if (authenticator == nullptr) throw std::invalid_argument("Client: the proxy authenticator is null");
  settings_->proxy_authenticator = std::move(authenticator);
  return *this;
}

Client::Builder& Client::Builder::authenticator(std::shared_ptr<Authenticator> authenticator) {
  if (authenticator == nullptr) throw std::invalid_argument("Client: the authenticator is null");
  settings_->follow_ups.authenticator = std::move(authenticator);
  return *this;
}

Client::Builder& Client::Builder::cookie_jar(std::shared_ptr<CookieJar> jar) {
  if (jar == nullptr) throw std::invalid_argument("Client: the cookie jar is null");
  settings_->cookie_jar = std::move(jar);
  return *this;
}

Client::Builder& Client::Builder::add_content_coding(std::shared_ptr<const ContentCoding> coding) {
  internal::check_content_coding(coding.get());
  settings_->content_codings.push_back(std::move(coding));
  return *this;
}

Client::Builder& Client::Builder::address_policy(std::shared_ptr<AddressPolicy> policy) {
  settings_->address_policy = std::move(policy);
  return *this;
}

Client::Builder& Client::Builder::unix_socket(std::string path) {
  internal::check_unix_path(path);
  settings_->sockets.unix_path = std::move(path);
  return *this;
}

Client::Builder& Client::Builder::local_address(std::optional<IpAddress> address) {
  settings_->sockets.local_address = address;
  return *this;
}

Client::Builder& Client::Builder::local_interface(std::string name) {
  settings_->sockets.local_interface = std::move(name);
  return *this;
}

Client::Builder& Client::Builder::socket_options(std::function<void(int descriptor)> set) {
  using Function = const std::function<void(int)>;
  settings_->sockets.configure = set != nullptr ? std::make_shared<Function>(std::move(set)) : nullptr;
  return *this;
}

Client::Builder& Client::Builder::handshake_certificates(HandshakeCertificates certificates) {
  if (!(certificates == settings_->tls)) settings_->tls_context = nullptr;
  settings_->tls = std::move(certificates);
  return *this;
}

Client::Builder& Client::Builder::tls(HandshakeCertificates certificates) {
  return handshake_certificates(std::move(certificates));
}

Client::Builder& Client::Builder::connection_specs(std::vector<ConnectionSpec> specs) {
  if (specs.empty()) throw std::invalid_argument("Client: there is no connection spec");
  settings_->specs = std::move(specs);
  return *this;
}

Client::Builder& Client::Builder::cleartext_policy(std::function<bool(const std::string& host)> permits) {
  using Function = const std::function<bool(const std::string&)>;
  settings_->cleartext_policy = permits != nullptr ? std::make_shared<Function>(std::move(permits)) : nullptr;
  return *this;
}

Client::Builder& Client::Builder::hostname_verifier(std::shared_ptr<HostnameVerifier> verifier) {
  if (verifier == nullptr) throw std::invalid_argument("Client: the host name verifier is null");
  settings_->hostname_verifier = std::move(verifier);
  return *this;
}

Client::Builder& Client::Builder::certificate_pinner(CertificatePinner pinner) {
  settings_->pinner = std::move(pinner);
  return *this;
}

Client::Builder& Client::Builder::event_listener_factory(EventListener::Factory factory) {
  settings_->listener_factory = std::move(factory);
  return *this;
}

Client::Builder& Client::Builder::event_listener(std::shared_ptr<EventListener> listener) {
  settings_->listener_factory = [listener = std::move(listener)](const Call&) { return listener; };
  return *this;
}

Client Client::Builder::build() const {
  const internal::ClientSettings& from = *settings_;
  internal::check_protocols(from.protocols);
  internal::check_unix_socket(from.sockets, from.proxy);
  auto family = from.family != nullptr ? from.family : std::make_shared<ClientFamily>();
  auto loops = from.loops != nullptr ? from.loops : std::make_shared<internal::LoopProvider>("okhttp loop");
  auto lookups = from.lookups != nullptr ? from.lookups
                                         : std::make_shared<internal::DnsLookups>(
                                               "okhttp dns", internal::kMaxLookupThreads, internal::kLookupThreadIdle);
  auto tls = from.tls_context != nullptr ? from.tls_context : std::make_shared<internal::LazyTlsContext>(from.tls);
  const ConnectionPool pool = from.pool.has_value() ? *from.pool : ConnectionPool();
  const Dispatcher dispatcher = from.dispatcher.has_value() ? *from.dispatcher : Dispatcher();
  loops->refuse_if_inherited();
  if (internal::PoolAccess::store(pool)->is_inherited() ||
      internal::DispatcherAccess::queue(dispatcher)->is_inherited()) {
    throw std::logic_error("Client: the pool or dispatcher was made before this process was forked");
  }
  family->watch(dispatcher, loops);
  auto core = internal::make_core(from, pool, dispatcher, std::move(loops), std::move(lookups), std::move(tls));
  return Client(std::make_shared<ClientHandle>(std::move(core), std::move(family)));
}

}  // namespace okhttp

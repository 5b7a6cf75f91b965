// What an application interceptor may set for its call instead of the client's: Client::Builder's setters, on a Chain.
// A new setting of the client's gets its override here, in the group that it belongs to.

#include <okhttp/cache.hpp>
#include <okhttp/client.hpp>
#include <okhttp/connection_spec.hpp>
#include <okhttp/cookie_jar.hpp>
#include <okhttp/hostname_verifier.hpp>
#include <okhttp/interceptor.hpp>
#include <okhttp/tls.hpp>

#include <stdexcept>
#include <utility>

#include "cache/cache_core.hpp"
#include "call/call_state.hpp"
#include "call/settings_checks.hpp"

namespace okhttp {
namespace internal {
namespace {

/// A Dns that makes calls must not wait for those whose lookups it is serving, so each has threads of its own.
constexpr std::size_t kLookupThreadsOfACall = 2;
constexpr std::chrono::seconds kIdleOfThoseThreads(1);

/// Changes what the connections of the call are made with.
template <class Change>
void change_connections(const Chain& chain, const char* setter, Change change) {
  Transmission& transmission = ChainAccess::to_override(chain, setter).transmission;
  auto settings = std::make_shared<ConnectionSettings>(transmission.settings());
  ConnectionIdentity who = *settings->identity;
  change(*settings, who);
  check_unix_socket(who.sockets, who.proxy);
  settings->identity = settings->store->addresses().intern(std::move(who));
  transmission.use(std::move(settings));
}

/// Changes whom the connections of the call talk to, or what they prove.
template <class Change>
void change_identity(const Chain& chain, const char* setter, Change change) {
  change_connections(chain, setter, [&change](ConnectionSettings&, ConnectionIdentity& who) { change(who); });
}

FollowUpPolicy& follow_ups(const Chain& chain, const char* setter) {
  ChainRun& run = ChainAccess::to_override(chain, setter);
  std::optional<FollowUpPolicy>& of_call = run.overrides.follow_ups;
  if (!of_call.has_value()) of_call = CallAccess::state(chain.call())->core().follow_ups;
  return *of_call;
}

template <class T>
void require(const std::shared_ptr<T>& object, const char* what) {
  if (object == nullptr) throw std::invalid_argument(std::string("Chain: the ") + what + " is null");
}

}  // namespace
}  // namespace internal

using internal::change_connections;
using internal::change_identity;
using internal::ConnectionIdentity;
using internal::ConnectionSettings;

// Where connections come from.

void Chain::set_connection_pool(const ConnectionPool& pool) {
  change_connections(*this, "set_connection_pool", [&](ConnectionSettings& settings, ConnectionIdentity&) {
    settings.store = internal::PoolAccess::store(pool);
    if (settings.store->is_inherited()) {
      throw std::logic_error("Chain: the pool was made before this process was forked");
    }
    settings.store->keep_house_on(internal::CallAccess::state(call())->core().loops);
  });
}

void Chain::set_fast_fallback(bool race) {
  change_connections(*this, "set_fast_fallback",
                     [&](ConnectionSettings& settings, ConnectionIdentity&) { settings.fast_fallback = race; });
}

// Where they lead.

void Chain::set_dns(std::shared_ptr<Dns> dns) {
  internal::require(dns, "Dns");
  change_connections(*this, "set_dns", [&](ConnectionSettings& settings, ConnectionIdentity& who) {
    if (who.dns == dns) return;
    settings.lookups = std::make_shared<internal::DnsLookups>("okhttp dns", internal::kLookupThreadsOfACall,
                                                              internal::kIdleOfThoseThreads);
    who.dns = std::move(dns);
  });
}

void Chain::set_proxy(std::optional<Proxy> proxy) {
  change_identity(*this, "set_proxy", [&](ConnectionIdentity& who) { who.proxy = std::move(proxy); });
}

void Chain::set_proxy_selector(std::shared_ptr<ProxySelector> selector) {
  internal::require(selector, "proxy selector");
  change_identity(*this, "set_proxy_selector",
                  [&](ConnectionIdentity& who) { who.proxy_selector = std::move(selector); });
}

void Chain::set_proxy_authenticator(std::shared_ptr<Authenticator> authenticator) {
  internal::require(authenticator, "proxy authenticator");
  change_identity(*this, "set_proxy_authenticator",
                  [&](ConnectionIdentity& who) { who.proxy_authenticator = std::move(authenticator); });
}

void Chain::set_address_policy(std::shared_ptr<AddressPolicy> policy) {
  change_identity(*this, "set_address_policy",
                  [&](ConnectionIdentity& who) { who.address_policy = std::move(policy); });
}

void Chain::set_unix_socket(std::string path) {
  internal::check_unix_path(path);
  change_identity(*this, "set_unix_socket", [&](ConnectionIdentity& who) { who.sockets.unix_path = std::move(path); });
}

void Chain::set_local_address(std::optional<IpAddress> address) {
  change_identity(*this, "set_local_address", [&](ConnectionIdentity& who) { who.sockets.local_address = address; });
}

void Chain::set_local_interface(std::string name) {
  change_identity(*this, "set_local_interface",
                  [&](ConnectionIdentity& who) { who.sockets.local_interface = std::move(name); });
}

void Chain::set_socket_options(std::function<void(int descriptor)> set) {
  using Function = const std::function<void(int)>;
  change_identity(*this, "set_socket_options", [&](ConnectionIdentity& who) {
    who.sockets.configure = set != nullptr ? std::make_shared<Function>(std::move(set)) : nullptr;
  });
}

// What they prove.

void Chain::set_handshake_certificates(HandshakeCertificates certificates) {
  change_connections(*this, "set_handshake_certificates", [&](ConnectionSettings& settings, ConnectionIdentity& who) {
    if (who.tls == certificates) return;
    settings.tls = std::make_shared<internal::LazyTlsContext>(certificates);
    settings.proxy_tls = internal::proxy_context(settings.tls);
    who.tls = std::move(certificates);
  });
}

void Chain::set_connection_specs(std::vector<ConnectionSpec> specs) {
  if (specs.empty()) throw std::invalid_argument("Chain: there is no connection spec");
  change_identity(*this, "set_connection_specs", [&](ConnectionIdentity& who) { who.specs = std::move(specs); });
}

void Chain::set_cleartext_policy(std::function<bool(const std::string& host)> permits) {
  using Function = const std::function<bool(const std::string&)>;
  change_identity(*this, "set_cleartext_policy", [&](ConnectionIdentity& who) {
    who.cleartext_policy = permits != nullptr ? std::make_shared<Function>(std::move(permits)) : nullptr;
  });
}

void Chain::set_hostname_verifier(std::shared_ptr<HostnameVerifier> verifier) {
  internal::require(verifier, "host name verifier");
  change_identity(*this, "set_hostname_verifier",
                  [&](ConnectionIdentity& who) { who.hostname_verifier = std::move(verifier); });
}

void Chain::set_certificate_pinner(CertificatePinner pinner) {
  change_identity(*this, "set_certificate_pinner", [&](ConnectionIdentity& who) { who.pinner = std::move(pinner); });
}

// What is kept.

void Chain::set_cookie_jar(std::shared_ptr<CookieJar> jar) {
  internal::require(jar, "cookie jar");
  internal::ChainRun& run = internal::ChainAccess::to_override(*this, "set_cookie_jar");
  run.overrides.cookie_jar = jar != CookieJar::none() ? std::move(jar) : nullptr;
}

void Chain::set_cache(const std::optional<Cache>& cache) {
  internal::ChainRun& run = internal::ChainAccess::to_override(*this, "set_cache");
  run.overrides.cache.emplace();
  if (!cache.has_value()) return;
  const internal::ClientCore& core = internal::CallAccess::state(call())->core();
  // The client's own stage is made once.
  if (core.cache.has_value() && internal::CacheAccess::core(*core.cache) == internal::CacheAccess::core(*cache)) {
    run.overrides.cache.reset();
    return;
  }
  const auto made = std::make_shared<internal::CacheStage>(internal::make_cache_stage(core, *cache));
  *run.overrides.cache = std::shared_ptr<internal::Stage>(made, made->stage.get());
}

// What is done after an answer or a failure.

void Chain::set_authenticator(std::shared_ptr<Authenticator> authenticator) {
  internal::require(authenticator, "authenticator");
  internal::follow_ups(*this, "set_authenticator").authenticator = std::move(authenticator);
}

void Chain::set_follow_redirects(bool follow) {
  internal::follow_ups(*this, "set_follow_redirects").follow_redirects = follow;
}

void Chain::set_follow_ssl_redirects(bool follow) {
  internal::follow_ups(*this, "set_follow_ssl_redirects").follow_ssl_redirects = follow;
}

void Chain::set_retry_on_connection_failure(bool retry) {
  internal::follow_ups(*this, "set_retry_on_connection_failure").retry_on_connection_failure = retry;
}

void Chain::set_sensitive_headers(std::vector<std::string> names) {
  internal::follow_ups(*this, "set_sensitive_headers").sensitive_headers = std::move(names);
}

}  // namespace okhttp

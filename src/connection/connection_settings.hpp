#pragma once

#include <cstddef>
#include <memory>
#include <utility>

#include "connection/codec_factory.hpp"
#include "connection/connection_store.hpp"
#include "route/address.hpp"
#include "route/dns_lookups.hpp"
#include "wire/tls_context.hpp"

namespace okhttp::internal {

/// What a client's connections are made with. Shared by its calls; immutable.
struct ConnectionSettings {
  ConnectionSettings(std::shared_ptr<ConnectionStore> pool, std::shared_ptr<const ConnectionIdentity> who,
                     std::shared_ptr<LazyTlsContext> tls_context, std::shared_ptr<DnsLookups> of_names)
      : store(std::move(pool)),
        identity(std::move(who)),
        tls(std::move(tls_context)),
        proxy_tls(tls),
        lookups(std::move(of_names)) {}

  std::shared_ptr<ConnectionStore> store;
  std::shared_ptr<const ConnectionIdentity> identity;
  std::shared_ptr<LazyTlsContext> tls;
  /// For TLS to a proxy itself, which has no business with the certificate that is for servers.
  std::shared_ptr<LazyTlsContext> proxy_tls;
  std::shared_ptr<DnsLookups> lookups;
  std::shared_ptr<const CodecFactory> codecs = std::make_shared<const StandardCodecs>();
  /// How many HTTP/2 connections there may be to one address.
  std::size_t max_http2_connections = kDefaultHttp2Connections;
  /// How many connections there may be to one address, whatever is spoken on them; 0 is any number.
  std::size_t max_connections_per_host = 0;

  /// Whether several routes race to connect (RFC 8305), instead of one being tried after another.
  bool fast_fallback = true;

  static constexpr std::size_t kDefaultHttp2Connections = 4;
};

}  // namespace okhttp::internal

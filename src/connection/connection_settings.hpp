#pragma once

#include <cstddef>
#include <memory>
#include <utility>

#include "connection/codec_factory.hpp"
#include "connection/connection_store.hpp"
#include "route/address.hpp"
#include "runtime/thread_pool.hpp"
#include "wire/tls_context.hpp"

namespace okhttp::internal {

/// What a client's connections are made with. Shared by its calls; immutable.
struct ConnectionSettings {
  ConnectionSettings(std::shared_ptr<ConnectionStore> pool, std::shared_ptr<const ConnectionIdentity> who,
                     std::shared_ptr<LazyTlsContext> tls_context, std::shared_ptr<ThreadPool> lookup_threads)
      : store(std::move(pool)),
        identity(std::move(who)),
        tls(std::move(tls_context)),
        lookups(std::move(lookup_threads)) {}

  std::shared_ptr<ConnectionStore> store;
  std::shared_ptr<const ConnectionIdentity> identity;
  std::shared_ptr<LazyTlsContext> tls;
  std::shared_ptr<ThreadPool> lookups;  ///< where Dns::lookup runs
  std::shared_ptr<const CodecFactory> codecs = std::make_shared<const StandardCodecs>();
  /// How many HTTP/2 connections there may be to one address.
  std::size_t max_http2_connections = kDefaultHttp2Connections;

  static constexpr std::size_t kDefaultHttp2Connections = 4;
};

}  // namespace okhttp::internal

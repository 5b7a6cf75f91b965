#pragma once

#include <okhttp/connection_info.hpp>

#include <atomic>
#include <cstdint>
#include <memory>

#include "codec/http1/http1_codec.hpp"
#include "route/route.hpp"
#include "runtime/intrusive_list.hpp"
#include "runtime/stream.hpp"

namespace okhttp::internal {

/// A connected stream and the codec that speaks on it.
///
/// Owned by the exchange that uses it or by the pool, where it lies idle. One holder at a time and no lock: only
/// no_new_exchanges() is for any thread, because the pool may retire a connection in use.
class Connection final {
 public:
  Connection(Route route, std::unique_ptr<Stream> stream, std::shared_ptr<const Handshake> handshake);

  [[nodiscard]] const Route& route() const noexcept { return route_; }
  [[nodiscard]] const ConnectionInfo& info() const noexcept { return *info_; }
  /// The same for who needs it longer than the connection.
  [[nodiscard]] const std::shared_ptr<const ConnectionInfo>& shared_info() const noexcept { return info_; }
  [[nodiscard]] Stream& stream() noexcept { return *stream_; }
  [[nodiscard]] Http1Codec& codec() noexcept { return codec_; }

  /// True once this connection takes no further exchange; final.
  [[nodiscard]] bool no_new_exchanges() const noexcept { return no_new_exchanges_.load(std::memory_order_relaxed); }
  void retire() noexcept { no_new_exchanges_.store(true, std::memory_order_relaxed); }

  /// True when the peer is still there and silent: one look without waiting. For an idle connection.
  [[nodiscard]] bool is_quiet() noexcept { return stream_->is_quiet(); }

  /// Exchanges that were completed on it. A connection that never completed one makes its route suspect when it fails.
  [[nodiscard]] std::uint64_t exchanges_completed() const noexcept { return exchanges_completed_; }
  void exchange_completed() noexcept { ++exchanges_completed_; }

  /// How long it may lie idle by the peer's own word, or kNever's distance.
  [[nodiscard]] Duration peer_keep_alive() const noexcept;

 private:
  friend class ConnectionStore;

  const Route route_;
  const std::unique_ptr<Stream> stream_;
  Http1Codec codec_;
  const std::shared_ptr<const ConnectionInfo> info_;
  std::atomic<bool> no_new_exchanges_{false};
  std::uint64_t exchanges_completed_ = 0;

  // The pool's, under its lock, while the connection is idle.
  TimePoint idle_since_;
  TimePoint idle_until_ = kNever;  // what the peer promised
  bool is_watched_ = false;
  std::uint64_t pool_generation_ = 0;
  ListHook<Connection> idle_hook_;
};

}  // namespace okhttp::internal

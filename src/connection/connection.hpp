#pragma once

#include <okhttp/connection_info.hpp>

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "codec/connection_codec.hpp"
#include "route/route.hpp"
#include "runtime/intrusive_list.hpp"

namespace okhttp::internal {

/// A way to a server and the codec that speaks on it.
///
/// Owned by the exchanges that use it and by the pool. Over HTTP/1.1 it has one holder at a time and no lock, and only
/// no_new_exchanges() is for any thread, because the pool may retire a connection in use. A multiplexed one (HTTP/2) is
/// shared by many exchanges, and all of it is for any thread.
class Connection final : public std::enable_shared_from_this<Connection> {
 public:
  /// `proxy_authorization` is what requests show to the route's proxy, when that forwards them.
  Connection(Route route, std::shared_ptr<ConnectionCodec> codec, std::shared_ptr<const Handshake> handshake,
             std::optional<std::string> proxy_authorization = std::nullopt);

  [[nodiscard]] const Route& route() const noexcept { return route_; }
  [[nodiscard]] const std::optional<std::string>& proxy_authorization() const noexcept { return proxy_authorization_; }
  [[nodiscard]] const ConnectionInfo& info() const noexcept { return *info_; }
  /// The same for who needs it longer than the connection.
  [[nodiscard]] const std::shared_ptr<const ConnectionInfo>& shared_info() const noexcept { return info_; }
  [[nodiscard]] ConnectionCodec& codec() const noexcept { return *codec_; }
  /// True when it carries many exchanges at once.
  [[nodiscard]] bool is_multiplexed() const noexcept { return is_multiplexed_; }

  /// True once this connection takes no further exchange; final.
  [[nodiscard]] bool no_new_exchanges() const noexcept { return no_new_exchanges_.load(std::memory_order_relaxed); }
  void retire() noexcept { no_new_exchanges_.store(true, std::memory_order_relaxed); }

  /// True once an exchange was completed on it. A connection that never completed one makes its route suspect when it
  /// fails.
  [[nodiscard]] bool is_proven() const noexcept { return is_proven_.load(std::memory_order_relaxed); }
  void exchange_completed() noexcept {
    is_proven_.store(true, std::memory_order_relaxed);
    timeouts_.store(0, std::memory_order_relaxed);
  }

  /// False once its peer said that it does not answer for another host than the one it was made for.
  [[nodiscard]] bool coalesces() const noexcept { return coalesces_.load(std::memory_order_relaxed); }
  void stop_coalescing() noexcept { coalesces_.store(false, std::memory_order_relaxed); }

  /// The peer refused an exchange, be it in going away: its route works, whatever becomes of this connection.
  void note_sign_of_life() noexcept { has_refused_.store(true, std::memory_order_relaxed); }
  /// An exchange failed that the peer had not processed (RFC 9113 §8.7). Those that were `forgiven` are not counted;
  /// yields how many were counted.
  std::size_t note_refusal(bool forgiven) noexcept {
    note_sign_of_life();
    return forgiven ? 0 : refusals_.fetch_add(1, std::memory_order_relaxed) + 1;
  }
  [[nodiscard]] bool has_refused() const noexcept { return has_refused_.load(std::memory_order_relaxed); }
  /// Counts an exchange that ran out of time; how many did since one was completed.
  std::size_t count_timeout() noexcept { return timeouts_.fetch_add(1, std::memory_order_relaxed) + 1; }

  /// How long it may lie idle by the peer's own word, or kNever's distance.
  [[nodiscard]] Duration peer_keep_alive() const noexcept;

 private:
  friend class ConnectionStore;

  const Route route_;
  const std::optional<std::string> proxy_authorization_;
  const std::shared_ptr<ConnectionCodec> codec_;
  const bool is_multiplexed_;
  const std::shared_ptr<const ConnectionInfo> info_;
  std::atomic<bool> no_new_exchanges_{false};
  std::atomic<bool> is_proven_{false};
  std::atomic<bool> coalesces_{true};
  std::atomic<bool> has_refused_{false};
  std::atomic<std::size_t> refusals_{0};
  std::atomic<std::size_t> timeouts_{0};  // since an exchange was completed

  // The pool's, under its lock; over HTTP/1.1 while the connection is idle.
  std::size_t holders_ = 0;   // of a multiplexed one
  std::size_t forgiven_ = 0;  // refusals to come that are no fault
  TimePoint last_used_;
  TimePoint idle_until_ = kNever;  // what the peer promised
  bool is_watched_ = false;
  std::uint64_t pool_generation_ = 0;
  ListHook<Connection> pool_hook_;  // idle, or multiplexed and in use
};

}  // namespace okhttp::internal

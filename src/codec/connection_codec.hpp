#pragma once

#include <okhttp/protocol.hpp>

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>

#include "codec/exchange_codec.hpp"
#include "runtime/clock.hpp"
#include "runtime/engine.hpp"
#include "runtime/stream.hpp"

namespace okhttp::internal {

struct CallContext;

/// What one connection speaks: owns its stream and begins exchanges on it, one at a time (HTTP/1.1) or many at once
/// (HTTP/2).
///
/// Threads: HTTP/1.1: the holder of the connection, or the pool while it lies idle. HTTP/2: any thread.
class ConnectionCodec {
 public:
  ConnectionCodec() = default;
  ConnectionCodec(const ConnectionCodec&) = delete;
  ConnectionCodec& operator=(const ConnectionCodec&) = delete;
  virtual ~ConnectionCodec() = default;

  [[nodiscard]] virtual Protocol protocol() const noexcept = 0;
  [[nodiscard]] virtual Socket& socket() noexcept = 0;

  // The pool asks these three under its lock: they must not take a lock that is held over a wait, or while the pool is
  // told of a change.

  /// How many exchanges may be open at once: 1, or what the peer allows now, which may change at any time and be 0.
  [[nodiscard]] virtual std::size_t max_exchanges() const noexcept = 0;
  /// True once no further exchange may begin: the framing was lost, the peer will close, GOAWAY. Final.
  [[nodiscard]] virtual bool is_over() const noexcept = 0;
  /// True while nobody reads what the peer sends: no exchange waits for it and no loop watches. Whoever keeps house
  /// then looks when something arrives.
  [[nodiscard]] virtual bool is_unattended() const noexcept = 0;
  /// How long the peer promised to keep the connection while it is idle, if it did.
  [[nodiscard]] virtual std::optional<Duration> peer_keep_alive() const noexcept = 0;

  /// Begins an exchange of that call; never waits. Whoever gets the codec ends it, by destroying the pointer.
  [[nodiscard]] virtual ExchangeCodecPtr begin(std::shared_ptr<CallContext> context) = 0;

  /// One look, without waiting, at a connection that is about to be handed out or that something arrived at: takes in
  /// all that has come, as far as it may come at any time (TLS tickets; PING, SETTINGS, GOAWAY), and answers it. False
  /// when the connection is of no use any more. On the thread of `engine`.
  [[nodiscard]] virtual bool look(Engine& engine) noexcept = 0;

  /// Has `changed` called, on any thread and with no lock held, when max_exchanges() or is_over() may have changed by
  /// themselves. Before the first exchange; HTTP/1.1 never calls it.
  virtual void on_change(std::function<void()> changed) = 0;
};

}  // namespace okhttp::internal

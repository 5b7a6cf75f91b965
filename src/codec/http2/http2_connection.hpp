#pragma once

#include <okhttp/error.hpp>
#include <okhttp/task.hpp>

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "codec/connection_codec.hpp"
#include "codec/http2/driver_role.hpp"
#include "codec/http2/http2_options.hpp"
#include "codec/http2/http2_session.hpp"
#include "codec/http2/parking_place.hpp"
#include "runtime/stream.hpp"
#include "runtime/wait.hpp"

namespace okhttp::internal {

class Http2Stream;
class StreamSide;

/// One HTTP/2 connection: a monitor around the session, with a mailbox for each stream and one driver.
///
/// Anybody submits and writes under the lock from its own thread. Only the driver reads: a blocked caller in its wait,
/// else a pump on the loop of one that waits there. It feeds the session, which fills mailboxes, and has their owners
/// told on their own engines; it never resumes another call's coroutine and runs no user code. What the coroutines of a
/// loop write in one turn goes out in one write at the end of that turn.
///
/// Threads: any. The lock is short: never held over a wait, nor while on_change() is told.
/// Lives as long as somebody holds it: the pool, the exchanges, the pump.
class Http2Connection final : public ConnectionCodec, public std::enable_shared_from_this<Http2Connection> {
 public:
  /// `peer` names the server in messages, as "example.com:443".
  [[nodiscard]] static std::shared_ptr<Http2Connection> create(std::unique_ptr<Stream> stream, std::string peer,
                                                               Protocol protocol, const Http2Options& options = {});
  ~Http2Connection() override;

  [[nodiscard]] Protocol protocol() const noexcept override { return protocol_; }
  [[nodiscard]] Socket& socket() noexcept override { return stream_->socket(); }
  [[nodiscard]] std::size_t max_exchanges() const noexcept override { return max_exchanges_.load(); }
  [[nodiscard]] bool is_over() const noexcept override { return is_over_.load(); }
  [[nodiscard]] std::optional<Duration> peer_keep_alive() const noexcept override { return std::nullopt; }
  [[nodiscard]] ExchangeCodecPtr begin(std::shared_ptr<CallContext> context) override;
  [[nodiscard]] bool look(Engine& engine) noexcept override;
  void on_change(std::function<void()> changed) override { on_change_ = std::move(changed); }

  /// True when nobody reads from it now, so that a PING of the peer's is not answered.
  [[nodiscard]] bool is_unattended() const noexcept override;
  /// Asks the peer every Http2Options::ping_interval whether it is still there, on that loop, as long as the connection
  /// lives; one that does not answer within the interval is given up.
  void start_pings(Engine& loop);

 private:
  friend class Http2Stream;
  friend class Http2Wait;
  class Access;
  class WakeJob;
  class FlushJob;
  class PumpPlace;

  Http2Connection(std::unique_ptr<Stream> stream, std::string peer, Protocol protocol, const Http2Options& options);

  // All of these are called with the lock held.

  [[nodiscard]] bool adopt(Engine& engine) noexcept;
  /// Takes in what can be read now. True when there may be more.
  bool read(Engine& engine);
  /// Sends what can be sent now. Without memory the connection fails.
  void flush() noexcept;
  void send_portions();
  /// Sends now, or at the end of the loop's turn when `engine` is one; null is now.
  void send_soon(Engine* engine) noexcept;
  void tell_changed() noexcept;
  void tell(ParkingPlace& place) noexcept;
  void tell(DriverRole::Member* member) noexcept;
  /// Has the driver look anew at what it waits for.
  void nudge_driver() noexcept;
  [[nodiscard]] DriverRole::Duty join(StreamSide& side, Engine& engine);
  void leave(StreamSide& side) noexcept;
  [[nodiscard]] Interest interest() const noexcept { return is_blocked_ ? Interest::both : Interest::read; }
  void check_health(TimePoint now) noexcept;
  [[nodiscard]] bool refresh() noexcept;

  // These take the lock.

  /// For the driver, which waits at `place`.
  void drive(Engine& engine, ParkingPlace& place) noexcept;
  [[nodiscard]] bool has_news(const ParkingPlace& place, const Wait& wait) noexcept;
  void start_pump(Engine& engine);
  static Task<void> pump(std::shared_ptr<Http2Connection> self, Engine& engine);
  static Task<void> keep_pinging(std::weak_ptr<Http2Connection> weak, Engine& engine, Duration interval);
  void ping_after_timeout(TimePoint now) noexcept;

  const std::string peer_;
  const Protocol protocol_;
  const Http2Options options_;
  const std::unique_ptr<Stream> stream_;
  std::function<void()> on_change_;  // set before the first exchange
  std::atomic<std::size_t> max_exchanges_;
  std::atomic<bool> is_over_{false};

  mutable std::mutex mutex_;  // guards what follows, and stream_ but for waiting on its socket
  Http2Session session_;
  DriverRole role_;
  std::unique_ptr<PumpPlace> pump_place_;
  const ParkingPlace* looking_ = nullptr;  // whose driver reads just now, and looks for news after that
  std::uint64_t adopted_by_ = 0;           // engine that the socket belongs to
  std::string out_;                        // output that the stream has yet to take
  std::size_t out_sent_ = 0;
  std::uint64_t produced_ = 0;  // bytes of output, ever
  std::uint64_t sent_ = 0;      // of these, handed to the network
  bool is_blocked_ = false;     // the stream takes no more just now
  bool is_deaf_ = false;        // the stream takes no more at all; reading tells what happened
  bool flush_posted_ = false;
  std::uint64_t pings_ = 0;      // sent
  TimePoint pong_due_ = kNever;  // after a read time-out: when silence means that the connection is bad
  std::uint64_t pong_wanted_ = 0;
};

/// Holds the lock, and tells of a changed state once it is released.
class Http2Connection::Access {
 public:
  explicit Access(Http2Connection& connection) : connection_(connection), lock_(connection.mutex_) {}
  Access(const Access&) = delete;
  Access& operator=(const Access&) = delete;
  ~Access() {
    const bool changed = connection_.refresh();
    lock_.unlock();
    if (changed && connection_.on_change_) connection_.on_change_();
  }

 private:
  Http2Connection& connection_;
  std::unique_lock<std::mutex> lock_;
};

/// co_await Http2Wait(...): until the place has news; while it drives, the connection is read meanwhile.
class Http2Wait final : public Wait {
 public:
  /// Follows.
  Http2Wait(Engine& engine, WaitTerms terms, std::shared_ptr<Http2Connection> connection, ParkingPlace& place) noexcept
      : Wait(terms), waiting_on_(engine), connection_(std::move(connection)), place_(place) {}
  /// Drives.
  Http2Wait(Engine& engine, WaitTerms terms, std::shared_ptr<Http2Connection> connection, ParkingPlace& place,
            Interest interest) noexcept
      : Wait(terms, &connection->socket(), interest),
        waiting_on_(engine),
        connection_(std::move(connection)),
        place_(place) {}
  ~Http2Wait() { leave(); }

  bool await_ready() noexcept;
  bool await_suspend(std::coroutine_handle<> waiter) noexcept;
  [[nodiscard]] WaitResult await_resume() noexcept;
  bool attempt() noexcept override;

 private:
  void leave() noexcept;

  Engine& waiting_on_;
  const std::shared_ptr<Http2Connection> connection_;
  ParkingPlace& place_;
  bool is_registered_ = false;  // at the place
};

}  // namespace okhttp::internal

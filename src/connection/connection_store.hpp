#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "connection/connection.hpp"
#include "route/route_database.hpp"
#include "runtime/fork_mark.hpp"
#include "runtime/idle_watch.hpp"
#include "runtime/intrusive_list.hpp"
#include "runtime/loop_provider.hpp"

namespace okhttp::internal {

/// What is behind a ConnectionPool: idle connections by address, the newest used first, and their closer.
///
/// Threads: all of it from any thread; one short lock, never held over a wait or user code.
/// Invariants:
/// 1. A connection is either idle here or held by one exchange.
/// 2. More than `max_idle` connections are idle, or one for longer than `keep_alive`, only until the closer, which is
///    told at once, has woken.
/// 3. While a connection is idle, the closer is running or about to be started.
class ConnectionStore final : public std::enable_shared_from_this<ConnectionStore> {
 public:
  /// Connections idle for longer are watched, and looked at before they are handed out.
  static constexpr Duration kTrustedIdle = std::chrono::seconds(1);

  ConnectionStore(std::size_t max_idle, Duration keep_alive) : max_idle_(max_idle), keep_alive_(keep_alive) {}
  ~ConnectionStore();

  /// True in a child that was forked since: the connections are its parent's.
  [[nodiscard]] bool is_inherited() const noexcept { return mark_.is_inherited(); }
  [[nodiscard]] AddressBook& addresses() noexcept { return addresses_; }
  [[nodiscard]] RouteDatabase& routes() noexcept { return routes_; }

  /// Keeps house on these loops from now on, unless others were named before.
  void keep_house_on(std::shared_ptr<LoopProvider> loops);

  /// The most recently used idle connection to that address that is still good, or null. One that was idle for longer
  /// than kTrustedIdle is looked at first, any with `look_always`. The look is made on `engine`.
  [[nodiscard]] std::shared_ptr<Connection> acquire(const Address& address, Engine& engine, bool look_always);

  /// Counts a new connection, which is in use.
  void add(Connection& connection);
  /// Takes back a connection after its exchange: it becomes idle, or is closed if it takes no more exchanges.
  void release(std::shared_ptr<Connection> connection, TimePoint now);

  [[nodiscard]] std::size_t connection_count() const;
  [[nodiscard]] std::size_t idle_connection_count() const;
  /// Closes idle connections now, the others when they are released.
  void evict_all();

  /// The closer's work: closes what is over age, too many, or was closed by its peer, and watches what has been idle
  /// for long enough. Returns when to come again; kNever when nothing is idle, and then the closer ends. On the thread
  /// of `engine`.
  [[nodiscard]] TimePoint tidy(Engine& engine);
  /// The closer cannot run.
  void closer_failed();

 private:
  using IdleList = IntrusiveList<Connection, &Connection::idle_hook_>;
  using Closed = std::vector<std::shared_ptr<Connection>>;  // destroyed after the lock was released

  [[nodiscard]] std::shared_ptr<Connection> take_newest(const Address& address);
  [[nodiscard]] std::shared_ptr<Connection> take(Connection& connection);
  void unwatch(Connection& connection) noexcept;
  void drop_what_the_peer_closed(Engine& engine, Closed& closed);
  void start_closer();
  [[nodiscard]] TimePoint overdue_at(const Connection& connection) const noexcept;

  const std::size_t max_idle_;
  const Duration keep_alive_;
  const ForkMark mark_;
  AddressBook addresses_;
  RouteDatabase routes_;

  mutable std::mutex mutex_;  // guards what follows
  std::unordered_map<Address, std::vector<std::shared_ptr<Connection>>, Address::Hash> idle_;
  IdleList by_age_;  // idle connections, the longest idle first
  std::size_t idle_count_ = 0;
  std::size_t total_count_ = 0;
  std::uint64_t generation_ = 0;  // evict_all() begins a new one
  std::shared_ptr<LoopProvider> loops_;
  std::shared_ptr<IdleWatch> watch_;
  bool closer_runs_ = false;
  TimePoint closer_wakes_ = kNever;
};

}  // namespace okhttp::internal

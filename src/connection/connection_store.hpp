#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "connection/connection.hpp"
#include "connection/tls_session_store.hpp"
#include "connection/waiting_call.hpp"
#include "route/route_database.hpp"
#include "runtime/alarm.hpp"
#include "runtime/fork_mark.hpp"
#include "runtime/idle_watch.hpp"
#include "runtime/intrusive_list.hpp"
#include "runtime/loop_provider.hpp"

namespace okhttp::internal {

/// What is behind a ConnectionPool: connections that can take an exchange, by address, the most recently used first;
/// the calls that wait for one; and the closer.
///
/// A multiplexed connection (HTTP/2) is here from its first exchange on, for as many holders as its peer allows. One of
/// HTTP/1.1 is here while it is idle.
///
/// Threads: all of it from any thread; one short lock, never held over a wait or user code. Under the lock a codec is
/// asked only for max_exchanges(), is_over() and is_unattended() and, when it is an idle one of HTTP/1.1, to look().
/// Invariants:
/// 1. A connection of HTTP/1.1 is either idle here or held by one exchange; a multiplexed one is idle or has holders.
/// 2. More than `max_idle` connections are idle, or one for longer than `keep_alive`, only until the closer, which is
///    told at once, has woken.
/// 3. While a connection is idle, or multiplexed and in use, the closer is running or about to be started; where there
///    is no loop yet, only when it has something to do.
/// 4. A call waits in line only while no connection to its address has room. So what becomes free goes to the first in
///    line, and a call that comes later cannot overtake it.
/// 5. While a call waits, another has the turn to connect, or there are as many connections as may be.
/// 6. The connections to an address and the calls with a slot for one are together at most what the call that was given
///    the last slot allows. Calls without a limit are counted too, but not held back.
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
  [[nodiscard]] TlsSessionStore& tls_sessions() noexcept { return tls_sessions_; }

  /// Keeps house on these loops from now on, unless others were named before.
  void keep_house_on(std::shared_ptr<LoopProvider> loops);

  /// The most recently used connection to that address that takes an exchange and is still good, or null; a shared one
  /// goes before an idle one. One that nobody used for longer than kTrustedIdle is looked at first, any with
  /// `look_always`, unless somebody is reading from it anyway. The look is made on `engine`.
  [[nodiscard]] std::shared_ptr<Connection> acquire(const Address& address, Engine& engine, bool look_always);
  /// The same, but only a multiplexed connection that others are using.
  [[nodiscard]] std::shared_ptr<Connection> acquire_shared(const Address& address);

  /// The same, but a multiplexed connection made for another host, where `routes` of this address, `may_coalesce()` and
  /// the peer's certificate allow it.
  [[nodiscard]] std::shared_ptr<Connection> acquire_coalesced(const Address& address, const std::vector<Route>& routes,
                                                              Engine& engine, bool look_always);
  /// The peer refused an exchange. True when it had to, because its limit came after more exchanges had begun.
  [[nodiscard]] bool forgives_refusal(Connection& connection);

  /// Counts a new connection, which is in use. A multiplexed one can be found from now on.
  void add(const std::shared_ptr<Connection>& connection, TimePoint now);
  /// Takes back a connection after its exchange. The last holder makes it idle, or closes it if it takes no more
  /// exchanges.
  void release(std::shared_ptr<Connection> connection, TimePoint now);

  // The line for an address where many calls can share a connection. So that a burst of first calls does not open a
  // crowd of sockets, one call at a time has the turn to connect; with the turn it goes on while it connects, and ends
  // it by end_turn() whatever came of that.
  // Calls stand in the same line where the number of connections is limited, whatever is spoken on them. One that may
  // connect has a slot, which it gives back by end_slot() when it has its connection or none.

  /// Stands in line, and true when the call was served at once. Else wait for call.served().
  [[nodiscard]] bool stand_in_line(WaitingCall& call);
  /// Called when the call has waited for as long as it would take to connect: it goes on on its own if no connection
  /// exists yet, so that it is bound by its own patience and not by that of the call which has the turn. Else false:
  /// then there is a limit, and the line is the only way.
  [[nodiscard]] bool lose_patience(WaitingCall& call);
  /// Gives back what the call was given and did not take.
  void leave_line(WaitingCall& call, TimePoint now);
  /// `share_nothing`: those in line have nothing to wait for and go on on their own.
  void end_turn(const Address& address, bool share_nothing);
  /// Gives back the slot that a call had.
  void end_slot(const Address& address);
  /// For a call that was given a connection, unused since, which is of no use: closes it, and the call has its slot.
  void exchange_for_slot(std::shared_ptr<Connection> useless, TimePoint now);

  [[nodiscard]] std::size_t connection_count() const;
  [[nodiscard]] std::size_t idle_connection_count() const;
  /// Calls that stand in line.
  [[nodiscard]] std::size_t waiting_call_count() const;
  /// Closes idle connections now, the others when their last holder releases them; no more exchanges begin on those.
  void evict_all();

  /// The closer's work: closes what is over age, too many, or was closed by its peer, watches what has been idle for
  /// long enough, and attends to multiplexed connections that nobody reads from. Returns when to come again; kNever
  /// when nothing is left to do, and then the closer ends. On the thread of `engine`.
  [[nodiscard]] TimePoint tidy(Engine& engine);
  /// The closer cannot run.
  void closer_failed();

 private:
  using PoolList = IntrusiveList<Connection, &Connection::pool_hook_>;
  using Line = IntrusiveList<WaitingCall, &WaitingCall::line_hook_>;
  using Closed = std::vector<std::shared_ptr<Connection>>;  // destroyed after the lock was released
  using Served = std::vector<std::shared_ptr<Signal>>;      // set after the lock was released

  /// All that concerns one address. The most recently used is the last.
  struct Place {
    std::vector<std::shared_ptr<Connection>> idle;
    std::vector<std::shared_ptr<Connection>> shared;  // multiplexed and in use, also those that take no more
    Line line;
    bool has_turn = false;        // a call is connecting while others wait for it
    std::size_t connections = 0;  // idle or in use
    std::size_t slots = 0;        // of calls that are about to add one to them

    [[nodiscard]] bool is_empty() const noexcept { return connections == 0 && slots == 0 && line.empty() && !has_turn; }
  };
  using Places = std::unordered_map<Address, Place, Address::Hash>;
  struct Taken {
    std::shared_ptr<Connection> connection;
    TimePoint last_used;
    TimePoint overdue = kNever;
  };

  /// What has to be done after the lock was released, so that the closer comes.
  enum class CloserCall : std::uint8_t { none, start, wake };

  [[nodiscard]] bool takes_exchanges(const Connection& connection) const noexcept;
  [[nodiscard]] bool is_finished(const Connection& connection) const noexcept;
  [[nodiscard]] Taken take_shared(Place& place);
  [[nodiscard]] Taken take_idle(Place& place, std::size_t at);
  [[nodiscard]] Taken take_for(Place& place);
  [[nodiscard]] Taken take_this(Connection& connection);
  [[nodiscard]] std::shared_ptr<Connection> remove_idle(Place& place, std::size_t at);
  [[nodiscard]] std::shared_ptr<Connection> close_idle(Connection& connection);
  [[nodiscard]] static bool is_good(const Taken& taken, Engine& engine, bool look_always);
  void share(Place& place, Connection& connection);
  void rest(Place& place, std::shared_ptr<Connection> connection, TimePoint now, Duration promised);
  void watch(Connection& connection) noexcept;
  void unwatch(Connection& connection) noexcept;

  [[nodiscard]] static bool has_slot_for(const Place& place, const WaitingCall& call) noexcept;
  static void give_slot(Place& place, WaitingCall& call) noexcept;
  [[nodiscard]] bool serve(Place& place, WaitingCall& call);
  void serve_line(Place& place, Served& served);
  void serve_lines(Served& served);
  void dissolve_line(Place& place, Served& served);
  [[nodiscard]] static bool some_expect_to_share(const Place& place) noexcept;
  void count_out(Places::iterator place, Served& served);
  [[nodiscard]] std::size_t usable_connections(const Place& place) const noexcept;
  void remember_http_1(const Address& address);
  static void set_all(const Served& served) noexcept;

  void codec_changed(Connection& connection);
  static void note_late_limit(Connection& connection) noexcept;
  void look_at_what_arrived(Engine& engine);
  [[nodiscard]] Connection* find_watched(std::uint64_t id) const noexcept;
  void close_what_is_over(TimePoint now, Closed& closed, TimePoint& next);
  void attend_to_what_is_shared(TimePoint now, TimePoint& next);
  [[nodiscard]] CloserCall call_closer(TimePoint now, TimePoint due) noexcept;
  void make(CloserCall call);
  void start_closer_in_time();
  void start_closer();
  void wake_closer();
  [[nodiscard]] TimePoint overdue_at(const Connection& connection) const noexcept;

  const std::size_t max_idle_;
  const Duration keep_alive_;
  const ForkMark mark_;
  AddressBook addresses_;
  RouteDatabase routes_;
  TlsSessionStore tls_sessions_;

  mutable std::mutex mutex_;  // guards what follows
  Places places_;
  PoolList by_age_;              // idle connections, the longest idle first
  PoolList shared_;              // multiplexed connections in use
  std::vector<Address> http_1_;  // addresses that did not speak HTTP/2 although they were asked to
  std::size_t idle_count_ = 0;
  std::size_t total_count_ = 0;
  std::uint64_t generation_ = 0;  // evict_all() begins a new one
  std::shared_ptr<LoopProvider> loops_;
  std::shared_ptr<Alarm> alarm_;  // until it has started the closer
  std::shared_ptr<IdleWatch> watch_;
  bool closer_runs_ = false;
  TimePoint closer_wakes_ = kNever;
};

}  // namespace okhttp::internal

#pragma once

#include <okhttp/ip_address.hpp>

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "runtime/clock.hpp"
#include "support/seeded_random.hpp"

namespace okhttp::internal {

class SimulatedEngine;
class SimulatedListener;

/// How one direction of a connection carries bytes. All of it is off at first: everything arrives at once and whole.
struct Link {
  Duration latency = Duration::zero();
  Duration jitter = Duration::zero();     ///< up to this much more for each write; the order is kept
  std::size_t capacity = 64 * 1024;       ///< bytes sent and not yet read; a writer blocks beyond
  std::size_t max_piece = 0;              ///< reads and writes move a random count up to this; 0 is no limit
  std::optional<std::uint64_t> end_at;    ///< an orderly end after so many bytes; what is sent beyond is lost
  std::optional<std::uint64_t> reset_at;  ///< the connection is reset after so many bytes
  std::optional<std::uint64_t> stall_at;  ///< after so many bytes nothing arrives
  std::optional<Duration> stall_for;      ///< how long the stall lasts; for ever when absent
};

/// What a connect to an endpoint meets.
struct ConnectScript {
  enum class Kind : std::uint8_t {
    accept,       ///< connects to the listener, if there is one, else is refused
    refuse,       ///< ECONNREFUSED
    silent,       ///< never answers
    unreachable,  ///< ENETUNREACH, at once when there is no delay, else EHOSTUNREACH in time
  };
  explicit ConnectScript(Kind what = Kind::accept, Duration after = Duration::zero()) noexcept
      : kind(what), delay(after) {}
  Kind kind;
  Duration delay;
  Link to_server;
  Link to_client;
};

/// A world of its own, the same in every run for one seed: a clock that moves only when nothing else can happen, a
/// network in memory, and the engines that live in it.
///
/// Whatever can happen at one instant (jobs, ready sockets, deadlines, arrivals) happens in an order drawn from the
/// seed. Threads: everything on the thread that runs it, but for Engine::post() and Engine::interrupt() of its engines.
class Simulation final {
 public:
  explicit Simulation(std::uint64_t seed = 1);
  Simulation(const Simulation&) = delete;
  Simulation& operator=(const Simulation&) = delete;
  /// Engines and sockets are gone before.
  ~Simulation();

  [[nodiscard]] TimePoint now() const noexcept { return now_; }
  [[nodiscard]] SeededRandom& random() noexcept { return random_; }

  /// Runs all that can happen now, without moving the clock.
  void run_ready();
  /// Runs until nothing can ever happen again by itself.
  void run_until_idle();
  /// Runs all that happens up to `time`, at which the clock stands afterwards.
  void run_until(TimePoint time);
  void run_for(Duration time) { run_until(now_ + time); }
  /// Moves the clock without running anything, as when a machine was suspended.
  void jump(Duration time) noexcept { now_ += time; }

  /// While one lives, other threads are expected to post something: a run waits for them before it moves the clock.
  class ExpectPosts {
   public:
    explicit ExpectPosts(Simulation& simulation) noexcept;
    ExpectPosts(const ExpectPosts&) = delete;
    ExpectPosts& operator=(const ExpectPosts&) = delete;
    ~ExpectPosts();

   private:
    Simulation& simulation_;
  };

  /// Every connect to `where` from now on.
  void script(const Endpoint& where, ConnectScript script);
  /// The next connect to `where`; several queue up.
  void script_next(const Endpoint& where, ConnectScript script);
  /// Every connect that no other script covers.
  void script_others(ConnectScript script) { others_ = std::move(script); }
  /// A link drawn from the seed: small pieces, small buffers, delays, and one time in `fault_rarity` a reset, an end or
  /// a stall within the first `fault_range` bytes.
  [[nodiscard]] Link random_link(std::size_t fault_rarity, std::size_t fault_range);

  /// Calls `event` at `time`.
  void at(TimePoint time, std::function<void()> event);

  /// What happened, a line each: "12ms 10.0.0.1:80 connected from 10.9.9.9:49152".
  [[nodiscard]] const std::vector<std::string>& log() const noexcept { return log_; }
  void clear_log() noexcept { log_.clear(); }
  void note(const std::string& line);

 private:
  friend class SimulatedEngine;
  friend class SimulatedListener;

  /// Runs until `done`, or until nothing happens up to `limit`.
  void run(TimePoint limit, const std::function<bool()>& done);
  bool run_one();
  bool wait_for_posts();
  bool advance(TimePoint limit);
  void run_due_event();
  [[nodiscard]] ConnectScript script_for(const Endpoint& where);
  [[nodiscard]] std::uint16_t free_port() noexcept { return next_port_++; }

  TimePoint now_ = TimePoint(std::chrono::hours(1));
  SeededRandom random_;
  std::multimap<TimePoint, std::function<void()>> events_;
  std::vector<SimulatedEngine*> engines_;
  std::map<Endpoint, SimulatedListener*> listeners_;
  std::map<Endpoint, ConnectScript> scripts_;
  std::map<Endpoint, std::deque<ConnectScript>> next_scripts_;
  ConnectScript others_;
  std::uint16_t next_port_ = 49152;
  std::vector<std::string> log_;
  std::uint64_t steps_at_this_instant_ = 0;

  std::mutex mutex_;  // guards what follows, and the job queues of the engines
  std::condition_variable posted_;
  std::size_t expected_posters_ = 0;
};

/// Ends the process: a test, or what it tests, broke a rule that no engine could survive.
[[noreturn]] void simulation_failed(const std::string& why) noexcept;

}  // namespace okhttp::internal

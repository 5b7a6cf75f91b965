#pragma once

#include <okhttp/task.hpp>

#include <cstdint>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "runtime/engine.hpp"
#include "runtime/stream.hpp"
#include "support/detached.hpp"
#include "support/simulation.hpp"

namespace okhttp::internal {

class SimulatedSocketBase;

/// An engine of a Simulation: its clock, its network, its schedule. Several may share one world, as the loop and the
/// calling threads of a client share the operating system; all run on the thread that runs the simulation.
class SimulatedEngine final : public Engine {
 public:
  explicit SimulatedEngine(Simulation& simulation);
  /// An engine with a world of its own.
  explicit SimulatedEngine(std::uint64_t seed = 1);
  /// Ends with `canceled` whatever is still parked.
  ~SimulatedEngine() override;

  [[nodiscard]] Simulation& simulation() noexcept { return simulation_; }

  /// Runs `task` on this engine until it is done and returns or throws its result. Throws std::logic_error when nothing
  /// is left that could ever complete it.
  template <class T>
  T run(Task<T> task) {
    std::shared_ptr<Outcome<T>> outcome = start(std::move(task));
    run_until_done([outcome] { return outcome->done(); });
    return outcome->take();
  }

  /// Starts `task` here and now; it proceeds whenever the simulation is run.
  template <class T>
  std::shared_ptr<Outcome<T>> start(Task<T> task) {
    const Scope scope(this);
    return internal::start(std::move(task));
  }

  /// As the simulation's.
  void run_until_idle() { simulation_.run_until_idle(); }
  void run_until(TimePoint time) { simulation_.run_until(time); }

  [[nodiscard]] std::size_t waits() const noexcept { return parked_count(); }

  /// Whether it counts as an engine that serves many calls, as a loop does. At first it does.
  void set_shared(bool shared) noexcept { is_shared_ = shared; }

  [[nodiscard]] bool is_shared() const noexcept override { return is_shared_; }
  [[nodiscard]] TimePoint now() noexcept override { return simulation_.now(); }
  void post(Job& job) noexcept override;
  void interrupt(const std::shared_ptr<Cancellation>& cancellation) noexcept override;
  [[nodiscard]] std::unique_ptr<Socket> begin_connect(const ConnectRequest& request,
                                                      std::error_code& error) noexcept override;
  [[nodiscard]] std::unique_ptr<Listener> listen(const ListenRequest& request,
                                                 std::error_code& error) noexcept override;
  bool adopt(Socket& socket) noexcept override;

 protected:
  void on_park(Wait& wait) noexcept override;
  void on_unpark(Wait& wait) noexcept override;

 private:
  friend class Simulation;
  friend class SimulatedSocketBase;

  using DeadlineKey = std::pair<TimePoint, std::uint64_t>;  // ties in the order of parking
  struct Parked {
    DeadlineKey deadline;
    bool is_ready = false;
  };

  void run_until_done(const std::function<bool()>& done);
  void run_jobs() noexcept;
  [[nodiscard]] bool has_jobs() noexcept;
  [[nodiscard]] bool has_ready() const noexcept { return !ready_.empty(); }
  [[nodiscard]] TimePoint next_deadline() const noexcept;
  void attempt_one_ready();
  void finish_one_overdue() noexcept;
  void mark_ready(Wait& wait);
  void forget_ready(Wait& wait) noexcept;

  std::unique_ptr<Simulation> own_;
  Simulation& simulation_;
  bool is_shared_ = true;
  JobQueue jobs_;  // guarded by the simulation's mutex
  std::uint64_t parkings_ = 0;
  std::unordered_map<Wait*, Parked> waits_;
  std::map<DeadlineKey, Wait*> deadlines_;
  std::vector<Wait*> ready_;
};

}  // namespace okhttp::internal

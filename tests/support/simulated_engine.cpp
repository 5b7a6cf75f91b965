#include "support/simulated_engine.hpp"

#include <algorithm>

#include "runtime/interrupt_job.hpp"
#include "support/simulated_socket.hpp"

namespace okhttp::internal {
namespace {

// Only sockets of the simulation are ever given to its engines.
SimulatedSocketBase& simulated(Socket& socket) noexcept { return static_cast<SimulatedSocketBase&>(socket); }

}  // namespace

SimulatedEngine::SimulatedEngine(Simulation& simulation) : simulation_(simulation) {
  simulation_.engines_.push_back(this);
}

SimulatedEngine::SimulatedEngine(std::uint64_t seed) : own_(std::make_unique<Simulation>(seed)), simulation_(*own_) {
  simulation_.engines_.push_back(this);
}

SimulatedEngine::~SimulatedEngine() {
  const Scope scope(this);
  while (parked_count() != 0 || has_jobs()) {
    abandon_all();
    run_jobs();
  }
  std::erase(simulation_.engines_, this);
}

void SimulatedEngine::post(Job& job) noexcept {
  const std::lock_guard lock(simulation_.mutex_);
  jobs_.push(job);
  simulation_.posted_.notify_all();
}

void SimulatedEngine::interrupt(const std::shared_ptr<Cancellation>& cancellation) noexcept {
  post(*new InterruptJob(*this, cancellation));
}

std::unique_ptr<Socket> SimulatedEngine::begin_connect(const ConnectRequest& request, std::error_code& error) noexcept {
  const ConnectScript script = simulation_.script_for(request.peer);
  const std::string where = request.peer.to_string();
  if (script.kind == ConnectScript::Kind::unreachable && script.delay == Duration::zero()) {
    simulation_.note(where + " unreachable");
    error = std::make_error_code(std::errc::network_unreachable);
    return nullptr;
  }
  const Endpoint local(IpAddress::v4({10, 9, 9, 9}), simulation_.free_port());
  auto socket = std::make_unique<SimulatedSocket>(simulation_, local, request.peer);
  adopt(*socket);
  simulation_.note(where + " connecting from " + local.to_string());
  if (script.kind == ConnectScript::Kind::silent) return socket;
  const auto answer = [self = socket->self(), &simulation = simulation_, script, peer = request.peer] {
    if (*self == nullptr) return;
    if (script.kind == ConnectScript::Kind::unreachable) return (*self)->fail_connect(std::errc::host_unreachable);
    const auto listening = simulation.listeners_.find(peer);
    if (script.kind == ConnectScript::Kind::refuse || listening == simulation.listeners_.end()) {
      return (*self)->fail_connect(std::errc::connection_refused);
    }
    // A listener with a full queue does not answer.
    if (!listening->second->offer(**self, script)) simulation.note(peer.to_string() + " is too busy to answer");
  };
  simulation_.at(now() + script.delay, answer);
  return socket;
}

std::unique_ptr<Listener> SimulatedEngine::listen(const ListenRequest& request, std::error_code& error) noexcept {
  Endpoint where = request.endpoint;
  if (where.port == 0) where.port = simulation_.free_port();
  if (simulation_.listeners_.contains(where)) {
    error = std::make_error_code(std::errc::address_in_use);
    return nullptr;
  }
  auto listener = std::make_unique<SimulatedListener>(simulation_, where, request.backlog);
  adopt(listener->socket());
  return listener;
}

bool SimulatedEngine::adopt(Socket& socket) noexcept {
  SimulatedSocketBase& adopted = simulated(socket);
  if (adopted.engine_ == this) return true;
  if (!adopted.waits_.empty()) simulation_failed("a socket is adopted while something waits for it");
  adopted.engine_ = this;
  return true;
}

void SimulatedEngine::on_park(Wait& wait) noexcept {
  if (!runs_here()) simulation_failed("a wait is parked on an engine that is not running");
  Parked& parked = waits_[&wait];
  parked.deadline = DeadlineKey(wait.deadline(), parkings_++);
  if (wait.deadline() != kNever) deadlines_.emplace(parked.deadline, &wait);
  if (wait.socket() == nullptr) return;
  SimulatedSocketBase& socket = simulated(*wait.socket());
  if (socket.engine_ != this) simulation_failed("a wait is for a socket that its engine has not adopted");
  for (const Wait* other : socket.waits_) {
    const bool overlap = other->interest() == wait.interest() || other->interest() == Interest::both ||
                         wait.interest() == Interest::both;
    if (overlap) simulation_failed("two waits for one direction of a socket");
  }
  socket.waits_.push_back(&wait);
  if (socket.is_ready(wait.interest())) mark_ready(wait);
}

void SimulatedEngine::on_unpark(Wait& wait) noexcept {
  forget_ready(wait);
  const auto parked = waits_.find(&wait);
  deadlines_.erase(parked->second.deadline);
  waits_.erase(parked);
  if (wait.socket() != nullptr) std::erase(simulated(*wait.socket()).waits_, &wait);
}

void SimulatedEngine::mark_ready(Wait& wait) {
  if (std::exchange(waits_.at(&wait).is_ready, true)) return;
  ready_.push_back(&wait);
}

void SimulatedEngine::forget_ready(Wait& wait) noexcept {
  if (std::exchange(waits_.at(&wait).is_ready, false)) std::erase(ready_, &wait);
}

void SimulatedEngine::run_until_done(const std::function<bool()>& done) {
  simulation_.run(kNever, done);
  if (done()) return;
  {
    const Scope scope(this);
    abandon_all();
  }
  simulation_.run(kNever, done);
  throw std::logic_error("nothing is left that could complete the task");
}

bool SimulatedEngine::has_jobs() noexcept {
  const std::lock_guard lock(simulation_.mutex_);
  return !jobs_.empty();
}

void SimulatedEngine::run_jobs() noexcept {
  JobQueue batch;
  {
    const std::lock_guard lock(simulation_.mutex_);
    batch.take(jobs_);
  }
  const Scope scope(this);
  batch.run_all();
}

TimePoint SimulatedEngine::next_deadline() const noexcept {
  return deadlines_.empty() ? kNever : deadlines_.begin()->first.first;
}

void SimulatedEngine::attempt_one_ready() {
  const Scope scope(this);
  Wait& wait = *ready_[simulation_.random().below(ready_.size())];
  forget_ready(wait);
  SimulatedSocketBase& socket = simulated(*wait.socket());
  if (wait.interest() != Interest::write) socket.allow_one_read();
  if (wait.attempt()) {
    finish(wait, WaitResult::ready);
  } else if (socket.is_ready(wait.interest())) {
    mark_ready(wait);  // it waits for the other direction now, or moved less than there is
  }
}

void SimulatedEngine::finish_one_overdue() noexcept {
  const Scope scope(this);
  finish(*deadlines_.begin()->second, WaitResult::deadline);
}

}  // namespace okhttp::internal

#include "support/simulation.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "support/simulated_engine.hpp"

namespace okhttp::internal {
namespace {

// So many steps at one instant are a livelock: two parties that wake each other for ever.
constexpr std::uint64_t kMaxStepsAtOneInstant = 20'000'000;

std::string text_of(Duration since_start) {
  const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(since_start).count();
  std::string text = std::to_string(micros / 1000);
  if (micros % 1000 != 0) {
    std::string fraction = std::to_string(micros % 1000);
    text += "." + std::string(3 - fraction.size(), '0') + fraction;
  }
  return text + "ms";
}

constexpr TimePoint kStart = TimePoint(std::chrono::hours(1));

}  // namespace

void simulation_failed(const std::string& why) noexcept {
  std::fprintf(stderr, "simulation: %s\n", why.c_str());
  std::abort();
}

Simulation::Simulation(std::uint64_t seed) : now_(kStart), random_(seed) {}

Simulation::~Simulation() {
  if (!engines_.empty()) simulation_failed("destroyed before its engines");
}

void Simulation::run_ready() { run(now_, nullptr); }

void Simulation::run_until_idle() { run(kNever, nullptr); }

void Simulation::run_until(TimePoint time) {
  run(time, nullptr);
  now_ = std::max(now_, time);
}

void Simulation::run(TimePoint limit, const std::function<bool()>& done) {
  while (!done || !done()) {
    if (run_one()) {
      if (++steps_at_this_instant_ > kMaxStepsAtOneInstant) simulation_failed("the clock stands and work never ends");
      continue;
    }
    if (wait_for_posts()) continue;
    if (!advance(limit)) return;
    steps_at_this_instant_ = 0;
  }
}

bool Simulation::run_one() {
  std::vector<std::function<void()>> choices;
  for (SimulatedEngine* engine : engines_) {
    if (engine->has_jobs()) choices.emplace_back([engine] { engine->run_jobs(); });
    if (engine->has_ready()) choices.emplace_back([engine] { engine->attempt_one_ready(); });
    if (engine->next_deadline() <= now_) choices.emplace_back([engine] { engine->finish_one_overdue(); });
  }
  if (!events_.empty() && events_.begin()->first <= now_) choices.emplace_back([this] { run_due_event(); });
  if (choices.empty()) return false;
  choices[random_.below(choices.size())]();
  return true;
}

void Simulation::run_due_event() {
  const std::function<void()> event = std::move(events_.begin()->second);
  events_.erase(events_.begin());
  event();
}

bool Simulation::wait_for_posts() {
  std::unique_lock lock(mutex_);
  const auto has_posts = [this] {
    return std::any_of(engines_.begin(), engines_.end(),
                       [](SimulatedEngine* engine) { return !engine->jobs_.empty(); });
  };
  posted_.wait(lock, [&] { return expected_posters_ == 0 || has_posts(); });
  return has_posts();
}

bool Simulation::advance(TimePoint limit) {
  TimePoint next = events_.empty() ? kNever : events_.begin()->first;
  for (const SimulatedEngine* engine : engines_) next = std::min(next, engine->next_deadline());
  if (next == kNever || next > limit) return false;
  now_ = std::max(now_, next);
  return true;
}

Simulation::ExpectPosts::ExpectPosts(Simulation& simulation) noexcept : simulation_(simulation) {
  const std::lock_guard lock(simulation_.mutex_);
  ++simulation_.expected_posters_;
}

Simulation::ExpectPosts::~ExpectPosts() {
  const std::lock_guard lock(simulation_.mutex_);
  --simulation_.expected_posters_;
  simulation_.posted_.notify_all();
}

void Simulation::script(const Endpoint& where, ConnectScript script) { scripts_[where] = std::move(script); }

void Simulation::script_next(const Endpoint& where, ConnectScript script) {
  next_scripts_[where].push_back(std::move(script));
}

ConnectScript Simulation::script_for(const Endpoint& where) {
  if (const auto queued = next_scripts_.find(where); queued != next_scripts_.end() && !queued->second.empty()) {
    ConnectScript script = std::move(queued->second.front());
    queued->second.pop_front();
    return script;
  }
  const auto found = scripts_.find(where);
  return found != scripts_.end() ? found->second : others_;
}

Link Simulation::random_link(std::size_t fault_rarity, std::size_t fault_range) {
  using std::chrono::microseconds;
  Link link;
  if (random_.one_in(2)) link.latency = microseconds(random_.below(50'000));
  if (random_.one_in(2)) link.jitter = microseconds(random_.below(20'000));
  if (random_.one_in(2)) link.capacity = random_.between(1, 4096);
  if (random_.one_in(2)) link.max_piece = random_.between(1, 64);
  if (fault_rarity != 0 && random_.one_in(fault_rarity)) {
    const std::uint64_t where = random_.below(fault_range);
    switch (random_.below(4)) {
      case 0:
        link.end_at = where;
        break;
      case 1:
        link.reset_at = where;
        break;
      case 2:
        link.stall_at = where;
        break;
      default:
        link.stall_at = where;
        link.stall_for = microseconds(random_.below(2'000'000));
        break;
    }
  }
  return link;
}

void Simulation::at(TimePoint time, std::function<void()> event) { events_.emplace(time, std::move(event)); }

void Simulation::note(const std::string& line) { log_.push_back(text_of(now_ - kStart) + " " + line); }

}  // namespace okhttp::internal

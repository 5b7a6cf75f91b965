#include "connection/connection_store.hpp"

#include <algorithm>
#include <utility>

#include "connection/coalescing.hpp"
#include "runtime/spawn.hpp"

namespace okhttp::internal {
namespace {

/// How many addresses are remembered not to speak HTTP/2; the oldest are forgotten.
constexpr std::size_t kMaxHttp1Addresses = 256;

/// With something to watch the closer comes at least so often.
constexpr Duration kLongestSleep = std::chrono::minutes(1);

/// "okhttp connection closer": sleeps until the store has something to do, and ends with the store or when nothing is
/// left to be watched. Holds the store only while it works.
Task<void> close_idle_connections(std::weak_ptr<ConnectionStore> weak, std::shared_ptr<IdleWatch> watch,
                                  Engine& engine) {
  const bool is_watched = engine.adopt(watch->socket());
  for (;;) {
    TimePoint next = kNever;
    {
      const std::shared_ptr<ConnectionStore> store = weak.lock();
      if (store == nullptr) co_return;
      if (!is_watched) co_return store->closer_failed();
      next = store->tidy(engine);
    }
    if (next == kNever) co_return;
    const WaitTerms terms(nullptr, next);
    Readiness something_to_do(engine, terms, watch->socket(), Interest::read);
    if (co_await something_to_do == WaitResult::canceled) co_return;
  }
}

}  // namespace

ConnectionStore::~ConnectionStore() {
  while (Connection* connection = by_age_.front()) by_age_.erase(*connection);
  while (Connection* connection = shared_.front()) shared_.erase(*connection);
  if (watch_ != nullptr) watch_->poke();  // nothing is left to be done for the closer
}

void ConnectionStore::keep_house_on(std::shared_ptr<LoopProvider> loops) {
  const std::lock_guard lock(mutex_);
  if (loops_ == nullptr) loops_ = std::move(loops);
}

bool ConnectionStore::is_finished(const Connection& connection) const noexcept {
  return connection.no_new_exchanges() || connection.pool_generation_ != generation_ || connection.codec().is_over();
}

bool ConnectionStore::takes_exchanges(const Connection& connection) const noexcept {
  return !is_finished(connection) && connection.holders_ < connection.codec().max_exchanges();
}

std::shared_ptr<Connection> ConnectionStore::acquire(const Address& address, Engine& engine, bool look_always) {
  for (;;) {
    Taken taken;
    {
      const std::lock_guard lock(mutex_);
      const auto found = places_.find(address);
      if (found == places_.end()) return nullptr;
      taken = take_for(found->second);
    }
    if (taken.connection == nullptr || is_good(taken, engine, look_always)) return std::move(taken.connection);
    taken.connection->retire();
    release(std::move(taken.connection), engine.now());
  }
}

std::shared_ptr<Connection> ConnectionStore::acquire_shared(const Address& address) {
  const std::lock_guard lock(mutex_);
  const auto found = places_.find(address);
  return found != places_.end() ? take_shared(found->second).connection : nullptr;
}

std::shared_ptr<Connection> ConnectionStore::acquire_coalesced(const Address& address, const std::vector<Route>& routes,
                                                               Engine& engine, bool look_always) {
  std::vector<std::shared_ptr<Connection>> candidates;
  {
    const std::lock_guard lock(mutex_);
    for (const PoolList* list : {&shared_, &by_age_}) {
      for (Connection* connection = list->front(); connection != nullptr; connection = PoolList::next(*connection)) {
        if (connection->is_multiplexed() && takes_exchanges(*connection)) {
          candidates.push_back(connection->shared_from_this());
        }
      }
    }
  }
  for (const std::shared_ptr<Connection>& candidate : candidates) {
    if (!may_coalesce(*candidate, address, routes)) continue;
    Taken taken = take_this(*candidate);
    if (taken.connection == nullptr) continue;
    if (is_good(taken, engine, look_always)) return std::move(taken.connection);
    taken.connection->retire();
    release(std::move(taken.connection), engine.now());
  }
  return nullptr;
}

ConnectionStore::Taken ConnectionStore::take_this(Connection& connection) {
  const std::lock_guard lock(mutex_);
  const bool is_here = connection.pool_hook_.linked;  // else it was closed meanwhile
  if (!is_here || !takes_exchanges(connection)) return Taken();
  Place& place = places_.find(connection.route().address())->second;
  const auto here =
      std::find_if(place.idle.begin(), place.idle.end(), [&](const auto& idle) { return idle.get() == &connection; });
  if (here != place.idle.end()) return take_idle(place, static_cast<std::size_t>(here - place.idle.begin()));
  Taken taken;
  ++connection.holders_;
  taken.last_used = connection.last_used_;
  taken.connection = connection.shared_from_this();
  return taken;
}

bool ConnectionStore::forgives_refusal(Connection& connection) {
  const std::lock_guard lock(mutex_);
  note_late_limit(connection);
  if (connection.forgiven_ == 0) return false;
  --connection.forgiven_;
  return true;
}

void ConnectionStore::note_late_limit(Connection& connection) noexcept {
  if (connection.holders_ <= connection.codec().max_exchanges()) return;
  connection.forgiven_ = std::max(connection.forgiven_, connection.holders_);
}

bool ConnectionStore::is_good(const Taken& taken, Engine& engine, bool look_always) {
  const TimePoint now = engine.now();
  if (now >= taken.overdue) return false;
  if (!look_always && now - taken.last_used < kTrustedIdle) return true;
  ConnectionCodec& codec = taken.connection->codec();
  // Whoever reads from it would have seen its end.
  if (taken.connection->is_multiplexed() && !codec.is_unattended()) return true;
  return codec.look(engine);
}

ConnectionStore::Taken ConnectionStore::take_for(Place& place) {
  Taken taken = take_shared(place);
  for (std::size_t at = place.idle.size(); taken.connection == nullptr && at-- > 0;) {
    const Connection& connection = *place.idle[at];
    if (!connection.is_multiplexed() || takes_exchanges(connection)) taken = take_idle(place, at);
  }
  return taken;
}

ConnectionStore::Taken ConnectionStore::take_shared(Place& place) {
  Taken taken;
  for (std::size_t at = place.shared.size(); at-- > 0;) {
    Connection& connection = *place.shared[at];
    if (!takes_exchanges(connection)) continue;
    ++connection.holders_;
    taken.last_used = connection.last_used_;
    const auto here = place.shared.begin() + static_cast<std::ptrdiff_t>(at);
    std::rotate(here, here + 1, place.shared.end());  // the most recently used is the last
    taken.connection = place.shared.back();
    break;
  }
  return taken;
}

ConnectionStore::Taken ConnectionStore::take_idle(Place& place, std::size_t at) {
  Connection& connection = *place.idle[at];
  if (connection.is_multiplexed()) place.shared.reserve(place.shared.size() + 1);  // what may throw comes first
  Taken taken;
  taken.last_used = connection.last_used_;
  taken.overdue = overdue_at(connection);
  taken.connection = remove_idle(place, at);
  if (connection.is_multiplexed()) share(place, connection);
  return taken;
}

std::shared_ptr<Connection> ConnectionStore::remove_idle(Place& place, std::size_t at) {
  std::shared_ptr<Connection> connection = std::move(place.idle[at]);
  place.idle.erase(place.idle.begin() + static_cast<std::ptrdiff_t>(at));
  by_age_.erase(*connection);
  --idle_count_;
  unwatch(*connection);
  return connection;
}

std::shared_ptr<Connection> ConnectionStore::close_idle(Connection& connection) {
  const auto found = places_.find(connection.route().address());
  Place& place = found->second;
  const auto here = std::find_if(place.idle.begin(), place.idle.end(),
                                 [&](const auto& candidate) { return candidate.get() == &connection; });
  std::shared_ptr<Connection> removed = remove_idle(place, static_cast<std::size_t>(here - place.idle.begin()));
  --place.connections;
  --total_count_;
  if (place.is_empty()) places_.erase(found);
  return removed;
}

void ConnectionStore::share(Place& place, Connection& connection) {
  place.shared.push_back(connection.shared_from_this());
  shared_.push_back(connection);
  connection.holders_ = 1;
}

void ConnectionStore::rest(Place& place, std::shared_ptr<Connection> connection, TimePoint now, Duration promised) {
  connection->last_used_ = now;
  connection->idle_until_ = deadline_after(now, promised);
  by_age_.push_back(*connection);
  ++idle_count_;
  place.idle.push_back(std::move(connection));
}

void ConnectionStore::watch(Connection& connection) noexcept {
  connection.is_watched_ = watch_->add(connection.codec().socket(), connection.info().id());
}

void ConnectionStore::unwatch(Connection& connection) noexcept {
  if (std::exchange(connection.is_watched_, false)) watch_->remove(connection.codec().socket());
}

void ConnectionStore::add(const std::shared_ptr<Connection>& connection, TimePoint now) {
  if (connection->is_multiplexed()) {
    connection->codec().on_change([pool = weak_from_this(), weak = std::weak_ptr<Connection>(connection)] {
      const std::shared_ptr<ConnectionStore> store = pool.lock();
      const std::shared_ptr<Connection> changed = weak.lock();
      if (store != nullptr && changed != nullptr) store->codec_changed(*changed);
    });
  }
  Served served;
  CloserCall closer = CloserCall::none;
  {
    const std::lock_guard lock(mutex_);
    connection->pool_generation_ = generation_;
    connection->last_used_ = now;
    Place& place = places_[connection->route().address()];
    ++place.connections;
    ++total_count_;
    if (connection->is_multiplexed()) {
      share(place, *connection);
      std::erase(http_1_, connection->route().address());
      serve_line(place, served);
      closer = call_closer(now, kNever);
    } else if (place.has_turn || some_expect_to_share(place)) {
      remember_http_1(connection->route().address());
      dissolve_line(place, served);
    }
  }
  set_all(served);
  make(closer);
}

void ConnectionStore::release(std::shared_ptr<Connection> connection, TimePoint now) {
  const Duration promised = connection->peer_keep_alive();
  const Address& address = connection->route().address();
  const TimePoint overdue = std::min(deadline_after(now, promised), deadline_after(now, keep_alive_));
  Served served;
  CloserCall closer = CloserCall::none;
  {
    const std::lock_guard lock(mutex_);
    bool is_over = connection->no_new_exchanges() || connection->pool_generation_ != generation_ || max_idle_ == 0 ||
                   promised <= Duration::zero();
    if (connection->is_multiplexed()) {
      const auto found = places_.find(address);
      Place& place = found->second;
      place.idle.reserve(place.idle.size() + 1);  // what may throw comes before anything is changed
      connection->last_used_ = std::max(connection->last_used_, now);
      --connection->holders_;
      serve_line(place, served);
      if (connection->holders_ == 0) {
        std::erase(place.shared, connection);
        shared_.erase(*connection);
        unwatch(*connection);
        is_over = is_over || connection->codec().is_over();
        if (is_over) {
          count_out(found, served);
        } else {
          rest(place, std::move(connection), now, promised);
          closer = call_closer(now, idle_count_ > max_idle_ ? now : overdue);
        }
      }
    } else if (is_over) {
      count_out(places_.find(address), served);
    } else {
      Place& place = places_.find(address)->second;
      place.idle.reserve(place.idle.size() + 1);
      rest(place, std::move(connection), now, promised);
      if (!place.line.empty()) serve_line(place, served);
      closer = call_closer(now, idle_count_ > max_idle_ ? now : overdue);
    }
  }
  // A connection that is over closes here: after the lock, and before another hears that it may connect in its place.
  connection = nullptr;
  set_all(served);
  make(closer);
}

bool ConnectionStore::stand_in_line(WaitingCall& call) {
  Served served;
  bool is_served = false;
  {
    const std::lock_guard lock(mutex_);
    if (std::find(http_1_.begin(), http_1_.end(), call.address()) != http_1_.end()) {
      call.expects_to_share_ = false;
      if (call.max_connections_ == 0) {
        call.outcome_ = WaitingCall::Outcome::on_its_own;
        return true;
      }
    }
    Place& place = places_[call.address()];
    place.line.push_back(call);
    serve_line(place, served);
    is_served = call.outcome_ != WaitingCall::Outcome::none;
  }
  set_all(served);
  return is_served;
}

bool ConnectionStore::has_slot_for(const Place& place, const WaitingCall& call) noexcept {
  return call.max_connections_ == 0 || place.connections + place.slots < call.max_connections_;
}

void ConnectionStore::give_slot(Place& place, WaitingCall& call) noexcept {
  if (call.max_connections_ == 0) return;
  ++place.slots;
  call.has_slot_ = true;
}

bool ConnectionStore::serve(Place& place, WaitingCall& call) {
  using Outcome = WaitingCall::Outcome;
  Taken taken = take_for(place);
  if (taken.connection != nullptr) {
    call.connection_ = std::move(taken.connection);
    call.outcome_ = Outcome::connection;
    return true;
  }
  if (!has_slot_for(place, call)) return false;
  if (call.expects_to_share_) {
    const std::size_t usable = usable_connections(place);
    if (place.has_turn || usable >= call.max_shared_) return false;
    place.has_turn = true;
    call.outcome_ = Outcome::turn;
    call.adds_to_others_ = usable > 0;
  } else {
    call.outcome_ = Outcome::on_its_own;
  }
  give_slot(place, call);
  return true;
}

void ConnectionStore::serve_line(Place& place, Served& served) {
  while (WaitingCall* const first = place.line.front()) {
    served.push_back(first->served_);  // what may throw comes before anything is changed
    if (!serve(place, *first)) {
      served.pop_back();
      return;
    }
    place.line.erase(*first);
  }
}

void ConnectionStore::serve_lines(Served& served) {
  for (auto& [address, place] : places_) serve_line(place, served);
}

void ConnectionStore::dissolve_line(Place& place, Served& served) {
  for (WaitingCall* call = place.line.front(); call != nullptr;) {
    WaitingCall* const next = Line::next(*call);
    call->expects_to_share_ = false;
    served.push_back(call->served_);
    if (serve(place, *call)) {
      place.line.erase(*call);
    } else {
      served.pop_back();
    }
    call = next;
  }
}

void ConnectionStore::count_out(Places::iterator place, Served& served) {
  --place->second.connections;
  --total_count_;
  serve_line(place->second, served);
  if (place->second.is_empty()) places_.erase(place);
}

bool ConnectionStore::some_expect_to_share(const Place& place) noexcept {
  const WaitingCall* call = place.line.front();
  while (call != nullptr && !call->expects_to_share_) call = Line::next(*call);
  return call != nullptr;
}

std::size_t ConnectionStore::usable_connections(const Place& place) const noexcept {
  const auto is_usable = [this](const auto& connection) {
    return connection->is_multiplexed() && !is_finished(*connection);
  };
  return static_cast<std::size_t>(std::count_if(place.shared.begin(), place.shared.end(), is_usable) +
                                  std::count_if(place.idle.begin(), place.idle.end(), is_usable));
}

bool ConnectionStore::lose_patience(WaitingCall& call) {
  const std::lock_guard lock(mutex_);
  if (call.outcome_ != WaitingCall::Outcome::none) return true;
  Place& place = places_.find(call.address())->second;
  if (usable_connections(place) > 0) return false;
  call.expects_to_share_ = false;
  if (!has_slot_for(place, call)) return false;
  place.line.erase(call);
  call.outcome_ = WaitingCall::Outcome::on_its_own;
  give_slot(place, call);
  return true;
}

void ConnectionStore::leave_line(WaitingCall& call, TimePoint now) {
  WaitingCall::Outcome given = WaitingCall::Outcome::none;
  bool had_slot = false;
  Served served;
  {
    const std::lock_guard lock(mutex_);
    if (call.line_hook_.linked) {
      const auto found = places_.find(call.address());
      found->second.line.erase(call);
      serve_line(found->second, served);  // those behind it may be content with less
      if (found->second.is_empty()) places_.erase(found);
    }
    given = call.take_outcome();
    had_slot = call.take_slot();
  }
  set_all(served);
  if (had_slot) end_slot(call.address());
  if (given == WaitingCall::Outcome::connection) release(call.take_connection(), now);
  if (given == WaitingCall::Outcome::turn) end_turn(call.address(), false);
}

void ConnectionStore::end_turn(const Address& address, bool share_nothing) {
  Served served;
  {
    const std::lock_guard lock(mutex_);
    const auto found = places_.find(address);
    Place& place = found->second;
    place.has_turn = false;
    if (share_nothing && usable_connections(place) == 0) {
      dissolve_line(place, served);
    } else {
      serve_line(place, served);
    }
    if (place.is_empty()) places_.erase(found);
  }
  set_all(served);
}

void ConnectionStore::end_slot(const Address& address) {
  Served served;
  {
    const std::lock_guard lock(mutex_);
    const auto found = places_.find(address);
    Place& place = found->second;
    --place.slots;
    serve_line(place, served);
    if (place.is_empty()) places_.erase(found);
  }
  set_all(served);
}

void ConnectionStore::exchange_for_slot(std::shared_ptr<Connection> useless, TimePoint now) {
  useless->retire();
  {
    const std::lock_guard lock(mutex_);
    ++places_.find(useless->route().address())->second.slots;
  }
  release(std::move(useless), now);
}

void ConnectionStore::remember_http_1(const Address& address) {
  if (std::find(http_1_.begin(), http_1_.end(), address) != http_1_.end()) return;
  if (http_1_.size() == kMaxHttp1Addresses) http_1_.erase(http_1_.begin());
  http_1_.push_back(address);
}

void ConnectionStore::set_all(const Served& served) noexcept {
  for (const std::shared_ptr<Signal>& signal : served) signal->set();
}

void ConnectionStore::codec_changed(Connection& connection) {
  Served served;
  CloserCall closer = CloserCall::none;
  {
    const std::lock_guard lock(mutex_);
    const auto found = places_.find(connection.route().address());
    if (found == places_.end()) return;
    note_late_limit(connection);
    serve_line(found->second, served);
    // The codec that says so is at work: the closer closes it, not its own thread.
    const bool is_idle = connection.holders_ == 0 && connection.pool_hook_.linked;
    if (is_idle && is_finished(connection)) closer = call_closer(connection.last_used_, connection.last_used_);
  }
  set_all(served);
  make(closer);
}

ConnectionStore::CloserCall ConnectionStore::call_closer(TimePoint now, TimePoint due) noexcept {
  if (!closer_runs_) {
    if (loops_ == nullptr) return CloserCall::none;
    closer_runs_ = true;
    closer_wakes_ = std::min(due, now + kTrustedIdle);
    return CloserCall::start;
  }
  const bool comes_too_late = due <= now || due < closer_wakes_ || closer_wakes_ > now + 2 * kTrustedIdle;
  if (!comes_too_late) return CloserCall::none;
  closer_wakes_ = now;  // waking it once is enough until it has worked
  return CloserCall::wake;
}

void ConnectionStore::make(CloserCall call) {
  if (call == CloserCall::start) start_closer_in_time();
  if (call == CloserCall::wake) wake_closer();
}

void ConnectionStore::start_closer_in_time() {
  TimePoint due = kNever;
  {
    const std::lock_guard lock(mutex_);
    due = closer_wakes_;
  }
  if (loops_->peek() != nullptr || Clock::now() >= due) return start_closer();
  // A program that made a call or two ends before that, and need not start a loop for what it leaves behind.
  std::shared_ptr<Alarm> alarm;
  try {
    alarm = std::make_shared<Alarm>("okhttp alarm", due, [weak = weak_from_this()] {
      if (const std::shared_ptr<ConnectionStore> store = weak.lock()) store->start_closer();
    });
  } catch (const std::exception&) {
    return closer_failed();
  }
  const std::lock_guard lock(mutex_);
  if (watch_ != nullptr) return;  // it rang already
  alarm_ = alarm;
  if (closer_wakes_ < due) alarm->ring_now();  // there was something to do meanwhile
}

void ConnectionStore::start_closer() {
  try {
    const std::shared_ptr<Loop> loop = loops_->get();
    std::shared_ptr<IdleWatch> watch;
    {
      const std::lock_guard lock(mutex_);
      alarm_ = nullptr;
      if (watch_ == nullptr) watch_ = std::make_shared<IdleWatch>();
      watch = watch_;
    }
    spawn_detached(*loop, close_idle_connections(weak_from_this(), std::move(watch), *loop));
  } catch (const std::exception&) {
    closer_failed();
  }
}

void ConnectionStore::wake_closer() {
  std::shared_ptr<Alarm> alarm;
  std::shared_ptr<IdleWatch> watch;
  {
    const std::lock_guard lock(mutex_);
    alarm = alarm_;
    watch = watch_;
  }
  if (alarm != nullptr) alarm->ring_now();
  if (watch != nullptr) watch->poke();
}

void ConnectionStore::closer_failed() {
  {
    const std::lock_guard lock(mutex_);
    closer_runs_ = false;
  }
  // Without a closer nobody would close what lies idle, so nothing is kept.
  evict_all();
}

std::size_t ConnectionStore::connection_count() const {
  const std::lock_guard lock(mutex_);
  return total_count_;
}

std::size_t ConnectionStore::idle_connection_count() const {
  const std::lock_guard lock(mutex_);
  return idle_count_;
}

std::size_t ConnectionStore::waiting_call_count() const {
  const std::lock_guard lock(mutex_);
  std::size_t count = 0;
  for (const auto& [address, place] : places_) {
    for (WaitingCall* call = place.line.front(); call != nullptr; call = Line::next(*call)) ++count;
  }
  return count;
}

void ConnectionStore::evict_all() {
  Closed closed;
  Served served;
  {
    const std::lock_guard lock(mutex_);
    ++generation_;
    while (Connection* connection = by_age_.front()) {
      closed.push_back(close_idle(*connection));
    }
    serve_lines(served);
  }
  closed.clear();
  set_all(served);
}

TimePoint ConnectionStore::overdue_at(const Connection& connection) const noexcept {
  return std::min(connection.idle_until_, deadline_after(connection.last_used_, keep_alive_));
}

TimePoint ConnectionStore::tidy(Engine& engine) {
  look_at_what_arrived(engine);
  const TimePoint now = engine.now();
  Closed closed;
  Served served;
  TimePoint next = kNever;
  {
    const std::lock_guard lock(mutex_);
    close_what_is_over(now, closed, next);
    attend_to_what_is_shared(now, next);
    // What is in use comes back soon, perhaps thousands of times a second: not worth an end and a new start each time.
    if (next == kNever && total_count_ > 0) next = now + kTrustedIdle;
    closer_runs_ = next != kNever;
    closer_wakes_ = next;
    if (!closed.empty()) serve_lines(served);
    std::erase_if(places_, [](const auto& item) { return item.second.is_empty(); });
  }
  closed.clear();
  set_all(served);
  return next;
}

void ConnectionStore::close_what_is_over(TimePoint now, Closed& closed, TimePoint& next) {
  for (Connection* connection = by_age_.front(); connection != nullptr;) {
    Connection* const following = PoolList::next(*connection);
    const bool has_ended = connection->is_multiplexed() && is_finished(*connection);
    if (idle_count_ > max_idle_ || now >= overdue_at(*connection) || has_ended) {
      closed.push_back(close_idle(*connection));
    } else {
      next = std::min(next, overdue_at(*connection));
      if (!connection->is_watched_ && watch_ != nullptr && now - connection->last_used_ >= kTrustedIdle) {
        watch(*connection);
      }
      if (!connection->is_watched_) next = std::min(next, std::max(now, connection->last_used_) + kTrustedIdle);
    }
    connection = following;
  }
}

void ConnectionStore::attend_to_what_is_shared(TimePoint now, TimePoint& next) {
  for (Connection* connection = shared_.front(); connection != nullptr; connection = PoolList::next(*connection)) {
    next = std::min(next, now + kLongestSleep);
    const bool is_left_alone = connection->codec().is_unattended() && now - connection->last_used_ >= kTrustedIdle;
    if (!connection->is_watched_ && watch_ != nullptr && is_left_alone) watch(*connection);
    if (!connection->is_watched_) next = std::min(next, std::max(now, connection->last_used_) + kTrustedIdle);
  }
}

void ConnectionStore::look_at_what_arrived(Engine& engine) {
  Closed closed;
  std::vector<std::shared_ptr<Connection>> multiplexed;
  {
    const std::lock_guard lock(mutex_);
    if (watch_ == nullptr) return;
    for (const std::uint64_t id : watch_->collect()) {
      Connection* const connection = find_watched(id);
      if (connection == nullptr) continue;
      unwatch(*connection);  // to be watched again
      if (connection->is_multiplexed()) {
        multiplexed.push_back(connection->shared_from_this());
      } else if (!connection->codec().look(engine)) {  // nobody else looks while it is idle
        closed.push_back(close_idle(*connection));
      }
    }
  }
  // Without the lock: what comes in may change how many exchanges there may be, which the codec tells.
  for (const std::shared_ptr<Connection>& connection : multiplexed) {
    if (!connection->codec().is_unattended() || connection->codec().look(engine)) continue;
    connection->retire();
    codec_changed(*connection);
  }
}

Connection* ConnectionStore::find_watched(std::uint64_t id) const noexcept {
  for (const PoolList* list : {&by_age_, &shared_}) {
    for (Connection* connection = list->front(); connection != nullptr; connection = PoolList::next(*connection)) {
      if (connection->info().id() == id) return connection;
    }
  }
  return nullptr;
}

}  // namespace okhttp::internal

#include "connection/connection_store.hpp"

#include <algorithm>
#include <utility>

#include "runtime/spawn.hpp"

namespace okhttp::internal {
namespace {

/// "okhttp connection closer": sleeps until the store has something to do, and ends with the store or when nothing is
/// idle. Holds the store only while it works.
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
  if (watch_ != nullptr) watch_->poke();  // nothing is left to be done for the closer
}

void ConnectionStore::keep_house_on(std::shared_ptr<LoopProvider> loops) {
  const std::lock_guard lock(mutex_);
  if (loops_ == nullptr) loops_ = std::move(loops);
}

std::shared_ptr<Connection> ConnectionStore::acquire(const Address& address, Engine& engine, bool look_always) {
  for (;;) {
    std::shared_ptr<Connection> connection = take_newest(address);
    if (connection == nullptr) return nullptr;
    const TimePoint now = engine.now();
    const bool in_time = now < overdue_at(*connection);
    if (in_time && !look_always && now - connection->idle_since_ < kTrustedIdle) return connection;
    if (in_time && connection->codec().look(engine)) return connection;
    connection->retire();
    release(std::move(connection), now);
  }
}

std::shared_ptr<Connection> ConnectionStore::take_newest(const Address& address) {
  const std::lock_guard lock(mutex_);
  const auto found = idle_.find(address);
  if (found == idle_.end() || found->second.empty()) return nullptr;
  std::shared_ptr<Connection> connection = std::move(found->second.back());
  found->second.pop_back();
  by_age_.erase(*connection);
  --idle_count_;
  unwatch(*connection);
  return connection;
}

std::shared_ptr<Connection> ConnectionStore::take(Connection& connection) {
  const auto found = idle_.find(connection.route().address());
  auto& of_address = found->second;
  const auto place = std::find_if(of_address.begin(), of_address.end(),
                                  [&](const auto& candidate) { return candidate.get() == &connection; });
  std::shared_ptr<Connection> taken = std::move(*place);
  of_address.erase(place);
  if (of_address.empty()) idle_.erase(found);
  by_age_.erase(connection);
  --idle_count_;
  unwatch(connection);
  return taken;
}

void ConnectionStore::unwatch(Connection& connection) noexcept {
  if (std::exchange(connection.is_watched_, false)) watch_->remove(connection.codec().socket());
}

void ConnectionStore::add(Connection& connection) {
  const std::lock_guard lock(mutex_);
  connection.pool_generation_ = generation_;
  ++total_count_;
}

void ConnectionStore::release(std::shared_ptr<Connection> connection, TimePoint now) {
  const Duration promised = connection->peer_keep_alive();
  bool must_start_closer = false;
  std::shared_ptr<IdleWatch> must_poke;
  {
    const std::lock_guard lock(mutex_);
    const bool is_over = connection->no_new_exchanges() || connection->pool_generation_ != generation_ ||
                         max_idle_ == 0 || promised <= Duration::zero();
    if (is_over) {
      --total_count_;
    } else {
      auto& of_address = idle_[connection->route().address()];
      of_address.reserve(of_address.size() + 1);  // what may throw comes before anything is changed
      connection->idle_since_ = now;
      connection->idle_until_ = deadline_after(now, promised);
      by_age_.push_back(*connection);
      ++idle_count_;
      if (!closer_runs_) {
        must_start_closer = closer_runs_ = loops_ != nullptr;
      } else if (idle_count_ > max_idle_ || closer_wakes_ > now + 2 * kTrustedIdle) {
        closer_wakes_ = now;  // one poke is enough until it has worked
        must_poke = watch_;
      }
      of_address.push_back(std::move(connection));
    }
  }
  // A connection that is over closes here, after the lock.
  if (must_start_closer) start_closer();
  if (must_poke != nullptr) must_poke->poke();
}

void ConnectionStore::start_closer() {
  try {
    const std::shared_ptr<Loop> loop = loops_->get();
    std::shared_ptr<IdleWatch> watch;
    {
      const std::lock_guard lock(mutex_);
      if (watch_ == nullptr) watch_ = std::make_shared<IdleWatch>();
      watch = watch_;
    }
    spawn_detached(*loop, close_idle_connections(weak_from_this(), std::move(watch), *loop));
  } catch (const std::exception&) {
    closer_failed();
  }
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

void ConnectionStore::evict_all() {
  Closed closed;
  const std::lock_guard lock(mutex_);
  ++generation_;
  while (Connection* connection = by_age_.front()) {
    closed.push_back(take(*connection));
    --total_count_;
  }
}

TimePoint ConnectionStore::overdue_at(const Connection& connection) const noexcept {
  return std::min(connection.idle_until_, deadline_after(connection.idle_since_, keep_alive_));
}

TimePoint ConnectionStore::tidy(Engine& engine) {
  const TimePoint now = engine.now();
  Closed closed;
  const std::lock_guard lock(mutex_);
  if (watch_ != nullptr) drop_what_the_peer_closed(engine, closed);
  TimePoint next = kNever;
  for (Connection* connection = by_age_.front(); connection != nullptr;) {
    Connection* const following = IdleList::next(*connection);
    if (idle_count_ > max_idle_ || now >= overdue_at(*connection)) {
      closed.push_back(take(*connection));
      --total_count_;
    } else {
      next = std::min(next, overdue_at(*connection));
      if (!connection->is_watched_ && watch_ != nullptr && now - connection->idle_since_ >= kTrustedIdle) {
        connection->is_watched_ = watch_->add(connection->codec().socket(), connection->info().id());
      }
      if (!connection->is_watched_) next = std::min(next, std::max(now, connection->idle_since_) + kTrustedIdle);
    }
    connection = following;
  }
  std::erase_if(idle_, [](const auto& item) { return item.second.empty(); });
  closer_runs_ = next != kNever;
  closer_wakes_ = next;
  return next;
}

void ConnectionStore::drop_what_the_peer_closed(Engine& engine, Closed& closed) {
  for (const std::uint64_t id : watch_->collect()) {
    for (Connection* connection = by_age_.front(); connection != nullptr; connection = IdleList::next(*connection)) {
      if (connection->info().id() != id) continue;
      // The look may read, which is for the engine alone that has the socket; nobody else does while it is idle.
      if (connection->codec().look(engine)) {
        unwatch(*connection);  // a TLS ticket: to be watched again
      } else {
        closed.push_back(take(*connection));
        --total_count_;
      }
      break;
    }
  }
}

}  // namespace okhttp::internal

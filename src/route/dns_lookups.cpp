#include "route/dns_lookups.hpp"

#include <algorithm>
#include <exception>
#include <list>
#include <map>
#include <mutex>
#include <utility>

#include "runtime/signal.hpp"
#include "runtime/thread_pool.hpp"

namespace okhttp::internal {

/// One name that is being looked up, or waits for a thread.
struct DnsLookups::Lookup {
  using Key = std::pair<const Dns*, std::string>;
  using Table = std::map<Key, std::shared_ptr<Lookup>>;

  explicit Lookup(std::shared_ptr<Dns> resolver) : dns(std::move(resolver)) {}

  const std::shared_ptr<Dns> dns;
  Table::iterator entry;  // its own, as long as it is under way
  // Guarded by the mutex of Shared.
  bool begun = false;
  std::vector<std::shared_ptr<Signal>> waiting;
  // Written before the signals are set, read afterwards.
  std::vector<IpAddress> addresses;
  std::exception_ptr failure;
};

struct DnsLookups::Shared : std::enable_shared_from_this<Shared> {
  const std::size_t max_threads;
  ThreadPool threads;

  std::mutex mutex;
  Lookup::Table under_way;                   // guarded by mutex, as all below
  std::list<std::shared_ptr<Lookup>> queue;  // of `under_way`, what waits for a thread
  std::size_t serving = 0;                   // threads

  Shared(std::string name, std::size_t maximum, std::chrono::milliseconds keep_alive)
      : max_threads(maximum), threads(std::move(name), maximum, keep_alive) {}

  std::shared_ptr<Lookup> join(std::shared_ptr<Dns> dns, std::string host, const std::shared_ptr<Signal>& told);
  void leave(const std::shared_ptr<Lookup>& lookup, const std::shared_ptr<Signal>& told) noexcept;
  void take_thread(std::unique_lock<std::mutex>& lock);
  void serve();
  static void run(Lookup& lookup) noexcept;
};

std::shared_ptr<DnsLookups::Lookup> DnsLookups::Shared::join(std::shared_ptr<Dns> dns, std::string host,
                                                             const std::shared_ptr<Signal>& told) {
  Lookup::Key key(dns.get(), std::move(host));
  std::unique_lock lock(mutex);
  if (const auto known = under_way.find(key); known != under_way.end()) {
    known->second->waiting.push_back(told);
    return known->second;
  }
  auto lookup = std::make_shared<Lookup>(std::move(dns));
  lookup->waiting.push_back(told);
  lookup->entry = under_way.emplace(std::move(key), lookup).first;
  queue.push_back(lookup);
  if (serving < max_threads) take_thread(lock);
  return lookup;
}

void DnsLookups::Shared::take_thread(std::unique_lock<std::mutex>& lock) {
  ++serving;
  lock.unlock();
  try {
    threads.execute([self = shared_from_this()] { self->serve(); });
  } catch (...) {
    lock.lock();
    if (--serving > 0) return;  // those that serve will come to it
    // No thread to be had at all: whoever waits is told.
    const std::exception_ptr failure = std::current_exception();
    std::list<std::shared_ptr<Lookup>> refused = std::move(queue);
    queue.clear();
    std::vector<std::shared_ptr<Signal>> told;
    for (const auto& lookup : refused) {
      under_way.erase(lookup->entry);
      lookup->failure = failure;
      for (auto& one : lookup->waiting) told.push_back(std::move(one));
    }
    lock.unlock();
    for (const auto& one : told) one->set();
  }
}

void DnsLookups::Shared::leave(const std::shared_ptr<Lookup>& lookup, const std::shared_ptr<Signal>& told) noexcept {
  std::shared_ptr<Lookup> dropped;  // outlives the lock: the last owner of a Dns runs user code
  const std::lock_guard lock(mutex);
  std::erase(lookup->waiting, told);
  if (lookup->begun || !lookup->waiting.empty()) return;
  const auto place = std::find(queue.begin(), queue.end(), lookup);
  if (place == queue.end()) return;
  dropped = std::move(*place);
  queue.erase(place);
  under_way.erase(lookup->entry);
}

void DnsLookups::Shared::serve() {
  std::unique_lock lock(mutex);
  while (!queue.empty()) {
    std::shared_ptr<Lookup> lookup = std::move(queue.front());
    queue.pop_front();
    lookup->begun = true;
    lock.unlock();
    run(*lookup);
    lock.lock();
    under_way.erase(lookup->entry);
    const std::vector<std::shared_ptr<Signal>> told = std::exchange(lookup->waiting, {});
    lock.unlock();
    for (const auto& one : told) one->set();
    lookup.reset();  // what it owns goes away without the lock
    lock.lock();
  }
  --serving;
}

void DnsLookups::Shared::run(Lookup& lookup) noexcept {
  try {
    lookup.addresses = lookup.dns->lookup_answer(lookup.entry->first.second).addresses;
  } catch (...) {
    lookup.failure = std::current_exception();
  }
}

/// A place among those who wait for a lookup.
class DnsLookups::Place {
 public:
  Place(std::shared_ptr<Shared> shared, std::shared_ptr<Dns> dns, std::string host)
      : shared_(std::move(shared)), lookup_(shared_->join(std::move(dns), std::move(host), told_)) {}
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;
  ~Place() { shared_->leave(lookup_, told_); }

  [[nodiscard]] const std::shared_ptr<Signal>& told() const noexcept { return told_; }
  /// Requires: told.
  [[nodiscard]] std::vector<IpAddress> outcome() const {
    if (lookup_->failure) std::rethrow_exception(lookup_->failure);
    return lookup_->addresses;
  }

 private:
  const std::shared_ptr<Signal> told_ = std::make_shared<Signal>();
  const std::shared_ptr<Shared> shared_;
  const std::shared_ptr<Lookup> lookup_;
};

DnsLookups::DnsLookups(std::string thread_name, std::size_t max_threads, std::chrono::milliseconds keep_alive)
    : shared_(std::make_shared<Shared>(std::move(thread_name), max_threads, keep_alive)) {}

DnsLookups::~DnsLookups() = default;

Task<std::optional<std::vector<IpAddress>>> DnsLookups::look_up(std::shared_ptr<Dns> dns, std::string host,
                                                                std::uint16_t port, Engine& engine, WaitTerms terms,
                                                                WaitResult& why) {
  why = WaitResult::ready;
  std::optional<std::vector<IpAddress>> known = dns->at_hand(host, port);
  if (known.has_value()) co_return known;
  const Place place(shared_, std::move(dns), std::move(host));
  Signal::Awaiter told(place.told(), engine, terms);
  why = co_await told;
  if (why != WaitResult::ready) co_return std::nullopt;
  co_return std::optional<std::vector<IpAddress>>(place.outcome());
}

std::size_t DnsLookups::queued_count() const {
  const std::lock_guard lock(shared_->mutex);
  return shared_->queue.size();
}

}  // namespace okhttp::internal

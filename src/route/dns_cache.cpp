#include <okhttp/dns_cache.hpp>
#include <okhttp/error.hpp>

#include <pthread.h>

#include <algorithm>
#include <list>
#include <mutex>
#include <stdexcept>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "http/ascii.hpp"

namespace okhttp {
namespace {

using TimePoint = std::chrono::steady_clock::time_point;
using std::chrono::milliseconds;

std::string key_of(const std::string& host) {
  std::string key = host;
  std::transform(key.begin(), key.end(), key.begin(), internal::to_lower);
  return key;
}

/// True for what another lookup would say as well. A failure of the resolver itself says what lies behind.
bool is_definite(const Error& error) {
  return error.errc() == Errc::unknown_host && !error.system_error() && error.cause() == nullptr;
}

void check(const DnsCacheOptions& options) {
  if (std::min({options.time_to_live, options.max_time_to_live, options.negative_time_to_live}) < milliseconds(0)) {
    throw std::invalid_argument("DnsCache: a time to live must not be below 0");
  }
  if (options.max_entries == 0) throw std::invalid_argument("DnsCache: max_entries must be above 0");
}

}  // namespace

struct DnsCache::State {
  struct Entry {
    std::string key;
    std::vector<IpAddress> addresses;  // none: `failure` says why
    std::optional<Error> failure;
    TimePoint expires;
  };

  const std::shared_ptr<Dns> source;
  const DnsCacheOptions options;

  std::mutex mutex;
  std::list<Entry> entries;  // guarded by mutex, as all below; the one asked for last in front
  std::unordered_map<std::string_view, std::list<Entry>::iterator> by_key;
  std::uint64_t generation = 0;  // counts clear()

  State(std::shared_ptr<Dns> from, DnsCacheOptions how) : source(std::move(from)), options(std::move(how)) {}

  [[nodiscard]] TimePoint now() const { return options.clock ? options.clock() : std::chrono::steady_clock::now(); }

  /// A copy of what is known of the name at `time`.
  std::optional<Entry> find(const std::string& key, TimePoint time);
  std::uint64_t current_generation();
  void keep(Entry entry, milliseconds time_to_live, std::uint64_t begun_in);
  void drop(std::list<Entry>::iterator entry);

  /// The cache that the whole process shares is used by children too: no other thread may hold its lock in a fork.
  void guard_against_forks();
};

std::optional<DnsCache::State::Entry> DnsCache::State::find(const std::string& key, TimePoint time) {
  const std::lock_guard lock(mutex);
  const auto known = by_key.find(key);
  if (known == by_key.end()) return std::nullopt;
  const auto entry = known->second;
  if (entry->expires <= time) {
    drop(entry);
    return std::nullopt;
  }
  entries.splice(entries.begin(), entries, entry);
  return *entry;
}

std::uint64_t DnsCache::State::current_generation() {
  const std::lock_guard lock(mutex);
  return generation;
}

void DnsCache::State::keep(Entry entry, milliseconds time_to_live, std::uint64_t begun_in) {
  if (time_to_live <= milliseconds(0)) return;
  entry.expires = now() + time_to_live;
  const std::lock_guard lock(mutex);
  if (generation != begun_in) return;
  if (const auto known = by_key.find(entry.key); known != by_key.end()) drop(known->second);
  if (entries.size() >= options.max_entries) drop(std::prev(entries.end()));
  entries.push_front(std::move(entry));
  by_key.emplace(entries.front().key, entries.begin());
}

void DnsCache::State::drop(std::list<Entry>::iterator entry) {
  by_key.erase(entry->key);
  entries.erase(entry);
}

void DnsCache::State::guard_against_forks() {
  static State* of_process = nullptr;
  of_process = this;
  ::pthread_atfork([] { of_process->mutex.lock(); }, [] { of_process->mutex.unlock(); },
                   [] { of_process->mutex.unlock(); });
}

DnsCache::DnsCache(std::shared_ptr<Dns> source, DnsCacheOptions options)
    : state_(std::make_unique<State>(std::move(source), std::move(options))) {
  if (state_->source == nullptr) throw std::invalid_argument("DnsCache: the source is null");
  check(state_->options);
}

DnsCache::~DnsCache() = default;

std::vector<IpAddress> DnsCache::lookup(const std::string& host) { return lookup_answer(host).addresses; }

DnsAnswer DnsCache::lookup_answer(const std::string& host) {
  if (const std::optional<IpAddress> literal = IpAddress::parse(host)) return DnsAnswer({*literal});
  State::Entry entry;
  entry.key = key_of(host);
  const TimePoint time = state_->now();
  if (std::optional<State::Entry> known = state_->find(entry.key, time)) {
    if (known->failure.has_value()) throw *known->failure;
    return DnsAnswer(std::move(known->addresses), std::chrono::ceil<std::chrono::seconds>(known->expires - time));
  }
  const std::uint64_t generation = state_->current_generation();
  const DnsCacheOptions& options = state_->options;
  try {
    DnsAnswer fresh = state_->source->lookup_answer(host);
    if (fresh.addresses.empty()) return fresh;  // nothing that a resolver should give; whoever asked says so
    milliseconds lasts = options.time_to_live;
    if (fresh.time_to_live.has_value()) {
      // Compared in seconds, where a resolver's nonsense does not overflow.
      const auto most = std::chrono::ceil<std::chrono::seconds>(options.max_time_to_live);
      lasts = std::min<milliseconds>(std::min(*fresh.time_to_live, most), options.max_time_to_live);
    }
    entry.addresses = fresh.addresses;
    state_->keep(std::move(entry), lasts, generation);
    return fresh;
  } catch (const Error& error) {
    if (is_definite(error)) {
      entry.failure = error;
      state_->keep(std::move(entry), options.negative_time_to_live, generation);
    }
    throw;
  }
}

std::optional<std::vector<IpAddress>> DnsCache::at_hand(const std::string& host, std::uint16_t port) {
  if (auto given = state_->source->at_hand(host, port)) return given;
  std::optional<State::Entry> known = state_->find(key_of(host), state_->now());
  if (!known.has_value()) return std::nullopt;
  if (known->failure.has_value()) throw *known->failure;
  return std::move(known->addresses);
}

void DnsCache::clear() {
  const std::lock_guard lock(state_->mutex);
  state_->by_key.clear();
  state_->entries.clear();
  ++state_->generation;
}

std::size_t DnsCache::size() const {
  const std::lock_guard lock(state_->mutex);
  return state_->entries.size();
}

std::shared_ptr<Dns> Dns::system_cached() {
  // Never destroyed: threads may still look names up, and the process fork, while static objects are being torn down.
  static const auto& shared = *new std::shared_ptr<DnsCache>([] {
    auto cache = std::make_shared<DnsCache>(system());
    cache->state_->guard_against_forks();
    return cache;
  }());
  return shared;
}

}  // namespace okhttp

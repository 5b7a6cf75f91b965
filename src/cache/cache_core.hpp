#pragma once

#include <okhttp/cache.hpp>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "cache/flights.hpp"
#include "cache/freshness.hpp"
#include "cache/invalidations.hpp"
#include "runtime/thread_pool.hpp"

namespace okhttp::internal {

/// What a Cache is a handle to: the store, what is counted, and what calls that use it at once know of each other.
///
/// Threads: any. Nothing that asks the store holds a lock.
class CacheCore final : public std::enable_shared_from_this<CacheCore> {
 public:
  explicit CacheCore(std::shared_ptr<CacheStore> store);
  /// Once: has the store tell of what fails later.
  void listen();

  [[nodiscard]] CacheStore& store() noexcept { return *store_; }
  [[nodiscard]] const std::shared_ptr<CacheStore>& shared_store() const noexcept { return store_; }
  /// Where work is done that may wait for the store.
  [[nodiscard]] ThreadPool& threads() noexcept { return threads_; }

  [[nodiscard]] WallTime now() const { return clock_ ? clock_() : std::chrono::system_clock::now(); }
  /// For tests, before the cache is used.
  void set_clock(std::function<WallTime()> clock) { clock_ = std::move(clock); }

  void close();
  [[nodiscard]] bool is_closed() const noexcept { return is_closed_.load(std::memory_order_acquire); }

  /// Asks the store; when that fails, the failure is told and `otherwise` is what it yields.
  template <class Ask, class T>
  T ask(Ask&& ask_store, T otherwise) noexcept {
    try {
      return ask_store(*store_);
    } catch (const std::exception& failure) {
      failed(failure.what());
    }
    return otherwise;
  }
  template <class Tell>
  void tell(Tell&& tell_store) noexcept {
    try {
      tell_store(*store_);
    } catch (const std::exception& failure) {
      failed(failure.what());
    }
  }
  void failed(const std::string& what) noexcept;
  void set_failure_handler(std::function<void(const std::string&)> handler);

  /// Removes what is stored for a URL, and sees to it that what is on its way there is not stored.
  /// Throws what the store throws.
  void invalidate(const std::string& url);
  void invalidate_all();
  [[nodiscard]] const Invalidations& invalidations() const noexcept { return invalidations_; }

  /// A mark that a response is being renewed, as long as it is held; null when it is already.
  [[nodiscard]] std::shared_ptr<void> begin_refresh(const CacheKey& key, const std::string& variant);

  [[nodiscard]] Flights& flights() noexcept { return flights_; }

  std::atomic<std::uint64_t> requests{0};
  std::atomic<std::uint64_t> networks{0};
  std::atomic<std::uint64_t> hits{0};
  std::atomic<std::uint64_t> writes{0};
  std::atomic<std::uint64_t> aborts{0};

 private:
  const std::shared_ptr<CacheStore> store_;
  ThreadPool threads_;
  std::function<WallTime()> clock_;
  std::atomic<bool> is_closed_{false};
  Invalidations invalidations_;
  Flights flights_;

  std::mutex mutex_;  // guards what follows
  std::unordered_set<std::string> refreshing_;
  std::function<void(const std::string&)> failure_handler_;
  bool told_of_failure_ = false;
};

/// What the library takes out of a Cache.
struct CacheAccess {
  [[nodiscard]] static const std::shared_ptr<CacheCore>& core(const Cache& cache) noexcept { return cache.core_; }
};

}  // namespace okhttp::internal

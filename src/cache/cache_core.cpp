#include "cache/cache_core.hpp"

#include <cstdio>

namespace okhttp::internal {
namespace {

/// A store has one place where it writes; more threads than these would wait for each other.
constexpr std::size_t kMaxThreads = 4;
constexpr std::chrono::seconds kThreadIdle(10);

void write_to_stderr(const std::string& what) noexcept {
  const std::string line = "okhttp: the cache failed, calls go on without it: " + what + "\n";
  std::fputs(line.c_str(), stderr);
}

}  // namespace

CacheCore::CacheCore(std::shared_ptr<CacheStore> store)
    : store_(std::move(store)), threads_("okhttp cache", kMaxThreads, kThreadIdle) {}

void CacheCore::listen() {
  store_->set_failure_handler([weak = weak_from_this()](const std::string& what) {
    if (const std::shared_ptr<CacheCore> core = weak.lock()) core->failed(what);
  });
}

void CacheCore::close() {
  is_closed_.store(true, std::memory_order_release);
  store_->close();
}

void CacheCore::failed(const std::string& what) noexcept {
  try {
    std::function<void(const std::string&)> handler;
    {
      const std::lock_guard lock(mutex_);
      if (std::exchange(told_of_failure_, true)) return;
      handler = failure_handler_;
    }
    if (handler) {
      handler(what);
    } else {
      write_to_stderr(what);
    }
  } catch (const std::exception&) {
    // A handler that fails has nobody to tell.
  }
}

void CacheCore::set_failure_handler(std::function<void(const std::string&)> handler) {
  const std::lock_guard lock(mutex_);
  failure_handler_.swap(handler);
}

void CacheCore::invalidate(const std::string& url) {
  // First this, so that what is committed in between is removed, and what comes later is not committed.
  invalidations_.note(url, std::chrono::steady_clock::now());
  store_->remove_url(url);
}

void CacheCore::invalidate_all() {
  invalidations_.note_all(std::chrono::steady_clock::now());
  store_->remove_all();
}

std::shared_ptr<void> CacheCore::begin_refresh(const CacheKey& key, const std::string& variant) {
  std::string id = key.credential + ' ' + variant + ' ' + key.url;
  {
    const std::lock_guard lock(mutex_);
    if (!refreshing_.insert(id).second) return nullptr;
  }
  return std::shared_ptr<void>(this, [self = shared_from_this(), id = std::move(id)](void* /*none*/) {
    const std::lock_guard lock(self->mutex_);
    self->refreshing_.erase(id);
  });
}

}  // namespace okhttp::internal

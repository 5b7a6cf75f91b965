#include <okhttp/cache.hpp>
#include <okhttp/url.hpp>

#include <stdexcept>
#include <utility>

#include "cache/cache_core.hpp"
#include "cache/cache_key.hpp"
#include "cache/memory_store.hpp"

namespace okhttp {

Cache::Cache(std::shared_ptr<CacheStore> store) {
  if (store == nullptr) throw std::invalid_argument("Cache: the store is null");
  core_ = std::make_shared<internal::CacheCore>(std::move(store));
  core_->listen();
}

Cache Cache::in_memory(std::uint64_t max_size) { return Cache(std::make_shared<internal::MemoryStore>(max_size)); }

std::uint64_t Cache::request_count() const noexcept { return core_->requests; }
std::uint64_t Cache::network_count() const noexcept { return core_->networks; }
std::uint64_t Cache::hit_count() const noexcept { return core_->hits; }
std::uint64_t Cache::write_success_count() const noexcept { return core_->writes; }
std::uint64_t Cache::write_abort_count() const noexcept { return core_->aborts; }

std::vector<std::string> Cache::urls() const { return core_->store().urls(); }

void Cache::remove(std::string_view url) const { core_->invalidate(internal::cache_url(Url::parse(url))); }

void Cache::evict_all() const { core_->invalidate_all(); }

std::uint64_t Cache::size() const { return core_->store().size(); }
std::uint64_t Cache::max_size() const noexcept { return core_->store().max_size(); }
void Cache::flush() const { core_->store().flush(); }
void Cache::close() const { core_->close(); }
bool Cache::is_closed() const noexcept { return core_->is_closed(); }

void Cache::set_failure_handler(std::function<void(const std::string&)> handler) const {
  core_->set_failure_handler(std::move(handler));
}

}  // namespace okhttp

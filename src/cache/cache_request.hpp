#pragma once

#include <okhttp/cache_store.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "cache/cache_core.hpp"
#include "cache/part_merge.hpp"

namespace okhttp::internal {

/// One response on its way into the store, written while the caller reads it. Destroyed before it was committed, it
/// leaves nothing. Nothing throws: a store that fails gives the entry up.
///
/// Used by one thread or coroutine at a time.
class CacheRequest final {
 public:
  /// What is to be kept.
  struct Plan {
    CacheKey key;
    CachedResponse head;
    std::optional<std::uint64_t> length;  ///< of the body that comes, when it is known
    std::optional<PartMerge> merge;
    Invalidations::Moment asked_at;  ///< an invalidation after this has the last word
  };

  /// Null when the store does not want it. May wait for the store exactly if the plan has a merge with a prefix.
  [[nodiscard]] static std::unique_ptr<CacheRequest> begin(std::shared_ptr<CacheCore> core, Plan plan);
  CacheRequest(std::shared_ptr<CacheCore> core, Plan plan, std::unique_ptr<CacheStore::Writer> writer);
  CacheRequest(const CacheRequest&) = delete;
  CacheRequest& operator=(const CacheRequest&) = delete;
  ~CacheRequest();

  [[nodiscard]] const std::shared_ptr<CacheCore>& core() const noexcept { return core_; }
  /// Held until this has come to its end.
  void hold(std::unique_ptr<Flights::Lead> lead) noexcept { lead_ = std::move(lead); }

  /// Takes what was read. Nothing happens once the entry was given up.
  void append(std::span<const std::byte> bytes) noexcept;
  /// False when append() should wait for wait_for_room() first, which blocks.
  [[nodiscard]] bool has_room() const noexcept { return writer_ == nullptr || writer_->has_room(); }
  void wait_for_room() noexcept;
  /// The body came to its end. Never waits.
  static void commit(std::unique_ptr<CacheRequest> request) noexcept;

 private:
  [[nodiscard]] bool copy_stored(std::uint64_t offset, std::uint64_t count);
  [[nodiscard]] bool is_current() const { return !core_->invalidations().happened(plan_.key.url, plan_.asked_at); }
  void finish() noexcept;

  const std::shared_ptr<CacheCore> core_;
  Plan plan_;
  std::unique_ptr<CacheStore::Writer> writer_;  // null when given up, or committed
  std::unique_ptr<Flights::Lead> lead_;
  std::uint64_t received_ = 0;
  bool is_committed_ = false;
};

}  // namespace okhttp::internal

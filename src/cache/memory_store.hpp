#pragma once

#include <okhttp/cache_store.hpp>

#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

namespace okhttp::internal {

/// Keeps responses in memory, up to `max_size` bytes. Those that were not used for the longest time go first; a body
/// that is being read stays until its reader goes.
///
/// Threads: any; one short lock.
class MemoryStore final : public CacheStore {
 public:
  /// Variants that one key may have: beyond that a server's Vary names what never comes twice.
  static constexpr std::size_t kMaxVariants = 32;

  explicit MemoryStore(std::uint64_t max_size);
  ~MemoryStore() override;

  [[nodiscard]] bool may_block() const noexcept override { return false; }
  [[nodiscard]] std::vector<Found> find(const CacheKey& key) override;
  [[nodiscard]] std::unique_ptr<Reader> open(EntryId id, std::uint64_t offset) override;
  [[nodiscard]] std::unique_ptr<Writer> begin(const CacheKey& key, const CachedResponse& head) override;
  void update(EntryId id, const CachedResponse& head) override;
  void remove(EntryId id) override;
  void remove_url(const std::string& url) override;
  void remove_all() override;
  [[nodiscard]] std::vector<std::string> urls() override;
  [[nodiscard]] std::uint64_t size() override;
  [[nodiscard]] std::uint64_t max_size() const noexcept override;
  void close() override;

 private:
  class Body;
  class BodyReader;
  class BodyWriter;
  struct Entry;
  struct State;

  std::shared_ptr<State> state_;  // shared with writers, which may come to their end after the store
};

}  // namespace okhttp::internal

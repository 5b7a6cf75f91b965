#pragma once

#include <okhttp/cache_store.hpp>

#include <sys/types.h>

#include <atomic>
#include <memory>
#include <string>

#include "connections.hpp"
#include "head_format.hpp"
#include "write_queue.hpp"

namespace okhttp::sqlite {

/// Keeps responses in an SQLite database in a directory, which several processes may use at once.
///
/// Reading goes to the database on the thread that asks, and sees what was committed here before. Writing goes through
/// a queue with a thread of its own. Nothing is opened before it is needed; what goes wrong then is thrown.
class SqliteStore final : public CacheStore {
 public:
  static constexpr std::size_t kMaxVariants = 32;

  SqliteStore(std::string directory, std::uint64_t max_size);
  ~SqliteStore() override;

  [[nodiscard]] bool may_block() const noexcept override { return true; }
  /// Not while the database is closed, or something of that key is to be written first.
  [[nodiscard]] bool is_at_hand(const CacheKey& key) const noexcept override;
  [[nodiscard]] std::vector<Found> find(const CacheKey& key) override;
  [[nodiscard]] std::unique_ptr<Reader> open(EntryId id, std::uint64_t offset) override;
  [[nodiscard]] std::unique_ptr<Writer> begin(const CacheKey& key, const CachedResponse& head) override;
  void update(EntryId id, const CachedResponse& head) override;
  void remove(EntryId id) override;
  void remove_url(const std::string& url) override;
  void remove_all() override;
  [[nodiscard]] std::vector<std::string> urls() override;
  [[nodiscard]] std::uint64_t size() override;
  [[nodiscard]] std::uint64_t max_size() const noexcept override { return max_size_; }
  void flush() override;
  void set_failure_handler(const std::function<void(const std::string&)>& handler) override;
  void close() override;

 private:
  class BodyReader;
  class BodyWriter;
  struct Row;

  void require_own_process() const;
  /// Runs `ask` with a connection, which is given up when that fails.
  template <class Ask>
  auto with_connection(Ask ask);
  /// Once for each database: what an earlier user with more room has left there is too much.
  void keep_within_size(Connections::Lease& lease);
  /// flush(), with the database opened.
  void settle();

  const std::uint64_t max_size_;
  const pid_t process_;
  std::shared_ptr<Connections> connections_;
  std::shared_ptr<WriteQueue> queue_;
  HeadReader heads_;
  std::atomic<std::uint64_t> sized_{0};  // the generation of the database whose size was looked at
  std::atomic<bool> is_closed_{false};
};

}  // namespace okhttp::sqlite

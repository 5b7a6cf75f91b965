#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "change_counter.hpp"
#include "database.hpp"
#include "directory.hpp"

namespace okhttp::sqlite {

/// The connections to the database in a directory, opened when they are needed.
///
/// Notices when the file was removed or replaced, and when it is damaged: then it is said once, by an exception, and
/// the next use begins anew. What could not be opened is not tried again at once. Threads: any.
class Connections final : public std::enable_shared_from_this<Connections> {
 public:
  explicit Connections(std::string directory) : directory_(std::move(directory)) {}

  /// A connection for the time of its life, for one thread; goes back to be used again.
  class Lease {
   public:
    Lease(std::shared_ptr<Connections> from, std::unique_ptr<Database> database, std::uint64_t generation,
          std::shared_ptr<ChangeCounter> changes) noexcept
        : from_(std::move(from)),
          database_(std::move(database)),
          generation_(generation),
          changes_(std::move(changes)) {}
    Lease(Lease&&) noexcept = default;
    Lease& operator=(Lease&&) = delete;
    ~Lease();
    [[nodiscard]] Database& operator*() const noexcept { return *database_; }
    [[nodiscard]] Database* operator->() const noexcept { return database_.get(); }
    /// Not to be used again.
    void spoil() noexcept { is_spoiled_ = true; }
    /// What was read shows that the file is damaged: see Connections::note_damage().
    void note_damage() noexcept {
      spoil();
      from_->note_damage(*this);
    }
    [[nodiscard]] std::uint64_t generation() const noexcept { return generation_; }
    /// Null when changes are not counted.
    [[nodiscard]] const std::shared_ptr<ChangeCounter>& changes() const noexcept { return changes_; }

   private:
    std::shared_ptr<Connections> from_;
    std::unique_ptr<Database> database_;
    std::uint64_t generation_;
    std::shared_ptr<ChangeCounter> changes_;
    bool is_spoiled_ = false;
  };

  /// Throws what is wrong with the directory or the database.
  [[nodiscard]] Lease lend();
  /// True when the database is open, so that lend() waits for nobody. A guess: it may be closed meanwhile.
  [[nodiscard]] bool is_open() const noexcept { return is_open_.load(std::memory_order_relaxed); }
  /// True when that generation, a lease's, is the database that is in use now.
  [[nodiscard]] bool is_current(std::uint64_t generation);
  /// What was read with that lease shows that the file is damaged: it is made anew when it is next used.
  void note_damage(const Lease& lease) noexcept;
  [[nodiscard]] const Directory& directory() const noexcept { return directory_; }

  void close() noexcept;

 private:
  void require_open();
  void open();
  void forget() noexcept;
  void give_back(std::unique_ptr<Database> database, std::uint64_t generation) noexcept;

  const Directory directory_;
  std::mutex mutex_;                  // guards what follows; held while the database is opened
  std::atomic<bool> is_open_{false};  // to be read without the lock too
  bool is_damaged_ = false;
  std::uint64_t generation_ = 1;
  FileIdentity identity_;
  std::shared_ptr<const HeldFile> file_;
  std::shared_ptr<ChangeCounter> changes_;
  FileLock users_;  // shared by all that use the directory
  std::vector<std::unique_ptr<Database>> idle_;
  std::string failure_;  // of the last attempt to open
  std::chrono::steady_clock::time_point failed_at_;
};

}  // namespace okhttp::sqlite

#pragma once

#include <sys/types.h>

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "connections.hpp"
#include "key_filter.hpp"
#include "this_process.hpp"

namespace okhttp::sqlite {

/// The one place where a process writes: tasks run in order on a thread of the queue's own, many in one transaction:
/// what nobody waits for may wait for others, a few milliseconds. If a transaction fails, all tasks of it have failed.
///
/// Threads: any. The thread starts with the first task, holds the queue, and ends once it was stopped and is through.
class WriteQueue final : public std::enable_shared_from_this<WriteQueue> {
 public:
  struct Task {
    std::function<void(Database&)> work;
    /// Told on the queue's thread whether it is in the database; may be empty.
    std::function<void(bool)> finished;
    std::size_t bytes = 0;                        ///< that wait with it
    std::string key;                              ///< of entries that it changes; may be empty
    std::shared_ptr<std::exception_ptr> failure;  ///< gets the failure, if somebody waits for it
  };

  WriteQueue(std::shared_ptr<Connections> connections, std::uint64_t max_size);

  /// False once the queue was stopped; then the task is dropped.
  bool push(Task task);
  /// Returns when it is done; throws what it failed with.
  void run(std::function<void(Database&)> work);
  /// Removes an entry that cannot be completed, as soon as something can be written. By what is `finished`.
  void abandon(std::int64_t entry) { abandoned_.push_back(entry); }
  /// False in a child of the process that made the queue, where its thread is not and its locks may be held for ever.
  [[nodiscard]] bool is_in_own_process() const noexcept { return this_process() == process_; }
  [[nodiscard]] bool has_room() const;
  void wait_for_room();
  /// What tasks have as their `key`.
  [[nodiscard]] static std::string key_of(std::string_view url, std::string_view credential);
  /// Returns when nothing that changes entries of `key` is waiting. Yields the generation of the database in which
  /// there is none with that key, if that is known without asking it.
  std::optional<std::uint64_t> wait_for(const std::string& key);
  /// The database was asked for a key, and had none.
  void note_miss() noexcept { misses_.fetch_add(1, std::memory_order_relaxed); }
  /// False when wait_for(key) would return at once.
  [[nodiscard]] bool has_waiting(const std::string& key) const;
  /// Returns when all is done that was pushed before, with the times of use.
  void flush();
  /// An entry was used; written down with the next transaction, or within seconds.
  void touch(std::int64_t entry);
  /// Told of tasks that failed and that nobody waited for. Before the first task.
  void set_failure_handler(std::function<void(const std::string&)> handler) { failure_handler_ = std::move(handler); }
  /// True while the log is too long, because there is always somebody who reads: nothing should be added.
  [[nodiscard]] bool is_overfull() const;
  /// Evicts what is over the largest size, soon, and makes the file smaller.
  void shrink();
  void stop();
  /// After stop(): returns when the thread has let go of the database.
  void wait_for_end();

  /// A moment that is later than all before, in microseconds.
  [[nodiscard]] std::int64_t next_moment();

 private:
  void serve();
  void hurry() noexcept;
  void wait_for_more(std::unique_lock<std::mutex>& lock);
  void run_batch(const std::deque<Task>& batch, const std::unordered_map<std::int64_t, std::int64_t>& touched);
  void commit(Transaction& transaction, const std::deque<Task>& batch);
  void learn_keys() noexcept;
  void evict(Database& database);
  [[nodiscard]] bool shorten_log() noexcept;

  /// The keys in a database as of a state of it.
  struct KnownKeys {
    KeyFilter keys;
    std::uint64_t generation;
    std::shared_ptr<ChangeCounter> changes;
    std::uint64_t as_of;
    [[nodiscard]] bool is_current() const noexcept { return changes->value() == as_of; }
  };

  const std::shared_ptr<Connections> connections_;
  const std::uint64_t max_size_;
  const pid_t process_ = this_process();
  std::function<void(const std::string&)> failure_handler_;
  std::optional<Connections::Lease> lease_;  // of the thread
  std::int64_t swept_at_ = 0;                // of the thread
  std::int64_t shortened_at_ = 0;            // of the thread
  std::vector<std::int64_t> abandoned_;      // of the thread
  std::uint64_t misses_worth_learning_;      // of the thread
  std::atomic<std::uint64_t> misses_{0};     // since the keys were learned

  mutable std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  std::deque<Task> waiting_;
  std::size_t waiting_bytes_ = 0;  // with those of the batch that runs
  std::uint64_t pushed_ = 0;
  std::uint64_t done_ = 0;
  std::unordered_map<std::string, std::uint64_t> by_key_;  // the last task of each that is not done
  std::unordered_map<std::int64_t, std::int64_t> touched_;
  std::optional<KnownKeys> known_;
  std::int64_t last_moment_ = 0;
  bool is_urgent_ = false;  // somebody waits for what is waiting
  bool has_thread_ = false;
  bool has_ended_ = false;  // the thread
  bool is_stopped_ = false;
  bool is_overfull_ = false;
};

}  // namespace okhttp::sqlite

#include "write_queue.hpp"

#include <pthread.h>

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <thread>
#include <utility>

namespace okhttp::sqlite {
namespace {

constexpr std::size_t kMaxBatch = std::size_t{4} << 20;
constexpr std::size_t kMaxWaiting = std::size_t{8} << 20;
constexpr std::chrono::seconds kTouchDelay(5);
/// A transaction costs as much as a dozen small responses in it.
constexpr std::chrono::milliseconds kGather(20);
constexpr std::size_t kEnoughBytes = std::size_t{1} << 20;
constexpr std::size_t kEnoughTasks = 256;
/// SQLite begins the log anew when a checkpoint finds nobody who reads from it. Beyond the first size that moment is
/// waited for, a little, now and then; beyond the second nothing is kept until it came.
constexpr std::uint64_t kLongLog = std::uint64_t{8} << 20;
constexpr std::uint64_t kMaxLog = std::uint64_t{32} << 20;
constexpr int kCheckpointMilliseconds = 100;
constexpr std::int64_t kShortenEvery = 500000;
/// An entry that a living process has begun, and not gone on with for so long, is given up.
constexpr std::int64_t kAbandonedAfter = std::int64_t{3600} * 1000000;
constexpr std::int64_t kSweepEvery = std::int64_t{600} * 1000000;

/// To learn all keys costs as much as to ask for some of them: so many, and one for so many entries.
constexpr std::uint64_t kFewMisses = 64;
constexpr std::uint64_t kEntriesPerMiss = 8;
constexpr std::uint64_t kMaxKeys = std::uint64_t{1} << 22;

}  // namespace

WriteQueue::WriteQueue(std::shared_ptr<Connections> connections, std::uint64_t max_size)
    : connections_(std::move(connections)), max_size_(max_size), misses_worth_learning_(kFewMisses) {}

bool WriteQueue::push(Task task) {
  const std::lock_guard lock(mutex_);
  if (is_stopped_) {
    return false;
  }
  if (!has_thread_) {
    std::thread([self = shared_from_this()] { self->serve(); }).detach();
    has_thread_ = true;
  }
  waiting_.push_back(std::move(task));
  // Counted once it is certain to be done one day.
  ++pushed_;
  const Task& last = waiting_.back();
  waiting_bytes_ += last.bytes;
  is_urgent_ = is_urgent_ || last.failure != nullptr;
  if (!last.key.empty()) by_key_[last.key] = pushed_;
  // Woken for the first, for enough, and for what somebody waits for.
  const bool is_enough = waiting_bytes_ >= kEnoughBytes || waiting_.size() == kEnoughTasks;
  if (waiting_.size() == 1 || is_enough || is_urgent_) changed_.notify_all();
  return true;
}

void WriteQueue::hurry() noexcept {
  if (std::exchange(is_urgent_, true)) return;
  changed_.notify_all();
}

void WriteQueue::run(std::function<void(Database&)> work) {
  Task task;
  task.work = std::move(work);
  task.failure = std::make_shared<std::exception_ptr>();
  const auto failure = task.failure;
  if (!push(std::move(task))) throw std::runtime_error("the cache is closed");
  std::unique_lock lock(mutex_);
  const std::uint64_t mine = pushed_;
  changed_.wait(lock, [&] { return done_ >= mine; });
  if (*failure) std::rethrow_exception(*failure);
}

bool WriteQueue::has_room() const {
  const std::lock_guard lock(mutex_);
  return waiting_bytes_ < kMaxWaiting;
}

void WriteQueue::wait_for_room() {
  std::unique_lock lock(mutex_);
  hurry();
  changed_.wait(lock, [&] { return waiting_bytes_ < kMaxWaiting; });
}

std::string WriteQueue::key_of(std::string_view url, std::string_view credential) {
  std::string key;
  key.reserve(url.size() + credential.size() + 1);
  key.append(credential).append(1, ' ').append(url);
  return key;
}

std::optional<std::uint64_t> WriteQueue::wait_for(const std::string& key) {
  std::unique_lock lock(mutex_);
  const auto last = by_key_.find(key);
  if (last == by_key_.end()) {
    if (known_.has_value() && !known_->keys.may_have(key) && known_->is_current()) return known_->generation;
    return std::nullopt;
  }
  hurry();
  changed_.wait(lock, [this, ticket = last->second] { return done_ >= ticket; });
  return std::nullopt;
}

bool WriteQueue::has_waiting(const std::string& key) const {
  const std::lock_guard lock(mutex_);
  return by_key_.contains(key);
}

void WriteQueue::shrink() {
  Task task;
  task.work = [this](Database& database) {
    evict(database);
    database.run("PRAGMA incremental_vacuum");
  };
  push(std::move(task));
}

void WriteQueue::flush() {
  std::unique_lock lock(mutex_);
  if (!touched_.empty()) {
    lock.unlock();
    push(Task{[](Database&) {}, nullptr, 0, std::string(), nullptr});
    lock.lock();
  }
  const std::uint64_t last = pushed_;
  hurry();
  changed_.wait(lock, [&] { return done_ >= last; });
}

void WriteQueue::touch(std::int64_t entry) {
  const std::int64_t moment = next_moment();
  const std::lock_guard lock(mutex_);
  // Without a thread nothing was written, so there is nothing to evict; the next that is written takes this along.
  touched_[entry] = moment;
  if (touched_.size() == 1) changed_.notify_all();
}

bool WriteQueue::is_overfull() const {
  const std::lock_guard lock(mutex_);
  return is_overfull_;
}

void WriteQueue::stop() {
  const std::lock_guard lock(mutex_);
  is_stopped_ = true;
  changed_.notify_all();
}

void WriteQueue::wait_for_end() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return !has_thread_ || has_ended_; });
}

std::int64_t WriteQueue::next_moment() {
  using std::chrono::microseconds;
  const auto now = std::chrono::duration_cast<microseconds>(std::chrono::system_clock::now().time_since_epoch());
  const std::lock_guard lock(mutex_);
  last_moment_ = std::max<std::int64_t>(last_moment_ + 1, now.count());
  return last_moment_;
}

void WriteQueue::serve() {
  pthread_setname_np(pthread_self(), "okhttp cache w");
  std::unique_lock lock(mutex_);
  for (;;) {
    while (waiting_.empty() && !is_stopped_) {
      if (touched_.empty()) {
        changed_.wait(lock);
      } else if (changed_.wait_for(lock, kTouchDelay) == std::cv_status::timeout) {
        break;
      }
    }
    if (waiting_.empty() && touched_.empty()) {
      if (is_stopped_) break;
      continue;
    }
    wait_for_more(lock);
    std::deque<Task> batch;
    std::size_t bytes = 0;
    while (!waiting_.empty() && bytes < kMaxBatch) {
      bytes += waiting_.front().bytes;
      batch.push_back(std::move(waiting_.front()));
      waiting_.pop_front();
    }
    if (waiting_.empty()) is_urgent_ = false;
    const std::unordered_map<std::int64_t, std::int64_t> touched = std::exchange(touched_, {});
    lock.unlock();
    std::exception_ptr failure;
    std::string what;
    try {
      run_batch(batch, touched);
    } catch (const std::exception& error) {
      failure = std::current_exception();
      what = error.what();
    }
    bool is_waited_for = false;
    for (const Task& task : batch) {
      if (task.finished) task.finished(!failure);
      if (!failure || task.failure == nullptr) continue;
      *task.failure = failure;
      is_waited_for = true;
    }
    if (failure && !is_waited_for && failure_handler_) failure_handler_(what);
    const std::uint64_t finished = batch.size();
    batch.clear();  // what it owns goes away without the lock
    const bool is_overfull = !shorten_log();
    learn_keys();
    lock.lock();
    is_overfull_ = is_overfull;
    waiting_bytes_ -= bytes;
    done_ += finished;
    std::erase_if(by_key_, [this](const auto& last) { return last.second <= done_; });
    changed_.notify_all();
  }
  lock.unlock();
  lease_.reset();
  lock.lock();
  has_ended_ = true;
  changed_.notify_all();
}

void WriteQueue::wait_for_more(std::unique_lock<std::mutex>& lock) {
  changed_.wait_for(lock, kGather, [this] {
    return is_urgent_ || is_stopped_ || waiting_bytes_ >= kEnoughBytes || waiting_.size() >= kEnoughTasks;
  });
}

void WriteQueue::run_batch(const std::deque<Task>& batch,
                           const std::unordered_map<std::int64_t, std::int64_t>& touched) {
  if (lease_.has_value() && !connections_->is_current(lease_->generation())) {
    lease_->spoil();
    lease_.reset();
  }
  if (!lease_.has_value()) lease_.emplace(connections_->lend());
  Database& database = **lease_;
  try {
    Transaction transaction(database);
    for (const Task& task : batch) task.work(database);
    for (const std::int64_t entry : abandoned_) {
      Query(database, "DELETE FROM entries WHERE id = ?1 AND complete = 0", entry).run();
    }
    for (const auto& [entry, moment] : touched) {
      Query(database, "UPDATE entries SET used = ?1 WHERE id = ?2 AND used < ?1", moment, entry).run();
    }
    evict(database);
    commit(transaction, batch);
    abandoned_.clear();
  } catch (const Failure& failure) {
    // With a full disk the connection goes on: the last one to close would take the log's index along, and reading
    // would need room for a new one.
    if (failure.is_damage()) {
      connections_->note_damage(*lease_);
      lease_->spoil();
      lease_.reset();
    }
    throw;
  }
}

void WriteQueue::commit(Transaction& transaction, const std::deque<Task>& batch) {
  const std::shared_ptr<ChangeCounter>& changes = lease_->changes();
  if (changes == nullptr) return transaction.commit();
  const std::uint64_t before = changes->raise();
  transaction.commit();
  const std::uint64_t after = changes->raise();
  const std::lock_guard lock(mutex_);
  if (!known_.has_value() || known_->generation != lease_->generation()) return;
  for (const Task& task : batch) {
    if (!task.key.empty()) known_->keys.add(task.key);
  }
  // Then what was known before is still all, with that: nobody else has changed anything.
  if (known_->as_of == before && after == before + 1) known_->as_of = after + 1;
}

/// Looks at all keys in the database, if enough was asked in vain to make up for it.
void WriteQueue::learn_keys() noexcept {
  if (!lease_.has_value() || lease_->changes() == nullptr || misses_ < misses_worth_learning_) return;
  try {
    {
      const std::lock_guard lock(mutex_);
      if (known_.has_value() && known_->generation == lease_->generation() && known_->is_current() &&
          !known_->keys.is_full()) {
        misses_ = 0;
        return;
      }
    }
    Database& database = **lease_;
    const auto count = static_cast<std::uint64_t>(database.number("SELECT count(*) FROM entries"));
    misses_worth_learning_ = kFewMisses + count / kEntriesPerMiss;
    if (misses_ < misses_worth_learning_ || count > kMaxKeys) return;
    misses_ = 0;
    // First this: what is changed while the keys are read may be among them or not.
    const std::uint64_t as_of = lease_->changes()->value();
    KeyFilter keys(static_cast<std::size_t>(count));
    {
      Query query(database, "SELECT url, credential FROM entries");
      while (query.next()) keys.add(key_of(query.text(0), query.text(1)));
    }
    const std::lock_guard lock(mutex_);
    known_.emplace(KnownKeys{std::move(keys), lease_->generation(), lease_->changes(), as_of});
  } catch (const std::exception&) {
    // Then the database goes on being asked; what is wrong with it shows there.
  }
}

/// False when the log is too long.
bool WriteQueue::shorten_log() noexcept {
  const std::uint64_t size = connections_->directory().log_size();
  if (size < kLongLog || !lease_.has_value()) return size < kMaxLog;
  const std::int64_t now = next_moment();
  if (now - shortened_at_ < kShortenEvery) return size < kMaxLog;
  shortened_at_ = now;
  try {
    (*lease_)->checkpoint(kCheckpointMilliseconds);
  } catch (const Failure&) {
    // What is wrong shows when something is written.
  }
  return connections_->directory().log_size() < kMaxLog;
}

void WriteQueue::evict(Database& database) {
  const std::int64_t now = next_moment();
  if (now - swept_at_ > kSweepEvery) {
    Query(database, "DELETE FROM entries WHERE complete = 0 AND used < ?1", now - kAbandonedAfter).run();
    swept_at_ = now;
  }
  while (static_cast<std::uint64_t>(database.number("SELECT bytes FROM total")) > max_size_) {
    // What is being written has its turn too: else what a killed process left would stay, and push out all the rest.
    Query(database,
          "DELETE FROM entries WHERE id = (SELECT id FROM ("
          "SELECT * FROM (SELECT id, used FROM entries WHERE complete = 1 ORDER BY used LIMIT 1) UNION ALL "
          "SELECT * FROM (SELECT id, used FROM entries WHERE complete = 0 ORDER BY used LIMIT 1)) "
          "ORDER BY used LIMIT 1)")
        .run();
    if (database.changes() == 0) break;
  }
}

}  // namespace okhttp::sqlite

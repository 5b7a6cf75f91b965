#include "connections.hpp"

#include <stdexcept>
#include <utility>

#include "schema.hpp"

namespace okhttp::sqlite {
namespace {

constexpr std::size_t kMaxIdle = 8;
/// A directory that cannot be used does not cost every call an attempt.
constexpr std::chrono::seconds kPause(5);

}  // namespace

Connections::Lease::~Lease() {
  if (from_ != nullptr && database_ != nullptr && !is_spoiled_) from_->give_back(std::move(database_), generation_);
}

Connections::Lease Connections::lend() {
  std::unique_ptr<Database> database;
  std::shared_ptr<const HeldFile> file;
  std::shared_ptr<ChangeCounter> changes;
  std::uint64_t generation = 0;
  {
    const std::lock_guard lock(mutex_);
    require_open();
    generation = generation_;
    file = file_;
    changes = changes_;
    if (!idle_.empty()) {
      database = std::move(idle_.back());
      idle_.pop_back();
    }
  }
  if (database == nullptr) {
    database = std::make_unique<Database>(directory_.database(), std::move(file));
    configure(*database);
  }
  return Lease(shared_from_this(), std::move(database), generation, std::move(changes));
}

bool Connections::is_current(std::uint64_t generation) {
  const std::lock_guard lock(mutex_);
  return generation == generation_ && is_open_ && directory_.identity() == identity_;
}

void Connections::note_damage(const Lease& lease) noexcept {
  const std::lock_guard lock(mutex_);
  if (lease.generation() != generation_) return;
  is_damaged_ = true;
  forget();
}

void Connections::close() noexcept {
  const std::lock_guard lock(mutex_);
  forget();
  users_ = FileLock();
}

void Connections::forget() noexcept {
  is_open_ = false;
  ++generation_;
  idle_.clear();
  file_.reset();
  changes_.reset();
}

void Connections::require_open() {
  if (is_open_ && directory_.identity() == identity_) return;
  if (is_open_) {
    forget();
    throw std::runtime_error("the database of the cache was removed or replaced; it begins anew");
  }
  const auto now = std::chrono::steady_clock::now();
  if (!failure_.empty() && now - failed_at_ < kPause) throw std::runtime_error(failure_);
  try {
    open();
    failure_.clear();
  } catch (const std::exception& failure) {
    failure_ = failure.what();
    failed_at_ = now;
    throw;
  }
}

void Connections::open() {
  directory_.make();
  // One at a time: only then is it certain who is alone here, and nobody sees a database that is half made.
  FileLock opening(directory_.opening_lock());
  opening.lock();
  FileLock users(directory_.users_lock());
  const bool is_alone = users.try_lock();
  std::shared_ptr<const HeldFile> file = directory_.prepare_database();
  if (std::exchange(is_damaged_, false)) {
    directory_.remove_database();
    file = directory_.prepare_database();
  }
  const auto begin = [&] {
    auto database = std::make_unique<Database>(directory_.database(), file);
    bring_up_to_date(*database);
    // What nobody is left to complete.
    if (is_alone) database->run("DELETE FROM entries WHERE complete = 0");
    return database;
  };
  std::unique_ptr<Database> first;
  try {
    first = begin();
  } catch (const Failure& failure) {
    if (!failure.is_damage()) throw;
    directory_.remove_database();
    file = directory_.prepare_database();
    first = begin();
  }
  users.share();
  users_ = std::move(users);
  identity_ = directory_.identity();
  changes_ = ChangeCounter::open(directory_);
  file_ = std::move(file);
  idle_.push_back(std::move(first));
  is_open_ = true;
}

void Connections::give_back(std::unique_ptr<Database> database, std::uint64_t generation) noexcept {
  const std::lock_guard lock(mutex_);
  if (is_open_ && generation == generation_ && idle_.size() < kMaxIdle) idle_.push_back(std::move(database));
}

}  // namespace okhttp::sqlite

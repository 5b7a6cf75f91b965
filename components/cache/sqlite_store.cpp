#include "sqlite_store.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <functional>
#include <new>
#include <optional>
#include <stdexcept>
#include <utility>
#include <vector>

#include "schema.hpp"
#include "this_process.hpp"

namespace okhttp::sqlite {
namespace {

constexpr std::size_t kChunk = std::size_t{64} << 10;
/// What an entry takes beside its texts and its body, roughly.
constexpr std::uint64_t kOverhead = 512;
/// So many bytes have numbers for their chunks.
constexpr std::uint64_t kLongestBody = std::uint64_t{kChunk} * kChunksPerEntry;

using Bytes = std::vector<std::byte>;

std::uint64_t announced_length(const Headers& headers) noexcept {
  const std::string_view text = headers.get("Content-Length").value_or("");
  std::uint64_t length = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), length);
  return error == std::errc() && end == text.data() + text.size() ? length : 0;
}

std::string queue_key(const CacheKey& key) { return WriteQueue::key_of(key.url, key.credential); }

/// Covers all by which an entry is found and served.
std::int64_t head_sum(std::string_view url, std::string_view credential, std::string_view variant,
                      std::uint64_t body_size, std::span<const std::byte> head) {
  std::uint32_t sum = checksum(0, url);
  sum = checksum(checksum(sum, credential), variant);
  return checksum(checksum(sum, body_size), head);
}

/// With its number, so that a chunk in another's place is noticed.
std::int64_t chunk_sum(std::int64_t id, std::span<const std::byte> data) {
  return checksum(checksum(0, static_cast<std::uint64_t>(id)), data);
}

void drop(WriteQueue& queue, std::int64_t entry) {
  WriteQueue::Task task;
  task.work = [entry](Database& database) { Query(database, "DELETE FROM entries WHERE id = ?1", entry).run(); };
  queue.push(std::move(task));
}

std::uint64_t size_without_body(const CacheKey& key, std::size_t head) noexcept {
  return kOverhead + key.url.size() + key.credential.size() + head;
}

}  // namespace

/// Reads chunk by chunk. A body of which more than one is to come holds a connection with a snapshot, in which it stays
/// whole.
class SqliteStore::BodyReader final : public Reader {
 public:
  /// Null when the entry is gone. Throws Failure, and std::runtime_error when the first chunk is not as it was written.
  static std::unique_ptr<BodyReader> begin(Connections::Lease& lease, std::shared_ptr<WriteQueue> queue,
                                           std::int64_t entry, std::uint64_t offset) {
    auto reader = std::make_unique<BodyReader>(std::move(queue), entry);
    if (!reader->load(*lease, offset)) return nullptr;
    if (!reader->has_more_chunks()) return reader;
    Query(*lease, "BEGIN").run();
    reader->snapshot_.emplace(std::move(lease));
    return reader->load(**reader->snapshot_, offset) ? std::move(reader) : nullptr;
  }
  BodyReader(std::shared_ptr<WriteQueue> queue, std::int64_t entry) : queue_(std::move(queue)), entry_(entry) {}
  ~BodyReader() override { end(); }

  std::size_t read_some(std::span<std::byte> into) override {
    if (at_ == chunk_.size() && has_more_chunks()) {
      if (!queue_->is_in_own_process()) throw std::runtime_error("a stored body belongs to the parent of this process");
      if (!snapshot_.has_value() || !load_next()) throw std::runtime_error("a stored body is gone");
      if (!has_more_chunks()) end();
    }
    const std::size_t count = std::min(into.size(), chunk_.size() - at_);
    if (count > 0) std::memcpy(into.data(), chunk_.data() + at_, count);
    at_ += count;
    return count;
  }
  [[nodiscard]] bool is_at_hand() const noexcept override { return at_ < chunk_.size() || !has_more_chunks(); }

 private:
  [[nodiscard]] bool has_more_chunks() const noexcept { return next_ < body_size_; }

  /// False when there is no such entry.
  bool load(Database& database, std::uint64_t offset) {
    const std::uint64_t place = offset / kChunk;
    const std::int64_t id = entry_ * kChunksPerEntry + static_cast<std::int64_t>(place);
    Query query(database,
                "SELECT body_size, data, chunks.sum FROM entries LEFT JOIN chunks ON chunks.id = ?2 "
                "WHERE entries.id = ?1 AND complete = 1",
                entry_, id);
    if (!query.next()) return false;
    body_size_ = static_cast<std::uint64_t>(query.integer(0));
    next_ = (place + 1) * kChunk;
    at_ = 0;
    chunk_.clear();
    if (offset >= body_size_) return true;
    const std::span<const std::byte> data = query.blob(1);
    if (data.size() != std::min<std::uint64_t>(kChunk, body_size_ - place * kChunk) ||
        query.integer(2) != chunk_sum(id, data)) {
      drop(*queue_, entry_);
      throw std::runtime_error("a stored body was damaged, and was dropped");
    }
    chunk_.assign(data.begin(), data.end());
    at_ = static_cast<std::size_t>(offset % kChunk);
    return true;
  }
  bool load_next() {
    try {
      return load(**snapshot_, next_);
    } catch (const Failure& failure) {
      if (failure.is_damage()) snapshot_->note_damage();
      throw;
    }
  }
  /// Nothing more is to be read from the database.
  void end() noexcept {
    if (!snapshot_.has_value()) return;
    if (!queue_->is_in_own_process()) {
      // Kept as it is: it is the parent's.
      static_cast<void>(new std::optional<Connections::Lease>(std::move(snapshot_)));
      return;
    }
    try {
      Query(**snapshot_, "COMMIT").run();
    } catch (const Failure&) {
      snapshot_->spoil();
    }
    snapshot_.reset();
  }

  const std::shared_ptr<WriteQueue> queue_;
  const std::int64_t entry_;
  std::optional<Connections::Lease> snapshot_;
  std::uint64_t body_size_ = 0;
  Bytes chunk_;
  std::size_t at_ = 0;
  std::uint64_t next_ = 0;  // where in the body the next chunk begins
};

/// An entry on its way, as the queue's thread knows it.
struct SqliteStore::Row {
  explicit Row(CacheKey its_key) : key(std::move(its_key)) {}

  const CacheKey key;
  std::atomic<bool> has_failed{false};
  std::atomic<bool> is_committed{false};
  // Of the queue's thread:
  std::int64_t id = 0;  // 0 until the first chunk was written
  bool is_in_database = false;
  std::int64_t chunks = 0;
  std::uint64_t body_size = 0;

  /// A chunk that is not the last.
  void add(Database& database, std::span<const std::byte> chunk, std::int64_t moment) {
    if (id == 0) {
      Query(database,
            "INSERT INTO entries(url, credential, variant, complete, used, size, body_size, head, sum) "
            "VALUES(?1, ?2, '', 0, ?3, 0, 0, x'', 0)",
            std::string_view(key.url), std::string_view(key.credential), moment)
          .run();
      id = database.last_id();
    }
    Query(database, "UPDATE entries SET size = size + ?1, used = ?2 WHERE id = ?3", std::uint64_t{chunk.size()}, moment,
          id)
        .run();
    if (database.changes() == 0) {  // swept away
      has_failed = true;
      return;
    }
    insert_chunk(database, chunk);
  }

  /// What the queue says of each of its tasks.
  void note_finished(WriteQueue& queue, bool is_written) {
    if (is_written) {
      is_in_database = id != 0;
      return;
    }
    has_failed = true;
    // A number that was rolled back goes to another.
    if (!is_in_database) id = 0;
    if (is_committed && id != 0) queue.abandon(id);
  }

  void complete(Database& database, std::span<const std::byte> last, const CachedResponse& head, std::int64_t moment) {
    const Bytes bytes = to_bytes(head);
    const std::string_view variant = head.variant;
    const std::uint64_t whole = body_size + last.size();
    const std::uint64_t size = size_without_body(key, bytes.size()) + whole;
    const std::int64_t sum = head_sum(key.url, key.credential, variant, whole, bytes);
    if (id == 0) {
      Query(database,
            "INSERT INTO entries(url, credential, variant, complete, used, size, body_size, head, sum) "
            "VALUES(?1, ?2, ?3, 1, ?4, ?5, ?6, ?7, ?8)",
            std::string_view(key.url), std::string_view(key.credential), variant, moment, size, whole,
            std::span<const std::byte>(bytes), sum)
          .run();
      id = database.last_id();
    } else {
      Query(database,
            "UPDATE entries SET complete = 1, variant = ?1, used = ?2, size = ?3, body_size = ?4, head = ?5, sum = ?6 "
            "WHERE id = ?7",
            variant, moment, size, whole, std::span<const std::byte>(bytes), sum, id)
          .run();
      if (database.changes() == 0) return;  // swept away
    }
    if (!last.empty()) insert_chunk(database, last);
    remove_others(database, variant);
  }

 private:
  void insert_chunk(Database& database, std::span<const std::byte> chunk) {
    const std::int64_t number = id * kChunksPerEntry + chunks;
    Query(database, "INSERT INTO chunks VALUES(?1, ?2, ?3)", number, chunk, chunk_sum(number, chunk)).run();
    ++chunks;
    body_size += chunk.size();
  }

  /// Those whose place this one takes, and what is over the number of variants.
  void remove_others(Database& database, std::string_view variant) const {
    std::vector<std::int64_t> removed;
    std::vector<std::pair<std::int64_t, std::int64_t>> kept;  // when they were used, and their numbers
    {
      // Not in order: to sort what is hardly ever more than one costs the database more than to find it.
      Query query(database,
                  "SELECT id, variant, used FROM entries "
                  "WHERE url = ?1 AND credential = ?2 AND complete = 1 AND id <> ?3",
                  std::string_view(key.url), std::string_view(key.credential), id);
      while (query.next()) {
        if (query.text(1) == variant) {
          removed.push_back(query.integer(0));
        } else {
          kept.emplace_back(query.integer(2), query.integer(0));
        }
      }
    }
    if (kept.size() >= kMaxVariants) {
      std::sort(kept.begin(), kept.end(), std::greater<>());
      for (std::size_t i = kMaxVariants - 1; i < kept.size(); ++i) removed.push_back(kept[i].second);
    }
    for (const std::int64_t other : removed) Query(database, "DELETE FROM entries WHERE id = ?1", other).run();
  }
};

class SqliteStore::BodyWriter final : public Writer {
 public:
  BodyWriter(std::shared_ptr<WriteQueue> queue, CacheKey key, std::uint64_t max_size)
      : queue_(std::move(queue)),
        row_(std::make_shared<Row>(std::move(key))),
        max_size_(std::min(max_size, kLongestBody)) {}

  ~BodyWriter() override {
    if (row_->is_committed || !has_begun_ || !queue_->is_in_own_process()) return;
    try {
      push(0, std::string(), [row = row_](Database& database) {
        if (row->id != 0) Query(database, "DELETE FROM entries WHERE id = ?1", row->id).run();
      });
    } catch (const std::exception&) {
      // Swept away later.
    }
  }

  bool append(std::span<const std::byte> bytes) override {
    if (row_->has_failed || size_ + bytes.size() > max_size_) return false;
    size_ += bytes.size();
    while (!bytes.empty()) {
      const auto some = bytes.first(std::min(bytes.size(), kChunk - gathered_.size()));
      gathered_.insert(gathered_.end(), some.begin(), some.end());
      bytes = bytes.subspan(some.size());
      // The last chunk goes with the commit.
      if (gathered_.size() == kChunk && !bytes.empty()) write_chunk();
      if (row_->has_failed) return false;
    }
    return true;
  }
  [[nodiscard]] bool has_room() const noexcept override { return queue_->has_room(); }
  void wait_for_room() override { queue_->wait_for_room(); }

  void commit(CachedResponse head) override {
    row_->is_committed = true;
    if (!queue_->is_in_own_process()) return;
    const auto last = std::make_shared<const Bytes>(std::move(gathered_));
    push(last->size(), queue_key(row_->key),
         [row = row_, last, kept = std::make_shared<const CachedResponse>(std::move(head)),
          moment = queue_->next_moment()](Database& database) {
           if (row->has_failed) return;
           row->complete(database, *last, *kept, moment);
         });
  }

 private:
  void write_chunk() {
    if (!queue_->is_in_own_process()) {
      row_->has_failed = true;
      return;
    }
    has_begun_ = true;
    const auto chunk = std::make_shared<const Bytes>(std::exchange(gathered_, Bytes()));
    push(chunk->size(), std::string(), [row = row_, chunk, moment = queue_->next_moment()](Database& database) {
      if (!row->has_failed) row->add(database, *chunk, moment);
    });
  }
  void push(std::size_t bytes, std::string key, std::function<void(Database&)> work) {
    WriteQueue::Task task;
    task.work = std::move(work);
    task.finished = [row = row_, queue = queue_.get()](bool is_written) { row->note_finished(*queue, is_written); };
    task.bytes = bytes;
    task.key = std::move(key);
    if (!queue_->push(std::move(task))) row_->has_failed = true;
  }

  const std::shared_ptr<WriteQueue> queue_;
  const std::shared_ptr<Row> row_;
  const std::uint64_t max_size_;
  Bytes gathered_;
  std::uint64_t size_ = 0;
  bool has_begun_ = false;
};

SqliteStore::SqliteStore(std::string directory, std::uint64_t max_size)
    : max_size_(max_size),
      process_(this_process()),
      connections_(std::make_shared<Connections>(std::move(directory))),
      queue_(std::make_shared<WriteQueue>(connections_, max_size)) {}

SqliteStore::~SqliteStore() {
  if (this_process() == process_) {
    queue_->stop();
    return;
  }
  // In a child of the process that made it: closing connections there would disturb the parent's.
  static_cast<void>(new std::shared_ptr<Connections>(connections_));
  static_cast<void>(new std::shared_ptr<WriteQueue>(queue_));
}

void SqliteStore::require_own_process() const {
  if (this_process() != process_) throw std::runtime_error("the cache belongs to the parent of this process");
}

template <class Ask>
auto SqliteStore::with_connection(Ask ask) {
  Connections::Lease lease = connections_->lend();
  try {
    keep_within_size(lease);
    return ask(lease);
  } catch (const Failure& failure) {
    if (failure.is_damage()) {
      connections_->note_damage(lease);
      lease.spoil();
    }
    throw;
  }
}

void SqliteStore::keep_within_size(Connections::Lease& lease) {
  if (sized_.load(std::memory_order_relaxed) == lease.generation()) return;
  sized_.store(lease.generation(), std::memory_order_relaxed);
  if (static_cast<std::uint64_t>(lease->number("SELECT bytes FROM total")) > max_size_) queue_->shrink();
}

void SqliteStore::settle() {
  require_own_process();
  with_connection([](Connections::Lease& /*lease*/) {});
  queue_->flush();
}

bool SqliteStore::is_at_hand(const CacheKey& key) const noexcept {
  if (is_closed_ || this_process() != process_) return true;  // nothing is asked
  try {
    return connections_->is_open() && !queue_->has_waiting(queue_key(key));
  } catch (const std::bad_alloc&) {
    return false;
  }
}

std::vector<CacheStore::Found> SqliteStore::find(const CacheKey& key) {
  std::vector<Found> found;
  if (is_closed_) return found;
  require_own_process();
  const std::optional<std::uint64_t> absent_in = queue_->wait_for(queue_key(key));
  if (absent_in.has_value() && connections_->is_current(*absent_in)) return found;
  with_connection([&](Connections::Lease& lease) {
    Query query(*lease,
                "SELECT id, body_size, head, sum, variant FROM entries "
                "WHERE url = ?1 AND credential = ?2 AND complete = 1 ORDER BY id",
                std::string_view(key.url), std::string_view(key.credential));
    while (query.next()) {
      const std::int64_t id = query.integer(0);
      const auto body_size = static_cast<std::uint64_t>(query.integer(1));
      const std::span<const std::byte> head = query.blob(2);
      std::optional<CachedResponse> read;
      if (query.integer(3) == head_sum(key.url, key.credential, query.text(4), body_size, head))
        read = heads_.read(head);
      if (read.has_value() && read->variant == query.text(4)) {
        found.emplace_back(static_cast<EntryId>(id), body_size,
                           std::make_shared<const CachedResponse>(std::move(*read)));
      } else {
        drop(*queue_, id);
      }
    }
  });
  if (found.empty()) queue_->note_miss();
  return found;
}

std::unique_ptr<CacheStore::Reader> SqliteStore::open(EntryId id, std::uint64_t offset) {
  if (is_closed_) return nullptr;
  require_own_process();
  const auto entry = static_cast<std::int64_t>(id);
  std::unique_ptr<Reader> reader =
      with_connection([&](Connections::Lease& lease) { return BodyReader::begin(lease, queue_, entry, offset); });
  if (reader != nullptr) queue_->touch(entry);
  return reader;
}

std::unique_ptr<CacheStore::Writer> SqliteStore::begin(const CacheKey& key, const CachedResponse& head) {
  if (is_closed_ || this_process() != process_ || queue_->is_overfull()) return nullptr;
  if (announced_length(head.headers) > std::min(max_size_, kLongestBody)) return nullptr;
  return std::make_unique<BodyWriter>(queue_, key, max_size_);
}

void SqliteStore::update(EntryId id, const CachedResponse& head) {
  if (is_closed_) return;
  require_own_process();
  const auto entry = static_cast<std::int64_t>(id);
  const auto bytes = std::make_shared<const Bytes>(to_bytes(head));
  queue_->run([entry, bytes, variant = head.variant, moment = queue_->next_moment()](Database& database) {
    CacheKey key;
    std::uint64_t body_size = 0;
    {
      Query query(database, "SELECT url, credential, body_size FROM entries WHERE id = ?1 AND complete = 1", entry);
      if (!query.next()) return;
      key = CacheKey(std::string(query.text(0)), std::string(query.text(1)));
      body_size = static_cast<std::uint64_t>(query.integer(2));
    }
    Query(database, "UPDATE entries SET variant = ?1, used = ?2, size = ?3, head = ?4, sum = ?5 WHERE id = ?6",
          std::string_view(variant), moment, size_without_body(key, bytes->size()) + body_size,
          std::span<const std::byte>(*bytes), head_sum(key.url, key.credential, variant, body_size, *bytes), entry)
        .run();
  });
}

void SqliteStore::remove(EntryId id) {
  if (is_closed_) return;
  require_own_process();
  queue_->run([entry = static_cast<std::int64_t>(id)](Database& database) {
    Query(database, "DELETE FROM entries WHERE id = ?1 AND complete = 1", entry).run();
  });
}

void SqliteStore::remove_url(const std::string& url) {
  if (is_closed_) return;
  require_own_process();
  queue_->run([url](Database& database) {
    Query(database, "DELETE FROM entries WHERE url = ?1 AND complete = 1", std::string_view(url)).run();
  });
}

void SqliteStore::remove_all() {
  if (is_closed_) return;
  require_own_process();
  queue_->run([](Database& database) {
    Query(database, "DELETE FROM entries WHERE complete = 1").run();
    database.run("PRAGMA incremental_vacuum");
  });
}

std::vector<std::string> SqliteStore::urls() {
  std::vector<std::string> all;
  if (is_closed_) return all;
  settle();
  with_connection([&](Connections::Lease& lease) {
    Query query(*lease, "SELECT url FROM entries WHERE complete = 1 GROUP BY url ORDER BY max(used) DESC");
    while (query.next()) all.emplace_back(query.text(0));
  });
  return all;
}

std::uint64_t SqliteStore::size() {
  if (is_closed_) return 0;
  settle();
  return with_connection(
      [](Connections::Lease& lease) { return static_cast<std::uint64_t>(lease->number("SELECT bytes FROM total")); });
}

void SqliteStore::flush() {
  require_own_process();
  queue_->flush();
}

void SqliteStore::set_failure_handler(const std::function<void(const std::string&)>& handler) {
  queue_->set_failure_handler(handler);
}

void SqliteStore::close() {
  if (is_closed_.exchange(true) || this_process() != process_) return;
  queue_->flush();
  queue_->stop();
  queue_->wait_for_end();
  connections_->close();
}

}  // namespace okhttp::sqlite

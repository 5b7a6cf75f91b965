#include "cache/memory_store.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <string_view>
#include <unordered_set>
#include <utility>

namespace okhttp::internal {
namespace {

constexpr std::size_t kPiece = std::size_t{64} << 10;

/// What an entry takes beside its texts, roughly.
constexpr std::uint64_t kOverhead = 512;

std::uint64_t announced_length(const Headers& headers) noexcept {
  const std::string_view text = headers.get("Content-Length").value_or("");
  std::uint64_t length = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), length);
  return error == std::errc() && end == text.data() + text.size() ? length : 0;
}

}  // namespace

/// The bytes of one entry, in pieces, so that a body of unknown length is never copied as it grows.
class MemoryStore::Body {
 public:
  /// `expected` bytes are to come, or 0 when that is not known.
  explicit Body(std::uint64_t expected) : expected_(expected) {}

  void append(std::span<const std::byte> bytes) {
    size_ += bytes.size();
    while (!bytes.empty()) {
      if (pieces_.empty() || pieces_.back().size() == pieces_.back().capacity()) add_piece(bytes.size());
      std::vector<std::byte>& last = pieces_.back();
      const auto some = bytes.first(std::min(bytes.size(), last.capacity() - last.size()));
      last.insert(last.end(), some.begin(), some.end());
      bytes = bytes.subspan(some.size());
    }
  }
  [[nodiscard]] std::uint64_t size() const noexcept { return size_; }
  [[nodiscard]] const std::vector<std::vector<std::byte>>& pieces() const noexcept { return pieces_; }

 private:
  void add_piece(std::size_t at_least) {
    const std::uint64_t left = expected_ > size_ ? expected_ - size_ + at_least : at_least;
    pieces_.emplace_back();
    pieces_.back().reserve(
        static_cast<std::size_t>(std::min<std::uint64_t>(std::max<std::uint64_t>(left, 256), kPiece)));
  }

  const std::uint64_t expected_;
  std::uint64_t size_ = 0;
  std::vector<std::vector<std::byte>> pieces_;
};

class MemoryStore::BodyReader final : public Reader {
 public:
  BodyReader(std::shared_ptr<const Body> body, std::uint64_t offset) : body_(std::move(body)) {
    while (piece_ < pieces().size() && offset >= pieces()[piece_].size()) offset -= pieces()[piece_++].size();
    if (piece_ < pieces().size()) at_ = static_cast<std::size_t>(offset);
  }

  std::size_t read_some(std::span<std::byte> into) override {
    std::size_t count = 0;
    while (count < into.size() && piece_ < pieces().size()) {
      const std::vector<std::byte>& piece = pieces()[piece_];
      const std::size_t some = std::min(into.size() - count, piece.size() - at_);
      std::memcpy(into.data() + count, piece.data() + at_, some);
      count += some;
      at_ += some;
      if (at_ < piece.size()) break;
      ++piece_;
      at_ = 0;
    }
    return count;
  }

 private:
  [[nodiscard]] const std::vector<std::vector<std::byte>>& pieces() const noexcept { return body_->pieces(); }

  const std::shared_ptr<const Body> body_;
  std::size_t piece_ = 0;
  std::size_t at_ = 0;
};

struct MemoryStore::Entry {
  EntryId id = 0;
  CacheKey key;
  std::shared_ptr<const CachedResponse> head;
  std::shared_ptr<const Body> body;
  std::uint64_t size = 0;

  void note_size() noexcept {
    size = kOverhead + 2 * key.url.size() + key.credential.size() + head->headers.byte_count() + body->size();
  }
};

// Invariants:
// 1. `entries` is in order of use, the last used one first.
// 2. `by_url` and `by_id` list each of them, and nothing else.
// 3. `size` is the sum of their sizes.
struct MemoryStore::State {
  using Entries = std::list<Entry>;

  explicit State(std::uint64_t limit) : max_size(limit) {}

  void touch(Entries::iterator entry) { entries.splice(entries.begin(), entries, entry); }

  /// What was in the removed entries goes to `trash`, to be freed without the lock.
  void remove(Entries::iterator entry, Entries& trash) {
    size -= entry->size;
    by_id.erase(entry->id);
    const auto listed = by_url.find(entry->key.url);
    std::erase(listed->second, entry);
    if (listed->second.empty()) by_url.erase(listed);
    trash.splice(trash.end(), entries, entry);
  }
  void evict(Entries& trash) {
    while (size > max_size && !entries.empty()) remove(std::prev(entries.end()), trash);
  }
  void add(Entry entry, Entries& trash) {
    make_place(entry, trash);
    size += entry.size;
    entries.push_front(std::move(entry));
    const auto place = entries.begin();
    by_id.emplace(place->id, place);
    by_url[place->key.url].push_back(place);
    evict(trash);
  }
  /// Removes those with the same key and variant, and what is over the number of variants.
  void make_place(const Entry& entry, Entries& trash) {
    const auto listed = by_url.find(entry.key.url);
    if (listed == by_url.end()) return;
    std::vector<Entries::iterator> same_key;
    for (const Entries::iterator other : listed->second) {
      if (other->key.credential == entry.key.credential) same_key.push_back(other);
    }
    std::size_t left = same_key.size();
    for (const Entries::iterator other : same_key) {
      const bool is_replaced = other->head->variant == entry.head->variant;
      if (!is_replaced && left < kMaxVariants) continue;
      remove(other, trash);
      --left;
    }
  }

  const std::uint64_t max_size;
  std::mutex mutex;
  bool is_closed = false;
  EntryId next_id = 1;
  std::uint64_t size = 0;
  Entries entries;
  std::unordered_map<std::string, std::vector<Entries::iterator>> by_url;
  std::unordered_map<EntryId, Entries::iterator> by_id;
};

class MemoryStore::BodyWriter final : public Writer {
 public:
  BodyWriter(std::shared_ptr<State> state, CacheKey key, std::uint64_t expected)
      : state_(std::move(state)), key_(std::move(key)), body_(std::make_shared<Body>(expected)) {}

  bool append(std::span<const std::byte> bytes) override {
    if (body_ == nullptr) return false;
    if (body_->size() + bytes.size() > state_->max_size) {
      body_ = nullptr;
      return false;
    }
    body_->append(bytes);
    return true;
  }

  void commit(CachedResponse head) override {
    if (body_ == nullptr) return;
    Entry entry;
    entry.key = std::move(key_);
    entry.head = std::make_shared<const CachedResponse>(std::move(head));
    entry.body = std::move(body_);
    entry.note_size();
    State::Entries trash;
    const std::lock_guard lock(state_->mutex);
    if (state_->is_closed || entry.size > state_->max_size) return;
    entry.id = state_->next_id++;
    state_->add(std::move(entry), trash);
  }

 private:
  const std::shared_ptr<State> state_;
  CacheKey key_;
  std::shared_ptr<Body> body_;  // null when the entry is given up, or was committed
};

MemoryStore::MemoryStore(std::uint64_t max_size) : state_(std::make_shared<State>(max_size)) {}
MemoryStore::~MemoryStore() = default;

std::vector<CacheStore::Found> MemoryStore::find(const CacheKey& key) {
  std::vector<Found> found;
  const std::lock_guard lock(state_->mutex);
  const auto listed = state_->by_url.find(key.url);
  if (listed == state_->by_url.end()) return found;
  for (const auto entry : listed->second) {
    if (entry->key.credential == key.credential) found.emplace_back(entry->id, entry->body->size(), entry->head);
  }
  return found;
}

std::unique_ptr<CacheStore::Reader> MemoryStore::open(EntryId id, std::uint64_t offset) {
  std::shared_ptr<const Body> body;
  {
    const std::lock_guard lock(state_->mutex);
    const auto entry = state_->by_id.find(id);
    if (entry == state_->by_id.end()) return nullptr;
    state_->touch(entry->second);
    body = entry->second->body;
  }
  return std::make_unique<BodyReader>(std::move(body), offset);
}

std::unique_ptr<CacheStore::Writer> MemoryStore::begin(const CacheKey& key, const CachedResponse& head) {
  const std::uint64_t expected = announced_length(head.headers);
  if (expected > state_->max_size) return nullptr;
  return std::make_unique<BodyWriter>(state_, key, expected);
}

void MemoryStore::update(EntryId id, const CachedResponse& head) {
  auto copy = std::make_shared<const CachedResponse>(head);
  State::Entries trash;
  const std::lock_guard lock(state_->mutex);
  const auto found = state_->by_id.find(id);
  if (found == state_->by_id.end()) return;
  Entry& entry = *found->second;
  state_->size -= entry.size;
  std::swap(entry.head, copy);
  entry.note_size();
  state_->size += entry.size;
  state_->touch(found->second);
  state_->evict(trash);
}

void MemoryStore::remove(EntryId id) {
  State::Entries trash;
  const std::lock_guard lock(state_->mutex);
  const auto found = state_->by_id.find(id);
  if (found != state_->by_id.end()) state_->remove(found->second, trash);
}

void MemoryStore::remove_url(const std::string& url) {
  State::Entries trash;
  const std::lock_guard lock(state_->mutex);
  const auto listed = state_->by_url.find(url);
  if (listed == state_->by_url.end()) return;
  const std::vector<State::Entries::iterator> all = listed->second;
  for (const auto entry : all) state_->remove(entry, trash);
}

void MemoryStore::remove_all() {
  State::Entries trash;
  const std::lock_guard lock(state_->mutex);
  trash.swap(state_->entries);
  state_->by_url.clear();
  state_->by_id.clear();
  state_->size = 0;
}

std::vector<std::string> MemoryStore::urls() {
  std::vector<std::string> all;
  std::unordered_set<std::string_view> seen;
  const std::lock_guard lock(state_->mutex);
  for (const Entry& entry : state_->entries) {
    if (seen.insert(entry.key.url).second) all.push_back(entry.key.url);
  }
  return all;
}

std::uint64_t MemoryStore::size() {
  const std::lock_guard lock(state_->mutex);
  return state_->size;
}

std::uint64_t MemoryStore::max_size() const noexcept { return state_->max_size; }

void MemoryStore::close() {
  remove_all();
  const std::lock_guard lock(state_->mutex);
  state_->is_closed = true;
}

}  // namespace okhttp::internal

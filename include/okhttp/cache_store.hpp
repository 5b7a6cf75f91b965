#pragma once

#include <okhttp/chrono.hpp>
#include <okhttp/config.hpp>
#include <okhttp/function.hpp>
#include <okhttp/headers.hpp>
#include <okhttp/protocol.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace okhttp {

class Handshake;

/// Under what responses are kept: the URL without fragment, and whose they are.
struct OKHTTP_API CacheKey {
  CacheKey() = default;
  CacheKey(std::string of_url, std::string of_credential)
      : url(std::move(of_url)), credential(std::move(of_credential)) {}

  std::string url;
  /// A digest of the request's Authorization, which itself is not kept; empty when it had none.
  std::string credential;

  friend bool operator==(const CacheKey&, const CacheKey&) = default;
};

/// What a body that is not the whole of it holds: `length` bytes from `begin` on, of `complete_length`.
struct OKHTTP_API CachedPart {
  std::uint64_t begin = 0;
  std::uint64_t length = 0;
  std::uint64_t complete_length = 0;
};

/// What is kept of a response beside its body.
struct OKHTTP_API CachedResponse {
  using Part = CachedPart;

  CachedResponse() = default;

  int code = 0;
  std::string message;
  Protocol protocol = Protocol::http_1_1;
  Headers headers;
  std::shared_ptr<const Handshake> handshake;  ///< null in clear text
  std::chrono::system_clock::time_point sent_request_at;
  std::chrono::system_clock::time_point received_response_at;
  /// A digest of the request fields that the response's Vary names, which themselves are not kept; empty when
  /// it names none.
  std::string variant;
  std::optional<Part> part;  ///< nothing when the body is complete
};

/// Where a Cache keeps its responses. Decides nothing: what may be kept and used is the cache's business.
///
/// For each key there are several entries, one for each variant. Their numbers are never used twice in a store.
///
/// Threads: every function from any thread, several at once; a reader or a writer is used by one at a time, and may
/// outlive the store. Functions that may_block() are not called on a client's loop. A blocking call asks on its own
/// thread for what is_at_hand(); all else that may_block() it leaves to another thread, so that it can give up when its
/// time is over or it is canceled.
///
/// Errors: a store that fails throws std::exception, and the cache goes on without it; it never gives what is damaged.
class OKHTTP_API CacheStore {
 public:
  using EntryId = std::uint64_t;

  /// An entry whose body is complete. A snapshot: the entry may be removed meanwhile.
  struct OKHTTP_API Found {
    Found() = default;
    Found(EntryId its_id, std::uint64_t bytes, std::shared_ptr<const CachedResponse> its_head)
        : id(its_id), body_size(bytes), head(std::move(its_head)) {}
    EntryId id = 0;
    std::uint64_t body_size = 0;
    std::shared_ptr<const CachedResponse> head;
  };

  /// Reads the body of an entry, which stays whole for it even if it is removed meanwhile.
  class OKHTTP_API Reader {
   public:
    Reader() = default;
    Reader(const Reader&) = delete;
    Reader& operator=(const Reader&) = delete;
    virtual ~Reader() = default;
    /// At least one byte into `into`, or 0 at the end.
    [[nodiscard]] virtual std::size_t read_some(std::span<std::byte> into) = 0;
    /// True when read_some() has what it needs and does not block.
    [[nodiscard]] virtual bool is_at_hand() const noexcept { return true; }
  };

  /// Writes an entry, which nobody sees before it was committed. Destroyed before that, it leaves nothing.
  class OKHTTP_API Writer {
   public:
    Writer() = default;
    Writer(const Writer&) = delete;
    Writer& operator=(const Writer&) = delete;
    virtual ~Writer() = default;
    /// Takes the next bytes; never waits. False when the entry is given up: it has become too large, or the store
    /// failed.
    [[nodiscard]] virtual bool append(std::span<const std::byte> bytes) = 0;
    /// False when so much is waiting to be written that the next append() should come after wait_for_room().
    [[nodiscard]] virtual bool has_room() const noexcept { return true; }
    virtual void wait_for_room() {}
    /// The body is complete: `head` says what it is, and replaces what begin() was given. The entry takes the place of
    /// all others with that key and variant. Never waits. The last call.
    virtual void commit(CachedResponse head) = 0;
  };

  CacheStore() = default;
  CacheStore(const CacheStore&) = delete;
  CacheStore& operator=(const CacheStore&) = delete;
  virtual ~CacheStore() = default;

  /// True when functions may wait for a disk or a network.
  [[nodiscard]] virtual bool may_block() const noexcept = 0;

  /// True when find() of that key, and open() of what it finds, wait for a disk at most: for no other thread, process
  /// or network. A guess, for which nothing is waited for. Unless overridden, true when nothing may_block().
  [[nodiscard]] virtual bool is_at_hand(const CacheKey& /*key*/) const noexcept { return !may_block(); }

  /// The entries of that key, with what was committed before.
  [[nodiscard]] virtual std::vector<Found> find(const CacheKey& key) = 0;
  /// The body from byte `offset` on; null when the entry is gone. Counts as a use of it.
  [[nodiscard]] virtual std::unique_ptr<Reader> open(EntryId id, std::uint64_t offset) = 0;
  /// Begins an entry; null when it is not wanted. Never waits.
  [[nodiscard]] virtual std::unique_ptr<Writer> begin(const CacheKey& key, const CachedResponse& head) = 0;
  /// Replaces the head of an entry, if it is still there, and counts as a use of it. find() knows of it at once.
  virtual void update(EntryId id, const CachedResponse& head) = 0;
  virtual void remove(EntryId id) = 0;
  /// Removes every entry of that URL, whosever they are.
  virtual void remove_url(const std::string& url) = 0;
  virtual void remove_all() = 0;

  /// The URLs of all entries, without duplicates, the last used ones first.
  [[nodiscard]] virtual std::vector<std::string> urls() = 0;
  /// Bytes that the entries take, heads included.
  [[nodiscard]] virtual std::uint64_t size() = 0;
  [[nodiscard]] virtual std::uint64_t max_size() const noexcept = 0;
  /// Returns when what was committed is where it stays.
  virtual void flush() {}
  /// Whom to tell of failures that no function throws, as of what was to be written later; on any thread. Once, before
  /// the store is used.
  virtual void set_failure_handler(const std::function<void(const std::string& what)>& /*handler*/) {}
  /// flush(), and nothing is kept or given from then on.
  virtual void close() = 0;
};

}  // namespace okhttp

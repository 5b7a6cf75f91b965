#pragma once

#include <okhttp/cache_store.hpp>
#include <okhttp/config.hpp>
#include <okhttp/function.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace okhttp {

namespace internal {
struct CacheAccess;
class CacheCore;
}  // namespace internal

/// Keeps responses and answers calls with them, by the rules for a private cache (RFC 9111, 5861, 8246). A handle;
/// copies are the same cache. Given to clients by Client::Builder::cache().
///
/// Private means: for one user. What is kept for a request with Authorization answers requests with the same one only;
/// clients that differ in their cookies or client certificates need caches of their own.
///
/// Threads: safe from any. Functions that ask the store may block, and are not for a client's loop. A store that fails
/// costs no call: these go to the network, and the failure handler is told once.
class OKHTTP_API Cache {
 public:
  /// In memory, for as long as the cache is in use. A body that is larger than all of it is not kept.
  [[nodiscard]] static Cache in_memory(std::uint64_t max_size);
  /// In a directory, which is made if it is missing, for this user alone; several processes may share it. Needs the
  /// component okhttp::cache (SQLite). Opens nothing yet: a directory that cannot be used is a failure of the store.
  /// Throws std::invalid_argument for an empty name.
  Cache(const std::string& directory, std::uint64_t max_size);
  /// In a store of the program's own, which is not null.
  explicit Cache(std::shared_ptr<CacheStore> store);

  /// Calls that came to the cache.
  [[nodiscard]] std::uint64_t request_count() const noexcept;
  /// Those that went to the network, be it only to validate.
  [[nodiscard]] std::uint64_t network_count() const noexcept;
  /// Those that were answered with what is stored, validated or not.
  [[nodiscard]] std::uint64_t hit_count() const noexcept;
  /// Responses that were kept, and those that were given up half-way: not read to their end, broken off, too large.
  [[nodiscard]] std::uint64_t write_success_count() const noexcept;
  [[nodiscard]] std::uint64_t write_abort_count() const noexcept;

  // What follows asks the store, and throws what that throws.

  /// The URLs of all stored responses, the last used ones first.
  [[nodiscard]] std::vector<std::string> urls() const;
  /// Drops every response of that URL. Throws std::invalid_argument for what is no URL.
  void remove(std::string_view url) const;
  void evict_all() const;
  /// Bytes that the stored responses take, with their heads.
  [[nodiscard]] std::uint64_t size() const;
  [[nodiscard]] std::uint64_t max_size() const noexcept;
  /// Returns when what was kept is where it stays.
  void flush() const;
  /// flush(), and the cache is not used from then on; calls go to the network. Bodies that are being read stay
  /// readable.
  void close() const;
  [[nodiscard]] bool is_closed() const noexcept;

  /// Told once, on any thread, that the store failed and why; the default writes a line to standard error.
  void set_failure_handler(std::function<void(const std::string& what)> handler) const;

 private:
  friend struct internal::CacheAccess;
  std::shared_ptr<internal::CacheCore> core_;
};

}  // namespace okhttp

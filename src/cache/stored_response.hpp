#pragma once

#include <okhttp/cache_store.hpp>
#include <okhttp/request.hpp>
#include <okhttp/response.hpp>

#include <memory>
#include <optional>

#include "cache/byte_range.hpp"
#include "cache/cache_core.hpp"

namespace okhttp::internal {

/// The head of `response` to `request` as it is kept.
[[nodiscard]] CachedResponse to_stored(const Request& request, const Response& response);

/// What is stored as a response to `request`, without body.
[[nodiscard]] Response::Builder from_stored(const Request& request, const CachedResponse& stored);

/// A stored body, or a slice of it, as it comes from the store.
class StoredSource final : public BodySource {
 public:
  /// `length` bytes are to come.
  StoredSource(std::shared_ptr<CacheCore> core, std::shared_ptr<CacheStore::Reader> reader, std::uint64_t length);

  /// Throws Errc::io when the store fails or what it has is damaged.
  Task<std::size_t> read_some(std::span<std::byte> into) override;
  [[nodiscard]] bool is_at_end() const noexcept override { return left_ == 0; }

 private:
  static Task<std::size_t> read_elsewhere(std::shared_ptr<CacheCore> core, std::shared_ptr<CacheStore::Reader> reader,
                                          std::span<std::byte> into);

  const std::shared_ptr<CacheCore> core_;
  const std::shared_ptr<CacheStore::Reader> reader_;
  std::uint64_t left_;
};

}  // namespace okhttp::internal

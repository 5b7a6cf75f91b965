#pragma once

#include <okhttp/cache_store.hpp>

#include <cstdint>
#include <optional>
#include <vector>

namespace okhttp::internal {

/// How a part of a body that arrives goes together with one that is stored (RFC 9111 §3.4).
struct PartMerge {
  CacheStore::Found stored;
  std::uint64_t prefix = 0;         ///< bytes of what is stored that come before what arrives
  std::uint64_t suffix = 0;         ///< and behind it,
  std::uint64_t suffix_offset = 0;  ///< from here on in what is stored
};

/// What is stored of the same version, and touches or overlaps `part`. Only a strong ETag says that it is the same.
[[nodiscard]] std::optional<PartMerge> find_merge(const CachedResponse& part,
                                                  const std::vector<CacheStore::Found>& candidates);

/// True when all of that version is stored already.
[[nodiscard]] bool is_held_already(const CachedResponse& part, const std::vector<CacheStore::Found>& candidates);

/// The head of what both make together.
[[nodiscard]] CachedResponse merged_head(const CachedResponse& part, const PartMerge& merge);

/// `response` as 200 when its part is all there is, else as 206 with the Content-Range of its part.
[[nodiscard]] CachedResponse with_part_described(CachedResponse response);

}  // namespace okhttp::internal

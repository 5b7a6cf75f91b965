#include "cache/part_merge.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "cache/byte_range.hpp"
#include "cache/stored_headers.hpp"

namespace okhttp::internal {
namespace {

using Found = CacheStore::Found;

bool is_same_version(const CachedResponse& a, const CachedResponse& b) noexcept {
  return a.variant == b.variant && has_strong_etag(a.headers) && a.headers.get("ETag") == b.headers.get("ETag");
}

}  // namespace

std::optional<PartMerge> find_merge(const CachedResponse& part, const std::vector<Found>& candidates) {
  const std::uint64_t begin = part.part->begin;
  const std::uint64_t end = begin + part.part->length;
  for (const Found& stored : candidates) {
    const CachedResponse& other = *stored.head;
    if (!other.part.has_value() || !is_same_version(part, other)) continue;
    if (other.part->complete_length != part.part->complete_length) continue;
    const std::uint64_t other_begin = other.part->begin;
    const std::uint64_t other_end = other_begin + stored.body_size;
    if (other_begin > end || begin > other_end) continue;
    PartMerge merge;
    merge.stored = stored;
    merge.prefix = begin > other_begin ? begin - other_begin : 0;
    if (other_end > end) {
      merge.suffix = other_end - end;
      merge.suffix_offset = end - other_begin;
    }
    return merge;
  }
  return std::nullopt;
}

bool is_held_already(const CachedResponse& part, const std::vector<Found>& candidates) {
  return std::any_of(candidates.begin(), candidates.end(), [&](const Found& stored) {
    return !stored.head->part.has_value() && is_same_version(part, *stored.head);
  });
}

CachedResponse merged_head(const CachedResponse& part, const PartMerge& merge) {
  CachedResponse head = part;
  head.headers = merge_headers(merge.stored.head->headers, part.headers);
  head.part->begin -= merge.prefix;
  head.part->length += merge.prefix + merge.suffix;
  return head;
}

CachedResponse with_part_described(CachedResponse response) {
  const CachedResponse::Part part = *response.part;
  Headers::Builder headers = response.headers.new_builder();
  headers.set("Content-Length", std::to_string(part.length));
  if (part.begin == 0 && part.length == part.complete_length) {
    headers.remove_all("Content-Range");
    response.part.reset();
    response.code = 200;
    response.message = "OK";
  } else {
    headers.set("Content-Range", content_range(Slice(part.begin, part.begin + part.length), part.complete_length));
  }
  response.headers = std::move(headers).build();
  return response;
}

}  // namespace okhttp::internal

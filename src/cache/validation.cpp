#include "cache/validation.hpp"

#include <algorithm>
#include <string>
#include <string_view>

#include "cache/cache_key.hpp"
#include "cache/stored_headers.hpp"

namespace okhttp::internal {
namespace {

/// RFC 9110 §8.8.3.2, weak comparison: whether W/ stands before it does not matter.
std::string_view opaque_tag(std::string_view etag) noexcept {
  if (etag.starts_with("W/")) etag.remove_prefix(2);
  return etag;
}

/// False when both have that field and it differs.
bool same_if_both(const Headers& a, const Headers& b, std::string_view name) noexcept {
  const auto left = a.get(name);
  const auto right = b.get(name);
  return !left.has_value() || !right.has_value() || *left == *right;
}

bool same_etag_if_both(const Headers& a, const Headers& b) noexcept {
  const auto left = a.get("ETag");
  const auto right = b.get("ETag");
  return !left.has_value() || !right.has_value() || opaque_tag(*left) == opaque_tag(*right);
}

}  // namespace

std::optional<Request> conditional(const Request& request, const CachedResponse& stored) {
  if (const auto etag = stored.headers.get("ETag"); etag.has_value() && !etag->empty()) {
    return request.new_builder().header("If-None-Match", *etag).build();
  }
  for (const char* name : {"Last-Modified", "Date"}) {
    if (!stored.headers.get_date(name).has_value()) continue;
    return request.new_builder().header("If-Modified-Since", *stored.headers.get(name)).build();
  }
  return std::nullopt;
}

bool is_conditional(const Request& request) noexcept {
  for (const char* name : {"If-None-Match", "If-Modified-Since", "If-Match", "If-Unmodified-Since"}) {
    if (request.headers().contains(name)) return true;
  }
  return false;
}

bool confirms(const Response& not_modified, const CachedResponse& stored) noexcept {
  if (not_modified.code() != 304) return false;
  const Headers& said = not_modified.headers();
  // Weakly, as If-None-Match compares (RFC 9110 §13.1.2): servers that code bodies weaken the ETag of these alone.
  if (said.contains("ETag") && stored.headers.contains("ETag")) return same_etag_if_both(said, stored.headers);
  if (said.contains("Last-Modified") && stored.headers.contains("Last-Modified")) {
    return same_if_both(said, stored.headers, "Last-Modified");
  }
  return !said.contains("ETag") && !said.contains("Last-Modified");
}

CachedResponse freshened(const CachedResponse& stored, const Request& request, const Response& by) {
  CachedResponse result = stored;
  result.headers = merge_headers(stored.headers, by.headers());
  result.sent_request_at = by.sent_request_at();
  result.received_response_at = by.received_response_at();
  if (by.handshake() != nullptr) result.handshake = by.handshake();
  result.variant = variant_of(request, result.headers);
  return result;
}

bool agrees(const Response& head, const CachedResponse& stored, std::uint64_t body_size) noexcept {
  const auto length = head.header("Content-Length");
  const std::uint64_t complete = stored.part.has_value() ? stored.part->complete_length : body_size;
  if (length.has_value() && *length != std::to_string(complete)) return false;
  return same_etag_if_both(head.headers(), stored.headers) &&
         same_if_both(head.headers(), stored.headers, "Last-Modified") &&
         same_if_both(head.headers(), stored.headers, "Content-Encoding");
}

}  // namespace okhttp::internal

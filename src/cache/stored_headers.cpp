#include "cache/stored_headers.hpp"

#include <okhttp/cache_control.hpp>

#include <algorithm>
#include <string>
#include <vector>

#include "http/ascii.hpp"

namespace okhttp::internal {
namespace {

bool is_any_of(std::string_view name, std::initializer_list<std::string_view> names) noexcept {
  return std::any_of(names.begin(), names.end(),
                     [&](std::string_view other) { return equals_ignore_case_inline(name, other); });
}

/// RFC 9111 §3.1; RFC 9110 §7.6.1.
bool is_hop_by_hop(std::string_view name) noexcept {
  return is_any_of(name, {"Connection", "Keep-Alive", "Proxy-Connection", "Proxy-Authenticate",
                          "Proxy-Authentication-Info", "Proxy-Authorization", "TE", "Transfer-Encoding", "Upgrade"});
}

/// What an answer without a body says of one is not about the one that is stored.
bool describes_stored_body(std::string_view name) noexcept {
  return is_any_of(name, {"Content-Length", "Content-Encoding", "Content-Type", "Content-Range"});
}

std::vector<std::string> named_by_connection(const Headers& headers) {
  std::vector<std::string> names;
  for (const std::string_view value : headers.values("Connection")) {
    for_each_list_element(value, [&](std::string_view name) { names.emplace_back(name); });
  }
  return names;
}

bool contains(const std::vector<std::string>& names, std::string_view name) noexcept {
  return std::any_of(names.begin(), names.end(),
                     [&](const std::string& other) { return equals_ignore_case_inline(name, other); });
}

}  // namespace

Headers storable_headers(const Headers& received) {
  const std::vector<std::string> named = named_by_connection(received);
  Headers::Builder kept;
  for (const auto [name, value] : received) {
    if (!is_hop_by_hop(name) && !contains(named, name)) kept.add_unchecked(name, value);
  }
  return std::move(kept).build();
}

Headers merge_headers(const Headers& stored, const Headers& received) {
  const Headers update = storable_headers(received);
  Headers::Builder merged;
  for (const auto [name, value] : stored) {
    // An Age belongs to the answer that it stood in: kept, it would make the confirmed response old.
    const bool is_kept = describes_stored_body(name) || (!update.contains(name) && !is_any_of(name, {"Age"}));
    if (is_kept) merged.add_unchecked(name, value);
  }
  for (const auto [name, value] : update) {
    if (!describes_stored_body(name)) merged.add_unchecked(name, value);
  }
  return std::move(merged).build();
}

Headers without_unvalidated(const Headers& stored) {
  const CacheControl control = CacheControl::parse(stored);
  if (control.no_cache_fields().empty()) return stored;
  Headers::Builder rest;
  for (const auto [name, value] : stored) {
    if (!contains(control.no_cache_fields(), name)) rest.add_unchecked(name, value);
  }
  return std::move(rest).build();
}

}  // namespace okhttp::internal

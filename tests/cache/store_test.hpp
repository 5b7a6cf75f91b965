#pragma once

#include <okhttp/cache_store.hpp>

#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace okhttp::internal {

inline std::span<const std::byte> bytes_of(std::string_view text) { return std::as_bytes(std::span(text)); }

inline std::string read_all(CacheStore::Reader& reader) {
  std::string all;
  std::array<std::byte, 7> piece{};
  for (;;) {
    const std::size_t count = reader.read_some(piece);
    if (count == 0) return all;
    all.append(reinterpret_cast<const char*>(piece.data()), count);
  }
}

inline CachedResponse head_with(std::string variant = "", const std::string& field = "x") {
  CachedResponse head;
  head.code = 200;
  head.message = "OK";
  head.headers = Headers::of({{"X-Field", field}});
  head.variant = std::move(variant);
  return head;
}

/// What tests do with a store, in their words.
class StoreVerbs {
 public:
  explicit StoreVerbs(CacheStore& store) : store_(store) {}

  void put(const CacheKey& key, std::string_view body, const CachedResponse& head = head_with()) {
    const auto writer = store_.begin(key, head);
    ASSERT_NE(writer, nullptr);
    ASSERT_TRUE(writer->append(bytes_of(body)));
    writer->commit(head);
  }
  void put(const std::string& url, std::string_view body) { put(CacheKey(url, ""), body); }

  /// The bodies of a key's entries, each followed by a blank.
  [[nodiscard]] std::string bodies(const CacheKey& key) {
    std::string all;
    for (const CacheStore::Found& found : store_.find(key)) all += read_all(*store_.open(found.id, 0)) + ' ';
    return all;
  }
  [[nodiscard]] std::string bodies(const std::string& url) { return bodies(CacheKey(url, "")); }
  [[nodiscard]] CacheStore::EntryId id(const std::string& url) { return store_.find(CacheKey(url, "")).front().id; }

 private:
  CacheStore& store_;
};

}  // namespace okhttp::internal

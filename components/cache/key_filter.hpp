#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

namespace okhttp::sqlite {

/// A set of keys that may say yes where no is true, but not the other way round: one bit for the hash of each.
class KeyFilter final {
 public:
  /// Takes 4 to 8 bytes for each of so many.
  explicit KeyFilter(std::size_t keys) : words_(std::max(kLeastWords, std::bit_ceil(keys / 2 + 1))) {}

  void add(std::string_view key) noexcept {
    const Place place = place_of(key);
    if ((words_[place.word] & place.bit) == 0) ++set_;
    words_[place.word] |= place.bit;
  }
  [[nodiscard]] bool may_have(std::string_view key) const noexcept {
    const Place place = place_of(key);
    return (words_[place.word] & place.bit) != 0;
  }
  /// Of the keys that were not added it says yes to one in eight, or more.
  [[nodiscard]] bool is_full() const noexcept { return set_ > words_.size() * 8; }

 private:
  static constexpr std::size_t kLeastWords = 128;

  struct Place {
    std::size_t word;
    std::uint64_t bit;
  };
  [[nodiscard]] Place place_of(std::string_view key) const noexcept {
    const std::size_t hash = std::hash<std::string_view>()(key);
    return Place{hash / 64 % words_.size(), std::uint64_t{1} << (hash % 64)};
  }

  std::vector<std::uint64_t> words_;  // a power of two of them
  std::size_t set_ = 0;
};

}  // namespace okhttp::sqlite

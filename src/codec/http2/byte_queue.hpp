#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <vector>

#include "runtime/stream.hpp"

namespace okhttp::internal {

/// Bytes that were received and not yet read, in blocks no larger than what came needs: most bodies are small, and a
/// connection may hold a thousand of them.
class ByteQueue {
 public:
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }

  void append(ConstBytes bytes) {
    size_ += bytes.size();
    if (!blocks_.empty()) {
      Block& last = blocks_.back();
      const std::size_t count = std::min(bytes.size(), last.capacity - last.end);
      if (count > 0) std::memcpy(last.bytes.get() + last.end, bytes.data(), count);
      last.end += count;
      bytes = bytes.subspan(count);
    }
    if (bytes.empty()) return;
    Block& block = blocks_.emplace_back(std::max(bytes.size(), blocks_.empty() ? kFirstBlock : kBlock));
    std::memcpy(block.bytes.get(), bytes.data(), bytes.size());
    block.end = bytes.size();
  }

  /// Moves what is there into `into`, up to its size; how much, is returned.
  std::size_t take(Bytes into) noexcept {
    std::size_t taken = 0;
    while (taken < into.size() && first_ < blocks_.size()) {
      Block& first = blocks_[first_];
      const std::size_t count = std::min(into.size() - taken, first.end - first.begin);
      if (count > 0) std::memcpy(into.data() + taken, first.bytes.get() + first.begin, count);
      taken += count;
      first.begin += count;
      if (first.begin == first.end) drop_first();
    }
    size_ -= taken;
    return taken;
  }

  /// Puts bytes in front of what is there.
  void put_back(ConstBytes bytes) {
    Block& block = *blocks_.emplace(blocks_.begin() + static_cast<std::ptrdiff_t>(first_), bytes.size());
    std::memcpy(block.bytes.get(), bytes.data(), bytes.size());
    block.end = bytes.size();
    size_ += bytes.size();
  }

  void clear() noexcept {
    clear_blocks();
    size_ = 0;
  }

 private:
  static constexpr std::size_t kFirstBlock = std::size_t{2} * 1024;
  static constexpr std::size_t kBlock = std::size_t{16} * 1024;

  struct Block {
    explicit Block(std::size_t size) : bytes(new std::byte[size]), capacity(size) {}
    std::unique_ptr<std::byte[]> bytes;  // left uninitialised on purpose
    std::size_t capacity;
    std::size_t begin = 0;
    std::size_t end = 0;
  };

  void drop_first() noexcept {
    blocks_[first_++].bytes = nullptr;
    if (first_ == blocks_.size()) clear_blocks();
  }
  void clear_blocks() noexcept {
    blocks_.clear();
    first_ = 0;
  }

  std::vector<Block> blocks_;  // a vector takes no memory before it is needed
  std::size_t first_ = 0;      // that is not taken yet
  std::size_t size_ = 0;
};

}  // namespace okhttp::internal

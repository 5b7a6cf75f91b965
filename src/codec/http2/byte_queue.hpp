#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <deque>
#include <memory>

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
    while (taken < into.size() && !blocks_.empty()) {
      Block& first = blocks_.front();
      const std::size_t count = std::min(into.size() - taken, first.end - first.begin);
      if (count > 0) std::memcpy(into.data() + taken, first.bytes.get() + first.begin, count);
      taken += count;
      first.begin += count;
      if (first.begin == first.end) blocks_.pop_front();
    }
    size_ -= taken;
    return taken;
  }

  void clear() noexcept {
    blocks_.clear();
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

  std::deque<Block> blocks_;
  std::size_t size_ = 0;
};

}  // namespace okhttp::internal

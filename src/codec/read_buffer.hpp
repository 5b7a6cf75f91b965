#pragma once

#include <cassert>
#include <cstddef>
#include <cstring>
#include <memory>
#include <utility>

#include "runtime/stream.hpp"

namespace okhttp::internal {

/// Bytes that were received and not yet consumed, in one block that is made at the first use and grows only while a
/// single line does not fit; parsers bound that.
class ReadBuffer final {
 public:
  static constexpr std::size_t kCapacity = std::size_t{16} * 1024;

  [[nodiscard]] ConstBytes unread() const noexcept { return ConstBytes(block_.get() + begin_, end_ - begin_); }
  [[nodiscard]] bool empty() const noexcept { return begin_ == end_; }

  /// The bytes stay where they are until room() is called. Requires: count <= unread().size().
  void consume(std::size_t count) noexcept {
    assert(count <= end_ - begin_);
    begin_ += count;
    if (begin_ == end_) begin_ = end_ = 0;
  }

  /// Room for more, never empty. Moves what is unread to the front when that helps.
  [[nodiscard]] Bytes room() {
    if (end_ == capacity_ && begin_ == 0) grow();
    if (begin_ > 0 && capacity_ - end_ < capacity_ / 2) {
      std::memmove(block_.get(), block_.get() + begin_, end_ - begin_);
      end_ -= begin_;
      begin_ = 0;
    }
    return Bytes(block_.get() + end_, capacity_ - end_);
  }
  /// `count` bytes of room() were filled.
  void fill(std::size_t count) noexcept { end_ += count; }

 private:
  void grow() {
    const std::size_t larger = capacity_ == 0 ? kCapacity : capacity_ * 2;
    std::unique_ptr<std::byte[]> block(new std::byte[larger]);  // left uninitialised on purpose
    if (end_ > 0) std::memcpy(block.get(), block_.get(), end_);
    block_ = std::move(block);
    capacity_ = larger;
  }

  std::unique_ptr<std::byte[]> block_;
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace okhttp::internal

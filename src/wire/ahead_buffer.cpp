#include "wire/ahead_buffer.hpp"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <memory>
#include <utility>

namespace okhttp::internal {
namespace {

// Four full records in one read; a little less would leave each read a rest of some bytes.
constexpr std::size_t kSize = std::size_t{4} * (16384 + 320);

// One block a thread waits for the next stream, as a stream needs it for a moment only.
[[gnu::noinline]] std::unique_ptr<std::byte[]>& spare() noexcept {
  thread_local std::unique_ptr<std::byte[]> block;
  return block;
}

}  // namespace

AheadBuffer::~AheadBuffer() { release(); }

std::size_t AheadBuffer::take(Bytes into) noexcept {
  const std::size_t count = std::min(into.size(), end_ - begin_);
  if (count > 0) std::memcpy(into.data(), memory_ + begin_, count);
  begin_ += count;
  if (empty()) release();
  return count;
}

IoResult AheadBuffer::fill(Stream& from) {
  assert(empty());
  if (memory_ == nullptr) memory_ = spare() != nullptr ? spare().release() : new std::byte[kSize];
  begin_ = end_ = 0;
  const IoResult result = from.try_read(Bytes(memory_, kSize));
  if (result.ok()) {
    end_ = result.bytes;
  } else {
    release();
  }
  return result;
}

void AheadBuffer::release() noexcept {
  std::unique_ptr<std::byte[]> block(std::exchange(memory_, nullptr));
  begin_ = end_ = 0;
  if (block != nullptr && spare() == nullptr) spare() = std::move(block);
}

}  // namespace okhttp::internal

#include "codec/http2/session_memory.hpp"

#include <okhttp/task.hpp>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <limits>
#include <new>

namespace okhttp::internal {
namespace {

// nghttp2 does not say how large what it frees is, so that stands before it.
struct alignas(std::max_align_t) Prefix {
  std::size_t size;
};

Prefix* prefix_of(void* memory) noexcept { return static_cast<Prefix*>(memory) - 1; }

void* allocate(std::size_t size, void* /*user*/) noexcept {
  if (size > std::numeric_limits<std::size_t>::max() - sizeof(Prefix)) return nullptr;
  try {
    return new (allocate_frame(sizeof(Prefix) + size)) Prefix{size} + 1;
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}

void release(void* memory, void* /*user*/) noexcept {
  if (memory == nullptr) return;
  Prefix* const prefix = prefix_of(memory);
  deallocate_frame(prefix, sizeof(Prefix) + prefix->size);
}

void* allocate_zeroed(std::size_t count, std::size_t size, void* user) noexcept {
  if (size != 0 && count > std::numeric_limits<std::size_t>::max() / size) return nullptr;
  void* const memory = allocate(count * size, user);
  if (memory != nullptr) std::memset(memory, 0, count * size);
  return memory;
}

void* reallocate(void* memory, std::size_t size, void* user) noexcept {
  if (memory == nullptr) return allocate(size, user);
  void* const moved = allocate(size, user);
  if (moved == nullptr) return nullptr;
  std::memcpy(moved, memory, std::min(size, prefix_of(memory)->size));
  release(memory, user);
  return moved;
}

}  // namespace

nghttp2_mem& session_memory() noexcept {
  static nghttp2_mem memory{nullptr, allocate, release, allocate_zeroed, reallocate};
  return memory;
}

}  // namespace okhttp::internal

#pragma once

#include <okhttp/task.hpp>

#include <cstddef>
#include <memory>
#include <utility>

namespace okhttp::internal {

/// Takes memory from the free lists of coroutine frames, for objects of which every call needs one.
template <class T>
class PoolAllocator {
 public:
  using value_type = T;
  static_assert(alignof(T) <= __STDCPP_DEFAULT_NEW_ALIGNMENT__);

  PoolAllocator() noexcept = default;
  template <class U>
  PoolAllocator(const PoolAllocator<U>& /*other*/) noexcept {}  // NOLINT(google-explicit-constructor): as allocators do

  [[nodiscard]] T* allocate(std::size_t count) { return static_cast<T*>(allocate_frame(count * sizeof(T))); }
  void deallocate(T* memory, std::size_t count) noexcept { deallocate_frame(memory, count * sizeof(T)); }

  template <class U>
  friend bool operator==(const PoolAllocator& /*a*/, const PoolAllocator<U>& /*b*/) noexcept {
    return true;
  }
};

/// std::make_shared with such memory. It may be freed on any thread.
template <class T, class... Arguments>
[[nodiscard]] std::shared_ptr<T> make_pooled(Arguments&&... arguments) {
  return std::allocate_shared<T>(PoolAllocator<T>(), std::forward<Arguments>(arguments)...);
}

}  // namespace okhttp::internal

#include <okhttp/task.hpp>

#include <array>
#include <new>

namespace okhttp::internal {
namespace {

// Freed frames wait in lists by size, one set a thread, so that a call's coroutines cost no trip to the allocator.
// Each list is bounded: a burst of calls does not keep its peak for ever.
constexpr std::size_t kGranularity = 64;
constexpr std::size_t kClasses = 32;  // frames up to 2 KiB
constexpr unsigned kPerClass = 64;

// A sanitizer must see every frame come and go.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kRecycle = false;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
constexpr bool kRecycle = false;
#else
constexpr bool kRecycle = true;
#endif
#else
constexpr bool kRecycle = true;
#endif

struct FreeFrame {
  FreeFrame* next;
};

struct FreeLists {
  struct List {
    FreeFrame* head = nullptr;
    unsigned count = 0;
  };
  std::array<List, kClasses> lists{};
  bool alive = true;

  ~FreeLists() {
    alive = false;  // frames freed by destructors that run later on this thread go straight to the allocator
    for (List& list : lists) {
      while (list.head != nullptr) ::operator delete(std::exchange(list.head, list.head->next));
    }
  }
};

// Never inlined: a coroutine that moves to another thread must not keep the address of this thread's lists.
[[gnu::noinline]] FreeLists& free_lists() noexcept {
  thread_local FreeLists lists;
  return lists;
}

constexpr std::size_t class_of(std::size_t bytes) { return (bytes + kGranularity - 1) / kGranularity - 1; }

}  // namespace

void* allocate_frame(std::size_t bytes) {
  if constexpr (!kRecycle) return ::operator new(bytes);
  const std::size_t size_class = class_of(bytes);
  if (size_class >= kClasses) return ::operator new(bytes);
  FreeLists& lists = free_lists();
  FreeLists::List& list = lists.lists[size_class];
  if (list.head != nullptr) {
    --list.count;
    return std::exchange(list.head, list.head->next);
  }
  return ::operator new((size_class + 1) * kGranularity);
}

void deallocate_frame(void* frame, std::size_t bytes) noexcept {
  if constexpr (kRecycle) {
    const std::size_t size_class = class_of(bytes);
    if (size_class < kClasses) {
      FreeLists& lists = free_lists();
      FreeLists::List& list = lists.lists[size_class];
      if (lists.alive && list.count < kPerClass) {
        ++list.count;
        list.head = new (frame) FreeFrame{list.head};
        return;
      }
    }
  }
  ::operator delete(frame);
}

}  // namespace okhttp::internal

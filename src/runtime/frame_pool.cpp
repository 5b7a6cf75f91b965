#include <okhttp/task.hpp>

#include <new>
#include <utility>

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

// Plain data, so that reaching it needs no check of whether it was made yet. A list takes frames only while `room` is
// above 0, which it is from the first frame that this thread frees until the thread ends.
struct FreeLists {
  struct List {
    FreeFrame* head;
    unsigned room;
  };
  List lists[kClasses];
  bool was_opened;
};

constinit thread_local FreeLists free_lists{};

// Frees what this thread keeps when it ends. Frames freed by destructors that run later go straight to the allocator.
struct Cleaner {
  Cleaner() noexcept {
    for (FreeLists::List& list : free_lists.lists) list.room = kPerClass;
  }
  Cleaner(const Cleaner&) = delete;
  Cleaner& operator=(const Cleaner&) = delete;
  ~Cleaner() {
    for (FreeLists::List& list : free_lists.lists) {
      while (list.head != nullptr) ::operator delete(std::exchange(list.head, list.head->next));
      list.room = 0;
    }
  }
};

[[maybe_unused, gnu::noinline]] void open_lists() noexcept {
  free_lists.was_opened = true;
  thread_local const Cleaner cleaner;
}

constexpr std::size_t class_of(std::size_t bytes) { return (bytes + kGranularity - 1) / kGranularity - 1; }

}  // namespace

// Never inlined, as deallocate_frame: a coroutine that moves to another thread must not keep the address of this
// thread's lists.
[[gnu::noinline]] void* allocate_frame(std::size_t bytes) {
  if constexpr (!kRecycle) return ::operator new(bytes);
  const std::size_t size_class = class_of(bytes);
  if (size_class >= kClasses) return ::operator new(bytes);
  FreeLists::List& list = free_lists.lists[size_class];
  if (list.head != nullptr) {
    ++list.room;
    return std::exchange(list.head, list.head->next);
  }
  return ::operator new((size_class + 1) * kGranularity);
}

[[gnu::noinline]] void deallocate_frame(void* frame, std::size_t bytes) noexcept {
  if constexpr (kRecycle) {
    const std::size_t size_class = class_of(bytes);
    if (size_class < kClasses) {
      FreeLists::List& list = free_lists.lists[size_class];
      if (list.room == 0 && !free_lists.was_opened) open_lists();
      if (list.room > 0) {
        --list.room;
        list.head = new (frame) FreeFrame{list.head};
        return;
      }
    }
  }
  ::operator delete(frame);
}

}  // namespace okhttp::internal

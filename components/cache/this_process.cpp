#include "this_process.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <cstddef>
#include <new>

namespace okhttp::sqlite {
namespace {

using Number = std::atomic<pid_t>;

/// A page of memory that a child finds empty, however it was forked; null where the system has no such thing.
Number* make_page() noexcept {
  constexpr std::size_t kSize = sizeof(Number);  // it takes a page all the same
  void* const page = ::mmap(nullptr, kSize, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (page == MAP_FAILED) return nullptr;
  if (::madvise(page, kSize, MADV_WIPEONFORK) == 0) return new (page) Number(0);
  ::munmap(page, kSize);
  return nullptr;
}

}  // namespace

pid_t this_process() noexcept {
  static Number* const page = make_page();
  if (page == nullptr) return ::getpid();
  pid_t number = page->load(std::memory_order_relaxed);
  if (number == 0) {
    number = ::getpid();
    page->store(number, std::memory_order_relaxed);
  }
  return number;
}

}  // namespace okhttp::sqlite

#include "support/no_descriptors.hpp"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

namespace {

thread_local bool are_refused = false;
thread_local int refused_calls = 0;

bool is_refused() noexcept {
  if (!are_refused) return false;
  ++refused_calls;
  errno = EMFILE;
  return true;
}

}  // namespace

// These come before those of the C library, for the tests and for the library under test.
extern "C" {

[[gnu::visibility("default")]] int eventfd(unsigned int count, int flags) noexcept {
  return is_refused() ? -1 : static_cast<int>(::syscall(SYS_eventfd2, count, flags));
}

[[gnu::visibility("default")]] int epoll_create1(int flags) noexcept {
  return is_refused() ? -1 : static_cast<int>(::syscall(SYS_epoll_create1, flags));
}

[[gnu::visibility("default")]] int dup(int descriptor) noexcept {
  return is_refused() ? -1 : static_cast<int>(::syscall(SYS_dup, descriptor));
}

}  // extern "C"

namespace okhttp::internal {

NoDescriptors::NoDescriptors() noexcept {
  are_refused = true;
  refused_calls = 0;
}

NoDescriptors::~NoDescriptors() { are_refused = false; }

int NoDescriptors::refused() const noexcept { return refused_calls; }

}  // namespace okhttp::internal

#include "change_counter.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <exception>

namespace okhttp::sqlite {

std::shared_ptr<ChangeCounter> ChangeCounter::open(const Directory& directory) noexcept {
  try {
    const int descriptor = directory.open_counter(sizeof(Number));
    void* const shared = ::mmap(nullptr, sizeof(Number), PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
    ::close(descriptor);
    if (shared == MAP_FAILED) return nullptr;
    return std::make_shared<ChangeCounter>(shared);
  } catch (const std::exception&) {
    return nullptr;
  }
}

ChangeCounter::~ChangeCounter() { ::munmap(number_, sizeof(Number)); }

}  // namespace okhttp::sqlite

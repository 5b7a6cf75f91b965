#pragma once

#include <sys/types.h>

namespace okhttp::sqlite {

/// getpid(2), asked once in each process: every look-up needs to know whether it is made in a child of the process that
/// opened the cache.
[[nodiscard]] pid_t this_process() noexcept;

}  // namespace okhttp::sqlite

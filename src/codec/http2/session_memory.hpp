#pragma once

#include <nghttp2/nghttp2.h>

namespace okhttp::internal {

/// What nghttp2 allocates with: the free lists of coroutine frames, as a stream comes and goes with its call.
[[nodiscard]] nghttp2_mem& session_memory() noexcept;

}  // namespace okhttp::internal

#pragma once

namespace okhttp {

/// By how much a test of many calls makes do with fewer, where a sanitizer makes each dear.
#if defined(__SANITIZE_THREAD__)
constexpr int kShrink = 20;
#elif defined(__SANITIZE_ADDRESS__)
constexpr int kShrink = 5;
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
constexpr int kShrink = 20;
#elif __has_feature(address_sanitizer)
constexpr int kShrink = 5;
#else
constexpr int kShrink = 1;
#endif
#else
constexpr int kShrink = 1;
#endif

}  // namespace okhttp

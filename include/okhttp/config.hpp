#pragma once

/// Marks what a shared library exports, on both sides, so that an exception thrown by one is caught by the other.
/// Everything else is hidden.
#if defined(OKHTTP_STATIC)
#define OKHTTP_API
#else
#define OKHTTP_API __attribute__((visibility("default")))
#endif

#pragma once

/// Marks what a shared library exports. Everything else is hidden.
#if defined(OKHTTP_STATIC)
#define OKHTTP_API
#elif defined(OKHTTP_BUILDING)
#define OKHTTP_API __attribute__((visibility("default")))
#else
#define OKHTTP_API
#endif

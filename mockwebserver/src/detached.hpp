#pragma once

#include <coroutine>
#include <exception>

namespace okhttp::internal {

/// A coroutine that nobody awaits: it runs at once and frees itself. It must not let an exception out.
struct DetachedConnection {
  struct promise_type {
    DetachedConnection get_return_object() noexcept { return {}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() noexcept {}
    void unhandled_exception() noexcept { std::terminate(); }
  };
};

}  // namespace okhttp::internal

#pragma once

#include <okhttp/cookie.hpp>
#include <okhttp/function.hpp>

#include <chrono>
#include <utility>

namespace okhttp::internal {

/// The time by which cookies expire: the system's, or what a program says.
class CookieClock {
 public:
  explicit CookieClock(std::function<Cookie::TimePoint()> clock) : clock_(std::move(clock)) {}
  [[nodiscard]] Cookie::TimePoint now() const {
    return clock_ != nullptr ? clock_() : std::chrono::system_clock::now();
  }

 private:
  std::function<Cookie::TimePoint()> clock_;
};

}  // namespace okhttp::internal

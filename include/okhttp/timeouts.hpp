#pragma once

#include <okhttp/chrono.hpp>

namespace okhttp {

/// How patient a call is. 0 means for ever.
struct Timeouts {
  using Duration = std::chrono::milliseconds;

  Duration connect = std::chrono::seconds(10);  ///< TCP connect of one route
  Duration read = std::chrono::seconds(10);     ///< the longest wait for bytes
  Duration write = std::chrono::seconds(10);    ///< the longest wait for room to send
  Duration call = Duration::zero();             ///< from the start of the call until its body is read

  friend bool operator==(const Timeouts&, const Timeouts&) noexcept = default;
};

}  // namespace okhttp

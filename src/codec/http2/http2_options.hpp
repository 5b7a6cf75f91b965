#pragma once

#include <cstddef>
#include <cstdint>

#include "runtime/clock.hpp"

namespace okhttp::internal {

/// What an HTTP/2 connection is made with.
struct Http2Options {
  Http2Options() = default;
  /// How often the peer is asked whether it is still there; 0 is never.
  Duration ping_interval = Duration::zero();
  /// SETTINGS_INITIAL_WINDOW_SIZE: what one stream may receive before it is read.
  std::uint32_t stream_window = std::uint32_t{16} * 1024 * 1024;
  /// What all streams of the connection may have under way.
  std::uint32_t connection_window = std::uint32_t{32} * 1024 * 1024;
  /// What all streams may hold unread. Below it the connection's window is given back as data arrives, so that a
  /// stream which nobody reads holds back itself alone; beyond it only as data is read.
  std::size_t receive_budget = std::size_t{64} * 1024 * 1024;
  /// SETTINGS_MAX_HEADER_LIST_SIZE (RFC 9113 §6.5.2), which bounds all heads of one exchange together.
  std::uint32_t max_header_list = std::uint32_t{256} * 1024;
};

}  // namespace okhttp::internal

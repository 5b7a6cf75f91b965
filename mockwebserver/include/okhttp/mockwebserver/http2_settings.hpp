#pragma once

#include <cstdint>
#include <optional>

namespace okhttp {

/// What a MockWebServer says of itself on HTTP/2 connections (RFC 9113 §6.5.2). What is not set is not announced, so
/// that the standard's default holds.
struct Http2Settings {
  std::optional<std::uint32_t> header_table_size;
  /// Requests that the client may have open at once.
  std::optional<std::uint32_t> max_concurrent_streams;
  /// How much of one request's body the client may send ahead of the server's reading.
  std::optional<std::uint32_t> initial_window_size;
  std::optional<std::uint32_t> max_frame_size;
  std::optional<std::uint32_t> max_header_list_size;
  /// The same as initial_window_size for all requests of a connection together. No setting of the protocol: it is
  /// reached by a WINDOW_UPDATE, and never shrinks.
  std::optional<std::uint32_t> connection_window_size;
};

}  // namespace okhttp

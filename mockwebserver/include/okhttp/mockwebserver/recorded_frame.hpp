#pragma once

#include <okhttp/http2_error_code.hpp>

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace okhttp {

/// One HTTP/2 frame as a MockWebServer received it. A plain value.
struct RecordedFrame {
  /// RFC 9113 §6.
  enum class Type : std::uint8_t {
    data = 0,
    headers = 1,
    priority = 2,
    rst_stream = 3,
    settings = 4,
    ping = 6,
    goaway = 7,
    window_update = 8,
  };

  RecordedFrame() = default;

  /// True for a SETTINGS or PING that acknowledges the server's.
  [[nodiscard]] bool is_ack() const noexcept { return (flags & 1) != 0; }
  /// True for a DATA or HEADERS that is the last of its request.
  [[nodiscard]] bool ends_stream() const noexcept { return (flags & 1) != 0; }

  Type type = Type::data;
  std::uint8_t flags = 0;
  std::size_t connection_index = 0;
  std::uint32_t stream_id = 0;
  /// Of the payload, padding included.
  std::size_t length = 0;
  /// Of RST_STREAM and GOAWAY.
  Http2ErrorCode error_code = Http2ErrorCode::no_error;
  /// Of GOAWAY.
  std::uint32_t last_stream_id = 0;
  /// Of WINDOW_UPDATE.
  std::uint32_t window_increment = 0;
  /// Of SETTINGS: identifiers and values.
  std::vector<std::pair<std::uint16_t, std::uint32_t>> settings;
};

}  // namespace okhttp

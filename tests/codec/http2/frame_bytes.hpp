#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace okhttp::internal::h2 {

// HTTP/2 frames as bytes (RFC 9113 §4.1), valid or not: nothing is checked.

inline constexpr std::uint8_t kData = 0, kHeaders = 1, kPriority = 2, kRstStream = 3, kSettings = 4, kPushPromise = 5,
                              kPing = 6, kGoaway = 7, kWindowUpdate = 8, kContinuation = 9;
inline constexpr std::uint8_t kEndStream = 1, kAck = 1, kEndHeaders = 4, kPadded = 8;

inline std::string u32(std::uint32_t value) {
  return std::string{static_cast<char>(value >> 24), static_cast<char>(value >> 16), static_cast<char>(value >> 8),
                     static_cast<char>(value)};
}

inline std::string frame(std::uint8_t type, std::uint8_t flags, std::uint32_t stream, std::string_view payload = {}) {
  std::string bytes = u32(static_cast<std::uint32_t>(payload.size())).substr(1);
  bytes += static_cast<char>(type);
  bytes += static_cast<char>(flags);
  return bytes + u32(stream) + std::string(payload);
}

inline std::string setting(std::uint16_t id, std::uint32_t value) {
  return std::string{static_cast<char>(id >> 8), static_cast<char>(id)} + u32(value);
}
inline std::string settings(std::string_view entries = {}) { return frame(kSettings, 0, 0, entries); }

/// A field without HPACK's tables; both parts are shorter than 127 bytes.
inline std::string literal(std::string_view name, std::string_view value) {
  std::string bytes(1, '\0');
  bytes += static_cast<char>(name.size());
  bytes += name;
  bytes += static_cast<char>(value.size());
  return bytes + std::string(value);
}
/// ":status: 200", from the static table.
inline constexpr std::string_view kStatus200 = "\x88";

inline std::string headers(std::uint32_t stream, std::string_view block, std::uint8_t flags = kEndHeaders) {
  return frame(kHeaders, flags, stream, block);
}
inline std::string data(std::uint32_t stream, std::string_view bytes, std::uint8_t flags = 0) {
  return frame(kData, flags, stream, bytes);
}
inline std::string reset(std::uint32_t stream, std::uint32_t code) { return frame(kRstStream, 0, stream, u32(code)); }
inline std::string goaway(std::uint32_t last, std::uint32_t code) {
  return frame(kGoaway, 0, 0, u32(last) + u32(code));
}
inline std::string window_update(std::uint32_t stream, std::uint32_t increment) {
  return frame(kWindowUpdate, 0, stream, u32(increment));
}

struct Frame {
  std::uint8_t type;
  std::uint8_t flags;
  std::uint32_t stream;
  std::string payload;

  /// The number that begins at `at` of the payload.
  [[nodiscard]] std::uint32_t number(std::size_t at) const {
    std::uint32_t value = 0;
    for (std::size_t i = at; i < at + 4 && i < payload.size(); ++i) {
      value = value << 8 | static_cast<unsigned char>(payload[i]);
    }
    return value;
  }
};

/// The whole frames in `bytes`, after a client's preface if they begin with one.
inline std::vector<Frame> frames_in(std::string_view bytes) {
  constexpr std::string_view kPreface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
  if (bytes.starts_with(kPreface)) bytes.remove_prefix(kPreface.size());
  std::vector<Frame> frames;
  const auto at = [&](std::size_t i) { return static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[i])); };
  while (bytes.size() >= 9) {
    const std::size_t size = at(0) << 16 | at(1) << 8 | at(2);
    if (bytes.size() < 9 + size) break;
    const std::uint32_t stream = (at(5) << 24 | at(6) << 16 | at(7) << 8 | at(8)) & 0x7fffffff;
    frames.push_back(Frame{static_cast<std::uint8_t>(at(3)), static_cast<std::uint8_t>(at(4)), stream,
                           std::string(bytes.substr(9, size))});
    bytes.remove_prefix(9 + size);
  }
  return frames;
}

}  // namespace okhttp::internal::h2

#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace okhttp::testing {

/// RFC 9113 §6.
enum class FrameType : std::uint8_t {
  data = 0,
  headers = 1,
  priority = 2,
  rst_stream = 3,
  settings = 4,
  push_promise = 5,
  ping = 6,
  goaway = 7,
  window_update = 8,
  continuation = 9,
};

constexpr std::uint8_t kNoFlags = 0;
constexpr std::uint8_t kEndStream = 0x1;
constexpr std::uint8_t kAck = 0x1;
constexpr std::uint8_t kEndHeaders = 0x4;
constexpr std::uint8_t kPadded = 0x8;
constexpr std::uint8_t kHasPriority = 0x20;

constexpr std::uint16_t kHeaderTableSize = 1;
constexpr std::uint16_t kEnablePush = 2;
constexpr std::uint16_t kMaxConcurrentStreams = 3;
constexpr std::uint16_t kInitialWindowSize = 4;
constexpr std::uint16_t kMaxFrameSize = 5;
constexpr std::uint16_t kMaxHeaderListSize = 6;

/// RFC 9113 §3.4.
constexpr std::string_view kClientPreface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
constexpr std::size_t kFrameHead = 9;

using SettingsList = std::vector<std::pair<std::uint16_t, std::uint32_t>>;
using Fields = std::vector<std::pair<std::string, std::string>>;

/// A frame that was read.
struct Frame {
  FrameType type = FrameType::data;
  std::uint8_t flags = 0;
  std::uint32_t stream_id = 0;
  std::string payload;

  [[nodiscard]] bool has(std::uint8_t flag) const noexcept { return (flags & flag) != 0; }
  /// The number at that place of the payload; 0 beyond its end.
  [[nodiscard]] std::uint32_t number_at(std::size_t offset) const noexcept;
  /// Of RST_STREAM and GOAWAY.
  [[nodiscard]] std::uint32_t error_code() const noexcept;
  /// The payload of DATA or HEADERS without padding and priority.
  [[nodiscard]] std::string_view content() const noexcept;
  /// Of SETTINGS.
  [[nodiscard]] SettingsList settings() const;
};

/// The first frame of `bytes`, which it takes from them; nothing when it is not all there.
[[nodiscard]] std::optional<Frame> take_frame(std::string& bytes);

// Bytes of frames. Nothing is checked: what is wrong was meant so.

/// A frame's head alone. `length` is what it claims; the highest bit of `stream` is the reserved one.
[[nodiscard]] std::string frame_head(std::size_t length, FrameType type, std::uint8_t flags, std::uint32_t stream);
[[nodiscard]] std::string frame(FrameType type, std::uint8_t flags, std::uint32_t stream, std::string_view payload);
[[nodiscard]] std::string data_frame(std::uint32_t stream, std::string_view bytes, bool ends = false);
/// `pad_length` is what the frame claims, `padding` what it has.
[[nodiscard]] std::string padded_data_frame(std::uint32_t stream, std::string_view bytes, std::uint8_t pad_length,
                                            std::size_t padding, bool ends = false);
[[nodiscard]] std::string headers_frame(std::uint32_t stream, std::string_view block, bool ends,
                                        std::uint8_t flags = kEndHeaders);
[[nodiscard]] std::string continuation_frame(std::uint32_t stream, std::string_view block, bool is_last);
[[nodiscard]] std::string priority_frame(std::uint32_t stream, std::uint32_t depends_on, std::uint8_t weight);
[[nodiscard]] std::string rst_stream_frame(std::uint32_t stream, std::uint32_t code);
[[nodiscard]] std::string settings_frame(const SettingsList& settings);
[[nodiscard]] std::string settings_ack_frame();
/// `opaque` has 8 bytes.
[[nodiscard]] std::string ping_frame(std::string_view opaque, bool is_ack = false);
[[nodiscard]] std::string goaway_frame(std::uint32_t last_stream, std::uint32_t code, std::string_view debug = {});
[[nodiscard]] std::string window_update_frame(std::uint32_t stream, std::uint32_t increment);
[[nodiscard]] std::string push_promise_frame(std::uint32_t stream, std::uint32_t promised, std::string_view block);

/// HPACK towards the peer (RFC 7541), with the state of one connection.
class HpackEncoder {
 public:
  explicit HpackEncoder(std::size_t table_size = 4096);
  [[nodiscard]] std::string encode(const Fields& fields);

 private:
  struct Native;
  std::shared_ptr<Native> native_;
};

/// HPACK from the peer. Throws std::runtime_error for what does not decode.
class HpackDecoder {
 public:
  HpackDecoder();
  [[nodiscard]] Fields decode(std::string_view block);

 private:
  struct Native;
  std::shared_ptr<Native> native_;
};

/// The last value of that name; empty when there is none.
[[nodiscard]] std::string value_of(const Fields& fields, std::string_view name);

}  // namespace okhttp::testing

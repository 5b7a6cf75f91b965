#include "support/frame_peer.hpp"

#include <array>
#include <cstddef>
#include <span>
#include <stdexcept>
#include <utility>

namespace okhttp::testing {
namespace {

constexpr std::size_t kSmallestMaxFrame = 16'384;

std::string name_of(FrameType type) { return "a frame of type " + std::to_string(static_cast<int>(type)); }

}  // namespace

Task<void> FramePeer::open_as_client(SettingsList settings) {
  std::string opening(kClientPreface);
  opening += settings_frame(settings);
  co_await write(std::move(opening));
}

Task<SettingsList> FramePeer::open_as_server(SettingsList settings) {
  co_await write(settings_frame(settings));
  while (received_.size() < kClientPreface.size()) {
    const bool has_more = co_await fill();
    if (!has_more) throw std::runtime_error("the client closed before its preface");
  }
  if (!received_.starts_with(kClientPreface)) throw std::runtime_error("no client preface");
  received_.erase(0, kClientPreface.size());
  const Frame first = co_await expect(FrameType::settings);
  co_return first.settings();
}

Task<void> FramePeer::write(std::string bytes) { co_await socket_.write(std::move(bytes)); }

Task<bool> FramePeer::fill() {
  std::array<std::byte, 16'384> chunk{};
  const std::size_t count = co_await socket_.read_some(std::span<std::byte>(chunk));
  received_.append(reinterpret_cast<const char*>(chunk.data()), count);
  co_return count > 0;
}

Task<std::optional<Frame>> FramePeer::read() {
  for (;;) {
    std::optional<Frame> frame = take_frame(received_);
    if (frame.has_value()) co_return frame;
    const bool has_more = co_await fill();
    if (!has_more) co_return std::nullopt;
  }
}

Task<std::optional<Frame>> FramePeer::next() {
  std::optional<Frame> frame = co_await read();
  if (!frame.has_value()) co_return std::nullopt;
  collect(*frame);
  if (!answers) co_return frame;
  if (frame->type == FrameType::settings && !frame->has(kAck)) co_await write(settings_ack_frame());
  if (frame->type == FrameType::data && !frame->payload.empty()) {
    const auto size = static_cast<std::uint32_t>(frame->payload.size());
    std::string windows = window_update_frame(0, size);
    if (!frame->has(kEndStream)) windows += window_update_frame(frame->stream_id, size);
    co_await write(std::move(windows));
  }
  co_return frame;
}

Task<Frame> FramePeer::expect(FrameType type) {
  for (;;) {
    std::optional<Frame> frame = co_await next();
    if (!frame.has_value()) throw std::runtime_error("the connection ended before " + name_of(type));
    if (frame->type == type) co_return std::move(*frame);
  }
}

Task<Http2Message> FramePeer::message(std::uint32_t stream) {
  while (!messages_[stream].is_complete()) {
    const std::optional<Frame> frame = co_await next();
    if (!frame.has_value()) throw std::runtime_error("the connection ended before stream " + std::to_string(stream));
  }
  co_return messages_[stream];
}

Task<Http2Message> FramePeer::head(std::uint32_t stream) {
  while (messages_[stream].head.empty() && !messages_[stream].is_complete()) {
    const std::optional<Frame> frame = co_await next();
    if (!frame.has_value()) throw std::runtime_error("the connection ended before stream " + std::to_string(stream));
  }
  co_return messages_[stream];
}

Task<std::vector<Frame>> FramePeer::read_to_end() {
  std::vector<Frame> frames;
  for (;;) {
    std::optional<Frame> frame = co_await read();
    if (!frame.has_value()) co_return frames;
    collect(*frame);
    frames.push_back(std::move(*frame));
  }
}

std::string FramePeer::headers(std::uint32_t stream, const Fields& fields, bool ends) {
  const std::string block = encoder_.encode(fields);
  const std::string_view rest = block;
  if (block.size() <= kSmallestMaxFrame) return headers_frame(stream, block, ends);
  std::string bytes = headers_frame(stream, rest.substr(0, kSmallestMaxFrame), ends, kNoFlags);
  for (std::size_t at = kSmallestMaxFrame; at < rest.size(); at += kSmallestMaxFrame) {
    bytes += continuation_frame(stream, rest.substr(at, kSmallestMaxFrame), at + kSmallestMaxFrame >= rest.size());
  }
  return bytes;
}

void FramePeer::collect(const Frame& frame) {
  Http2Message& message = messages_[frame.stream_id];
  switch (frame.type) {
    case FrameType::headers:
      block_ = frame.content();
      block_ends_stream_ = frame.has(kEndStream);
      if (frame.has(kEndHeaders)) take_block(message, block_ends_stream_);
      break;
    case FrameType::continuation:
      block_ += frame.payload;
      if (frame.has(kEndHeaders)) take_block(message, block_ends_stream_);
      break;
    case FrameType::data:
      message.body += frame.content();
      if (frame.has(kEndStream)) message.has_ended = true;
      break;
    case FrameType::rst_stream:
      message.reset = frame.error_code();
      break;
    default:
      break;
  }
}

void FramePeer::take_block(Http2Message& message, bool ends) {
  Fields fields = decoder_.decode(block_);
  if (value_of(fields, ":status").starts_with('1')) {
    message.informational.push_back(std::move(fields));
  } else if (message.head.empty()) {
    message.head = std::move(fields);
  } else {
    message.trailers = std::move(fields);
  }
  if (ends) message.has_ended = true;
}

}  // namespace okhttp::testing

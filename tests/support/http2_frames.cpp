#include "support/http2_frames.hpp"

#include <nghttp2/nghttp2.h>

#include <algorithm>
#include <stdexcept>

namespace okhttp::testing {
namespace {

std::string big_endian(std::uint64_t number, int bytes) {
  std::string text;
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) text += static_cast<char>(number >> shift & 0xff);
  return text;
}

std::uint32_t number_in(std::string_view bytes, std::size_t offset, std::size_t size) noexcept {
  std::uint32_t number = 0;
  for (std::size_t i = offset; i < offset + size && i < bytes.size(); ++i) {
    number = number << 8 | static_cast<unsigned char>(bytes[i]);
  }
  return number;
}

std::uint8_t end_flag(bool ends) noexcept { return ends ? kEndStream : kNoFlags; }

}  // namespace

std::uint32_t Frame::number_at(std::size_t offset) const noexcept { return number_in(payload, offset, 4); }

std::uint32_t Frame::error_code() const noexcept { return number_at(type == FrameType::goaway ? 4 : 0); }

std::string_view Frame::content() const noexcept {
  std::string_view content = payload;
  if (has(kPadded) && !content.empty()) {
    const auto padding = static_cast<unsigned char>(content.front());
    content.remove_prefix(1);
    content.remove_suffix(std::min<std::size_t>(padding, content.size()));
  }
  if (type == FrameType::headers && has(kHasPriority)) content.remove_prefix(std::min<std::size_t>(5, content.size()));
  return content;
}

SettingsList Frame::settings() const {
  SettingsList list;
  for (std::size_t at = 0; at + 6 <= payload.size(); at += 6) {
    list.emplace_back(static_cast<std::uint16_t>(number_in(payload, at, 2)), number_in(payload, at + 2, 4));
  }
  return list;
}

std::optional<Frame> take_frame(std::string& bytes) {
  if (bytes.size() < kFrameHead) return std::nullopt;
  const std::size_t length = number_in(bytes, 0, 3);
  if (bytes.size() < kFrameHead + length) return std::nullopt;
  Frame frame;
  frame.type = static_cast<FrameType>(bytes[3]);
  frame.flags = static_cast<std::uint8_t>(bytes[4]);
  frame.stream_id = number_in(bytes, 5, 4) & 0x7fffffff;
  frame.payload = bytes.substr(kFrameHead, length);
  bytes.erase(0, kFrameHead + length);
  return frame;
}

std::string frame_head(std::size_t length, FrameType type, std::uint8_t flags, std::uint32_t stream) {
  return big_endian(length, 3) + static_cast<char>(type) + static_cast<char>(flags) + big_endian(stream, 4);
}

std::string frame(FrameType type, std::uint8_t flags, std::uint32_t stream, std::string_view payload) {
  return frame_head(payload.size(), type, flags, stream) + std::string(payload);
}

std::string data_frame(std::uint32_t stream, std::string_view bytes, bool ends) {
  return frame(FrameType::data, end_flag(ends), stream, bytes);
}

std::string padded_data_frame(std::uint32_t stream, std::string_view bytes, std::uint8_t pad_length,
                              std::size_t padding, bool ends) {
  const std::string payload = static_cast<char>(pad_length) + std::string(bytes) + std::string(padding, '\0');
  return frame(FrameType::data, end_flag(ends) | kPadded, stream, payload);
}

std::string headers_frame(std::uint32_t stream, std::string_view block, bool ends, std::uint8_t flags) {
  return frame(FrameType::headers, end_flag(ends) | flags, stream, block);
}

std::string continuation_frame(std::uint32_t stream, std::string_view block, bool is_last) {
  return frame(FrameType::continuation, is_last ? kEndHeaders : kNoFlags, stream, block);
}

std::string priority_frame(std::uint32_t stream, std::uint32_t depends_on, std::uint8_t weight) {
  return frame(FrameType::priority, kNoFlags, stream, big_endian(depends_on, 4) + static_cast<char>(weight));
}

std::string rst_stream_frame(std::uint32_t stream, std::uint32_t code) {
  return frame(FrameType::rst_stream, kNoFlags, stream, big_endian(code, 4));
}

std::string settings_frame(const SettingsList& settings) {
  std::string payload;
  for (const auto& [id, value] : settings) payload += big_endian(id, 2) + big_endian(value, 4);
  return frame(FrameType::settings, kNoFlags, 0, payload);
}

std::string settings_ack_frame() { return frame(FrameType::settings, kAck, 0, {}); }

std::string ping_frame(std::string_view opaque, bool is_ack) {
  return frame(FrameType::ping, is_ack ? kAck : kNoFlags, 0, opaque);
}

std::string goaway_frame(std::uint32_t last_stream, std::uint32_t code, std::string_view debug) {
  return frame(FrameType::goaway, kNoFlags, 0, big_endian(last_stream, 4) + big_endian(code, 4) + std::string(debug));
}

std::string window_update_frame(std::uint32_t stream, std::uint32_t increment) {
  return frame(FrameType::window_update, kNoFlags, stream, big_endian(increment, 4));
}

std::string push_promise_frame(std::uint32_t stream, std::uint32_t promised, std::string_view block) {
  return frame(FrameType::push_promise, kEndHeaders, stream, big_endian(promised, 4) + std::string(block));
}

struct HpackEncoder::Native {
  nghttp2_hd_deflater* deflater = nullptr;
  ~Native() { nghttp2_hd_deflate_del(deflater); }
};

HpackEncoder::HpackEncoder(std::size_t table_size) : native_(std::make_shared<Native>()) {
  if (nghttp2_hd_deflate_new(&native_->deflater, table_size) != 0) throw std::runtime_error("no HPACK encoder");
}

std::string HpackEncoder::encode(const Fields& fields) {
  std::vector<nghttp2_nv> native;
  for (const auto& [name, value] : fields) {
    native.push_back(nghttp2_nv{reinterpret_cast<std::uint8_t*>(const_cast<char*>(name.data())),
                                reinterpret_cast<std::uint8_t*>(const_cast<char*>(value.data())), name.size(),
                                value.size(), NGHTTP2_NV_FLAG_NONE});
  }
  std::string block(nghttp2_hd_deflate_bound(native_->deflater, native.data(), native.size()), '\0');
  const ssize_t size = nghttp2_hd_deflate_hd(native_->deflater, reinterpret_cast<std::uint8_t*>(block.data()),
                                             block.size(), native.data(), native.size());
  if (size < 0) throw std::runtime_error(nghttp2_strerror(static_cast<int>(size)));
  block.resize(static_cast<std::size_t>(size));
  return block;
}

struct HpackDecoder::Native {
  nghttp2_hd_inflater* inflater = nullptr;
  ~Native() { nghttp2_hd_inflate_del(inflater); }
};

HpackDecoder::HpackDecoder() : native_(std::make_shared<Native>()) {
  if (nghttp2_hd_inflate_new(&native_->inflater) != 0) throw std::runtime_error("no HPACK decoder");
}

Fields HpackDecoder::decode(std::string_view block) {
  Fields fields;
  for (;;) {
    nghttp2_nv field{};
    int flags = 0;
    const ssize_t size = nghttp2_hd_inflate_hd2(native_->inflater, &field, &flags,
                                                reinterpret_cast<const std::uint8_t*>(block.data()), block.size(), 1);
    if (size < 0) throw std::runtime_error(nghttp2_strerror(static_cast<int>(size)));
    block.remove_prefix(static_cast<std::size_t>(size));
    if ((flags & NGHTTP2_HD_INFLATE_EMIT) != 0) {
      fields.emplace_back(std::string(reinterpret_cast<const char*>(field.name), field.namelen),
                          std::string(reinterpret_cast<const char*>(field.value), field.valuelen));
    }
    if ((flags & NGHTTP2_HD_INFLATE_FINAL) != 0) break;
    if ((flags & NGHTTP2_HD_INFLATE_EMIT) == 0 && block.empty()) throw std::runtime_error("a header block is cut");
  }
  nghttp2_hd_inflate_end_headers(native_->inflater);
  return fields;
}

std::string value_of(const Fields& fields, std::string_view name) {
  std::string found;
  for (const auto& [field, value] : fields) {
    if (field == name) found = value;
  }
  return found;
}

}  // namespace okhttp::testing

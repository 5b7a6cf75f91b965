#pragma once

#include <okhttp/ip_address.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace okhttp {

/// Composes an answer of DNS byte by byte, right or wrong.
class DnsMessageWriter {
 public:
  DnsMessageWriter(std::string_view question, std::uint16_t type) { question_ = name(question) + u16(type) + u16(1); }

  /// The flags and the response code, besides those of every answer.
  DnsMessageWriter& code(std::uint16_t bits) {
    flags_ = static_cast<std::uint16_t>(flags_ | bits);
    return *this;
  }
  DnsMessageWriter& address(std::string_view owner, std::uint32_t seconds, const IpAddress& address) {
    const auto* const bytes = reinterpret_cast<const char*>(address.bytes().data());
    return record(name(owner), address.is_v6() ? 28 : 1, seconds, std::string(bytes, address.is_v6() ? 16 : 4));
  }
  DnsMessageWriter& alias(std::string_view owner, std::uint32_t seconds, std::string_view other) {
    return record(name(owner), 5, seconds, name(other));
  }
  /// `owner` and `data` as they stand in the message.
  DnsMessageWriter& record(const std::string& owner, std::uint16_t type, std::uint32_t seconds, const std::string& data,
                           std::uint16_t record_class = 1) {
    records_ += owner + u16(type) + u16(record_class) + u16(static_cast<std::uint16_t>(seconds >> 16)) +
                u16(static_cast<std::uint16_t>(seconds & 0xffff)) + u16(static_cast<std::uint16_t>(data.size())) + data;
    ++count_;
    return *this;
  }

  [[nodiscard]] std::string message() const {
    return u16(0) + u16(flags_) + u16(1) + u16(count_) + u16(0) + u16(0) + question_ + records_;
  }

  static std::string name(std::string_view text) {
    std::string wire;
    while (!text.empty()) {
      const std::size_t size = std::min(text.find('.'), text.size());
      wire += static_cast<char>(size);
      wire += text.substr(0, size);
      text.remove_prefix(std::min(size + 1, text.size()));
    }
    return wire + '\0';
  }

 private:
  static std::string u16(std::uint16_t value) { return {static_cast<char>(value >> 8), static_cast<char>(value)}; }

  std::uint16_t flags_ = 0x8180;
  std::uint16_t count_ = 0;
  std::string question_;
  std::string records_;
};

}  // namespace okhttp

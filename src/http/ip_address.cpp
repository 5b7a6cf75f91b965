#include <arpa/inet.h>
#include <okhttp/ip_address.hpp>

#include <algorithm>
#include <charconv>
#include <cstring>

namespace okhttp {

IpAddress IpAddress::v4(std::array<std::uint8_t, 4> bytes) noexcept {
  IpAddress address;
  std::copy(bytes.begin(), bytes.end(), address.bytes_.begin());
  return address;
}

IpAddress IpAddress::v6(std::array<std::uint8_t, 16> bytes, std::uint32_t scope_id) noexcept {
  IpAddress address;
  address.bytes_ = bytes;
  address.scope_id_ = scope_id;
  address.is_v6_ = true;
  return address;
}

IpAddress IpAddress::loopback_v6() noexcept {
  std::array<std::uint8_t, 16> bytes{};
  bytes[15] = 1;
  return v6(bytes);
}

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
  std::uint32_t scope_id = 0;
  if (const auto percent = text.find('%'); percent != std::string_view::npos) {
    const std::string_view scope = text.substr(percent + 1);
    const auto [end, failure] = std::from_chars(scope.data(), scope.data() + scope.size(), scope_id);
    if (failure != std::errc() || end != scope.data() + scope.size()) return std::nullopt;
    text = text.substr(0, percent);
    if (text.find(':') == std::string_view::npos) return std::nullopt;
  }
  char terminated[INET6_ADDRSTRLEN + 1];
  if (text.empty() || text.size() >= sizeof terminated || text.find('\0') != std::string_view::npos)
    return std::nullopt;
  std::memcpy(terminated, text.data(), text.size());
  terminated[text.size()] = '\0';
  if (text.find(':') != std::string_view::npos) {
    std::array<std::uint8_t, 16> bytes{};
    if (inet_pton(AF_INET6, terminated, bytes.data()) != 1) return std::nullopt;
    return v6(bytes, scope_id);
  }
  std::array<std::uint8_t, 4> bytes{};
  if (inet_pton(AF_INET, terminated, bytes.data()) != 1) return std::nullopt;
  return v4(bytes);
}

bool IpAddress::is_loopback() const noexcept {
  if (!is_v6_) return bytes_[0] == 127;
  return bytes_ == loopback_v6().bytes_;
}

std::string IpAddress::to_string() const {
  char text[INET6_ADDRSTRLEN] = {};
  inet_ntop(is_v6_ ? AF_INET6 : AF_INET, bytes_.data(), text, sizeof text);
  std::string result = text;
  if (scope_id_ != 0) result += '%' + std::to_string(scope_id_);
  return result;
}

std::string Endpoint::to_string() const {
  const std::string text = address.to_string();
  return (address.is_v6() ? '[' + text + ']' : text) + ':' + std::to_string(port);
}

}  // namespace okhttp

#pragma once

#include <okhttp/cache_store.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace okhttp::sqlite {

/// The head of a response as bytes, and back. All numbers are little-endian; texts have their length in front.
[[nodiscard]] std::vector<std::byte> to_bytes(const CachedResponse& head);

/// Reads heads. Keeps the handshakes that it read last: responses of one connection have the same, and making
/// certificates costs more than all the rest. Threads: any.
class HeadReader final {
 public:
  /// Nothing when the bytes are damaged.
  [[nodiscard]] std::optional<CachedResponse> read(std::span<const std::byte> bytes);

 private:
  [[nodiscard]] std::shared_ptr<const Handshake> handshake_of(std::string_view bytes);

  std::mutex mutex_;
  std::unordered_map<std::string, std::shared_ptr<const Handshake>> handshakes_;
};

/// The CRC-32 of `bytes`, continued from `sum`.
[[nodiscard]] std::uint32_t checksum(std::uint32_t sum, std::span<const std::byte> bytes) noexcept;
[[nodiscard]] std::uint32_t checksum(std::uint32_t sum, std::string_view text) noexcept;
[[nodiscard]] std::uint32_t checksum(std::uint32_t sum, std::uint64_t number) noexcept;

}  // namespace okhttp::sqlite

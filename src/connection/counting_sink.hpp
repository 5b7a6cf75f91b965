#pragma once

#include <okhttp/request_body.hpp>

#include <atomic>
#include <cstdint>
#include <optional>

#include "codec/exchange_codec.hpp"

namespace okhttp::internal {

struct CallContext;

/// Hands a request body to the codec and counts it. Both outlive it, and the context. Used by the coroutine that
/// writes; written() is for any thread.
class CountingSink final : public BodySink {
 public:
  CountingSink(ExchangeCodec& codec, std::optional<std::uint64_t> promised, const CallContext& context) noexcept
      : codec_(codec), promised_(promised), context_(context) {}

  /// Throws Errc::body_length_mismatch as soon as there is more than was promised, and ends with its call also where
  /// the peer takes everything at once, so that nothing ever waits.
  Task<void> write(std::span<const std::byte> bytes) override;
  Task<void> flush() override;

  /// Throws Errc::body_length_mismatch when there was less than was promised.
  void check_complete() const;
  [[nodiscard]] std::uint64_t written() const noexcept { return written_.load(std::memory_order_relaxed); }
  /// True when it was the connection that failed, and not the body.
  [[nodiscard]] bool connection_failed() const noexcept { return connection_failed_; }

 private:
  Task<void> guarded(Task<void> sending);

  ExchangeCodec& codec_;
  const std::optional<std::uint64_t> promised_;
  const CallContext& context_;
  std::atomic<std::uint64_t> written_{0};
  bool connection_failed_ = false;
};

}  // namespace okhttp::internal

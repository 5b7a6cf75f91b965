#pragma once

#include <okhttp/response_body.hpp>

#include <zlib.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "interceptors/content_coding.hpp"

namespace okhttp::internal {

/// Decodes gzip (RFC 1952): any number of members, one after another, and nothing else behind them.
///
///     before_member --header--> in_member --trailer--> before_member --end of input--> ended
///
/// Throws Errc::decode_failed when the stream is damaged, ends early, or is followed by something else, and
/// Errc::limit_exceeded when it grows out of proportion.
class GzipSource final : public BodySource {
 public:
  /// `wire` is true when `coded` is what came over the wire, which the budget counts.
  GzipSource(ResponseBody coded, std::shared_ptr<DecodingBudget> budget, bool wire);
  ~GzipSource() override;

  Task<std::size_t> read_some(std::span<std::byte> into) override;
  [[nodiscard]] Headers trailers() const override { return coded_.trailers(); }

 private:
  enum class State : std::uint8_t { before_member, in_member, ended };

  Task<bool> fill();
  /// Decodes what is at hand; 0 when more input is needed or a member has ended.
  std::size_t inflate_into(std::span<std::byte> into);
  void begin_member();

  const ResponseBody coded_;
  const std::shared_ptr<DecodingBudget> budget_;
  const bool wire_;
  State state_ = State::before_member;
  bool output_pending_ = false;
  std::uint64_t members_ = 0;
  std::uint64_t produced_ = 0;
  std::vector<std::byte> input_;
  z_stream zlib_{};
};

}  // namespace okhttp::internal

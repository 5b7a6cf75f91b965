#pragma once

#include <okhttp/content_coding.hpp>
#include <okhttp/response_body.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "interceptors/content_decoding.hpp"

namespace okhttp::internal {

/// Takes one coding off a body.
///
/// Throws Errc::decode_failed when the body is damaged, ends early, or is followed by something else, and
/// Errc::limit_exceeded when it grows out of proportion. The decoder may be anybody's: what it says is checked.
class DecodingSource final : public BodySource {
 public:
  /// `is_next_to_wire` is true when `coded` is what came over the wire, which the budget counts.
  DecodingSource(ResponseBody coded, std::shared_ptr<const ContentCoding> coding,
                 std::shared_ptr<DecodingBudget> budget, bool is_next_to_wire);

  Task<std::size_t> read_some(std::span<std::byte> into) override;
  [[nodiscard]] Headers trailers() const override { return coded_.trailers(); }

 private:
  /// False at the end of the coded body.
  Task<bool> fill();
  /// One step of the decoder; returns what it made.
  std::size_t decode_into(std::span<std::byte> into);
  [[noreturn]] void fail_for_peer(const std::string& what) const;
  [[noreturn]] void fail_for_decoder(const std::string& what) const;

  const ResponseBody coded_;
  const std::shared_ptr<const ContentCoding> coding_;
  const std::shared_ptr<DecodingBudget> budget_;
  const bool is_next_to_wire_;
  const std::unique_ptr<ContentCoding::Decoder> decoder_;
  bool is_complete_ = false;    // the body may end here
  bool has_begun_ = false;      // something came of the coded body
  bool may_hold_back_ = false;  // the decoder may have more to give without more input
  std::uint64_t produced_ = 0;
  std::vector<std::byte> buffer_;
  std::span<const std::byte> input_;  // what of the buffer was not taken yet
};

}  // namespace okhttp::internal

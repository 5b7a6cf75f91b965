#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "response_script.hpp"

namespace okhttp::internal {

/// A scripted body as it goes over an HTTP/1.1 connection: as it is, or in chunks without the last, empty one.
///
/// The bytes are made while they are asked for, a bounded run at a time.
class EncodedBody {
 public:
  /// `body` must live as long as this object.
  explicit EncodedBody(const ScriptedBody& body) noexcept;

  [[nodiscard]] std::uint64_t remaining() const noexcept { return remaining_; }
  /// The next run of at most `max` bytes; not empty while there are any. Valid until the next call.
  [[nodiscard]] std::string_view next(std::uint64_t max);

 private:
  [[nodiscard]] std::string_view content(std::uint64_t max) noexcept;
  void encode_chunks();

  const ScriptedBody& body_;
  std::uint64_t remaining_;   // encoded bytes to come
  std::uint64_t offset_ = 0;  // of the content, in what was taken
  std::string encoded_;
  std::size_t encoded_taken_ = 0;
};

}  // namespace okhttp::internal

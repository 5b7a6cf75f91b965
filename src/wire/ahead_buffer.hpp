#pragma once

#include <cstddef>

#include "runtime/stream.hpp"

namespace okhttp::internal {

/// Bytes that were read from a stream before they are needed. Its memory is there only while it holds some.
///
/// OpenSSL could read ahead itself, but moves all that it has read to the front of its buffer for each record.
class AheadBuffer final {
 public:
  AheadBuffer() noexcept = default;
  AheadBuffer(const AheadBuffer&) = delete;
  AheadBuffer& operator=(const AheadBuffer&) = delete;
  ~AheadBuffer();

  [[nodiscard]] bool empty() const noexcept { return begin_ == end_; }
  /// Moves up to into.size() bytes there; how many, is returned.
  std::size_t take(Bytes into) noexcept;
  /// Reads what `from` has, as much as there is room for. Requires: empty(). Throws std::bad_alloc.
  [[nodiscard]] IoResult fill(Stream& from);

 private:
  void release() noexcept;

  std::byte* memory_ = nullptr;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace okhttp::internal

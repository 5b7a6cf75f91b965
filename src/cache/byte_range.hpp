#pragma once

#include <okhttp/cache_store.hpp>
#include <okhttp/headers.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace okhttp::internal {

/// What a Range field asks for (RFC 9110 §14.1.2), when it is one range of bytes.
///
///     bytes=5-9   {5, 9}      bytes=5-   {5, nothing}      bytes=-9   the last 9
struct ByteRange {
  ByteRange(bool from_end, std::uint64_t first_byte, std::optional<std::uint64_t> last_byte) noexcept
      : is_suffix(from_end), first(first_byte), last(last_byte) {}
  bool is_suffix;  ///< `first` counts bytes at the end
  std::uint64_t first;
  std::optional<std::uint64_t> last;
};

/// Bytes `begin` to `end`, which is not among them.
struct Slice {
  Slice(std::uint64_t from, std::uint64_t to) noexcept : begin(from), end(to) {}
  std::uint64_t begin;
  std::uint64_t end;
  [[nodiscard]] std::uint64_t size() const noexcept { return end - begin; }
};

/// Nothing for other units, for several ranges and for what is damaged.
[[nodiscard]] std::optional<ByteRange> parse_range(std::string_view value) noexcept;

/// What `range` means in a representation of `complete_length` bytes; nothing when it holds none of it.
[[nodiscard]] std::optional<Slice> slice_of(const ByteRange& range, std::uint64_t complete_length) noexcept;

/// The Content-Range of a 206 (RFC 9110 §14.4), when there is one and it names the complete length.
[[nodiscard]] std::optional<CachedResponse::Part> parse_content_range(const Headers& headers) noexcept;
[[nodiscard]] std::string content_range(const Slice& slice, std::uint64_t complete_length);

/// RFC 9110 §8.8.3: `"x"` and not `W/"x"`.
[[nodiscard]] bool is_strong_etag(std::string_view etag) noexcept;
[[nodiscard]] bool has_strong_etag(const Headers& headers) noexcept;

}  // namespace okhttp::internal

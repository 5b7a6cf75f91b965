#pragma once

#include <okhttp/headers.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace okhttp::internal {

/// What stands in front of a chunk of `size` bytes; the view lies in `buffer`. kChunkEnd follows the data.
/// Requires: size > 0, because a chunk of size 0 ends the body.
std::string_view chunk_header(std::size_t size, char (&buffer)[20]) noexcept;

inline constexpr std::string_view kChunkEnd = "\r\n";

/// The end of a body without trailers.
inline constexpr std::string_view kLastChunk = "0\r\n\r\n";

/// Appends the end of a body with trailers.
void append_last_chunk(std::string& out, const Headers& trailers);

}  // namespace okhttp::internal

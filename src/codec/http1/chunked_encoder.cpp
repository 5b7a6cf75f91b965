#include "codec/http1/chunked_encoder.hpp"

#include <cassert>
#include <charconv>

namespace okhttp::internal {

std::string_view chunk_header(std::size_t size, char (&buffer)[20]) noexcept {
  static_assert(sizeof buffer >= sizeof(std::size_t) * 2 + 2);
  assert(size > 0);
  char* end = std::to_chars(buffer, buffer + sizeof buffer - 2, size, 16).ptr;
  *end++ = '\r';
  *end++ = '\n';
  return {buffer, static_cast<std::size_t>(end - buffer)};
}

void append_last_chunk(std::string& out, const Headers& trailers) {
  out += "0\r\n";
  out += trailers.wire_text();
  out += "\r\n";
}

}  // namespace okhttp::internal

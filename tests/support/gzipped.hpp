#pragma once

#include <zlib.h>

#include <stdexcept>
#include <string>

namespace okhttp {

/// `plain` as one member of gzip.
inline std::string gzipped(const std::string& plain, int level = Z_BEST_COMPRESSION) {
  z_stream zlib{};
  if (::deflateInit2(&zlib, level, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
    throw std::runtime_error("deflateInit2");
  }
  std::string out(::deflateBound(&zlib, plain.size()) + 32, '\0');
  std::string in = plain;
  zlib.next_in = reinterpret_cast<Bytef*>(in.data());
  zlib.avail_in = static_cast<uInt>(in.size());
  zlib.next_out = reinterpret_cast<Bytef*>(out.data());
  zlib.avail_out = static_cast<uInt>(out.size());
  const int result = ::deflate(&zlib, Z_FINISH);
  out.resize(zlib.total_out);
  ::deflateEnd(&zlib);
  if (result != Z_STREAM_END) throw std::runtime_error("deflate");
  return out;
}

}  // namespace okhttp

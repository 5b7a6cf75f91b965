#pragma once

#include <okhttp/content_coding.hpp>

#include <cstddef>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#ifdef OKHTTP_HAS_BROTLI
#include <okhttp/brotli.hpp>
#endif
#ifdef OKHTTP_HAS_ZSTD
#include <okhttp/zstd.hpp>
#endif

namespace okhttp {

/// All that this build has, the preferred one first.
inline std::vector<std::shared_ptr<const ContentCoding>> built_in_codings() {
  std::vector<std::shared_ptr<const ContentCoding>> codings;
#ifdef OKHTTP_HAS_ZSTD
  codings.push_back(zstd());
#endif
#ifdef OKHTTP_HAS_BROTLI
  codings.push_back(brotli());
#endif
  codings.push_back(ContentCoding::gzip());
  codings.push_back(ContentCoding::deflate());
  return codings;
}

/// `plain` in that coding, as one stream.
inline std::string encoded(const ContentCoding& coding, const std::string& plain) {
  using Encoder = ContentCoding::Encoder;
  const auto encoder = coding.make_encoder();
  std::vector<std::byte> room(std::size_t{64} << 10);
  std::span<const std::byte> input = std::as_bytes(std::span<const char>(plain));
  std::string coded;
  for (;;) {
    const Encoder::Step step = encoder->encode(input, room, Encoder::Until::end);
    coded.append(reinterpret_cast<const char*>(room.data()), step.made);
    input = input.subspan(step.taken);
    if (step.is_done) return coded;
    if (step.taken == 0 && step.made == 0) throw std::runtime_error("the encoder gets nowhere");
  }
}

}  // namespace okhttp

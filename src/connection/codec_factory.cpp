#include "connection/codec_factory.hpp"

#include <utility>

#include "codec/http1/http1_connection_codec.hpp"

namespace okhttp::internal {

std::shared_ptr<ConnectionCodec> StandardCodecs::make(Protocol /*protocol*/, std::unique_ptr<Stream> stream,
                                                      std::string peer) const {
  return std::make_shared<Http1ConnectionCodec>(std::move(stream), std::move(peer));
}

}  // namespace okhttp::internal

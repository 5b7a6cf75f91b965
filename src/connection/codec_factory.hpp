#pragma once

#include <okhttp/protocol.hpp>

#include <memory>
#include <string>

#include "codec/connection_codec.hpp"

namespace okhttp::internal {

/// Decides what is spoken on a new connection: the one place that knows the protocols' codecs by name.
class CodecFactory {
 public:
  CodecFactory() = default;
  CodecFactory(const CodecFactory&) = delete;
  CodecFactory& operator=(const CodecFactory&) = delete;
  virtual ~CodecFactory() = default;

  /// The codec for a stream on which `protocol` was agreed upon; `peer` names the server in messages.
  [[nodiscard]] virtual std::shared_ptr<ConnectionCodec> make(Protocol protocol, std::unique_ptr<Stream> stream,
                                                              std::string peer) const = 0;
};

/// What the library speaks.
class StandardCodecs final : public CodecFactory {
 public:
  [[nodiscard]] std::shared_ptr<ConnectionCodec> make(Protocol protocol, std::unique_ptr<Stream> stream,
                                                      std::string peer) const override;
};

}  // namespace okhttp::internal

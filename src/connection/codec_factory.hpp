#pragma once

#include <okhttp/protocol.hpp>

#include <memory>
#include <utility>
#include <vector>

#include "codec/connection_codec.hpp"
#include "route/route.hpp"
#include "runtime/loop_provider.hpp"

namespace okhttp::internal {

/// Decides what is offered to a server and what is spoken on a new connection.
class CodecFactory {
 public:
  CodecFactory() = default;
  CodecFactory(const CodecFactory&) = delete;
  CodecFactory& operator=(const CodecFactory&) = delete;
  virtual ~CodecFactory() = default;

  /// The codec for a stream that goes along `route` and on which `protocol` was agreed upon.
  [[nodiscard]] virtual std::shared_ptr<ConnectionCodec> make(Protocol protocol, std::unique_ptr<Stream> stream,
                                                              const Route& route) const = 0;

  /// What ALPN offers to a server, by preference: those of the client's protocols that are spoken over TLS of `spec`.
  [[nodiscard]] std::vector<Protocol> offered_to(const Address& address, const ConnectionSpec& spec) const;
  /// What is spoken in clear text, where nothing is negotiated.
  [[nodiscard]] Protocol in_clear_text(const Address& address) const noexcept;
  /// True when a connection to that address may carry many exchanges at once.
  [[nodiscard]] bool may_multiplex(const Address& address) const;
};

/// What the library speaks.
class StandardCodecs final : public CodecFactory {
 public:
  StandardCodecs() = default;
  /// `ping_interval`: how often HTTP/2 asks on a loop of `loops` whether the peer is still there; 0 is never.
  StandardCodecs(Duration ping_interval, std::shared_ptr<LoopProvider> loops) noexcept
      : ping_interval_(ping_interval), loops_(std::move(loops)) {}

  [[nodiscard]] std::shared_ptr<ConnectionCodec> make(Protocol protocol, std::unique_ptr<Stream> stream,
                                                      const Route& route) const override;

 private:
  const Duration ping_interval_ = Duration::zero();
  const std::shared_ptr<LoopProvider> loops_;
};

}  // namespace okhttp::internal

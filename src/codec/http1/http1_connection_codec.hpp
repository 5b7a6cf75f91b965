#pragma once

#include <memory>
#include <string>

#include "codec/connection_codec.hpp"
#include "codec/http1/http1_codec.hpp"

namespace okhttp::internal {

/// HTTP/1.1 on a stream of its own: one exchange after another.
class Http1ConnectionCodec final : public ConnectionCodec {
 public:
  /// `peer` names the server in messages, as "example.com:443".
  Http1ConnectionCodec(std::unique_ptr<Stream> stream, std::string peer, RequestTarget target = RequestTarget::origin)
      : stream_(std::move(stream)), codec_(*stream_, std::move(peer), target) {}

  [[nodiscard]] Protocol protocol() const noexcept override { return Protocol::http_1_1; }
  [[nodiscard]] Socket& socket() noexcept override { return stream_->socket(); }
  [[nodiscard]] std::size_t max_exchanges() const noexcept override { return 1; }
  [[nodiscard]] bool is_over() const noexcept override { return !codec_.is_in_exchange() && !codec_.is_reusable(); }
  [[nodiscard]] bool is_unattended() const noexcept override { return !codec_.is_in_exchange(); }
  [[nodiscard]] std::optional<Duration> peer_keep_alive() const noexcept override { return codec_.keep_alive(); }
  [[nodiscard]] ExchangeCodecPtr begin(std::shared_ptr<CallContext> context) override {
    codec_.begin(std::move(context));
    return ExchangeCodecPtr(&codec_);
  }
  [[nodiscard]] bool look(Engine& engine) noexcept override {
    return engine.adopt(stream_->socket()) && stream_->is_quiet();
  }
  void on_change(std::function<void()>) override {}

 private:
  const std::unique_ptr<Stream> stream_;
  Http1Codec codec_;
};

}  // namespace okhttp::internal

#include "connection/connection.hpp"

#include <utility>

namespace okhttp::internal {
namespace {

std::uint64_t next_connection_id() noexcept {
  static std::atomic<std::uint64_t> next{1};
  return next.fetch_add(1, std::memory_order_relaxed);
}

bool is_multiplexing(Protocol protocol) noexcept {
  return protocol == Protocol::http_2 || protocol == Protocol::h2_prior_knowledge;
}

}  // namespace

Connection::Connection(Route route, std::shared_ptr<ConnectionCodec> codec, std::shared_ptr<const Handshake> handshake,
                       std::optional<std::string> proxy_authorization)
    : route_(std::move(route)),
      proxy_authorization_(std::move(proxy_authorization)),
      codec_(std::move(codec)),
      is_multiplexed_(is_multiplexing(codec_->protocol())),
      info_(std::make_shared<const ConnectionInfo>(next_connection_id(), route_.address().host(),
                                                   route_.address().port(), route_.endpoint(), codec_->protocol(),
                                                   std::move(handshake))) {}

Duration Connection::peer_keep_alive() const noexcept {
  // The peer's clock starts when it sends the response, ours when the last byte has arrived: a margin keeps a request
  // from racing the close.
  constexpr std::chrono::milliseconds kMargin(500);
  const auto promised = codec_->peer_keep_alive();
  if (!promised) return Duration::max();
  return std::max<Duration>(*promised - kMargin, Duration::zero());
}

}  // namespace okhttp::internal

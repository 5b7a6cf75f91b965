#include "connection/connection.hpp"

#include <utility>

namespace okhttp::internal {
namespace {

std::uint64_t next_connection_id() noexcept {
  static std::atomic<std::uint64_t> next{1};
  return next.fetch_add(1, std::memory_order_relaxed);
}

}  // namespace

Connection::Connection(Route route, std::unique_ptr<Stream> stream, std::shared_ptr<const Handshake> handshake)
    : route_(std::move(route)),
      stream_(std::move(stream)),
      codec_(*stream_, route_.address().to_string()),
      info_(std::make_shared<const ConnectionInfo>(next_connection_id(), route_.address().host(),
                                                   route_.address().port(), route_.endpoint(), Protocol::http_1_1,
                                                   std::move(handshake))) {}

Duration Connection::peer_keep_alive() const noexcept {
  // The peer's clock starts when it sends the response, ours when the last byte has arrived: a margin keeps a request
  // from racing the close.
  constexpr std::chrono::milliseconds kMargin(500);
  const auto promised = codec_.keep_alive();
  if (!promised) return Duration::max();
  return std::max<Duration>(*promised - kMargin, Duration::zero());
}

}  // namespace okhttp::internal

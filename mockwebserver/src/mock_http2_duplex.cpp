#include "mock_http2_duplex.hpp"

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>

#include "mock_http2_response.hpp"
#include "peer_error.hpp"

namespace okhttp::internal {
namespace {

Task<std::string> read_body(MockHttp2Stream& stream, std::size_t count) {
  std::string read;
  while (read.size() < count) {
    const bool has_more = co_await stream.fill();
    if (!has_more) break;
    const std::size_t more = std::min(count - read.size(), stream.unread().size());
    read += stream.unread().substr(0, more);
    stream.take(more);
  }
  co_return read;
}

Task<void> reset_when_sent(MockHttp2Stream& stream, Http2ErrorCode code) {
  co_await stream.flush();
  stream.reset(code);
}

}  // namespace

Task<std::string> MockHttp2Duplex::read_exactly(std::size_t count) {
  co_return co_await with_public_error(read_body(stream_, count));
}

Task<std::string> MockHttp2Duplex::read_to_end() { co_return co_await with_public_error(read_body(stream_, SIZE_MAX)); }

Task<void> MockHttp2Duplex::send_head() {
  if (stream_.has_sent_head()) co_return;
  co_await with_public_error(send_http2_head(stream_, script_, false));
}

Task<void> MockHttp2Duplex::write(std::string bytes) {
  co_await send_head();
  co_await with_public_error(stream_.send(bytes, false));
}

Task<void> MockHttp2Duplex::end() {
  if (stream_.has_response_ended()) co_return;
  co_await send_head();
  co_await with_public_error(stream_.end(script_.trailers));
}

Task<void> MockHttp2Duplex::reset(Http2ErrorCode code) { co_await with_public_error(reset_when_sent(stream_, code)); }

Task<void> MockHttp2Duplex::sleep(std::chrono::milliseconds duration) {
  co_await with_public_error(stream_.sleep(duration));
}

}  // namespace okhttp::internal

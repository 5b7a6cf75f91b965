#include "mock_http2_effect.hpp"

#include "mock_http2_connection.hpp"
#include "peer.hpp"

namespace okhttp::internal {
namespace {

void go_away(MockHttp2Stream& stream, SocketEffect effect) {
  MockHttp2Session& session = stream.connection().session();
  switch (effect.last_processed()) {
    case LastProcessed::this_request:
      session.go_away(stream.id(), effect.error_code());
      break;
    case LastProcessed::the_one_before:
      // RFC 9113 §5.1.1: a client's streams have odd numbers.
      session.go_away(stream.id() == 1 ? 0 : stream.id() - 2, effect.error_code());
      break;
    case LastProcessed::any_to_come:
      session.announce_shutdown();
      break;
  }
  stream.connection().wake_writer();
}

}  // namespace

bool ends_exchange(SocketEffect effect) noexcept {
  switch (effect.kind()) {
    case SocketEffect::Kind::close:
      return effect.side() == CloseSide::both;
    case SocketEffect::Kind::go_away:
      return effect.last_processed() == LastProcessed::the_one_before;
    default:
      return true;
  }
}

Task<bool> apply_http2_effect(MockHttp2Stream& stream, SocketEffect effect) {
  co_await stream.flush();
  switch (effect.kind()) {
    case SocketEffect::Kind::stall: {
      // Until the stream or the connection ends, which check() tells.
      [[maybe_unused]] const WaitResult result = co_await Sleep(stream.engine(), stream.terms());
      stream.check();
      break;
    }
    case SocketEffect::Kind::reset_stream:
      stream.reset(effect.error_code());
      break;
    case SocketEffect::Kind::go_away:
      go_away(stream, effect);
      break;
    default:
      stream.connection().end(effect);
      break;
  }
  co_return !ends_exchange(effect);
}

}  // namespace okhttp::internal

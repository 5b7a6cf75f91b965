#pragma once

#include <okhttp/mockwebserver/socket_effect.hpp>
#include <okhttp/task.hpp>

#include "mock_http2_stream.hpp"

namespace okhttp::internal {

/// True when nothing of the exchange follows the effect.
[[nodiscard]] bool ends_exchange(SocketEffect effect) noexcept;

/// Does what the script says, once what was sent before has gone out. False when the exchange is over by that. The
/// stream must live until it is done.
Task<bool> apply_http2_effect(MockHttp2Stream& stream, SocketEffect effect);

}  // namespace okhttp::internal

#pragma once

#include <okhttp/task.hpp>

#include "mock_server_core.hpp"

namespace okhttp::internal {

/// Serves one accepted connection until it is to be closed, in whatever protocol it speaks. On the server's loop; both
/// must outlive it. Throws PeerGone.
Task<void> serve_connection(MockServerCore& core, Peer& peer);

}  // namespace okhttp::internal

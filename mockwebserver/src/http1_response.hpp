#pragma once

#include <okhttp/task.hpp>

#include <string_view>

#include "peer.hpp"
#include "response_script.hpp"

namespace okhttp::internal {

/// Sends informational responses, head, body and trailers over HTTP/1.1 as the script wants them, in its own time.
/// False when its effect in the middle of the body ended the connection. All three must live until it is done.
Task<bool> send_http1_response(Peer& peer, const ResponseScript& script, std::string_view request_method);

}  // namespace okhttp::internal

#pragma once

#include <okhttp/task.hpp>

#include <string_view>

#include "mock_http2_stream.hpp"
#include "response_script.hpp"

namespace okhttp::internal {

/// Sends informational responses, head, body and trailers over HTTP/2 as the script wants them, in its own time. False
/// when its effect in the middle of the body ended the exchange. All three must live until it is done.
Task<bool> send_http2_response(MockHttp2Stream& stream, const ResponseScript& script, std::string_view request_method);

/// Only what comes before the body, in its own time. `ends` says that there is none.
Task<void> send_http2_head(MockHttp2Stream& stream, const ResponseScript& script, bool ends);

}  // namespace okhttp::internal

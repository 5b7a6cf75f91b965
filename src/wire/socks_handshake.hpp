#pragma once

#include <okhttp/task.hpp>

#include <string>

#include "runtime/call_context.hpp"
#include "runtime/clock.hpp"
#include "runtime/stream.hpp"
#include "wire/socks.hpp"

namespace okhttp::internal {

/// Has `client` talk to the proxy at the other end of `stream`, until the server is there instead. `doing` begins the
/// messages of errors. Each wait may take the call's read or write timeout, and all of it until `until`.
///
/// Throws Error: proxy_failed with the proxy's answer; what the deadline or a cancellation mean. The stream is of no
/// use then. Runs and resumes on the engine of `context`, which outlives it, as `stream` does.
Task<void> shake_hands_with_socks(CallContext& context, TimePoint until, Stream& stream, SocksClient client,
                                  std::string doing);

}  // namespace okhttp::internal

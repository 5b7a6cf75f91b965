#pragma once

#include <okhttp/authenticator.hpp>
#include <okhttp/request.hpp>
#include <okhttp/response.hpp>
#include <okhttp/task.hpp>

#include <memory>
#include <optional>
#include <string>

namespace okhttp::internal {

struct CallContext;

/// What `authenticator` answers to `challenge`; nothing when it gives up. `whose` it is, messages say.
///
/// Throws Error: Errc::rejected for what the authenticator itself throws, and what became of the call meanwhile, which
/// ends no wait of the authenticator's. Resumes on the engine of `context`, which outlives the task, as `challenge`
/// does.
Task<std::optional<Request>> ask_authenticator(CallContext& context, std::shared_ptr<Authenticator> authenticator,
                                               RouteInfo route, const Response& challenge, std::string whose);

}  // namespace okhttp::internal

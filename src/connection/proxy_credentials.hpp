#pragma once

#include <okhttp/proxy.hpp>
#include <okhttp/response.hpp>
#include <okhttp/task.hpp>

#include <optional>
#include <string>

#include "route/route.hpp"

namespace okhttp::internal {

struct CallContext;

// What an HTTP proxy is shown of who we are, as the value of a Proxy-Authorization field. Every one is for the proxy of
// one route alone.

/// Asks the client's authenticator for an answer to a 407 of the route's proxy. Nothing when it gives up.
///
/// Throws Error: Errc::rejected for what the authenticator itself throws. Resumes on the engine of `context`, which
/// outlives the task, as the other two do.
Task<std::optional<std::string>> answer_proxy_challenge(CallContext& context, const Route& route,
                                                        const Response& challenge);

/// What to show before the proxy asks: the credentials of the Proxy value, else what the authenticator says beforehand.
/// Nothing when there is neither. Throws as above, and Errc::proxy_failed for credentials that cannot be sent.
Task<std::optional<std::string>> credentials_beforehand(CallContext& context, const Route& route);

}  // namespace okhttp::internal

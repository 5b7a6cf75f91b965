#pragma once

#include <okhttp/client.hpp>

#include "okcurl/options.hpp"

namespace okcurl {

/// Has `client` use the proxies that the options and the environment name, and prove to them who it is. Throws Failure:
/// resolve_proxy for what is no proxy, usage.
void choose_proxies(const Options& options, okhttp::Client::Builder& client);

}  // namespace okcurl

#pragma once

#include <okhttp/proxy_selector.hpp>

#include <memory>

#include "okcurl/options.hpp"

namespace okcurl {

/// The proxies that the options and the environment name. Throws Failure: resolve_proxy for what is no proxy, usage.
[[nodiscard]] std::shared_ptr<okhttp::ProxySelector> proxy_selector_of(const Options& options);

}  // namespace okcurl

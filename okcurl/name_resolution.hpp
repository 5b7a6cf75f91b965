#pragma once

#include <okhttp/dns.hpp>
#include <okhttp/tls.hpp>

#include <memory>
#include <string>
#include <vector>

#include "okcurl/options.hpp"

namespace okcurl {

/// What the values of --resolve say, in order: "HOST:PORT:ADDRESS[,ADDRESS]...", which replaces what was said of that
/// host and port before, or "-HOST:PORT", which takes it back. "*" is every host that is not named.
/// Throws Failure: option_syntax, and usage for what curl knows and this does not support.
[[nodiscard]] std::vector<okhttp::FixedHost> parse_resolve(const std::vector<std::string>& values);

/// Who resolves names: --resolve, --doh-url, else the system, and of that what -4 or -6 asks for. `doh_tls` is for the
/// server of --doh-url. Throws Failure: option_syntax, usage.
[[nodiscard]] std::shared_ptr<okhttp::Dns> make_dns(const Options& options, const okhttp::TlsConfig& doh_tls);

}  // namespace okcurl

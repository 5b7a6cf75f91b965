#pragma once

#include <okhttp/authenticator.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "okcurl/options.hpp"

namespace okcurl {

/// Splits "name:password"; without a colon the password is asked for, on the terminal. `whose` is "host" or "proxy",
/// `option` what brought it. Throws Failure(ExitCode::usage) when there is no terminal.
[[nodiscard]] std::pair<std::string, std::string> credentials_of(const std::string& user, const char* whose,
                                                                 const char* option);

/// How a name and its password are proved.
enum class AuthScheme : std::uint8_t {
  basic,   ///< at once, without being asked
  digest,  ///< when asked for it
  any,     ///< by the stronger one that is asked for
};

/// To servers: curl adds the options up.
[[nodiscard]] AuthScheme server_scheme(const Options& options) noexcept;
/// To HTTP proxies: of these options curl obeys one.
[[nodiscard]] AuthScheme proxy_scheme(const Options& options) noexcept;

/// Answers the challenges of `host` by that scheme, which is not basic. Throws Failure(ExitCode::usage) for what cannot
/// be sent.
[[nodiscard]] std::shared_ptr<okhttp::Authenticator> authenticator_of(AuthScheme scheme, const std::string& user,
                                                                      const std::string& password,
                                                                      const std::string& host);

}  // namespace okcurl

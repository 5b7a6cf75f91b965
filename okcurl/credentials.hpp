#pragma once

#include <string>
#include <utility>

namespace okcurl {

/// Splits "name:password"; without a colon the password is asked for, on the terminal. `whose` is "host" or "proxy",
/// `option` what brought it. Throws Failure(ExitCode::usage) when there is no terminal.
[[nodiscard]] std::pair<std::string, std::string> credentials_of(const std::string& user, const char* whose,
                                                                 const char* option);

}  // namespace okcurl

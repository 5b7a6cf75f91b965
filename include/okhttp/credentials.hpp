#pragma once

#include <okhttp/config.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace okhttp {

/// How user name and password become bytes (RFC 7617 §2.1).
enum class CredentialsCharset : std::uint8_t {
  latin1,  ///< ISO-8859-1, what servers expect that do not say otherwise
  utf8,    ///< for challenges with charset="UTF-8"
};

/// The value of an Authorization field for the Basic scheme, as "Basic YTpi".
///
/// `user` and `password` are UTF-8. Throws std::invalid_argument, which shows neither, when the user name holds a
/// colon, either holds a control character, or a character has no place in the charset.
[[nodiscard]] OKHTTP_API std::string basic_credentials(std::string_view user, std::string_view password,
                                                       CredentialsCharset charset = CredentialsCharset::latin1);

}  // namespace okhttp

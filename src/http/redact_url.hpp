#pragma once

#include <string>
#include <string_view>

namespace okhttp::internal {

/// True for names of parameters whose value proves who somebody is: token, sig, password and their kind, in any case
/// and with any separators. `name` is decoded already.
[[nodiscard]] bool is_sensitive_parameter(std::string_view name);

/// The parameters of a query or of a form, which are encoded, with "██" for the values of sensitive ones. Names are
/// compared decoded, and parameters within a value, as a URL that is handed on has them, count too.
[[nodiscard]] std::string redact_parameters(std::string_view encoded);

/// A URL, absolute or relative and as it was written, without user information and fragment, and with "██" for the
/// values of sensitive parameters of path and query.
[[nodiscard]] std::string redact_url(std::string_view url);

}  // namespace okhttp::internal

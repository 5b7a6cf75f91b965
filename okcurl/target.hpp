#pragma once

#include <okhttp/url.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace okcurl {

/// A URL of the command line or of a redirect, and who its user info says is asking.
struct Target {
  okhttp::Url url;  // without user info
  std::optional<std::string> user;
  std::string password;
};

/// Reads a URL as curl does: one without a scheme is http. Throws Failure: unsupported_protocol, url_malformed.
[[nodiscard]] Target parse_target(std::string_view text, bool no_globbing = true);

/// Where a Location leads from that URL. Throws as parse_target() does.
[[nodiscard]] Target resolve_target(const okhttp::Url& from, std::string_view location);

/// The name that -O gives the file: the last part of the path, as it stands in the URL. Throws
/// Failure(ExitCode::write_error) when there is none.
[[nodiscard]] std::string remote_name(std::string_view text);

[[nodiscard]] bool same_origin(const okhttp::Url& a, const okhttp::Url& b);

}  // namespace okcurl

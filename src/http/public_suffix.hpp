#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace okhttp::internal {

/// True when nobody can register `host` itself: "com", "co.uk", and every name of one label. `host` is canonical, as
/// Url::host gives it; a trailing dot makes no difference. False for names longer than DNS allows. The list is the one
/// built into libpsl.
[[nodiscard]] bool is_public_suffix(std::string_view host);

/// The public suffix of `host` with the label before it, without a trailing dot; nothing if `host` is a public suffix.
/// Requires: `host` is a domain, not an IP address.
[[nodiscard]] std::optional<std::string> registrable_domain(std::string_view host);

}  // namespace okhttp::internal

#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace okhttp::internal {

/// `bytes` as UTF-8. A byte order mark says what they are and is dropped; else `charset` does, which may be UTF-8,
/// UTF-16, UTF-32 (either byte order), ISO-8859-1 or US-ASCII. Anything else is given back as it is. What is malformed
/// becomes U+FFFD, but in UTF-8, which is not looked at.
[[nodiscard]] std::string to_utf8(std::string bytes, std::optional<std::string_view> charset);

}  // namespace okhttp::internal

#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace okhttp::internal {

/// Base64 with padding (RFC 4648 §4).
std::string base64_encode(std::string_view bytes);

/// The bytes, or nothing when `text` holds a foreign character, wrong padding or stray bits.
std::optional<std::string> base64_decode(std::string_view text);

}  // namespace okhttp::internal

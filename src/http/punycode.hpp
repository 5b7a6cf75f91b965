#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace okhttp::internal {

/// The longest label that DNS can carry.
inline constexpr std::size_t kMaxLabelSize = 63;

/// Appends the Punycode form of `label` without the "xn--" prefix (RFC 3492). Returns false if it has more code points
/// than fit into a DNS label, which bounds the work.
[[nodiscard]] bool append_punycode(std::string& out, std::u32string_view label);

}  // namespace okhttp::internal

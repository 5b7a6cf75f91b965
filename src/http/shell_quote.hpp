#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace okhttp::internal {

/// `text` as one word of a POSIX shell. In single quotes, or, when it holds control characters (C0, DEL, C1) or bytes
/// that are not UTF-8, in dollar-single-quotes (POSIX.1-2024 §2.2.4), so that nothing of it acts on a terminal.
/// Requires: `text` holds no NUL, which no argument can.
[[nodiscard]] std::string shell_quoted(std::string_view text);

/// The bytes of the UTF-8 character that begins `text`, which is not empty; 0 when none does. No surrogates, no
/// overlong forms (RFC 3629 §4).
[[nodiscard]] std::size_t utf8_length(std::string_view text) noexcept;

}  // namespace okhttp::internal

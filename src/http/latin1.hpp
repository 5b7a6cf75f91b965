#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace okhttp::internal {

/// `utf8` in ISO-8859-1, or nothing when a character has no place there; `bad`, when given, is then told at which byte.
[[nodiscard]] std::optional<std::string> to_latin1(std::string_view utf8, std::size_t* bad = nullptr);

}  // namespace okhttp::internal

#pragma once

#include <string>
#include <string_view>

namespace okcurl {

/// True when standard error is a terminal, and when colours are wanted there (NO_COLOR is unset or empty).
[[nodiscard]] bool stderr_is_terminal();
[[nodiscard]] bool stderr_has_colours();
[[nodiscard]] bool stdout_is_terminal();

/// Writes to standard error at once.
void write_to_stderr(std::string_view text);

/// `text` with control characters replaced, so that a server cannot steer a terminal.
[[nodiscard]] std::string printable(std::string_view text);

}  // namespace okcurl

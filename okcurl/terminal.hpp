#pragma once

#include <string>
#include <string_view>

namespace okcurl {

/// True when standard error is a terminal, and when colours are wanted there (NO_COLOR is unset or empty).
[[nodiscard]] bool stderr_is_terminal();
[[nodiscard]] bool stderr_has_colours();
[[nodiscard]] bool stdout_is_terminal();

/// Writes to standard error at once, instead of the status line that may stand there. Any thread.
void write_to_stderr(std::string_view text);
/// Has `line` stand as the last one of the terminal that standard error is, instead of the one before; empty: none.
/// Any thread.
void show_status(std::string_view line);

/// `text` with control characters replaced, so that a server cannot steer a terminal.
[[nodiscard]] std::string printable(std::string_view text);

}  // namespace okcurl

#pragma once

#include <string>

namespace okcurl {

/// What --help prints.
[[nodiscard]] std::string help_text();
/// What --version prints: the lines that curl prints.
[[nodiscard]] std::string version_text();

}  // namespace okcurl

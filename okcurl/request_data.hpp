#pragma once

#include <string>
#include <vector>

#include "okcurl/options.hpp"

namespace okcurl {

/// The file's whole content; "-" is standard input. Throws Failure(ExitCode::read_error).
[[nodiscard]] std::string read_whole_file(const std::string& path);

/// What the -d options and their kin make together. Reads the files that they name.
[[nodiscard]] std::string join_data(const std::vector<DataPart>& parts);

}  // namespace okcurl

#pragma once

#include <map>
#include <string>
#include <vector>

namespace okhttp::interop {

/// What a program left behind.
struct ProgramResult {
  int status = -1;  ///< as a shell gives it
  std::string out;
  std::string err;
  std::map<std::string, std::string> files;  ///< what it wrote where it ran, by name
};

/// Runs a program to its end, in an empty directory under the site's. Throws std::runtime_error after a minute.
[[nodiscard]] ProgramResult run_program(const std::vector<std::string>& command,
                                        const std::vector<std::string>& environment = {});

}  // namespace okhttp::interop

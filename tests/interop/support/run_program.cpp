#include "interop/support/run_program.hpp"

#include <chrono>
#include <filesystem>
#include <stdexcept>

#include "interop/support/child_process.hpp"
#include "interop/support/site.hpp"

namespace okhttp::interop {

ProgramResult run_program(const std::vector<std::string>& command, const std::vector<std::string>& environment) {
  static int runs = 0;
  const std::filesystem::path base = Site::get().directory() / ("run-" + std::to_string(++runs));
  const std::filesystem::path directory = base / "here";
  std::filesystem::create_directories(directory);
  ProgramResult result;
  {
    ChildProcess program(command, directory, ChildOutput(base / "out", base / "err"), environment);
    const std::optional<int> status = program.wait(std::chrono::minutes(1));
    if (!status) throw std::runtime_error(command.front() + " did not end");
    result.status = *status;
  }
  result.out = read_file(base / "out");
  result.err = read_file(base / "err");
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    result.files[entry.path().filename().string()] = read_file(entry.path());
  }
  std::filesystem::remove_all(base);
  return result;
}

}  // namespace okhttp::interop

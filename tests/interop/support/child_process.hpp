#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace okhttp::interop {

/// Where a child's output goes: files, which are appended to. The two may be one file.
struct ChildOutput {
  ChildOutput(std::filesystem::path out_file, std::filesystem::path err_file)
      : out(std::move(out_file)), err(std::move(err_file)) {}
  std::filesystem::path out;
  std::filesystem::path err;
};

/// A program that runs in a process group of its own. It is killed when this process dies.
class ChildProcess {
 public:
  /// Starts `command`, an absolute path and its arguments, in `directory`; `environment` ("NAME=value") is added to
  /// ours. Standard input is empty. Throws std::system_error when the system refuses.
  ChildProcess(const std::vector<std::string>& command, const std::filesystem::path& directory,
               const ChildOutput& output, const std::vector<std::string>& environment = {});
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;
  /// Stops it.
  ~ChildProcess();

  /// Waits for the end of the program, at most so long, and returns its status as a shell gives it (128 and the number
  /// of the signal that killed it); nothing when it still runs.
  std::optional<int> wait(std::chrono::milliseconds patience);

  /// Sends that signal to the program, not to what it started.
  void signal(int number) const noexcept;
  /// Ends it and all that it started, unasked.
  void kill() const noexcept;
  /// Asks it to end, waits until it and all that it started are gone, and kills what does not obey.
  void stop() noexcept;

 private:
  /// Waits until nobody holds the other end of life_ any more; false when time is up.
  [[nodiscard]] bool everybody_is_gone(std::chrono::milliseconds patience) const noexcept;

  pid_t pid_ = -1;
  int life_ = -1;  // reads the end of file once the program, and each process that it started, has ended
  std::optional<int> status_;
};

}  // namespace okhttp::interop

#pragma once

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <stdexcept>
#include <string>
#include <vector>

#include "okcurl/scratch_folder.hpp"
#include "places.hpp"

namespace okcurl {

/// What one run of the program gave.
struct RunResult {
  int exit_code = -1;
  std::string out;
  std::string err;
};

/// Runs the program and waits for it. Its output goes through files, so no pipe can fill up.
class OkcurlProcess {
 public:
  explicit OkcurlProcess(std::vector<std::string> arguments) : arguments_(std::move(arguments)) {
    arguments_.insert(arguments_.begin(), OKCURL_PATH);
  }
  OkcurlProcess& input(std::string_view text) {
    input_ = text;
    return *this;
  }
  /// Standard output that cannot be written to.
  OkcurlProcess& output_to(std::string path) {
    output_path_ = std::move(path);
    return *this;
  }
  /// Standard output is a pipe that nobody reads.
  OkcurlProcess& output_to_broken_pipe() {
    broken_pipe_ = true;
    return *this;
  }
  OkcurlProcess& in_folder(std::string path) {
    working_folder_ = std::move(path);
    return *this;
  }

  [[nodiscard]] RunResult run() {
    const ScratchFolder folder;
    const std::string in = folder.write("in", input_);
    const std::string out = output_path_.empty() ? folder.path_of("out") : output_path_;
    int pipe_ends[2] = {-1, -1};
    if (broken_pipe_) {
      if (::pipe2(pipe_ends, O_CLOEXEC) != 0) throw std::runtime_error("pipe failed");
      ::close(pipe_ends[0]);
    }
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, in.c_str(), O_RDONLY, 0);
    if (broken_pipe_) {
      posix_spawn_file_actions_adddup2(&actions, pipe_ends[1], 1);
    } else {
      posix_spawn_file_actions_addopen(&actions, 1, out.c_str(), O_WRONLY | O_CREAT, 0600);
    }
    posix_spawn_file_actions_addopen(&actions, 2, folder.path_of("err").c_str(), O_WRONLY | O_CREAT, 0600);
    if (!working_folder_.empty()) posix_spawn_file_actions_addchdir_np(&actions, working_folder_.c_str());
    const pid_t child = spawn(actions);
    posix_spawn_file_actions_destroy(&actions);
    if (broken_pipe_) ::close(pipe_ends[1]);

    int status = 0;
    while (::waitpid(child, &status, 0) < 0) {
      if (errno != EINTR) throw std::runtime_error("waitpid failed");
    }
    RunResult result;
    result.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
    if (output_path_.empty() && !broken_pipe_) result.out = folder.read("out");
    result.err = folder.read("err");
    return result;
  }

 private:
  pid_t spawn(const posix_spawn_file_actions_t& actions) {
    std::vector<char*> argv;
    for (std::string& argument : arguments_) argv.push_back(argument.data());
    argv.push_back(nullptr);
    pid_t child = -1;
    if (::posix_spawn(&child, argv[0], &actions, nullptr, argv.data(), environ) != 0) {
      throw std::runtime_error("posix_spawn failed");
    }
    return child;
  }

  std::vector<std::string> arguments_;
  std::string input_;
  std::string output_path_;
  std::string working_folder_;
  bool broken_pipe_ = false;
};

inline RunResult okcurl(std::vector<std::string> arguments) { return OkcurlProcess(std::move(arguments)).run(); }

}  // namespace okcurl

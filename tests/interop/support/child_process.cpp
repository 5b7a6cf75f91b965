#include "interop/support/child_process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <system_error>

extern char** environ;

namespace okhttp::interop {
namespace {

std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> result;
  result.reserve(texts.size() + 1);
  for (const std::string& text : texts) result.push_back(const_cast<char*>(text.c_str()));
  result.push_back(nullptr);
  return result;
}

std::vector<std::string> with_our_environment(const std::vector<std::string>& added) {
  std::vector<std::string> result = added;
  for (char** entry = environ; *entry != nullptr; ++entry) result.emplace_back(*entry);
  return result;
}

/// What the new process does before it becomes the program. Only calls that are safe after a fork of several threads.
class Launch {
 public:
  Launch(const std::vector<std::string>& command, const std::filesystem::path& directory, const ChildOutput& output,
         const std::vector<std::string>& environment)
      : environment_(with_our_environment(environment)),
        arguments_(pointers(command)),
        variables_(pointers(environment_)),
        directory_(directory.c_str()),
        out_(output.out.c_str()),
        err_(output.err.c_str()),
        parent_(getpid()) {}

  [[noreturn]] void become_program(int life) noexcept {
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent_) _exit(127);
    put("/dev/null", O_RDONLY, STDIN_FILENO);
    put(out_, O_WRONLY | O_CREAT | O_APPEND, STDOUT_FILENO);
    put(err_, O_WRONLY | O_CREAT | O_APPEND, STDERR_FILENO);
    // The copy, unlike the original, survives exec.
    if (dup(life) < 0 || chdir(directory_) != 0) _exit(127);
    execve(arguments_[0], arguments_.data(), variables_.data());
    _exit(127);
  }

 private:
  static void put(const char* path, int flags, int wanted) noexcept {
    const int descriptor = open(path, flags | O_CLOEXEC, 0644);
    if (descriptor < 0 || dup2(descriptor, wanted) < 0) _exit(127);
  }

  std::vector<std::string> environment_;
  std::vector<char*> arguments_;
  std::vector<char*> variables_;
  const char* directory_;
  const char* out_;
  const char* err_;
  pid_t parent_;
};

int shell_status(int status) { return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status); }

}  // namespace

ChildProcess::ChildProcess(const std::vector<std::string>& command, const std::filesystem::path& directory,
                           const ChildOutput& output, const std::vector<std::string>& environment) {
  Launch launch(command, directory, output, environment);
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) throw std::system_error(errno, std::generic_category(), "pipe2");
  pid_ = fork();
  const int error = errno;
  if (pid_ == 0) launch.become_program(ends[1]);
  close(ends[1]);
  life_ = ends[0];
  if (pid_ < 0) {
    close(life_);
    throw std::system_error(error, std::generic_category(), "fork");
  }
  setpgid(pid_, pid_);  // so that the group exists for us too, whoever comes first
}

ChildProcess::~ChildProcess() {
  stop();
  close(life_);
}

bool ChildProcess::everybody_is_gone(std::chrono::milliseconds patience) const noexcept {
  pollfd look{life_, POLLIN, 0};
  return poll(&look, 1, static_cast<int>(patience.count())) > 0;
}

std::optional<int> ChildProcess::wait(std::chrono::milliseconds patience) {
  if (status_) return status_;
  const bool gone = everybody_is_gone(patience);
  int status = 0;
  if (waitpid(pid_, &status, gone ? 0 : WNOHANG) == pid_) status_ = shell_status(status);
  return status_;
}

void ChildProcess::signal(int number) const noexcept {
  if (!status_) ::kill(pid_, number);
}

void ChildProcess::kill() const noexcept {
  if (!status_) ::kill(-pid_, SIGKILL);
}

void ChildProcess::stop() noexcept {
  if (!status_) ::kill(-pid_, SIGTERM);
  if (!everybody_is_gone(std::chrono::seconds(5))) {
    ::kill(-pid_, SIGKILL);
    static_cast<void>(everybody_is_gone(std::chrono::seconds(5)));
  }
  int status = 0;
  if (!status_ && waitpid(pid_, &status, 0) == pid_) status_ = shell_status(status);
}

}  // namespace okhttp::interop

#include "okcurl/output.hpp"

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "okcurl/exit_code.hpp"

namespace okcurl {
namespace {

[[noreturn]] void fail(const std::string& what, int error) {
  throw Failure(ExitCode::write_error, what + ": " + std::generic_category().message(error));
}

}  // namespace

Output::~Output() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

void Output::open() {
  if (!is_file_ || descriptor_ >= 0) return;
  constexpr mode_t kMode = 0666;  // less the umask
  descriptor_ = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | (keeps_content_ ? O_APPEND : O_TRUNC), kMode);
  if (descriptor_ < 0) fail("Failed to open the file " + path_, errno);
  struct stat file {};
  const bool is_longer = keeps_content_ && ::fstat(descriptor_, &file) == 0 && S_ISREG(file.st_mode) &&
                         static_cast<std::uint64_t>(file.st_size) > offset_;
  if (is_longer && ::ftruncate(descriptor_, static_cast<off_t>(offset_)) != 0)
    fail("Failed to shorten " + path_, errno);
}

void Output::write(std::string_view text) {
  open();
  write_all(std::as_bytes(std::span<const char>(text.data(), text.size())));
}

void Output::write(std::span<const std::byte> bytes) {
  if (refuse_binary_ && std::find(bytes.begin(), bytes.end(), std::byte{0}) != bytes.end()) {
    throw Failure(ExitCode::write_error,
                  "Binary output can mess up your terminal. Use \"--output -\" to write it there anyway, "
                  "or \"--output <file>\" to save it");
  }
  refuse_binary_ = false;  // the beginning tells
  open();
  write_all(bytes);
}

void Output::write_all(std::span<const std::byte> bytes) {
  const int to = is_file_ ? descriptor_ : STDOUT_FILENO;
  while (!bytes.empty()) {
    const ssize_t count = ::write(to, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail("Failure writing output to destination", errno);
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
}

void Output::finish() {
  if (!is_file_) return;
  open();
  // A full disk may show only now.
  if (::close(std::exchange(descriptor_, -1)) != 0) fail("Failure writing output to destination", errno);
}

}  // namespace okcurl

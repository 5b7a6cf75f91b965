#include "runtime/file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <okhttp/error.hpp>

#include <cerrno>
#include <cstdio>
#include <random>
#include <string>
#include <system_error>
#include <utility>

namespace okhttp::internal {
namespace {

[[noreturn]] void throw_io(const char* verb, const std::filesystem::path& path, int reason) {
  throw Error(Errc::io, Blame::caller, std::string("cannot ") + verb + ' ' + path.string(),
              std::error_code(reason, std::system_category()));
}

[[noreturn]] void throw_not_regular(const char* verb, const std::filesystem::path& path) {
  throw Error(Errc::io, Blame::caller, std::string("cannot ") + verb + ' ' + path.string() + ": not a regular file");
}

// Not blocking matters for a FIFO only, which open(2) would wait on before anybody could refuse it.
int open_to_read(const std::filesystem::path& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0) throw_io("open", path, errno);
  return descriptor;
}

std::string random_name() {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::random_device random;
  std::string name = ".okhttp-";
  for (int word = 0; word < 2; ++word) {
    unsigned bits = random();
    for (int digit = 0; digit < 8; ++digit, bits >>= 4) name += kDigits[bits & 15];
  }
  return name + ".part";
}

}  // namespace

FileDescriptor::~FileDescriptor() { close(); }

int FileDescriptor::close() noexcept {
  if (!is_open()) return 0;
  return ::close(std::exchange(descriptor_, -1)) == 0 ? 0 : errno;
}

InputFile::InputFile(const std::filesystem::path& path) : path_(path), descriptor_(open_to_read(path)) {
  struct stat status {};
  if (::fstat(descriptor_.get(), &status) != 0) throw_io("open", path_, errno);
  if (!S_ISREG(status.st_mode)) throw_not_regular("read", path_);
  size_ = static_cast<std::uint64_t>(status.st_size);
}

std::size_t InputFile::read(std::span<std::byte> into) {
  for (;;) {
    const ssize_t count = ::read(descriptor_.get(), into.data(), into.size());
    if (count >= 0) return static_cast<std::size_t>(count);
    if (errno != EINTR) throw_io("read", path_, errno);
  }
}

ReplacementFile::ReplacementFile(const std::filesystem::path& path, unsigned new_mode) : path_(path) {
  std::error_code ignored;
  if (std::filesystem::is_symlink(path_, ignored)) {
    const std::filesystem::path target = std::filesystem::canonical(path_, ignored);
    if (!ignored) path_ = target;
  }
  struct stat existing {};
  const bool exists = ::stat(path_.c_str(), &existing) == 0;
  if (exists && !S_ISREG(existing.st_mode)) throw_not_regular("write", path_);
  const mode_t mode = exists ? existing.st_mode & 0777 : new_mode;
  int descriptor = -1;
  do {
    temporary_ = path_.parent_path() / random_name();
    descriptor = ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
  } while (descriptor < 0 && errno == EEXIST);
  if (descriptor < 0) {
    const int reason = errno;
    temporary_.clear();
    throw_io("write", path_, reason);
  }
  descriptor_.reset(descriptor);
  // open(2) took the umask away, which a file that was there had escaped.
  if (exists) ::fchmod(descriptor, mode);
}

ReplacementFile::~ReplacementFile() {
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

void ReplacementFile::write(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(descriptor_.get(), bytes.data(), bytes.size());
    if (count >= 0) {
      bytes = bytes.subspan(static_cast<std::size_t>(count));
    } else if (errno != EINTR) {
      throw_io("write", path_, errno);
    }
  }
}

void ReplacementFile::commit() {
  if (const int reason = descriptor_.close(); reason != 0) throw_io("write", path_, reason);
  if (::rename(temporary_.c_str(), path_.c_str()) != 0) throw_io("write", path_, errno);
  temporary_.clear();
}

}  // namespace okhttp::internal

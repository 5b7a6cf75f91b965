#include "directory.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <string_view>
#include <system_error>

#include "schema.hpp"

namespace okhttp::sqlite {
namespace {

[[noreturn]] void fail(const std::string& what) {
  throw std::system_error(errno, std::generic_category(), "the cache: " + what);
}

int open_private(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (descriptor < 0) fail(path);
  struct stat status {};
  if (::fstat(descriptor, &status) == 0 && (status.st_mode & 077) != 0) (void)::fchmod(descriptor, 0600);
  return descriptor;
}

void flock_or_fail(int descriptor, int how) {
  while (::flock(descriptor, how) != 0) {
    if (errno != EINTR) fail("locking its directory");
  }
}

/// The file's head says whose it is: its first 16 bytes, and four at byte 68.
bool is_ours(int descriptor) {
  std::array<char, 100> head{};
  if (::pread(descriptor, head.data(), head.size(), 0) != static_cast<ssize_t>(head.size())) return false;
  constexpr std::string_view kMagic("SQLite format 3\0", 16);
  std::int64_t application = 0;
  for (std::size_t i = 68; i < 72; ++i) application = application << 8 | static_cast<unsigned char>(head[i]);
  return std::string_view(head.data(), kMagic.size()) == kMagic && application == kApplicationId;
}

}  // namespace

FileLock::FileLock(const std::string& path) : descriptor_(open_private(path)) {}

FileLock::~FileLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

void FileLock::lock() { flock_or_fail(descriptor_, LOCK_EX); }

bool FileLock::try_lock() { return ::flock(descriptor_, LOCK_EX | LOCK_NB) == 0; }

void FileLock::share() { flock_or_fail(descriptor_, LOCK_SH); }

void Directory::make() const {
  for (std::size_t end = path_.find('/', 1);; end = path_.find('/', end + 1)) {
    const std::string part = path_.substr(0, end);
    if (::mkdir(part.c_str(), 0700) != 0 && errno != EEXIST && (errno != EROFS && errno != EACCES)) fail(part);
    if (end == std::string::npos) break;
  }
  struct stat status {};
  if (::stat(path_.c_str(), &status) != 0) fail(path_);
  if (!S_ISDIR(status.st_mode)) throw std::runtime_error("the cache: " + path_ + " is no directory");
}

void Directory::prepare_database() const {
  const std::string path = database();
  const int descriptor = open_private(path);
  struct stat status {};
  const bool is_known = ::fstat(descriptor, &status) == 0;
  // SQLite writes the head of a new database with its first transaction: until then, in the log, it is empty.
  const bool is_usable = is_known && S_ISREG(status.st_mode) && (status.st_size == 0 || is_ours(descriptor));
  ::close(descriptor);
  if (!is_usable) throw std::runtime_error("the cache: " + path + " is another program's file, and is left alone");
}

void Directory::remove_database() const noexcept {
  // The database first: with a new one SQLite throws away a log that is left over.
  for (const char* suffix : {"", "-wal", "-shm"}) (void)::unlink((database() + suffix).c_str());
}

FileIdentity Directory::identity() const noexcept {
  struct stat status {};
  FileIdentity identity;
  if (::stat(database().c_str(), &status) != 0) return identity;
  identity.device = status.st_dev;
  identity.number = status.st_ino;
  return identity;
}

std::uint64_t Directory::log_size() const noexcept {
  struct stat status {};
  return ::stat((database() + "-wal").c_str(), &status) == 0 ? static_cast<std::uint64_t>(status.st_size) : 0;
}

}  // namespace okhttp::sqlite
